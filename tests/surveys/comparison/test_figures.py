"""Rounds beside each other: every figure and move against an independent count, and by hand."""

import datetime
from collections import Counter
from itertools import pairwise, product

import pytest

from offices.models import Region
from offices.narrowing import Narrowing
from surveys.models import LEVELS
from surveys.results import Base, compare_rounds, compute_results
from tests.factories.comparisons import KINDS
from tests.factories.offices import OfficeFactory
from tests.factories.surveys import AnswerFactory, ResponseFactory, make_tiny_round
from tests.surveys.comparison.counting import count_base, count_cell, count_flow, nonzero, offices_of, percent

pytestmark = pytest.mark.django_db

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


def test_levels_are_all_columns(three_rounds):
    found = compare_rounds([spoken.survey for spoken in three_rounds])
    assert list(found.questions[0].columns) == [*LEVELS, "no_answer"]
