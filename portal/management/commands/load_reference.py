"""`manage.py load_reference [--sample]`."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from portal.models import AuditEntry
from portal.spreadsheets.importing import Outcome, import_file
from portal.spreadsheets.kinds import all_kinds
from portal.spreadsheets.resources import Mode


class Command(BaseCommand):
    help = (
        "Load the reference data of fixtures/: missing rows are added and blank fields filled; no value is"
        " replaced, and status reports and responses that are there stay as they are."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sample", action="store_true", help="also the invented sample data of fixtures/sample/")

    def handle(self, *args: Any, **options: Any) -> None:
        folders = [settings.BASE_DIR / "fixtures"]
        if options["sample"]:
            folders.append(folders[0] / "sample")
        with transaction.atomic():
            for folder in folders:
                for kind in all_kinds():
                    file = folder / f"{kind}.csv"
                    if file.exists():
                        self.report(file, self.load(kind, file))

    def load(self, kind: str, file: Path) -> Outcome:
        return import_file(
            kind,
            file.read_bytes(),
            filename=file.name,
            by=None,
            path=AuditEntry.Path.COMMAND,
            mode=Mode.FILL,
        )

    def report(self, file: Path, outcome: Outcome) -> None:
        """Leaving by an exception rolls everything back."""
        for fault in outcome.faults:
            self.stderr.write(f"{file.name}: {fault}")
        if outcome.faults:
            sys.exit(1)
        self.stdout.write(str(outcome))
