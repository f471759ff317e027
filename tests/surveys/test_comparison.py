"""Rounds beside each other: every figure against an independent count, and all surfaces against each other."""

import csv
import datetime
import io
import random
import re
from collections import Counter
from fractions import Fraction
from http import HTTPStatus
from itertools import pairwise, product
from math import floor

import openpyxl
import pytest
from django.urls import reverse

from offices.models import Region
from offices.narrowing import Narrowing
from surveys.models import LEVELS
from surveys.policies import comparison_fault
from surveys.questionnaire import Match, counterparts
from surveys.results import Base, compare_rounds, compute_results
from tests.factories.comparisons import KINDS, Spoken, make_items, make_offices, spoken_round
from tests.factories.offices import OfficeFactory
from tests.factories.recommendations import RecommendationFactory, RecommendationSetFactory
from tests.factories.surveys import (
    AnswerFactory,
    InvitationFactory,
    QuestionFactory,
    ResponseFactory,
    SurveyFactory,
    make_tiny_round,
)
from tests.surveys.test_results_page import TableReader

pytestmark = pytest.mark.django_db


# The independent count


def state(spoken: Spoken, office: str, question: str, number: int | None, code: str | None) -> str:
    """What one office did at one line of one round, read off what it said and nothing else."""
    if office not in spoken.said:
        return "no_response"
    said = spoken.said[office]
    at_all = [value for (name, _number), value in said.items() if name == question]
    if KINDS[question] == "select":
        if not at_all:
            return "no_answer"
        if code == "no_answer":
            return "answered"
        chosen = said.get((question, number)) == ("yes" if code is None else code)
        return "selected" if chosen else "not_selected"
    value = said.get((question, number))
    if value is None:
        return "no_answer"
    return "answered" if KINDS[question] in {"text", "comments"} else value


def count_flow(earlier, later, places, question, code, among) -> Counter:
    """`places` is the number of the recommendation in each round."""
    everybody = (earlier.invited | later.invited) & among
    return Counter(
        (state(earlier, office, question, places[0], code), state(later, office, question, places[1], code))
        for office in everybody
    )


def nonzero(flow: dict) -> Counter:
    return Counter({(a, b): n for a, row in flow["cells"].items() for b, n in row.items() if n})


def percent(count: int, base: int) -> int | None:
    return floor(Fraction(count * 100, base) + Fraction(1, 2)) if base else None


def count_cell(spoken, question, number, code, column, among) -> int:
    """How many of these offices are counted in one cell of the round's table."""
    states = Counter(state(spoken, office, question, number, code) for office in spoken.came & among)
    if KINDS[question] == "select":
        return states["no_answer"] if code == "no_answer" else states["selected"]
    return states[column]


def count_base(spoken, question, number, base, among) -> int:
    came = spoken.came & among
    if base == "responding":
        return len(came)
    if KINDS[question] == "select":
        return sum(any(name == question for name, _number in spoken.said[office]) for office in came)
    return sum((question, number) in spoken.said[office] for office in came)


def offices_of(spoken: list[Spoken], both: bool, region: str | None) -> set[str]:
    regions = {office.code: office.region for s in spoken for office in s.offices}
    among = {code for code, of in regions.items() if region in (None, of)}
    for one in spoken if both else ():
        among &= one.came
    return among


@pytest.fixture
def three_rounds():
    """On one set; the last one has another option, another exclusive option, and one more question."""
    luck = random.Random(7)
    offices = make_offices(40)
    of_set = RecommendationSetFactory()
    make_items(of_set, {1: "One", 2: "Two", 5: "Five"})
    rounds = [
        spoken_round(luck, "later", offices, of_set, year=2027, options=("no", "yes", "planned"), exclusive="na"),
        spoken_round(luck, "first", offices, of_set, year=2023),
        spoken_round(luck, "second", offices, of_set, year=2025),
    ]
    for spoken in rounds:
        spoken.offices = offices
    QuestionFactory(survey=rounds[0].survey, key="novel", order=9)
    return sorted(rounds, key=lambda spoken: spoken.survey.opens_on)


SELECTIONS = list(product(["responding", "answered"], [False, True], [None, "asia"]))


