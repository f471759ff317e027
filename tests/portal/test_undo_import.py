"""An import taken back: all of it, once, and only while nothing has come after it."""

import threading
from http import HTTPStatus

import pytest
from django.db import connection, transaction
from django.urls import reverse

from offices.models import Office
from portal.models import AuditEntry, ImportRecord
from portal.spreadsheets import undoing
from portal.spreadsheets.history import NAMED, UndoRefused
from portal.spreadsheets.kinds import all_kinds
from portal.spreadsheets.undoing import obstacles, undo_import
from recommendations.models import RecommendationSet, StatusReport
from surveys.actions.responses import SectionChange, save_sections, submit
from surveys.models import Answer, Invitation, Response, Survey
from surveys.results import compute_results
from surveys.rules import Given
from tests.factories.offices import OfficeFactory
from tests.factories.portal import counts, exported, load
from tests.factories.recommendations import OfficerFactory, RecommendationFactory
from tests.factories.rounds import invent_round
from tests.factories.surveys import make_tiny_round

pytestmark = pytest.mark.django_db

OFFICES = "code,name,kind,region,is_sample,source\n"
TWO = OFFICES + "NA,Namibia,national,africa,,\nNO,Norway,national,europe,,\n"
ANSWERS = "survey,office,question,recommendation,value,comment\n"
REPORTS = (
    "set,number,office,as_at,acceptance,implementation,assessment,summary,responsible_officers,evidence_url,"
    "as_at_assumed,stated_change,source\n"
)


def last_import() -> ImportRecord:
    return ImportRecord.objects.latest("imported_at")


def undo(record: ImportRecord | None = None, by=None) -> ImportRecord:
    return undo_import(record=record or last_import(), by=by, path=AuditEntry.Path.ADMIN)


def reasons(record: ImportRecord | None = None) -> list[str]:
    with pytest.raises(UndoRefused) as refused:
        undo(record)
    return refused.value.obstacles


def everything() -> dict[str, list]:
    """What every kind exports."""
    return {kind: exported(kind) for kind in all_kinds()}


# The log


def test_every_written_import_makes_one_record(administrator):
    outcome = load("offices", TWO, filename="two.csv", by=administrator, path="import")
    record = ImportRecord.objects.get()
    assert (record.kind, record.filename, record.path) == ("offices", "two.csv", "import")
    assert (record.imported_by, record.undone_at, record.undone_by) == (administrator, None, None)
    assert (record.added, record.changed, record.unchanged, record.removed) == counts(outcome)
    assert record.sha256 == AuditEntry.objects.get().details["sha256"]


def test_what_writes_nothing_makes_none():
    load("offices", TWO, dry_run=True)
    load("offices", TWO.replace("national", "federal"))
    assert not ImportRecord.objects.exists()
    load("offices", TWO)
    load("offices", TWO)
    assert ImportRecord.objects.count() == 1


# Rows with a history


def test_added_rows_go_and_changed_ones_get_their_values_back(administrator):
    load("offices", TWO)
    before = everything()
    load("offices", TWO.replace("Norway", "Norge") + "SE,Sweden,national,europe,,\n")
    record = last_import()
    undone = undo(record, by=administrator)
    assert everything() == before
    assert (undone.undone_at is not None, undone.undone_by) == (True, administrator)
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.subject, entry.actor) == ("undo import", "offices", administrator)
    assert (entry.details["restored"], entry.details["removed"]) == (1, 1)
    trail = Office.history.filter(history_change_reason=f"undo {record.pk}").order_by("code")
    assert list(trail.values_list("code", "name", "history_type", "history_user")) == [
        ("NO", "Norway", "~", administrator.pk),
        ("SE", "Sweden", "-", administrator.pk),
    ]


def test_a_second_undo_has_no_effect():
    load("offices", TWO)
    first = undo()
    entries, history = AuditEntry.objects.count(), Office.history.count()
    assert undo(first).undone_at == first.undone_at
    assert (AuditEntry.objects.count(), Office.history.count()) == (entries, history)


