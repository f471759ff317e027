"""The four kinds: what comes in obeys the rules of the pages, what goes out comes back, what was done is undone."""

import datetime

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from assistance import policies
from assistance.models import Activity, Programme, Request, RequestStep, Status
from portal.models import AuditEntry, ImportRecord
from portal.spreadsheets.history import UndoRefused
from portal.spreadsheets.kinds import all_kinds
from portal.spreadsheets.resources import Mode
from portal.spreadsheets.undoing import obstacles, undo_import
from tests.assistance.walks import ALLOWED, FORBIDDEN, WAYS, days_ago, standing_at
from tests.factories.assistance import ActivityFactory, ProgrammeFactory, RequestFactory, RequestStepFactory
from tests.factories.offices import OfficeFactory
from tests.factories.portal import EXPORTS, counts, csv_bytes, exported, fault_lines, load
from tests.factories.recommendations import RecommendationFactory, RecommendationSetFactory

pytestmark = pytest.mark.django_db

KINDS = ["programmes", "requests", "request_steps", "activities"]
COLUMNS = {kind: all_kinds()[kind].column_names() for kind in KINDS}
TODAY = timezone.localdate


def file(kind: str, *rows) -> bytes:
    return csv_bytes([COLUMNS[kind], *rows])


def steps(*rows) -> bytes:
    """Rows of request, date, status and, if given, note."""
    return file("request_steps", *([*row, ""][:4] for row in rows))


def programme_row(number=1, **changes) -> list[object]:
    row = dict.fromkeys(COLUMNS["programmes"], "") | {"number": number, "title": "Title", "is_active": 1, **changes}
    return list(row.values())


def request_row(key="r1", programme=1, office="AU", **changes) -> list[object]:
    row = dict.fromkeys(COLUMNS["requests"], "")
    row |= {"request": key, "programme": programme, "office": office, "purpose": "To learn.", **changes}
    return list(row.values())


def held(key="r1") -> list[str]:
    """The statuses of a request in the order in which they are read."""
    return list(RequestStep.objects.filter(request__key=key).order_by("date", "pk").values_list("status", flat=True))


def status_of(key="r1") -> str | None:
    return Request.objects.with_status().get(key=key).status


class TestColumns:
    def test_the_kinds_are_known_in_loading_order_with_their_columns(self):
        assert [kind for kind in all_kinds() if kind in KINDS] == KINDS
        assert {kind: ",".join(columns) for kind, columns in COLUMNS.items()} == {
            "programmes": "number,title,set,recommendation,institutions,limited_to,objectives,activities,"
            "expected_outcomes,as_of,is_active,source",
            "requests": "request,programme,office,institution,purpose,contact,wanted_by",
            "request_steps": "request,date,status,note",
            "activities": "request,date,kind,participants,outcome",
        }


class TestProgrammes:
    def test_a_programme_stands_under_its_recommendation(self):
        RecommendationFactory(recommendation_set=RecommendationSetFactory(key="agenda"), number=10)
        row = programme_row(set="agenda", recommendation=10, institutions="IP offices; universities", is_active="")
        assert counts(load("programmes", file("programmes", row))) == (1, 0, 0, 0)
        programme = Programme.objects.get()
        assert (programme.recommendation.number, programme.institutions, programme.is_active) == (
            10,
            "IP offices\nuniversities",
            False,
        )

    def test_what_cannot_be_read_is_a_fault(self):
        RecommendationSetFactory(key="agenda")
        outcome = load(
            "programmes",
            file(
                "programmes",
                programme_row(0),
                programme_row(2, set="agenda"),
                programme_row(3, recommendation=10),
                programme_row(4, set="agenda", recommendation=10),
                programme_row(5, set="nowhere", recommendation=10),
                programme_row(6, as_of="2008-13"),
                programme_row(7, title=""),
            ),
        )
        assert fault_lines(outcome) == [
            "row 2, column number: is not between 1 and 32767 (0)",
            "row 3, column recommendation: is required beside a set ()",
            "row 4, column recommendation: is the number of a recommendation: name its set too (10)",
            "row 5, column recommendation: there is no such recommendation in agenda (10)",
            "row 6, column set: there is no such set of recommendations (nowhere)",
            "row 7, column as_of: is not a date: write 2018, 2018-05 or 2018-05-02 (2008-13)",
            "row 8, column title: is required ()",
        ]

    def test_filling_keeps_what_somebody_changed(self):
        ProgrammeFactory(number=1, title="Ours", is_active=False)
        row = programme_row(title="Theirs", objectives="To learn.")
        assert counts(load("programmes", file("programmes", row), mode=Mode.FILL)) == (0, 1, 0, 0)
        assert Programme.objects.values_list("title", "objectives", "is_active").get() == ("Ours", "To learn.", False)


