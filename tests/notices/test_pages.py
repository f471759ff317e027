"""The page of reminders: who sees it, what is due, the buttons."""

import datetime
from http import HTTPStatus

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notices import views
from notices.models import Reminder
from portal.models import AuditEntry
from tests.factories.notices import ReminderFactory, make_asked
from tests.factories.offices import OfficeFactory
from tests.factories.surveys import InvitationFactory, SurveyFactory

pytestmark = pytest.mark.django_db

PAGE = "/notices/"
SEND = "/notices/send/"
LONG_AGO = timezone.now() - datetime.timedelta(hours=2)


@pytest.fixture
def client(client_of, secretariat):
    return client_of(secretariat)


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def listed(response) -> list[str]:
    return [f"{reminder.office.code} {reminder.kind}" for reminder in response.context["page"].object_list]


@pytest.fixture
def asked(office):
    return make_asked(office, key="ict", title="ICT round")


@pytest.mark.parametrize(
    ("persona", "reads", "sends"),
    [
        ("viewer", 404, 404),
        ("contributor", 404, 404),
        ("coordinator", 404, 404),
        ("other_coordinator", 404, 404),
        ("auditor", 200, 403),
        ("secretariat", 200, 302),
        ("administrator", 200, 302),
        ("anonymous", 302, 302),
    ],
)
def test_who_may_do_what(client_of, personas, asked, persona, reads, sends):
    client = client_of(personas[persona])
    reminder = ReminderFactory(survey=asked, office=OfficeFactory(), claimed_at=LONG_AGO)
    assert client.get(PAGE).status_code == reads
    assert client.post(SEND, {"survey": "ict", "kind": "invitation"}).status_code == sends
    assert client.post(f"{PAGE}{reminder.pk}/", {"decision": "arrived"}).status_code == sends
    may = persona in {"secretariat", "administrator"}
    assert len(mail.outbox) == may
    assert sorted(Reminder.objects.values_list("state", flat=True)) == (["sent", "sent"] if may else ["claimed"])


@pytest.mark.parametrize("persona", ["viewer", "coordinator"])
def test_a_reminder_is_missing_for_those_who_see_none(client_of, personas, asked, persona):
    client, reminder = client_of(personas[persona]), ReminderFactory(survey=asked)
    for method in (client.get, client.post):
        assert method(f"{PAGE}{reminder.pk}/").content == method(f"{PAGE}999999/").content


def test_what_is_due_is_shown_and_sent_once(client, secretariat, asked):
    InvitationFactory(survey=asked, office__code="SE")
    [group] = client.get(PAGE).context["due"]
    assert (group.survey, group.kind, group.people, [d.office.code for d in group.without_people]) == (
        asked,
        "invitation",
        1,
        ["SE"],
    )
    form = {"survey": "ict", "kind": "invitation"}
    answers = [client.post(SEND, form, follow=True) for _twice in range(2)]
    assert [said(answer) for answer in answers] == [["1 mail was sent."], ["0 mails were sent."]]
    assert (len(mail.outbox), Reminder.objects.get().claimed_by) == (1, secretariat)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.path, entry.office_code) == (secretariat, "form", "AU")
    assert answers[1].context["due"][0].mails == []


