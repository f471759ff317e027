"""Publishing in a browser: from open points to a frozen page, a correction, and what the public sees of both."""

import datetime

import docx
import openpyxl
import pytest
from playwright.sync_api import expect

from offices.models import Office, User
from publications.models import Publication
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories.jiu import make_jiu_recommendation, state
from tests.factories.offices import OfficeFactory
from tests.factories.surveys import AnswerFactory, ResponseFactory, make_tiny_round

PASSWORD = "correct horse battery staple"
ARABIC, CHINESE = "نحن نعمل على ذلك", "我们正在努力"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def round_and_report(transactional_db) -> None:
    """A closed round of three offices with texts, one of them still writing, and a progress report."""
    User.objects.create_user("secretariat@example.org", PASSWORD, role=User.Role.SECRETARIAT)
    offices: list[Office] = OfficeFactory.create_batch(3)
    tiny = make_tiny_round(*offices)
    for office, text in zip(offices[:2], (ARABIC, CHINESE), strict=True):
        response = ResponseFactory(survey=tiny.survey, office=office, submitted=True)
        for item in tiny.recommendations:
            AnswerFactory(response=response, question=tiny.by_kind["levels"], recommendation=item, value="planned")
        AnswerFactory(response=response, question=tiny.by_kind["choice"], value="yes")
        AnswerFactory(response=response, question=tiny.by_kind["text"], value=text)
    ResponseFactory(survey=tiny.survey, office=offices[2])
    item = make_jiu_recommendation()
    state(item, "2022-03-31")
    state(item, "2023-03-31", "implemented", assessment="Done.")
    state(make_jiu_recommendation(number=2, addressee="EH"), "2022-03-31")


def sign_in(visitor):
    visitor.sign_in("secretariat@example.org", PASSWORD)
    return visitor.page


def publish(page, reason: str) -> None:
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("Published. This page will not change any more.").wait_for()


def test_a_round_is_published_corrected_and_read_by_everybody(new_visitor, round_and_report, tmp_path):
    writer = new_visitor()
    page = sign_in(writer)
    writer.visit("/publications/new/results/tiny/")
    page.get_by_role("link", name="Of 2 texts nobody has decided").click()
    page.get_by_label("Decision").nth(0).select_option("becomes public")
    page.get_by_label("Decision").nth(1).select_option("does not")
    page.get_by_role("button", name="Save these decisions").click()
    assert writer.sees("2 decisions are recorded.")
    assert writer.sees("There is a decision on every text.")
    page.get_by_role("link", name="Publish", exact=True).click()
    expect(page.locator(".points li")).to_have_text(
        [
            "1 office has answers in hand that are not submitted.",
            "Only 2 offices responded among those counted: the figures come near to what each answered.",
        ]
    )
    # A reason is asked for, and the title typed before is still there.
    page.get_by_label("Title").fill("What offices said")
    writer.press("Publish")
    expect(page.get_by_label("Title")).to_have_value("What offices said")
    publish(page, "In time for the session.")

    page.get_by_role("link", name="Publish a correction").click()
    assert writer.sees("It replaces version 1")
    publish(page, "A date was wrong.")
    writer.lands_on("/publications/1/2/")

    reader = new_visitor(PHONE)
    reader.visit("/publications/")
    reader.page.get_by_role("link", name="What offices said").click()
    reader.finds(reader.page.get_by_role("heading", level=1, name="What offices said"))
    expect(reader.page.get_by_text("This version was replaced.")).to_have_count(0)
    expect(reader.page.get_by_text("not public")).to_have_count(0)
    reader.visit("/publications/1/1/")
    assert reader.sees("This version was replaced.")
    reader.page.get_by_role("link", name="stands in its place").click()
    reader.lands_on("/publications/1/2/")
    for form, read in (("DOCX", docx.Document), ("XLSX", openpyxl.load_workbook)):
        with reader.page.expect_download() as download:
            reader.page.get_by_role("link", name=form).click()
        name = f"publication-1-version-2.{form.lower()}"
        assert download.value.suggested_filename == name
        download.value.save_as(tmp_path / name)
        read(tmp_path / name)
    assert [*writer.complaints, *reader.complaints] == [
        # The form without its reason was answered as such.
        "Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"
    ]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pages_are_open_to_everybody_and_fit_the_screen(new_visitor, round_and_report, viewport):
    visitor = new_visitor(viewport)
    page = sign_in(visitor)
    report = "/publications/new/progress-report/?as_at=2023-03-31&since=2022-03-31"
    for path in ("/publications/", "/publications/comments/tiny/", report, "/publications/new/results/tiny/"):
        visitor.visit(path)
        assert visitor.barriers() == [], path
        assert visitor.overflow() <= 0, path
    publish(page, "First.")
    visitor.visit(report)
    publish(page, "Second.")
    assert Publication.objects.count() == 2
    for path in ("/publications/", "/publications/1/", "/publications/2/"):
        visitor.visit(path)
        assert visitor.barriers() == [], path
        assert visitor.overflow() <= 0, path
    assert visitor.complaints == []


def test_from_right_to_left_what_was_published_keeps_its_direction(new_visitor, round_and_report, settings):
    visitor = new_visitor(PHONE)
    page = sign_in(visitor)
    visitor.visit("/publications/comments/tiny/")
    for choice in page.get_by_label("Decision").all():
        choice.select_option("becomes public")
    page.get_by_role("button", name="Save these decisions").click()
    assert visitor.sees("2 decisions are recorded.")
    visitor.visit("/publications/new/results/tiny/")
    publish(page, "First.")

    settings.LANGUAGES = [("ar", "Arabic")]
    settings.LANGUAGE_CODE = "ar"
    visitor.visit("/publications/1/")

    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.locator(".document").get_attribute("dir") == "ltr"
    assert page.locator(".document").get_attribute("lang") == "en"
    directions = {
        text: page.get_by_role("cell", name=text).evaluate("cell => getComputedStyle(cell).direction")
        for text in (ARABIC, CHINESE)
    }
    assert directions == {ARABIC: "rtl", CHINESE: "ltr"}
    assert visitor.overflow() <= 0
    assert visitor.barriers() == []


def test_without_javascript_a_report_is_published(browser, live_server, round_and_report):
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    address = f"{live_server.url}/publications/new/progress-report/?as_at=2023-03-31&since=2022-03-31"
    page.goto(address)  # which asks to sign in first
    page.get_by_label("Email").fill("secretariat@example.org")
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".points li")).to_have_text(["On 1 recommendation no update was received."])
    page.get_by_label("Reason").fill("One post is vacant.")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        f"Progress report on JIU recommendations as at {datetime.date(2023, 3, 31):%d %B %Y}"
    )
    context.close()