@pytest.mark.parametrize(("base", "both", "region"), SELECTIONS)
def test_every_figure_and_move_equals_an_independent_count(three_rounds, base, both, region):
    among = offices_of(three_rounds, both, region)
    narrowing = Narrowing(region=Region(region) if region else None)
    found = compare_rounds(
        [spoken.survey for spoken in three_rounds], base=Base(base), narrowing=narrowing, both=both
    ).as_json()

    assert [part["survey"] for part in found["rounds"]] == ["first", "second", "later"]
    assert [part["responded"] for part in found["rounds"]] == [len(s.came & among) for s in three_rounds]
    assert [question["question"] for question in found["questions"]] == list(KINDS)
    assert found["not_compared"] == [{"survey": "later", "question": "novel"}]
    for question in found["questions"]:
        for row in question["rows"]:
            check_row(three_rounds, question, row, base, among)


def check_row(rounds, question, row, base, among):
    key, code = question["question"], row["code"]
    sides = row["rounds"]
    for spoken, side, before in zip(rounds, sides, [None, *sides], strict=False):
        if side is None:
            assert code in {"none", "na"} - {spoken.exclusive}
            continue
        number = int(side["recommendation"]) if side["recommendation"] else None
        n = count_base(spoken, key, number, base, among)
        assert side["n"] == n
        for column, cell in side["cells"].items():
            if cell is None:
                assert (key, column in spoken.options) == ("policy", False)
                continue
            count = count_cell(spoken, key, number, code, column, among)
            is_absence = base == "answered" and "no_answer" in (code, column)
            share = None if is_absence else percent(count, n)
            earlier = before["cells"][column] if before else None
            change = None
            if earlier and earlier["percent"] is not None and share is not None:
                change = share - earlier["percent"]
            assert cell == {"count": count, "percent": share, "change": change}
    for (earlier, later), (one, other), flow in zip(pairwise(rounds), pairwise(sides), row["flows"], strict=True):
        if one is None or other is None:
            assert flow is None
            continue
        places = [int(side["recommendation"]) if side["recommendation"] else None for side in (one, other)]
        counted = count_flow(earlier, later, places, key, code, among)
        assert nonzero(flow) == counted
        in_both = {pair: n for pair, n in counted.items() if "no_response" not in pair}
        assert (flow["n"], flow["in_both"]) == (counted.total(), sum(in_both.values()))
        assert flow["moved"] == sum(n for (a, b), n in in_both.items() if a != b)


def test_the_invented_rounds_hold_what_a_count_can_get_wrong(three_rounds):
    """The control: without these cases the comparison above would say little."""
    found = compare_rounds([spoken.survey for spoken in three_rounds]).as_json()
    moves = Counter()
    for question in found["questions"]:
        for row in question["rows"]:
            for flow in row["flows"]:
                moves.update(nonzero(flow) if flow else {})
    none, absent = "no_answer", "no_response"
    wanted = [("implemented", "planned"), ("selected", "not_selected"), ("yes", "no"), (absent, absent)]
    assert [pair for pair in [*wanted, (none, absent), (none, none), (absent, none)] if not moves[pair]] == []
    codes = [row["code"] for row in found["questions"][1]["rows"]]
    assert codes == [None, None, None, "na", "none", "no_answer"]
    assert list(found["questions"][2]["columns"]) == ["no", "yes", "planned", "partly", "no_answer"]


def test_the_figures_of_each_round_are_those_of_its_results_page(three_rounds):
    for base in Base:
        found = compare_rounds([spoken.survey for spoken in three_rounds], base=base)
        for place, spoken in enumerate(three_rounds):
            tables = {table.question: table for table in compute_results(spoken.survey, base=base).tables}
            for question in found.questions:
                rows = [
                    (side.recommendation, line.code, side.n, [(c.count, c.percent) for c in side.cells.values() if c])
                    for line in question.lines
                    if (side := line.sides[place])
                ]
                table = tables[question.key]
                columns = [code for code in question.columns if code in table.columns]
                assert rows == [
                    (r.recommendation, r.code, r.n, [(r.cells[c].count, r.cells[c].percent) for c in columns])
                    for r in table.rows
                ]


# What is the same in two sets


@pytest.fixture
def two_sets():
    earlier, later = RecommendationSetFactory(key="old"), RecommendationSetFactory(key="new")
    later.supersedes = earlier
    later.save()
    make_items(earlier, {1: "Data", 2: "Staff", 3: "Twice", 4: "twice", 7: "Dropped"})
    make_items(later, {1: "Strategy", 2: "  staff", 3: "Data", 4: "Twice"})
    luck = random.Random(3)
    offices = make_offices(20)
    rounds = [
        spoken_round(luck, "before", offices, earlier, year=2022),
        spoken_round(luck, "after", offices, later, year=2026),
    ]
    for spoken in rounds:
        spoken.offices = offices
    return rounds


