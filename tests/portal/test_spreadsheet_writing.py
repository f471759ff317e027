import csv
import io
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.spreadsheets.reading import read_table
from portal.spreadsheets.writing import LIVE, XLSX_CELL_LIMIT, CellTooLong, csv_lines, protect, write_xlsx
from portal.text import UNSTORABLE

HEADERS = ["code", "name", "note"]
LEADS = ["=", "+", "-", "@", "\t", "\r", "'"]


def csv_file(rows):
    return "".join(csv_lines(HEADERS, rows)).encode()


def xlsx_file(rows):
    file = io.BytesIO()
    write_xlsx(file, HEADERS, rows)
    return file.getvalue()


def sheet_cells(data):
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [[(cell.data_type, cell.value) for cell in row] for row in book.active.iter_rows()]


# CSV


def test_csv_is_comma_separated_utf_8_without_a_mark():
    lines = list(csv_lines(HEADERS, [["NA", "挪威", 7], ["B", 'say "hi"', None], ["C", "one\ntwo", "x,y"]]))

    assert lines == [
        "code,name,note\r\n",
        "NA,挪威,7\r\n",
        'B,"say ""hi""",\r\n',
        'C,"one\ntwo","x,y"\r\n',
    ]
    assert csv_file([]) == b"code,name,note\r\n"


def test_the_lead_characters_are_those_of_the_contract():
    assert sorted(LIVE) == sorted(LEADS)


@pytest.mark.parametrize("lead", LEADS)
@pytest.mark.parametrize("rest", ["", "1+1", 'cmd|"/c calc"!A1', "=x", "'x"])
def test_a_text_that_a_spreadsheet_would_run_gets_one_mark(lead, rest):
    written = io.StringIO(csv_file([[lead + rest, "b", "c"]]).decode(), newline="")

    assert list(csv.reader(written)) == [HEADERS, [f"'{lead}{rest}", "b", "c"]]


@pytest.mark.parametrize("text", ["", "1-1", "a=b", " =1", "\n=1", "x@example.org", "NA"])
def test_other_texts_get_no_mark(text):
    assert protect(text) == text


def test_numbers_are_no_text_and_get_no_mark():
    assert list(csv_lines(HEADERS, [[-1, 0, 12]]))[1] == "-1,0,12\r\n"


def test_csv_lines_are_made_one_at_a_time():
    asked = []

    def rows():
        for number in range(3):
            asked.append(number)
            yield [number, "", ""]

    lines = csv_lines(HEADERS, rows())

    assert asked == []
    assert next(lines) == "code,name,note\r\n"
    assert asked == []
    assert next(lines) == "0,,\r\n"
    assert asked == [0]


def test_csv_holds_a_cell_that_is_too_long_for_a_spreadsheet_cell():
    text = "x" * (XLSX_CELL_LIMIT + 1)

    assert read_table(csv_file([["A", text, ""]]), HEADERS).rows == [["A", text, ""]]


# XLSX


@pytest.mark.parametrize("text", [*(lead + "1+1" for lead in LEADS if lead != "\r"), "=", "007", "1e5", "TRUE", "NO"])
def test_text_stays_text_in_a_workbook(text):
    assert sheet_cells(xlsx_file([["A", text, "C"]]))[1] == [("s", "A"), ("s", text), ("s", "C")]


@pytest.mark.parametrize("text", ["https://example.org/", "internal:Sheet1!A1", "mailto:a@example.org", "{=1+1}"])
def test_nothing_in_a_workbook_becomes_a_link_or_a_formula(text):
    data = xlsx_file([["A", text, "C"]])

    assert sheet_cells(data)[1][1] == ("s", text)
    sheet = ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"<hyperlink" not in sheet


def test_numbers_stay_numbers_and_blanks_stay_blank():
    assert sheet_cells(xlsx_file([[7, "", None], [0, -3, "x"]]))[1:] == [
        [("n", 7), ("n", None), ("n", None)],
        [("n", 0), ("n", -3), ("s", "x")],
    ]


def test_the_sheet_has_its_header_and_title():
    file = io.BytesIO()
    write_xlsx(file, HEADERS, [], title="offices")

    book = openpyxl.load_workbook(io.BytesIO(file.getvalue()))

    assert book.sheetnames == ["offices"]
    assert [[cell.value for cell in row] for row in book["offices"].iter_rows()] == [HEADERS]
    assert book["offices"].freeze_panes == "A2"


@pytest.mark.parametrize("text", ["x" * XLSX_CELL_LIMIT, "\U0001f600" * (XLSX_CELL_LIMIT // 2)], ids=["latin", "emoji"])
def test_the_longest_text_of_a_cell_is_written_whole(text):
    assert read_table(xlsx_file([["A", text, "C"]]), HEADERS).rows == [["A", text, "C"]]


@pytest.mark.parametrize(
    ("text", "length"),
    [("x" * (XLSX_CELL_LIMIT + 1), "32768"), ("\U0001f600" * (XLSX_CELL_LIMIT // 2 + 1), "16384")],
    ids=["latin", "emoji"],
)
def test_a_text_that_no_cell_holds_is_refused_by_name(text, length):
    with pytest.raises(CellTooLong) as refused:
        xlsx_file([["A", "B", "C"], ["A", text, "C"]])

    assert str(refused.value).startswith(f"row 3, column name: {length} characters")
    assert str(refused.value).endswith("export as CSV instead")


# What is written is read back


storable = st.text(st.characters(exclude_categories=["Cs"]), max_size=80).filter(
    lambda text: not UNSTORABLE.search(text)
)
# What quoting, escaping and protection act on, more often than chance would have it.
awkward = st.text(st.sampled_from("=+-@\t\r\n' \",;_x005F0D\ufeff\u2028\u202eéé中ع\U0001f600"), max_size=20)
rows_of_texts = st.lists(
    st.tuples(st.just("A"), storable | awkward, awkward | storable).map(list), min_size=1, max_size=5
)


@given(rows_of_texts)
@example([["A", "'", "''=1"]])
@example([["A", "_x000D_", "_x005F_x000D_"]])
@example([["A", "\r", "\r\n\r"]])
@example([["A", "\ufeff", "x005F_"]])
def test_every_text_survives_csv(rows):
    table = read_table(csv_file(rows), HEADERS)

    assert table.rows == rows
    assert table.faults == []


@given(rows_of_texts)
@example([["A", "'", "''=1"]])
@example([["A", "_x000D_", "_x005F_x000D_"]])
@example([["A", "\r", "\r\n\r"]])
@example([["A", "\t x ", "x005F_"]])
def test_every_text_survives_xlsx(rows):
    table = read_table(xlsx_file(rows), HEADERS)

    assert table.rows == rows
    assert table.faults == []
