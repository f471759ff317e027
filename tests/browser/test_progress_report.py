"""The progress report in a browser: dates, from a figure to its rows, phone, right to left, and what axe finds."""

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from offices.models import User
from tests.browser.conftest import DESKTOP, PHONE

PASSWORD = "correct horse battery staple"
REPORT = "/jiu/progress-report/?as_at=2022-03-31&since=2021-03-31"
SILENT = "/jiu/progress-report/?as_at=2023-03-31&since=2022-03-31"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reference(transactional_db) -> None:
    call_command("load_reference", verbosity=0)
    User.objects.create_user("secretariat@example.org", PASSWORD, role=User.Role.SECRETARIAT)


@pytest.fixture
def reader(new_visitor, reference):
    visitor = new_visitor()
    visitor.sign_in("secretariat@example.org", PASSWORD)
    return visitor


def test_from_the_dates_to_a_figure_to_what_was_stated(reader):
    page = reader.page
    reader.visit("/jiu/progress-report/")
    expect(page.get_by_label("As at")).to_have_value("2022-03-31")
    expect(page.get_by_label("Compared with")).to_have_value("2021-03-31")
    figures = page.get_by_role("table", name="As at 31 March 2022, compared with 31 March 2021")
    figures.get_by_role("row", name="New from 4 JIU reports").get_by_role("link", name="15").click()
    assert reader.sees("15 recommendations of 51 held")
    page.get_by_role("row", name="JIU/REP/2021/6 R1").get_by_role("link", name="implemented").click()
    reader.lands_on("/offices/IB/status/jiu-rep-2021-6/1/")

    reader.visit("/jiu/progress-report/")
    page.get_by_label("As at").fill("2023-03-31")
    page.get_by_label("Compared with").fill("2022-03-31")
    page.get_by_role("button", name="Show").click()
    assert reader.sees("No update was received on 24 of them since.")
    expect(page.locator(".report-line .change-silent")).to_have_count(24)
    assert reader.complaints == []


def test_the_pages_hold_on_a_phone_and_axe_finds_nothing(new_visitor, reference):
    for screen in (PHONE, DESKTOP):
        reader = new_visitor(screen)
        reader.sign_in("secretariat@example.org", PASSWORD)
        for path in (REPORT, SILENT, f"{REPORT}&group=closed&addressee=EH", f"{REPORT}&year=1999"):
            reader.visit(path)
            assert reader.barriers() == [], path
            assert reader.overflow() <= 0, path
        assert reader.complaints == []


def test_from_right_to_left_bars_grow_from_the_right(new_visitor, reference, settings):
    settings.LANGUAGES = [("ar", "Arabic")]
    settings.LANGUAGE_CODE = "ar"
    reader = new_visitor(PHONE)
    reader.page.goto(reader.base + "/accounts/login/")
    reader.page.locator("input[type=email]").fill("secretariat@example.org")
    reader.page.locator("input[type=password]").fill(PASSWORD)
    reader.page.locator("input[type=password]").press("Enter")
    reader.finds(reader.page.locator(".site-account form"))
    reader.visit(REPORT)
    assert reader.page.locator("html").get_attribute("dir") == "rtl"
    first = reader.page.locator(".report-bars .segment").first
    x, width = (float(first.get_attribute(name).rstrip("%")) for name in ("x", "width"))
    assert (x + width, x) == (100, 100 - width)
    assert reader.overflow() <= 0
    assert reader.complaints == []


def test_colour_is_never_alone(reader):
    """Every fill of a bar is in the legend with its name, and no two fills look alike without colour."""
    reader.visit(REPORT)
    page = reader.page
    fills = "all => all.map(item => item.getAttribute('fill'))"
    used = set(page.locator(".report-chart .segment").evaluate_all(fills))
    named = page.locator(".legend .segment").evaluate_all(fills)
    assert used <= set(named)
    assert len(page.locator(".legend li").all_inner_texts()) == len(named) == len(set(named)) == 9
    marks = dict(
        page.locator("pattern").evaluate_all(
            "all => all.map(item => ['url(#' + item.id + ')',"
            " [...item.children].map(child => child.outerHTML.replace(/ground-\\w+/, '')).join()])"
        )
    )
    # Solid are only the first and the one for what is not stated, which differ in lightness.
    assert len({marks[fill] for fill in named}) == len(named) - 1


def test_on_paper_the_whole_report_stands(reader):
    reader.visit(REPORT)
    reader.page.emulate_media(media="print")
    expect(reader.page.locator(".site-header")).to_be_hidden()
    expect(reader.page.locator("form.filters")).to_be_hidden()
    expect(reader.page.locator(".report-line").last).to_be_visible()
    expect(reader.page.locator(".report-figures")).to_be_visible()
