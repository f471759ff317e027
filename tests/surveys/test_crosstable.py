"""Two questions against each other: every cell against an independent count, and all surfaces against each other."""

import csv
import io
import random
from collections import Counter
from fractions import Fraction
from http import HTTPStatus
from itertools import product
from math import floor

import openpyxl
import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from offices.models import Region
from offices.narrowing import Narrowing
from surveys.questionnaire import Questionnaire
from surveys.results import AxisUnclear, Base, NoSuchAxis, compute_crosstable, compute_results, find_axis
from tests.factories.comparisons import make_items, make_offices, spoken_round
from tests.factories.offices import GroupMemberFactory, OfficeFactory
from tests.factories.recommendations import RecommendationSetFactory
from tests.factories.surveys import AnswerFactory, InvitationFactory, ResponseFactory, SurveyFactory
from tests.surveys.test_results_page import TableReader

pytestmark = pytest.mark.django_db

AXES = ["progress:2", "focus", "focus:1", "policy", "proposals", "experience:5"]
LEVELS = ["implemented", "in_progress", "planned", "under_consideration", "not_planned"]
LINES = {
    "progress:2": LEVELS,
    "focus": ["1", "2", "5", "none"],
    "focus:1": ["selected", "not_selected", "none"],
    "policy": ["yes", "no", "partly"],
    "proposals": ["answered"],
    "experience:5": ["answered"],
}


@pytest.fixture
def spoken():
    """Forty offices and a round; some answered nothing of it, some have drafts besides."""
    of_set = RecommendationSetFactory()
    make_items(of_set, {1: "One", 2: "Two", 5: "Five"})
    offices = make_offices(40)
    found = spoken_round(random.Random(11), "round", offices, of_set, year=2025)
    found.offices = offices
    # Another round of the same offices, which must not be counted.
    spoken_round(random.Random(12), "other", offices, of_set, year=2026)
    return found


# The independent count


def stands_in(said: dict, axis: str) -> set[str]:
    """The lines in which one office stands, by what it said."""
    question, _colon, number = axis.partition(":")
    own = {place: value for (name, place), value in said.items() if name == question}
    if not own:
        return {"no_answer"}
    if question == "focus":
        if None in own:
            return {own[None]}
        if not number:
            return {str(place) for place in own}
        return {"selected" if int(number) in own else "not_selected"}
    value = own.get(int(number) if number else None)
    if value is None:
        return {"no_answer"}
    return {value} if question in {"progress", "policy"} else {"answered"}


def percent(count: int, base: int) -> int | None:
    return floor(Fraction(count * 100, base) + Fraction(1, 2)) if base else None


class Count:
    """A cross-table counted office by office."""

    def __init__(self, said: list[dict], rows: str, columns: str, base: str) -> None:
        self.places = [(stands_in(one, rows), stands_in(one, columns)) for one in said]
        self.base = base
        self.n = sum(self.counts(*place) for place in self.places)

    def counts(self, rows: set[str], columns: set[str]) -> bool:
        return self.base == "responding" or ("no_answer" not in rows and "no_answer" not in columns)

    def cell(self, row: str, column: str) -> dict:
        count = sum(row in rows and column in columns for rows, columns in self.places)
        return self.figures(count, "no_answer" in (row, column))

    def row_total(self, row: str) -> dict:
        inside = (row in r and (self.base == "responding" or "no_answer" not in c) for r, c in self.places)
        return self.figures(sum(inside), row == "no_answer")

    def column_total(self, column: str) -> dict:
        inside = (column in c and (self.base == "responding" or "no_answer" not in r) for r, c in self.places)
        return self.figures(sum(inside), column == "no_answer")

    def figures(self, count: int, is_absence: bool) -> dict:
        return {"count": count, "percent": None if is_absence and self.base == "answered" else percent(count, self.n)}


def crosstable_of(survey, rows, columns, **options) -> dict:
    questionnaire = Questionnaire.of(survey)
    axes = [find_axis(questionnaire, key) for key in (rows, columns)]
    return compute_crosstable(survey, *axes, **options).as_json()


@pytest.mark.parametrize(("base", "region"), list(product(["responding", "answered"], [None, "asia"])))
def test_every_cell_of_any_two_questions_equals_an_independent_count(spoken, base, region):
    regions = {office.code: office.region for office in spoken.offices}
    said = [answers for code, answers in spoken.said.items() if region in (None, regions[code])]
    narrowing = Narrowing(region=Region(region) if region else None)
    for rows, columns in product(AXES, AXES):
        count = Count(said, rows, columns, base)
        found = crosstable_of(spoken.survey, rows, columns, base=Base(base), narrowing=narrowing)
        lines = [*LINES[rows], "no_answer"], [*LINES[columns], "no_answer"]
        assert tuple([line["code"] for line in found[axis]["lines"]] for axis in ("rows", "columns")) == lines
        assert (found["responded"], found["n"]) == (len(said), count.n)
        assert found["cells"] == [
            {"row": row, "column": column, **count.cell(row, column)} for row, column in product(*lines)
        ]
        assert found["row_totals"] == [{"row": row, **count.row_total(row)} for row in lines[0]]
        assert found["column_totals"] == [{"column": column, **count.column_total(column)} for column in lines[1]]