class TestRequests:
    @pytest.fixture(autouse=True)
    def menu(self, office, other_office):
        self.office = office
        ProgrammeFactory(number=1)
        ProgrammeFactory(number=2, is_active=False)

    def test_requests_are_added_and_changed(self, administrator):
        assert counts(load("requests", file("requests", request_row()), by=administrator)) == (1, 0, 0, 0)
        made = Request.objects.get()
        assert (made.office, made.programme.number, made.imported_in.kind, made.version) == (
            self.office,
            1,
            "requests",
            1,
        )
        row = request_row(programme=2, office="NA", wanted_by="2020-01-31")
        assert counts(load("requests", file("requests", row))) == (0, 1, 0, 0)
        made.refresh_from_db()
        assert (made.office.code, made.programme.number, made.version) == ("NA", 2, 2)
        assert [entry.office.code for entry in made.history.order_by("history_id")] == ["AU", "NA"]

    def test_what_cannot_be_read_is_a_fault(self):
        outcome = load(
            "requests",
            file(
                "requests",
                request_row("r 1", programme="x", office="XX", wanted_by="soon", purpose=""),
                request_row("r2", programme=99),
                request_row("r3", programme=""),
            ),
        )
        assert fault_lines(outcome) == [
            "row 2, column request: is not a key: use letters without accents, digits, hyphen and underscore (r 1)",
            "row 2, column programme: is not a whole number (x)",
            "row 2, column office: there is no such office (XX)",
            "row 2, column purpose: is required ()",
            "row 2, column wanted_by: is not a date: write it like 2025-05-02 (soon)",
            "row 3, column programme: there is no such programme (99)",
            "row 4, column programme: is required ()",
        ]

    def test_a_request_with_steps_keeps_its_programme_and_office(self):
        load("requests", file("requests", request_row()))
        load("request_steps", steps(("r1", days_ago(1), "requested")))
        row = request_row(programme=2, office="NA", institution="Ministry")
        assert fault_lines(load("requests", file("requests", row))) == [
            "row 2, column programme: cannot change: the request has steps (2)",
            "row 2, column office: cannot change: the request has steps (NA)",
        ]
        changed = request_row(institution="Ministry")
        assert counts(load("requests", file("requests", changed))) == (0, 1, 0, 0)

    def test_what_is_invented_stays_so(self):
        OfficeFactory(code="SAMPLE01", is_sample=True)
        load("requests", file("requests", request_row(), request_row("r2", office="SAMPLE01")))
        swapped = file("requests", request_row(office="SAMPLE01"), request_row("r2", office="NA"))
        assert fault_lines(load("requests", swapped)) == [
            "row 2, column office: cannot change: what is invented stays so, and what is real (SAMPLE01)",
            "row 3, column office: cannot change: what is invented stays so, and what is real (NA)",
        ]

    def test_an_import_without_steps_is_undone(self, administrator):
        load("requests", file("requests", request_row(institution="Old")))
        load("requests", file("requests", request_row(), request_row("r2")))
        record = ImportRecord.objects.order_by("imported_at").last()
        undo_import(record=record, by=administrator, path=AuditEntry.Path.ADMIN)
        assert list(Request.objects.values_list("key", "institution", "version")) == [("r1", "Old", 3)]

    def test_an_import_whose_requests_have_steps_stays(self):
        load("requests", file("requests", request_row()))
        record = ImportRecord.objects.get()
        load("request_steps", steps(("r1", "2026-01-05", "requested")))
        assert obstacles(record) == [
            "Other rows rest on what the import added: step of a request r1, 2026-01-05: requested."
        ]
        assert held() == ["requested"]


