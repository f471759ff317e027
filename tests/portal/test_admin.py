"""The admin pages: import with a look before it counts, export, audit, versions, who gets in."""

import datetime
import io
import re
from http import HTTPStatus

import openpyxl
import pytest
from django.apps import apps
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from offices.models import Membership, Office, User
from portal.admin.pages import PortalAdmin, ReadOnly
from portal.admin.sheets import SheetAdmin
from portal.models import AuditEntry, ImportRecord, PendingImport
from portal.spreadsheets.kinds import all_kinds
from portal.spreadsheets.undoing import undo_import
from recommendations.models import RecommendationSet
from tests.factories.offices import OfficeFactory
from tests.factories.portal import load
from tests.factories.recommendations import RecommendationSetFactory
from tests.factories.surveys import AnswerFactory, ResponseFactory

IMPORT = "admin:offices_office_import"
HEADER = "code,name,kind,region,is_sample,source\r\n"


@pytest.fixture
def client(client_of, administrator):
    return client_of(administrator)


def upload(client, text: str, url: str = ""):
    file = SimpleUploadedFile("offices.csv", text.encode())
    return client.post(url or reverse(IMPORT), {"file": file}, follow=True)


def confirm(client, preview):
    """Press the button of the page that shows what the file would do."""
    seen = preview.context["outcome"].digest
    return client.post(preview.request["PATH_INFO"], {"confirm": "1", "seen": seen}, follow=True)


def test_every_kind_has_an_admin_page():
    pages = [page for page in admin.site._registry.values() if isinstance(page, SheetAdmin)]
    below = [further for page in pages for further in getattr(page, "further_pages", [])]
    assert {page.resource_class for page in [*pages, *below]} == set(all_kinds().values())


@pytest.mark.parametrize("page", [p for p in admin.site._registry.values() if isinstance(p, SheetAdmin)], ids=str)
def test_every_page_of_every_kind_opens(client, tiny_round, page):
    name = f"admin:{page.opts.app_label}_{page.opts.model_name}"
    for part in ("changelist", "import", "export_csv", "export_xlsx"):
        assert client.get(reverse(f"{name}_{part}")).status_code == HTTPStatus.OK
    row = page.model._default_manager.first()
    if row is not None:
        for part in ("change", "history"):
            assert client.get(reverse(f"{name}_{part}", args=[row.pk])).status_code == HTTPStatus.OK


@pytest.mark.parametrize("action", ["change", "delete"])
@pytest.mark.parametrize("page", [p for p in admin.site._registry.values() if isinstance(p, PortalAdmin)], ids=str)
def test_an_address_that_is_no_number_leads_to_no_row(client, page, action):
    url = reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_{action}", args=["abc"])
    expected = HTTPStatus.FORBIDDEN if isinstance(page, ReadOnly) else HTTPStatus.FOUND
    assert client.post(url, {"post": "yes"}).status_code == expected


@pytest.mark.parametrize("chosen", ["abc", "", str(2**64)])
@pytest.mark.parametrize("name", ["offices_office", "portal_importrecord"])
def test_a_choice_of_rows_that_cannot_be_read_does_nothing(client, name, chosen):
    OfficeFactory()
    data = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    page = client.post(reverse(f"admin:{name}_changelist"), data, follow=True)
    assert page.status_code == HTTPStatus.OK
    assert name == "portal_importrecord" or "cannot be read" in page.content.decode()
    assert Office.objects.count() == 1


