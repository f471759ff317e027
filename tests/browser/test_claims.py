"""Claims in a browser: filters without a new page, the rows behind a figure, phone, and what axe finds."""

import re

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from offices.models import User
from tests.browser.conftest import DESKTOP, PHONE

PASSWORD = "correct horse battery staple"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def loaded(transactional_db) -> None:
    call_command("load_reference", verbosity=0)
    User.objects.create_user("secretariat@example.org", PASSWORD, role=User.Role.SECRETARIAT)


def test_the_secretariat_goes_from_a_contradiction_to_what_was_stated(new_visitor, loaded):
    reader = new_visitor()
    reader.sign_in("secretariat@example.org", PASSWORD)
    reader.visit("/claims/")
    page = reader.page
    page.get_by_label("Document", exact=True).select_option("WO/PBC/34/6")
    page.get_by_label("Verdict").select_option("differs")
    rows = page.get_by_role("row")
    expect(page).to_have_url(re.compile("verdict=differs$"))
    expect(page.locator(".claims tbody tr")).to_have_count(17)

    claim = rows.filter(has=page.locator(".code", has_text="JIU/REP/2018/6"))
    cells = claim.get_by_role("cell").all_inner_texts()
    assert [cells[0], cells[1].split()[-3:], cells[-1].strip()] == ["13 (ii)", ["5", "and", "8"], "differs"]
    claim.locator("summary").click()
    claim.get_by_role("link", name="R8 (EH): in progress").click()
    reader.lands_on("/offices/IB/status/jiu-rep-2018-6/8/")
    assert reader.complaints == []


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pages_are_open_to_everybody_and_fit_the_screen(new_visitor, loaded, viewport):
    reader = new_visitor(viewport)
    reader.sign_in("secretariat@example.org", PASSWORD)
    reader.visit("/claims/")
    detail = reader.page.locator(".claims a").last.get_attribute("href")
    for path in ("/claims/", "/claims/?verdict=differs", "/claims/?document=WO%2FPBC%2F34%2F6&verdict=agrees", detail):
        reader.visit(path)
        for summary in reader.page.locator(".claims summary").all()[:3]:
            summary.click()
        assert reader.barriers() == [], path
        assert reader.overflow() <= 0, path
    assert reader.complaints == []


def test_without_javascript_the_filters_work(browser, live_server, loaded):
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{live_server.url}/accounts/login/?next=/claims/")
    page.get_by_label("Email").fill("secretariat@example.org")
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Verdict").select_option("cannot_be_checked")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**verdict=cannot_be_checked")
    expect(page.locator(".claims tbody tr")).to_have_count(38)
    context.close()
