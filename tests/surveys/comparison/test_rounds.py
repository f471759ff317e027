"""Which rounds can stand beside each other, and what those are told who choose others."""

import datetime
from http import HTTPStatus

import pytest

from surveys.policies import comparison_fault
from tests.factories.recommendations import RecommendationSetFactory
from tests.factories.surveys import SurveyFactory

pytestmark = pytest.mark.django_db


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