class TestImport:
    def test_a_file_is_shown_before_it_counts_and_counts_once(self, client, administrator):
        preview = upload(client, HEADER + "NA,Namibia,national,africa,,\r\nNO,Norway,national,europe,0,\r\n")
        assert preview.context["outcome"].added == 2
        assert not Office.objects.exists()
        done = confirm(client, preview)
        assert [str(message) for message in done.context["messages"]] == [
            "offices: 2 added, 0 changed, 0 unchanged, 0 removed"
        ]
        again = confirm(client, preview)
        assert [str(message) for message in again.context["messages"]] == ["This file was imported or dropped already."]
        assert sorted(Office.objects.values_list("code", flat=True)) == ["NA", "NO"]
        assert not PendingImport.objects.exists()
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.path, entry.details["added"], entry.details["filename"]) == (
            administrator,
            "import",
            2,
            "offices.csv",
        )
        assert Office.objects.first().history.get().history_user == administrator

    def test_faults_are_shown_and_nothing_is_kept(self, client):
        answer = upload(client, HEADER + "NA,Namibia,country,africa,,\r\nn,,national,moon,,\r\n")
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert [(fault.row, fault.column) for fault in answer.context["faults"]] == [
            (2, "kind"),
            (3, "code"),
            (3, "name"),
            (3, "region"),
        ]
        assert not PendingImport.objects.exists()
        assert not Office.objects.exists()

    def test_of_a_header_that_is_a_whole_text_little_is_shown(self, client):
        answer = upload(client, "a" * 50_000 + ",code\r\n")
        assert f"<td>{'a' * 79}…</td>" in answer.content.decode()
        assert "a" * 80 not in answer.content.decode()

    def test_a_file_that_is_no_table_is_refused_in_a_sentence(self, client):
        answer = client.post(reverse(IMPORT), {"file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04rubbish")})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "cannot be unpacked" in answer.content.decode()

    def test_a_file_is_confirmed_by_whoever_uploaded_it_only(self, client, client_of):
        preview = upload(client, HEADER + "NA,Namibia,national,africa,,\r\n")
        colleague = User.objects.create_user("second@example.org", role=User.Role.ADMINISTRATOR)
        confirm(client_of(colleague), preview)
        assert not Office.objects.exists()

    def test_a_file_can_be_dropped(self, client):
        url = upload(client, HEADER + "NA,Namibia,national,africa,,\r\n").request["PATH_INFO"]
        client.post(url, {"drop": "1"})
        assert not PendingImport.objects.exists()
        assert not Office.objects.exists()

    def test_what_changed_since_the_preview_is_seen_at_confirmation(self, client):
        url = upload(client, HEADER + "NA,Namibia,national,africa,,\r\n").request["PATH_INFO"]
        OfficeFactory(code="NA", name="Namibia", region="africa")
        assert client.get(url).context["outcome"].unchanged == 1


def test_exports_open_and_hold_no_formula(client):
    OfficeFactory(code="XX", name="=1+1")
    csv_file = client.get(reverse("admin:offices_office_export_csv")).getvalue().decode()
    assert csv_file.splitlines()[1] == "XX,'=1+1,national,,0,"
    xlsx = client.get(reverse("admin:offices_office_export_xlsx")).getvalue()
    cell = openpyxl.load_workbook(io.BytesIO(xlsx)).active["B2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


class TestForms:
    FIELDS = {"code": "NA", "name": "Namibia", "kind": "national", "region": "africa", "source": "", "_save": "1"}

    @pytest.fixture
    def url(self) -> str:
        office = OfficeFactory(code="NA", name="Namibia", region="africa")
        return reverse("admin:offices_office_change", args=[office.pk])

    def version(self, client, url) -> str:
        return str(client.get(url).context["adminform"].form["opened_version"].value())

    def test_a_write_leaves_an_audit_row_and_history(self, client, administrator, url):
        version = self.version(client, url)
        client.post(url, {**self.FIELDS, "name": "Namibia (BIPA)", "opened_version": version})
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.path, entry.action, entry.subject) == (
            administrator,
            "admin",
            "change office",
            "Namibia (BIPA) (NA)",
        )
        office = Office.objects.get()
        assert [row.name for row in office.history.all()] == ["Namibia (BIPA)", "Namibia"]

    def test_the_history_leads_to_the_import_that_wrote_it(self, client, url):
        file = HEADER + "NA,Namibia (BIPA),national,africa,0,\r\n"
        load("offices", file)
        record = undo_import(record=ImportRecord.objects.get(), by=None, path=AuditEntry.Path.COMMAND)
        page = client.get(url.replace("/change/", "/history/")).content.decode()
        link = reverse("admin:portal_importrecord_change", args=[record.pk])
        found = re.findall(rf'<a href="{link}">(import|undo) {record.pk}</a>', page)
        assert found == ["undo", "import"]

    def test_a_stale_save_answers_409_with_both_texts(self, client, url):
        version = self.version(client, url)
        client.post(url, {**self.FIELDS, "name": "First", "opened_version": version})
        answer = client.post(url, {**self.FIELDS, "name": "Second", "opened_version": version})
        assert answer.status_code == HTTPStatus.CONFLICT
        assert "Name: saved now “First”, yours “Second”" in answer.content.decode()
        assert Office.objects.get().name == "First"
        knowingly = answer.context["adminform"].form["opened_version"].value()
        client.post(url, {**self.FIELDS, "name": "Second", "opened_version": knowingly})
        assert Office.objects.get().name == "Second"

    def test_a_form_without_its_version_changes_nothing(self, client, url):
        assert client.post(url, {**self.FIELDS, "name": "Other"}).status_code == HTTPStatus.CONFLICT
        assert Office.objects.get().name == "Namibia"

    def test_a_person_is_made_with_memberships_and_without_a_password(self, client, url):
        office = Office.objects.get()
        client.post(
            reverse("admin:offices_user_add"),
            {
                "email": "New.Person@Example.org",
                "name": "New Person",
                "role": "",
                "is_active": "on",
                "memberships-TOTAL_FORMS": "1",
                "memberships-INITIAL_FORMS": "0",
                "memberships-0-office": str(office.pk),
                "memberships-0-role": "viewer",
                "_save": "1",
            },
        )
        user = User.objects.get(name="New Person")
        assert (user.email, user.has_usable_password()) == ("new.person@example.org", False)
        assert Membership.objects.get(user=user).office == office

    def test_a_deletion_is_audited(self, client, url):
        client.post(url.replace("/change/", "/delete/"), {"post": "yes"})
        assert AuditEntry.objects.get().action == "delete office"
        assert not Office.objects.exists()


