"""`manage.py changepassword EMAIL`: in the place of Django's own, which leaves no row in the trail."""

import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from offices.actions import people
from offices.models import User
from portal.models import AuditEntry


class Command(BaseCommand):
    help = "Give somebody a new password, which is asked for twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email=options["email"].lower()).first()
        if person is None:
            raise CommandError(f"There is no account {options['email']}.")
        # Asked for before the transaction: nobody waits while somebody types.
        password = self.asked_for(person)
        with transaction.atomic():
            person = people.lock_person(person)
            person.set_password(password)
            person.save(update_fields=["password"])
            people.record("set password", person, by=None, path=AuditEntry.Path.COMMAND)
        self.stdout.write(f"{person.email}: the password is changed")

    def asked_for(self, person: User) -> str:
        password = getpass.getpass("Password: ")
        if getpass.getpass("Password, once more: ") != password:
            raise CommandError("The two passwords are not the same.")
        try:
            validate_password(password, person)
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        return password