@pytest.mark.parametrize(
    ("match", "pairs"),
    [
        (
            Match.LABEL,
            [(None, "1"), ("2", "2"), ("1", "3"), (None, "4"), ("3", None), ("4", None), ("7", None)],
        ),
        (Match.NUMBER, [("1", "1"), ("2", "2"), ("3", "3"), ("4", "4"), ("7", None)]),
    ],
)
def test_recommendations_of_two_sets_stand_beside_each_other_by_label_or_number(two_sets, match, pairs):
    found = compare_rounds([spoken.survey for spoken in two_sets], match=match).as_json()
    levels = found["questions"][0]
    places = [tuple(side and side["recommendation"] for side in row["rounds"]) for row in levels["rows"]]
    assert places == pairs
    for question in found["questions"]:
        for row in question["rows"]:
            check_row_of_sets(two_sets, question["question"], row)


def check_row_of_sets(rounds, question, row):
    among = offices_of(rounds, False, None)
    numbers = [side and side["recommendation"] and int(side["recommendation"]) for side in row["rounds"]]
    for spoken, side, number in zip(rounds, row["rounds"], numbers, strict=True):
        if side:
            assert (number is None) or side["label"] == spoken.labels[number]
            for column, cell in side["cells"].items():
                assert cell["count"] == count_cell(spoken, question, number, row["code"], column, among)
    if None in row["rounds"]:
        assert row["flows"] == [None]
    else:
        assert nonzero(row["flows"][0]) == count_flow(*rounds, numbers, question, row["code"], among)


def test_a_label_that_a_set_has_twice_tells_nothing(db):
    earlier, later = RecommendationSetFactory(), RecommendationSetFactory()
    twins = [RecommendationFactory(recommendation_set=earlier, number=n, label="Same") for n in (1, 2)]
    other = RecommendationFactory(recommendation_set=later, number=1, label="Same")
    assert counterparts([*twins, other]) == {twins[0].pk: twins[0].pk, twins[1].pk: twins[1].pk, other.pk: other.pk}
    by_number = counterparts([*twins, other], Match.NUMBER)
    assert by_number == {twins[0].pk: twins[0].pk, twins[1].pk: twins[1].pk, other.pk: twins[0].pk}


# By hand


def test_a_change_is_that_of_the_percentages_printed(db):
    """From 3 of 8 (37.5, printed 38) to 3 of 9 (33.3, printed 33): 5 points, as the reader sees, not 4."""
    offices = [OfficeFactory() for _ in range(9)]
    rounds = [
        make_tiny_round(*offices, key=key, opens_on=datetime.date(year, 1, 1))
        for key, year in (("a", 2023), ("b", 2024))
    ]
    rounds[1].survey.recommendation_set = rounds[0].survey.recommendation_set
    rounds[1].survey.save()
    for tiny, n in zip(rounds, (8, 9), strict=True):
        for place, office in enumerate(offices[:n]):
            response = ResponseFactory(survey=tiny.survey, office=office, submitted=True)
            value = "yes" if place < 3 else "no"
            AnswerFactory(response=response, question=tiny.by_kind["choice"], value=value)
    found = compare_rounds([tiny.survey for tiny in rounds])
    question = next(question for question in found.questions if question.key == "policy")
    cells = [side.cells["yes"] for side in question.lines[0].sides]
    assert [(cell.count, cell.percent, cell.change) for cell in cells] == [(3, 38, None), (3, 33, -5)]
    assert [cell.change_in_words for cell in cells] == ["", "−5"]
    (flow,) = question.lines[0].found_flows
    assert {pair: n for pair, n in flow.cells().items() if n} == {
        ("yes", "yes"): 3,
        ("no", "no"): 5,
        ("no_response", "no"): 1,
    }
    assert (flow.n, flow.in_both, flow.moved) == (9, 8, 0)


@pytest.fixture
def three_tiny_rounds(db):
    """Of two offices the first answers `a` only, the other `b` and `c`, the same to one question of two."""
    offices = [OfficeFactory(), OfficeFactory()]
    rounds = [
        make_tiny_round(*offices, key=key, opens_on=datetime.date(year, 1, 1))
        for key, year in (("a", 2023), ("b", 2024), ("c", 2025))
    ]
    for tiny, office, written in zip(rounds, (offices[0], offices[1], offices[1]), (True, False, True), strict=True):
        tiny.survey.recommendation_set = rounds[0].survey.recommendation_set
        tiny.survey.save()
        response = ResponseFactory(survey=tiny.survey, office=office, submitted=True)
        AnswerFactory(response=response, question=tiny.by_kind["choice"], value="yes")
        if written:
            AnswerFactory(response=response, question=tiny.by_kind["text"])