def test_the_file_can_be_imported_again_and_undone_again():
    load("offices", TWO)
    undo()
    assert counts(load("offices", TWO)) == (2, 0, 0, 0)
    undo()
    assert not Office.objects.exists()


def test_imports_can_be_undone_one_after_the_other_backwards():
    load("offices", TWO)
    first = last_import()
    load("offices", TWO.replace("Norway", "Norge"))
    second = last_import()
    assert reasons(first) == ["Somebody changed these rows since: NO."]
    undo(second)
    undo(first)
    assert not Office.objects.exists()


@pytest.mark.parametrize("with_history", [True, False])
def test_a_row_that_changed_since_is_in_the_way(with_history):
    load("offices", TWO)
    if with_history:
        office = Office.objects.get(code="NO")
        office.name = "Norge"
        office.save()
    else:
        Office.objects.filter(code="NO").update(name="Norge")
    before = everything()
    assert reasons() == ["Somebody changed these rows since: NO."]
    assert everything() == before
    assert last_import().undone_at is None


def test_a_row_that_is_gone_is_in_the_way():
    load("offices", TWO)
    Office.objects.get(code="NA").delete()
    assert reasons() == ["Somebody changed these rows since: NA."]


def test_the_first_20_rows_in_the_way_are_named():
    load("offices", OFFICES + "\n".join(f"X{number:02},Office,national,,," for number in range(NAMED + 5)))
    Office.objects.update(name="Bureau")
    (sentence,) = reasons()
    assert sentence.startswith("Somebody changed these rows since: X00; X01;")
    assert sentence.endswith("X19 and 5 more.")


def test_what_rests_on_added_rows_is_in_the_way():
    load("offices", TWO)
    RecommendationFactory(recommendation_set__key="jiu", number=1)
    load("status_reports", REPORTS + "jiu,1,NA,2025-06-30,accepted,,,,,,0,,\n")
    (sentence,) = reasons(ImportRecord.objects.get(kind="offices"))
    assert sentence == "Other rows rest on what the import added: status report jiu R1, NA, 2025-06-30."
    undo(ImportRecord.objects.get(kind="status_reports"))
    undo(ImportRecord.objects.get(kind="offices"))
    assert not Office.objects.exists()


def test_an_office_that_answered_stays_invited():
    make_tiny_round(key="other")
    load("offices", TWO)
    load("invitations", "survey,office\nother,NA\n")
    load("responses", ANSWERS + "other,NA,policy,,yes,\n")
    assert reasons(ImportRecord.objects.get(kind="invitations")) == [
        "Other rows rest on what the import added: response Title of other: NA."
    ]


def test_sets_of_one_file_that_supersede_each_other_go_together():
    header = "set,issuer,symbol,title,issued_on,stage,supersedes,is_relevant,source\n"
    load("recommendation_sets", header + "new,CWS,,New,2025,adopted,old,1,\nold,CWS,,Old,2020,superseded,,1,\n")
    undo()
    assert not RecommendationSet.objects.exists()


def test_an_earlier_value_that_is_gone_stops_the_undo():
    header = "set,issuer,symbol,title,issued_on,stage,supersedes,is_relevant,source\n"
    both = header + "new,CWS,,New,2025,adopted,old,1,\nold,CWS,,Old,2020,superseded,,1,\n"
    load("recommendation_sets", both)
    load("recommendation_sets", header + "new,CWS,,New,2025,adopted,,1,\n")
    RecommendationSet.objects.get(key="old").delete()
    assert reasons() == ["Other rows rest on what the import added, or something it replaced is gone."]
    assert last_import().undone_at is None


# Status reports


@pytest.fixture
def recommendation(db):
    OfficeFactory(code="NA")
    OfficerFactory(key="dg")
    return RecommendationFactory(recommendation_set__key="jiu", number=1)


