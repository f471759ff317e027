"""CSV and XLSX files into tables, with limits that a hostile file meets before the memory does."""

import csv
import datetime
import io
import math
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl.cell.text import Text
from openpyxl.packaging.manifest import Manifest
from openpyxl.reader.excel import ExcelReader
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from portal.archives import ArchiveGuard
from portal.spreadsheets.tables import Fault, SheetRefused, Table, check_header

MAX_FILE = 25 * 2**20
MAX_ROWS = 100_000
MAX_CELLS = 2_000_000
MAX_OTHER = 100_000
# Ten times the widest kind: more is no table of ours.
MAX_COLUMNS = 200


# What openpyxl leaves out of a workbook (validation, formats) is nothing that we read.
warnings.filterwarnings("ignore", category=UserWarning, module=r"openpyxl\.")


class Record(NamedTuple):
    """One row of a file as text, and what is wrong in its cells: (place, reason, value)."""

    cells: list[str]
    faults: Sequence[tuple[int, str, str]] = ()


# By openpyxl's type of a cell. The value of a formula is not in every file, so that none is taken.
CELL_FAULTS = {"f": gettext_lazy("formula: paste its value as text"), "e": gettext_lazy("error value of a spreadsheet")}
XLSX_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


def read_table(data: bytes, columns: Sequence[str]) -> Table:
    """Read a CSV or XLSX file that should have these columns, in any order.

    Faults of header and row lengths are in the table; a faulty header leaves the table without
    rows. Raises SheetRefused if the file is no table, or beyond a limit.
    """
    check_size(len(data))
    records = read_xlsx(data) if data.startswith(b"PK\x03\x04") else read_csv(data, columns)
    return tabulate(records, list(columns))


