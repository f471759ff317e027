"""`manage.py export_csv KIND [FILE]`: to FILE, or to stdout without one."""

from argparse import ArgumentParser
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.files import replace_when_complete
from portal.spreadsheets.kinds import all_kinds, resource_for
from portal.spreadsheets.writing import CellTooLong, csv_lines, write_xlsx


class Command(BaseCommand):
    help = "Export all rows of one kind as CSV, or as XLSX if the file's name ends so."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", metavar="KIND", help=", ".join(all_kinds()))
        parser.add_argument("file", metavar="FILE", type=Path, nargs="?")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            resource = resource_for(options["kind"])()
        except LookupError as error:
            raise CommandError(error.args[0]) from error
        headers, rows = resource.column_names(), resource.export_rows()
        file: Path | None = options["file"]
        if file is None:
            for line in csv_lines(headers, rows):
                self.stdout.write(line, ending="")
            return
        try:
            # Closed at once: on PostgreSQL an export broken off would leave its cursor open.
            with closing(rows), replace_when_complete(file) as part:
                if file.suffix.lower() == ".xlsx":
                    write_xlsx(part, headers, rows, title=resource.kind)
                else:
                    part.writelines(line.encode() for line in csv_lines(headers, rows))
        except OSError as error:
            raise CommandError(f"Cannot write {file}: {error.strerror}.") from error
        except CellTooLong as error:
            raise CommandError(str(error)) from error
