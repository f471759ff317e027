"""A table as read from a file, and what is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext as _

from portal.text import one_line


class SheetRefused(Exception):
    """The file cannot be read as a table at all; the message is a sentence for the person."""


class Fault(NamedTuple):
    """One thing wrong in one cell. Rows count as a spreadsheet does: the header is row 1."""

    row: int
    column: str
    reason: str
    value: str = ""

    def __str__(self) -> str:
        # Column and reason may repeat what the file says; a fault is one line whatever that is.
        column, reason = one_line(self.column), one_line(self.reason, most=500)
        return f"row {self.row}, column {column}: {reason} ({one_line(self.value)})"


@dataclass
class Table:
    """Header and rows of text cells; empty rows are left out, `numbers` keeps each row's place.

    It stands in for a `tablib.Dataset`, of which importing uses the header, the length and the rows.
    """

    headers: list[str]
    rows: list[list[str]]
    numbers: list[int]
    faults: list[Fault] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[list[str]]:
        return iter(self.rows)


def check_header(headers: list[str], columns: list[str]) -> list[Fault]:
    """Unknown, missing and doubled columns, each as a fault of row 1."""
    faults = [
        Fault(1, name or _("(blank)"), _("doubled column") if name in headers[:place] else _("unknown column"), name)
        for place, name in enumerate(headers)
        if name not in columns or name in headers[:place]
    ]
    return faults + [Fault(1, name, _("missing column")) for name in columns if name not in headers]