def check_size(size: int) -> None:
    """Refuse a file by its size in bytes, if possible before it is read."""
    if size > MAX_FILE:
        raise SheetRefused(
            _("The file has %(size)d MiB; at most %(most)d MiB are read. Split it.")
            % {"size": math.ceil(size / 2**20), "most": MAX_FILE // 2**20}
        )


def tabulate(records: Iterable[Record], columns: list[str]) -> Table:
    """Check header and lengths, drop empty rows, remember each row's number."""
    source = iter(records)
    first = next(source, Record([]))
    if not any(first.cells):
        raise SheetRefused(
            _("The file is empty: its first row must name the columns %(columns)s.") % {"columns": ", ".join(columns)}
        )
    headers = [name.strip() for name in first.cells]
    table = Table(headers, [], [], check_header(headers, columns))
    if table.faults:
        return table
    for number, record in enumerate(source, start=2):
        if number > MAX_ROWS + 1:
            raise SheetRefused(_("The file has more than %(most)d rows. Split it.") % {"most": MAX_ROWS})
        if not any(record.cells):
            continue
        if len(record.cells) != len(headers):
            table.faults.append(length_fault(number, record.cells, headers))
            continue
        table.faults += [Fault(number, headers[place], str(reason), value) for place, reason, value in record.faults]
        # A row with a faulty cell stays, so that its other cells are checked too; nothing is written.
        table.rows.append(record.cells)
        table.numbers.append(number)
    return table


def length_fault(number: int, cells: list[str], headers: list[str]) -> Fault:
    lengths = {"cells": len(cells), "width": len(headers)}
    if len(cells) < len(headers):
        reason = _("short row: %(cells)d cells instead of %(width)d") % lengths
        return Fault(number, headers[len(cells)], reason, ",".join(cells))
    reason = _("long row: %(cells)d cells instead of %(width)d") % lengths
    return Fault(number, headers[-1], reason, ",".join(cells[len(headers) :]))


# CSV


def read_csv(data: bytes, columns: Sequence[str]) -> Iterator[Record]:
    """The records of a CSV file in UTF-8; a leading `'` protects a text and is taken away, once."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SheetRefused(
            _("The file is not UTF-8 (line %(line)d holds the byte 0x%(byte)02X). Save it as CSV UTF-8.")
            % {"line": line, "byte": data[error.start]}
        ) from error
    csv.field_size_limit(MAX_FILE)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=find_delimiter(text, columns), strict=True)
    try:
        for cells in reader:
            yield Record([cell[1:] if cell[:1] == "'" else cell for cell in cells])
    except csv.Error as error:
        raise SheetRefused(
            _("Line %(line)d is not valid CSV (%(error)s). Is a quotation mark missing or not doubled?")
            % {"line": reader.line_num, "error": error}
        ) from error


def find_delimiter(text: str, columns: Sequence[str]) -> str:
    """Comma, semicolon or tab: the one under which the first line names most of the columns."""
    first = text.lstrip("\r\n")[:10_000].splitlines()[:1] or [""]
    wanted = set(columns)

    def known(delimiter: str) -> int:
        return sum(name.strip(" '\"") in wanted for name in first[0].split(delimiter))

    return max(",;\t", key=known)


# XLSX


class TextKeepingReader(ExcelReader):  # type: ignore[misc]  # openpyxl ships no types
    """openpyxl, but without its removal of `x005F_` from texts, which loses what somebody wrote."""

    package: Manifest

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        if part is None:
            return
        with self.archive.open(part.PartName[1:]) as source:
            for _event, node in iterparse(source):
                if node.tag == f"{{{SHEET_MAIN_NS}}}si":
                    self.shared_strings.append(Text.from_tree(node).content)
                    node.clear()


def read_xlsx(data: bytes) -> Iterator[Record]:
    """The rows of the first sheet as text; a formula is a fault, since its value is not in the file."""
    check_archive(data)
    try:
        reader = TextKeepingReader(io.BytesIO(data), read_only=True, keep_links=False)
        reader.read()
        sheet = reader.wb.worksheets[0]
        sheet.reset_dimensions()
        width = 0
        # One row more than the limit is enough to see that there are too many.
        for row in sheet.iter_rows(max_row=MAX_ROWS + 2):
            if len(row) > MAX_COLUMNS:
                raise SheetRefused(_("The first sheet has more than %(most)d columns.") % {"most": MAX_COLUMNS})
            record = read_xlsx_row(row)
            while record.cells and record.cells[-1] == "" and len(record.cells) > width:
                record.cells.pop()
            width = width or len(record.cells)
            # A spreadsheet leaves out empty cells at a row's end; the row is not short for that.
            record.cells.extend([""] * (width - len(record.cells)))
            yield record
    except SheetRefused:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged part makes its code stumble over
        raise SheetRefused(
            _("The file is not a readable XLSX workbook (%(error)s). Save it again as .xlsx, or as CSV UTF-8.")
            % {"error": type(error).__name__}
        ) from error


def check_archive(data: bytes) -> None:
    """Refuse what is no workbook, and what would take memory or minutes to read."""
    WorkbookGuard().check(data)


class WorkbookGuard(ArchiveGuard):
    """Also limits how many children an element has, by its name, and what is neither cell nor text."""

    refused = SheetRefused
    must_have = "[Content_Types].xml"
    most = MAX_CELLS
    elements_each = 3

    too_large = gettext_lazy("The workbook unpacks to more than %(most)d MiB. Split it.")
    too_many = gettext_lazy("The workbook has more than %(most)d cells or texts. Split it.")
    other = gettext_lazy("The file is a ZIP archive but not an XLSX workbook.")
    damaged = gettext_lazy("The file is damaged: it begins like an XLSX workbook but cannot be unpacked.")
    unreadable = gettext_lazy("The file is not a readable XLSX workbook (%(error)s).")
    doctype = gettext_lazy("The workbook holds a document type declaration, which no workbook needs.")
    too_many_rows = gettext_lazy("The file has more than %(most)d rows. Split it.")
    too_many_columns = gettext_lazy("The first sheet has more than %(most)d columns.")
    too_many_others = gettext_lazy("The workbook holds more styles and other parts than data. Save it as CSV UTF-8.")

    def __init__(self) -> None:
        super().__init__()
        # The most children of an element, and what to say of more, with the number that it names.
        self.most_children = {
            "sheetData": (MAX_ROWS + 1, self.too_many_rows, MAX_ROWS),
            "row": (MAX_COLUMNS, self.too_many_columns, MAX_COLUMNS),
            "si": (MAX_COLUMNS, self.too_many, MAX_CELLS),
        }
        # Styles, relations and what else is no data: a workbook of ours has a few hundred elements of it.
        self.others = 0

    def count(self, part: IO[bytes], *, is_xml: bool) -> None:
        self.path: list[str] = []
        self.children: list[int] = []
        super().count(part, is_xml=is_xml)

    def start(self, name: str, attributes: object) -> None:
        super().start(name, attributes)
        if self.path:
            self.children[-1] += 1
            most, sentence, told = self.most_children.get(self.path[-1], (MAX_CELLS, self.too_many, MAX_CELLS))
            if self.children[-1] > most:
                raise self.refusal(sentence, most=told)
        self.path.append(name.rpartition(":")[2])
        if self.path[0] not in {"worksheet", "sst"}:
            self.others += 1
            if self.others > MAX_OTHER:
                raise self.refusal(self.too_many_others)
        self.children.append(0)

    def end(self, _name: str) -> None:
        self.path.pop()
        self.children.pop()


def read_xlsx_row(row: Sequence[Any]) -> Record:
    """Cells as text; formulas and error values are faults."""
    faults = [
        (place, str(CELL_FAULTS[cell.data_type]), written(cell.value))
        for place, cell in enumerate(row)
        if cell.data_type in CELL_FAULTS
    ]
    return Record([cell_text(cell.value) for cell in row], faults)


def written(formula: object) -> str:
    """A formula as somebody wrote it; openpyxl has an object for those that fill several cells."""
    return str(getattr(formula, "text", None) or formula)


def cell_text(value: object) -> str:
    """One XLSX cell as the CSV would have it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return XLSX_ESCAPE.sub(lambda match: chr(int(match[1], 16)), value) if "_x" in value else value
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time.min:
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)
