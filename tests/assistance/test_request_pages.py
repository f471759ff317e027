"""One request: taken along allowed steps, withdrawn, delivered on; nothing typed is lost."""

from http import HTTPStatus

import pytest
from django.utils import timezone

from assistance import actions, policies
from assistance.models import Activity, Programme, Request, RequestStep
from offices.models import Membership
from portal import held
from portal.models import AuditEntry
from tests.assistance.walks import FORBIDDEN, ONE, form_of, sent, standing_at, take, text_of
from tests.factories.assistance import ActivityFactory, ProgrammeFactory
from tests.factories.offices import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme():
    return ProgrammeFactory(number=1, title="Training", expected_outcomes="Skills grow\nBacklogs shrink")


@pytest.fixture
def asked(office, programme):
    """A request of the office that is `requested` since yesterday."""
    return standing_at("requested", key="r1", office=office, programme=programme)


class TestOneRequest:
    def test_what_is_shown(self, client_of, viewer, secretariat, asked):
        take(asked, "agreed", secretariat, note="Two missions.")
        ActivityFactory(request=asked, date=timezone.localdate(), outcome="Learnt.")
        page = text_of(client_of(viewer).get(ONE))
        for text in ("Two missions.", f"Recorded by {secretariat}", "Learnt.", "Skills grow", "1 day ago"):
            assert text in page
        assert "Take this step" not in page
        assert "Withdraw the request" not in page

    def test_forms_are_those_of_the_person(self, client_of, personas, asked):
        take(asked, "agreed", personas["secretariat"])
        names = ("step_form", "withdraw_form", "activity_form")
        forms = {
            person: [name for name in names if name in client_of(personas[person]).get(ONE).context]
            for person in personas
            if person not in {"anonymous", "other_coordinator"}
        }
        assert forms == {
            "viewer": [],
            "contributor": ["withdraw_form"],
            "coordinator": ["withdraw_form"],
            "secretariat": ["step_form", "activity_form"],
            "administrator": ["step_form", "activity_form"],
            "auditor": [],
        }

    def test_only_allowed_steps_are_offered(self, client_of, secretariat, asked):
        choices = form_of(client_of(secretariat), "step_form").fields["status"].widget.choices
        assert [value for value, _label in choices] == ["", "under_discussion", "agreed", "declined"]

    def test_queries_are_the_same_for_one_step_and_many(self, client_of, secretariat, asked, django_assert_num_queries):
        client = client_of(secretariat)
        client.get(ONE)
        with django_assert_num_queries(6):
            client.get(ONE)
        for number, status in enumerate(["under_discussion", "agreed", "ongoing"]):
            take(Request.objects.get(), status, secretariat)
            ActivityFactory(request=asked, kind=f"kind {number}")
        with django_assert_num_queries(6):
            client.get(ONE)


