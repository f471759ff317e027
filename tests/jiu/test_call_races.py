"""Writers of a call that go at the same moment, on PostgreSQL; each with the control that shows the race."""

import datetime

import pytest
from django.utils import timezone

from jiu.actions import calls
from jiu.models import Call, Update, UpdateStep
from portal.models import AuditEntry
from recommendations.actions import Words
from recommendations.models import StatusReport
from tests.factories.jiu import CallFactory, UpdateFactory, make_bureau, make_jiu_recommendation
from tests.factories.offices import UserFactory
from tests.races import WRITERS, race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]

DAY = datetime.date(2023, 3, 31)


@pytest.fixture
def people():
    make_bureau()
    return [UserFactory() for _number in range(WRITERS)]


@pytest.fixture
def update() -> Update:
    return UpdateFactory(call=CallFactory(as_at=DAY), recommendation=make_jiu_recommendation())


def save(update, people):
    def answer(number: int) -> object:
        words = Words("accepted", "in_progress", f"Text {number}.")
        return calls.answer_updates(call=update.call, answers=[calls.Answer(update, 1, words)], by=people[number])

    return race(answer)


def test_of_racing_answers_one_is_saved_and_the_others_are_told(update, people):
    outcomes = save(update, people)

    assert sum(isinstance(outcome, list) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, calls.StaleUpdates) for outcome in outcomes) == WRITERS - 1
    update.refresh_from_db()
    assert (update.version, update.steps.count(), AuditEntry.objects.count()) == (2, 1, 1)
    assert update.assessment == f"Text {people.index(update.steps.get().by)}."


def test_without_the_lock_answers_are_lost(update, people, monkeypatch):
    """The control: it is the lock that tells writers of each other."""

    def unlocked(call, wanted):
        rows = Update.objects.filter(call=call, pk__in=wanted).select_related(
            "call", "recommendation__recommendation_set"
        )
        return {row.pk: row for row in rows}

    monkeypatch.setattr(calls, "locked", unlocked)
    outcomes = save(update, people)

    assert sum(isinstance(outcome, list) for outcome in outcomes) > 1


def test_accepted_by_many_at_once_it_is_one_report(update, people):
    words = Words("accepted", "implemented", "Done.")
    calls.answer_updates(call=update.call, answers=[calls.Answer(update, 1, words)], by=people[0])

    outcomes = race(lambda number: calls.accept(update=update, version=2, by=people[number]))

    assert [outcome for outcome in outcomes if not isinstance(outcome, Update)] == []
    assert StatusReport.objects.count() == 1
    assert UpdateStep.objects.filter(kind="accepted").count() == 1


def test_opened_by_many_at_once_it_is_one_call(people):
    make_jiu_recommendation()
    today = timezone.localdate()

    outcomes = race(lambda number: calls.open_call(as_at=today, closes_on=today, note="", by=people[number]))

    assert set(outcomes) == {Call.objects.get()}
    assert Update.objects.count() == 1
    assert AuditEntry.objects.filter(action="open call").count() == 1
