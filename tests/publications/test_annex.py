"""The Annex: its parts and their order, numbers of tables and figures, notes on the base, and odd rounds."""

import datetime
import io

import docx
import pytest
from django.utils import translation

from offices.narrowing import Narrowing
from portal.word.blocks import LOOKS
from portal.word.charts import COLOURS, HATCHES
from publications.actions import publish_results
from publications.annex import annex_document
from publications.contents import responding
from publications.documents import publication_docx, sheet_name
from surveys.results import Base, compute_results
from tests.factories.offices import GroupMemberFactory, OfficeFactory, OfficeGroupFactory
from tests.factories.surveys import AnswerFactory, QuestionOptionFactory, ResponseFactory, make_tiny_round
from tests.publications.conftest import words

pytestmark = pytest.mark.django_db


def annex(results, texts=None):
    return annex_document(results, responding(results), results.texts if texts is None else texts, "Title")


def test_no_answer_looks_the_same_in_every_chart(results):
    charts = [chart for chart in of(annex(results), "chart") if len(chart.series) > 1]
    looks = [{name: chart.look(place) for place, (name, _counts) in enumerate(chart.series)} for chart in charts]
    assert [found["No answer"] for found in looks if "No answer" in found] == [LOOKS - 1] * 2
    assert all(len({*found.values()}) == len(found) for found in looks)
    assert len(COLOURS) == len(HATCHES) == LOOKS


def of(document, kind: str) -> list:
    return [block for block in document.blocks if block.type == kind]


def numbered(document) -> list[str]:
    return [block.text for block in of(document, "paragraph") if block.number == 1]


def test_its_parts_in_their_order(results):
    assert [(block.level, block.text) for block in of(annex(results), "heading")] == [
        (1, "Introduction"),
        (1, "How to read the figures"),
        (1, "Responding offices"),
        (1, "Results by question"),
        (2, "Question 1: Text of progress?"),
        (2, "Question 2: Text of focus?"),
        (2, "Question 3: Text of policy?"),
        (2, "Question 4: Text of proposals?"),
        (2, "Question 5: Text of experience?"),
        (1, "Comments by office"),
    ]


def test_tables_and_figures_are_numbered_as_they_come(results):
    document = annex(results)
    assert [table.caption for table in of(document, "table")] == [
        "Table 1. Responding offices",
        "Table 2. Question 1: offices and percentages, n = 2",
        "Table 3. Question 2: offices and percentages, n = 2",
        "Table 4. Question 3: offices and percentages, n = 2",
        "Table 5. Question 4: offices and percentages, n = 2",
        "Table 6. Question 5: offices and percentages, n = 2",
        "Table 7. Comments on question 3: Text of policy?",
        "Table 8. Comments on question 4: Text of proposals?",
        "Table 9. Comments on question 5: Text of experience?",
    ]
    assert [chart.title for chart in of(document, "chart")] == [
        f"Figure {number}. Question {number}: number of offices" for number in range(1, 6)
    ]


def test_every_paragraph_is_numbered_and_says_who_was_asked_what(results):
    assert numbered(annex(results)) == [
        "Title of tiny: this survey was open from 2 May 2025 to 7 July 2025. It is about"
        f" {results.survey.recommendation_set}.",
        "3 offices were invited; responses of 2 are counted here.",
        "Percentages are of all offices that submitted a response, also where one left a question out."
        " That number is printed as n.",
        "They are rounded half up to whole per cent, and the count stands before each; where n is 0 there is no"
        " percentage. “No answer” is the absence of an answer, other than “None” and “N/A”.",
        "2 offices submitted a response that is counted here. Their codes are those of WIPO Standard ST.3.",
        "Offices chose one level for each Recommendation.",
        "Offices could select any number of Recommendations. 2 of 2 responding offices answered.",
        "Offices chose one option. 2 of 2 responding offices answered.",
        "Offices answered in their own words. 2 of 2 responding offices answered.",
        "Offices could comment on each Recommendation.",
        "6 of 6 texts are published here, as the offices wrote them.",
    ]


def test_tables_print_counts_with_percentages_and_answers_upright(results):
    tables = of(annex(results), "table")
    assert tables[1].rows[0] == (
        f"1. {results.tables[0].rows[0].label}",
        "2 (100%)",
        "0 (0%)",
        "0 (0%)",
        "0 (0%)",
        "0 (0%)",
        "0 (0%)",
    )
    assert tables[3].columns == ("Answer", "Offices")
    assert [row[1] for row in tables[3].rows] == ["0 (0%)", "0 (0%)", "2 (100%)", "0 (0%)"]
    assert tables[4].rows == (("Answered", "2 (100%)"), ("No answer", "0 (0%)"))


def test_by_the_other_base_n_stands_in_each_row_and_no_answer_has_no_share(round_of_three):
    document = annex(compute_results(round_of_three.survey, base=Base.ANSWERED))
    experience = of(document, "table")[5]
    assert experience.columns == ("Recommendation", "Answered", "No answer", "n")
    assert [row[1:] for row in experience.rows] == [
        ("2 (100%)", "0 (–)", "2"),
        ("0 (–)", "2 (–)", "0"),
        ("0 (–)", "2 (–)", "0"),
    ]
    assert "of the offices that answered the question" in numbered(document)[2]


