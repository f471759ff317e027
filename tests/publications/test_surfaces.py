"""Page, CSV, XLSX, DOCX and JSON of one publication: the same figures and texts on each, in the same order."""

import csv
import io
import json

import docx
import openpyxl
import pytest
from lxml import html

from publications.actions import publish_results
from surveys.results import Base, compute_results
from tests.publications.conftest import ARABIC, CHINESE, FORMULA, file_of, words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("base", Base)
def test_page_csv_xlsx_docx_and_json_carry_the_same_figures(round_of_three, secretariat, anonymous_client, base):
    publish_results(results=compute_results(round_of_three.survey, base=base), words=words(), by=secretariat)
    content = json.loads(anonymous_client.get("/publications/1/1/publication.json").content)
    expected = [
        ((table["question"], row["recommendation"], row["code"], column), (cell["count"], cell["percent"], row["n"]))
        for table in content["results"]["tables"]
        for row in table["rows"]
        for column, cell in ((column, row["cells"][column]) for column in table["columns"])
    ]
    assert len(expected) == 3 * 6 + 5 + 4 + 2 + 3 * 2
    assert list(in_csv(anonymous_client).items()) == expected
    assert list(in_xlsx(anonymous_client, content).items()) == expected
    page = html.document_fromstring(anonymous_client.get("/publications/1/").content)
    shown = [read_html(table) for table in page.xpath("//div[@class='document']//table")]
    assert list(in_tables(shown, content).items()) == expected
    word = docx.Document(file_of(anonymous_client, "docx"))
    captions = [paragraph.text for paragraph in word.paragraphs if paragraph.text.startswith("Table ")]
    read = [[[cell.text for cell in row.cells] for row in table.rows] for table in word.tables]
    assert list(in_tables(list(zip(captions, read, strict=True)), content).items()) == expected


def in_csv(client):
    rows = csv.DictReader(io.StringIO(file_of(client, "csv").getvalue().decode()))
    return {
        (row["question"], row["recommendation"] or None, row["code"] or None, row["column"]): (
            int(row["count"]),
            int(row["percent"]) if row["percent"] else None,
            int(row["n"]),
        )
        for row in rows
    }


def in_xlsx(client, content):
    """Each sheet is read by its own header and first columns."""
    book = openpyxl.load_workbook(file_of(client, "xlsx"))
    assert book.sheetnames[0] == "Notes"
    found = {}
    for number, table in enumerate(content["results"]["tables"], start=1):
        labels = content["labels"][table["question"]]
        codes = {(row["recommendation"], row["label"]): row["code"] for row in table["rows"]}
        header, *lines = book[f"{number} {table['question']}"].iter_rows(values_only=True)
        for line in lines:
            cells = dict(zip(header, line, strict=True))
            recommendation = str(cells["Recommendation"]) if cells["Recommendation"] else None
            for column in table["columns"]:
                label = labels[column]
                place = table["question"], recommendation, codes[recommendation, cells["Label"]], column
                found[place] = cells[label], cells[f"{label} (%)"], cells["n"]
    return found


def read_html(table):
    """Its caption, and its rows as they are seen, the head first."""
    rows = [[cell.text_content().strip() for cell in row.xpath("th | td")] for row in table.xpath(".//tr")]
    return table.findtext("caption"), rows


def in_tables(tables, content):
    """What is printed in the tables of the questions, which follow that of the respondents, by their own words."""
    found = {}
    for (caption, (head, *rows)), table in zip(tables[1:], content["results"]["tables"], strict=False):
        labels = content["labels"][table["question"]]
        same_n = caption.partition("n = ")[2]
        columns = {label: column for column, label in labels.items()}
        codes = {row["label"]: row["code"] for row in table["rows"] if row["recommendation"] is None}
        for name, *cells in rows:
            if table["kind"] in {"choice", "text"}:
                # What is not asked for each Recommendation has its answers below each other.
                found[table["question"], None, None, columns[name]] = (*figures(cells[0]), int(same_n))
                continue
            recommendation = name.partition(".")[0] if name not in codes else None
            n = int(same_n or cells[-1])
            for label, cell in zip(head[1:], cells, strict=True):
                if label != "n":
                    place = table["question"], recommendation, codes.get(name), columns[label]
                    found[place] = (*figures(cell), n)
    return found


def figures(text):
    count, _space, percent = text.partition(" ")
    return int(count), None if percent == "(–)" else int(percent.strip("()%"))


def test_texts_of_people_are_no_formula_and_keep_their_script(published, anonymous_client):
    book = openpyxl.load_workbook(file_of(anonymous_client, "xlsx"))
    texts = [row[3] for row in book["Comments"].iter_rows(min_row=2, values_only=True)]
    assert {ARABIC, CHINESE, FORMULA} <= set(texts)
    assert [
        cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"
    ] == []
    word = docx.Document(file_of(anonymous_client, "docx"))
    in_word = {cell.text for table in word.tables for row in table.rows for cell in row.cells}
    assert {ARABIC, CHINESE, FORMULA} <= in_word
    page = anonymous_client.get("/publications/1/").content.decode()
    assert ARABIC in page
    assert CHINESE in page
