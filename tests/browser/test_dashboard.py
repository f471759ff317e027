"""The dashboard in a browser: filters without a new page, drill-down, phone, and what axe finds."""

import datetime
import re

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from offices.models import Membership, Office, User
from recommendations.models import Implementation, Recommendation, StatusReport
from tests.browser.conftest import DESKTOP, PHONE

PASSWORD = "correct horse battery staple"
SAMPLE = "/dashboard/?sample=1"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reported(transactional_db) -> None:
    """Every sample office has said where it stands on every recommendation."""
    call_command("load_reference", sample=True, verbosity=0)
    offices = list(Office.objects.filter(is_sample=True).order_by("code"))
    values = [*Implementation.values, ""]
    StatusReport.objects.bulk_create(
        StatusReport(
            recommendation=item,
            office=office,
            as_at=datetime.date(2025, 9, 1),
            implementation=values[(place + item.number) % len(values)],
        )
        for item in Recommendation.objects.filter(recommendation_set__key="cws-12-22")
        for place, office in enumerate(offices)
    )
    User.objects.create_user("secretariat@example.org", PASSWORD, role=User.Role.SECRETARIAT)
    staff = User.objects.create_user("viewer@example.org", PASSWORD)
    Membership.objects.create(user=staff, office=offices[0], role=Membership.Role.VIEWER)


def test_the_secretariat_goes_from_a_figure_to_an_office(new_visitor, reported):
    reader = new_visitor()
    reader.sign_in("secretariat@example.org", PASSWORD)
    page = reader.page
    page.get_by_role("link", name="Dashboard").click()
    assert reader.sees("invite offices to a round")
    page.get_by_label("Data").select_option("1")
    table = page.get_by_role("region", name="Where offices stand, in figures")
    expect(table).to_be_visible()
    expect(page).to_have_url(re.compile("sample=1"))
    expect(page.locator(".bars svg")).to_have_count(10)

    table.get_by_role("row", name="3 Data governance").get_by_role("link", name="%").first.click()
    reader.finds(page.get_by_role("heading", name="Offices by recommendations"))
    grid = page.get_by_role("region", name="Offices by recommendations")
    assert set(grid.locator("td .standing").all_inner_texts()) == {"implemented"}
    grid.locator("td .standing").first.click()
    expect(page).to_have_url(re.compile("/status/cws-12-22/3/$"))
    assert reader.complaints == []


def test_the_pages_hold_on_a_phone_and_axe_finds_nothing(new_visitor, reported):
    for screen in (PHONE, DESKTOP):
        reader, staff = new_visitor(screen), new_visitor(screen)
        reader.sign_in("secretariat@example.org", PASSWORD)
        staff.sign_in("viewer@example.org", PASSWORD)
        for visitor, path in [
            (reader, "/dashboard/"),
            (reader, SAMPLE),
            (reader, "/dashboard/grid/?sample=1"),
            (staff, "/dashboard/"),
        ]:
            visitor.visit(path)
            assert visitor.barriers() == [], path
            assert visitor.overflow() <= 0, path
        assert reader.complaints + staff.complaints == []


def test_colour_is_never_alone(new_visitor, reported):
    """Every fill of a bar is in the legend with its name, and no two fills look alike without colour."""
    reader = new_visitor()
    reader.sign_in("secretariat@example.org", PASSWORD)
    reader.visit(SAMPLE)
    page = reader.page
    used = set(page.locator(".bars .segment").evaluate_all("all => all.map(item => item.getAttribute('fill'))"))
    named = page.locator(".legend .segment").evaluate_all("all => all.map(item => item.getAttribute('fill'))")
    assert used <= set(named)
    assert len(page.locator(".legend li").all_inner_texts()) == len(named) == len(set(named)) == 8
    marks = page.locator("pattern").evaluate_all(
        "all => all.map(item => [...item.children].map(child => child.outerHTML.replace(/ground-\\w+/, '')).join())"
    )
    # Solid are only the first and the one for what is not stated, which differ in lightness.
    assert len(set(marks)) == len(marks) - 1
