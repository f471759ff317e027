"""A year's work on the JIU's recommendations: a call, two focal points, one answer sent back, the report."""

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from jiu.models import Call, Update
from offices.models import Membership, Office, User
from recommendations.models import Officer, StatusReport
from tests.browser.conftest import DESKTOP, PHONE

PASSWORD = "correct horse battery staple"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db) -> None:
    call_command("load_reference", verbosity=0)
    bureau = Office.objects.get(code="IB")
    for name, role, post in (
        ("coordinator", "coordinator", None),
        ("continuity", "contributor", "bcc"),
        ("ethics", "contributor", "ceo"),
    ):
        user = User.objects.create_user(f"{name}@example.org", PASSWORD, name=name.title())
        Membership.objects.create(user=user, office=bureau, role=role)
        if post:
            Officer.objects.get(key=post).holders.add(user)


def test_a_call_is_answered_sent_back_and_becomes_the_report(new_visitor, people):
    coordinator, continuity, ethics = new_visitor(), new_visitor(PHONE), new_visitor()
    call = open_a_call(coordinator)
    answer_without_change(continuity)
    answer_too_shortly(ethics, call)
    accept_one_and_send_the_other_back(coordinator, call)
    answer_again(ethics, call)
    accept(coordinator, call)
    draft_the_report(coordinator)

    assert Update.objects.filter(state="accepted").count() == 2
    assert StatusReport.objects.filter(as_at=timezone.localdate(), office__code="IB").count() == 2
    # Sent back without a word, which the page refused.
    assert [text for text in coordinator.complaints if "422" not in text] == []
    assert (continuity.complaints, ethics.complaints) == ([], [])


def open_a_call(coordinator) -> Call:
    coordinator.sign_in("coordinator@example.org", PASSWORD)
    coordinator.page.get_by_role("link", name="JIU", exact=True).click()
    coordinator.page.get_by_role("link", name="Calls for updates").click()
    coordinator.page.get_by_role("link", name="Open a call").click()
    coordinator.page.get_by_label("Note to the focal points").fill("Please answer in full sentences.")
    assert coordinator.barriers() == []
    coordinator.page.get_by_role("button", name="Open the call").click()
    assert coordinator.sees("The call is open: it asks about 24 recommendations.")
    assert coordinator.barriers() == []
    return Call.objects.get()


def answer_without_change(continuity) -> None:
    """For all that is asked of them in a report, with one button."""
    continuity.sign_in("continuity@example.org", PASSWORD)
    continuity.visit("/jiu/calls/")
    continuity.page.locator("main table a").first.click()
    continuity.page.get_by_role("link", name="Answer for the whole report").first.click()
    continuity.finds(continuity.page.get_by_role("button", name="no change in all others"))
    assert continuity.barriers() == []
    assert continuity.overflow() == 0
    continuity.page.get_by_role("button", name="no change in all others").click()
    assert continuity.sees("1 answer is recorded.")


def answer_too_shortly(ethics, call) -> None:
    """One by one."""
    ethics.sign_in("ethics@example.org", PASSWORD)
    ethics.visit(f"/jiu/calls/{call}/")
    expect(ethics.page.locator(".updates li")).to_have_count(3)
    ethics.visit(f"/jiu/calls/{call}/jiu-rep-2018-4/10/")
    ethics.page.get_by_label("Implementation").select_option("implemented")
    ethics.page.get_by_label("Assessment").fill("Done.")
    ethics.page.get_by_role("button", name="Save", exact=True).click()
    assert ethics.sees("1 answer is recorded.")


def accept_one_and_send_the_other_back(coordinator, call) -> None:
    coordinator.visit(f"/jiu/calls/{call}/")
    assert coordinator.sees("Answered: 2 of 24 (8%).")
    missing = coordinator.page.get_by_role("row", name="Chief Ethics Officer").get_by_role("cell").nth(1)
    expect(missing).to_have_text("2 of 3")
    coordinator.page.get_by_role("link", name="answered 2", exact=True).click()
    coordinator.lands_on(f"/jiu/calls/{call}/?state=answered")
    coordinator.page.locator(".updates a").first.click()
    coordinator.page.get_by_role("button", name="Accept").click()
    assert coordinator.sees("Accepted: it is the Bureau’s status report now.")
    coordinator.visit(f"/jiu/calls/{call}/jiu-rep-2018-4/10/")
    coordinator.page.get_by_role("button", name="Send back").click()
    assert coordinator.sees("Say what is missing")
    coordinator.page.get_by_label("Comment", exact=True).fill("What was done, and when?")
    assert coordinator.barriers() == []
    coordinator.page.get_by_role("button", name="Send back").click()
    assert coordinator.sees("Sent back to the focal points")


def answer_again(ethics, call) -> None:
    ethics.visit(f"/jiu/calls/{call}/jiu-rep-2018-4/10/")
    assert ethics.sees("What was done, and when?")
    ethics.page.get_by_label("Assessment").fill("The course was held in May.")
    ethics.page.get_by_role("button", name="Save", exact=True).click()
    assert ethics.sees("1 answer is recorded.")


def accept(coordinator, call) -> None:
    coordinator.visit(f"/jiu/calls/{call}/jiu-rep-2018-4/10/")
    coordinator.page.get_by_role("button", name="Accept").click()
    assert coordinator.sees("Accepted: it is the Bureau’s status report now.")


def draft_the_report(coordinator) -> None:
    """It says what was answered, and what was not."""
    today = timezone.localdate()
    coordinator.visit(f"/jiu/progress-report/document/?as_at={today}&since=2022-03-31")
    assert coordinator.sees("On 22 of the 24 recommendations listed no update was received")
    assert coordinator.sees("The course was held in May.")
    assert coordinator.sees("JIU/REP/2018/4 (Recommendation 10)")
    coordinator.page.get_by_role("link", name="Annex I lists").click()
    coordinator.page.get_by_label("The sentence").fill("The annexes follow.")
    coordinator.page.get_by_role("button", name="Save").click()
    assert coordinator.sees("The annexes follow.")
    for viewport in (PHONE, DESKTOP):
        coordinator.page.set_viewport_size(viewport)
        assert coordinator.overflow() == 0
    assert coordinator.barriers() == []