def status(implementation: str, as_at: str = "2025-06-30", officer: str = "") -> str:
    return REPORTS + f"jiu,1,NA,{as_at},accepted,{implementation},In words.,,{officer},,0,,WO/PBC\n"


def revisions() -> list[tuple]:
    return list(StatusReport.objects.order_by("as_at", "revision").values_list("revision", "implementation"))


def test_an_added_report_goes_and_the_audit_row_keeps_it(recommendation):
    load("status_reports", status("planned", "2024-12-31"))
    before = everything()
    load("status_reports", status("implemented"))
    undo()
    assert everything() == before
    assert AuditEntry.objects.first().details["removed_reports"] == [
        ["jiu", 1, "NA", "2025-06-30", "accepted", "implemented", "In words.", "", "", "", 0, "", "WO/PBC"]
    ]


def test_a_revision_is_answered_by_a_revision_that_says_the_earlier_again(recommendation, administrator):
    load("status_reports", status("planned", officer="dg"))
    before = everything()
    load("status_reports", status("implemented"))
    undo(by=administrator)
    assert revisions() == [(1, "planned"), (2, "implemented"), (3, "planned")]
    assert everything() == before
    assert StatusReport.objects.get(revision=3).recorded_by == administrator
    undo(ImportRecord.objects.earliest("imported_at"))
    assert revisions() == []


def test_a_later_statement_is_in_the_way(recommendation):
    load("status_reports", status("planned"))
    first = last_import()
    load("status_reports", status("in_progress"))
    load("status_reports", status("implemented", "2025-12-31"))
    assert reasons(first) == [
        "Somebody changed these rows since: jiu R1, NA, 2025-06-30.",
        "Other rows rest on what the import added: jiu R1, NA, 2025-12-31.",
    ]
    assert revisions() == [(1, "planned"), (2, "in_progress"), (1, "implemented")]


def test_a_statement_as_at_an_earlier_date_rests_on_nothing(recommendation):
    load("status_reports", status("planned"))
    first = last_import()
    load("status_reports", status("not_started", "2024-12-31"))
    undo(first)
    assert revisions() == [(1, "not_started")]


# Responses


@pytest.fixture
def tiny(office, other_office):
    return make_tiny_round(office, other_office, open_now=True)


SAID = ANSWERS + "tiny,AU,progress,1,planned,\ntiny,NA,progress,1,planned,\ntiny,NA,progress,2,in_progress,\n"


def test_a_response_goes_with_its_statuses_and_the_audit_row_keeps_it(tiny):
    before = everything()
    load("responses", SAID)
    undo()
    assert everything() == before
    assert (Response.objects.count(), Answer.objects.count(), StatusReport.objects.count()) == (0, 0, 0)
    details = AuditEntry.objects.first().details
    assert details["said"][0] == ["tiny", "AU", "progress", 1, "planned", ""]
    assert len(details["removed_reports"]) == 3


def test_what_was_superseded_counts_again_with_its_statuses(tiny):
    load("responses", SAID)
    before, results = everything(), compute_results(tiny.survey)
    load("responses", ANSWERS + "tiny,NA,progress,1,implemented,\ntiny,NA,proposals,,More.,\n")
    undo()
    assert everything() == before
    assert compute_results(tiny.survey) == results
    assert sorted(Response.objects.values_list("office__code", "state", "version")) == [
        ("AU", "submitted", 1),
        ("NA", "submitted", 3),
    ]
    undo(ImportRecord.objects.earliest("imported_at"))
    assert not Response.objects.exists()
    assert not StatusReport.objects.exists()


@pytest.fixture
def said_by_form(tiny, coordinator):
    """What an office submitted itself, before an import about it."""
    invitation = Invitation.objects.get(office__code="AU")
    given = [Given(tiny.by_kind["levels"], tiny.recommendations[0], "in_progress")]
    change = SectionChange(tiny.by_kind["levels"], given, 0)
    draft = save_sections(invitation=invitation, changes=[change], by=coordinator)
    return submit(invitation=invitation, version=draft.version, by=coordinator)


