"""What a person sees of a file before it counts, row by row."""

from http import HTTPStatus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from offices.models import Office
from portal.models import AuditEntry, ImportRecord, PendingImport
from portal.spreadsheets.changes import KEPT
from portal.spreadsheets.importing import SeenOtherwise
from recommendations.models import StatusReport
from surveys.models import Answer, Response
from tests.factories.offices import OfficeFactory
from tests.factories.portal import counts, load
from tests.factories.recommendations import OfficerFactory, RecommendationFactory
from tests.factories.surveys import make_tiny_round

pytestmark = pytest.mark.django_db

HEADER = "code,name,kind,region,is_sample,source\n"
OFFICES = HEADER + "NA,Namibia,national,africa,,\nNO,Norway,national,europe,,\n"
ANSWERS = "survey,office,question,recommendation,value,comment\n"
REPORTS = (
    "set,number,office,as_at,acceptance,implementation,assessment,summary,responsible_officers,evidence_url,"
    "as_at_assumed,stated_change,source\n"
)


def preview(kind: str, text: str):
    return load(kind, text, dry_run=True, keep_changes=True)


def changed_cells(outcome) -> list[tuple]:
    return [
        (change.row, key, *cell) for change, key, cells in outcome.changes.cell_changes() for cell in map(tuple, cells)
    ]


class TestChanges:
    def test_added_rows_are_kept_with_their_place_and_cells(self):
        changes = preview("offices", OFFICES).changes
        assert [(change.row, change.before, change.after) for change in changes.added] == [
            (2, None, ("NA", "Namibia", "national", "africa", "0", "")),
            (3, None, ("NO", "Norway", "national", "europe", "0", "")),
        ]
        assert (changes.changed, changes.removed) == ([], [])
        assert not Office.objects.exists()

    def test_of_a_changed_row_the_cells_that_differ_are_told(self):
        load("offices", OFFICES)
        outcome = preview("offices", OFFICES.replace("Norway,national,europe,,", "Norge,national,europe,,ST.3"))
        assert changed_cells(outcome) == [(3, "NO", "name", "Norway", "Norge"), (3, "NO", "source", "", "ST.3")]
        assert outcome.changes.added == []

    def test_only_the_first_rows_are_kept_and_all_are_counted(self):
        rows = [f"X{number:03},Office {number},national,,," for number in range(KEPT + 50)]
        load("offices", HEADER + "\n".join(rows[:20]))
        changed = [row.replace("Office", "Bureau") for row in rows]
        outcome = preview("offices", HEADER + "\n".join(changed))
        assert (outcome.added, outcome.changed) == (KEPT + 30, 20)
        assert (len(outcome.changes.added), len(outcome.changes.changed)) == (KEPT, 20)

    def test_nothing_is_kept_unless_asked_for(self):
        assert load("offices", OFFICES, dry_run=True).changes is None

    def test_a_row_that_refers_to_others_shows_their_keys(self):
        make_tiny_round()
        header = "survey,question,option,order,label,needs_explanation\n"
        outcome = preview("question_options", header + "tiny,policy,no,7,Not at all,0\n")
        assert changed_cells(outcome) == [
            (2, "tiny · policy · no", "order", "2", "7"),
            (2, "tiny · policy · no", "label", "Label of no", "Not at all"),
        ]

    def test_a_new_revision_of_a_status_is_a_change(self):
        OfficeFactory(code="NA")
        OfficerFactory(key="dg")
        RecommendationFactory(recommendation_set__key="jiu", number=1)
        said = REPORTS + "jiu,1,NA,2025-06-30,accepted,planned,Soon.,,,,0,,\n"
        load("status_reports", said)
        outcome = preview("status_reports", said.replace("planned,Soon.,,", "implemented,Done.,,dg"))
        assert changed_cells(outcome) == [
            (2, "jiu · 1 · NA · 2025-06-30", "implementation", "planned", "implemented"),
            (2, "jiu · 1 · NA · 2025-06-30", "assessment", "Soon.", "Done."),
            (2, "jiu · 1 · NA · 2025-06-30", "responsible_officers", "", "dg"),
        ]
        assert StatusReport.objects.count() == 1

    def test_answers_added_changed_unchanged_and_removed(self):
        make_tiny_round(OfficeFactory(code="NA"))
        rows = ["tiny,NA,progress,1,planned,", "tiny,NA,progress,2,planned,", "tiny,NA,proposals,,Said.,"]
        load("responses", ANSWERS + "\n".join(rows))
        outcome = preview(
            "responses",
            ANSWERS + "tiny,NA,progress,1,planned,\ntiny,NA,progress,2,implemented,since May\ntiny,NA,focus,3,yes,\n",
        )
        assert counts(outcome) == (1, 1, 1, 1)
        assert changed_cells(outcome) == [
            (3, "tiny · NA · progress · 2", "value", "planned", "implemented"),
            (3, "tiny · NA · progress · 2", "comment", "", "since May"),
        ]
        assert [(change.row, change.after) for change in outcome.changes.added] == [
            (4, ("tiny", "NA", "focus", "3", "yes", ""))
        ]
        assert [(change.row, change.before) for change in outcome.changes.removed] == [
            (None, ("tiny", "NA", "proposals", "", "Said.", ""))
        ]
        assert outcome.derived == 1
        assert (Response.objects.count(), Answer.objects.count(), StatusReport.objects.count()) == (1, 3, 2)

    def test_asking_for_the_changes_costs_no_query_a_row(self, django_assert_num_queries):
        make_tiny_round()
        header = "survey,question,option,order,label,needs_explanation\n"
        for rows in (1, 40):
            text = header + "\n".join(f"tiny,policy,o{number},{number},Label,0" for number in range(rows))
            with django_assert_num_queries(16):
                preview("question_options", text)


