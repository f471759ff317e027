"""Files of the spreadsheet contract, and their import, in a line each."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence

import openpyxl
import xlsxwriter

from portal.models import AuditEntry
from portal.spreadsheets.importing import Outcome, import_file
from portal.spreadsheets.kinds import resource_for
from portal.spreadsheets.writing import csv_lines, write_xlsx

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SPREADSHEETML = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def load(kind: str, data: str | bytes, *, filename: str = "file.csv", **options: object) -> Outcome:
    """Import a file as the command line would."""
    content = data.encode() if isinstance(data, str) else data
    return import_file(kind, content, filename=filename, **{"by": None, "path": AuditEntry.Path.COMMAND, **options})


def counts(outcome: Outcome) -> tuple[int, int, int, int]:
    """Added, changed, unchanged, removed; an outcome with faults has none of them."""
    assert fault_lines(outcome) == []
    return (outcome.added, outcome.changed, outcome.unchanged, outcome.removed)


def fault_lines(outcome: Outcome) -> list[str]:
    return [str(fault) for fault in outcome.faults]


def exported(kind: str) -> list[list[str | int]]:
    return list(resource_for(kind)().export_rows())


def export_csv(kind: str) -> bytes:
    return "".join(csv_lines(resource_for(kind).column_names(), exported(kind))).encode()


def export_xlsx(kind: str) -> bytes:
    file = io.BytesIO()
    write_xlsx(file, resource_for(kind).column_names(), exported(kind))
    return file.getvalue()


EXPORTS = {"csv": export_csv, "xlsx": export_xlsx}


def csv_bytes(rows: Iterable[Sequence[object]], delimiter: str = ",") -> bytes:
    """A CSV file as a program writes it that knows nothing of the contract."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue().encode()


def protected_csv_bytes(rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file that protects its texts as the contract says."""
    lead = tuple("=+-@\t\r'")
    return csv_bytes([["'" + cell if str(cell).startswith(lead) else cell for cell in row] for row in rows])


def openpyxl_bytes(rows: Iterable[Sequence[object]]) -> bytes:
    """A workbook with shared strings; cells get the type of their value, `=...` that of a formula."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    return saved(book)


def openpyxl_text_bytes(rows: Iterable[Sequence[object]]) -> bytes:
    """A workbook with shared strings in which text is text, escaped as Excel does it."""
    book = openpyxl.Workbook()
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = book.active.cell(number, column)
            if isinstance(value, str):
                cell.value = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", value).replace("\r", "_x000D_")
                cell.data_type = "s" if value else "n"
            else:
                cell.value = value
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def xlsxwriter_bytes(rows: Iterable[Sequence[object]]) -> bytes:
    """A workbook of xlsxwriter's, in which all strings stay strings."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def raw_workbook(
    rows: str,
    *,
    prolog: str = "",
    shared_strings: str = "",
    after_rows: str = "",
    sheet: str = "worksheets/sheet1.xml",
) -> bytes:
    """A workbook around the given XML of its rows, for what no program writes."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SPREADSHEETML}.sheet.main+xml"/>'
        f'<Override PartName="/xl/{sheet}" ContentType="{SPREADSHEETML}.worksheet+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{SPREADSHEETML}.sharedStrings+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE_DOCUMENT}"><sheets>'
        '<sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE_DOCUMENT}/worksheet" Target="{sheet}"/></Relationships>',
        f"xl/{sheet}": f'{prolog}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after_rows}</worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared_strings}</sst>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def raw_row(number: int, *texts: str) -> str:
    """The XML of a row of texts, from column A."""
    cells = "".join(
        f'<c r="{chr(65 + place)}{number}" t="inlineStr"><is><t>{text}</t></is></c>' for place, text in enumerate(texts)
    )
    return f'<row r="{number}">{cells}</row>'