def test_a_submission_by_form_counts_again(said_by_form):
    before = everything()
    load("responses", ANSWERS + "tiny,AU,progress,1,implemented,\n")
    undo()
    said_by_form.refresh_from_db()
    assert (said_by_form.state, Response.objects.count()) == ("submitted", 1)
    assert everything() == before


def test_a_response_in_hand_or_submitted_since_is_in_the_way(tiny, coordinator):
    load("responses", SAID)
    invitation = Invitation.objects.get(office__code="AU")
    given = [Given(tiny.by_kind["text"], None, "More.")]
    draft = save_sections(
        invitation=invitation, changes=[SectionChange(tiny.by_kind["text"], given, 1)], by=coordinator
    )
    assert reasons()[0] == (
        "Somebody of these offices has the response in hand; submit or discard it there first: Title of tiny: AU."
    )
    submit(invitation=invitation, version=draft.version, by=coordinator)
    assert reasons()[0] == "Somebody changed these rows since: Title of tiny: AU."
    assert Response.objects.filter(state="submitted").count() == 2


def test_a_whole_round_undone_kind_by_kind_leaves_nothing(db):
    invent_round(3, offices=12).load()
    for record in ImportRecord.objects.order_by("-imported_at"):
        undo(record)
    assert not any(everything().values())


def test_undoing_asks_as_often_for_many_rows_as_for_few(tiny, django_assert_num_queries):
    codes = [f"X{number:03}" for number in range(60)]
    load("offices", OFFICES + "\n".join(f"{code},Office,national,,," for code in codes))
    load("invitations", "survey,office\n" + "\n".join(f"tiny,{code}" for code in codes))
    for some in (codes[:1], codes):
        load("responses", ANSWERS + "\n".join(f"tiny,{code},progress,1,planned," for code in some))
        with django_assert_num_queries(32):
            undo()


# The page


class TestPage:
    @pytest.fixture
    def client(self, client_of, administrator):
        return client_of(administrator)

    def url(self, page: str, record: ImportRecord | None = None) -> str:
        return reverse(f"admin:portal_importrecord_{page}", args=[(record or last_import()).pk])

    def test_the_log_tells_what_each_import_did(self, client):
        load("offices", TWO)
        load("offices", TWO.replace("Norway", "Norge"), filename="norge.csv")
        log = client.get(reverse("admin:portal_importrecord_changelist")).content.decode()
        assert "norge.csv" in log
        assert "0 / 1 / 1 / 0" in log
        page = client.get(self.url("change")).content.decode()
        assert "<td>Norway</td>" in page
        assert "<td>Norge</td>" in page
        assert last_import().sha256 in page

    def test_the_page_of_every_kind_opens_before_and_after_its_undo(self, client):
        invent_round(3, offices=12).load()
        for record in ImportRecord.objects.order_by("-imported_at"):
            assert client.get(self.url("change", record)).status_code == HTTPStatus.OK
            assert client.get(self.url("undo", record)).context["reasons"] == []
            done = client.post(self.url("undo", record), follow=True)
            assert [str(m) for m in done.context["messages"]] == [
                "The import was undone: everything is as it was before."
            ]
        assert not any(everything().values())

    def test_its_queries_do_not_grow_with_the_rows(self, client, django_assert_num_queries):
        make_tiny_round()
        header = "survey,question,option,order,label,needs_explanation\n"
        for count in (1, 20, 200):
            rows = (f"tiny,policy,o{count}-{number},{number},Label,0" for number in range(count))
            load("question_options", header + "\n".join(rows))
            with django_assert_num_queries(8):
                client.get(self.url("change"))

    def test_looking_undoes_nothing(self, client):
        load("offices", TWO)
        assert client.get(self.url("undo")).context["reasons"] == []
        assert Office.objects.count() == 2

    def test_a_refusal_names_the_rows(self, client):
        load("offices", TWO)
        Office.objects.filter(code="NO").update(name="Norge")
        for status_code, answer in (
            (HTTPStatus.OK, client.get(self.url("undo"))),
            (HTTPStatus.CONFLICT, client.post(self.url("undo"))),
        ):
            assert answer.status_code == status_code
            assert "Somebody changed these rows since: NO." in answer.content.decode()

    def test_a_second_undo_says_so(self, client):
        load("offices", TWO)
        client.post(self.url("undo"), follow=True)
        again = client.post(self.url("undo"), follow=True)
        assert [str(m) for m in again.context["messages"]] == ["This import was undone already."]
        assert AuditEntry.objects.filter(action="undo import").count() == 1

    @pytest.mark.parametrize("persona", ["viewer", "coordinator", "secretariat", "auditor", "anonymous"])
    def test_administrators_only(self, client_of, personas, persona):
        load("offices", OFFICES + "SE,Sweden,national,europe,,\n")
        assert client_of(personas[persona]).post(self.url("undo")).status_code == HTTPStatus.FOUND
        assert Office.objects.filter(code="SE").exists()

    def test_an_import_that_never_was_is_missing(self, client):
        assert client.post(self.url("undo", ImportRecord(kind="offices"))).status_code == HTTPStatus.NOT_FOUND


