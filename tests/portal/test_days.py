"""Days that are typed: those that no calendar of an office knows are said in a sentence, on every page that asks."""

import datetime
from http import HTTPStatus

import pytest
from django import forms

from portal.forms import FIRST_DAY, LAST_DAY, DayField
from tests.factories.recommendations import RecommendationSetFactory

pytestmark = pytest.mark.django_db

OUTSIDE = ["0001-01-01", "1899-12-31", "3000-01-01", "9999-12-31"]
SENTENCE = "Write a date from 1900-01-01 to 2999-12-31."


@pytest.mark.parametrize("day", [FIRST_DAY, LAST_DAY, datetime.date(2026, 6, 30)])
def test_days_between_are_taken(day):
    assert DayField().clean(day.isoformat()) == day


@pytest.mark.parametrize("day", OUTSIDE)
def test_days_outside_are_not(day):
    with pytest.raises(forms.ValidationError, match=SENTENCE):
        DayField().clean(day)


@pytest.mark.parametrize("day", OUTSIDE)
@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("/audit/", "since"),
        ("/audit/", "until"),
        ("/dashboard/", "as_at"),
        ("/dashboard/grid/", "as_at"),
        ("/jiu/progress-report/", "as_at"),
        ("/jiu/progress-report/", "since"),
    ],
)
def test_a_page_that_asks_for_a_day_says_so(client_of, secretariat, page, name, day):
    RecommendationSetFactory()
    answer = client_of(secretariat).get(page, {name: day})
    assert answer.status_code == HTTPStatus.OK
    assert SENTENCE in answer.content.decode()


@pytest.mark.parametrize("day", OUTSIDE)
@pytest.mark.parametrize("name", ["since", "until"])
def test_the_export_of_the_trail_leads_nowhere(client_of, secretariat, name, day):
    assert client_of(secretariat).get("/audit.csv", {name: day}).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("day", OUTSIDE)
def test_a_form_says_so_too(client_of, secretariat, day):
    answer = client_of(secretariat).post("/jiu/calls/open/", {"as_at": day, "closes_on": day})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert answer.content.decode().count(SENTENCE) == 2
