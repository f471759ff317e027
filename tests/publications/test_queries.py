"""How often the database is asked: as often for many offices and publications as for one."""

import datetime

import pytest

from jiu.reports import progress_report
from publications.actions import decide_comments, publish_progress_report, publish_results
from surveys.results import compute_results
from tests.factories.jiu import make_jiu_recommendation, state
from tests.factories.offices import OfficeFactory
from tests.factories.publications import ClaimFactory
from tests.factories.surveys import AnswerFactory, ResponseFactory, make_tiny_round
from tests.publications.conftest import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client_of, secretariat):
    client = client_of(secretariat)
    client.get("/publications/")  # the session is read anew only once
    return client


def make_round(count: int):
    """As many offices, each with a response to all questions and a text that somebody decided on."""
    tiny = make_tiny_round(*OfficeFactory.create_batch(count))
    for office in tiny.offices:
        response = ResponseFactory(survey=tiny.survey, office=office, submitted=True)
        AnswerFactory(response=response, question=tiny.by_kind["choice"], value="yes")
        AnswerFactory(response=response, question=tiny.by_kind["text"], value=f"Said by {office.code}.")
    ClaimFactory(measure="survey.count", subject="tiny policy yes", value="0")
    return tiny


def make_report(count: int):
    for number in range(1, count + 1):
        state(make_jiu_recommendation(number=number), "2022-03-31")
    return progress_report(as_at=datetime.date(2023, 3, 31), since=datetime.date(2022, 3, 31))


@pytest.mark.parametrize("count", [1, 20])
def test_the_list(anonymous_client, results, secretariat, django_assert_num_queries, count):
    for _time in range(count):
        publish_results(results=results, words=words(), by=secretariat)
    with django_assert_num_queries(2):
        anonymous_client.get("/publications/")


@pytest.mark.parametrize("count", [1, 20, 200])
class TestOfOffices:
    def test_results(self, client, anonymous_client, secretariat, django_assert_num_queries, count):
        survey = make_round(count).survey
        results = compute_results(survey)
        decide_comments(survey=survey, decisions=dict.fromkeys(results.texts, True), by=secretariat)
        with django_assert_num_queries(33):
            client.get("/publications/new/results/tiny/")
        with django_assert_num_queries(14):
            client.get("/publications/comments/tiny/")
        publish_results(results=results, words=words(), by=secretariat)
        with django_assert_num_queries(2):
            anonymous_client.get("/publications/1/")
        for form in ("json", "csv", "xlsx"):
            with django_assert_num_queries(1):
                anonymous_client.get(f"/publications/1/1/publication.{form}")

    def test_a_report(self, client, anonymous_client, secretariat, django_assert_num_queries, count):
        report = make_report(count)
        with django_assert_num_queries(19):
            client.get("/publications/new/progress-report/?as_at=2023-03-31&since=2022-03-31")
        publish_progress_report(report=report, words=words("Why."), by=secretariat)
        with django_assert_num_queries(2):
            anonymous_client.get("/publications/1/")