def test_where_no_office_responded_in_both_one_sentence_says_so(get, three_tiny_rounds):
    sentence = "No office responded in both rounds."
    page = get("compare", rounds=["a", "b"]).content.decode()
    assert (page.count(sentence), "Offices that moved" in page, "flow" in classes(page)) == (1, False, False)
    page = get("compare", rounds=["a", "b", "c"]).content.decode()
    assert '<span class="code">a</span> → <span class="code">b</span>:' in page
    assert (page.count(sentence), page.count("b → c:"), page.count("a → b:")) == (1, page.count("of the 1 that"), 0)
    assert sentence not in get("compare", rounds=["b", "c"]).content.decode()


def test_only_a_line_where_somebody_moved_can_be_opened(get, three_tiny_rounds):
    found = get("compare_json", rounds=["b", "c"]).json()
    page = get("compare", rounds=["b", "c"]).content.decode()
    flows = [flow for question in found["questions"] for row in question["rows"] for flow in row["flows"]]
    assert [flow["in_both"] for flow in flows] == [1] * len(flows)
    assert len(re.findall(r'<details class="flow', page)) == sum(flow["moved"] for flow in flows) == 1
    assert len(re.findall(r'<p class="flow', page)) == len(flows) - 1
    # With two rounds no line needs to name them.
    assert "b → c" not in page


def classes(page: str) -> set[str]:
    return {name for names in re.findall(r'class="([^"]*)"', page) for name in names.split()}


# Which rounds


def survey_on(of_set, **fields):
    return SurveyFactory(recommendation_set=of_set, **fields)


def test_which_rounds_can_stand_beside_each_other(db):
    oldest, other = RecommendationSetFactory(), RecommendationSetFactory()
    newer = RecommendationSetFactory(supersedes=oldest)
    newest = RecommendationSetFactory(supersedes=newer)
    a, b, c, d, e = (survey_on(of) for of in (oldest, oldest, newer, newest, other))
    sample = survey_on(oldest, is_sample=True)
    assert [comparison_fault(rounds) for rounds in ([a, b], [a, c], [c, d], [a, c, d, b])] == ["", "", "", ""]
    assert comparison_fault([a]) == "Choose at least two rounds."
    assert comparison_fault([a] * 7) == "At most 6 rounds fit beside each other."
    assert comparison_fault([a, sample]) == "Sample rounds and real ones never stand beside each other."
    apart = "These rounds are on different sets, of which none supersedes the other."
    assert [comparison_fault(rounds) for rounds in ([a, e], [a, d], [a, c, e])] == [apart, apart, apart]


@pytest.fixture
def get(client_of, secretariat):
    client = client_of(secretariat)
    return lambda name, **query: client.get(reverse(f"surveys:{name}"), query)


def test_refused_rounds_have_a_sentence_and_no_figures(get, three_rounds):
    survey_on(RecommendationSetFactory(), key="foreign")
    survey_on(three_rounds[0].survey.recommendation_set, key="sample", is_sample=True)
    for other, sentence in (("foreign", "none supersedes the other"), ("sample", "never stand beside each other")):
        page = get("compare", rounds=["first", other])
        assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert sentence in page.content.decode()
        assert "<table" not in page.content.decode()
        for name in ("compare_json", "compare_csv", "compare_xlsx"):
            assert get(name, rounds=["first", other]).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    for few in ([], ["first"]):
        assert "Choose at least two rounds." in get("compare", rounds=few).content.decode()
        assert get("compare_json", rounds=few).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


@pytest.mark.parametrize(
    "query",
    [
        {"rounds": ["first", "nowhere"]},
        {"rounds": ["first", "second"], "question": "novel"},
        {"rounds": ["first", "second"], "base": "half"},
        {"rounds": ["first", "second"], "match": "luck"},
    ],
    ids=str,
)
def test_what_does_not_exist_is_no_page(get, three_rounds, query):
    for name in ("compare", "compare_json"):
        assert get(name, **query).status_code == HTTPStatus.NOT_FOUND


