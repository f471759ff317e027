"""Reminders in a browser: what is due is sent by a button, what nobody knows is decided; phone, axe."""

import datetime
import re

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from offices.models import Membership, User
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories.notices import ReminderFactory, make_asked
from tests.factories.offices import OfficeFactory
from tests.factories.surveys import InvitationFactory

PASSWORD = "correct horse battery staple"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(transactional_db, settings):
    settings.MFA_REQUIRED = False
    User.objects.create_user("secretariat@example.org", PASSWORD, role=User.Role.SECRETARIAT, name="Sec Retary")
    codes = {"AU": "IP Australia", "NA": "Namibia", "NO": "Norway", "SE": "Sweden", "DK": "Denmark"}
    all_offices = [OfficeFactory(code=code, name=name) for code, name in codes.items()]
    survey = make_asked(*all_offices, key="ict-2027", title="Survey on the ICT recommendations 2027", left=5)
    InvitationFactory(survey=survey, office=OfficeFactory(code="FI", name="Finland"))
    Membership.objects.filter(office__code="NO").delete()
    before = timezone.now() - datetime.timedelta(days=2)
    fields = {"survey": survey, "claimed_at": before}
    ReminderFactory(office=all_offices[3], **fields)
    ReminderFactory(office=all_offices[4], state="failed", error="SMTPRecipientsRefused: no such user", **fields)
    ReminderFactory(office=all_offices[0], sent=True, **fields)
    return survey


def test_the_secretariat_sends_what_is_due(new_visitor, asked):
    sender = new_visitor()
    sender.sign_in("secretariat@example.org", PASSWORD)
    sender.visit("/notices/")
    page = sender.page
    due = page.get_by_role("region", name="Due now")
    assert [text.split("\n")[0] for text in due.locator("summary").all_inner_texts()] == ["2 mails to 2 people"] * 2
    due.get_by_role("button", name="Send now : Survey on the ICT recommendations 2027, invitation").click()
    assert sender.sees("2 mails were sent.")
    assert sorted(message.to for message in mail.outbox) == [["dk@example.org"], ["na@example.org"]]
    page.get_by_label("State").select_option("unknown")
    expect(page).to_have_url(re.compile("outcome=unknown$"))
    expect(page.locator("#reminders tbody tr")).to_have_count(1)
    page.get_by_role("button", name="It arrived : Sweden, invitation").click()
    assert sender.sees("Sweden (SE): sent.")
    assert sender.complaints == []


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_page_is_open_to_everybody_and_fits_the_screen(new_visitor, asked, viewport):
    sender = new_visitor(viewport)
    sender.sign_in("secretariat@example.org", PASSWORD)
    for path in ("/notices/", "/notices/?outcome=unknown", "/notices/?kind=overdue"):
        sender.visit(path)
        for summary in sender.page.locator("summary").all():
            summary.click()
        assert sender.barriers() == [], path
        assert sender.overflow() <= 0, path
    assert sender.complaints == []
