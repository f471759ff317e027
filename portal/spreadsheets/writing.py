"""Rows into CSV and XLSX files that hold text as text and never a live formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

import xlsxwriter
import xlsxwriter.xmlwriter
from django.utils.translation import gettext as _

# xlsxwriter escapes `_x005F_x000D_` only in part: its own pattern misses matches that share an underscore.
xlsxwriter.xmlwriter.re_control_chars_1 = re.compile("(_(?=x[0-9a-fA-F]{4}_))")

# What a spreadsheet program would run, and the mark that protects from it.
LIVE = ("=", "+", "-", "@", "\t", "\r", "'")
XLSX_CELL_LIMIT = 32_767

type_of_cell = str | int | None


class CellTooLong(Exception):
    """A text does not fit into a spreadsheet cell; the message says which, and what else there is."""


class _Line:
    """The file that csv writes to: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def protect(text: str) -> str:
    """A CSV text cell that no spreadsheet program takes for a formula; import takes the `'` away."""
    return "'" + text if text.startswith(LIVE) else text


def csv_lines(headers: Sequence[str], rows: Iterable[Sequence[type_of_cell]]) -> Iterator[str]:
    """The lines of a CSV file, header first, one at a time: nothing is held in memory."""
    writer = csv.writer(_Line(), lineterminator="\r\n")
    yield writer.writerow(headers)
    for row in rows:
        yield writer.writerow([protect(cell) if isinstance(cell, str) else cell for cell in row])


def write_xlsx(
    file: IO[bytes], headers: Sequence[str], rows: Iterable[Sequence[type_of_cell]], *, title: str = "Data"
) -> None:
    """Write one sheet; numbers are numbers, text is text.

    Raises CellTooLong for a text beyond what a cell holds.
    """
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        # The CSV file of the same rows holds every text.
        write_sheet(book, title, headers, rows, instead=_("export as CSV instead"))


def write_sheet(
    book: xlsxwriter.Workbook,
    title: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[type_of_cell]],
    *,
    instead: str = "",
) -> None:
    """Add a sheet with a bold, frozen header row.

    Raises CellTooLong, which says what to do `instead` where the caller has such a thing.
    """
    sheet = book.add_worksheet(title)
    bold = book.add_format({"bold": True})
    # "Text" keeps a code such as 007 or 1-2 as it is when somebody edits the cell.
    text_format = book.add_format({"num_format": "@"})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(headers) - 1, 0), 18)
    for column, header in enumerate(headers):
        sheet.write_string(0, column, header, bold)
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, int):
                sheet.write_number(number, column, cell)
            elif cell:
                if len(cell.encode("utf-16-le")) // 2 > XLSX_CELL_LIMIT:
                    raise CellTooLong("; ".join(filter(None, [too_long(number, headers[column], cell), instead])))
                sheet.write_string(number, column, cell, text_format)


def too_long(number: int, header: str, text: str) -> str:
    """Where the text stands and how long it is; the header is row 1."""
    words = {"row": number + 1, "column": header, "length": len(text), "most": XLSX_CELL_LIMIT}
    sentence = _("row %(row)d, column %(column)s: %(length)d characters, but a spreadsheet cell holds %(most)d")
    return sentence % words


def xlsx_file(headers: Sequence[str], rows: Iterable[Sequence[type_of_cell]], *, title: str = "Data") -> io.BytesIO:
    """One sheet as a file to send. Raises CellTooLong."""
    file = io.BytesIO()
    write_xlsx(file, headers, rows, title=title)
    file.seek(0)
    return file
