"""The secretariat runs a round at a browser: builds it, invites, sees where it stands."""

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from offices.models import User
from surveys.models import Question, Survey
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories.offices import GroupMemberFactory, OfficeFactory, OfficeGroupFactory
from tests.factories.surveys import AnswerFactory, ResponseFactory, make_tiny_round

PASSWORD = "correct horse battery staple"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def earlier_round(transactional_db) -> Survey:
    offices = [OfficeFactory(code=code, name=name) for code, name in (("NA", "Namibia"), ("NO", "Norway"))]
    group = OfficeGroupFactory(key="ldc", title="LDCs")
    for office in offices:
        GroupMemberFactory(group=group, office=office)
    GroupMemberFactory(group__key="other", group__title="Others", office=OfficeFactory(code="AU", name="IP Australia"))
    tiny = make_tiny_round(*offices, open_now=True)
    response = ResponseFactory(survey=tiny.survey, office=offices[0], submitted=True)
    AnswerFactory(response=response, question=tiny.by_kind["text"], value="Said in words.")
    User.objects.create_user("secretariat@example.org", PASSWORD, role="secretariat")
    return tiny.survey


def test_a_round_is_copied_changed_and_its_offices_invited(new_visitor, earlier_round):
    visitor = new_visitor()
    visitor.sign_in("secretariat@example.org", PASSWORD)
    page = visitor.page
    visitor.visit("/surveys/tiny/manage/edit/")
    page.get_by_role("link", name="New round after this one").click()
    page.get_by_label("Key").fill("next")
    page.get_by_label("Title").fill("The next round")
    today = timezone.localdate()
    page.get_by_label("First day").fill(today.isoformat())
    page.get_by_label("Last day").fill((today + datetime.timedelta(days=9)).isoformat())
    page.get_by_label("Invite the same offices").check()
    page.get_by_role("button", name="Create the round").click()
    visitor.press("Move down: Text of progress?")
    page.get_by_role("link", name="Add a question").click()
    page.get_by_label("Key", exact=False).first.fill("training")
    page.get_by_label("Kind").select_option("choice")
    page.get_by_label("Text").fill("Is training needed?")
    for number, key in enumerate(["yes", "no"], start=1):
        page.get_by_label(f"Order, option {number}").fill(str(number))
        page.get_by_label(f"Key, option {number}").fill(key)
        page.get_by_label(f"Label, option {number}").fill(key.title())
    page.get_by_role("button", name="Add the question").click()
    assert visitor.sees("The question is added.")
    page.get_by_role("link", name="Preview").click()
    page.get_by_role("group", name="Is training needed?").get_by_label("Yes").check()

    page.get_by_role("link", name="Invitations").click()
    page.get_by_role("group", name="Groups").first.get_by_label("Others").check()
    page.get_by_role("button", name="Invite").click()
    assert visitor.sees("1 office is newly invited.")
    page.get_by_role("link", name="Progress", exact=True).click()
    expect(page.get_by_role("definition")).to_have_text(["3", "0", "0", "0 0%", "0", "0"], use_inner_text=True)
    assert visitor.complaints == []
    keys = Question.objects.filter(survey__key="next").order_by("order").values_list("key", flat=True)
    assert list(keys)[:2] == ["focus", "progress"]
    assert list(keys)[-1] == "training"


PAGES = ["", "texts/", "invitations/", "invitations/NO/", "questions/", "questions/policy/", "preview/", "edit/"]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pages_are_open_to_everybody_and_fit_the_screen(new_visitor, earlier_round, viewport):
    visitor = new_visitor(viewport)
    visitor.sign_in("secretariat@example.org", PASSWORD)
    findings = {}
    for path in ["/surveys/new/", *(f"/surveys/tiny/manage/{page}" for page in PAGES)]:
        visitor.visit(path)
        findings[path] = [*visitor.barriers(), *visitor.complaints]
        if visitor.overflow() > 0:
            findings[path].append(f"{visitor.overflow()} pixels too wide")
    assert {path: found for path, found in findings.items() if found} == {}