def test_the_invented_round_holds_what_a_count_can_get_wrong(spoken):
    """The control: without these cases the comparison above would say little."""
    said = list(spoken.said.values())
    several = [office for office in said if len(stands_in(office, "focus")) > 1]
    both = Count(said, "focus", "focus", "responding")
    assert several
    assert sum(both.cell(row, "no_answer")["count"] for row in LINES["focus"]) == 0
    assert (
        sum(both.cell(row, row)["count"] for row in LINES["focus"])
        > len(said) - both.cell("no_answer", "no_answer")["count"]
    )
    assert Counter(len(stands_in(office, "policy") & {"no_answer"}) for office in said).keys() == {0, 1}
    assert Count(said, "focus", "policy", "answered").n < len(said) < len(spoken.invited) < 40


@given(st.integers(0, 3), st.integers(0, 3))
def test_a_percentage_is_rounded_half_up_from_whole_numbers(count, more):
    share = Fraction(count * 100, count + more) if count + more else None
    assert percent(count, count + more) == (None if share is None else int(share + Fraction(1, 2)))


def test_totals_are_the_figures_of_the_results(spoken):
    tables = {table.question: table for table in compute_results(spoken.survey).tables}
    found = crosstable_of(spoken.survey, "focus", "progress:2")
    focus = {row.recommendation or row.code: row.cells["selected"] for row in tables["focus"].rows}
    progress = next(row for row in tables["progress"].rows if row.recommendation == "2")
    assert found["row_totals"] == [{"row": code, **vars(cell)} for code, cell in focus.items()]
    assert found["column_totals"] == [{"column": code, **vars(cell)} for code, cell in progress.cells.items()]


# Which questions


def test_what_an_axis_can_be(spoken):
    questionnaire = Questionnaire.of(spoken.survey)
    assert [find_axis(questionnaire, key).key for key in AXES] == AXES
    for key in ("nothing", "policy:1", "proposals:2", "progress:4", "progress:", "focus:x", "", "progress:٢"):
        with pytest.raises(NoSuchAxis):
            find_axis(questionnaire, key)
    for key in ("progress", "experience"):
        with pytest.raises(AxisUnclear, match="is answered for each recommendation: choose one of them"):
            find_axis(questionnaire, key)


@pytest.fixture
def get(client_of, secretariat):
    client = client_of(secretariat)
    return lambda name, survey="round", **query: client.get(reverse(f"surveys:{name}", args=[survey]), query)


def test_a_page_without_two_questions_asks_for_them(get, spoken):
    for query in ({}, {"rows": "policy"}):
        page = get("cross", **query)
        assert page.status_code == HTTPStatus.OK
        assert "Choose a question for the rows and one for the columns." in page.content.decode()
        assert get("cross_json", **query).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    page = get("cross", rows="progress", columns="policy")
    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "choose one of them" in page.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"rows": "nothing", "columns": "policy"},
        {"rows": "policy", "columns": "progress:4"},
        {"rows": "policy", "columns": "focus", "base": "half"},
    ],
    ids=str,
)
def test_what_does_not_exist_is_no_page(get, spoken, query):
    for name in ("cross", "cross_json", "cross_csv", "cross_xlsx"):
        assert get(name, **query).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("name", ["cross", "cross_json", "cross_csv", "cross_xlsx"])
def test_who_reads_a_crosstable(client_of, personas, spoken, name):
    url = reverse(f"surveys:{name}", args=["round"]) + "?rows=policy&columns=focus"
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


def test_a_round_held_elsewhere_shows_no_zeros(get, spoken):
    spoken.survey.responses.all().delete()
    spoken.survey.invitations.all().delete()
    page = get("cross", rows="policy", columns="focus").content.decode()
    assert "This round was held elsewhere." in page
    assert "<table" not in page
    found = get("cross_json", rows="policy", columns="focus").json()
    assert (found["invited"], found["responded"], found["n"], found["cells"]) == (None, None, None, [])


def test_the_page_says_that_lines_add_up_to_more(get, spoken):
    sentence = "An office may have selected several Recommendations"
    assert sentence in get("cross", rows="policy", columns="focus").content.decode()
    assert sentence not in get("cross", rows="policy", columns="focus:1").content.decode()


# All surfaces


def figures_of_page(html: str) -> tuple[list, list]:
    """The cells with their totals, then the totals of the columns."""
    (table,) = TableReader(html).tables
    body = [[figure(cell) for cell in row[1:]] for row in table[1:-1]]
    return body, [figure(cell) for cell in table[-1][1:-1]] + [int(table[-1][-1])]


