import datetime
import io
import subprocess
import sys
import zipfile

import openpyxl
import pytest
from django.conf import settings

from portal import archives
from portal.spreadsheets import reading
from portal.spreadsheets.reading import read_table
from portal.spreadsheets.tables import SheetRefused
from tests.factories.portal import MAIN, openpyxl_bytes, raw_row, raw_workbook, xlsxwriter_bytes

COLUMNS = ["code", "name", "note"]
HEADER = raw_row(1, *COLUMNS)
WRITERS = {"openpyxl": openpyxl_bytes, "xlsxwriter": xlsxwriter_bytes}


def read(data):
    return read_table(data, COLUMNS)


def lines(table):
    return [str(fault) for fault in table.faults]


def with_parts(data, **changed):
    """A copy of a workbook with parts replaced, `workbook` for xl/workbook.xml."""
    copy = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(copy, "w") as target:
        for part in source.infolist():
            target.writestr(part, changed.get(part.filename.rsplit("/")[-1].split(".")[0], source.read(part)))
    return copy.getvalue()


# Cells


@pytest.mark.parametrize("writer", WRITERS)
def test_texts_of_other_programs_are_read_as_they_are(writer):
    rows = [["NA", "Namibie é", "العربية"], ["NO", "挪威\nNoreg", ' "x", y '], ["'=1", "1,5", "x005F_"]]

    table = read(WRITERS[writer]([COLUMNS, *rows]))

    assert table.headers == COLUMNS
    assert table.rows == rows
    assert table.numbers == [2, 3, 4]
    assert table.faults == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"),
        (-7, "-7"),
        (7.0, "7"),
        (1.5, "1.5"),
        (2018, "2018"),
        (True, "1"),
        (False, "0"),
        (datetime.date(2025, 5, 2), "2025-05-02"),
        (datetime.datetime.fromisoformat("2025-05-02T00:00"), "2025-05-02"),
        (datetime.datetime.fromisoformat("2025-05-02T13:30"), "2025-05-02T13:30:00"),
        (datetime.time(13, 30), "13:30:00"),
        ("007", "007"),
        ("NO", "NO"),
        (None, ""),
    ],
)
def test_a_typed_cell_is_read_as_the_csv_would_have_it(value, text):
    table = read(openpyxl_bytes([COLUMNS, ["A", value, "C"]]))

    assert table.rows == [["A", text, "C"]]
    assert table.faults == []


def test_a_boolean_of_the_file_is_1_or_0():
    row = '<row r="2"><c r="A2" t="b"><v>1</v></c><c r="B2" t="b"><v>0</v></c><c r="C2"><v>0</v></c></row>'

    assert read(raw_workbook(HEADER + row)).rows == [["1", "0", "0"]]


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("a_x000D_b", "a\rb"),
        ("_x005F_x000D_", "_x000D_"),
        ("_x005F_", "_"),
        ("x005F_", "x005F_"),
        ("_x00g0_", "_x00g0_"),
        ("_x0009_=1", "\t=1"),
    ],
)
@pytest.mark.parametrize("place", ["in the cell", "shared"])
def test_escaped_characters_are_those_that_they_stand_for(stored, text, place):
    cell = f"<c t='inlineStr'><is><t>{stored}</t></is></c>" if place == "in the cell" else "<c t='s'><v>0</v></c>"
    data = raw_workbook(f"{HEADER}<row>{cell}</row>", shared_strings=f"<si><t>{stored}</t></si>")

    assert read(data).rows == [[text, "", ""]]


def test_a_text_in_several_formats_is_one_text():
    runs = "<r><t xml:space='preserve'>one </t></r><r><rPr><b/></rPr><t>two</t></r>"
    data = raw_workbook(f"{HEADER}<row><c t='s'><v>0</v></c></row>", shared_strings=f"<si>{runs}</si>")

    assert read(data).rows == [["one two", "", ""]]


# Rows


def test_a_spreadsheet_leaves_out_empty_cells_and_the_row_is_not_short():
    table = read(openpyxl_bytes([COLUMNS, ["A"], [None, "B"], ["A", None, "C"]]))

    assert table.rows == [["A", "", ""], ["", "B", ""], ["A", "", "C"]]
    assert table.faults == []


def test_empty_cells_beyond_the_last_column_make_no_row_long():
    blank = '<c r="D2" s="0"/><c r="E2" t="inlineStr"><is><t></t></is></c>'
    data = raw_workbook(HEADER + '<row r="2"><c r="A2"><v>1</v></c>' + blank + "</row>")

    assert read(data).rows == [["1", "", ""]]