def test_an_entry_of_the_trail_has_the_time_that_pages_show():
    late = datetime.datetime(2026, 1, 1, 23, 30, tzinfo=datetime.UTC)
    with timezone.override("Europe/Zurich"):
        assert str(AuditEntry(at=late, action="change office", subject="IB")) == "2026-01-02 00:30 change office IB"


@pytest.mark.parametrize(
    ("persona", "status"),
    [("viewer", 302), ("coordinator", 302), ("secretariat", 302), ("auditor", 302), ("administrator", 200)],
)
def test_administrators_only(client_of, personas, persona, status):
    assert client_of(personas[persona]).get(reverse("admin:index")).status_code == status
    assert client_of(personas[persona]).get(reverse(IMPORT)).status_code == status


@pytest.mark.parametrize(
    "model", ["recommendations_statusreport", "surveys_response", "portal_auditentry", "portal_importrecord"]
)
def test_what_is_append_only_cannot_be_written_by_hand(client, model):
    assert client.get(reverse(f"admin:{model}_add")).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    ("page", "field"),
    [
        ("recommendations_officer", "aliases"),
        ("assistance_programme", "institutions"),
        ("assistance_programme", "limited_to"),
        ("assistance_programme", "activities"),
        ("assistance_programme", "expected_outcomes"),
    ],
)
def test_an_entry_of_a_list_holds_no_semicolon(client, page, field):
    form = client.post(reverse(f"admin:{page}_add"), {field: "One; two\nThree"}).context["adminform"].form
    assert form.errors[field] == ["holds a semicolon, which separates the entries in a spreadsheet"]


class TestWhatRestsOnARow:
    """A form cannot do to answers what an import may not."""

    def test_the_key_of_a_row_stays(self, client, tiny_round):
        for page, field in (
            ("surveys_invitation", "office"),
            ("surveys_question", "survey"),
            ("recommendations_recommendation", "number"),
            ("surveys_questionoption", "key"),
            ("offices_office", "code"),
        ):
            row = admin.site._registry[apps.get_model(page.replace("_", ".", 1))].model._default_manager.first()
            form = client.get(reverse(f"admin:{page}_change", args=[row.pk])).context["adminform"].form
            assert field not in form.fields, page

    def test_an_option_that_somebody_chose_is_not_deleted(self, client, tiny_round, office):
        option = tiny_round.by_kind["choice"].options.get(key="yes")
        response = ResponseFactory(survey=tiny_round.survey, office=office, submitted=True)
        AnswerFactory(response=response, question=option.question, value="yes")
        client.post(reverse("admin:surveys_questionoption_delete", args=[option.pk]), {"post": "yes"})
        assert tiny_round.by_kind["choice"].options.filter(key="yes").exists()
        unused = tiny_round.by_kind["choice"].options.get(key="no")
        client.post(reverse("admin:surveys_questionoption_delete", args=[unused.pk]), {"post": "yes"})
        assert not tiny_round.by_kind["choice"].options.filter(key="no").exists()

    def test_an_office_that_answered_stays_invited(self, client, tiny_round, office):
        invitation = tiny_round.survey.invitations.get(office=office)
        ResponseFactory(survey=tiny_round.survey, office=office, submitted=True)
        client.post(reverse("admin:surveys_invitation_delete", args=[invitation.pk]), {"post": "yes"})
        assert tiny_round.survey.invitations.filter(office=office).exists()


