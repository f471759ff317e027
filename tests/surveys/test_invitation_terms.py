"""The kind `invitation_terms`: an office's own last day, its refusal, a note."""

import datetime
from http import HTTPStatus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.spreadsheets.resources import Mode
from surveys.models import Invitation
from tests.factories.portal import EXPORTS, counts, exported, fault_lines, load
from tests.factories.surveys import InvitationFactory, SurveyFactory

pytestmark = pytest.mark.django_db

KIND = "invitation_terms"
HEADER = "survey,office,closes_on,declined_on,note\n"


@pytest.fixture(autouse=True)
def invitations():
    survey = SurveyFactory(key="r")
    for code in ("NA", "NO", "AU"):
        InvitationFactory(survey=survey, office__code=code)


def test_terms_are_changed_and_left_with_history():
    row = HEADER + 'r,NA,2025-07-20,2025-06-01,"=by mail; ""later"""\n'
    assert counts(load(KIND, row)) == (0, 1, 0, 0)
    assert counts(load(KIND, row)) == (0, 0, 1, 0)
    invitation = Invitation.objects.get(office__code="NA")
    assert (invitation.closes_on, invitation.declined_on, invitation.note) == (
        datetime.date(2025, 7, 20),
        datetime.date(2025, 6, 1),
        '=by mail; "later"',
    )
    assert [entry.note for entry in invitation.history.all()] == [invitation.note, ""]
    assert counts(load(KIND, HEADER + "r,NA,,,\n")) == (0, 1, 0, 0)
    assert exported(KIND) == []


def test_only_invitations_with_terms_are_exported():
    Invitation.objects.filter(office__code="NO").update(note="Asked twice.")
    Invitation.objects.filter(office__code="AU").update(declined_on=datetime.date(2025, 6, 1))
    assert exported(KIND) == [["r", "AU", "", "2025-06-01", ""], ["r", "NO", "", "", "Asked twice."]]


@pytest.mark.parametrize("form", EXPORTS)
def test_exports_read_back_without_a_change(form):
    Invitation.objects.update(note='=1\n"中文"; \'العربية', closes_on=datetime.date(2025, 8, 1))
    assert counts(load(KIND, EXPORTS[form](KIND))) == (0, 0, 3, 0)


def test_the_faults():
    InvitationFactory(office__code="XX")
    rows = ["nowhere,NA,,,", "r,XX,,,", "r,YY,,,", "r,NA,2025-05-01,,", "r,NO,soon,today,", "r,AU,,,", "r,AU,,,"]
    day = "is not a date: write it like 2025-05-02"
    assert fault_lines(load(KIND, HEADER + "\n".join(rows))) == [
        "row 2, column survey: there is no such survey (nowhere)",
        "row 3, column office: is not invited to the round (XX)",
        "row 4, column office: there is no such office (YY)",
        "row 5, column closes_on: is before the round opens (2025-05-01)",
        f"row 6, column closes_on: {day} (soon)",
        f"row 6, column declined_on: {day} (today)",
        "row 8, column survey,office: doubled key, the same as in row 7 (r,AU)",
    ]


def test_reference_data_fills_blanks_and_replaces_nothing():
    Invitation.objects.filter(office__code="NA").update(note="Ours.")
    assert counts(load(KIND, HEADER + "r,NA,2025-07-20,,Theirs.\n", mode=Mode.FILL)) == (0, 1, 0, 0)
    assert exported(KIND) == [["r", "NA", "2025-07-20", "", "Ours."]]


def test_the_import_of_invitations_leaves_terms_alone():
    load(KIND, HEADER + "r,NA,2025-07-20,,Kept.\n")
    assert counts(load("invitations", "survey,office\nr,NA\n")) == (0, 0, 1, 0)
    assert exported(KIND) == [["r", "NA", "2025-07-20", "", "Kept."]]


def test_the_admin_pages_import_and_export_terms(client_of, administrator, secretariat):
    client = client_of(administrator)
    name = "admin:surveys_invitation_terms"
    assert reverse(f"{name}_import") in client.get(reverse("admin:surveys_invitation_changelist")).content.decode()
    file = SimpleUploadedFile("terms.csv", (HEADER + "r,NA,,,By phone.\n").encode())
    preview = client.post(reverse(f"{name}_import"), {"file": file}, follow=True)
    assert (preview.status_code, preview.context["outcome"].changed) == (HTTPStatus.OK, 1)
    seen = preview.context["outcome"].digest
    done = client.post(preview.request["PATH_INFO"], {"confirm": "1", "seen": seen}, follow=True)
    assert done.status_code == HTTPStatus.OK
    csv_file = client.get(reverse(f"{name}_export_csv")).getvalue().decode()
    assert csv_file.splitlines() == ["survey,office,closes_on,declined_on,note", "r,NA,,,By phone."]
    assert client.get(reverse(f"{name}_export_xlsx")).status_code == HTTPStatus.OK
    assert client_of(secretariat).get(reverse(f"{name}_import")).status_code == HTTPStatus.FOUND