class TestSteps:
    @pytest.fixture(autouse=True)
    def request_(self, office):
        return RequestFactory(key="r1", office=office)

    def test_a_chain_in_any_order_of_rows(self, administrator, request_):
        rows = [("r1", f"2026-01-0{day}", status) for day, status in enumerate(WAYS["completed"], start=1)]
        assert counts(load("request_steps", steps(*reversed(rows)), by=administrator)) == (4, 0, 0, 0)
        assert held() == ["requested", "agreed", "ongoing", "completed"]
        step = RequestStep.objects.first()
        assert (step.recorded_by, step.imported_in.kind) == (administrator, "request_steps")
        request_.refresh_from_db()
        assert request_.version == 2

    def test_steps_of_one_date_stand_in_the_order_of_the_chain(self):
        rows = [("r1", "2026-01-05", status) for status in ("ongoing", "requested", "agreed", "under_discussion")]
        assert counts(load("request_steps", steps(*rows))) == (4, 0, 0, 0)
        assert held() == ["requested", "under_discussion", "agreed", "ongoing"]
        assert status_of() == "ongoing"

    def test_an_earlier_step_is_put_in_where_it_may_stand(self):
        load("request_steps", steps(("r1", "2026-01-05", "requested"), ("r1", "2026-01-09", "agreed")))
        assert counts(load("request_steps", steps(("r1", "2026-01-07", "under_discussion")))) == (1, 0, 0, 0)
        assert held() == ["requested", "under_discussion", "agreed"]
        assert status_of() == "agreed"

    def test_of_one_date_what_is_held_comes_first(self):
        load("request_steps", steps(("r1", "2026-01-05", "requested"), ("r1", "2026-01-09", "agreed")))
        outcome = load("request_steps", steps(("r1", "2026-01-09", "under_discussion")))
        assert fault_lines(outcome) == [
            "row 2, column status: A request that is “agreed” cannot become “under discussion”: it may become"
            " “ongoing”, “declined”, “withdrawn”. (under_discussion)"
        ]

    def test_a_step_that_a_held_one_cannot_follow_is_at_fault(self):
        load("request_steps", steps(("r1", "2026-01-05", "requested"), ("r1", "2026-01-09", "agreed")))
        outcome = load("request_steps", steps(("r1", "2026-01-07", "withdrawn")))
        assert fault_lines(outcome) == [
            "row 2, column status: A request that is “withdrawn” cannot become “agreed”: nothing follows it."
            " (withdrawn)"
        ]

    @pytest.mark.parametrize(("before", "after"), FORBIDDEN)
    def test_every_forbidden_step_is_a_fault_with_its_row(self, before, after):
        request = standing_at(before, key="r2")
        outcome = load("request_steps", steps(("r1", "2026-01-05", "requested"), ("r2", TODAY(), after, "Because.")))
        sentence = policies.transition_fault(before, after)
        assert [fault[:3] for fault in outcome.faults] == [(3, "status", sentence)]
        assert held("r2") == WAYS[before]
        assert (held("r1"), request.steps.count()) == ([], len(WAYS[before]))

    @pytest.mark.parametrize(("before", "after"), FORBIDDEN)
    def test_a_forbidden_step_within_the_file_is_a_fault_too(self, before, after):
        way = [("r1", days_ago(9 - place), status, "Because.") for place, status in enumerate(WAYS[before])]
        outcome = load("request_steps", steps(*way, ("r1", TODAY(), after, "Because.")))
        sentence = policies.transition_fault(before, after)
        assert [fault[:3] for fault in outcome.faults] == [(len(way) + 2, "status", sentence)]
        assert held() == []

    @pytest.mark.parametrize(("before", "after"), ALLOWED)
    def test_every_allowed_step_is_imported(self, before, after):
        standing_at(before, key="r2")
        assert counts(load("request_steps", steps(("r2", TODAY(), after, "Because.")))) == (1, 0, 0, 0)
        assert status_of("r2") == after

    def test_the_command_refuses_in_the_same_words(self, tmp_path, capsys):
        path = tmp_path / "steps.csv"
        path.write_bytes(steps(("r1", "2026-01-05", "requested"), ("r1", "2026-01-06", "completed")))
        with pytest.raises((SystemExit, CommandError)):
            call_command("import_csv", "request_steps", str(path))
        assert policies.transition_fault("requested", "completed") in capsys.readouterr().err
        assert held() == []

    def test_every_fault_of_a_chain_is_told(self):
        rows = [("r1", f"2026-01-0{day}", status) for day, status in enumerate(["agreed", "completed"], start=1)]
        assert [fault.row for fault in load("request_steps", steps(*rows)).faults] == [2, 3]

    def test_single_cells_are_checked(self):
        tomorrow = TODAY() + datetime.timedelta(days=1)
        rows = [("r1", tomorrow, "requested"), ("r9", "2026-01-05", "requested"), ("r1", "2026-01-05", "done")]
        outcome = load("request_steps", steps(*rows))
        assert [(fault.row, fault.column, fault.reason) for fault in outcome.faults] == [
            (2, "date", "This day is still to come."),
            (3, "request", "there is no such request"),
            (
                4,
                "status",
                "is not one of requested, under_discussion, agreed, ongoing, completed, declined, withdrawn",
            ),
        ]

    def test_declining_needs_a_reason(self):
        rows = [("r1", "2026-01-05", "requested"), ("r1", "2026-01-06", "declined")]
        assert fault_lines(load("request_steps", steps(*rows))) == [
            "row 3, column note: A request can only become “declined” with a reason. ()"
        ]

    def test_nothing_is_said_of_a_chain_with_a_step_that_cannot_be_read(self):
        rows = [("r1", "soon", "requested"), ("r1", "2026-01-06", "agreed")]
        assert [fault.row for fault in load("request_steps", steps(*rows)).faults] == [2]

    def test_what_is_held_is_never_changed(self):
        data = steps(("r1", "2026-01-05", "requested", "Please."))
        load("request_steps", data)
        assert counts(load("request_steps", data)) == (0, 0, 1, 0)
        outcome = load("request_steps", steps(("r1", "2026-01-05", "requested", "Now!")))
        assert fault_lines(outcome) == [
            "row 2, column note: is held with another note, and steps are never changed (Now!)"
        ]

    def test_filling_leaves_requests_with_steps_alone(self):
        RequestStepFactory(request__key="r2", status="requested")
        RequestStepFactory(request=Request.objects.get(key="r2"), status="withdrawn", date="2026-01-06")
        data = steps(("r1", "2026-01-05", "requested"), ("r2", "2026-01-07", "agreed"))
        assert counts(load("request_steps", data, mode=Mode.FILL)) == (1, 0, 1, 0)
        assert held("r2") == ["requested", "withdrawn"]

    def test_queries_are_as_many_for_one_request_as_for_many(self, django_assert_num_queries):
        made = [RequestFactory(key=f"q{number}", programme=Programme.objects.first()) for number in range(100)]
        one = steps((made[0].key, "2026-01-05", "requested"))
        many = steps(*((request.key, "2026-01-05", "requested") for request in made[1:]))
        with django_assert_num_queries(17):
            load("request_steps", one)
        with django_assert_num_queries(17):
            load("request_steps", many)


