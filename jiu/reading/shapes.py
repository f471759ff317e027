"""What a document says, as small frozen rows, and what could not be read in it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from jiu.reading.cells import flat

MAX_LINES = 200_000


class DocumentRefused(Exception):
    """The file is no progress report that can be read; the message is a sentence for the person."""

    def __init__(self, sentence: str, notices: Sequence[Notice] = ()) -> None:
        super().__init__(sentence)
        self.notices = tuple(notices)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, or one paragraph or table row of a Word file. Cells hold plain text.

    Of a line with a `fault` the cells are only its beginning.
    """

    number: int
    cells: tuple[str, ...]
    fault: str = ""

    @property
    def text(self) -> str:
        """All cells on one line."""
        return flat(" ".join(self.cells))

    @classmethod
    def of(cls, number: int, cells: Sequence[str], fault: str = "") -> Line:
        """Without blank cells at its end."""
        width = max((place for place, cell in enumerate(cells, start=1) if cell), default=0)
        return cls(number, tuple(cells[:width]), fault)

    def cell(self, place: int) -> str:
        return self.cells[place] if place < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that somebody should look at, and the line it is about."""

    line: int
    text: str

    def __str__(self) -> str:
        return _("line %(line)d: %(text)s") % {"line": self.line, "text": self.text}


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the document says stood before. It does not say when."""

    line: int
    acceptance: str
    implementation: str


@dataclass(frozen=True, slots=True)
class Report:
    """A report of the JIU, as a heading names it."""

    line: int
    symbol: str
    title: str
    issued_on: datetime.date | None = None

    @property
    def key(self) -> str:
        return key_of(self.symbol)


@dataclass(frozen=True, slots=True)
class Item:
    """A recommendation and what is stated of it, in the document's own words but for the two summaries.

    What is blank was left blank, or could not be read, of which a notice tells. Without `as_at` its
    annex has no date. A silent one repeats what stood before: nobody stated it anew.
    """

    line: int
    symbol: str
    number: int
    addressee: str
    annex: str
    as_at: datetime.date | None
    text: str = ""
    summary: str = ""
    # Where a row of its own names it: what portals print that hold no official text.
    deadline: str = ""
    acceptance: str = ""
    implementation: str = ""
    assessment: str = ""
    assessment_summary: str = ""
    officers: str = ""
    stated_change: str = ""
    is_silent: bool = False
    earlier: Earlier | None = None

    @property
    def key(self) -> str:
        """The key of its set."""
        return key_of(self.symbol)

    @property
    def name(self) -> str:
        return f"{self.symbol} R{self.number}"


def key_of(symbol: str) -> str:
    return symbol.lower().replace("/", "-")


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole document: its own symbol where it names it, and what it says."""

    symbol: str
    reports: tuple[Report, ...]
    items: tuple[Item, ...]
    notices: tuple[Notice, ...]
