"""`manage.py send_reminders [--dry-run] [--again SURVEY OFFICE KIND]`."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from notices import reports
from notices.actions import sending
from notices.models import Reminder
from notices.reports import DueOfRound
from portal.models import AuditEntry
from portal.writes import Refused


class Command(BaseCommand):
    help = (
        "Write to the people of offices that are asked in a round and have not submitted: when it is open, near the"
        " office's last day, and once after it. At most one mail per office, round and kind, however often this runs"
        " and however many run at once. Exits with 1 if a mail was not sent, or nobody knows."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what is due, and send nothing")
        parser.add_argument(
            "--again",
            nargs=3,
            metavar=("SURVEY", "OFFICE", "KIND"),
            help="send this one although it was perhaps sent already",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["again"]:
            self.send_again(*options["again"], dry_run=options["dry_run"])
            return
        self.tell_of_unknown()
        due = reports.by_round(reports.due_reminders(timezone.localdate()))
        for group in due:
            self.stdout.write(line_of(group))
        if options["dry_run"]:
            self.stdout.write(f"reminders: {sum(len(group.mails) for group in due)} due, nothing sent")
            return
        tally = sending.send_due(by=None, path=AuditEntry.Path.COMMAND)
        for reminder in [*tally.failed, *tally.unknown]:
            self.stderr.write(f"{reminder}: {reminder.outcome.value}: {reminder.error}")
        if tally.unreachable:
            self.stderr.write(f"The mail server cannot be reached; {tally.left} left for the next run.")
        self.stdout.write(
            f"reminders: {len(tally.sent)} sent, {len(tally.failed)} failed, {len(tally.unknown)} unknown,"
            f" {tally.left} left, {len(tally.without_people)} without people"
        )
        if tally.failed or tally.unknown:
            sys.exit(1)

    def tell_of_unknown(self) -> None:
        """Those of earlier runs, until somebody decides about them."""
        for reminder in Reminder.objects.unknown(timezone.now()).select_related("survey", "office"):
            place = f"{reminder.survey.key} {reminder.office.code} {reminder.kind}"
            self.stderr.write(
                f"{reminder}: unknown whether sent ({timezone.localtime(reminder.claimed_at):%Y-%m-%d %H:%M}); it is"
                f" not sent again by itself. To do so: manage.py send_reminders --again {place}"
            )

    def send_again(self, survey: str, office: str, kind: str, *, dry_run: bool) -> None:
        reminder = (
            Reminder.objects.select_related("survey", "office")
            .filter(survey__key=survey, office__code=office, kind=kind)
            .first()
        )
        if reminder is None:
            raise CommandError(f"No reminder of the kind {kind!r} was begun for {office!r} in {survey!r}.")
        if dry_run:
            self.stdout.write(f"{reminder}: {reminder.outcome.value}, nothing sent")
            return
        try:
            sent = sending.send_again(reminder=reminder, by=None, path=AuditEntry.Path.COMMAND)
        except Refused as error:
            raise CommandError(f"{reminder}: {error}") from error
        self.stdout.write(f"{sent}: {sent.outcome.value}")
        if sent.outcome != Reminder.Outcome.SENT:
            sys.exit(1)


def line_of(group: DueOfRound) -> str:
    text = f"{group.survey.key}, {group.kind.value}: {len(group.mails)} offices, {group.people} people"
    without = ", ".join(due.office.code for due in group.without_people)
    return f"{text}; nobody to write to: {without}" if without else text
