"""Writes: asked once, taken along allowed steps, delivered on; each with its audit row."""

import uuid

import pytest
from django.utils import timezone

from assistance import actions, policies
from assistance.models import Activity, Programme, Request, RequestStep
from portal.models import AuditEntry
from portal.writes import Refused, Stale, Taken, version_of
from tests.assistance.walks import ALLOWED, FORBIDDEN, WAYS, days_ago, standing_at, take, words
from tests.factories.assistance import ActivityFactory, ProgrammeFactory, RequestFactory
from tests.factories.offices import OfficeFactory

pytestmark = pytest.mark.django_db

TOKEN = uuid.UUID("3f2a9c1b-0000-4000-8000-000000000001")


def ask(office, by, *, programme=None, token=TOKEN, **changes) -> Request:
    programme = programme or Programme.objects.first() or ProgrammeFactory()
    return actions.ask(programme=programme, office=office, token=token, values=words(**changes), by=by)


def deliver(request, by, *, activity=None, version=None, **changes):
    values = {"date": days_ago(1), "kind": "training", "participants": 12, "outcome": "", **changes}
    version = request.version if version is None else version
    return actions.record_activity(request=request, values=values, version=version, by=by, activity=activity)


def audited() -> list[tuple[str, str, str]]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", "subject", "office_code"))


def said() -> list[tuple[str, str]]:
    return list(RequestStep.objects.order_by("date", "pk").values_list("request__key", "status"))


class TestAsking:
    def test_a_request_is_made_with_its_first_step(self, office, contributor):
        made = ask(office, contributor, institution="Ministry", wanted_by=timezone.localdate())
        assert (made.key, made.office, made.institution, made.version) == ("AU-3F2A9C1B", office, "Ministry", 1)
        step = RequestStep.objects.get()
        assert (step.request, step.status, step.date, step.recorded_by) == (
            made,
            "requested",
            timezone.localdate(),
            contributor,
        )
        assert audited() == [("ask for assistance", "AU-3F2A9C1B", "AU")]

    def test_the_same_form_twice_makes_one_request(self, office, contributor):
        assert ask(office, contributor) == ask(office, contributor)
        assert (said(), len(audited())) == ([("AU-3F2A9C1B", "requested")], 1)

    def test_the_same_form_with_other_words_is_no_repetition(self, office, contributor):
        made = ask(office, contributor)
        with pytest.raises(Taken) as taken:
            ask(office, contributor, purpose="Something else.")
        assert taken.value.existing == made
        assert Request.objects.get().purpose == "To learn."

    def test_two_forms_for_one_programme_make_two_requests(self, office, contributor):
        programme = ProgrammeFactory()
        ask(office, contributor, programme=programme)
        ask(office, contributor, programme=programme, token=uuid.uuid4())
        assert Request.objects.filter(programme=programme, office=office).count() == 2

    def test_a_key_that_is_taken_grows(self, office, contributor):
        RequestFactory(key="AU-3F2A9C1B")
        RequestFactory(key="AU-3F2A9C1B0000")
        assert ask(office, contributor).key == "AU-3F2A9C1B00004000"

    @pytest.mark.parametrize("kind", ["national", "regional", "international"])
    def test_offices_of_every_kind_ask(self, kind, contributor):
        assert ask(OfficeFactory(code="AP", kind=kind), contributor).key == "AP-3F2A9C1B"

    def test_a_retired_programme_is_refused(self, office, contributor):
        with pytest.raises(Refused) as refused:
            ask(office, contributor, programme=ProgrammeFactory(is_active=False))
        assert refused.value.faults == ((None, "This programme is retired: it cannot be requested any more."),)
        assert (Request.objects.count(), audited()) == (0, [])

    def test_a_programme_retired_meanwhile_is_refused(self, office, contributor):
        programme = ProgrammeFactory()
        Programme.objects.update(is_active=False)
        with pytest.raises(Refused):
            ask(office, contributor, programme=programme)

    def test_a_day_that_is_over_is_refused(self, office, contributor):
        with pytest.raises(Refused) as refused:
            ask(office, contributor, wanted_by=days_ago(1))
        assert refused.value.faults == (("wanted_by", "This day is over: choose today or a later one."),)


class TestSteps:
    def test_the_lists_of_pairs_are_not_empty(self):
        assert (len(ALLOWED), len(FORBIDDEN)) == (13, 43)

    @pytest.mark.parametrize(("before", "after"), ALLOWED)
    def test_every_allowed_step_is_taken(self, before, after, secretariat):
        request = standing_at(before)
        take(request, after, secretariat, note="Because.")
        current = Request.objects.with_status().get()
        assert (current.status, current.status_on, current.version) == (after, timezone.localdate(), 2)
        assert audited() == [("step of a request", request.key, request.office.code)]
        assert AuditEntry.objects.get().details["status"] == [before or "", after]

    @pytest.mark.parametrize(("before", "after"), FORBIDDEN)
    def test_every_other_step_is_refused_with_a_sentence(self, before, after, secretariat):
        request = standing_at(before)
        with pytest.raises(Refused) as refused:
            take(request, after, secretariat, note="Because.")
        assert refused.value.faults == (("status", policies.transition_fault(before, after)),)
        assert len(said()) == len(WAYS[before])
        assert (Request.objects.get().version, audited()) == (1, [])

    def test_all_that_is_wrong_is_said(self, secretariat):
        request = standing_at("agreed")
        with pytest.raises(Refused) as refused:
            take(request, "declined", secretariat, date=days_ago(9))
        assert [name for name, _sentence in refused.value.faults] == ["date", "note"]

    def test_a_stale_step_writes_nothing(self, secretariat, administrator):
        request = standing_at("requested")
        take(request, "agreed", secretariat)
        with pytest.raises(Stale) as stale:
            take(request, "declined", administrator, note="No.")
        assert (stale.value.current.status, stale.value.current.version) == ("agreed", 2)
        assert said()[-1] == (request.key, "agreed")

    def test_the_same_step_again_by_the_same_person_has_no_effect(self, secretariat, administrator):
        request = standing_at("requested")
        assert take(request, "agreed", secretariat) == take(request, "agreed", secretariat)
        assert (len(audited()), Request.objects.get().version) == (1, 2)
        with pytest.raises(Stale):
            take(request, "agreed", administrator)


