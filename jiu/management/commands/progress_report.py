"""`manage.py progress_report --as-at D --since D [--format json|docx] [--output FILE]`."""

import io
import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jiu import reports
from jiu.documents import progress_document
from jiu.forms.dates import DatesForm
from jiu.reports import ProgressReport
from portal.files import replace_when_complete
from portal.word.writing import write_docx


def as_json(report: ProgressReport) -> bytes:
    return json.dumps(report.as_json(), ensure_ascii=False, indent=2).encode() + b"\n"


def as_docx(report: ProgressReport) -> bytes:
    """A long document takes its time: on a terminal one sees how far it is."""
    file = io.BytesIO()
    write_docx(progress_document(report), file, show if sys.stderr.isatty() else None)
    return file.getvalue()


def show(done: int, of: int) -> None:
    if done % STEP == 0 or done == of:
        sys.stderr.write(f"\r{done} of {of} parts written" + ("\n" if done == of else ""))
        sys.stderr.flush()


# What each format is made by.
FORMATS: dict[str, Callable[[ProgressReport], bytes]] = {"json": as_json, "docx": as_docx}
# Parts of a document between two signs of life.
STEP = 50


class Command(BaseCommand):
    help = "Write the progress report for two dates, with the same figures as its page."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as-at", metavar="D", required=True, help="where all stands, as 2022-03-31")
        parser.add_argument("--since", metavar="D", required=True, help="the earlier date that it is compared with")
        parser.add_argument("--format", choices=list(FORMATS), default="json")
        parser.add_argument("--output", metavar="FILE", help="where to write it; without: on the standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        form = DatesForm({"as_at": options["as_at"], "since": options["since"]})
        if not form.is_valid():
            raise CommandError(" ".join(self.faults(form)))
        make = FORMATS[options["format"]]
        content = make(reports.progress_report(**form.cleaned_data))
        if options["output"]:
            write_file(options["output"], content)
        else:
            self.print(content)

    def faults(self, form: DatesForm) -> list[str]:
        return [
            f"--{name.replace('_', '-')} {form.data[name]!r}: {' '.join(str(error) for error in errors)}"
            for name, errors in form.errors.items()
        ]

    def print(self, content: bytes) -> None:
        try:
            self.stdout.write(content.decode(), ending="")
        except UnicodeDecodeError:
            # A document is no text: it goes out as it is, for a pipe.
            self.stdout.flush()
            sys.stdout.buffer.write(content)


def write_file(name: str, content: bytes) -> None:
    try:
        with replace_when_complete(Path(name)) as part:
            part.write(content)
    except OSError as error:
        raise CommandError(f"{name} cannot be written: {error.strerror or error}.") from error
