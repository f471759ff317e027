"""A DOCX file into lines: its paragraphs, and its table rows with their cells."""

import io
from collections.abc import Iterator
from typing import Any

import docx
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from docx.oxml.ns import qn

from jiu.reading.cells import tidy
from jiu.reading.shapes import MAX_LINES, DocumentRefused, Line
from portal.archives import ArchiveGuard
from portal.text import validate_text

PARAGRAPH, TABLE, ROW, CELL = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
TEXT, TAB = qn("w:t"), qn("w:tab")
BREAKS = {qn("w:br"), qn("w:cr")}
# What holds blocks, or rows, or cells, and is none itself.
WRAPPERS = {qn("w:sdt"), qn("w:sdtContent"), qn("w:customXml"), qn("w:ins")}
# Formats, what was struck out, and what Word repeats for older programs.
SKIPPED = {
    qn("w:pPr"),
    qn("w:rPr"),
    qn("w:del"),
    qn("w:moveFrom"),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}


def word_lines(data: bytes) -> list[Line]:
    """Raises DocumentRefused with a sentence for what is damaged, hostile or beyond a limit."""
    WordGuard().check(data)
    try:
        body = docx.Document(io.BytesIO(data)).element.body
        lines = [Line.of(number, cells, fault_of(cells)) for number, cells in enumerate(rows_of(body), start=1)]
    except DocumentRefused:
        raise
    except Exception as error:  # python-docx raises whatever a damaged part makes its code stumble over
        raise DocumentRefused(
            _("The file is no Word document (DOCX) that can be read (%(error)s). Save it again, or as text in UTF-8.")
            % {"error": type(error).__name__}
        ) from error
    return [line for line in lines if any(line.cells)]


def fault_of(cells: list[str]) -> str:
    try:
        validate_text("\t".join(cells))
    except ValidationError as error:
        return str(error.messages[0])
    return ""


def rows_of(body: Any) -> Iterator[list[str]]:
    for count, block in enumerate(blocks(body, PARAGRAPH, TABLE)):
        if count > MAX_LINES:
            raise DocumentRefused(_("The file has more than %(most)d lines.") % {"most": MAX_LINES})
        if block.tag == PARAGRAPH:
            yield [tidy(cell) for cell in text_of(block).split("\t")]
        else:
            for row in blocks(block, ROW):
                yield [cell_text(cell) for cell in blocks(row, CELL)]


def blocks(parent: Any, *wanted: str) -> Iterator[Any]:
    """The children of these sorts, also those inside a wrapper."""
    for child in parent.iterchildren():
        if child.tag in wanted:
            yield child
        elif child.tag in WRAPPERS:
            yield from blocks(child, *wanted)


def cell_text(cell: Any) -> str:
    """Paragraphs become lines; of cells merged downwards the first has the text."""
    merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    if merged is not None and merged.get(qn("w:val")) != "restart":
        return ""
    paragraphs = (text_of(paragraph).replace("\t", " ") for paragraph in blocks(cell, PARAGRAPH))
    return tidy("\n".join(paragraphs))


def text_of(node: Any) -> str:
    """The text of a paragraph, inserted text and text boxes included."""
    if node.tag == TEXT:
        return node.text or ""
    if node.tag == TAB:
        return "\t"
    if node.tag in BREAKS:
        return "\n"
    parts = [text_of(child) for child in node.iterchildren() if child.tag not in SKIPPED]
    return "".join(parts) + ("\n" if node.tag == PARAGRAPH else "")


class WordGuard(ArchiveGuard):
    refused = DocumentRefused
    must_have = "word/document.xml"
    most = 2_000_000

    too_large = gettext_lazy("The file unpacks to more than %(most)d MiB.")
    too_many = gettext_lazy("The file has more than %(most)d elements.")
    other = gettext_lazy("The file is a ZIP archive but no Word document (DOCX).")
    damaged = gettext_lazy("The file is damaged: it begins like a Word document (DOCX) but cannot be unpacked.")
    unreadable = gettext_lazy("The file is no Word document (DOCX) that can be read (%(error)s).")
    doctype = gettext_lazy("The file holds a document type declaration, which no Word document needs.")