class TestUndoingSteps:
    @pytest.fixture(autouse=True)
    def request_(self, office):
        return RequestFactory(key="r1", office=office)

    def undo(self, record, by=None):
        return undo_import(record=record, by=by, path=AuditEntry.Path.ADMIN)

    def test_steps_are_removed_and_their_words_kept(self, administrator, request_):
        load("request_steps", steps(("r1", "2026-01-05", "requested", "Please.")))
        record = ImportRecord.objects.get()
        self.undo(record, administrator)
        assert (held(), status_of()) == ([], None)
        entry = AuditEntry.objects.get(action="undo import")
        assert entry.details["removed_steps"] == [["r1", "2026-01-05", "requested", "Please."]]
        request_.refresh_from_db()
        assert request_.version == 3

    def test_steps_that_a_later_one_follows_stay(self):
        load("request_steps", steps(("r1", "2026-01-05", "requested")))
        record = ImportRecord.objects.get()
        load("request_steps", steps(("r1", "2026-01-06", "agreed")))
        with pytest.raises(UndoRefused) as refused:
            self.undo(record)
        assert refused.value.obstacles == ["Other rows rest on what the import added: r1, 2026-01-06: agreed."]
        assert held() == ["requested", "agreed"]

    def test_a_step_in_between_can_go(self):
        load("request_steps", steps(("r1", "2026-01-05", "requested"), ("r1", "2026-01-09", "agreed")))
        load("request_steps", steps(("r1", "2026-01-07", "under_discussion")))
        self.undo(ImportRecord.objects.order_by("imported_at").last())
        assert held() == ["requested", "agreed"]

    def test_steps_that_an_activity_rests_on_stay(self, request_):
        RequestStepFactory(request=request_, date="2026-01-05", status="requested")
        load("request_steps", steps(("r1", "2026-01-06", "agreed")))
        ActivityFactory(request=request_, date="2026-01-07")
        assert obstacles(ImportRecord.objects.get()) == [
            "Other rows rest on what the import added: r1, 2026-01-07: training."
        ]

    def test_the_log_shows_what_was_written(self):
        load("request_steps", steps(("r1", "2026-01-05", "requested", "Please.")))
        record = ImportRecord.objects.get()
        written = all_kinds()["request_steps"]().written(record)
        assert (written.written_total, written.written[0].cells) == (1, ("r1", "2026-01-05", "requested", "Please."))


