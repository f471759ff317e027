"""A file into numbered lines of cells."""

import re
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from jiu.reading.cells import text_of_html
from jiu.reading.shapes import MAX_LINES, DocumentRefused, Line
from jiu.reading.word import word_lines
from portal.spreadsheets.reading import check_size
from portal.spreadsheets.tables import SheetRefused
from portal.text import UNSTORABLE, validate_text, with_lf

# Of a line that cannot be read so much is looked at, to see what it would have been.
GLANCE = 200


def lines_of(data: bytes, filename: str) -> list[Line]:
    """The lines of a text or DOCX file that are not empty. Raises DocumentRefused."""
    try:
        check_size(len(data))
    except SheetRefused as refusal:
        raise DocumentRefused(str(refusal)) from refusal
    if data.startswith(b"PK\x03\x04"):
        return word_lines(data)
    if filename.lower().endswith(".docx"):
        raise DocumentRefused(_("The file is damaged, or no Word document (DOCX) whatever its name says."))
    return text_lines(data)


def text_lines(data: bytes) -> list[Line]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        sentence = _("The file is not UTF-8 (line %(line)d holds the byte 0x%(byte)02X), and no Word document (DOCX).")
        place = {"line": data.count(b"\n", 0, error.start) + 1, "byte": data[error.start]}
        raise DocumentRefused(sentence % place) from error
    rows = with_lf(text).split("\n")
    if len(rows) > MAX_LINES:
        raise DocumentRefused(_("The file has more than %(most)d lines.") % {"most": MAX_LINES})
    # A form feed or vertical tab is where a page or line ended in print.
    found = (text_line(number, re.sub("[\x0b\x0c]", " ", row)) for number, row in enumerate(rows, start=1))
    lines = [line for line in found if any(line.cells) or line.fault]
    if lines and lines[-1].number == len(rows) and not lines[-1].fault:
        lines[-1] = replace(lines[-1], fault=_("the file ends inside this line, which is not read"))
    return lines


def text_line(number: int, row: str) -> Line:
    try:
        validate_text(row)
    except ValidationError as error:
        row, fault = UNSTORABLE.sub(" ", row[:GLANCE]), str(error.messages[0])
    else:
        fault = ""
    return Line.of(number, [text_of_html(cell) for cell in row.split("\t")], fault)