class TestSteps:
    def test_the_secretariat_takes_it_all_the_way(self, client_of, secretariat, asked):
        client = client_of(secretariat)
        for status in ("under_discussion", "agreed", "ongoing", "completed"):
            answer = client.post(
                f"{ONE}step/", sent(form_of(client, "step_form"), status=status, note=f"{status}.\r\n")
            )
            assert answer.url == ONE
        taken = RequestStep.objects.order_by("pk").values_list("status", "note", "recorded_by")
        assert list(taken)[1:] == [
            (status, f"{status}.", secretariat.pk) for status in ("under_discussion", "agreed", "ongoing", "completed")
        ]
        assert "This request has come to its end" in text_of(client.get(ONE))

    @pytest.mark.parametrize(("before", "after"), [pair for pair in FORBIDDEN if pair[1] not in {"requested"}])
    def test_every_forbidden_step_is_refused_with_a_sentence(self, client_of, administrator, office, before, after):
        """By somebody who acts for the office and for the secretariat."""
        MembershipFactory(user=administrator, office=office, role=Membership.Role.COORDINATOR)
        request = standing_at(before, key="r1", office=office)
        data = {"status": after, "date": timezone.localdate(), "note": "Kept.", "version": request.version}
        answer = client_of(administrator).post(f"{ONE}step/", data)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert answer.context["step_form"].errors["status"] == [policies.transition_fault(before, after)]
        assert "Kept." in text_of(answer)
        assert RequestStep.objects.count() == request.steps.count()
        assert Request.objects.get().version == 1

    @pytest.mark.parametrize(
        ("changes", "field", "sentence"),
        [
            ({"status": "declined"}, "note", "A request can only become “declined” with a reason."),
            ({"status": "done"}, "status", "There is no such state."),
            ({"status": ""}, "status", "This field is required."),
            ({"date": "2020-01-01"}, "date", "This day is before the last step, which was on %s."),
            ({"date": "2999-01-01"}, "date", "This day is still to come."),
            ({"version": ""}, "__all__", "The form is incomplete: load the page again."),
        ],
    )
    def test_what_is_wrong_is_said(self, client_of, secretariat, asked, changes, field, sentence):
        client = client_of(secretariat)
        data = sent(form_of(client, "step_form"), status="agreed") | changes
        answer = client.post(f"{ONE}step/", data)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        (said,) = answer.context["step_form"].errors[field]
        assert said.startswith(sentence.partition("%s")[0])
        assert RequestStep.objects.count() == 1

    def test_a_stale_step_shows_both_and_keeps_what_was_typed(self, client_of, secretariat, administrator, asked):
        client = client_of(secretariat)
        data = sent(form_of(client, "step_form"), status="declined", note="No funds.")
        take(asked, "agreed", administrator, note="Two missions.")
        answer = client.post(f"{ONE}step/", data)
        assert answer.status_code == HTTPStatus.CONFLICT
        today = timezone.localdate()
        form = answer.context["step_form"]
        assert [(difference.theirs, difference.yours) for difference in form.conflict] == [
            ("agreed", "declined"),
            (f"{today.day} {today:%B %Y}",) * 2,
            ("Two missions.", "No funds."),
        ]
        assert answer.context["asked"].status == "agreed"
        assert RequestStep.objects.count() == 2
        again = client.post(f"{ONE}step/", sent(form))
        assert again.url == ONE
        assert RequestStep.objects.order_by("pk").last().note == "No funds."

    def test_the_same_step_twice_has_one_effect(self, client_of, secretariat, asked):
        client = client_of(secretariat)
        data = sent(form_of(client, "step_form"), status="agreed")
        assert [client.post(f"{ONE}step/", data).url for _time in range(2)] == [ONE, ONE]
        assert (RequestStep.objects.count(), AuditEntry.objects.count()) == (2, 1)

    def test_who_takes_which_step(self, client_of, personas, asked):
        def post(user, url, status):
            data = {"status": status, "date": timezone.localdate(), "note": "Typed.", "version": 1}
            answer = client_of(user).post(ONE + url, data)
            if answer.status_code == HTTPStatus.FORBIDDEN:
                assert "Typed." in text_of(answer)
            RequestStep.objects.exclude(status="requested").delete()
            Request.objects.update(version=1)
            return answer.status_code

        outcomes = {
            name: (post(user, "step/", "agreed"), post(user, "step/", "withdrawn"), post(user, "withdraw/", ""))
            for name, user in personas.items()
        }
        assert outcomes == {
            "viewer": (403, 403, 403),
            "contributor": (403, 302, 302),
            "coordinator": (403, 302, 302),
            "other_coordinator": (404, 404, 404),
            "secretariat": (302, 403, 403),
            "administrator": (302, 403, 403),
            "auditor": (403, 403, 403),
            "anonymous": (302, 302, 302),
        }

    def test_what_was_typed_while_signed_out_is_put_back(self, client_of, secretariat, asked):
        client = client_of(secretariat)
        data = sent(form_of(client, "step_form"), status="declined", note="Typed before.")
        client.logout()
        client.post(f"{ONE}step/", data | {held.MARK: held.mark_of(secretariat)})
        assert RequestStep.objects.count() == 1
        client.force_login(secretariat)
        answer = client.get(f"{ONE}step/")
        assert answer.status_code == HTTPStatus.OK
        assert "Typed before." in text_of(answer)
        assert client_of(secretariat).get(f"{ONE}step/").url == ONE


class TestWithdrawing:
    @pytest.mark.parametrize("status", ["requested", "under_discussion", "agreed", "ongoing"])
    def test_an_office_takes_back_what_is_open(self, client_of, contributor, office, status):
        standing_at(status, key="r1", office=office)
        client = client_of(contributor)
        answer = client.post(f"{ONE}withdraw/", sent(form_of(client, "withdraw_form"), note="No time."), follow=True)
        assert "The request is now “withdrawn”." in text_of(answer)
        last = RequestStep.objects.order_by("pk").last()
        assert (last.status, last.note, last.recorded_by, last.date) == (
            "withdrawn",
            "No time.",
            contributor,
            timezone.localdate(),
        )

    @pytest.mark.parametrize("status", ["completed", "declined", "withdrawn"])
    def test_what_has_ended_stays(self, client_of, contributor, office, status):
        standing_at(status, key="r1", office=office)
        answer = client_of(contributor).post(f"{ONE}withdraw/", {"version": 1, "note": "No time."})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert policies.transition_fault(status, "withdrawn") in text_of(answer)

    def test_withdrawing_something_that_moved_on_is_asked_about(self, client_of, contributor, secretariat, asked):
        client = client_of(contributor)
        data = sent(form_of(client, "withdraw_form"), note="Too late.")
        take(asked, "agreed", secretariat)
        answer = client.post(f"{ONE}withdraw/", data)
        assert answer.status_code == HTTPStatus.CONFLICT
        assert "Too late." in text_of(answer)
        client.post(f"{ONE}withdraw/", sent(answer.context["withdraw_form"]))
        assert Request.objects.with_status().get().status == "withdrawn"


