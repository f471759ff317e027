"""Rounds on two sets: which recommendation stands beside which."""

import pytest

from surveys.questionnaire import Match, counterparts
from surveys.results import compare_rounds
from tests.factories.recommendations import RecommendationFactory, RecommendationSetFactory
from tests.surveys.comparison.counting import count_cell, count_flow, nonzero, offices_of
from tests.surveys.test_results_page import TableReader

pytestmark = pytest.mark.django_db


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


def test_the_page_names_both_labels_and_what_has_no_counterpart(get, two_sets):
    page = get("compare", rounds=["before", "after"]).content.decode()
    assert page.count("no counterpart") >= 5
    assert "the one with the same label, whatever its number" in page
    by_number = get("compare", rounds=["before", "after"], match="number").content.decode()
    assert "The portal does not know whether they ask the same" in by_number
    tables = TableReader(by_number).tables
    assert tables[0][1][0].split() == ["1", "Data", "/", "1", "Strategy"]