class TestConfirmation:
    URL = "admin:offices_office_import"

    @pytest.fixture
    def client(self, client_of, administrator):
        return client_of(administrator)

    def upload(self, client, text: str):
        return client.post(reverse(self.URL), {"file": SimpleUploadedFile("o.csv", text.encode())}, follow=True)

    def test_the_page_shows_each_column_before_and_after(self, client):
        load("offices", OFFICES)
        page = self.upload(client, OFFICES.replace("Norway", "Norge") + "SE,Sweden,national,europe,,\n")
        text = page.content.decode()
        for cell in ("<td>Norway</td>", "<td>Norge</td>", '<th scope="row">NO</th>', "<td>Sweden</td>"):
            assert cell in text
        assert "Namibia" not in text
        assert Office.objects.get(code="NO").name == "Norway"

    def test_what_is_confirmed_is_what_was_seen(self, client):
        load("offices", OFFICES)
        page = self.upload(client, OFFICES.replace("Norway", "Norge"))
        url, seen = page.request["PATH_INFO"], page.context["outcome"].digest
        Office.objects.filter(code="NO").update(name="Kingdom of Norway")

        refused = client.post(url, {"confirm": "1", "seen": seen})
        assert refused.status_code == HTTPStatus.CONFLICT
        assert "Kingdom of Norway" in refused.content.decode()
        assert Office.objects.get(code="NO").name == "Kingdom of Norway"
        assert PendingImport.objects.count() == 1

        client.post(url, {"confirm": "1", "seen": refused.context["outcome"].digest})
        assert Office.objects.get(code="NO").name == "Norge"
        assert not PendingImport.objects.exists()

    def test_a_confirmation_of_nothing_seen_writes_nothing(self, client):
        url = self.upload(client, OFFICES).request["PATH_INFO"]
        assert client.post(url, {"confirm": "1"}).status_code == HTTPStatus.CONFLICT
        assert not Office.objects.exists()

    def test_a_hostile_text_is_shown_as_text(self, client):
        page = self.upload(client, HEADER + "NA,<script>alert(1)</script>,national,africa,,\n")
        assert "<script>alert(1)" not in page.content.decode()


def test_an_import_that_was_seen_otherwise_leaves_no_trace(db):
    load("offices", OFFICES)
    with pytest.raises(SeenOtherwise):
        load("offices", OFFICES.replace("Norway", "Norge"), seen="something else")
    assert Office.objects.get(code="NO").name == "Norway"
    assert (AuditEntry.objects.count(), ImportRecord.objects.count()) == (1, 1)


class TestDerivedStatuses:
    def test_imported_levels_become_status_reports_as_at_the_last_day_of_a_closed_round(self, secretariat):
        tiny = make_tiny_round(OfficeFactory(code="NA"), OfficeFactory(code="NO"))
        text = ANSWERS + "tiny,NA,progress,1,planned,\ntiny,NA,progress,3,implemented,\ntiny,NO,proposals,,Said.,\n"
        assert load("responses", text, by=secretariat).derived == 2
        record = ImportRecord.objects.get()
        reports = StatusReport.objects.order_by("recommendation__number")
        assert [(r.office.code, r.recommendation.number, r.implementation) for r in reports] == [
            ("NA", 1, "planned"),
            ("NA", 3, "implemented"),
        ]
        assert {(r.as_at, r.imported_in, r.recorded_by) for r in reports} == {
            (tiny.survey.closes_on, record, secretariat)
        }
        assert AuditEntry.objects.count() == 1
        assert load("responses", text).derived == 0
        assert StatusReport.objects.count() == 2

    def test_a_level_taken_back_is_a_blank_revision_of_the_same_day(self):
        make_tiny_round(OfficeFactory(code="NA"))
        load("responses", ANSWERS + "tiny,NA,progress,1,planned,\ntiny,NA,progress,2,planned,\n")
        load("responses", ANSWERS + "tiny,NA,progress,1,planned,\n")
        reports = StatusReport.objects.order_by("recommendation__number", "revision")
        assert [(r.recommendation.number, r.revision, r.implementation) for r in reports] == [
            (1, 1, "planned"),
            (2, 1, "planned"),
            (2, 2, ""),
        ]

    def test_a_dry_run_writes_none(self):
        make_tiny_round(OfficeFactory(code="NA"))
        assert load("responses", ANSWERS + "tiny,NA,progress,1,planned,\n", dry_run=True).derived == 1
        assert not StatusReport.objects.exists()
