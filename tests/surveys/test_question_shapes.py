"""One choice; completely, partly or not with an explanation; comments per recommendation: by every way in and out."""

import csv
import io
from collections.abc import Callable
from http import HTTPStatus

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from surveys.models import Answer, Question, QuestionOption, Response, Survey
from tests.factories.offline import filled
from tests.factories.portal import load, protected_csv_bytes
from tests.factories.recommendations import RecommendationFactory
from tests.factories.surveys import InvitationFactory, QuestionFactory, QuestionOptionFactory, SurveyFactory
from tests.surveys.test_respond import Page
from tests.surveys.test_results_page import TableReader

pytestmark = pytest.mark.django_db

EXPLAINED = "Only for new systems: عربي 中文"
SAID = {
    ("body", None, "committee", ""),
    ("standard", None, "partly", EXPLAINED),
    ("remarks", 2, "=1+1, and more", ""),
    ("remarks", 5, "Keep it.\nAs it is.", ""),
}


@pytest.fixture
def circular(office, other_office) -> Survey:
    """As circulars ask: which body, how far with a standard, and remarks beside recommendations 1, 2 and 5."""
    survey = SurveyFactory(key="circular", open_now=True)
    for number in (1, 2, 5):
        RecommendationFactory(recommendation_set=survey.recommendation_set, number=number, label=f"Label {number}")
    options = {
        "body": {"office": "The office itself", "committee": "A committee", "none": "None"},
        "standard": {"completely": "Completely", "partly": "Partly", "not": "Not at all"},
    }
    for place, (key, labels) in enumerate(options.items(), start=1):
        question = QuestionFactory(survey=survey, key=key, order=place, kind=Question.Kind.CHOICE)
        for order, (option, label) in enumerate(labels.items(), start=1):
            QuestionOptionFactory(
                question=question, key=option, order=order, label=label, needs_explanation=option == "partly"
            )
    QuestionFactory(survey=survey, key="remarks", order=3, kind=Question.Kind.COMMENTS)
    for invited in (office, other_office):
        InvitationFactory(survey=survey, office=invited)
    return survey


def stored() -> set[tuple]:
    submitted = Answer.objects.filter(response__state=Response.State.SUBMITTED)
    return set(submitted.values_list("question__key", "recommendation__number", "value", "comment"))


# The ways in: each answers for AU, with or without the explanation; whether it was taken


def by_form(client, *, explanation: str) -> bool:
    page = Page(client, reverse("surveys:respond", args=["circular", "AU"]))
    typed = {"body": "committee", "standard": "partly", "standard.comment": explanation}
    answer = page.send("save", **typed, **{"remarks.2": "=1+1, and more", "remarks.5": "Keep it.\r\nAs it is."})
    if answer.status_code != HTTPStatus.FOUND:
        assert "This option asks for an explanation." in answer.content.decode()
        return False
    return page.load().submit().status_code == HTTPStatus.FOUND


def by_workbook(client, *, explanation: str) -> bool:
    place = ["circular", "AU"]
    data = b"".join(client.get(reverse("surveys:questionnaire_xlsx", args=place)).streaming_content)
    cells = {"C4": "A committee", "C7": "Partly", "C11": "=1+1, and more", "C12": "Keep it.\nAs it is."}
    cells |= {"D7": explanation} if explanation else {}
    url = reverse("surveys:upload", args=place)
    preview = client.post(url, {"file": SimpleUploadedFile("filled.xlsx", as_text(filled(data, cells)))})
    if preview.status_code != HTTPStatus.OK:
        assert "Questions!D7" in preview.content.decode()
        return False
    assert client.post(url, {"token": preview.context["token"]}).status_code == HTTPStatus.FOUND
    return Page(client, reverse("surveys:respond", args=place)).submit().status_code == HTTPStatus.FOUND


