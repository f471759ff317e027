"""The audit trail in a browser: filters without a new page, details, phone, and what axe finds."""

import re

import pytest
from playwright.sync_api import expect

from offices.models import Membership, User
from portal import audit
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories.offices import MembershipFactory, OfficeFactory

PASSWORD = "correct horse battery staple"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def written(transactional_db) -> int:
    """Rows of every shape; returns the number of one with details."""
    auditor = User.objects.create_user("auditor@example.org", PASSWORD, role=User.Role.AUDITOR, name="Ada Auditor")
    office = OfficeFactory(code="AU", name="IP Australia")
    person = User.objects.create_user("coordinator@example.org", PASSWORD, name="Co Ordinator")
    MembershipFactory(user=person, office=office, role=Membership.Role.COORDINATOR)
    audit.record(by=None, path="import", action="import", subject="offices", added=12, sha256="0" * 64)
    audit.record(by=person, path="form", action="save response", subject="ict-2027", office_code="AU", late=False)
    changes = {"title": ["A first title", "<b>Another</b> title"], "closes_on": [None, "2027-03-31"]}
    row = audit.record(by=auditor, path="form", action="change round", subject="ict-2027", changes=changes, n=1)
    audit.record(by=None, path="admin", action="undo import", subject="status_reports", rows=["x" * 60] * 99)
    return row.pk


def test_an_auditor_finds_what_changed(new_visitor, written):
    reader = new_visitor()
    reader.sign_in("auditor@example.org", PASSWORD)
    reader.visit("/audit/")
    page = reader.page
    expect(page.locator(".trail > tbody > tr")).to_have_count(4)
    page.get_by_label("Action").select_option("change round")
    expect(page).to_have_url(re.compile("action=change%20round"))
    expect(page.locator(".trail > tbody > tr")).to_have_count(1)
    page.locator("summary", has_text="Details").click()
    cells = page.get_by_role("region", name="What changed: ict-2027").get_by_role("cell")
    expect(cells).to_have_text(["A first title", "<b>Another</b> title", "–", "2027-03-31"])
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    assert download.value.path().read_text().count("\n") == 2
    assert reader.complaints == []


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pages_are_open_to_everybody_and_fit_the_screen(new_visitor, written, viewport):
    reader, coordinator = new_visitor(viewport), new_visitor(viewport)
    reader.sign_in("auditor@example.org", PASSWORD)
    coordinator.sign_in("coordinator@example.org", PASSWORD)
    for visitor, path in [
        (reader, "/audit/"),
        (reader, "/audit/?office=123456789"),
        (reader, "/audit/?words=nothing"),
        (reader, f"/audit/{written}/"),
        (reader, f"/audit/{written + 1}/"),
        (coordinator, "/audit/"),
    ]:
        visitor.visit(path)
        for summary in visitor.page.locator("summary").all():
            summary.click()
        assert visitor.barriers() == [], path
        assert visitor.overflow() <= 0, path
    assert reader.complaints + coordinator.complaints == []


def test_without_javascript_the_filters_work(browser, live_server, written):
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{live_server.url}/accounts/login/?next=/audit/")
    page.get_by_label("Email").fill("auditor@example.org")
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Words in the subject").fill("ict")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**words=ict")
    expect(page.locator(".trail > tbody > tr")).to_have_count(2)
    context.close()
