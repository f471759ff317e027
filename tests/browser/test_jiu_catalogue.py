"""The JIU's recommendations as people look for them, at a desk and on a phone."""

import datetime
import re

import pytest
from playwright.sync_api import expect

from offices.models import User
from recommendations.models import Recommendation
from tests.browser.conftest import PHONE
from tests.factories.jiu import (
    EndorsementFactory,
    QuestionnaireFactory,
    ReviewFactory,
    make_jiu_recommendation,
    state,
)
from tests.factories.recommendations import OfficerFactory, SetDocumentFactory

PASSWORD = "correct horse battery staple"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def catalogue(transactional_db) -> None:
    User.objects.create_user("secretariat@example.org", PASSWORD, role=User.Role.SECRETARIAT)
    officer = OfficerFactory(title="Chief Information Officer")
    for number in range(1, 56):
        item = make_jiu_recommendation(f"JIU/REP/2021/{number % 5 + 1}", number, ("LB", "EH")[number % 2])
        state(item, "2022-03-31", "implemented" if number > 3 else "in_progress").responsible_officers.add(officer)
    Recommendation.objects.filter(number=1).update(
        due_on=datetime.date(2022, 12, 31), due_text="by the end of 2022", label=""
    )
    SetDocumentFactory(recommendation_set=item.recommendation_set, url="https://example.org/ceb")
    EndorsementFactory(recommendation=item)
    ReviewFactory(stage="ongoing")
    QuestionnaireFactory(due_on=datetime.date(2022, 3, 10), answered_on=datetime.date(2022, 3, 1))


def test_what_is_overdue_is_found_without_a_page_load(new_visitor, catalogue):
    visitor = new_visitor()
    visitor.sign_in("secretariat@example.org", PASSWORD)
    visitor.visit("/jiu/")
    assert visitor.sees("55 of 55 recommendations")
    visitor.page.get_by_role("link", name="next page").click()
    assert visitor.sees("page 2 of 2")

    visitor.visit("/jiu/")
    visitor.page.evaluate("window.stayed = true")
    visitor.page.get_by_label("Overdue").select_option(label="past their date")
    assert visitor.sees("1 of 55 recommendations")
    assert visitor.page.evaluate("window.stayed")
    expect(visitor.page).to_have_url(re.compile("overdue=past$"))
    row = visitor.page.get_by_role("row", name="JIU/REP/2021/2 R1")
    expect(row).to_contain_text("by the end of 2022 (31 December 2022)")
    row.get_by_role("link", name="Recommendation 1").click()
    assert visitor.sees("stands now")
    assert visitor.complaints == []


def test_words_are_searched_as_they_are_typed(new_visitor, catalogue):
    visitor = new_visitor()
    visitor.visit("/recommendations/")
    visitor.page.get_by_label("Words").press_sequentially("2021/3")
    assert visitor.sees("1 of 5 sets")
    assert visitor.complaints == []


@pytest.mark.parametrize("email", ["secretariat@example.org", ""])
def test_the_pages_are_open_to_everybody_and_fit_a_phone(new_visitor, catalogue, email):
    visitor = new_visitor(PHONE)
    if email:
        visitor.sign_in(email, PASSWORD)
    findings = {}
    paths = [
        "/jiu/",
        "/jiu/?overdue=past&year=1066",
        "/recommendations/",
        "/recommendations/jiu-rep-2021-1/",
        "/recommendations/jiu-rep-2021-1/55/",
        *(["/jiu/reviews/"] if email else []),
    ]
    for path in paths:
        visitor.visit(path)
        findings[path] = [*visitor.barriers(), *visitor.complaints, visitor.overflow()]
    assert findings == {path: [0] for path in findings}
