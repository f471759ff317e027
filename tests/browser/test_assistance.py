"""Technical assistance as people meet it: found, asked for, agreed, delivered, and counted."""

import re

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from assistance.models import Request
from offices.models import Membership, Office, User
from tests.browser.conftest import DESKTOP, PHONE

PASSWORD = "correct horse battery staple"
FIGURES = "/assistance/figures/?sample=1"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db) -> None:
    call_command("load_reference", sample=True, verbosity=0)
    user = User.objects.create_user("contributor@example.org", PASSWORD)
    role = Membership.Role.CONTRIBUTOR
    Membership.objects.create(user=user, office=Office.objects.get(code="SAMPLE04"), role=role)
    User.objects.create_user("secretariat@example.org", PASSWORD, role=User.Role.SECRETARIAT)


def counted(visitor, number: int) -> tuple[list[str], list[str]]:
    """What the figures say of a programme: requests and offices by state, and delivery."""
    visitor.visit(FIGURES)
    rows = [
        visitor.page.get_by_role("region", name=f"By programme: {part}").get_by_role("row").nth(number)
        for part in ("Requests", "Delivery")
    ]
    requests, delivery = (row.get_by_role("cell").all_inner_texts() for row in rows)
    return requests, delivery


def take_step(visitor, status: str) -> None:
    visitor.page.get_by_label("Next step").select_option(status)
    visitor.page.get_by_role("button", name="Take this step").click()
    visitor.sees(f"The request is now “{status.replace('_', ' ')}”.")


def test_a_programme_is_found_requested_taken_through_every_step_and_counted(new_visitor, people):
    asking, answering = new_visitor(PHONE), new_visitor()
    asking.sign_in("contributor@example.org", PASSWORD)
    answering.sign_in("secretariat@example.org", PASSWORD)
    # Programme 9: one sample request, declined.
    before = (["1", "1", "0", "0", "0", "0", "0", "1", "0", "0"], ["0", "0", "0", "0", "–", "0", "–", "–", "–"])
    assert counted(answering, 9) == before

    # Two clicks from the menu: the institution, the programme.
    asking.visit("/assistance/")
    asking.page.get_by_role("link", name="universities", exact=True).click()
    assert asking.sees("5 programmes")
    asking.page.get_by_role("link", name="Training Programs on IP Protection and Management").click()
    asking.page.get_by_role("link", name="Request this programme").click()
    asking.page.get_by_label("Institution").fill("Sample University")
    asking.page.get_by_label("Purpose").fill("Sample: a course on licensing.")
    asking.page.get_by_role("button", name="Send the request").click()
    asking.sees("is with the secretariat")
    asked = Request.objects.get(purpose="Sample: a course on licensing.")
    assert (asked.office.code, asked.programme.number) == ("SAMPLE04", 9)

    answering.visit(reverse("assistance:request", args=[asked.key]))
    for status in ("under_discussion", "agreed", "ongoing"):
        take_step(answering, status)
    form = answering.page.get_by_role("form", name="Record an activity")
    form.get_by_label("Date").fill(timezone.localdate().isoformat())
    form.get_by_label("Kind").fill("training course")
    form.get_by_label("Participants").fill("12")
    form.get_by_label("Outcome", exact=True).fill("Sample: two licences are being negotiated.")
    form.get_by_role("button", name="Record it").click()
    answering.sees("The activity is recorded.")
    take_step(answering, "completed")

    after = (["2", "2", "0", "0", "0", "0", "1", "1", "0", "0"], ["1", "12", "1", "1", "100%", "1", "0", "0", "0"])
    assert counted(answering, 9) == after
    asking.visit("/assistance/9/")
    own = asking.page.get_by_role("region", name="Your office's requests for it").get_by_role("listitem")
    expect(own).to_contain_text("completed")
    assert asking.complaints + answering.complaints == []


def test_filters_of_the_menu_swap_the_part_that_they_change(new_visitor, people):
    visitor = new_visitor()
    visitor.visit("/assistance/")
    visitor.page.get_by_label("Limited to").select_option("developing countries")
    assert visitor.sees("3 programmes")
    expect(visitor.page).to_have_url(re.compile("limit=developing"))
    visitor.page.get_by_label("Search in all texts").fill("licensing")
    assert visitor.sees("1 programme ")
    # A hand is slower than the portal: what leaving the field would fetch would be there before the button is up.
    visitor.page.get_by_role("link", name="All programmes").click(delay=700)
    assert visitor.sees("12 programmes")
    assert visitor.complaints == []


MENU_PAGES = ["/assistance/", "/assistance/?institution=universities&limit=none", "/assistance/4/", "/assistance/9/"]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("role", ["contributor", "secretariat"])
def test_the_pages_are_open_to_everybody_and_fit_the_screen(new_visitor, people, viewport, role):
    visitor = new_visitor(viewport)
    visitor.sign_in(f"{role}@example.org", PASSWORD)
    request = "/assistance/requests/sample-request-05/"
    pages = [*MENU_PAGES, "/assistance/figures/", "/assistance/requests/", request]
    pages += ["/assistance/12/request/"] if role == "contributor" else [FIGURES, "/assistance/12/edit/"]
    findings = {}
    for path in pages:
        visitor.visit(path)
        findings[path] = [*visitor.barriers(), *visitor.complaints, visitor.overflow()]
    assert findings == {path: [0] for path in pages}


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_menu_is_open_to_who_has_no_account(new_visitor, people, viewport):
    visitor = new_visitor(viewport)
    findings = {}
    for path in MENU_PAGES:
        visitor.visit(path)
        findings[path] = [*visitor.barriers(), *visitor.complaints, visitor.overflow()]
    assert findings == {path: [0] for path in MENU_PAGES}