def test_a_round_held_elsewhere_has_a_sentence_and_no_figures(get, three_rounds):
    survey_on(three_rounds[0].survey.recommendation_set, key="elsewhere", opens_on=datetime.date(2024, 1, 1))
    found = get("compare_json", rounds=["first", "elsewhere", "second"]).json()
    assert [part["survey"] for part in found["rounds"]] == ["first", "elsewhere", "second"]
    assert (found["rounds"][1]["invited"], found["rounds"][1]["responded"]) == (None, None)
    without = get("compare_json", rounds=["first", "second"]).json()
    assert found["questions"] == without["questions"]
    page = get("compare", rounds=["first", "elsewhere"]).content.decode()
    assert "This round was held elsewhere" in page
    assert "there is nothing to compare" in page
    assert "<table" not in page


@pytest.mark.parametrize("name", ["compare", "compare_json", "compare_csv", "compare_xlsx"])
def test_who_reads_a_comparison(client_of, personas, three_rounds, name):
    url = reverse(f"surveys:{name}") + "?rounds=first&rounds=second"
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


# All surfaces


def flat(found: dict) -> list[tuple]:
    """JSON as the CSV has it."""
    surveys = [part["survey"] for part in found["rounds"] if part["invited"] is not None]
    lines = []
    for question in found["questions"]:
        own = (question["question"], question["kind"])
        for row in question["rows"]:
            for side in filter(None, row["rounds"]):
                for column, cell in side["cells"].items():
                    if cell:
                        place = (side["survey"], side["recommendation"], column)
                        figures = (cell["count"], side["n"], cell["percent"], cell["change"])
                        lines.append(("figure", *own, row["code"], None, None, None, *place, *figures))
        for row in question["rows"]:
            for place, flow in enumerate(row["flows"]):
                for state_, cells in (flow or {"cells": {}})["cells"].items():
                    for other, count in cells.items():
                        one, two = (row["rounds"][place + side]["recommendation"] for side in (0, 1))
                        ends = (surveys[place], one, state_, surveys[place + 1], two, other)
                        lines.append(("move", *own, row["code"], *ends, count, flow["n"], None, None))
    return [tuple("" if value is None else str(value) for value in line) for line in lines]


def figures_of_page(html: str) -> tuple[list, list]:
    """Per row (number or None, cells, n), per flow table its counts; dashes and words as None."""
    figures, moves = [], []
    for table in TableReader(html).tables:
        if "Round" not in [cell.strip() for cell in table[0]]:
            moves.append([[int(cell) for cell in row[1:]] for row in table[1:]])
            continue
        for row in table[1:]:
            cells = [cell.split() for cell in row]
            start = next(
                place for place, words in enumerate(cells) if words and words[-1] in {"first", "second", "later"}
            )
            figures.append([figure(words) for words in cells[start + 1 :]])
    return figures, moves


def figure(words: list[str]) -> tuple | None:
    signs = {"±0": 0}
    if len(words) == 1 and words[0].isdigit():
        return int(words[0])
    if not words or not words[0].isdigit():
        return None
    share = None if words[1] == "–" else int(words[1].removesuffix("%"))
    change = None if len(words) < 3 else signs.get(words[2])
    if len(words) > 2 and change is None:
        change = int(words[2].replace("−", "-"))
    return int(words[0]), share, change


def figures_of_json(found: dict) -> tuple[list, list]:
    """The moves without those of lines where nobody moved, which the page has no table for."""
    figures, moves = [], []
    for question in found["questions"]:
        for row in question["rows"]:
            for side in row["rounds"]:
                if side is None:
                    figures.append([None])
                    continue
                cells = [c and (c["count"], c["percent"], c["change"]) for c in side["cells"].values()]
                figures.append([*cells, side["n"]])
            moves += [
                [list(cells.values()) for cells in flow["cells"].values()]
                for flow in row["flows"]
                if flow and flow["moved"]
            ]
    return figures, moves


def figures_of_xlsx(data: bytes) -> tuple[list, list]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    figures, moves = [], []
    for sheet in book:
        rows = list(sheet.iter_rows(min_row=2, values_only=True))
        if sheet.title.endswith(" moves"):
            moves += [(row[0], row[2], row[-2], row[-1]) for row in rows]
        elif re.match(r"\d", sheet.title):
            for row in rows:
                if row[-1] is None:
                    figures.append([None])
                    continue
                cells = zip(row[3:-1:3], row[4:-1:3], row[5:-1:3], strict=True)
                figures.append([*(None if cell[0] is None else cell for cell in cells), row[-1]])
    return figures, moves


