"""Writers of one response that race: on PostgreSQL, since SQLite lets only one in at a time anyway."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from portal.models import AuditEntry
from recommendations.models import StatusReport
from surveys.actions import responses as actions
from surveys.actions.responses import SectionChange
from surveys.models import Answer, Invitation, Response
from surveys.rules import Given
from tests.factories.surveys import make_tiny_round
from tests.races import WRITERS, race

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def invitation(office) -> Invitation:
    return make_tiny_round(office, open_now=True).survey.invitations.get()


@pytest.fixture
def save(invitation, coordinator) -> Callable[..., Response]:
    """Save the text section as somebody who opened it at `version`."""
    question = invitation.survey.questions.get(kind="text")

    def save_text(words: str, version: int) -> Response:
        change = SectionChange(question, [Given(question, None, words)], version)
        return actions.save_sections(invitation=invitation, changes=[change], by=coordinator)

    return save_text


@contextmanager
def without_the_lock(monkeypatch) -> Iterator[None]:
    """The control: the same race where nobody waits for anybody, and all have read before one writes."""
    barrier = threading.Barrier(WRITERS)
    read = actions.Standing.of

    def read_and_wait(*args):
        standing = read(*args)
        barrier.wait(timeout=20)
        return standing

    with monkeypatch.context() as patch:
        patch.setattr(actions, "lock", lambda invitation: invitation)
        patch.setattr(actions.Standing, "of", read_and_wait)
        yield


def kinds(outcomes: list[object]) -> dict[str, int]:
    names = [type(outcome).__name__ for outcome in outcomes]
    return {name: names.count(name) for name in names}


def test_of_racing_first_saves_one_wins_and_the_others_see_it(save):
    outcomes = race(lambda n: save(f"text {n}", 0))
    assert kinds(outcomes) == {"Response": 1, "StaleSections": WRITERS - 1}
    (standing,) = {o.current.answers[0].value for o in outcomes if isinstance(o, actions.StaleSections)}
    assert Answer.objects.get().value == standing
    assert AuditEntry.objects.count() == 1


def test_without_the_lock_racing_first_saves_collide(save, monkeypatch):
    with without_the_lock(monkeypatch):
        outcomes = race(lambda n: save(f"text {n}", 0))
    assert "IntegrityError" in kinds(outcomes)


def append(save, invitation, line: str) -> int:
    """Add a line as a person does: look, save, and after a conflict merge and save again; how often it took."""
    tries, version, text = 0, 0, ""
    while True:
        tries += 1
        try:
            save(f"{text}{line};", version)
        except actions.StaleSections as stale:
            version = stale.current.version_of(stale.questions[0])
            text = stale.current.answers[0].value
        else:
            return tries


def test_200_racing_saves_of_one_section_lose_nothing(save, invitation):
    outcomes = race(lambda n: [append(save, invitation, f"{n}.{k}") for k in range(10)])
    assert all(isinstance(outcome, list) for outcome in outcomes), kinds(outcomes)
    lines = Answer.objects.get().value.strip(";").split(";")
    assert sorted(lines) == sorted(f"{n}.{k}" for n in range(WRITERS) for k in range(10))
    assert Response.objects.get().version == 200


def test_without_the_lock_saves_of_one_section_are_lost(save, monkeypatch):
    save("first", 0)
    with without_the_lock(monkeypatch):
        outcomes = race(lambda n: save(f"text {n}", 1))
    assert kinds(outcomes) != {"Response": 1, "StaleSections": WRITERS - 1}


@pytest.fixture
def level(invitation, coordinator) -> Response:
    """A draft with one level in it."""
    question = invitation.survey.questions.get(kind="levels")
    item = invitation.survey.recommendation_set.recommendations.first()
    change = SectionChange(question, [Given(question, item, "planned")], 0)
    return actions.save_sections(invitation=invitation, changes=[change], by=coordinator)


def test_20_parallel_submits_make_one_submission_one_audit_row_and_one_set_of_status_reports(
    invitation, coordinator, level
):
    outcomes = race(lambda _n: actions.submit(invitation=invitation, version=1, by=coordinator))
    assert kinds(outcomes) == {"Response": WRITERS}
    assert list(Response.objects.values_list("state", "version")) == [("submitted", 1)]
    assert AuditEntry.objects.filter(action="submit response").count() == 1
    assert list(StatusReport.objects.values_list("implementation", "revision")) == [("planned", 1)]


def test_without_the_lock_parallel_submits_are_audited_more_than_once_or_collide(
    invitation, coordinator, level, monkeypatch
):
    with without_the_lock(monkeypatch):
        outcomes = race(lambda _n: actions.submit(invitation=invitation, version=1, by=coordinator))
    submits = AuditEntry.objects.filter(action="submit response").count()
    assert submits > 1 or set(kinds(outcomes)) != {"Response"}
