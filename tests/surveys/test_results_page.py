"""The results page: who reads it, and that page, JSON, CSV, XLSX and command say the same."""

import csv
import io
import json
import re
from html.parser import HTMLParser
from http import HTTPStatus
from itertools import product

import openpyxl
import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse

from surveys.models import Answer
from tests.factories.offices import GroupMemberFactory, OfficeFactory
from tests.factories.surveys import AnswerFactory, InvitationFactory, ResponseFactory, SurveyFactory


@pytest.fixture
def answered_round(tiny_round, office, other_office):
    """Five invited, three answered: enough for every kind of figure, zero and blank ones too."""
    silent = OfficeFactory(code="NO", name="Norway", region="europe")
    third = OfficeFactory(code="FI", name="Finland", region="europe")
    fifth = OfficeFactory(code="SE", name="Sweden", region="europe")
    for invited in (silent, third, fifth):
        InvitationFactory(survey=tiny_round.survey, office=invited)
    GroupMemberFactory(group__key="north", group__title="The North", office=third)
    GroupMemberFactory(group__key="empty", group__title="Nobody here", office=fifth)
    first, second, _third = tiny_round.recommendations
    by_kind = tiny_round.by_kind
    answers = {
        office: [
            (by_kind["levels"], first, "implemented", "=HYPERLINK(1)"),
            (by_kind["levels"], second, "planned", ""),
            (by_kind["select"], first, "yes", ""),
            (by_kind["choice"], None, "partly", "why not"),
            (by_kind["text"], None, "a < b & c\nعربي", ""),
        ],
        other_office: [
            (by_kind["levels"], first, "not_planned", ""),
            (by_kind["select"], None, "none", ""),
            (by_kind["choice"], None, "yes", ""),
            (by_kind["comments"], second, "中文", ""),
        ],
        third: [(by_kind["levels"], first, "implemented", ""), (by_kind["select"], second, "yes", "")],
    }
    for whose, rows in answers.items():
        response = ResponseFactory(survey=tiny_round.survey, office=whose, submitted=True)
        for question, recommendation, value, comment in rows:
            AnswerFactory(
                response=response, question=question, recommendation=recommendation, value=value, comment=comment
            )
    return tiny_round.survey


class TableReader(HTMLParser):
    """The tables of a page as rows of cell texts, header rows included."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.in_cell = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")
            self.in_cell = True

    def handle_endtag(self, tag):
        if tag in {"td", "th"}:
            self.in_cell = False

    def handle_data(self, data):
        if self.in_cell:
            self.tables[-1][-1][-1] += data


def figures_of_json(results: dict) -> list[list[tuple]]:
    """Per table and row: the label's number, (count, percent) of each column, and n."""
    return [
        [
            (row["recommendation"], *((c["count"], c["percent"]) for c in row["cells"].values()), row["n"])
            for row in table["rows"]
        ]
        for table in results["tables"]
    ]


def figures_of_page(html: str) -> list[list[tuple]]:
    def cell(text: str) -> tuple[int, int | None]:
        count, percent = text.split()
        return int(count), None if percent == "–" else int(percent.removesuffix("%"))

    tables = [table for table in TableReader(html).tables if table[0][-1] == "n"]
    return [
        [
            (match[0] if (match := re.match(r"\d+(?= )", row[0])) else None, *map(cell, row[1:-1]), int(row[-1]))
            for row in table[1:]
        ]
        for table in tables
    ]


def figures_of_csv(text: str) -> list[tuple]:
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    return [tuple(row[name] for name in rows[0]) for row in rows]


def flat(results: dict) -> list[tuple]:
    """JSON as the CSV has it."""
    return [
        tuple(
            "" if value is None else str(value)
            for value in (
                table["question"],
                table["kind"],
                row["recommendation"],
                row["code"],
                column,
                cell["count"],
                row["n"],
                cell["percent"],
            )
        )
        for table in results["tables"]
        for row in table["rows"]
        for column, cell in row["cells"].items()
    ]


def figures_of_xlsx(data: bytes) -> list[list[tuple]]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheets = [sheet for sheet in book if sheet.title[0].isdigit()]
    return [
        [
            (str(row[0]) if row[0] else None, *zip(row[2:-1:2], row[3:-1:2], strict=True), row[-1])
            for row in sheet.iter_rows(min_row=2, values_only=True)
        ]
        for sheet in sheets
    ]


SELECTIONS = [
    {"base": base, **({"group": group} if group else {}), **({"region": region} if region else {})}
    for base, group, region in product(
        ["responding", "answered"], [None, "north", "empty"], [None, "africa", "oceania", "asia"]
    )
]


