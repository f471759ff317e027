"""`manage.py import_progress_report FILE [--previous-as-at D] [--dry-run]`."""

import datetime
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jiu.actions.importing import import_progress_report
from jiu.actions.importing.outcome import Outcome
from jiu.reading.shapes import DocumentRefused
from portal.models import AuditEntry
from portal.spreadsheets.reading import check_size
from portal.spreadsheets.tables import SheetRefused
from portal.text import iso_day


class Command(BaseCommand):
    help = (
        "Read a progress report of the Secretariat on the recommendations of the JIU, as text (UTF-8) or DOCX. What is"
        " missing is added and what is blank is filled; no value is replaced. Lines that cannot be read, and values"
        " that differ from what is held, are named on stderr."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument(
            "--previous-as-at",
            metavar="D",
            help="record what the document says stood before, as at this date; without it that is only listed",
        )
        parser.add_argument("--dry-run", action="store_true", help="say the same, and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        previous = self.day(options["previous_as_at"])
        try:
            check_size(file.stat().st_size)
            outcome = import_progress_report(
                file.read_bytes(),
                filename=file.name,
                by=None,
                path=AuditEntry.Path.COMMAND,
                previous_as_at=previous,
                dry_run=options["dry_run"],
            )
        except OSError as error:
            raise CommandError(f"Cannot read {file}: {error.strerror}.") from error
        except SheetRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        except DocumentRefused as refusal:
            for notice in refusal.notices:
                self.stderr.write(str(notice))
            raise CommandError(str(refusal)) from refusal
        self.report(outcome)

    def day(self, text: str | None) -> datetime.date | None:
        if not text:
            return None
        if (day := iso_day(text)) is None:
            raise CommandError(f"{text!r} is not a date: write it like 2021-03-31.")
        return day

    def report(self, outcome: Outcome) -> None:
        """The counts last."""
        for notice in outcome.notices:
            self.stderr.write(str(notice))
        if outcome.undated:
            self.stdout.write("Not written, since the document does not date them (--previous-as-at D does):")
        for notice in outcome.undated:
            self.stdout.write(str(notice))
        if not outcome.writes:
            self.stdout.write("The document says what is held already: nothing changed.")
        self.stdout.write(str(outcome))
