"""Where an office stands, recorded as people do it: on one page, by two colleagues, and looked up later."""

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from offices.models import Membership, Office, User
from recommendations.models import StatusReport
from tests.browser.conftest import PHONE

PASSWORD = "correct horse battery staple"
SET = "/offices/SAMPLE01/status/cws-12-22/"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db) -> None:
    call_command("load_reference", sample=True, verbosity=0)
    office = Office.objects.get(code="SAMPLE01")
    for role in ("contributor", "coordinator"):
        user = User.objects.create_user(f"{role}@example.org", PASSWORD)
        Membership.objects.create(user=user, office=office, role=role)


def test_two_colleagues_record_where_their_office_stands(new_visitor, people):
    first, second = new_visitor(), new_visitor(PHONE)
    for visitor, role in ((first, "contributor"), (second, "coordinator")):
        visitor.sign_in(f"{role}@example.org", PASSWORD)
        visitor.visit("/recommendations/cws-12-22/")
        visitor.page.get_by_role("link", name="Sample office 01").click()
        visitor.lands_on(SET)
    before = StatusReport.objects.count()

    item = first.page.get_by_role("group", name="2 An ICT strategy")
    item.get_by_label("Implementation").select_option("implemented")
    item.get_by_label("Note").fill("Adopted in spring.\nReviewed since.")
    # By keyboard alone: from the field that was filled last to the button.
    item.get_by_label("Note").press("Tab")
    first.page.keyboard.type("https://example.org/strategy")
    first.page.keyboard.press("Enter")
    assert first.sees("The status of 1 recommendation is recorded")

    item = second.page.get_by_role("group", name="2 An ICT strategy")
    item.get_by_label("Note").fill("A draft is there.")
    other = second.page.get_by_role("group", name="3 Data governance")
    other.get_by_label("Acceptance").select_option("accepted")
    second.page.get_by_role("button", name="Record").click()
    assert second.sees("Somebody else recorded something in the meantime")
    differences = second.page.get_by_role("row", name="Note, in your office's own words")
    assert differences.get_by_role("cell").all_inner_texts() == [
        "Adopted in spring.\nReviewed since.",
        "A draft is there.",
    ]
    assert second.barriers() == []
    assert second.overflow() == 0
    expect(other.get_by_label("Acceptance")).to_have_value("accepted")
    item.get_by_label("Note").fill("Adopted in spring.\nReviewed since. A draft of the next is there.")
    second.page.get_by_role("button", name="Record my version").click()
    assert second.sees("The status of 2 recommendations is recorded")
    assert StatusReport.objects.count() == before + 3

    item.get_by_role("link", name="History").click()
    history = second.page.get_by_role("region", name="History").get_by_role("listitem")
    expect(history.nth(0)).to_contain_text("stands now")
    expect(history.nth(0)).to_contain_text("A draft of the next is there.")
    expect(history.nth(1)).to_contain_text("replaced by a later revision")
    # The 409 is all that the browser's console mentions.
    assert [text for text in first.complaints + second.complaints if "409" not in text] == []


def test_the_pages_are_open_to_everybody_and_fit_a_phone(new_visitor, people):
    visitor = new_visitor(PHONE)
    visitor.sign_in("contributor@example.org", PASSWORD)
    findings = {}
    for path in (SET, f"{SET}1/", "/recommendations/cws-12-22/", "/recommendations/cws-12-22/1/"):
        visitor.visit(path)
        findings[path] = [*visitor.barriers(), *visitor.complaints, visitor.overflow()]
    assert findings == {path: [0] for path in findings}