def test_a_cell_beyond_the_last_column_makes_the_row_long():
    table = read(openpyxl_bytes([COLUMNS, ["A", "B", "C", None, "E"]]))

    assert lines(table) == ["row 2, column note: long row: 5 cells instead of 3 (,E)"]


def test_missing_and_empty_rows_keep_the_numbers_of_the_others():
    table = read(raw_workbook(HEADER + raw_row(4, "A", "B", "C") + '<row r="5"/>' + raw_row(6, "D", "E", "F")))

    assert table.rows == [["A", "B", "C"], ["D", "E", "F"]]
    assert table.numbers == [4, 6]


def test_the_first_sheet_counts():
    book = openpyxl.Workbook()
    book.active.append(COLUMNS)
    book.create_sheet("Second").append(["something", "else"])
    file = io.BytesIO()
    book.save(file)

    assert read(file.getvalue()).headers == COLUMNS


def test_the_size_that_a_sheet_claims_is_not_believed():
    data = raw_workbook(HEADER + raw_row(2, "A", "B", "C"))
    sheet = f'<worksheet xmlns="{MAIN}"><dimension ref="A1:A1"/><sheetData>{HEADER}{raw_row(2, "A", "B", "C")}'

    assert read(with_parts(data, sheet1=f"{sheet}</sheetData></worksheet>")).rows == [["A", "B", "C"]]


def test_header_faults_are_those_of_a_csv():
    table = read(openpyxl_bytes([["code", "Name", "code"], ["A", "B", "C"]]))

    assert lines(table) == [
        "row 1, column Name: unknown column (Name)",
        "row 1, column code: doubled column (code)",
        "row 1, column name: missing column ()",
        "row 1, column note: missing column ()",
    ]


# Formulas and errors


def test_formulas_and_errors_are_faults_of_their_column():
    table = read(openpyxl_bytes([COLUMNS, ["A", "=1+1", "C"], ["B", "fine", "#N/A"], ["C", "fine", "fine"]]))

    assert lines(table) == [
        "row 2, column name: formula: paste its value as text (=1+1)",
        "row 3, column note: error value of a spreadsheet (#N/A)",
    ]


def test_an_array_formula_is_shown_as_it_was_written():
    cell = '<c r="B2"><f t="array" ref="B2:B3">SUM(1,2)</f><v>3</v></c>'
    table = read(raw_workbook(f'{HEADER}<row r="2"><c r="A2"><v>1</v></c>{cell}</row>'))

    assert lines(table) == ["row 2, column name: formula: paste its value as text (=SUM(1,2))"]


def test_a_formula_in_the_header_is_a_fault_of_row_1():
    table = read(openpyxl_bytes([["code", "name", "=A1"], ["A", "B", "C"]]))

    assert lines(table) == [
        "row 1, column =A1: unknown column (=A1)",
        "row 1, column note: missing column ()",
    ]


@pytest.mark.filterwarnings("ignore:Cell B2 is marked as a date")
def test_a_date_outside_the_calendar_is_a_fault():
    book = openpyxl.Workbook()
    book.active.append(COLUMNS)
    book.active.append(["A", 10**9])
    book.active["B2"].number_format = "yyyy-mm-dd"
    file = io.BytesIO()
    book.save(file)

    assert lines(read(file.getvalue())) == ["row 2, column name: error value of a spreadsheet (#VALUE!)"]


def test_what_excel_adds_below_the_rows_does_not_disturb():
    extension = '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"/></extLst>'

    assert read(raw_workbook(HEADER + raw_row(2, "A", "B", "C"), after_rows=extension)).rows == [["A", "B", "C"]]


# Limits and hostile files


def refusal(data):
    with pytest.raises(SheetRefused) as refused:
        read(data)
    return str(refused.value)


def test_a_workbook_beyond_the_rows_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    row = ["A", "B", "C"]
    assert len(read(openpyxl_bytes([COLUMNS, row, row, row])).rows) == 3

    assert "more than 3 rows" in refusal(openpyxl_bytes([COLUMNS, row, row, row, row]))


def test_a_huge_row_index_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "MAX_ROWS", 3)

    assert "more than 3 rows" in refusal(raw_workbook(HEADER + raw_row(10**12, "A", "B", "C")))


def test_a_workbook_beyond_the_columns_is_refused():
    assert "200 columns" in refusal(openpyxl_bytes([[*COLUMNS, *map(str, range(198))]]))