def test_filters_are_named(round_of_three):
    group = OfficeGroupFactory(key="few", title="A few")
    GroupMemberFactory(group=group, office=round_of_three.offices[0])
    document = annex(compute_results(round_of_three.survey, narrowing=Narrowing(group)))
    assert "Only offices of this group are counted: A few." in numbered(document)
    assert [row[0] for row in of(document, "table")[0].rows] == ["AU"]


def test_only_released_texts_are_in_it_and_how_many_there_are_is_told(results):
    document = annex(results, results.texts[:1])
    assert numbered(document)[-1] == "1 of 6 texts are published here, as the offices wrote them."
    assert [len(table.rows) for table in of(document, "table")[6:]] == [1]


def test_without_texts_it_says_so():
    offices = [OfficeFactory(code="XA")]
    tiny = make_tiny_round(*offices)
    response = ResponseFactory(survey=tiny.survey, office=offices[0], submitted=True)
    AnswerFactory(response=response, question=tiny.by_kind["choice"], value="yes")
    assert numbered(annex(compute_results(tiny.survey)))[-1] == "No office wrote a comment."


def test_where_nobody_answered_there_is_a_table_and_no_picture(round_of_three):
    quiet = OfficeFactory(code="XQ")
    tiny = make_tiny_round(quiet, key="quiet")
    response = ResponseFactory(survey=tiny.survey, office=quiet, submitted=True)
    AnswerFactory(response=response, question=tiny.by_kind["choice"], value="yes")
    document = annex(compute_results(tiny.survey, base=Base.ANSWERED))
    assert [chart.title for chart in of(document, "chart")] == ["Figure 1. Question 3: number of offices"]
    assert len(of(document, "table")) == 6


def test_sample_data_say_so_on_every_page(round_of_three):
    survey = round_of_three.survey
    survey.is_sample = True
    document = annex(compute_results(survey))
    assert document.head == "Sample data – Title of tiny"
    assert document.subtitle == "Sample data, invented for demonstration: no office said this."


def test_it_is_in_the_language_of_whoever_publishes(results):
    with translation.override("fr"):
        document = annex(results)
    assert document.language == "fr"
    assert "2 mai 2025" in numbered(document)[0]


def test_the_file_says_on_every_page_which_publication_it_is(published):
    file = io.BytesIO()
    publication_docx(published, file)
    section = docx.Document(file).sections[0]
    day = published.published_at.date()
    assert section.header.paragraphs[0].text == "Title of tiny"
    assert section.footer.paragraphs[0].text.startswith(f"Publication 1, version 1, {day.day} {day:%B %Y}  ·  ")


def test_many_options_with_long_names_in_any_script():
    office = OfficeFactory(code="XM")
    tiny = make_tiny_round(office, closes_on=datetime.date(2025, 7, 7))
    names = ["Costs $5 & <more> $\\frac{", "_hidden", "نحن نعمل", "我们正在努力", "A long name " * 12, "=1+1"]
    for number in range(30):
        label = names[number] if number < len(names) else f"Option {number}"
        QuestionOptionFactory(question=tiny.by_kind["choice"], key=f"o{number}", order=10 + number, label=label)
    response = ResponseFactory(survey=tiny.survey, office=office, submitted=True)
    AnswerFactory(response=response, question=tiny.by_kind["choice"], value="o2")
    table = of(annex(compute_results(tiny.survey)), "table")[3]
    assert len(table.rows) == 3 + 30 + 1
    assert [row for row in table.rows if row[1] != "0 (0%)"] == [("نحن نعمل", "1 (100%)")]


def test_a_text_turns_nothing_of_the_sentence_around_it(round_of_three, results):
    group = OfficeGroupFactory(key="few", title="A \u202efew")
    GroupMemberFactory(group=group, office=round_of_three.offices[0])
    round_of_three.survey.title = "Ideas \u202eof"
    round_of_three.offices[0].name = "نحن"
    round_of_three.offices[0].save()
    document = annex(compute_results(round_of_three.survey, narrowing=Narrowing(group)))
    assert numbered(document)[0].startswith("\u2068Ideas \u202eof\u2069: this survey was open from")
    assert "Only offices of this group are counted: \u2068A \u202efew\u2069." in numbered(document)
    assert of(document, "table")[-1].rows[0][0] == "نحن (AU)"


def test_what_a_picture_calls_by_number_stands_with_it_in_the_table_of_the_file(round_of_three, secretariat):
    question = round_of_three.by_kind["choice"]
    QuestionOptionFactory(question=question, key="arabic", order=9, label="نحن نعمل")
    published = publish_results(results=compute_results(round_of_three.survey), words=words(), by=secretariat)
    file = io.BytesIO()
    publication_docx(published, file)
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in docx.Document(file).tables]
    (options,) = (rows for rows in tables if rows[0] == ["Answer", "Offices"] and len(rows) == 1 + 5)
    assert [row[0] for row in options if row[0].startswith("(")] == ["(4) نحن نعمل"]
    assert not [cell for rows in tables if rows is not options for row in rows for cell in row if cell.startswith("(")]


def test_names_of_sheets_are_short_and_hold_nothing_that_excel_refuses():
    assert sheet_name(3, "What's [this]: a/b\\c*d?") == "3 What s  this   a b c d"
    assert sheet_name(12, "x" * 40) == "12 " + "x" * 28
    assert sheet_name(1, "l'" + "y" * 27 + "'z") == "1 l " + "y" * 27
