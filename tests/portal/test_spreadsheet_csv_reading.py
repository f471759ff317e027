import pytest

from portal.spreadsheets import reading
from portal.spreadsheets.reading import read_table
from portal.spreadsheets.tables import SheetRefused

COLUMNS = ["code", "name", "note"]


def read(data):
    return read_table(data.encode() if isinstance(data, str) else data, COLUMNS)


def lines(table):
    return [str(fault) for fault in table.faults]


# Encodings, delimiters, line ends


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_accepted_form_of_csv_gives_the_same_table(mark, line_end, delimiter):
    rows = [["code", "name", "note"], ["NA", "Namibie é", ""], ["NO", "挪威", "x"]]
    text = mark + line_end.join(delimiter.join(row) for row in rows) + line_end

    table = read(text)

    assert table.headers == COLUMNS
    assert table.rows == rows[1:]
    assert table.numbers == [2, 3]
    assert table.faults == []


def test_the_other_delimiters_are_text():
    table = read('code;name;note\nA,B;"C;D";E\tF\n')

    assert table.rows == [["A,B", "C;D", "E\tF"]]


def test_the_delimiter_is_the_one_that_names_columns_not_the_most_frequent_one():
    table = read('code,name;;;;,note\n"A",B,C\n')

    assert lines(table) == [
        "row 1, column name;;;;: unknown column (name;;;;)",
        "row 1, column name: missing column ()",
    ]


def test_a_last_line_needs_no_end():
    assert read("code,name,note\nA,B,C").rows == [["A", "B", "C"]]


def test_quotes_hold_line_breaks_delimiters_and_doubled_quotes():
    table = read('code,name,note\r\n"A","one\r\ntwo\nthree","say ""hi"", twice"\r\n')

    assert table.rows == [["A", "one\r\ntwo\nthree", 'say "hi", twice']]


def test_spaces_in_cells_stay():
    assert read("code,name,note\n A , B,  \n").rows == [[" A ", " B", "  "]]


def test_a_cell_may_be_longer_than_the_csv_module_expects():
    assert read(f"code,name,note\nA,{'x' * 200_000},C\n").rows == [["A", "x" * 200_000, "C"]]


# Row numbers


def test_rows_are_numbered_as_a_spreadsheet_counts():
    table = read('code,name,note\nA,"1\n2\n3",\n\nB,,\n,,\n\nC,,\n')

    assert table.rows == [["A", "1\n2\n3", ""], ["B", "", ""], ["C", "", ""]]
    assert table.numbers == [2, 4, 7]


def test_faulty_rows_are_left_out_and_the_numbers_of_the_others_stay():
    table = read("code,name,note\nA\nB,,\nC,,,\nD,,\n")

    assert table.numbers == [3, 5]
    assert [fault.row for fault in table.faults] == [2, 4]


# The mark of protection


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("'=1+1", "=1+1"),
        ("''quoted'", "'quoted'"),
        ("'''", "''"),
        ("'plain", "plain"),
        ("'", ""),
        ("it's", "it's"),
        ("=1+1", "=1+1"),
        (" '=1", " '=1"),
        ('"\'\tx"', "\tx"),
    ],
)
def test_exactly_one_mark_is_taken_from_the_start_of_a_cell(cell, text):
    assert read(f"code,name,note\nA,{cell},C\n").rows == [["A", text, "C"]]


# Headers


def test_columns_may_stand_in_any_order_with_spaces_around():
    table = read(' note ,"code", name\n1,2,3\n')

    assert table.headers == ["note", "code", "name"]
    assert table.rows == [["1", "2", "3"]]


def test_every_fault_of_a_header_is_named_and_no_row_is_read():
    table = read("code,Name,code,,extra\nA,B,C,D,E\nshort\n")

    assert lines(table) == [
        "row 1, column Name: unknown column (Name)",
        "row 1, column code: doubled column (code)",
        "row 1, column (blank): unknown column ()",
        "row 1, column extra: unknown column (extra)",
        "row 1, column name: missing column ()",
        "row 1, column note: missing column ()",
    ]
    assert table.rows == []


