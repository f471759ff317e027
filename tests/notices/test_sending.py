"""Mails that go out once: what they say, what is left where something breaks, and what people decide then."""

import datetime
import smtplib

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone, translation
from django.utils.formats import date_format

from notices.actions import sending
from notices.models import Reminder
from offices.models import Membership
from portal.models import AuditEntry
from portal.writes import Refused
from tests.factories.notices import ReminderFactory, make_asked
from tests.factories.offices import MembershipFactory, OfficeFactory
from tests.factories.surveys import ResponseFactory

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - datetime.timedelta(hours=2)


@pytest.fixture
def na():
    return OfficeFactory(code="NA", name="Bureau d’état & Co <NA>")


def run(**options) -> sending.Tally:
    return sending.send_due(**{"by": None, "path": "command", **options})


def states() -> list[tuple[str, str, str]]:
    return list(Reminder.objects.order_by("office__code").values_list("office__code", "kind", "state"))


def trail() -> list[tuple[str, str, str, str, dict]]:
    entries = AuditEntry.objects.order_by("pk")
    return list(entries.values_list("action", "subject", "office_code", "path", "details"))


class Broken(EmailBackend):
    """A mail server that breaks at one point."""

    opening: Exception | None = None
    sending: Exception | None = None

    def open(self):
        if self.opening:
            raise self.opening

    def send_messages(self, messages):
        if self.sending:
            raise self.sending
        return super().send_messages(messages)


@pytest.fixture
def server(settings, monkeypatch):
    """Breaks as told: `server(opening=…)`, `server(sending=…)`; `server()` mends it."""
    settings.EMAIL_BACKEND = f"{__name__}.Broken"

    def break_at(*, opening=None, sending=None):
        monkeypatch.setattr(Broken, "opening", opening)
        monkeypatch.setattr(Broken, "sending", sending)

    return break_at


class TestMails:
    def test_one_mail_goes_to_all_who_can_answer_for_an_office(self, na, settings):
        settings.SITE_URL = "https://portal.example.org"
        survey = make_asked(na, key="ict", title="ICT round “2027” & more", left=20)
        MembershipFactory(office=na, user__email="second@example.org", role=Membership.Role.COORDINATOR)
        tally = run()
        [message] = mail.outbox
        assert message.to == ["na@example.org", "second@example.org"]
        assert message.subject.startswith("ICT round “2027” & more: please answer by ")
        assert "\nhttps://portal.example.org/surveys/ict/respond/NA/\n" in message.body
        assert "Bureau d’état & Co <NA> is asked to answer the survey round “ICT round “2027” & more”." in message.body
        assert message.extra_headers["Message-ID"] == f"<reminder-{tally.sent[0].pk}@portal.example.org>"
        [reminder] = Reminder.objects.all()
        assert (reminder.survey, reminder.office, reminder.recipients) == (survey, na, 2)
        assert (reminder.outcome, reminder.error, reminder.claimed_by) == ("sent", "", None)
        assert trail() == [("send reminder", "ict", "NA", "command", {"kind": "invitation", "recipients": 2})]

    @pytest.mark.parametrize(
        ("left", "subject", "sentence"),
        [(7, "open until", "A saved draft does not count"), (-1, "closed without an answer", "the last mail")],
    )
    def test_the_later_ones(self, na, left, subject, sentence):
        survey = make_asked(na, opened=40, left=left, title="Round")
        ReminderFactory(survey=survey, office=na, claimed_at=LONG_AGO - datetime.timedelta(days=2), sent=True)
        run()
        [message] = mail.outbox
        assert message.subject.startswith(f"Round: {subject}")
        assert sentence in message.body

    @pytest.mark.parametrize(("own", "senders"), [("en", "fr"), ("fr", "en")])
    def test_the_language_is_the_portals_own_not_the_senders(self, na, settings, own, senders):
        settings.LANGUAGE_CODE = own
        survey = make_asked(na, title="Round")
        with translation.override(senders):
            run()
        with translation.override(own):
            assert mail.outbox[0].subject.endswith(date_format(survey.closes_on))

    def test_a_title_on_several_lines_makes_no_header(self, na):
        make_asked(na, title="Round\nBcc: all@example.org")
        run()
        assert mail.outbox[0].subject.startswith("Round Bcc: all@example.org: please")
        assert mail.outbox[0].bcc == []

    def test_a_second_run_sends_nothing(self, na):
        make_asked(na)
        run()
        assert (run(), len(mail.outbox)) == (sending.Tally(), 1)

    def test_who_answers_during_the_run_is_left_alone(self, na):
        survey = make_asked(na)
        [due] = sending.reports.due_reminders(timezone.localdate())
        ResponseFactory(survey=survey, office=na, submitted=True)
        assert sending.claim(due, by=None, path="command") is None
        assert (states(), trail()) == ([], [])

    def test_so_many_at_once(self):
        make_asked(*OfficeFactory.create_batch(5))
        assert [(len(tally.sent), tally.left) for tally in (run(most=3), run(most=3))] == [(3, 2), (2, 0)]