def as_text(data: bytes) -> bytes:
    """What begins with `=` typed as text, as the column's format makes it."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    book["Questions"]["C11"].data_type = "s"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def by_import(_client, *, explanation: str) -> bool:
    rows = [
        ["survey", "office", "question", "recommendation", "value", "comment"],
        ["circular", "AU", "body", "", "committee", ""],
        ["circular", "AU", "standard", "", "partly", explanation],
        ["circular", "AU", "remarks", "2", "=1+1, and more", ""],
        ["circular", "AU", "remarks", "5", "Keep it.\nAs it is.", ""],
    ]
    result = load("responses", protected_csv_bytes(rows))
    if result.faults:
        assert [str(fault) for fault in result.faults] == [
            "row 3, column comment: this option asks for an explanation ()"
        ]
    return not result.faults


WAYS: dict[str, Callable[..., bool]] = {"form": by_form, "workbook": by_workbook, "import": by_import}


@pytest.mark.parametrize("way", WAYS)
def test_an_explanation_is_asked_for_by_every_way_in(circular, client_of, coordinator, way):
    assert WAYS[way](client_of(coordinator), explanation="") is False
    assert stored() == set()
    assert WAYS[way](client_of(coordinator), explanation=EXPLAINED) is True
    assert stored() == SAID


@pytest.mark.parametrize("way", WAYS)
def test_every_way_out_shows_the_same(circular, client_of, coordinator, secretariat, other_office, way):
    WAYS[way](client_of(coordinator), explanation=EXPLAINED)
    rows = [["survey", "office", "question", "recommendation", "value", "comment"]]
    load("responses", protected_csv_bytes([*rows, ["circular", "NA", "standard", "", "not", ""]]))
    reader = client_of(secretariat)

    def get(name: str) -> bytes:
        return reader.get(reverse(f"surveys:{name}", args=["circular"])).getvalue()

    assert counts_of_json(reader) == COUNTS
    assert counts_of_page(get("results").decode()) == COUNTS
    assert counts_of_csv(get("results_csv").decode()) == COUNTS
    book = openpyxl.load_workbook(io.BytesIO(get("results_xlsx")))
    assert counts_of_xlsx(book) == COUNTS
    texts = [("standard", None, EXPLAINED), ("remarks", "2", "=1+1, and more"), ("remarks", "5", "Keep it.\nAs it is.")]
    found = reader.get(reverse("surveys:results_json", args=["circular"])).json()["texts"]
    assert [(text["question"], text["recommendation"], text["text"]) for text in found] == texts
    cells = list(book["Texts"].iter_rows(min_row=2, values_only=True))
    assert [(row[0], row[2], row[3]) for row in cells] == texts
    assert book["Texts"]["D3"].data_type == "s"
    page = get("results").decode()
    assert EXPLAINED in page
    assert "Keep it.<br>As it is." in page


# By question and row: count and percentage of each column, of the two offices that answered
COUNTS = [
    [(0, 0), (1, 50), (0, 0), (1, 50)],
    [(0, 0), (1, 50), (1, 50), (0, 0)],
    [(0, 0), (2, 100)],
    [(1, 50), (1, 50)],
    [(1, 50), (1, 50)],
]


def counts_of_json(client) -> list:
    found = client.get(reverse("surveys:results_json", args=["circular"])).json()
    assert [table["columns"] for table in found["tables"]] == [
        ["office", "committee", "none", "no_answer"],
        ["completely", "partly", "not", "no_answer"],
        ["answered", "no_answer"],
    ]
    return [
        [(cell["count"], cell["percent"]) for cell in row["cells"].values()]
        for table in found["tables"]
        for row in table["rows"]
    ]


def counts_of_page(html: str) -> list:
    rows = [row[1:-1] for table in TableReader(html).tables for row in table[1:]]
    return [[(int(cell.split()[0]), int(cell.split()[1].removesuffix("%"))) for cell in row] for row in rows]


def counts_of_csv(text: str) -> list:
    found: dict[tuple[str, str], list] = {}
    for row in csv.DictReader(io.StringIO(text, newline="")):
        place = (row["question"], row["recommendation"])
        found.setdefault(place, []).append((int(row["count"]), int(row["percent"])))
    return list(found.values())


def counts_of_xlsx(book) -> list:
    sheets = [sheet for sheet in book if sheet.title[0].isdigit()]
    return [
        list(zip(row[2:-1:2], row[3:-1:2], strict=True))
        for sheet in sheets
        for row in sheet.iter_rows(min_row=2, values_only=True)
    ]


def test_the_workbook_says_which_option_asks_for_an_explanation(circular, client_of, coordinator):
    url = reverse("surveys:questionnaire_xlsx", args=["circular", "AU"])
    data = b"".join(client_of(coordinator).get(url).streaming_content)
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Questions"]
    assert "Please explain in the last column: Partly." in sheet["B6"].value
    assert "Please explain" not in sheet["B3"].value


def test_the_form_says_so_too(circular, client_of, coordinator):
    html = client_of(coordinator).get(reverse("surveys:respond", args=["circular", "AU"])).content.decode()
    assert "Please explain: Partly." in html
    assert html.count("Please explain:") == 1


def test_an_explanation_is_taken_where_none_is_asked_for(circular, client_of, coordinator):
    page = Page(client_of(coordinator), reverse("surveys:respond", args=["circular", "AU"]))
    page.save(**{"standard": "not", "standard.comment": "We use another one."})
    answer = Answer.objects.get(question__key="standard")
    assert (answer.value, answer.comment) == ("not", "We use another one.")


def test_the_secretariat_builds_such_a_question(client_of, secretariat, circular):
    Answer.objects.all().delete()
    options = {
        f"options-{place}-{name}": value
        for place, (key, label) in enumerate([("completely", "Completely"), ("partly", "Partly"), ("not", "Not")])
        for name, value in {
            "order": str(place + 1),
            "key": key,
            "label": label,
            **({"needs_explanation": "on"} if key == "partly" else {}),
        }.items()
    }
    values = {"key": "again", "order": "9", "kind": "choice", "text": "How far?", "exclusive_option": ""}
    management = {"options-TOTAL_FORMS": "7", "options-INITIAL_FORMS": "0"}
    url = reverse("surveys:add_question", args=["circular"])
    answer = client_of(secretariat).post(url, {**values, **options, **management})
    assert answer.status_code == HTTPStatus.FOUND
    made = QuestionOption.objects.filter(question__key="again").order_by("order")
    assert list(made.values_list("key", "needs_explanation")) == [
        ("completely", False),
        ("partly", True),
        ("not", False),
    ]
