"""Writers of one request that race: on PostgreSQL, with the controls that go red without the lock."""

import threading
import uuid
from contextlib import contextmanager

import pytest
from django.test import Client
from django.utils import timezone

from assistance import actions
from assistance.models import Activity, Request, RequestStep
from offices.models import User
from portal.models import AuditEntry
from tests.assistance.walks import days_ago, standing_at, words
from tests.factories.assistance import ProgrammeFactory
from tests.factories.offices import UserFactory
from tests.races import race

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

WRITERS = 8


@contextmanager
def without_the_lock(monkeypatch, writers: int):
    """The control: all look at what stands before anybody writes."""
    barrier = threading.Barrier(writers)

    def look(request: Request) -> Request:
        current = Request.objects.with_status().select_related("programme", "office").get(pk=request.pk)
        barrier.wait(timeout=10)
        return current

    with monkeypatch.context() as patch:
        patch.setattr(actions, "lock_request", look)
        yield


@pytest.fixture
def people() -> list[User]:
    return [UserFactory(role=User.Role.SECRETARIAT) for _number in range(WRITERS)]


def steps_by(people, request):
    """Half agree, half decline, each a person of their own."""

    def take(number: int) -> object:
        return actions.take_step(
            request=request,
            status="agreed" if number % 2 else "declined",
            date=timezone.localdate(),
            note="Because.",
            version=request.version,
            by=people[number],
        )

    return take


def names(outcomes) -> list[str]:
    return sorted(type(outcome).__name__ for outcome in outcomes)


def test_of_racing_steps_one_wins_and_the_others_see_it(people):
    request = standing_at("requested")
    outcomes = race(steps_by(people, request), WRITERS)
    assert names(outcomes) == ["RequestStep", *["Stale"] * (WRITERS - 1)]
    assert (RequestStep.objects.count(), AuditEntry.objects.count(), Request.objects.get().version) == (2, 1, 2)


def test_without_the_lock_racing_steps_contradict_each_other(people, monkeypatch):
    request = standing_at("requested")
    with without_the_lock(monkeypatch, WRITERS):
        race(steps_by(people, request), WRITERS)
    assert {"agreed", "declined"} <= set(RequestStep.objects.values_list("status", flat=True))


def test_on_the_page_one_wins_and_the_other_gets_409(people):
    request = standing_at("requested")

    def post(number: int) -> int:
        client = Client()
        client.force_login(people[number])
        data = {
            "status": ["agreed", "under_discussion"][number],
            "date": timezone.localdate().isoformat(),
            "note": f"Note {number}.",
            "version": request.version,
        }
        return client.post(f"/assistance/requests/{request.key}/step/", data).status_code

    assert sorted(race(post, 2)) == [302, 409]
    assert RequestStep.objects.count() == 2


def test_an_office_that_withdraws_races_the_secretariat(people, contributor, office):
    request = standing_at("requested", office=office)
    takers = [("withdrawn", contributor), ("agreed", people[0])]

    def take(number: int) -> object:
        status, by = takers[number]
        return actions.take_step(
            request=request, status=status, date=timezone.localdate(), version=request.version, by=by
        )

    assert names(race(take, 2)) == ["RequestStep", "Stale"]
    assert RequestStep.objects.count() == 2


def test_the_same_form_many_times_makes_one_request(office, contributor):
    programme, token = ProgrammeFactory(), uuid.uuid4()
    outcomes = race(
        lambda _n: actions.ask(programme=programme, office=office, token=token, values=words(), by=contributor), WRITERS
    )
    assert {type(outcome).__name__ for outcome in outcomes} == {"Request"}
    assert (Request.objects.count(), RequestStep.objects.count(), AuditEntry.objects.count()) == (1, 1, 1)


def test_many_forms_with_one_beginning_of_the_token_make_as_many_requests(office, contributor):
    programme = ProgrammeFactory()
    # They differ in the last digits only: all but the first need a longer key.
    tokens = [uuid.UUID(int=(0x3F2A9C1B << 96) + (number << 88)) for number in range(WRITERS)]
    outcomes = race(
        lambda n: actions.ask(programme=programme, office=office, token=tokens[n], values=words(), by=contributor), 6
    )
    keys = sorted(outcome.key for outcome in outcomes)
    assert len(set(keys)) == 6
    assert keys[0] == "AU-3F2A9C1B"


def test_the_same_activity_at_the_same_moment_is_recorded_once(people):
    request = standing_at("agreed")
    values = {"date": days_ago(1), "kind": "training", "participants": 12, "outcome": ""}
    outcomes = race(
        lambda n: actions.record_activity(request=request, values=values, version=request.version, by=people[n]),
        WRITERS,
    )
    assert names(outcomes) == ["Activity"] * WRITERS
    assert (Activity.objects.count(), AuditEntry.objects.count()) == (1, 1)


def test_without_the_lock_the_same_activity_collides(people, monkeypatch):
    request = standing_at("agreed")
    values = {"date": days_ago(1), "kind": "training", "participants": 12, "outcome": ""}
    with without_the_lock(monkeypatch, WRITERS):
        outcomes = race(
            lambda n: actions.record_activity(request=request, values=values, version=request.version, by=people[n]),
            WRITERS,
        )
    assert "IntegrityError" in names(outcomes)
