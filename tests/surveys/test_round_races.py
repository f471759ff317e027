"""Writers of one round that race: on PostgreSQL, with the controls that go red without the lock."""

import datetime
import threading
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from portal.models import AuditEntry
from portal.writes import version_of
from surveys.actions import common, invitations, responses, rounds
from surveys.forms.rounds import RoundForm
from surveys.models import Invitation, Survey
from tests.factories.offices import OfficeFactory
from tests.factories.recommendations import RecommendationSetFactory
from tests.factories.surveys import (
    InvitationFactory,
    ResponseFactory,
    SurveyFactory,
)
from tests.races import WRITERS, race

pytestmark = pytest.mark.django_db


def audited() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


@pytest.fixture
def racing_round():
    return SurveyFactory(key="race", open_now=True)


@contextmanager
def without_the_lock(monkeypatch, writers: int):
    """The control: all look at what stands before anybody writes."""
    barrier = threading.Barrier(writers)

    def look(survey: Survey) -> Survey:
        current = Survey.objects.get(pk=survey.pk)
        list(current.invitations.all())
        version_of(current)
        barrier.wait(timeout=10)
        return current

    with monkeypatch.context() as patch:
        patch.setattr(common, "lock_round", look)
        yield


def rename(survey: Survey, by) -> object:
    version = version_of(survey)
    values = {name: getattr(survey, name) for name in RoundForm.Meta.fields}
    return lambda n: rounds.update_round(
        survey=survey, values={**values, "title": f"Title {n}"}, version=version, by=by
    )


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_racing_edits_one_wins_and_the_others_see_it(racing_round, secretariat):
    outcomes = race(rename(racing_round, secretariat), 10)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Stale"] * 9 + ["Survey"]
    assert audited() == ["change round"]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_racing_edits_overwrite_each_other(racing_round, secretariat, monkeypatch):
    with without_the_lock(monkeypatch, 10):
        outcomes = race(rename(racing_round, secretariat), 10)
    assert [type(outcome).__name__ for outcome in outcomes].count("Survey") > 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_parallel_invitations_invite_once(racing_round, secretariat):
    offices = OfficeFactory.create_batch(5)
    outcomes = race(lambda _n: invitations.invite(survey=racing_round, offices=offices, by=secretariat), 10)
    assert sorted(len(outcome) for outcome in outcomes) == [0] * 9 + [5]
    assert (Invitation.objects.count(), audited()) == (5, ["invite offices"])


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_parallel_invitations_collide(racing_round, secretariat, monkeypatch):
    offices = OfficeFactory.create_batch(5)
    with without_the_lock(monkeypatch, 10):
        outcomes = race(lambda _n: invitations.invite(survey=racing_round, offices=offices, by=secretariat), 10)
    assert "IntegrityError" in {type(outcome).__name__ for outcome in outcomes}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_parallel_creations_make_one_round(secretariat):
    values = {
        "title": "One",
        "recommendation_set": RecommendationSetFactory(),
        "opens_on": datetime.date(2027, 1, 1),
        "closes_on": datetime.date(2027, 2, 1),
        "is_sample": False,
    }
    outcomes = race(lambda _n: rounds.create_round(key="one", values=values, by=secretariat), 10)
    assert {outcome.key for outcome in outcomes} == {"one"}
    assert (Survey.objects.count(), audited()) == (1, ["create round"])


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_round_is_changed_while_an_office_holds_its_invitation(racing_round, secretariat, office):
    """Neither waits for the other for ever: the office's response is added, then the round is changed."""
    invitation = InvitationFactory(survey=racing_round, office=office)
    change = threading.Thread(target=lambda: (rename(racing_round, secretariat)(1), connection.close()))
    with transaction.atomic():
        Invitation.objects.select_for_update().get(pk=invitation.pk)
        change.start()
        change.join(timeout=0.5)
        assert change.is_alive()
        ResponseFactory(survey=racing_round, office=office)
    change.join(timeout=10)
    assert not change.is_alive()
    assert Survey.objects.get().title == "Title 1"


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_questionnaire_that_twenty_open_at_once_is_opened_once(racing_round, contributor, office):
    invitation = InvitationFactory(survey=racing_round, office=office)
    assert race(lambda _n: responses.note_opening(invitation=invitation, by=contributor)) == [None] * WRITERS
    assert audited() == ["open questionnaire"]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_control_notes_it_more_than_once(racing_round, contributor, office):
    """Without asking in the same statement whether it was opened, each who looked before notes it."""
    invitation = InvitationFactory(survey=racing_round, office=office)
    barrier = threading.Barrier(WRITERS)

    def look_and_note(_n: int) -> None:
        first = Invitation.objects.filter(pk=invitation.pk, opened_at=None).exists()
        barrier.wait(timeout=10)
        if first:
            Invitation.objects.filter(pk=invitation.pk).update(opened_at=None)
            responses.note_opening(invitation=invitation, by=contributor)

    race(look_and_note)
    assert audited().count("open questionnaire") > 1
