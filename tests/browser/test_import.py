"""An administrator loads a file: looks, confirms, reads the log, takes it back."""

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from offices.models import Office, User
from portal.models import ImportRecord
from tests.browser.conftest import DESKTOP, PHONE

PASSWORD = "correct horse battery staple"
HEADER = "code,name,kind,region,is_sample,source\n"
FILE = HEADER + "NA,Namibia (BIPA),national,africa,,\nQQ,Office of Nowhere,national,europe,,\n"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def administrator(transactional_db) -> User:
    call_command("load_reference", sample=True, verbosity=0)
    return User.objects.create_user("administrator@example.org", PASSWORD, role="administrator")


def upload(visitor, text: str) -> None:
    visitor.visit("/admin/offices/office/import/")
    visitor.page.get_by_label("CSV or XLSX file").set_input_files(
        {"name": "offices.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    visitor.page.get_by_role("button", name="Check the file").click()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_file_is_looked_at_imported_and_taken_back(new_visitor, administrator, viewport):
    visitor = new_visitor(viewport)
    visitor.sign_in("administrator@example.org", PASSWORD)
    page, before = visitor.page, Office.objects.get(code="NA")
    findings = []

    def look() -> None:
        findings.extend(visitor.barriers())
        if visitor.overflow() > 0:
            findings.append(f"{page.url}: {visitor.overflow()} pixels too wide")

    upload(visitor, FILE)
    changed = page.get_by_role("region", name="Changed").get_by_role("row", name="NA name")
    expect(changed.get_by_role("cell")).to_have_text(["2", "name", before.name, "Namibia (BIPA)"])
    expect(page.get_by_role("region", name="Added").get_by_text("Office of Nowhere")).to_be_visible()
    assert not Office.objects.filter(code="QQ").exists()
    look()
    page.get_by_role("button", name="Import", exact=True).click()
    assert visitor.sees("offices: 1 added, 1 changed")

    record = ImportRecord.objects.latest("imported_at")
    visitor.visit("/admin/portal/importrecord/")
    look()
    visitor.visit(f"/admin/portal/importrecord/{record.pk}/change/")
    assert visitor.sees(record.sha256)
    look()
    page.get_by_role("link", name="Undo this import").click()
    visitor.finds(page.get_by_role("button", name="Undo the import"))
    look()
    page.get_by_role("button", name="Undo the import").click()
    assert visitor.sees("The import was undone")
    look()
    assert (Office.objects.get(code="NA").name, Office.objects.filter(code="QQ").exists()) == (before.name, False)
    assert findings == []
    assert visitor.complaints == []


def test_what_a_row_said_and_would_say_fits_a_phone(new_visitor, administrator):
    visitor = new_visitor(PHONE)
    visitor.sign_in("administrator@example.org", PASSWORD)
    upload(visitor, FILE.replace("Namibia (BIPA)", "The Business and Intellectual Property Authority"))
    after = visitor.page.get_by_role("region", name="Changed").get_by_role("cell", name="The Business")
    visitor.finds(after)
    box = after.bounding_box()
    assert box["x"] + box["width"] <= PHONE["width"]
