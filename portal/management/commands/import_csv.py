"""`manage.py import_csv KIND FILE [--dry-run]`."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.models import AuditEntry
from portal.spreadsheets.importing import import_file
from portal.spreadsheets.kinds import all_kinds
from portal.spreadsheets.tables import SheetRefused


class Command(BaseCommand):
    help = "Import a CSV or XLSX file of one kind, all or nothing. Every fault is named on stderr."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", metavar="KIND", help=", ".join(all_kinds()))
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="check and count, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            outcome = import_file(
                options["kind"],
                file.read_bytes(),
                filename=file.name,
                by=None,
                path=AuditEntry.Path.COMMAND,
                dry_run=options["dry_run"],
            )
        except OSError as error:
            raise CommandError(f"Cannot read {file}: {error.strerror}.") from error
        except (LookupError, SheetRefused) as error:
            raise CommandError(error.args[0]) from error
        for fault in outcome.faults:
            self.stderr.write(str(fault))
        if outcome.faults:
            sys.exit(1)
        self.stdout.write(str(outcome))
