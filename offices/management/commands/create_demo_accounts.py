"""`manage.py create_demo_accounts`: somebody of every role to try the portal with."""

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from offices.models import Membership, Office, User
from portal import audit
from portal.environment import strangers
from portal.models import AuditEntry

DOMAIN = "demo.example"
OFFICE = "SAMPLE01"
OTHER_OFFICE = "SAMPLE02"
# The International Bureau, which answers the Joint Inspection Unit.
BUREAU = "IB"
# The post that its focal point holds: one that much is asked of.
POST = "cio"


class Command(BaseCommand):
    help = "Create one demo account per role, each with a new generated password, and print them."

    def handle(self, *args: Any, **options: Any) -> None:
        if others := strangers(settings.ALLOWED_HOSTS):
            raise CommandError(
                "Demo accounts are for trying the portal out on one machine: they are not made where ALLOWED_HOSTS"
                f" names {', '.join(others)}."
            )
        offices = {office.code: office for office in Office.objects.filter(code__in=[OFFICE, OTHER_OFFICE, BUREAU])}
        if len(offices) < len([OFFICE, OTHER_OFFICE, BUREAU]):
            raise CommandError("The sample offices are missing. Run: manage.py load_reference --sample")
        self.stdout.write("Demo accounts (the passwords are new with every run):")
        with transaction.atomic():
            for role in User.Role:
                self.print_account(f"{role}@{DOMAIN}", role.value, self.make(f"{role}@{DOMAIN}", role))
            for office_role in Membership.Role:
                self.make_member(f"{office_role}@{DOMAIN}", office_role, offices[OFFICE])
            self.make_member(f"other-office@{DOMAIN}", Membership.Role.COORDINATOR, offices[OTHER_OFFICE])
            self.make_member(f"bureau@{DOMAIN}", Membership.Role.COORDINATOR, offices[BUREAU])
            focal_point = self.make_member(f"focal-point@{DOMAIN}", Membership.Role.CONTRIBUTOR, offices[BUREAU])
            focal_point.posts.set(focal_point.posts.model.objects.filter(key=POST))

    def make(self, email: str, role: str = "") -> str:
        """Make the account, or renew its password; returns the password."""
        password = secrets.token_urlsafe(9)
        name = f"Demo {email.partition('@')[0]}"
        user, created = User.objects.get_or_create(email=email, defaults={"role": role, "name": name})
        user.set_password(password)
        user.is_active = True
        user.role = role
        user.save()
        audit.record(
            by=None,
            path=AuditEntry.Path.COMMAND,
            action="create account" if created else "renew password",
            subject=email,
        )
        return password

    def make_member(self, email: str, role: Membership.Role, office: Office) -> User:
        password = self.make(email)
        user = User.objects.get(email=email)
        Membership.objects.update_or_create(user=user, office=office, defaults={"role": role})
        self.print_account(email, f"{role.value} of {office.code}", password)
        return user

    def print_account(self, email: str, role: str, password: str) -> None:
        self.stdout.write(f"  {email:<30} {password:<14} {role}")
