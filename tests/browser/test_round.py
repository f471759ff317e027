"""The main job as people do it: an office answers, the secretariat reads the figures."""

import re

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from offices.models import Membership, Office, User
from tests.browser.conftest import DESKTOP, PHONE

PASSWORD = "correct horse battery staple"
FORM = "/surveys/sample-open/respond/SAMPLE01/"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db) -> dict[str, User]:
    call_command("load_reference", sample=True, verbosity=0)
    office = Office.objects.get(code="SAMPLE01")
    people = {}
    for role in ("contributor", "coordinator"):
        people[role] = User.objects.create_user(f"{role}@example.org", PASSWORD)
        Membership.objects.create(user=people[role], office=office, role=role)
    for role in ("secretariat", "administrator"):
        people[role] = User.objects.create_user(f"{role}@example.org", PASSWORD, role=role)
    return people


def group(visitor, name: str):
    return visitor.page.get_by_role("group", name=name)


FOCUS = "Which Recommendations is your office working on"
LOW = "Which Recommendations have low priority"


def test_an_office_answers_over_two_sittings_and_two_people(new_visitor, people):
    # First sitting: the contributor, who cannot submit.
    staff = new_visitor()
    staff.sign_in("contributor@example.org", PASSWORD)
    staff.page.get_by_role("link", name="Answer").click()
    group(staff, "1. Business").get_by_label("Implemented").check()
    staff.press("Save draft")
    assert staff.sees("Your draft is saved.")
    assert staff.sees("Last saved by contributor@example.org")

    # Both have the form open, and work on different sections.
    lead = new_visitor()
    lead.sign_in("coordinator@example.org", PASSWORD)
    lead.visit(FORM)
    staff.page.get_by_role("textbox", name="What would you change").fill("Sample answer: nothing.")
    staff.press("Save draft")
    low = group(lead, LOW)
    low.get_by_label("9. Recommendation 9").check()
    low.get_by_label("None of the recommendations").check()
    expect(low.get_by_label("9. Recommendation 9")).not_to_be_checked()
    group(lead, FOCUS).get_by_label("10. Emerging technologies").check()
    lead.press("Save and review")

    # The review shows both people's answers and what is missing; the coordinator submits.
    assert lead.sees("Sample answer: nothing.")
    assert lead.sees("None of the recommendations")
    assert lead.sees("9 without answer")
    lead.press("Submit")
    lead.finds(lead.page.get_by_role("heading", name="Receipt"))
    assert lead.sees("Sample answer: nothing.")
    assert figures(new_visitor, LOW, "None of the recommendations") == ["1 100%", "1"]

    # Reopened and resubmitted: until then the first submission counts.
    lead.visit(FORM)
    group(lead, "1. Business").get_by_label("In progress").check()
    lead.press("Save draft")
    assert lead.sees("until then, what was submitted counts")
    row = "1 Business, law and work flows for the digital age"
    assert figures(new_visitor, "How far has your office come", row)[:2] == ["1 100%", "0 0%"]
    lead.press("Save and review")
    lead.press("Submit")
    lead.finds(lead.page.get_by_role("heading", name="Receipt"))
    assert figures(new_visitor, "How far has your office come", row)[:2] == ["0 0%", "1 100%"]
    assert [*staff.complaints, *lead.complaints] == []


def figures(new_visitor, table: str, row: str) -> list[str]:
    """One row of the results as the secretariat reads it."""
    reader = new_visitor()
    reader.sign_in("secretariat@example.org", PASSWORD)
    reader.page.get_by_role("link", name="1 of 21 offices").click()
    cells = reader.page.get_by_role("region", name=table).get_by_role("row", name=row).get_by_role("cell")
    reader.finds(cells.first)
    assert reader.complaints == []
    return cells.all_inner_texts()


def test_a_contradiction_without_script_is_refused_and_a_conflict_is_merged(new_visitor, people):
    staff, lead = new_visitor(), new_visitor()
    staff.sign_in("contributor@example.org", PASSWORD)
    lead.sign_in("coordinator@example.org", PASSWORD)
    staff.page.route("**/questionnaire*.js", lambda route: route.abort())
    for visitor in (staff, lead):
        visitor.visit(FORM)
    low = group(staff, LOW)
    low.get_by_label("None of the recommendations").check()
    low.get_by_label("9. Recommendation 9").check()
    staff.press("Save draft")
    assert staff.sees("contradicts the recommendations selected beside it")
    expect(low.get_by_label("9. Recommendation 9")).to_be_checked()

    words = "What would you change in the Recommendations"
    lead.page.get_by_role("textbox", name=words).fill("First text.")
    lead.press("Save draft")
    low.get_by_label("9. Recommendation 9").uncheck()
    staff.page.get_by_role("textbox", name=words).fill("Second text.")
    staff.press("Save draft")
    assert staff.sees("Somebody else saved in the meantime")
    both = staff.page.get_by_role("row", name=words)
    expect(both.get_by_role("cell")).to_have_text(["First text.", "Second text."])
    staff.page.get_by_role("textbox", name=words).fill("First text. Second text.")
    staff.press("Save my version")
    assert staff.sees("Your draft is saved.")