def figure(text: str) -> tuple[int, int | None]:
    count, share = text.split()
    return int(count), None if share == "–" else int(share.removesuffix("%"))


def figures_of_json(found: dict) -> tuple[list, list]:
    body = [
        [(cell["count"], cell["percent"]) for cell in [*found["cells"], total] if cell["row"] == total["row"]]
        for total in found["row_totals"]
    ]
    return body, [*((cell["count"], cell["percent"]) for cell in found["column_totals"]), found["n"]]


def figures_of_xlsx(data: bytes) -> tuple[list, list]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    both = zip(
        book["Counts"].iter_rows(min_row=2, min_col=2, values_only=True),
        book["Percentages"].iter_rows(min_row=2, min_col=2, values_only=True),
        strict=True,
    )
    *body, last = [list(zip(counts, shares, strict=True)) for counts, shares in both]
    return body, [*last[:-1], last[-1][0]]


QUERIES = [
    {"rows": "focus", "columns": "progress:2"},
    {"rows": "policy", "columns": "focus", "base": "answered"},
    {"rows": "focus", "columns": "focus", "region": "asia"},
    {"rows": "proposals", "columns": "focus:5", "group": "nobody"},
]


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_page_json_csv_and_xlsx_carry_the_same_figures(get, spoken, query):
    GroupMemberFactory(group__key="nobody", office=OfficeFactory())
    found = get("cross_json", **query).json()
    expected = figures_of_json(found)
    assert figures_of_page(get("cross", **query).content.decode()) == expected
    assert figures_of_xlsx(get("cross_xlsx", **query).getvalue()) == expected
    lines = list(csv.reader(io.StringIO(get("cross_csv", **query).getvalue().decode(), newline="")))
    axes = query["rows"], query["columns"]
    assert lines == [
        ["row_question", "row", "column_question", "column", "count", "n", "percent"],
        *(
            [
                "" if value is None else str(value)
                for value in (
                    *(axes[0], cell.get("row"), axes[1], cell.get("column")),
                    *(cell["count"], found["n"], cell["percent"]),
                )
            ]
            for part in ("cells", "row_totals", "column_totals")
            for cell in found[part]
        ),
    ]


def test_the_file_holds_labels_as_text_and_says_what_one_must_know(get, spoken):
    spoken.survey.questions.filter(key="policy").update(text="=1+1")
    spoken.survey.is_sample = True
    spoken.survey.save()
    book = openpyxl.load_workbook(io.BytesIO(get("cross_xlsx", rows="policy", columns="focus").getvalue()))
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    notes = {row[0]: row[1] for row in book["Notes"].iter_rows(min_row=2, values_only=True)}
    assert notes["Rows"] == "=1+1"
    assert notes["Base of percentages"] == "responding offices"
    assert notes["Sample data"] == "Invented for demonstration: no office said this."
    assert "add up to more" in notes["Sums"]


def test_htmx_gets_the_part_and_a_browser_the_page(client_of, secretariat, spoken):
    url = reverse("surveys:cross", args=["round"]) + "?rows=policy&columns=focus"
    client = client_of(secretariat)
    page, part = client.get(url), client.get(url, headers={"HX-Request": "true"})
    assert "<html" in page.content.decode()
    assert "<html" not in part.content.decode()
    assert figures_of_page(part.content.decode()) == figures_of_page(page.content.decode())
    assert "HX-Request" in page["Vary"]


def test_the_page_runs_the_same_queries_for_any_number_of_offices(get, django_assert_num_queries):
    of_set = RecommendationSetFactory()
    make_items(of_set, {1: "One", 2: "Two", 5: "Five"})
    survey = spoken_round(random.Random(1), "round", [], of_set, year=2025).survey
    for added in (1, 19, 180):
        for office in OfficeFactory.create_batch(added):
            InvitationFactory(survey=survey, office=office)
            response = ResponseFactory(survey=survey, office=office, submitted=True)
            AnswerFactory(response=response, question=survey.questions.get(key="proposals"))
        for query in QUERIES[:3]:
            with django_assert_num_queries(9):
                assert get("cross", **query).status_code == HTTPStatus.OK


def test_the_results_page_leads_to_the_crosstable(client_of, secretariat, spoken):
    page = client_of(secretariat).get(reverse("surveys:results", args=["round"])).content.decode()
    assert f'href="{reverse("surveys:cross", args=["round"])}"' in page


def test_a_foreign_round_is_missing(get, spoken):
    SurveyFactory(key="there")
    assert get("cross", survey="nowhere", rows="policy", columns="policy").status_code == HTTPStatus.NOT_FOUND
    assert get("cross", survey="there", rows="policy", columns="policy").status_code == HTTPStatus.NOT_FOUND
