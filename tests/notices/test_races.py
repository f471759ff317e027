"""Four senders at once: one mail for each office, with the control that shows the race."""

from collections import Counter
from contextlib import contextmanager

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from notices import reports
from notices.actions import sending
from notices.models import Reminder
from portal.models import AuditEntry
from tests.factories.notices import make_asked
from tests.factories.offices import OfficeFactory
from tests.races import race

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

SENDERS = 4


@pytest.fixture
def asked():
    """200 offices that are due."""
    make_asked(*OfficeFactory.create_batch(200))
    return len(reports.due_reminders(timezone.localdate()))


@contextmanager
def without_the_claim(monkeypatch):
    """The control: senders write their row where none is, and send all the same."""

    def look(due, **_options):
        place = {"survey": due.survey, "office": due.office, "kind": due.kind.value}
        row, _made = Reminder.objects.get_or_create(**place, defaults={"recipients": 1})
        return due, row

    with monkeypatch.context() as patch:
        patch.setattr(sending, "claim", look)
        yield


def send(_number: int) -> sending.Tally:
    return sending.send_due(by=None, path="command")


def mails_by_office() -> Counter:
    return Counter(message.to[0] for message in mail.outbox)


def test_four_senders_for_200_offices_send_200_mails(asked):
    tallies = race(send, SENDERS)
    assert (asked, len(mail.outbox), max(mails_by_office().values())) == (200, 200, 1)
    assert sum(len(tally.sent) for tally in tallies) == 200
    assert Counter(Reminder.objects.values_list("state", flat=True)) == {"sent": 200}
    assert Counter(AuditEntry.objects.values_list("action", flat=True)) == {"send reminder": 200}


def test_without_the_claim_they_send_more(asked, monkeypatch):
    with without_the_claim(monkeypatch):
        race(send, SENDERS)
    assert len(mail.outbox) > 200


def test_one_of_four_dies_between_claim_and_mail(asked, monkeypatch):
    deliver, dead = sending.mails.deliver, []

    def die_once(due, reminder):
        if not dead:
            dead.append(reminder.office.code)
            raise MemoryError
        deliver(due, reminder)

    monkeypatch.setattr(sending.mails, "deliver", die_once)
    race(send, SENDERS)
    race(send, SENDERS)
    assert (len(mail.outbox), max(mails_by_office().values())) == (199, 1)
    [left] = Reminder.objects.filter(state="claimed")
    assert left.office.code == dead[0]


def test_failed_ones_are_taken_up_by_one_sender_each(asked):
    for due in reports.due_reminders(timezone.localdate()):
        Reminder.objects.create(survey=due.survey, office=due.office, kind=due.kind, state="failed", recipients=1)
    race(send, SENDERS)
    assert (len(mail.outbox), max(mails_by_office().values())) == (200, 1)


def test_one_that_nobody_knows_about_is_sent_again_by_one_of_20(secretariat):
    make_asked(OfficeFactory(code="NA"))
    [due] = reports.due_reminders(timezone.localdate())
    reminder = Reminder.objects.create(survey=due.survey, office=due.office, kind=due.kind, error="gone", recipients=1)
    outcomes = race(lambda _n: sending.send_again(reminder=reminder, by=secretariat, path="form"))
    assert Counter(type(outcome).__name__ for outcome in outcomes) == {"Reminder": 1, "Refused": 19}
    assert len(mail.outbox) == 1


def test_the_command_in_four_processes_at_once(asked):
    race(lambda _n: call_command("send_reminders", verbosity=0), SENDERS)
    assert mails_by_office() == dict.fromkeys(mails_by_office(), 1)
    assert len(mail.outbox) == 200