class TestActivities:
    @pytest.mark.parametrize("status", ["agreed", "ongoing", "completed"])
    def test_what_was_delivered_is_recorded(self, status, secretariat):
        request = standing_at(status)
        made = deliver(request, secretariat)
        assert (made.request, made.kind, made.participants) == (request, "training", 12)
        assert Request.objects.get().version == 2
        assert audited() == [("record activity", request.key, request.office.code)]

    @pytest.mark.parametrize("status", [None, "requested", "under_discussion", "declined", "withdrawn"])
    def test_nothing_is_delivered_on_other_requests(self, status, secretariat):
        with pytest.raises(Refused) as refused:
            deliver(standing_at(status), secretariat)
        ((field, sentence),) = refused.value.faults
        assert field is None
        assert sentence.startswith("Activities are recorded while a request is “agreed”, “ongoing”, “completed”;")
        assert Activity.objects.count() == 0

    def test_nothing_is_delivered_before_it_was_agreed_or_in_the_future(self, secretariat):
        request = standing_at("agreed")
        with pytest.raises(Refused) as early:
            deliver(request, secretariat, date=days_ago(2))
        with pytest.raises(Refused) as late:
            deliver(request, secretariat, date=days_ago(-1))
        assert early.value.faults == (("date", "On this day the request was not “agreed”, “ongoing”, “completed”."),)
        assert late.value.faults == (("date", "This day is still to come."),)

    def test_the_same_again_has_no_effect(self, secretariat):
        request = standing_at("ongoing")
        assert deliver(request, secretariat) == deliver(request, secretariat)
        assert (Activity.objects.count(), len(audited())) == (1, 1)

    def test_the_same_kind_and_day_in_other_words_is_refused(self, secretariat):
        request = standing_at("ongoing")
        deliver(request, secretariat)
        with pytest.raises(Refused) as refused:
            deliver(request, secretariat, version=2, outcome="Learnt.")
        assert refused.value.faults == (
            ("kind", "An activity of this kind and day is recorded already: change that one."),
        )

    def test_an_outcome_comes_later(self, secretariat):
        request = standing_at("ongoing")
        activity = deliver(request, secretariat)
        changed = deliver(request, secretariat, version=2, activity=activity, outcome="Learnt.")
        assert (changed, Activity.objects.get().outcome) == (activity, "Learnt.")
        assert audited()[-1][0] == "change activity"
        assert AuditEntry.objects.order_by("pk").last().details == {"changes": {"outcome": ["", "Learnt."]}}

    def test_a_stale_change_writes_nothing(self, secretariat):
        activity = ActivityFactory(request=standing_at("ongoing"), date=days_ago(1))
        request = activity.request
        take(request, "completed", secretariat)
        with pytest.raises(Stale):
            deliver(request, secretariat, activity=activity, outcome="Learnt.")
        assert Activity.objects.get().outcome == ""


class TestMenu:
    def test_a_programme_is_added_once(self, secretariat):
        values = {"title": "Thirteenth"}
        first = actions.add_programme(number=13, values=values, by=secretariat)
        assert actions.add_programme(number=13, values=values, by=secretariat) == first
        with pytest.raises(Taken):
            actions.add_programme(number=13, values={"title": "Another"}, by=secretariat)
        assert audited() == [("add programme", "13. Thirteenth", "")]

    def test_a_programme_is_retired_and_offered_again(self, secretariat):
        programme = ProgrammeFactory(number=1)
        for is_active in (False, False, True):
            version = version_of(programme)
            values = {"is_active": is_active}
            actions.change_programme(programme=programme, values=values, version=version, by=secretariat)
        assert [action for action, *_rest in audited()] == ["change programme", "change programme"]
        assert list(Programme.history.order_by("history_id").values_list("is_active", flat=True)) == [
            True,
            False,
            True,
        ]

    def test_a_stale_change_is_refused(self, secretariat):
        programme = ProgrammeFactory(number=1)
        version = version_of(programme)
        actions.change_programme(programme=programme, values={"title": "New"}, version=version, by=secretariat)
        with pytest.raises(Stale):
            actions.change_programme(programme=programme, values={"title": "Other"}, version=version, by=secretariat)
        assert Programme.objects.get().title == "New"
