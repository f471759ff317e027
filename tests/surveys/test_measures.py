"""The figures of a round by name: those of its results, and what cannot be told."""

import datetime

import pytest

from portal.measures import Asked, CannotTell, all_measures
from surveys.models import Question
from surveys.results import compute_results
from tests.factories.offices import OfficeFactory
from tests.factories.surveys import AnswerFactory, InvitationFactory, ResponseFactory, SurveyFactory

pytestmark = pytest.mark.django_db


def ask(name, subject):
    _title, measure = all_measures()[f"survey.{name}"]
    return measure(Asked(subject))


def value(name, subject):
    figure = ask(name, subject)
    return figure.value or (figure.low, figure.high)


def reason(name, subject):
    with pytest.raises(CannotTell) as caught:
        ask(name, subject)
    return str(caught.value)


@pytest.fixture
def answered(tiny_round):
    """Three of three responded; of the three recommendations 1 is chosen by two, 2 by one, 3 by nobody."""
    third = OfficeFactory(code="FI", name="Finland")
    InvitationFactory(survey=tiny_round.survey, office=third)
    first, second, _third = tiny_round.recommendations
    levels, focus = tiny_round.by_kind[Question.Kind.LEVELS], tiny_round.by_kind[Question.Kind.SELECT]
    answers = {
        tiny_round.offices[0]: [(levels, first, "implemented"), (focus, first, "yes"), (focus, second, "yes")],
        tiny_round.offices[1]: [(levels, first, "in_progress"), (focus, first, "yes")],
        third: [(levels, first, "planned"), (focus, None, "none"), (tiny_round.by_kind["choice"], None, "yes")],
    }
    for office, given in answers.items():
        response = ResponseFactory(survey=tiny_round.survey, office=office, submitted=True)
        for question, recommendation, answer in given:
            AnswerFactory(response=response, question=question, recommendation=recommendation, value=answer)
    return tiny_round.survey


@pytest.mark.parametrize(
    ("name", "subject", "expected"),
    [
        ("responded", "tiny", "3"),
        ("count", "tiny focus 1", "2"),
        ("percent", "tiny focus 1", "67"),
        ("percent", "tiny focus 1-3", (0, 67)),
        ("percent", "tiny focus 2-3", (0, 33)),
        ("percent", "tiny focus 1, 3", (0, 67)),
        ("percent", "tiny focus 1-2, 3", (0, 67)),
        ("percent", "tiny focus none", "33"),
        ("count", "tiny focus no_answer", "0"),
        ("count", "tiny progress 1 implemented", "1"),
        ("count", "tiny progress 1 implemented + in_progress", "2"),
        ("percent", "tiny progress 1 implemented + in_progress", "67"),
        ("percent", "tiny progress 2 no_answer", "100"),
        ("count", "tiny policy all yes", "1"),
        ("rank", "tiny focus highest", "1"),
        ("rank", "tiny focus second", "2"),
        ("rank", "tiny focus lowest", "3"),
    ],
)
def test_a_figure_of_a_round(answered, name, subject, expected):
    assert value(name, subject) == expected


def test_a_share_of_several_columns_is_rounded_once(tiny_round):
    """1 of 8 is 13 per cent, and 2 of 8 are 25, not 26."""
    levels = tiny_round.by_kind[Question.Kind.LEVELS]
    for number in range(8):
        office = OfficeFactory(code=f"X{number}")
        InvitationFactory(survey=tiny_round.survey, office=office)
        response = ResponseFactory(survey=tiny_round.survey, office=office, submitted=True)
        level = {0: "implemented", 1: "in_progress"}.get(number, "planned")
        AnswerFactory(response=response, question=levels, recommendation=tiny_round.recommendations[0], value=level)

    assert value("percent", "tiny progress 1 implemented") == "13"
    assert value("percent", "tiny progress 1 implemented + in_progress") == "25"


