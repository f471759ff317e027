"""Writers of one response that race: on PostgreSQL, since SQLite lets only one in at a time anyway."""

import threading
from collections.abc import Callable
from contextlib import contextmanager

import pytest
from django.db import connection

from portal.models import AuditEntry
from surveys.actions import responses as actions
from surveys.models import Answer, Invitation, Response
from surveys.rules import Given
from tests.factories.surveys import make_tiny_round

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

WRITERS = 20


def race(work: Callable[[int], object], writers: int = WRITERS) -> list[object]:
    """Let all writers go at the same moment; what each returned or raised."""
    barrier = threading.Barrier(writers)
    outcomes: list[object] = [None] * writers

    def run(number: int) -> None:
        try:
            barrier.wait()
            outcomes[number] = work(number)
        except Exception as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.fixture
def invitation(office) -> Invitation:
    return make_tiny_round(office, open_now=True).survey.invitations.get()


@pytest.fixture
def text(invitation):
    question = invitation.survey.questions.get(kind="text")
    return lambda words: [Given(question, None, words)]


@contextmanager
def without_the_lock(monkeypatch):
    """The control: the same race where nobody waits for anybody."""

    def look(invitation: Invitation) -> Response | None:
        current = actions.current_response(invitation.survey, invitation.office)
        barrier.wait(timeout=10)
        return current

    barrier = threading.Barrier(WRITERS)
    with monkeypatch.context() as patch:
        patch.setattr(actions, "lock", look)
        yield


def kinds(outcomes: list[object]) -> dict[str, int]:
    names = [type(outcome).__name__ for outcome in outcomes]
    return {name: names.count(name) for name in names}


def test_of_racing_first_saves_one_wins_and_the_others_see_it(invitation, coordinator, text):
    outcomes = race(
        lambda n: actions.save_draft(invitation=invitation, answers=text(f"text {n}"), version=0, by=coordinator)
    )
    assert kinds(outcomes) == {"Response": 1, "StaleVersion": WRITERS - 1}
    (winner,) = [outcome for outcome in outcomes if isinstance(outcome, Response)]
    assert Answer.objects.get().value == winner.answers.get().value
    assert all(
        outcome.current.answers.get().value == winner.answers.get().value
        for outcome in outcomes
        if isinstance(outcome, actions.StaleVersion)
    )
    assert AuditEntry.objects.count() == 1


def test_without_the_lock_racing_saves_collide(invitation, coordinator, text, monkeypatch):
    with without_the_lock(monkeypatch):
        outcomes = race(
            lambda n: actions.save_draft(invitation=invitation, answers=text(f"text {n}"), version=0, by=coordinator)
        )
    assert "IntegrityError" in kinds(outcomes)


def test_of_racing_saves_of_one_version_no_text_overwrites_another(invitation, coordinator, text):
    first = actions.save_draft(invitation=invitation, answers=text("first"), version=0, by=coordinator)
    outcomes = race(
        lambda n: actions.save_draft(invitation=invitation, answers=text(f"text {n}"), version=1, by=coordinator)
    )
    assert kinds(outcomes) == {"Response": 1, "StaleVersion": WRITERS - 1}
    first.refresh_from_db()
    assert first.version == 2


def test_without_the_lock_a_later_save_overwrites_an_earlier_one(invitation, coordinator, text, monkeypatch):
    actions.save_draft(invitation=invitation, answers=text("first"), version=0, by=coordinator)
    with without_the_lock(monkeypatch):
        outcomes = race(
            lambda n: actions.save_draft(invitation=invitation, answers=text(f"text {n}"), version=1, by=coordinator)
        )
    assert kinds(outcomes) != {"Response": 1, "StaleVersion": WRITERS - 1}


def test_parallel_submits_of_the_same_answers_make_one_submission(invitation, coordinator, text):
    outcomes = race(lambda _n: actions.submit(invitation=invitation, answers=text("said"), version=0, by=coordinator))
    assert kinds(outcomes) == {"Response": WRITERS}
    assert list(Response.objects.values_list("state", "version")) == [("submitted", 1)]
    assert AuditEntry.objects.count() == 1
