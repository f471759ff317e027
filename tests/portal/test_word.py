"""Documents: plain data that is written as DOCX and comes back from JSON unchanged."""

import io
import json
import time
import zipfile

import docx
import pytest
from docx.oxml.ns import qn

from portal.word.blocks import Chart, Document, Entry, Heading, Paragraph, Table, document_from
from portal.word.charts import draw, height, legible, letters
from portal.word.markup import clean, reads_leftwards
from portal.word.writing import write_docx

CHART = Chart("Answers", ("1", "2"), (("yes", (3, 0)), ("no", (1, 4))), description="Four offices answered")
TABLE = Table("Answers", ("Question", "yes", "no"), (("1", "3", "1"), ("2", "0", "4")), figures=(1, 2))
ENTRY = Entry((("Recommendation 6", "Do it.", ""), ("Acceptance", "Accepted", "Previously “in progress”")))
WHOLE = Document(
    title="A report",
    subtitle="As at a day",
    language="fr",
    head="A/1/2",
    foot="Draft",
    blocks=(
        Paragraph("An overview.", number=1),
        Paragraph("To note it;", number=2, emphasis=True),
        Heading("Annex I", 1, starts_page=True),
        CHART,
        TABLE,
        ENTRY,
    ),
)


def written(*blocks, **frame):
    file = io.BytesIO()
    write_docx(Document(blocks=blocks, **{"title": "", **frame}), file)
    return docx.Document(io.BytesIO(file.getvalue()))


def test_a_document_comes_back_from_json_the_same():
    assert document_from(json.loads(json.dumps(WHOLE.as_json()))) == WHOLE


def test_all_texts_of_a_document_are_found():
    texts = set(WHOLE.texts())
    assert {"Annex I", "Previously “in progress”", "yes", "Four offices answered", "To note it;"} <= texts


def test_headings_and_numbers_are_styles_of_word():
    word = written(*WHOLE.blocks)

    assert [(p.text, p.style.name) for p in word.paragraphs if p.text] == [
        ("An overview.", "Numbered"),
        ("To note it;", "Sub-item"),
        ("Annex I", "Heading 1"),
        ("Answers", "Caption"),
        ("Answers", "Caption"),
    ]
    assert [word.styles[name].element.pPr.numPr.ilvl.val for name in ("Numbered", "Sub-item")] == [0, 1]
    assert word.styles["Numbered"].element.pPr.numPr.numId.val == word.styles["Sub-item"].element.pPr.numPr.numId.val


def test_a_table_repeats_its_head_and_breaks_in_no_row():
    table = written(TABLE).tables[0]

    assert [[cell.text for cell in row.cells] for row in table.rows] == [list(TABLE.columns), *map(list, TABLE.rows)]
    properties = [row._tr.trPr for row in table.rows]
    assert [found.find(qn("w:tblHeader")) is not None for found in properties] == [True, False, False]
    assert [found.find(qn("w:cantSplit")) is not None for found in properties] == [True, True, True]


def test_an_entry_stays_together_and_a_text_without_a_note_takes_both_columns():
    table = written(ENTRY).tables[0]

    assert [[cell._tc.grid_span for cell in row.cells] for row in table.rows] == [[1, 2, 2], [1, 1, 1]]
    first, last = ({p.paragraph_format.keep_with_next for c in row.cells for p in c.paragraphs} for row in table.rows)
    assert (first, last) == ({True}, {None})


def test_a_note_takes_the_row_below_too():
    table = written(
        Entry((("Acceptance", "Accepted", "New"), ("Implementation", "Done", ""), ("Officer", "X", "")))
    ).tables[0]

    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Acceptance", "Accepted", "New"],
        ["Implementation", "Done", "New"],
        ["Officer", "X", "X"],
    ]


def test_a_picture_says_in_words_what_it_shows_and_stays_with_its_table():
    word = written(CHART, TABLE)

    (names,) = word.element.body.iter(qn("wp:docPr"))
    assert names.get("descr") == "Four offices answered"
    picture = next(p for p in word.paragraphs if p.style.name == "Picture")
    assert picture.style.paragraph_format.keep_with_next is True


def test_language_and_page_numbers_are_set():
    file = io.BytesIO()
    write_docx(WHOLE, file)
    word = docx.Document(io.BytesIO(file.getvalue()))

    assert word.core_properties.language == "fr-FR"
    assert next(lang.get(qn("w:val")) for lang in word.styles.element.iter(qn("w:lang"))) == "fr-FR"
    foot = zipfile.ZipFile(file).read("word/footer1.xml").decode()
    assert [part for part in ('w:instr="PAGE"', 'w:instr="NUMPAGES"', "Draft") if part not in foot] == []


@pytest.mark.parametrize(
    ("text", "expected"), [("مرحبا", True), ("(١) שלום", True), ("中文", False), ("WIPO مرحبا", False), ("12 %", False)]
)
def test_text_that_reads_leftwards_is_set_so(text, expected):
    assert reads_leftwards(text) is expected
    paragraph = written(Paragraph(text)).paragraphs[0]
    assert (paragraph._p.pPr.find(qn("w:bidi")) is not None) is expected
    assert paragraph.text == text


