"""What a document is made of, whoever wrote it and whatever it is rendered to.

A document is plain data: it can be frozen as JSON and rendered again, to the same words and figures.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is that of an annex or chapter, 2 and 3 stand below."""

    type: ClassVar[str] = "heading"
    text: str
    level: int = 1
    starts_page: bool = False


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of running text; line breaks in the text are kept.

    `number` is the depth of its number: 1 for `1.`, 2 for `(i)`, 0 for none. `name` says which
    sentence of the document it is, where somebody may reword it. One that `leads` stays on the page of
    what follows.
    """

    type: ClassVar[str] = "paragraph"
    text: str
    number: int = 0
    style: str = "body"  # body, note, quote, bullet, centred
    emphasis: bool = False
    leads: bool = False
    name: str = ""


@dataclass(frozen=True)
class Table:
    """A table with its caption; the first column heads its rows. Cells are text as printed.

    `figures` are the columns, by place, that are set flush to the end like numbers.
    """

    type: ClassVar[str] = "table"
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[int, ...] = ()
    widths: tuple[int, ...] = ()  # in proportion to each other


@dataclass(frozen=True)
class Chart:
    """Stacked bars, one a category; never without the table that says the same.

    `unanswered` is the place of the series that is the absence of an answer, which looks the same everywhere.
    """

    type: ClassVar[str] = "chart"
    title: str
    categories: tuple[str, ...]
    series: tuple[tuple[str, tuple[int, ...]], ...]
    description: str = ""
    horizontal: bool = False
    unanswered: int | None = None

    def look(self, place: int) -> int:
        """Which of the LOOKS a series has."""
        if self.unanswered is None:
            return place % LOOKS
        return LOOKS - 1 if place == self.unanswered else place % (LOOKS - 1)


# Of the looks of series, the last is that of no answer.
LOOKS = 8


@dataclass(frozen=True)
class Entry:
    """One item laid out as a small table of `label, text, note`; it stays on one page where it can."""

    type: ClassVar[str] = "entry"
    rows: tuple[tuple[str, str, str], ...]


Block = Heading | Paragraph | Table | Chart | Entry
KINDS: dict[str, type[Any]] = {kind.type: kind for kind in (Heading, Paragraph, Table, Chart, Entry)}


@dataclass(frozen=True)
class Document:
    """`language` as in `en` or `fr`; `head` and `foot` stand on every page.

    `made_at` is what the file says of its age. It is no part of the JSON: whoever froze that knows when.
    """

    title: str
    blocks: tuple[Block, ...]
    subtitle: str = ""
    language: str = "en"
    head: str = ""
    foot: str = ""
    made_at: datetime.datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, from which `document_from` makes the document again."""
        return {
            "title": self.title,
            "subtitle": self.subtitle,
            "language": self.language,
            "head": self.head,
            "foot": self.foot,
            "blocks": [{"type": block.type} | dataclasses.asdict(block) for block in self.blocks],
        }

    def texts(self) -> Iterator[str]:
        """Every text of the document, for whoever looks for something in it."""
        for block in self.blocks:
            yield from texts_in(dataclasses.astuple(block))


def texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from texts_in(part)


def document_from(data: dict[str, Any]) -> Document:
    """The document that `as_json` gave."""
    fields = {name: data[name] for name in ("title", "subtitle", "language", "head", "foot")}
    blocks = tuple(
        KINDS[block["type"]](**{name: as_tuples(value) for name, value in block.items() if name != "type"})
        for block in data["blocks"]
    )
    return Document(blocks=blocks, **fields)


def as_tuples(value: Any) -> Any:
    return tuple(as_tuples(part) for part in value) if isinstance(value, list | tuple) else value