def test_a_column_doubled_twice_is_named_twice():
    assert lines(read("code,name,note,code,code\n")) == ["row 1, column code: doubled column (code)"] * 2


def test_a_fault_stands_on_one_line_whatever_the_header_holds():
    table = read('code,name,note,"a\nrow 9, column b: made up\x1b[2J"\n')

    assert lines(table) == [
        "row 1, column a row 9, column b: made up\ufffd[2J: unknown column (a row 9, column b: made up\ufffd[2J)"
    ]


def test_a_header_alone_is_a_table_without_rows():
    table = read("code,name,note\n")

    assert (table.rows, table.faults) == ([], [])


# Row lengths


def test_short_and_long_rows_are_named_with_what_is_there():
    table = read("code,name,note\nA\nA,B,C,D,E\nA,B\n \nA,B,C,\n")

    assert lines(table) == [
        "row 2, column name: short row: 1 cells instead of 3 (A)",
        "row 3, column note: long row: 5 cells instead of 3 (D,E)",
        "row 4, column note: short row: 2 cells instead of 3 (A,B)",
        "row 5, column name: short row: 1 cells instead of 3 ( )",
        "row 6, column note: long row: 4 cells instead of 3 ()",
    ]
    assert table.rows == []


# What is no table


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n\n", b",,\n", b'"",""\r\n'])
def test_an_empty_file_is_refused(data):
    with pytest.raises(SheetRefused) as refused:
        read(data)

    assert str(refused.value) == "The file is empty: its first row must name the columns code, name, note."


@pytest.mark.parametrize(
    ("data", "line", "byte"),
    [
        ("code,name,note\nA,Müller,\n".encode("latin-1"), 2, "0xFC"),
        ("code,name,note\n".encode("utf-16"), 1, "0xFF"),
        (b"\xfe\xff" + "code,name,note\n".encode("utf-16-be"), 1, "0xFE"),
        (b"code,name,note\n\n\nA,\xe2\x82\n", 4, "0xE2"),
    ],
    ids=["latin-1", "utf-16-le", "utf-16-be", "cut-off"],
)
def test_a_file_that_is_not_utf_8_is_refused_with_the_place(data, line, byte):
    with pytest.raises(SheetRefused) as refused:
        read(data)

    assert str(refused.value) == f"The file is not UTF-8 (line {line} holds the byte {byte}). Save it as CSV UTF-8."


def test_utf_16_without_a_mark_has_no_known_column():
    table = read("code,name,note\nA,B,C\n".encode("utf-16-le"))

    assert table.rows == []
    assert [fault.reason for fault in table.faults if fault.column in COLUMNS] == ["missing column"] * 3


@pytest.mark.parametrize(("data", "line"), [('code,name,note\nA,"B,C\nD,E,F\n', 3), ('code,name,note\nA,"B"x,C\n', 2)])
def test_a_broken_quotation_is_refused_with_the_place(data, line):
    with pytest.raises(SheetRefused) as refused:
        read(data)

    assert str(refused.value).startswith(f"Line {line} is not valid CSV (")
    assert str(refused.value).endswith("Is a quotation mark missing or not doubled?")


# Limits


def test_a_file_beyond_the_size_is_refused(monkeypatch):
    data = b"code,name,note\nA,B,C\n"
    monkeypatch.setattr(reading, "MAX_FILE", len(data))
    assert len(read(data).rows) == 1

    with pytest.raises(SheetRefused, match="Split it"):
        read(data + b" ")


def test_a_file_with_too_many_rows_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    assert len(read("code,name,note\n" + "A,B,C\n" * 3).rows) == 3

    with pytest.raises(SheetRefused) as refused:
        read("code,name,note\n" + "A,B,C\n" * 4)
    assert str(refused.value) == "The file has more than 3 rows. Split it."


def test_empty_rows_count_towards_the_limit(monkeypatch):
    monkeypatch.setattr(reading, "MAX_ROWS", 3)

    with pytest.raises(SheetRefused, match="more than 3 rows"):
        read("code,name,note\n" + "\n" * 4)


def test_the_limits_are_large_enough_for_the_rounds_we_know_of():
    assert reading.MAX_FILE >= 20 * 2**20
    assert reading.MAX_ROWS >= 100_000