class TestRelatedRows:
    """What a form, the trail and a history say of another row is its name, not its key."""

    FIELDS = {"issuer": "CWS", "title": "New", "stage": "adopted", "is_relevant": "on", "_save": "1"}

    @pytest.fixture
    def sets(self, db) -> dict[str, str]:
        """The primary keys of two sets that a third may supersede."""
        return {key: str(RecommendationSetFactory(key=key, title=f"The {key}").pk) for key in ("old", "older")}

    @pytest.fixture
    def url(self, sets) -> str:
        new = RecommendationSetFactory(key="new", title="New", supersedes_id=sets["old"])
        return reverse("admin:recommendations_recommendationset_change", args=[new.pk])

    def opened(self, client, url) -> dict[str, str]:
        version = client.get(url).context["adminform"].form["opened_version"].value()
        return {**self.FIELDS, "opened_version": str(version)}

    def test_the_audit_row_has_their_names(self, client, sets, url):
        for chosen in (sets["older"], ""):
            client.post(url, {**self.opened(client, url), "supersedes": chosen})
        values = [entry.details["values"] for entry in AuditEntry.objects.order_by("pk")]
        assert values == [{"supersedes": ["The old", "The older"]}, {"supersedes": ["The older", ""]}]

    def test_a_conflict_has_their_names(self, client, sets, url):
        mine = self.opened(client, url)
        client.post(url, {**mine, "supersedes": sets["older"]})
        answer = client.post(url, {**mine, "supersedes": sets["old"]})
        assert answer.status_code == HTTPStatus.CONFLICT
        assert "Supersedes: saved now “The older”, yours “The old”" in answer.content.decode()

    def test_the_history_has_their_names_and_that_of_the_field(self, client, sets, url):
        for chosen in (sets["older"], "", sets["old"]):
            client.post(url, {**self.opened(client, url), "supersedes": chosen})
        RecommendationSet.objects.get(pk=sets["older"]).delete()
        page = client.get(url.replace("/change/", "/history/")).content.decode()
        gone = f"deleted ({sets['older']})"
        assert re.findall(r"Supersedes: “(.*?)” → “(.*?)”", page) == [("", "The old"), (gone, ""), ("The old", gone)]


class TestPeople:
    FIELDS = {"name": "", "is_active": "on", "memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}

    def test_roles_granted_in_another_tab_are_not_revoked_by_a_stale_form(self, client, db):
        person = User.objects.create_user("p@example.org")
        url = reverse("admin:offices_user_change", args=[person.pk])
        opened = client.get(url).context["adminform"].form["opened_version"].value()
        person.role = User.Role.AUDITOR
        person.save()
        fields = {**self.FIELDS, "email": person.email, "role": "", "opened_version": opened}
        assert client.post(url, fields).status_code == HTTPStatus.CONFLICT
        assert User.objects.get(pk=person.pk).role == User.Role.AUDITOR

    def test_a_membership_belongs_to_the_version(self, client, office):
        person = User.objects.create_user("p@example.org")
        url = reverse("admin:offices_user_change", args=[person.pk])
        opened = client.get(url).context["adminform"].form["opened_version"].value()
        Membership.objects.create(user=person, office=office, role="viewer")
        fields = {**self.FIELDS, "email": person.email, "role": "", "opened_version": opened}
        assert client.post(url, fields).status_code == HTTPStatus.CONFLICT

    def test_the_audit_row_has_the_values(self, client, db):
        person = User.objects.create_user("p@example.org")
        url = reverse("admin:offices_user_change", args=[person.pk])
        opened = client.get(url).context["adminform"].form["opened_version"].value()
        client.post(url, {**self.FIELDS, "email": person.email, "role": "auditor", "opened_version": opened})
        assert AuditEntry.objects.get(action="change user").details["values"] == {"role": ["", "auditor"]}