def moves_in_a_row(found: dict) -> list[tuple]:
    return [
        (flow["from"], flow["to"], count, flow["n"])
        for question in found["questions"]
        for row in question["rows"]
        for flow in filter(None, row["flows"])
        for cells in flow["cells"].values()
        for count in cells.values()
    ]


QUERIES = [
    {"rounds": ["second", "first"]},
    {"rounds": ["first", "second", "later"], "base": "answered"},
    {"rounds": ["later", "first"], "both": "1", "region": "asia"},
    {"rounds": ["later", "second"], "question": "focus"},
]


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_page_json_csv_and_xlsx_carry_the_same_figures(get, three_rounds, query):
    found = get("compare_json", **query).json()
    page = get("compare", **query).content.decode()
    assert figures_of_page(page) == figures_of_json(found)
    rows = list(csv.reader(io.StringIO(get("compare_csv", **query).getvalue().decode(), newline="")))
    assert [tuple(row) for row in rows[1:]] == flat(found)
    assert figures_of_xlsx(get("compare_xlsx", **query).getvalue()) == (
        figures_of_json(found)[0],
        moves_in_a_row(found),
    )
    assert figures_of_json(found)[0]
    assert moves_in_a_row(found)


def test_the_file_holds_labels_as_text_and_says_what_one_must_know(get, three_rounds):
    item = three_rounds[0].survey.recommendation_set.recommendations.first()
    item.label = "=HYPERLINK(1)"
    item.save()
    book = openpyxl.load_workbook(
        io.BytesIO(get("compare_xlsx", rounds=["first", "second", "later"], both="1").getvalue())
    )
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert book["1 progress"]["C2"].value == "=HYPERLINK(1)"
    notes = {row[0]: row[1] for row in book["Notes"].iter_rows(min_row=2, values_only=True)}
    assert notes["Offices"] == "those that responded in every round"
    assert notes["Change"] == "in points, of the printed percentages, since the round before"
    assert [cell.value for cell in book["Not compared"][2]] == ["later", "novel", "Text of novel?"]


def test_sample_rounds_are_labelled_as_such(get, two_sets):
    for spoken in two_sets:
        spoken.survey.is_sample = True
        spoken.survey.save()
    query = {"rounds": ["before", "after"]}
    assert "Everything here is invented" in get("compare", **query).content.decode()
    assert get("compare_json", **query).json()["is_sample"] is True
    notes = openpyxl.load_workbook(io.BytesIO(get("compare_xlsx", **query).getvalue()))["Notes"]
    assert next(cell.value for cell in notes[2]) == "Sample data"


def test_the_page_names_both_labels_and_what_has_no_counterpart(get, two_sets):
    page = get("compare", rounds=["before", "after"]).content.decode()
    assert page.count("no counterpart") >= 5
    assert "the one with the same label, whatever its number" in page
    by_number = get("compare", rounds=["before", "after"], match="number").content.decode()
    assert "The portal does not know whether they ask the same" in by_number
    tables = TableReader(by_number).tables
    assert tables[0][1][0].split() == ["1", "Data", "/", "1", "Strategy"]


def test_the_page_runs_the_same_queries_for_any_number_of_offices_and_rounds(
    get, django_assert_num_queries, secretariat
):
    of_set = RecommendationSetFactory()
    make_items(of_set, {1: "One", 2: "Two"})
    rounds = [spoken_round(random.Random(n), f"r{n}", [], of_set, year=2020 + n) for n in range(6)]
    for added in (1, 19, 180):
        for office in OfficeFactory.create_batch(added):
            for spoken in rounds:
                InvitationFactory(survey=spoken.survey, office=office)
                response = ResponseFactory(survey=spoken.survey, office=office, submitted=True)
                AnswerFactory(response=response, question=spoken.survey.questions.get(key="proposals"))
        for count in (2, 6):
            with django_assert_num_queries(13):
                answer = get("compare", rounds=[spoken.survey.key for spoken in rounds[:count]])
            assert answer.status_code == HTTPStatus.OK


def test_the_results_page_leads_to_the_comparison(client_of, secretariat, three_rounds):
    page = client_of(secretariat).get(reverse("surveys:results", args=["first"])).content.decode()
    assert f'href="{reverse("surveys:compare")}?rounds=first"' in page


def test_levels_are_all_columns(three_rounds):
    found = compare_rounds([spoken.survey for spoken in three_rounds])
    assert list(found.questions[0].columns) == [*LEVELS, "no_answer"]