def test_a_round_is_answered_by_keyboard_alone(new_visitor, people):
    visitor = new_visitor()
    visitor.visit("/accounts/login/")
    keys = visitor.page.keyboard

    def tab_to(name: str) -> None:
        """Press Tab until something of this name has the focus."""
        for _time in range(200):
            keys.press("Tab")
            focused = visitor.page.evaluate(
                "(() => { const e = document.activeElement;"
                " return (e.labels && e.labels[0] ? e.labels[0].innerText : e.innerText || e.value || '').trim() })()"
            )
            if focused.startswith(name):
                return
        pytest.fail(f"Tab does not reach {name!r}")

    tab_to("Email")
    keys.type("coordinator@example.org")
    tab_to("Password")
    keys.type(PASSWORD)
    keys.press("Enter")
    visitor.finds(visitor.page.get_by_role("button", name="Sign out"))
    tab_to("Answer")
    keys.press("Enter")
    visitor.lands_on(FORM)
    # A radio group is one stop, at "No answer"; the arrow wraps round to the first level.
    tab_to("No answer")
    keys.press("ArrowRight")
    expect(group(visitor, "1. Business").get_by_label("Implemented")).to_be_checked()
    tab_to("1. Business")
    keys.press("Space")
    tab_to("Save and review")
    keys.press("Enter")
    visitor.lands_on(f"{FORM}review/")
    tab_to("Submit")
    keys.press("Enter")
    visitor.lands_on(f"{FORM}receipt/")
    assert visitor.complaints == []


def test_the_results_follow_the_filters(new_visitor, people):
    reader = new_visitor()
    reader.sign_in("secretariat@example.org", PASSWORD)
    reader.visit("/surveys/sample-open/results/")
    reader.page.get_by_label("Region").select_option("oceania")
    expect(reader.page).to_have_url(re.compile("region=oceania"))
    assert reader.sees("No office of this selection has responded")
    assert reader.complaints == []


PAGES = {
    "": ["/", "/recommendations/", "/recommendations/cws-12-22/", "/recommendations/cws-12-22/1/", "/offices/",
         "/offices/NA/", "/accounts/login/", "/accounts/password/reset/"],
    "coordinator": ["/", "/surveys/", "/surveys/sample-open/", FORM, f"{FORM}review/",
                    "/surveys/sample-2025/respond/SAMPLE01/", "/surveys/sample-2025/respond/SAMPLE01/receipt/",
                    "/accounts/password/change/"],
    "secretariat": ["/", "/surveys/", "/surveys/sample-2025/results/", "/surveys/cws-ict-2025/results/",
                    "/surveys/sample-2025/results/?base=answered"],
}  # fmt: skip


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_is_open_to_everybody_and_fits_the_screen(new_visitor, people, viewport):
    findings = {}
    for persona, paths in PAGES.items():
        visitor = new_visitor(viewport)
        if persona:
            visitor.sign_in(f"{persona}@example.org", PASSWORD)
        for path in paths:
            visitor.visit(path)
            findings[persona, path] = [*visitor.barriers(), *visitor.complaints]
            if visitor.overflow() > 0:
                findings[persona, path].append(f"{visitor.overflow()} pixels too wide")
    assert {where: found for where, found in findings.items() if found} == {}


def test_axe_finds_a_barrier_where_there_is_one(new_visitor, people):
    visitor = new_visitor()
    visitor.visit("/")
    visitor.page.evaluate("document.documentElement.removeAttribute('lang')")
    assert any(found.startswith("html-has-lang") for found in visitor.barriers())


def test_the_page_holds_right_to_left(new_visitor, people, settings):
    settings.LANGUAGES = [("ar", "Arabic")]
    settings.LANGUAGE_CODE = "ar"
    visitor = new_visitor(PHONE)
    for path in ("/", "/recommendations/cws-12-22/", "/offices/"):
        visitor.visit(path)
        assert visitor.page.locator("html").get_attribute("dir") == "rtl"
        assert (path, visitor.overflow()) == (path, 0)


def test_admin_pages_keep_the_content_security_policy(new_visitor, people):
    visitor = new_visitor()
    visitor.sign_in("administrator@example.org", PASSWORD)
    office = Office.objects.get(code="NA")
    for path in (
        "/admin/",
        "/admin/offices/office/",
        f"/admin/offices/office/{office.pk}/change/",
        f"/admin/offices/office/{office.pk}/history/",
        "/admin/offices/office/import/",
        "/admin/surveys/response/",
        "/admin/portal/auditentry/",
    ):
        visitor.visit(path)
    visitor.page.goto(f"{visitor.base}/admin/offices/office/import/")
    visitor.page.get_by_label("CSV or XLSX file").set_input_files(
        {"name": "o.csv", "mimeType": "text/csv", "buffer": b"code,name,kind,region,is_sample,source\nNA,N,x,,,\n"}
    )
    visitor.page.get_by_role("button", name="Check the file").click()
    assert visitor.sees("Nothing was written: the file has 1 fault.")
    assert [text for text in visitor.complaints if "422" not in text] == []
