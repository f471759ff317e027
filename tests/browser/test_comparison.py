"""Rounds beside each other, cross-tables, and a round that begins with last answers, as people use them."""

import re

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from offices.models import Membership, Office, User
from surveys.actions.carrying import carry_over, create_round
from surveys.models import Response, Survey
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_round import PASSWORD, group

FORM = "/surveys/sample-open/respond/SAMPLE01/"
COMPARE = "/surveys/compare/?rounds=sample-2025&rounds=sample-2027"
CROSS = "/surveys/sample-2025/cross/?rows=implementation:1&columns=focus"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db) -> dict[str, User]:
    call_command("load_reference", sample=True, verbosity=0)
    people = {"coordinator": User.objects.create_user("coordinator@example.org", PASSWORD)}
    office = Office.objects.get(code="SAMPLE01")
    Membership.objects.create(user=people["coordinator"], office=office, role=Membership.Role.COORDINATOR)
    people["secretariat"] = User.objects.create_user("secretariat@example.org", PASSWORD, role="secretariat")
    return people


@pytest.fixture
def second_round(people) -> Survey:
    """A round after that of 2025, in which all say what they said then, but for one office that goes on."""
    source, by = Survey.objects.get(key="sample-2025"), people["secretariat"]
    later = create_round(
        key="sample-2027",
        values={
            "title": "Sample round 2027",
            "recommendation_set": source.recommendation_set,
            "opens_on": "2026-01-01",
            "closes_on": "2035-12-31",
            "is_sample": True,
        },
        source=source,
        with_invitations=True,
        with_answers=True,
        by=by,
    )
    drafts = Response.objects.filter(survey=later)
    for draft in drafts:
        draft.state, draft.submitted_at, draft.origin = Response.State.SUBMITTED, draft.saved_at, Response.Origin.FORM
        draft.save()
        draft.answers.update(is_carried_over=False)
    first = drafts.first().answers.filter(question__kind="levels").exclude(value="implemented").first()
    first.value = "implemented"
    first.save()
    return later


def sign_in(new_visitor, persona: str, viewport=DESKTOP):
    visitor = new_visitor(viewport)
    visitor.sign_in(f"{persona}@example.org", PASSWORD)
    return visitor


def test_two_rounds_are_chosen_and_stand_beside_each_other(new_visitor, second_round):
    reader = sign_in(new_visitor, "secretariat")
    reader.visit("/surveys/sample-2025/results/")
    reader.page.get_by_role("link", name="Compare with another round").click()
    assert reader.sees("Choose at least two rounds.")
    reader.page.get_by_label("Sample round 2027").check()
    reader.press("Compare")
    region = reader.page.get_by_role("region", name="How far has your office come")
    expect(region.get_by_role("rowgroup")).to_have_count(11)
    reader.page.get_by_text("1 of the 21 that responded in both rounds moved").first.click()
    assert reader.sees("Rows: Sample round 2025")
    assert reader.complaints == []


def test_a_crosstable_follows_its_choices(new_visitor, people):
    reader = sign_in(new_visitor, "secretariat")
    reader.visit("/surveys/sample-2025/results/")
    reader.page.get_by_role("link", name="Cross-table of two questions").click()
    assert reader.sees("Choose a question for the rows and one for the columns.")
    reader.page.get_by_label("Rows").select_option("implementation:1")
    reader.page.get_by_label("Columns").select_option("focus")
    expect(reader.page).to_have_url(re.compile("columns=focus"))
    assert reader.sees("An office may have selected several Recommendations")
    expect(reader.page.get_by_role("row", name="Implemented").get_by_role("cell")).to_have_count(12)
    assert reader.complaints == []


def test_an_office_confirms_its_last_answers_and_submits(new_visitor, people):
    secretariat = sign_in(new_visitor, "secretariat")
    secretariat.visit("/surveys/sample-open/manage/invitations/")
    secretariat.page.get_by_label("Round*").select_option("sample-2025")
    secretariat.press("Carry over")
    assert secretariat.sees("21 offices begin with their last answers.")
    secretariat.visit("/surveys/sample-open/manage/?stage=carried")
    expect(secretariat.page.get_by_role("row").filter(has_text="carried over, not confirmed")).to_have_count(21)

    lead = sign_in(new_visitor, "coordinator")
    lead.visit(FORM)
    assert lead.sees("Answers marked “carried over” are from “Sample round 2025")
    group(lead, "1. Business").get_by_label("Still so").check()
    lead.press("Save and review")
    assert lead.sees("This cannot be submitted yet")
    expect(lead.page.get_by_role("button", name="Submit", exact=True)).to_have_count(0)
    lead.visit(FORM)
    expect(group(lead, "1. Business").get_by_label("Still so")).to_have_count(0)
    group(lead, "2. An ICT").get_by_label("Implemented").check()
    confirm = lead.page.get_by_role("button", name="Confirm ")
    for left in reversed(range(confirm.count())):
        confirm.first.click()
        expect(confirm).to_have_count(left)
    assert lead.sees("Your draft is saved.")
    lead.press("Save and review")
    lead.press("Submit")
    lead.finds(lead.page.get_by_role("heading", name="Receipt"))
    assert [*secretariat.complaints, *lead.complaints] == []


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_these_pages_are_open_to_everybody_and_fit_the_screen(new_visitor, people, second_round, viewport):
    source, survey = Survey.objects.get(key="sample-2025"), Survey.objects.get(key="sample-open")
    carry_over(survey=survey, source=source, by=people["secretariat"])
    pages = {
        "secretariat": [
            "/surveys/compare/",
            "/surveys/compare/?rounds=sample-2025&rounds=cws-ict-2025",
            COMPARE,
            "/surveys/sample-2025/cross/",
            CROSS,
            "/surveys/sample-open/manage/",
            "/surveys/sample-open/manage/invitations/",
            "/surveys/new/?copy=sample-2025",
        ],
        "coordinator": [FORM, f"{FORM}review/"],
    }
    findings = {}
    for persona, paths in pages.items():
        visitor = sign_in(new_visitor, persona, viewport)
        for path in paths:
            visitor.visit(path)
            for summary in visitor.page.locator("details.flow summary").all()[:2]:
                summary.click()
            complaints = [text for text in visitor.complaints if "422" not in text]
            findings[path] = [*visitor.barriers(), *complaints]
            if visitor.overflow() > 0:
                findings[path].append(f"{visitor.overflow()} pixels too wide")
    assert {where: found for where, found in findings.items() if found} == {}


def test_the_tables_hold_right_to_left(new_visitor, second_round, settings):
    settings.LANGUAGES = [("ar", "Arabic")]
    settings.LANGUAGE_CODE = "ar"
    visitor = new_visitor(PHONE)
    visitor.visit("/accounts/login/")
    visitor.page.locator("#id_login").fill("secretariat@example.org")
    visitor.page.locator("#id_password").fill(PASSWORD)
    visitor.page.locator("#id_password").press("Enter")
    visitor.finds(visitor.page.locator(".site-account form"))
    for path in (COMPARE, CROSS):
        visitor.visit(path)
        assert visitor.page.locator("html").get_attribute("dir") == "rtl"
        assert (path, visitor.overflow()) == (path, 0)
