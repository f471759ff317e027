"""Publishers who press the button at the same moment."""

import time
from contextlib import nullcontext
from http import HTTPStatus

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.urls import reverse

from portal.writes import Refused
from publications import actions
from publications.actions import publish_results
from publications.models import Publication
from publications.verification import verify
from publications.views import publish
from tests.html_forms import Forms
from tests.publications.conftest import words
from tests.races import WRITERS, race

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def slow(monkeypatch):
    """Let all read which number is free before one of them takes it."""
    real = actions.next_place

    def next_place(corrects):
        found = real(corrects)
        time.sleep(0.3)
        return found

    monkeypatch.setattr(actions, "next_place", next_place)


def places() -> list[tuple[int, int]]:
    return sorted(Publication.objects.values_list("number", "version"))


def test_the_same_form_sent_twenty_times_publishes_once(results, secretariat):
    same = words()
    outcomes = race(lambda _number: publish_results(results=results, words=same, by=secretariat).pk)

    assert set(outcomes) == {Publication.objects.get().pk}
    assert places() == [(1, 1)]
    assert [finding.faults for finding in verify()] == [()]


def test_twenty_publishers_take_twenty_numbers(results, secretariat):
    outcomes = race(lambda _number: publish_results(results=results, words=words(), by=secretariat).number)

    assert sorted(outcomes) == list(range(1, WRITERS + 1))
    assert places() == [(number, 1) for number in range(1, WRITERS + 1)]
    assert [finding.faults for finding in verify()] == [()] * WRITERS


def test_of_twenty_corrections_of_one_version_one_is_published(results, secretariat):
    first = publish_results(results=results, words=words(), by=secretariat)
    outcomes = race(
        lambda number: publish_results(
            results=results, words=words(f"Reason {number}."), corrects=first, by=secretariat
        )
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "Publication",
        *["Stale"] * (WRITERS - 1),
    ]
    assert places() == [(1, 1), (1, 2)]


def test_the_control_shows_the_race(results, secretariat, slow, monkeypatch):
    """Tried once each, nearly all find their number taken: without the constraint there would be doubles."""
    monkeypatch.setattr(actions, "TRIES", 1)
    outcomes = race(lambda _number: publish_results(results=results, words=words(), by=secretariat).number)

    assert len([outcome for outcome in outcomes if isinstance(outcome, Refused)]) > 0
    assert places() == [(number, 1) for number in range(1, len(places()) + 1)]


def test_the_control_without_the_token_publishes_more_than_once(results, secretariat, slow):
    race(lambda _number: publish_results(results=results, words=words(), by=secretariat))
    assert Publication.objects.count() > 1


@pytest.fixture
def two_pages(client_of, results, secretariat):
    """Two people look at the same page, and both publish; what each was answered."""
    url = reverse("publications:new_results", args=[results.survey.key])
    clients = [client_of(secretariat) for _time in range(2)]
    pages = [Forms(client.get(url).content.decode()).found for client in clients]
    forms = [next(form.fields for form in page if "standing" in form.fields) for page in pages]
    # As in `tests.races`, a connection of each thread ends with it.
    request_finished.disconnect(close_old_connections)
    yield lambda: sorted(
        race(lambda n: clients[n].post(url, {**forms[n], "title": "Results", "reason": "Because."}).status_code, 2)
    )
    request_finished.connect(close_old_connections)


def test_of_two_who_publish_the_same_beside_each_other_the_second_is_told(two_pages, slow):
    assert two_pages() == [HTTPStatus.FOUND, HTTPStatus.CONFLICT]
    assert places() == [(1, 1)]


def test_the_control_without_taking_turns_publishes_the_same_twice(two_pages, slow, monkeypatch):
    monkeypatch.setattr(publish, "alone", nullcontext)
    assert two_pages() == [HTTPStatus.FOUND, HTTPStatus.FOUND]
    assert places() == [(1, 1), (2, 1)]