class TestActivities:
    @pytest.fixture(autouse=True)
    def request_(self, office):
        return standing_at("withdrawn", key="r1", office=office)

    def test_a_delivery_is_judged_by_its_day(self, office):
        """What was delivered before a request ended can still be told: an export of all reads back."""
        agreed = standing_at("ongoing", key="r2", office=office)
        RequestStepFactory(request=agreed, status="withdrawn", date=TODAY())
        rows = [("r2", days_ago(2), "training", 12, "Learnt."), ("r2", days_ago(1), "training", "", "")]
        assert counts(load("activities", file("activities", *rows))) == (2, 0, 0, 0)
        agreed.refresh_from_db()
        assert agreed.version == 2

    def test_nothing_is_delivered_where_nothing_was_agreed(self):
        tomorrow = TODAY() + datetime.timedelta(days=1)
        rows = [("r1", days_ago(1), "training", 1, ""), ("r1", tomorrow, "mission", "-1", "")]
        outcome = load("activities", file("activities", *rows))
        assert [(fault.row, fault.column, fault.reason) for fault in outcome.faults] == [
            (2, "date", "On this day the request was not “agreed”, “ongoing”, “completed”."),
            (3, "participants", "is not a whole number"),
            (3, "date", "This day is still to come."),
        ]

    def test_an_import_is_undone(self, office):
        request = standing_at("agreed", key="r2", office=office)
        ActivityFactory(request=request, date=days_ago(1), outcome="")
        rows = [("r2", days_ago(1), "training", 12, "Learnt."), ("r2", days_ago(1), "mission", "", "")]
        assert counts(load("activities", file("activities", *rows))) == (1, 1, 0, 0)
        undo_import(record=ImportRecord.objects.get(), by=None, path=AuditEntry.Path.ADMIN)
        assert list(Activity.objects.values_list("kind", "participants", "outcome")) == [("training", None, "")]
        request.refresh_from_db()
        assert request.version == 3


@pytest.mark.parametrize("form", EXPORTS)
def test_what_goes_out_comes_back(form, office):
    programme = ProgrammeFactory(
        number=4,
        recommendation=RecommendationFactory(),
        institutions="IP offices\nuniversities",
        objectives="One; two\nand three",
        as_of="2008",
    )
    for place, status in enumerate(Status.values):
        standing_at(status, key=f"-r{place}", office=office, programme=programme, purpose="=1+1\r\nعربي")
    one_day = RequestFactory(key="one-day", office=office, programme=programme, wanted_by=TODAY())
    for status in ("requested", "under_discussion", "declined"):
        RequestStepFactory(request=one_day, status=status, date=days_ago(3), note="Because.\n'so'")
    ActivityFactory(request=Request.objects.get(key="-r3"), date=days_ago(1), participants=0, outcome="@all")
    files = {kind: EXPORTS[form](kind) for kind in KINDS}
    before = {kind: exported(kind) for kind in KINDS}
    sizes = {"programmes": 1, "requests": 8, "request_steps": RequestStep.objects.count(), "activities": 1}
    for kind in KINDS:
        assert counts(load(kind, files[kind], filename=f"x.{form}")) == (0, 0, sizes[kind], 0)
    Activity.objects.all().delete()
    RequestStep.objects.all().delete()
    Request.objects.all().delete()
    Programme.objects.all().delete()
    for kind in KINDS:
        assert counts(load(kind, files[kind], filename=f"x.{form}")) == (sizes[kind], 0, 0, 0)
    assert held("one-day") == ["requested", "under_discussion", "declined"]
    assert {kind: exported(kind) for kind in KINDS} == before


class TestAdmin:
    def test_requests_steps_and_activities_are_only_read(self, client_of, administrator, office):
        request = standing_at("agreed", office=office)
        activity = ActivityFactory(request=request, date=days_ago(1))
        client = client_of(administrator)
        for name, row in [("request", request), ("requeststep", request.steps.first()), ("activity", activity)]:
            base = f"/admin/assistance/{name}/"
            assert client.get(base).status_code == 200
            assert client.post(f"{base}add/").status_code == 403
            assert client.post(f"{base}{row.pk}/change/", {"status": "completed"}).status_code == 403
            assert client.post(f"{base}{row.pk}/delete/", {"post": "yes"}).status_code == 403
            assert client.get(f"{base}export.csv").status_code == 200
            assert client.get(f"{base}import/").status_code == 200

    def test_a_programme_is_changed_there(self, client_of, administrator):
        programme = ProgrammeFactory(number=1, title="Old")
        client = client_of(administrator)
        page = f"/admin/assistance/programme/{programme.pk}/change/"
        form = client.get(page).context["adminform"].form
        data = {name: form[name].value() or "" for name in form.fields} | {"title": "New"}
        assert client.post(page, data).status_code == 302
        programme.refresh_from_db()
        assert (programme.title, AuditEntry.objects.get().action) == ("New", "change programme")
