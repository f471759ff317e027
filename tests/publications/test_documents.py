"""The files of a publication: what stands before the document, long texts, and what files say of themselves."""

import io
import zipfile

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn

from portal.spreadsheets.writing import XLSX_CELL_LIMIT
from portal.word.blocks import document_from
from portal.word.charts import draw
from publications.actions import decide_comments, publish_results
from publications.documents import MOST_IN_CELL, content_of, in_parts, lines_of
from publications.models import Publication
from publications.verification import verify
from surveys.models import Answer
from surveys.results import compute_results
from tests.publications.conftest import file_of, words

pytestmark = pytest.mark.django_db


def units(text: str) -> int:
    """UTF-16 units, which spreadsheet programs count."""
    return len(text.encode("utf-16-le")) // 2


class TestImprint:
    def first_words(self, client, address: str) -> list[str]:
        """What stands before the first heading, but the title."""
        paragraphs = docx.Document(file_of(client, "docx", address)).paragraphs
        before = paragraphs[: next(n for n, p in enumerate(paragraphs) if p.style.name == "Heading 1")]
        return [paragraph.text for paragraph in before if paragraph.style.name == "Note"]

    def test_a_first_version_says_which_it_is_and_how_to_check_it(self, published, anonymous_client):
        day = published.published_at.strftime("%-d %B %Y")
        assert self.first_words(anonymous_client, "/publications/1/1") == [
            f"Publication 1, version 1, {day}.",
            f"SHA-256 of the JSON file: {published.sha256}",
        ]

    def test_one_that_appeared_although_something_was_open_says_why(self, results, secretariat, anonymous_client):
        publish_results(results=results, words=words("Comments\nlater."), by=secretariat)
        assert "Reason: Comments\nlater." in self.first_words(anonymous_client, "/publications/1/1")

    def test_a_correction_says_what_it_replaces_and_why(self, published, results, secretariat, anonymous_client):
        second = publish_results(results=results, words=words("A slip."), corrects=published, by=secretariat)
        publish_results(results=results, words=words("Again."), corrects=second, by=secretariat)
        first, reason, sha256 = self.first_words(anonymous_client, "/publications/1/2")
        assert first.endswith(". It replaces version 1.")
        assert (reason, sha256) == ("Reason: A slip.", f"SHA-256 of the JSON file: {second.sha256}")
        assert self.first_words(anonymous_client, "/publications/1/3")[0].endswith(". It replaces version 2.")

        page = anonymous_client.get("/publications/1/3/").content.decode()
        assert '<a href="/publications/1/2/">version 2</a>' in page
        notes = openpyxl.load_workbook(file_of(anonymous_client, "xlsx", "/publications/1/3"))["Notes"]
        assert ("Replaces", "version 2") in [*notes.iter_rows(values_only=True, max_col=2)]
        assert "Replaces" not in anonymous_client.get("/publications/1/1/").content.decode()

    def test_what_is_frozen_does_not_know_of_it(self, published, results, secretariat):
        publish_results(results=results, words=words("A slip."), corrects=published, by=secretariat)
        _first, second = Publication.objects.order_by("version")
        assert "It replaces" not in second.content
        assert second.sha256 not in second.content
        assert [finding.faults for finding in verify()] == [(), ()]


class TestLongTexts:
    TEXT = "".join(f"{number} é\U0001f600 " for number in range(10_000))

    def test_a_text_longer_than_a_cell_goes_on_in_further_rows(self, results, secretariat, anonymous_client):
        assert units(self.TEXT) > 2 * XLSX_CELL_LIMIT
        Answer.objects.filter(value="Call Ms Smith.").update(value=self.TEXT)
        results = compute_results(results.survey)
        decide_comments(survey=results.survey, decisions=dict.fromkeys(results.texts, True), by=secretariat)
        publish_results(results=compute_results(results.survey), words=words(), by=secretariat)

        sheet = openpyxl.load_workbook(file_of(anonymous_client, "xlsx"))["Comments"]
        rows = [row for row in sheet.iter_rows(values_only=True) if row[0].startswith("experience") and row[1] == "NA"]
        assert [row[:3] for row in rows] == [
            ("experience", "NA", "1"),
            ("experience (continued)", "NA", "1"),
            ("experience (continued)", "NA", "1"),
        ]
        assert "".join(row[3] for row in rows) == self.TEXT

    def test_figures_are_not_counted_twice(self):
        assert [*lines_of(["a", 7, None, "x" * (MOST_IN_CELL + 1), "b"])] == [
            ["a", 7, None, "x" * MOST_IN_CELL, "b"],
            ["a (continued)", None, None, "x", "b"],
        ]
        assert [*lines_of([1, "b"])] == [[1, "b"]]

    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("", [""]),
            ("abcd", ["abcd"]),
            ("abcde", ["abcd", "e"]),
            ("abc\U0001f600", ["abc", "\U0001f600"]),
            ("abce\u0301\u0302", ["abc", "e\u0301\u0302"]),
            ("ab\U0001f469\u200d\U0001f4bb", ["ab", "\U0001f469\u200d", "\U0001f4bb"]),
            ("\u0301" * 5, ["\u0301" * 4, "\u0301"]),
        ],
        ids=["nothing", "just fits", "longer", "surrogates", "accents", "too long a letter", "marks alone"],
    )
    def test_where_it_is_cut(self, text, parts):
        assert [*in_parts(text, 4)] == parts


class TestMetadata:
    def test_the_document_is_the_portals_own_and_as_old_as_the_publication(self, published, anonymous_client):
        made = file_of(anonymous_client, "docx")
        properties = docx.Document(made).core_properties
        moment = published.published_at.replace(microsecond=0)
        assert (properties.created, properties.modified) == (moment, moment)
        assert (properties.author, properties.title, properties.language) == (
            "Recommendations portal",
            "Results",
            "en-GB",
        )
        names = zipfile.ZipFile(made).namelist()
        assert [name for name in names if "thumbnail" in name or name == "docProps/app.xml"] == []

    def test_so_is_the_workbook(self, published, anonymous_client):
        properties = openpyxl.load_workbook(io.BytesIO(file_of(anonymous_client, "xlsx").getvalue())).properties
        assert properties.creator == "Recommendations portal"
        assert properties.created.date() == published.published_at.date()


def test_a_document_that_was_frozen_before_charts_knew_of_no_answer(published):
    frozen = content_of(published)["document"]
    for block in frozen["blocks"]:
        block.pop("unanswered", None)
    charts = [block for block in document_from(frozen).blocks if block.type == "chart"]
    assert {chart.unanswered for chart in charts} == {None}
    assert draw(charts[0]).startswith(b"\x89PNG")


def test_a_number_of_a_recommendation_takes_little_room(published, anonymous_client):
    tables = docx.Document(file_of(anonymous_client, "docx")).tables
    table = next(table for table in tables if [cell.text for cell in table.rows[0].cells][1:] == ["Rec.", "Comment"])
    _office, number, _comment = (int(width.get(qn("w:w"))) for width in table._tbl.iter(qn("w:gridCol")))
    assert number < 9070 / 10