class TestFailure:
    def test_an_unreachable_server_ends_the_run_and_loses_nothing(self, na, server):
        make_asked(na, OfficeFactory(code="NO"), OfficeFactory(code="SE"))
        server(opening=ConnectionRefusedError("refused"))
        tally = run()
        assert (len(tally.failed), tally.left, tally.unreachable) == (1, 2, "ConnectionRefusedError: refused")
        assert states() == [("NA", "invitation", "failed")]
        assert [entry[0] for entry in trail()] == ["send reminder", "reminder failed"]
        server()
        assert len(run().sent) == 3
        assert [message.to for message in mail.outbox] == [["na@example.org"], ["no@example.org"], ["se@example.org"]]

    def test_what_the_server_refused_is_tried_again(self, na, server):
        make_asked(na, OfficeFactory(code="NO"))
        server(sending=smtplib.SMTPRecipientsRefused({"na@example.org": (550, b"no such user")}))
        tally = run()
        assert ([r.office.code for r in tally.failed], tally.left) == (["NA", "NO"], 0)
        server()
        assert len(run().sent) == 2

    @pytest.mark.parametrize("error", [smtplib.SMTPServerDisconnected("gone"), TimeoutError("slow"), OSError("reset")])
    def test_what_was_perhaps_sent_is_not_tried_again(self, na, server, error):
        make_asked(na)
        server(sending=error)
        tally = run()
        assert [reminder.outcome for reminder in tally.unknown] == ["unknown"]
        server()
        assert (len(run().sent), states()) == (0, [("NA", "invitation", "claimed")])
        assert [entry[0] for entry in trail()] == ["send reminder", "reminder unknown"]

    def test_a_mail_that_cannot_be_written_surely_did_not_go_out(self, na, monkeypatch):
        make_asked(na)
        monkeypatch.setattr(sending.mails, "compose", lambda *args: 1 / 0)
        assert [reminder.error for reminder in run().failed] == ["ZeroDivisionError: division by zero"]

    def test_a_crash_between_claim_and_mail_neither_sends_twice_nor_hides(self, na, monkeypatch):
        make_asked(na)
        with monkeypatch.context() as patch:
            patch.setattr(sending.mails, "deliver", dies)
            with pytest.raises(SystemExit):
                run()
        assert Reminder.objects.get().outcome == "sending"
        assert run() == sending.Tally()
        Reminder.objects.update(claimed_at=LONG_AGO)
        assert Reminder.objects.get().outcome == "unknown"
        assert list(Reminder.objects.unknown(timezone.now())) == [Reminder.objects.get()]
        assert (run(), mail.outbox) == (sending.Tally(), [])

    def test_a_crash_after_the_mail_does_not_send_twice(self, na, monkeypatch):
        make_asked(na)
        with monkeypatch.context() as patch:
            patch.setattr(sending, "settle", dies)
            with pytest.raises(SystemExit):
                run()
        Reminder.objects.update(claimed_at=LONG_AGO)
        assert (run(), len(mail.outbox)) == (sending.Tally(), 1)

    def test_a_claim_and_its_audit_row_stand_or_fall_together(self, na, monkeypatch):
        make_asked(na)
        with monkeypatch.context() as patch:
            patch.setattr(sending.audit, "record", dies)
            with pytest.raises(SystemExit):
                run()
        assert (states(), mail.outbox) == ([], [])


def dies(*args, **kwargs):
    raise SystemExit


class TestDecisions:
    @pytest.fixture
    def unknown(self, na) -> Reminder:
        return ReminderFactory(survey=make_asked(na, key="ict"), office=na, claimed_at=LONG_AGO, recipients=7)

    def test_it_is_sent_again_knowingly_and_once(self, unknown, secretariat):
        sent = sending.send_again(reminder=unknown, by=secretariat, path="form")
        assert (sent.outcome, sent.claimed_by, sent.recipients, len(mail.outbox)) == ("sent", secretariat, 1, 1)
        assert trail() == [("send reminder again", "ict", "NA", "form", {"kind": "invitation", "recipients": 1})]
        with pytest.raises(Refused, match="is sent, or being sent"):
            sending.send_again(reminder=unknown, by=secretariat, path="form")

    def test_it_arrived(self, unknown, secretariat):
        for _twice in range(2):
            assert sending.confirm(reminder=unknown, by=secretariat).sent_at == LONG_AGO
        assert (mail.outbox, [entry[0] for entry in trail()]) == ([], ["confirm reminder"])

    def test_what_is_being_sent_is_not_decided_about(self, unknown, secretariat):
        Reminder.objects.update(claimed_at=timezone.now())
        with pytest.raises(Refused):
            sending.send_again(reminder=unknown, by=secretariat, path="form")
        with pytest.raises(Refused, match="not in doubt"):
            sending.confirm(reminder=unknown, by=secretariat)

    def test_who_answered_since_is_not_reminded(self, unknown, secretariat):
        ResponseFactory(survey=unknown.survey, office=unknown.office, submitted=True)
        with pytest.raises(Refused, match="answered or declined"):
            sending.send_again(reminder=unknown, by=secretariat, path="form")
        assert (mail.outbox, trail()) == ([], [])

    def test_with_nobody_left_nothing_is_sent(self, unknown, secretariat):
        Membership.objects.all().delete()
        with pytest.raises(Refused, match="Nobody"):
            sending.send_again(reminder=unknown, by=secretariat, path="form")

    def test_a_sender_that_comes_back_late_overwrites_no_decision(self, unknown, secretariat):
        late = Reminder.objects.select_related("survey", "office").get()
        sending.send_again(reminder=unknown, by=secretariat, path="form")
        sending.settle(late, Reminder.State.FAILED, "too late", by=None, path="command")
        assert (Reminder.objects.get().state, [entry[0] for entry in trail()]) == ("sent", ["send reminder again"])