def test_they_are_the_figures_of_the_results(answered):
    """Every cell of every table can be asked for, and says what the results say."""
    asked, told = [], []
    for table in compute_results(answered).tables:
        for row in table.rows:
            for column, cell in row.cells.items():
                name = row.recommendation or row.code or "all"
                subject = f"tiny {table.question} {name} {column}"
                asked.append((value("count", subject), value("percent", subject)))
                told.append((str(cell.count), str(cell.percent)))

    assert asked == told
    assert len(asked) == 3 * 6 + 5 + 4 + 2 + 3 * 2


def test_the_rows_behind_a_figure_lead_to_its_table(answered):
    figure = ask("rank", "tiny focus highest")

    assert [(row.label, row.is_counted) for row in figure.rows] == [
        ("1. Recommendation 1: 2 of 3 (67%)", True),
        ("2. Recommendation 2: 1 of 3 (33%)", False),
        ("3. Recommendation 3: 0 of 3 (0%)", False),
    ]
    assert {row.url for row in figure.rows} == {"/surveys/tiny/results/#table-focus"}


def test_the_days_of_a_round():
    SurveyFactory(key="past", opens_on=datetime.date(2025, 5, 2), closes_on=datetime.date(2025, 7, 7))

    assert (value("opens_on", "past"), value("closes_on", "past")) == ("2025-05-02", "2025-07-07")


def test_sample_figures_say_so(answered):
    names = {"responded": "tiny", "percent": "tiny focus 1", "rank": "tiny focus highest", "opens_on": "tiny"}
    assert [ask(name, subject).is_sample for name, subject in names.items()] == [False] * 4

    answered.is_sample = True
    answered.save()

    assert [ask(name, subject).is_sample for name, subject in names.items()] == [True] * 4


# What cannot be told


def test_a_round_held_elsewhere_has_no_figures_but_its_days():
    SurveyFactory(key="elsewhere")

    sentence = "The round was held elsewhere and the portal holds no responses."
    assert reason("responded", "elsewhere") == sentence
    assert reason("percent", "elsewhere focus 1") == sentence
    assert reason("rank", "elsewhere focus highest") == sentence


def test_there_are_no_percentages_of_nobody(tiny_round):
    assert reason("percent", "tiny focus 1") == "Nobody has responded to the round yet."


def test_a_round_or_question_that_is_not_there(answered):
    assert reason("responded", "nowhere") == "The portal knows no survey round nowhere."
    assert reason("responded", "") == "The portal knows no survey round –."
    assert reason("percent", "tiny nothing 1") == "The round has no question nothing."


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("percent", "tiny focus"),
        ("percent", "tiny focus 4"),
        ("percent", "tiny focus 1-9999999999"),
        ("percent", "tiny focus 3-1"),
        ("percent", "tiny focus na"),
        ("percent", "tiny focus 1 planned"),
        ("percent", "tiny progress 1"),
        ("percent", "tiny progress 1 implemented + nothing"),
        ("rank", "tiny focus third"),
        ("rank", "tiny progress highest"),
        ("rank", "tiny focus highest 1"),
    ],
)
def test_a_subject_that_no_measure_knows(answered, name, subject):
    assert reason(name, subject) == f"The measure does not know the subject “{subject}”."


def test_without_a_difference_there_is_no_rank(tiny_round):
    response = ResponseFactory(survey=tiny_round.survey, office=tiny_round.offices[0], submitted=True)
    AnswerFactory(response=response, question=tiny_round.by_kind[Question.Kind.SELECT], value="none")

    assert value("rank", "tiny focus highest") == "1, 2, 3"
    assert reason("rank", "tiny focus second") == "All recommendations were selected equally often."


def test_a_round_is_read_once_for_all_its_figures(answered, django_assert_num_queries):
    shared = {}
    measures = all_measures()

    def each():
        for name, subject in [("percent", "tiny focus 1"), ("rank", "tiny focus lowest"), ("responded", "tiny")]:
            measures[f"survey.{name}"][1](Asked(subject, shared=shared))

    with django_assert_num_queries(9):
        each()
    with django_assert_num_queries(0):
        each()