@pytest.mark.parametrize("column", ["GS", "KN", "XFD"])
def test_a_cell_far_to_the_right_is_not_lost_in_silence(column):
    row = f'<row r="2"><c r="A2"><v>1</v></c><c r="{column}2"><v>5</v></c></row>'

    assert refusal(raw_workbook(HEADER + row)) == "The first sheet has more than 200 columns."


def test_a_column_that_no_sheet_has_is_refused():
    assert "not a readable XLSX workbook" in refusal(
        raw_workbook(f'{HEADER}<row r="2"><c r="ZZZZ2"><v>5</v></c></row>')
    )


def test_a_workbook_that_unpacks_beyond_the_limit_is_refused_before_it_is_unpacked(monkeypatch):
    data = raw_workbook(HEADER + raw_row(2, "A", " " * 10_000, "C"))
    assert len(data) < 5_000
    monkeypatch.setattr(archives, "MAX_UNPACKED", 10_000)

    assert refusal(data).startswith("The workbook unpacks to more than")


def test_a_zip_bomb_of_the_real_limit_is_refused():
    bomb = raw_workbook(HEADER, shared_strings="<si><t>" + "0" * archives.MAX_UNPACKED + "</t></si>")
    assert len(bomb) < reading.MAX_FILE / 10

    assert refusal(bomb) == "The workbook unpacks to more than 150 MiB. Split it."


def test_a_workbook_of_too_many_parts_is_refused():
    file = io.BytesIO(raw_workbook(HEADER))
    with zipfile.ZipFile(file, "a") as archive:
        for number in range(10_001):
            archive.writestr(f"xl/{number}", b"")

    assert refusal(file.getvalue()) == "The file has more than 10000 parts."


def test_a_damaged_zip_is_refused():
    data = openpyxl_bytes([COLUMNS, ["A", "B", "C"]])

    assert refusal(data[: len(data) // 2]).startswith("The file is damaged")


def test_a_damaged_part_is_refused():
    assert "not a readable XLSX workbook" in refusal(with_parts(raw_workbook(HEADER), sheet1=b"<worksheet><sheetData>"))


def test_another_zip_archive_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "hello")

    assert refusal(file.getvalue()) == "The file is a ZIP archive but not an XLSX workbook."


def test_an_empty_sheet_is_refused():
    assert refusal(openpyxl_bytes([])) == "The file is empty: its first row must name the columns code, name, note."


NO_DOCTYPE = "The workbook holds a document type declaration, which no workbook needs."
ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "boom"}">' for n in range(10))


@pytest.mark.parametrize(
    "prolog",
    [f"<!DOCTYPE worksheet [{ENTITIES}]>", '<!DOCTYPE worksheet [<!ENTITY e9 SYSTEM "file:///etc/passwd">]>'],
    ids=["bomb", "file"],
)
def test_entities_are_refused_not_resolved(prolog):
    data = raw_workbook(HEADER + raw_row(2, "&e9;", "B", "C"), prolog=prolog)

    assert refusal(data) == NO_DOCTYPE


def test_entities_among_the_shared_strings_are_refused():
    data = raw_workbook(HEADER + "<row><c t='s'><v>0</v></c></row>")
    strings = f'<!DOCTYPE sst [{ENTITIES}]><sst xmlns="{MAIN}"><si><t>&e9;</t></si></sst>'

    assert refusal(with_parts(data, sharedStrings=strings)) == NO_DOCTYPE


HUNGRY = {
    "cells": lambda: raw_workbook(HEADER + "<row>" + "<c/>" * 30_000_000 + "</row>"),
    "rows": lambda: raw_workbook(HEADER + '<row r="2"/>' * 10_000_000),
    "strings": lambda: raw_workbook(HEADER, shared_strings="<si/>" * 25_000_000),
    "renamed": lambda: raw_workbook(HEADER + "<row>" + "<c/>" * 30_000_000 + "</row>", sheet="worksheets/sheet1.dat"),
}
READ_WITHIN_LIMITS = """
import resource, sys, django
django.setup()
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
from portal.spreadsheets.reading import read_table
from portal.spreadsheets.tables import SheetRefused
try:
    read_table(sys.stdin.buffer.read(), ["code", "name", "note"])
except SheetRefused as refused:
    print(refused.__cause__ is None)
"""


@pytest.mark.parametrize("kind", HUNGRY)
def test_a_small_file_of_many_elements_is_refused_before_it_takes_memory_or_minutes(kind):
    data = HUNGRY[kind]()
    assert len(data) < reading.MAX_FILE / 10

    done = subprocess.run(
        [sys.executable, "-c", READ_WITHIN_LIMITS],
        cwd=settings.BASE_DIR,
        input=data,
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, b"True\n")
