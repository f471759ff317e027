"""Paragraphs and tables of a Word file, as text of WordprocessingML.

A table of thousands of rows is text that is read once; put together element by element it takes minutes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from xml.sax.saxutils import escape

from portal.text import with_lf
from portal.word.blocks import Entry, Table

TEXT_WIDTH = 9070  # between the margins, in twentieths of a point
SHADE = "E8EDF2"
# A table of at most so many rows is not broken over two pages.
ROWS_THAT_STAY = 12
# A cell longer than this may break over two pages: a row that must not would be pushed off the page.
LONG_CELL = 700  # characters
ENTRY_WIDTHS = (2100, 5270, 1700)
# What a character takes in a cell and, bold, in its head; what stands on both sides of a cell.
CHARACTER, CHARACTER_IN_HEAD, CELL_MARGIN = 108, 116, 80
WIDEST_WORD = TEXT_WIDTH // 3
# What XML cannot hold.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
RIGHT_TO_LEFT = {"R", "AL"}


def clean(text: str) -> str:
    """What a file of XML can hold; the mark for the rest shows that something stood there."""
    return UNPRINTABLE.sub("\ufffd", with_lf(text))


def reads_leftwards(text: str) -> bool:
    """Whether the first letter is of a script that is written from right to left."""
    for character in "" if text.isascii() else text:
        direction = unicodedata.bidirectional(character)
        if direction == "L" or direction in RIGHT_TO_LEFT:
            return direction in RIGHT_TO_LEFT
    return False


class Look(NamedTuple):
    """How a paragraph is set, beyond its style."""

    emphasis: bool = False
    strong: bool = False
    breaks: bool = False  # begins a page
    with_next: bool = False  # stays on the page of what follows
    at_end: bool = False


PLAIN = Look()


@dataclass(frozen=True)
class Markup:
    """Writes with the styles of one file: their identities by name."""

    styles: Mapping[str, str]

    # Paragraphs

    def paragraph(self, text: str, style: str = "Normal", look: Look = PLAIN) -> str:
        """One paragraph; line breaks in the text are kept."""
        return set_in(clean(text), self.styles[style], look)

    def picture(self, inline: str) -> str:
        """A paragraph of nothing but a picture."""
        style = f'<w:pStyle w:val="{self.styles["Picture"]}"/>'
        return f"<w:p><w:pPr>{style}</w:pPr><w:r><w:drawing>{inline}</w:drawing></w:r></w:p>"

    # Tables

    def table(self, block: Table) -> str:
        """A table that repeats its head on every page; no word of a cell is broken where there is room."""
        widths = fitted(block)
        stays_whole = len(block.rows) <= ROWS_THAT_STAY
        last = len(block.rows)
        rows = [self.row(block.columns, widths, block.figures, Look(strong=True, with_next=True), heads=True)]
        for number, cells in enumerate(block.rows, 1):
            look = Look(with_next=stays_whole and number < last)
            rows.append(self.row(cells, widths, block.figures, look))
        return self.frame(widths, rows)

    def frame(self, widths: Iterable[int], rows: Iterable[str]) -> str:
        margin = f'w:w="{CELL_MARGIN}" w:type="dxa"'
        columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        return (
            f'<w:tbl><w:tblPr><w:tblStyle w:val="{self.styles["Table Grid"]}"/>'
            f'<w:tblW w:w="{TEXT_WIDTH}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
            f"<w:tblCellMar><w:left {margin}/><w:right {margin}/></w:tblCellMar></w:tblPr>"
            f"<w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"
        )

    def row(
        self, cells: Sequence[str], widths: Sequence[int], figures: Sequence[int], look: Look, *, heads: bool = False
    ) -> str:
        flush = look._replace(at_end=True)
        style = "Head" if heads else "Cell"
        written = "".join(
            self.cell(text, width, flush if place in figures else look, style=style, shade=heads)
            for place, (text, width) in enumerate(zip(cells, widths, strict=True))
        )
        may_break = any(len(text) > LONG_CELL for text in cells)
        properties = only((not may_break, "<w:cantSplit/>"), (heads, "<w:tblHeader/>"))
        return f"<w:tr><w:trPr>{properties}</w:trPr>{written}</w:tr>"

    def cell(
        self,
        text: str,
        width: int,
        look: Look = PLAIN,
        *,
        style: str = "Cell",
        shade: bool = False,
        span: int = 1,
        merge: str = "",
    ) -> str:
        """A cell, each of its lines a paragraph; `merge` is that of `w:vMerge`."""
        lines = [set_in(line, self.styles[style], look) for line in clean(text).split("\n")]
        return f"{cell_start(width, shade, span, merge)}{''.join(lines)}</w:tc>"

    def entry(self, block: Entry) -> str:
        """A note takes a third column and the row below too; where there is none, the text takes both."""
        return self.frame(ENTRY_WIDTHS, self.entry_rows(block))

    def entry_rows(self, block: Entry) -> Iterator[str]:
        first, second, third = ENTRY_WIDTHS
        last, is_open = len(block.rows) - 1, False
        for number, (label, text, note) in enumerate(block.rows):
            look = Look(with_next=number < last)
            is_open = is_open and not note
            narrow = bool(note) or is_open
            cells = [self.cell(label, first, look._replace(strong=True), shade=True)]
            if narrow:
                merge = "continue" if is_open else "restart"
                cells.append(self.cell(text, second, look))
                cells.append(self.cell(note, third, look._replace(emphasis=True), merge=merge))
            else:
                cells.append(self.cell(text, second + third, look, span=2))
            is_open = bool(note)
            properties = only((len(text) <= LONG_CELL, "<w:cantSplit/>"))
            yield f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def set_in(text: str, style: str, look: Look) -> str:
    """A clean text as a paragraph in the style of this identity."""
    start = paragraph_start(style, look, reads_leftwards(text))
    return f"{start}{escape(text).replace(LINE, BREAK)}</w:t></w:r></w:p>"


LINE, BREAK = "\n", '</w:t><w:br/><w:t xml:space="preserve">'


@lru_cache(1_000)
def paragraph_start(style: str, look: Look, leftwards: bool) -> str:
    """All of a paragraph that stands before its words."""
    of_paragraph = only(
        (look.with_next, "<w:keepNext/>"),
        (look.breaks, "<w:pageBreakBefore/>"),
        (leftwards, "<w:bidi/>"),
        (look.at_end, '<w:jc w:val="right"/>'),
    )
    of_run = only(
        (look.strong, "<w:b/><w:bCs/>"),
        (look.emphasis, "<w:i/><w:iCs/>"),
        (leftwards, "<w:rtl/>"),
    )
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{of_paragraph}</w:pPr>'
        f'<w:r><w:rPr>{of_run}</w:rPr><w:t xml:space="preserve">'
    )


@lru_cache(1_000)
def cell_start(width: int, shade: bool, span: int, merge: str) -> str:
    marks = only(
        (span > 1, f'<w:gridSpan w:val="{span}"/>'),
        (merge, f'<w:vMerge w:val="{merge}"/>'),
        (shade, f'<w:shd w:val="clear" w:color="auto" w:fill="{SHADE}"/>'),
    )
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{marks}</w:tcPr>'


def only(*marks: tuple[object, str]) -> str:
    """Those marks that are wanted."""
    return "".join(mark for wanted, mark in marks if wanted)


# How wide columns are


def share_out(shares: Sequence[int]) -> list[int]:
    return [TEXT_WIDTH * share // sum(shares) for share in shares]


def fitted(block: Table) -> list[int]:
    """Widths in the proportions of the table, but no column narrower than its longest word, while there is room."""
    given = share_out(block.widths or (1,) * len(block.columns))
    least = [least_width(block, place) for place in range(len(block.columns))]
    wanting = [max(0, low - width) for width, low in zip(given, least, strict=True)]
    to_spare = [max(0, width - low) for width, low in zip(given, least, strict=True)]
    taken = min(sum(wanting), sum(to_spare))
    if not taken:
        return given
    return [
        width + want * taken // sum(wanting) - spare * taken // sum(to_spare)
        for width, want, spare in zip(given, wanting, to_spare, strict=True)
    ]


def least_width(block: Table, place: int) -> int:
    """What the longest word of a column takes; a figure such as `12 (57%)` is one word."""
    head = max(map(len, block.columns[place].split()), default=0) * CHARACTER_IN_HEAD
    cells = [row[place] for row in block.rows]
    words = cells if place in block.figures else [word for cell in cells for word in cell.split()]
    longest = max(map(len, words), default=0) * CHARACTER
    return min(max(head, longest) + 2 * CELL_MARGIN, WIDEST_WORD)
