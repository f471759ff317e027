"""CSV and XLSX files into tables, with limits that a hostile file meets before the memory does."""

import csv
import datetime
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from openpyxl.cell.text import Text
from openpyxl.packaging.manifest import Manifest
from openpyxl.reader.excel import ExcelReader
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from portal.spreadsheets.tables import Fault, SheetRefused, Table, check_header

MAX_FILE = 25 * 2**20
MAX_UNPACKED = 150 * 2**20
MAX_ROWS = 250_000
# Ten times the widest kind: more is no table of ours.
MAX_COLUMNS = 200

XLSX_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


def read_table(data: bytes, columns: Sequence[str]) -> Table:
    """Read a CSV or XLSX file that should have these columns, in any order.

    Faults of header and row lengths are in the table; a faulty header leaves the table without
    rows. Raises SheetRefused if the file is no table, or beyond a limit.
    """
    if len(data) > MAX_FILE:
        raise SheetRefused(
            f"The file is {len(data) / 2**20:.0f} MiB; at most {MAX_FILE // 2**20} MiB are read. Split it."
        )
    records = read_xlsx(data) if data.startswith(b"PK\x03\x04") else read_csv(data, columns)
    return tabulate(records, list(columns))


def tabulate(records: Iterable[tuple[list[str], list[Fault]]], columns: list[str]) -> Table:
    """Check header and lengths, drop empty rows, remember each row's number."""
    source = iter(records)
    first = next(source, None)
    if first is None or not any(first[0]):
        raise SheetRefused("The file is empty: its first row must name the columns " + ", ".join(columns) + ".")
    headers = [name.strip() for name in first[0]]
    table = Table(headers, [], [], check_header(headers, columns) + first[1])
    if table.faults:
        return table
    width = len(headers)
    for number, (cells, faults) in enumerate(source, start=2):
        if number > MAX_ROWS + 1:
            raise SheetRefused(f"The file has more than {MAX_ROWS:,} rows. Split it.")
        if not any(cells) and not faults:
            continue
        table.faults += [fault._replace(row=number) for fault in faults]
        if len(cells) < width:
            table.faults.append(
                Fault(
                    number,
                    headers[len(cells)],
                    f"short row: {len(cells)} cells instead of {width}",
                    ",".join(cells),
                )
            )
        elif len(cells) > width:
            table.faults.append(
                Fault(
                    number,
                    headers[-1],
                    f"long row: {len(cells)} cells instead of {width}",
                    ",".join(cells[width:]),
                )
            )
        elif not faults:
            table.rows.append(cells)
            table.numbers.append(number)
    return table


# CSV


def read_csv(data: bytes, columns: Sequence[str]) -> Iterator[tuple[list[str], list[Fault]]]:
    """The records of a CSV file in UTF-8; a leading `'` protects a text and is taken away, once."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SheetRefused(
            f"The file is not UTF-8 (line {line} holds the byte 0x{data[error.start]:02X}). Save it as CSV UTF-8."
        ) from error
    csv.field_size_limit(MAX_FILE)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=find_delimiter(text, columns), strict=True)
    try:
        for cells in reader:
            yield [cell[1:] if cell[:1] == "'" else cell for cell in cells], []
    except csv.Error as error:
        raise SheetRefused(
            f"Line {reader.line_num} is not valid CSV ({error}). Is a quotation mark missing or not doubled?"
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


def read_xlsx(data: bytes) -> Iterator[tuple[list[str], list[Fault]]]:
    """The rows of the first sheet as text; a formula is a fault, since its value is not in the file."""
    check_archive(data)
    try:
        reader = TextKeepingReader(io.BytesIO(data), read_only=True, keep_links=False)
        reader.read()
        sheet = reader.wb.worksheets[0]
        sheet.reset_dimensions()
        width = 0
        # One row more than the limit is enough to see that there are too many.
        for row in sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS + 1):
            cells, faults = read_xlsx_row(row)
            while cells and cells[-1] == "" and len(cells) > width:
                cells.pop()
            width = width or len(cells)
            if len(cells) > MAX_COLUMNS:
                raise SheetRefused(f"The first sheet has more than {MAX_COLUMNS} columns.")
            # A spreadsheet leaves out empty cells at a row's end; the row is not short for that.
            yield cells + [""] * (width - len(cells)), faults
    except SheetRefused:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged part makes its code stumble over
        raise SheetRefused(
            f"The file is not a readable XLSX workbook ({type(error).__name__})."
            " Save it again as .xlsx, or as CSV UTF-8."
        ) from error


def check_archive(data: bytes) -> None:
    """Refuse what would unpack to more than the limit, and what is no workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > 10_000 or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise SheetRefused(f"The workbook unpacks to more than {MAX_UNPACKED // 2**20} MiB. Split it.")
            if "[Content_Types].xml" not in archive.namelist():
                raise SheetRefused("The file is a ZIP archive but not an XLSX workbook.")
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise SheetRefused("The file is damaged: it begins like an XLSX workbook but cannot be unpacked.") from error


def read_xlsx_row(row: Sequence[Any]) -> tuple[list[str], list[Fault]]:
    """Cells as text, formulas and error values as faults (whose row number the caller knows)."""
    cells: list[str] = []
    faults: list[Fault] = []
    for cell in row:
        value = cell.value
        if cell.data_type == "f":
            faults.append(Fault(0, cell.column_letter, "formula: paste its value as text", str(value)))
        elif cell.data_type == "e":
            faults.append(Fault(0, cell.column_letter, "error value of a spreadsheet", str(value)))
        cells.append(cell_text(value))
    return cells, faults


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
