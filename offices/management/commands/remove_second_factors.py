"""`manage.py remove_second_factors EMAIL`: for an administrator who lost theirs and has no colleague."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from offices.actions import people
from offices.models import User


class Command(BaseCommand):
    help = "Remove the second factors of one person, who then sets up new ones after the password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email=options["email"].lower()).first()
        if person is None:
            raise CommandError(f"There is no account {options['email']}.")
        removed = people.remove_second_factors(person=person, by=None)
        self.stdout.write(f"{person.email}: {removed} removed")
