"""`manage.py send_reminders`: what it says, what it sends, how it ends."""

import datetime
import io

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from notices.models import Reminder
from portal.models import AuditEntry
from tests.factories.notices import ReminderFactory, make_asked
from tests.factories.offices import OfficeFactory
from tests.factories.surveys import InvitationFactory

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - datetime.timedelta(hours=2)


def run(*args: str, ends: int = 0) -> tuple[str, str]:
    """What it printed, and what it said on stderr."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    try:
        call_command("send_reminders", *args, stdout=out, stderr=err)
    except SystemExit as end:
        code = end.code
    assert code == ends
    return out.getvalue(), err.getvalue()


@pytest.fixture
def asked():
    survey = make_asked(OfficeFactory(code="NA"), OfficeFactory(code="NO"), key="ict")
    InvitationFactory(survey=survey, office__code="SE")
    return survey


def test_a_dry_run_says_what_is_due_and_does_nothing(asked):
    out, err = run("--dry-run")
    assert out.splitlines() == [
        "ict, invitation: 2 offices, 2 people; nobody to write to: SE",
        "reminders: 2 due, nothing sent",
    ]
    assert (err, mail.outbox, Reminder.objects.count(), AuditEntry.objects.count()) == ("", [], 0, 0)


def test_it_sends_what_is_due_and_the_next_run_finds_nothing(asked):
    assert run()[0].splitlines()[-1] == "reminders: 2 sent, 0 failed, 0 unknown, 0 left, 1 without people"
    assert run()[0].splitlines()[-1] == "reminders: 0 sent, 0 failed, 0 unknown, 0 left, 1 without people"
    assert sorted(message.to for message in mail.outbox) == [["na@example.org"], ["no@example.org"]]


def test_a_failure_is_told_and_ends_with_1(asked, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 2
    out, err = run(ends=1)
    assert out.splitlines()[-1] == "reminders: 0 sent, 1 failed, 0 unknown, 1 left, 1 without people"
    assert err.splitlines()[0].startswith("ict, NA: invitation: failed: ConnectionRefusedError")
    assert err.splitlines()[1] == "The mail server cannot be reached; 1 left for the next run."


def test_what_nobody_knows_is_told_until_somebody_decides(asked):
    ReminderFactory(survey=asked, office=OfficeFactory(code="DK"), claimed_at=LONG_AGO)
    InvitationFactory(survey=asked, office=Reminder.objects.get().office)
    for _run in range(2):
        assert "ict, DK: invitation: unknown whether sent" in run()[1]
    with pytest.raises(CommandError, match="Nobody in the office"):
        run("--again", "ict", "DK", "invitation")


def test_one_is_sent_again(asked):
    na = OfficeFactory._meta.model.objects.get(code="NA")
    ReminderFactory(survey=asked, office=na, claimed_at=LONG_AGO)
    assert run("--again", "ict", "NA", "invitation", "--dry-run")[0] == "ict, NA: invitation: unknown, nothing sent\n"
    assert mail.outbox == []
    assert run("--again", "ict", "NA", "invitation")[0] == "ict, NA: invitation: sent\n"
    assert [message.to for message in mail.outbox] == [["na@example.org"]]
    with pytest.raises(CommandError, match="is sent, or being sent"):
        run("--again", "ict", "NA", "invitation")
    with pytest.raises(CommandError, match="No reminder of the kind"):
        run("--again", "ict", "NO", "invitation")