def test_what_a_file_of_xml_cannot_hold_leaves_a_mark():
    assert clean("a\x00b\x1fc\ud800\ufffed\r\ne\tf") == "a\ufffdb\ufffdc\ufffd\ufffdd\ne\tf"
    assert written(Paragraph("a\x00b")).paragraphs[0].text == "a\ufffdb"


def test_text_of_people_stays_text():
    nasty = "=1+1 <w:p/> &amp; { HYPERLINK x }"
    word = written(Paragraph(nasty), Table("=cmd", ("@a",), (("+1",),)), title="-2")

    assert [p.text for p in word.paragraphs if p.text] == ["-2", nasty, "=cmd"]
    assert not list(word.element.body.iter(qn("w:fldSimple"), qn("w:instrText")))


def test_whoever_waits_is_told_how_far_it_is():
    seen = []
    write_docx(WHOLE, io.BytesIO(), lambda done, of: seen.append((done, of)))
    assert seen == [(number, 6) for number in range(1, 7)]


# Widths


def widths_of(table):
    return [int(width.get(qn("w:w"))) for width in written(table).tables[0]._tbl.iter(qn("w:gridCol"))]


def test_no_word_of_a_cell_is_broken_while_there_is_room():
    table = Table("T", ("", "Under consideration", "n"), (("x", "1 (5%)", "21"),), figures=(1, 2), widths=(8, 1, 1))
    assert widths_of(table) == [6549, 13 * 116 + 160, 854]


def test_a_figure_is_one_word_and_a_long_word_takes_a_third_at_most():
    figure = Table("T", ("", "n"), (("x", "10000 (100%)"),), figures=(1,), widths=(20, 1))
    assert widths_of(figure)[1] == 12 * 108 + 160
    word = Table("T", ("", "b"), (("x", "y" * 400),), widths=(20, 1))
    assert widths_of(word)[1] == 9070 // 3


def test_columns_that_are_all_too_narrow_keep_their_proportions():
    many = Table("T", tuple("w" * 30 for _column in range(9)), (("x",) * 9,))
    assert widths_of(many) == [9070 // 9] * 9


def test_a_long_text_may_go_on_over_the_page():
    word = written(Table("T", ("a",), (("short",), ("long " * 200,))), Entry((("a", "long " * 200, ""),)))
    rows = [row._tr for table in word.tables for row in table.rows]
    assert [row.trPr.find(qn("w:cantSplit")) is not None for row in rows] == [True, True, False, False]


# The file


def test_the_same_document_gives_the_same_bytes(monkeypatch):
    """Whenever it is made: python-docx notes the time of day at each part."""
    files = []
    for moment in (1_600_000_000, 1_700_000_000):
        monkeypatch.setattr(time, "time", lambda moment=moment: moment)
        file = io.BytesIO()
        write_docx(WHOLE, file)
        files.append(file.getvalue())
    assert files[0] == files[1]


def test_ten_thousand_rows_take_no_longer_than_they_must():
    """Each row costs the same: moved into a tree one by one, they took minutes."""

    def seconds(rows: int) -> float:
        start = time.process_time()
        written(Table("T", ("a", "b", "c"), tuple((str(row), "x", "some words") for row in range(rows))))
        return time.process_time() - start

    seconds(100)
    assert seconds(8_000) < 16 * seconds(2_000)


# Pictures

HOSTILE = ("Costs $5 and $\\frac{ broken", "_hidden", "نحن نعمل", "我们正在努力", "A long name " * 12, "x\x00y\nz", "")


def test_names_beside_bars_are_no_formulas_and_legible_in_any_script():
    assert [legible(name, number) for number, name in enumerate(HOSTILE, 1)] == [
        "Costs $5 and $\\frac{ broken",
        "_hidden",
        "(3)",
        "(4)",
        "A long name A long name A long\nname A long name A long name A …",
        "x\ufffdy z",
        "",
    ]
    counts = tuple(range(len(HOSTILE)))
    for chart in (
        Chart("T", HOSTILE, (("offices", counts),), horizontal=True),
        Chart("T", ("1",), tuple((name, (1,)) for name in HOSTILE), horizontal=True),
        Chart("T", HOSTILE, (("offices", counts),)),
    ):
        assert draw(chart).startswith(b"\x89PNG")


def test_a_picture_fits_on_a_page():
    tall = Chart("T", tuple(map(str, range(200))), (("a", (1,) * 200),), horizontal=True)
    assert (height(tall), height(CHART)) == (6.4, 2.3)
    assert letters(tall) < letters(CHART) == 10


def test_a_chart_without_bars_is_no_fault():
    assert draw(Chart("T", (), (("a", ()),), horizontal=True)).startswith(b"\x89PNG")
