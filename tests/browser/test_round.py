"""The main job as people do it: an office answers, the secretariat reads the figures."""

import pytest
from django.core.management import call_command

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


def test_an_office_answers_and_the_secretariat_reads(new_visitor, people):
    staff = new_visitor()
    staff.sign_in("coordinator@example.org", PASSWORD)
    staff.page.get_by_role("link", name="Answer").click()
    page = staff.page
    page.get_by_role("group", name="1. Business").get_by_label("Implemented").check()
    page.get_by_role("group", name="4. Recommendation 4").get_by_label("Planned", exact=True).check()
    focus = page.get_by_role("group", name="Which Recommendations is your office working on")
    focus.get_by_label("10. Emerging technologies").check()
    low = page.get_by_role("group", name="Which Recommendations have low priority")
    low.get_by_label("None of the recommendations").check()
    low.get_by_label("9. Recommendation 9").check()
    page.get_by_role("button", name="Submit").click()
    assert staff.sees("contradicts the recommendations selected beside it")
    assert page.get_by_role("group", name="1. Business").get_by_label("Implemented").is_checked()

    low.get_by_label("9. Recommendation 9").uncheck()
    page.get_by_role("button", name="Submit").click()
    assert staff.sees("Your answers are submitted.")
    # The refused form was a 422, which the browser's console mentions.
    assert [text for text in staff.complaints if "422" not in text] == []

    reader = new_visitor()
    reader.sign_in("secretariat@example.org", PASSWORD)
    reader.page.get_by_role("link", name="1 of 21 offices").click()
    table = reader.page.get_by_role("region", name="How far has your office come")
    row = table.get_by_role("row", name="1 Business, law and work flows for the digital age")
    assert row.get_by_role("cell").all_inner_texts() == ["1 100%", "0 0%", "0 0%", "0 0%", "0 0%", "0 0%", "1"]
    low = reader.page.get_by_role("region", name="Which Recommendations have low priority")
    none = low.get_by_role("row", name="None of the recommendations")
    assert none.get_by_role("cell").all_inner_texts() == ["1 100%", "1"]

    reader.page.get_by_label("Region").select_option("oceania")
    reader.page.get_by_text("No office of this selection has responded").wait_for()
    assert "region=oceania" in reader.page.url
    assert reader.complaints == []


PAGES = {
    "": ["/", "/recommendations/", "/recommendations/cws-12-22/", "/recommendations/cws-12-22/1/", "/offices/",
         "/offices/NA/", "/accounts/login/", "/accounts/password/reset/"],
    "coordinator": ["/", "/surveys/", "/surveys/sample-open/", FORM, "/surveys/sample-2025/respond/SAMPLE01/",
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
