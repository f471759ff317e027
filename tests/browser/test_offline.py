"""Away from the keyboard, as people do it: download, fill in, upload, compare, save."""

import io

import openpyxl
import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from offices.models import Membership, Office, User
from surveys.models import Response
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories.portal import saved

PASSWORD = "correct horse battery staple"
ANSWERS = "/surveys/sample-open/respond/SAMPLE01/"
UPLOAD = f"{ANSWERS}upload/"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def contributor(transactional_db) -> User:
    call_command("load_reference", sample=True, verbosity=0)
    user = User.objects.create_user("contributor@example.org", PASSWORD)
    Membership.objects.create(user=user, office=Office.objects.get(code="SAMPLE01"), role="contributor")
    return user


def choose(visitor, content: bytes) -> None:
    file = {"name": "filled.xlsx", "mimeType": "application/octet-stream", "buffer": content}
    visitor.page.get_by_label("The filled questionnaire (XLSX)").set_input_files(file)
    visitor.page.get_by_role("button", name="See what would change").click()


def findings(visitor) -> list[str]:
    wide = [f"{visitor.overflow()} pixels too wide"] if visitor.overflow() > 0 else []
    # A refused file is a 422, which the browser's console mentions.
    return [*visitor.barriers(), *wide, *(text for text in visitor.complaints if "422" not in text)]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_questionnaire_is_filled_offline_and_saved(new_visitor, contributor, viewport):
    staff = new_visitor(viewport)
    staff.sign_in("contributor@example.org", PASSWORD)
    staff.visit(UPLOAD)
    assert findings(staff) == []
    with staff.page.expect_download() as download:
        staff.page.get_by_role("link", name="Download the questionnaire").click()
    assert download.value.suggested_filename == "sample-open-SAMPLE01.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    sheet = book["Questions"]

    sheet["C4"] = "Finished"
    choose(staff, saved(book))
    expect(staff.page.get_by_role("row", name="Questions!C4").get_by_text("Choose from the list")).to_be_visible()
    assert findings(staff) == []

    sheet["C4"], sheet["D4"] = "Implemented", "since 2019: " + "a long sentence about it, " * 20
    choose(staff, saved(book))
    changes = staff.page.get_by_role("region", name="What would change")
    expect(changes.get_by_text("Implemented")).to_be_visible()
    assert findings(staff) == []
    staff.page.get_by_role("button", name="Save these answers as a draft").click()
    assert staff.sees("1 section is saved from your file, as a draft. Nothing is submitted yet.")
    staff.lands_on(ANSWERS)
    assert Response.objects.get(office__code="SAMPLE01", survey__key="sample-open").state == "draft"

    staff.visit(UPLOAD)
    choose(staff, saved(book))
    assert staff.sees("The file changes nothing")
    assert findings(staff) == []
