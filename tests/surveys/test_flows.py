"""Codes of the tables and keys of options: no office is counted as what it did not say."""

import datetime
from http import HTTPStatus

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from surveys.actions.carrying import carry_over
from surveys.models import Answer
from surveys.policies import RESERVED_OPTIONS
from surveys.questionnaire import Match, Questionnaire, counterparts
from surveys.results import NO_ANSWER, Base, compare_rounds, compute_crosstable, compute_results, find_axis
from surveys.results.flows import ELSEWHERE, NO_RESPONSE
from tests.factories.offices import OfficeFactory
from tests.factories.recommendations import RecommendationFactory, RecommendationSetFactory
from tests.factories.surveys import (
    AnswerFactory,
    InvitationFactory,
    QuestionFactory,
    QuestionOptionFactory,
    ResponseFactory,
    SurveyFactory,
)

pytestmark = pytest.mark.django_db

# Words that tables use as codes where no option stands, and words that they do not use any more.
FREE = [
    "answered", "selected", "not_selected", "yes", "none", "na", "implemented", "elsewhere", "any", "1", "_", "-",
]  # fmt: skip


def empty_round(recommendation_set, offices, *, year: int, **fields):
    day = datetime.date(year, 1, 1)
    survey = SurveyFactory(recommendation_set=recommendation_set, opens_on=day, closes_on=day, **fields)
    for office in offices:
        InvitationFactory(survey=survey, office=office)
    return survey


def choice_round(recommendation_set, said, keys, **fields):
    """A round with one choice of these keys; `said` is a key by office, or None of one that is silent on it."""
    survey = empty_round(recommendation_set, said, **fields)
    question = QuestionFactory(survey=survey, key="host", kind="choice")
    for order, key in enumerate(keys):
        QuestionOptionFactory(question=question, key=key, order=order)
    for office, value in said.items():
        response = ResponseFactory(survey=survey, office=office, submitted=True)
        if value is not None:
            AnswerFactory(response=response, question=question, value=value)
    return survey


# Keys of options


def test_reserved_are_the_codes_that_stand_beside_options():
    assert {NO_ANSWER, NO_RESPONSE} == RESERVED_OPTIONS


@pytest.mark.parametrize("key", FREE)
def test_an_option_of_any_other_key_is_counted_as_itself_everywhere(key):
    of_set = RecommendationSetFactory()
    RecommendationFactory(recommendation_set=of_set, number=1)
    stays, comes, goes, silent = (OfficeFactory() for _ in range(4))
    earlier = choice_round(of_set, {stays: key, comes: "own", goes: key, silent: None}, ["own", key], year=2023)
    later = choice_round(of_set, {stays: key, comes: key, goes: None, silent: None}, ["own", key], year=2024)

    cells = compute_results(later).tables[0].rows[0].cells
    assert {code: cell.count for code, cell in cells.items()} == {"own": 0, key: 2, "no_answer": 2}

    axis = find_axis(Questionnaire.of(later), "host")
    for base, share in ((Base.RESPONDING, 50), (Base.ANSWERED, 100)):
        table = compute_crosstable(later, axis, axis, base=base)
        counts = {place: cell.count for place, cell in table.cells.items() if cell.count}
        assert counts == {(key, key): 2, ("no_answer", "no_answer"): 2}
        assert table.cells[key, key].percent == share

    flow = compare_rounds([earlier, later]).questions[0].lines[0].found_flows[0]
    moves = {place: count for place, count in flow.cells().items() if count}
    assert moves == {(key, key): 1, ("own", key): 1, (key, "no_answer"): 1, ("no_answer", "no_answer"): 1}
    assert (flow.n, flow.in_both, flow.moved) == (4, 4, 2)


def test_nobody_can_answer_what_stands_for_an_answer_elsewhere():
    with pytest.raises(IntegrityError, match="answer_has_a_value"), transaction.atomic():
        AnswerFactory(value=ELSEWHERE)


# Rounds that ask nothing


def test_rounds_without_questions_stand_beside_each_other(client_of, secretariat):
    of_set, office = RecommendationSetFactory(), OfficeFactory()
    RecommendationFactory(recommendation_set=of_set, number=1)
    surveys = [empty_round(of_set, [office], year=year, key=f"r{year}") for year in (2023, 2024)]
    found = compare_rounds(surveys)
    assert [(part.invited, part.responded) for part in found.rounds] == [(1, 0), (1, 0)]
    assert (found.questions, found.alone) == ((), ())
    address = f"{reverse('surveys:compare')}?rounds=r2023&rounds=r2024"
    assert client_of(secretariat).get(address).status_code == HTTPStatus.OK


# Recommendations without a label


def items_of(*labels: str, supersedes=None):
    of_set = RecommendationSetFactory(supersedes=supersedes)
    return [
        RecommendationFactory(recommendation_set=of_set, number=number, label=label)
        for number, label in enumerate(labels, start=1)
    ]


def test_recommendations_without_a_label_are_the_same_by_number_and_never_by_their_empty_label():
    earlier, later = items_of("", "One", "Same", "Same"), items_of(" ", "", "one", "Same")
    same = counterparts([*earlier, *later])
    assert [same[item.pk] for item in later] == [earlier[0].pk, later[1].pk, earlier[1].pk, later[3].pk]
    assert [same[item.pk] for item in earlier] == [item.pk for item in earlier]


@pytest.mark.parametrize("match", Match)
def test_a_lone_empty_label_does_not_lead_to_another_number(match):
    (earlier,), (*_others, later) = items_of(""), items_of("A", "B", "")
    assert counterparts([earlier, later], match)[later.pk] == later.pk


def test_no_answer_is_carried_over_by_an_empty_label(secretariat):
    (first,), office = items_of(""), OfficeFactory()
    second, third = items_of("Another", "", supersedes=first.recommendation_set)
    source = empty_round(first.recommendation_set, [office], year=2023)
    survey = SurveyFactory(recommendation_set=third.recommendation_set, open_now=True)
    InvitationFactory(survey=survey, office=office)
    asked = [QuestionFactory(survey=one, key="progress", kind="levels") for one in (source, survey)]
    response = ResponseFactory(survey=source, office=office, submitted=True)
    AnswerFactory(response=response, question=asked[0], recommendation=first, value="implemented")
    assert carry_over(survey=survey, source=source, by=secretariat) == 0
    assert not Answer.objects.filter(recommendation__in=[second, third]).exists()