# Races


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
class TestRaces:
    WRITERS = 8

    def race(self, work) -> list[object]:
        barrier, outcomes = threading.Barrier(self.WRITERS), []

        def run() -> None:
            try:
                barrier.wait()
                outcomes.append(work())
            except Exception as error:
                outcomes.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=run) for _number in range(self.WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return outcomes

    def prepare(self) -> ImportRecord:
        load("offices", TWO)
        load("offices", TWO.replace("Norway", "Norge"))
        return last_import()

    def test_of_racing_undos_one_has_an_effect(self):
        record = self.prepare()
        outcomes = self.race(lambda: undo(record))
        assert [type(outcome) for outcome in outcomes] == [ImportRecord] * self.WRITERS
        assert AuditEntry.objects.filter(action="undo import").count() == 1
        assert Office.history.filter(history_change_reason=f"undo {record.pk}").count() == 1

    def test_without_the_lock_they_would_collide(self, monkeypatch):
        """The control: everybody reads the record before anybody marks it."""
        record = self.prepare()
        barrier = threading.Barrier(self.WRITERS)

        class Unlocked:
            objects = property(lambda self: self)

            def select_for_update(self):
                return self

            def get(self, pk):
                found = ImportRecord.objects.get(pk=pk)
                barrier.wait(timeout=10)
                return found

        monkeypatch.setattr(undoing, "ImportRecord", Unlocked())
        outcomes = self.race(lambda: undo(record))
        assert {type(outcome) for outcome in outcomes} == {ImportRecord, UndoRefused}

    def test_who_changes_a_row_meanwhile_is_waited_for(self):
        record = self.prepare()
        changed, outcomes = threading.Event(), []

        def try_undo() -> None:
            try:
                changed.wait(10)
                outcomes.append(undo(record))
            except UndoRefused as refused:
                outcomes.append(refused.obstacles)
            finally:
                connection.close()

        thread = threading.Thread(target=try_undo)
        thread.start()
        with transaction.atomic():
            office = Office.objects.select_for_update().get(code="NO")
            office.name = "Kingdom of Norway"
            office.save()
            changed.set()
            thread.join(0.5)
        thread.join()
        assert outcomes == [["Somebody changed these rows since: NO."]]
        assert Office.objects.get(code="NO").name == "Kingdom of Norway"


def test_a_trial_leaves_no_trace():
    load("offices", TWO)
    history = Office.history.count()
    assert obstacles(last_import()) == []
    assert (Office.history.count(), last_import().undone_at) == (history, None)
    assert not Survey.objects.exists()
