"""Whom to write to on which day, and whom not."""

import datetime

import pytest
from django.utils import timezone

from notices import reports
from notices.models import Reminder
from offices.models import Membership
from surveys.models import Invitation
from tests.factories.notices import ReminderFactory, make_asked
from tests.factories.offices import MembershipFactory, OfficeFactory
from tests.factories.surveys import InvitationFactory, ResponseFactory

pytestmark = pytest.mark.django_db

YESTERDAY = timezone.now() - datetime.timedelta(days=1, minutes=1)


def days(number: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=number)


def due() -> list[tuple[str, str]]:
    return [(item.office.code, item.kind.value) for item in reports.due_reminders(timezone.localdate())]


@pytest.fixture
def na():
    return OfficeFactory(code="NA")


@pytest.mark.parametrize(
    ("opened", "left", "kinds"),
    [
        (-1, 30, []),  # it opens tomorrow
        (0, 30, ["invitation"]),
        (20, 8, ["invitation"]),
        (20, 7, ["invitation"]),  # the first mail of the day is enough
        (20, 0, ["invitation"]),
        (30, -1, ["overdue"]),
        (60, -30, ["overdue"]),
        (60, -31, []),
    ],
)
def test_what_is_first_said_follows_from_the_days(na, opened, left, kinds):
    make_asked(na, opened=opened, left=left)
    assert due() == [("NA", kind) for kind in kinds]


@pytest.mark.parametrize(("left", "kinds"), [(8, []), (7, ["closing"]), (0, ["closing"]), (-1, ["overdue"])])
def test_what_is_said_after_the_invitation(na, left, kinds):
    survey = make_asked(na, opened=40, left=left)
    ReminderFactory(survey=survey, office=na, claimed_at=YESTERDAY, sent=True)
    assert due() == [("NA", kind) for kind in kinds]


@pytest.mark.parametrize(("state", "kinds"), [("claimed", []), ("sent", []), ("failed", ["closing"])])
def test_what_was_perhaps_sent_is_not_due_again(na, state, kinds):
    survey = make_asked(na, left=3)
    ReminderFactory(survey=survey, office=na, claimed_at=YESTERDAY, sent=True)
    ReminderFactory(
        survey=survey,
        office=na,
        kind="closing",
        state=state,
        claimed_at=YESTERDAY,
        sent_at=YESTERDAY if state == "sent" else None,
    )
    assert due() == [("NA", kind) for kind in kinds]


def test_of_two_on_one_day_the_second_waits(na):
    survey = make_asked(na, left=3)
    invitation = ReminderFactory(survey=survey, office=na, sent=True)
    assert due() == []
    Reminder.objects.filter(pk=invitation.pk).update(claimed_at=YESTERDAY)
    assert due() == [("NA", "closing")]


def test_an_office_has_its_own_last_day(na):
    survey = make_asked(na, opened=40, left=-2)
    invitation = Invitation.objects.get()
    ReminderFactory(survey=survey, office=na, claimed_at=YESTERDAY, sent=True)
    for last_day, kinds in [(days(20), []), (days(5), ["closing"]), (days(-1), ["overdue"]), (None, ["overdue"])]:
        invitation.closes_on = last_day
        invitation.save()
        assert due() == [("NA", kind) for kind in kinds]


def test_who_submitted_or_declined_is_left_alone(na):
    survey = make_asked(na, OfficeFactory(code="NO"), OfficeFactory(code="SE"))
    assert due() == [("NA", "invitation"), ("NO", "invitation"), ("SE", "invitation")]
    ResponseFactory(survey=survey, office__code="DK", submitted=True)  # without an invitation
    ResponseFactory(survey=survey, office=na)  # a draft is no answer
    ResponseFactory(survey=survey, office=Invitation.objects.get(office__code="NO").office, submitted=True)
    Invitation.objects.filter(office__code="SE").update(declined_on=days(0))
    assert due() == [("NA", "invitation")]


def test_those_who_can_answer_and_sign_in_are_written_to(na):
    survey = make_asked(na)
    MembershipFactory(office=na, user__email="b@na.example.org", role=Membership.Role.COORDINATOR)
    MembershipFactory(office=na, user__email="a@na.example.org", role=Membership.Role.VIEWER)
    MembershipFactory(office=na, user__email="c@na.example.org", role="coordinator", user__is_active=False)
    MembershipFactory(user__email="d@other.example.org", role=Membership.Role.COORDINATOR)
    [item] = reports.due_reminders(timezone.localdate())
    assert (item.survey, item.addresses) == (survey, ("b@na.example.org", "na@example.org"))


def test_an_office_without_people_is_named(na):
    survey = make_asked(na)
    InvitationFactory(survey=survey, office__code="NO")
    [group] = reports.by_round(reports.due_reminders(timezone.localdate()))
    assert [item.office.code for item in group.mails] == ["NA"]
    assert [item.office.code for item in group.without_people] == ["NO"]
    assert (group.survey, group.kind, group.people) == (survey, "invitation", 1)


@pytest.mark.parametrize(
    ("hosts", "kinds"),
    [(["portal.example.org"], []), (["localhost", "portal.example.org"], []), (["localhost"], ["invitation"])],
)
def test_sample_offices_are_written_to_on_one_machine_only(settings, hosts, kinds):
    settings.ALLOWED_HOSTS = hosts
    make_asked(OfficeFactory(code="SAMPLE01", is_sample=True), is_sample=True)
    assert due() == [("SAMPLE01", kind) for kind in kinds]


@pytest.mark.parametrize("count", [1, 20, 200])
def test_the_number_of_queries_is_fixed(count, django_assert_num_queries):
    make_asked(*OfficeFactory.create_batch(count))
    with django_assert_num_queries(2):
        assert len(reports.by_round(reports.due_reminders(timezone.localdate()))[0].mails) == count