class TestActivities:
    @pytest.fixture
    def agreed(self, office, programme):
        return standing_at("agreed", key="r1", office=office, programme=programme)

    def test_an_activity_is_recorded_beside_what_is_expected(self, client_of, secretariat, agreed):
        client = client_of(secretariat)
        form = form_of(client, "activity_form")
        data = sent(form, date=timezone.localdate(), kind="training", participants="12", outcome="Learnt.\r\nAll.")
        answer = client.post(f"{ONE}activity/", data, follow=True)
        assert Activity.objects.values_list("kind", "participants", "outcome").get() == (
            "training",
            12,
            "Learnt.\nAll.",
        )
        assert "Backlogs shrink" in text_of(answer)
        client.post(f"{ONE}activity/", data)
        assert (Activity.objects.count(), AuditEntry.objects.count()) == (1, 1)

    def test_a_programme_without_expected_outcomes_says_so(self, client_of, secretariat, agreed):
        Programme.objects.update(expected_outcomes="")
        page = text_of(client_of(secretariat).get(ONE))
        assert "The source names no expected outcomes for this programme." in page

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"date": "2999-01-01"}, "date"),
            ({"date": "2020-01-01"}, "date"),
            ({"date": ""}, "date"),
            ({"kind": " "}, "kind"),
            ({"participants": "-1"}, "participants"),
            ({"participants": "1000000000"}, "participants"),
        ],
    )
    def test_what_is_wrong_is_said(self, client_of, secretariat, agreed, changes, field):
        client = client_of(secretariat)
        data = sent(form_of(client, "activity_form"), date=timezone.localdate(), kind="training", outcome="Kept.")
        answer = client.post(f"{ONE}activity/", data | changes)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert list(answer.context["activity_form"].errors) == [field]
        assert "Kept." in text_of(answer)

    def test_nothing_is_delivered_on_what_is_only_requested(self, client_of, secretariat, asked):
        data = {"date": timezone.localdate(), "kind": "training", "outcome": "Kept.", "version": 1}
        answer = client_of(secretariat).post(f"{ONE}activity/", data)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "this one is “requested”" in text_of(answer)
        assert "Kept." in text_of(answer)

    def test_who_records(self, client_of, personas, agreed):
        def post(user):
            data = {"date": timezone.localdate(), "kind": "training", "outcome": "Typed.", "version": 1}
            answer = client_of(user).post(f"{ONE}activity/", data)
            Activity.objects.all().delete()
            Request.objects.update(version=1)
            return answer.status_code

        assert {name: post(user) for name, user in personas.items()} == {
            "viewer": 403,
            "contributor": 403,
            "coordinator": 403,
            "other_coordinator": 404,
            "secretariat": 302,
            "administrator": 302,
            "auditor": 403,
            "anonymous": 302,
        }

    def test_an_outcome_is_added_later(self, client_of, secretariat, agreed):
        activity = ActivityFactory(request=agreed, date=timezone.localdate())
        url = f"{ONE}activity/{activity.pk}/"
        client = client_of(secretariat)
        form = form_of(client, "activity_form", url)
        assert form["kind"].value() == "training"
        assert client.post(url, sent(form, outcome="Learnt.")).url == ONE
        activity.refresh_from_db()
        assert activity.outcome == "Learnt."
        assert [entry.outcome for entry in activity.history.order_by("history_id")] == ["", "Learnt."]

    def test_a_stale_change_shows_both(self, client_of, secretariat, administrator, agreed):
        activity = ActivityFactory(request=agreed, date=timezone.localdate())
        url = f"{ONE}activity/{activity.pk}/"
        client = client_of(secretariat)
        data = sent(form_of(client, "activity_form", url), outcome="Mine.")
        values = {"date": activity.date, "kind": "training", "participants": None, "outcome": "Theirs."}
        actions.record_activity(request=agreed, values=values, version=1, by=administrator, activity=activity)
        answer = client.post(url, data)
        assert answer.status_code == HTTPStatus.CONFLICT
        assert ("Theirs.", "Mine.") in [
            (difference.theirs, difference.yours) for difference in answer.context["activity_form"].conflict
        ]
        assert client.post(url, sent(answer.context["activity_form"])).url == ONE
        activity.refresh_from_db()
        assert activity.outcome == "Mine."

    def test_an_activity_of_another_request_is_missing(self, client_of, secretariat, agreed):
        other = ActivityFactory()
        assert client_of(secretariat).get(f"{ONE}activity/{other.pk}/").status_code == HTTPStatus.NOT_FOUND

    def test_nobody_else_opens_the_form(self, client_of, coordinator, agreed):
        activity = ActivityFactory(request=agreed, date=timezone.localdate())
        url = f"{ONE}activity/{activity.pk}/"
        assert client_of(coordinator).get(url).status_code == HTTPStatus.FORBIDDEN
        data = {"date": activity.date, "kind": "training", "outcome": "Kept.", "version": 1}
        refused = client_of(coordinator).post(url, data)
        assert refused.status_code == HTTPStatus.FORBIDDEN
        assert "Kept." in text_of(refused)