def test_links_never_follow_the_host_header(client, asked, settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_URL = "https://portal.example.org"
    client.post(SEND, {"survey": "ict", "kind": "invitation"}, headers={"Host": "evil.example"})
    assert "https://portal.example.org/surveys/ict/respond/AU/" in mail.outbox[0].body
    assert "evil.example" not in mail.outbox[0].message().as_string()


def test_one_press_sends_so_many(client, monkeypatch):
    monkeypatch.setattr(views, "MAILS_AT_ONCE", 2)
    make_asked(*OfficeFactory.create_batch(3), key="ict")
    answer = client.post(SEND, {"survey": "ict", "kind": "invitation"}, follow=True)
    assert said(answer) == ["2 mails were sent.", "1 mail is left: send again."]


def test_a_broken_mail_server_is_told(client, asked, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 2
    answer = client.post(SEND, {"survey": "ict", "kind": "invitation"}, follow=True)
    sent, unreachable, of_office = said(answer)
    assert sent == "0 mails were sent."
    assert "The mail server cannot be reached (ConnectionRefusedError" in unreachable
    assert of_office.startswith("IP Australia (AU): not sent (ConnectionRefusedError")


@pytest.mark.parametrize(
    "form", [{}, {"survey": "ict"}, {"survey": "no", "kind": "closing"}, {"survey": "ict", "kind": "x"}]
)
def test_what_is_no_round_or_kind_is_missing(client, asked, form):
    assert client.post(SEND, form).status_code == HTTPStatus.NOT_FOUND
    assert mail.outbox == []


def test_a_link_to_a_button_leads_to_the_list(client, asked):
    reminder = ReminderFactory(survey=asked)
    for url in (SEND, f"{PAGE}{reminder.pk}/"):
        assert client.get(url)["Location"] == PAGE


class TestDecisions:
    @pytest.fixture
    def url(self, asked, office):
        return f"{PAGE}{ReminderFactory(survey=asked, office=office, claimed_at=LONG_AGO).pk}/"

    def test_it_is_offered_and_done_once(self, client, url):
        page = client.get(PAGE)
        assert page.context["unknown"] == 1
        assert "Of 1 mail nobody knows whether it went out" in page.content.decode()
        answers = [client.post(url, {"decision": "again"}, follow=True) for _twice in range(2)]
        assert [said(answer) for answer in answers] == [
            ["IP Australia (AU): sent."],
            ["This reminder is sent, or being sent."],
        ]
        assert len(mail.outbox) == 1

    def test_it_arrived(self, client, url):
        assert said(client.post(url, {"decision": "arrived"}, follow=True)) == ["IP Australia (AU): sent."]
        assert (mail.outbox, AuditEntry.objects.get().action) == ([], "confirm reminder")

    @pytest.mark.parametrize("form", [{}, {"decision": "delete"}])
    def test_there_is_no_third_way(self, client, url, form):
        assert client.post(url, form).status_code == HTTPStatus.NOT_FOUND

    def test_the_auditor_sees_no_button(self, client_of, auditor, url):
        page = client_of(auditor).get(PAGE).content.decode()
        assert "unknown whether sent" in page
        assert '<form method="post" action="/notices/' not in " ".join(page.split())


class TestList:
    @pytest.fixture
    def reminders(self, asked, office):
        at = timezone.now()
        for minute, (kind, fields) in enumerate(
            [
                ("invitation", {"sent": True}),
                ("closing", {"state": "failed", "error": "refused"}),
                ("overdue", {"error": "gone"}),
            ]
        ):
            moment = at - datetime.timedelta(minutes=minute)
            ReminderFactory(survey=asked, office=office, kind=kind, claimed_at=moment, **fields)
        ReminderFactory(survey__key="other", survey__title="Other", office__code="NO", claimed_at=LONG_AGO)
        ReminderFactory(survey__key="third", office__code="SE", claimed_at=at - datetime.timedelta(minutes=9))

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["AU invitation", "AU closing", "AU overdue", "SE invitation", "NO invitation"]),
            ("survey=other", ["NO invitation"]),
            ("kind=closing", ["AU closing"]),
            ("outcome=sent", ["AU invitation"]),
            ("outcome=failed", ["AU closing"]),
            ("outcome=unknown", ["AU overdue", "NO invitation"]),
            ("outcome=sending", ["SE invitation"]),
            ("survey=ict&outcome=unknown", ["AU overdue"]),
        ],
    )
    def test_filters(self, client, reminders, query, found):
        assert listed(client.get(f"{PAGE}?{query}")) == found

    @pytest.mark.parametrize("query", ["survey=no", "kind=no", "outcome=no"])
    def test_what_no_list_offers_is_missing(self, client, reminders, query):
        assert client.get(f"{PAGE}?{query}").status_code == HTTPStatus.NOT_FOUND

    def test_htmx_gets_the_part(self, client, reminders):
        part = client.get(f"{PAGE}?kind=closing", headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in part
        assert "refused" in part

    def test_nothing_yet(self, client):
        page = client.get(PAGE).content.decode()
        assert "Nothing is due" in page
        assert "Nothing was written to offices yet." in page


@pytest.mark.parametrize("count", [1, 20, 200])
def test_the_number_of_queries_is_fixed(client, count):
    make_asked(*OfficeFactory.create_batch(count))
    survey = SurveyFactory()
    for office in OfficeFactory.create_batch(count):
        ReminderFactory(survey=survey, office=office)
    with CaptureQueriesContext(connection) as captured:
        client.get(PAGE)
    assert len(captured) == 8
