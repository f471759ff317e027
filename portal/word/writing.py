"""A document as DOCX.

python-docx opens its template, keeps the parts and pictures and saves the file; what the document says is
written as text of WordprocessingML (`portal.word.markup`) and put in at the end: moved into python-docx's
tree, a table of ten thousand rows takes minutes. The same document gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from django.utils.translation import override
from docx.document import Document as Word
from docx.shared import Inches
from lxml import etree

from portal.word.blocks import Block, Chart, Document, Entry, Heading, Paragraph, Table
from portal.word.charts import draw, numbered
from portal.word.frame import prepare
from portal.word.markup import Look, Markup, clean

PICTURE = Inches(6.3)
STYLES = {"body": "Normal", "note": "Note", "quote": "Quote", "bullet": "List Bullet 2", "centred": "Centred"}
NUMBERED = {1: "Numbered", 2: "Sub-item"}
# Fast; more takes twice as long for a tenth less.
COMPRESSION = 3
# The part that holds the text, and what ends it: the template has nothing else in it.
TEXT, END = "word/document.xml", b"<w:sectPr"

# Called with how many of how many blocks are written.
Progress = Callable[[int, int], None]


def write_docx(document: Document, file: IO[bytes], progress: Progress | None = None) -> None:
    """Write the document to an open binary file."""
    word = docx.Document()
    # What the file says of itself is in the language of the document, not of whoever takes it along.
    with override(document.language):
        prepare(word, document)
    writer = Writer(word)
    if document.title:
        writer.add_title(document)
    for done, block in enumerate(document.blocks, 1):
        writer.add(block)
        if progress is not None:
            progress(done, len(document.blocks))
    save(word, "".join(writer.texts), file)


class Writer:
    """Gathers what the document says, block after block."""

    def __init__(self, word: Word) -> None:
        self.word = word
        self.markup = Markup({str(style.name): style.style_id for style in word.styles})
        self.texts: list[str] = []
        # The last picture: the table after it names what it could only number.
        self.pictured = Chart("", (), ())

    def add_title(self, document: Document) -> None:
        self.texts.append(self.markup.paragraph(document.title, "Title"))
        if document.subtitle:
            self.texts.append(self.markup.paragraph(document.subtitle, "Subtitle"))

    def add(self, block: Block) -> None:
        self.texts += self.written(block)

    def written(self, block: Block) -> Iterator[str]:
        match block:
            case Heading():
                yield self.markup.paragraph(block.text, f"Heading {block.level}", Look(breaks=block.starts_page))
            case Paragraph():
                style = NUMBERED.get(block.number, STYLES[block.style])
                yield self.markup.paragraph(block.text, style, Look(emphasis=block.emphasis, with_next=block.leads))
            case Table():
                yield self.caption(block.caption)
                yield self.markup.table(self.beside_picture(block))
                yield self.gap()
            case Chart():
                self.pictured = block
                yield self.caption(block.title)
                yield self.markup.picture(self.inline(block))
            case Entry():
                yield self.markup.entry(block)
                yield self.gap()

    def beside_picture(self, table: Table) -> Table:
        """The table with the numbers by which the picture calls its rows and columns."""
        rows, columns = numbered(self.pictured.categories), numbered(name for name, _counts in self.pictured.series)
        self.pictured = Chart("", (), ())
        if not rows and not columns:
            return table
        return replace(
            table,
            columns=tuple(columns.get(name, name) for name in table.columns),
            rows=tuple((rows.get(first, first), *rest) for first, *rest in table.rows),
        )

    def caption(self, text: str) -> str:
        return self.markup.paragraph(text, "Caption", Look(with_next=True))

    def gap(self) -> str:
        """Two tables without a paragraph between them would be one."""
        return self.markup.paragraph("", "Gap")

    def inline(self, block: Chart) -> str:
        """The picture becomes a part of the file; what stands in the text is where it is and what it shows."""
        inline = self.word.part.new_pic_inline(io.BytesIO(draw(block)), width=PICTURE)
        inline.docPr.set("name", clean(block.title))
        inline.docPr.set("descr", clean(block.description or block.title))
        return str(etree.tostring(inline, encoding="unicode"))


def save(word: Word, text: str, file: IO[bytes]) -> None:
    """As python-docx saves it, with the text in its place, and without the time of day that it notes at each part."""
    made = io.BytesIO()
    word.save(made)
    with ZipFile(made) as parts, ZipFile(file, "w") as steady:
        for name in parts.namelist():
            content = parts.read(name)
            if name == TEXT:
                before, mark, after = content.partition(END)
                content = before + text.encode() + mark + after
            steady.writestr(ZipInfo(name), content, ZIP_DEFLATED, COMPRESSION)