@pytest.mark.parametrize("selection", SELECTIONS, ids=lambda s: "-".join(s.values()))
def test_page_json_csv_xlsx_and_command_carry_the_same_figures(
    client_of, secretariat, answered_round, selection, capsys
):
    client = client_of(secretariat)

    def get(name: str) -> bytes:
        answer = client.get(reverse(f"surveys:{name}", args=[answered_round.key]), selection)
        assert answer.status_code == HTTPStatus.OK
        return answer.getvalue()

    options = [f"--{name}={value}" for name, value in selection.items()]
    call_command("survey_results", answered_round.key, *options)
    command = json.loads(capsys.readouterr().out)
    call_command("survey_results", answered_round.key, *options, format="csv")
    command_csv = capsys.readouterr().out

    assert json.loads(get("results_json")) == command
    assert figures_of_page(get("results").decode()) == figures_of_json(command)
    assert figures_of_xlsx(get("results_xlsx")) == figures_of_json(command)
    assert get("results_csv").decode() == command_csv
    assert figures_of_csv(command_csv) == flat(command)
    assert len(command["tables"]) == 5


def test_the_files_hold_texts_as_texts(client_of, secretariat, answered_round):
    url = reverse("surveys:results_xlsx", args=[answered_round.key])
    book = openpyxl.load_workbook(io.BytesIO(client_of(secretariat).get(url).getvalue()))
    cells = [cell for row in book["Texts"].iter_rows(min_row=2) for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    texts = [row[3] for row in book["Texts"].iter_rows(min_row=2, values_only=True)]
    assert texts == ["=HYPERLINK(1)", "why not", "a < b & c\nعربي", "中文"]


def test_a_text_that_no_cell_holds_is_told_on_a_page(client_of, secretariat, answered_round):
    Answer.objects.filter(value="a < b & c\nعربي").update(value="A" * 32_768)
    answer = client_of(secretariat).get(reverse("surveys:results_xlsx", args=[answered_round.key]))
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "This workbook cannot be made" in answer.content.decode()
    assert "32768 characters, but a spreadsheet cell holds 32767" in answer.content.decode()


def test_htmx_gets_the_part_and_a_browser_the_page(client_of, secretariat, answered_round):
    client, url = client_of(secretariat), reverse("surveys:results", args=[answered_round.key])
    page, part = client.get(url), client.get(url, headers={"HX-Request": "true"})
    assert "<html" in page.content.decode()
    assert "<html" not in part.content.decode()
    assert figures_of_page(part.content.decode()) == figures_of_page(page.content.decode())
    assert "HX-Request" in page["Vary"]


@pytest.mark.parametrize("name", ["results", "results_json", "results_csv", "results_xlsx"])
def test_results_are_for_those_who_read_everything(client_of, personas, answered_round, name):
    url = reverse(f"surveys:{name}", args=[answered_round.key])
    status = {persona: client_of(user).get(url).status_code for persona, user in personas.items()}
    assert status == {
        "viewer": 403,
        "contributor": 403,
        "coordinator": 403,
        "other_coordinator": 403,
        "secretariat": 200,
        "administrator": 200,
        "auditor": 200,
        "anonymous": 302,
    }


def test_a_round_held_elsewhere_shows_no_zeros(client_of, secretariat, db):
    survey = SurveyFactory()
    page = client_of(secretariat).get(reverse("surveys:results", args=[survey.key])).content.decode()
    assert "This round was held elsewhere." in page
    assert "<table" not in page
    assert "0%" not in page


def test_sample_data_is_labelled_wherever_it_is_shown(client_of, secretariat, administrator, db):
    call_command("load_reference", sample=True, verbosity=0)
    client = client_of(secretariat)
    for url in ("/surveys/sample-2025/", "/surveys/sample-2025/results/", "/offices/SAMPLE01/", "/offices/"):
        assert "Everything here is invented" in client.get(url).content.decode()
    assert client.get("/surveys/sample-2025/results.json").json()["is_sample"] is True
    xlsx = client.get("/surveys/sample-2025/results.xlsx").getvalue()
    notes = openpyxl.load_workbook(io.BytesIO(xlsx))["Notes"]
    assert next(cell.value for cell in notes[2]) == "Sample data"
    assert "Everything here is invented" not in client.get("/surveys/cws-ict-2025/results/").content.decode()


@pytest.mark.parametrize("query", ["base=half", "region=moon", "group=nobody"])
def test_a_filter_that_does_not_exist_is_no_page(client_of, secretariat, answered_round, query):
    url = reverse("surveys:results", args=[answered_round.key])
    assert client_of(secretariat).get(f"{url}?{query}").status_code == HTTPStatus.NOT_FOUND


def test_the_page_runs_the_same_queries_for_any_number_of_offices(
    client_of, secretariat, tiny_round, django_assert_num_queries
):
    client, url = client_of(secretariat), reverse("surveys:results", args=[tiny_round.survey.key])
    for added in (1, 19, 180):
        for office in OfficeFactory.create_batch(added):
            InvitationFactory(survey=tiny_round.survey, office=office)
            response = ResponseFactory(survey=tiny_round.survey, office=office, submitted=True)
            AnswerFactory(response=response, question=tiny_round.by_kind["text"])
        with django_assert_num_queries(13):
            assert client.get(url).status_code == HTTPStatus.OK


def test_the_reference_round_of_2025_is_there(client_of, secretariat, db):
    call_command("load_reference", verbosity=0)
    assert (settings.BASE_DIR / "fixtures" / "surveys.csv").exists()
    page = client_of(secretariat).get("/surveys/cws-ict-2025/").content.decode()
    assert "How far has your office come with each Recommendation?" in page
