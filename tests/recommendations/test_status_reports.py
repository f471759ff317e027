import datetime

import pytest

from portal.models import AuditEntry
from portal.spreadsheets.resources import Mode
from recommendations.models import Officer, StatusReport
from tests.factories.offices import OfficeFactory
from tests.factories.portal import EXPORTS, counts, exported, fault_lines, load
from tests.factories.recommendations import OfficerFactory, RecommendationFactory, StatusReportFactory

pytestmark = pytest.mark.django_db

HEADER = (
    "set,number,office,as_at,acceptance,implementation,assessment,summary,responsible_officers,"
    "evidence_url,as_at_assumed,stated_change,source\n"
)
ROW = {
    "set": "jiu",
    "number": "1",
    "office": "NA",
    "as_at": "2025-06-30",
    "acceptance": "accepted",
    "implementation": "in_progress",
    "assessment": "Under way.",
    "summary": "Ours.",
    "responsible_officers": "dg; hr",
    "evidence_url": "https://example.org/a",
    "as_at_assumed": "1",
    "stated_change": "updated",
    "source": "WO/PBC/34/6",
}


def file_of(*changes):
    rows = [",".join(f'"{cell}"' for cell in (ROW | change).values()) for change in changes or [{}]]
    return HEADER + "\n".join(rows)


@pytest.fixture(autouse=True)
def surroundings(db):
    """Two recommendations, two offices, three officers."""
    first = RecommendationFactory(recommendation_set__key="jiu", number=1)
    RecommendationFactory(recommendation_set=first.recommendation_set, number=2)
    OfficeFactory(code="NA")
    OfficeFactory(code="NO")
    for key in ("dg", "hr", "it"):
        OfficerFactory(key=key)


def reports():
    return list(StatusReport.objects.order_by("as_at", "revision").values_list("revision", "implementation"))


# What an import does


def test_a_report_is_added_with_every_column(secretariat):
    assert counts(load("status_reports", file_of(), by=secretariat)) == (1, 0, 0, 0)

    report = StatusReport.objects.get()
    assert (str(report.recommendation), report.office.code) == ("jiu R1", "NA")
    assert (report.as_at, report.revision) == (datetime.date(2025, 6, 30), 1)
    assert (report.acceptance, report.implementation) == ("accepted", "in_progress")
    assert (report.assessment, report.summary) == ("Under way.", "Ours.")
    assert set(report.responsible_officers.values_list("key", flat=True)) == {"dg", "hr"}
    assert (report.evidence_url, report.source) == ("https://example.org/a", "WO/PBC/34/6")
    assert (report.as_at_assumed, report.stated_change) == (True, "updated")
    assert report.recorded_by == secretariat


def test_what_is_not_stated_may_be_blank():
    blank = dict.fromkeys(list(ROW)[4:], "")

    assert counts(load("status_reports", file_of(blank))) == (1, 0, 0, 0)
    assert exported("status_reports") == [["jiu", 1, "NA", "2025-06-30", "", "", "", "", "", "", 0, "", ""]]


def test_the_same_file_again_adds_nothing():
    load("status_reports", file_of())

    assert counts(load("status_reports", file_of({"responsible_officers": "hr;dg"}))) == (0, 0, 1, 0)
    assert reports() == [(1, "in_progress")]
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"acceptance": "not_accepted"},
        {"implementation": "not_started"},
        {"implementation": ""},
        {"assessment": "Done."},
        {"summary": ""},
        {"responsible_officers": "dg"},
        {"responsible_officers": "dg; hr; it"},
        {"responsible_officers": ""},
        {"evidence_url": ""},
        {"as_at_assumed": "0"},
        {"stated_change": "no_change"},
        {"source": ""},
    ],
    ids=str,
)
def test_a_change_of_any_column_appends_a_revision_and_keeps_the_earlier_one(change):
    load("status_reports", file_of())
    before = StatusReport.objects.values().get()

    assert counts(load("status_reports", file_of(change))) == (0, 1, 0, 0)

    kept, appended = StatusReport.objects.order_by("revision")
    assert StatusReport.objects.values().get(pk=kept.pk) == before
    assert set(kept.responsible_officers.values_list("key", flat=True)) == {"dg", "hr"}
    assert appended.revision == 2
    assert exported("status_reports") == [[int(cell) if cell.isdigit() else cell for cell in (ROW | change).values()]]
    assert counts(load("status_reports", file_of(change))) == (0, 0, 1, 0)


def test_a_return_to_an_earlier_value_is_a_revision_too():
    for implementation in ("planned", "in_progress", "planned"):
        load("status_reports", file_of({"implementation": implementation}))

    assert reports() == [(1, "planned"), (2, "in_progress"), (3, "planned")]


def test_another_date_office_or_number_is_another_report():
    load("status_reports", file_of())

    outcome = load("status_reports", file_of({"as_at": "2025-12-31"}, {"office": "NO"}, {"number": "2"}, {}))

    assert counts(outcome) == (3, 0, 1, 0)
    assert set(StatusReport.objects.values_list("revision", flat=True)) == {1}


def test_a_dry_run_appends_nothing():
    load("status_reports", file_of())

    assert counts(load("status_reports", file_of({"summary": "x"}), dry_run=True)) == (0, 1, 0, 0)
    assert reports() == [(1, "in_progress")]


def test_filling_leaves_reports_alone_and_adds_missing_ones():
    load("status_reports", file_of({"summary": "", "responsible_officers": ""}))

    outcome = load("status_reports", file_of({}, {"office": "NO"}), mode=Mode.FILL)

    assert counts(outcome) == (1, 0, 1, 0)
    assert StatusReport.objects.get(office__code="NA").summary == ""
    assert StatusReport.objects.get(office__code="NO").summary == "Ours."


def test_importing_again_asks_the_database_as_often_for_many_rows_as_for_one(django_assert_num_queries):
    days = [{"as_at": f"2025-01-{day:02}"} for day in range(1, 29)]
    load("status_reports", file_of(*days))

    for rows in (1, 28):
        with django_assert_num_queries(17):
            outcome = load("status_reports", file_of(*days[:rows]))
        assert counts(outcome) == (0, 0, rows, 0)


# What stands


def test_of_one_date_the_highest_revision_stands():
    first = StatusReportFactory(implementation="planned")
    second = StatusReportFactory(
        recommendation=first.recommendation, office=first.office, revision=2, implementation="implemented"
    )
    other = StatusReportFactory(recommendation=first.recommendation)

    assert set(StatusReport.objects.current()) == {second, other}


@pytest.mark.parametrize(
    ("date", "standing"),
    [
        ("2024-12-30", None),
        ("2024-12-31", "old, 2"),
        ("2025-06-29", "old, 2"),
        ("2025-06-30", "new, 1"),
        ("2026-01-01", "new, 1"),
    ],
)
def test_at_a_date_the_latest_statement_stands_in_its_last_revision(date, standing):
    first = StatusReportFactory(as_at=datetime.date(2024, 12, 31), summary="old, 1")
    place = {"recommendation": first.recommendation, "office": first.office}
    StatusReportFactory(**place, as_at=datetime.date(2025, 6, 30), summary="new, 1")
    StatusReportFactory(**place, as_at=datetime.date(2024, 12, 31), revision=2, summary="old, 2")

    found = StatusReport.objects.standing_at(datetime.date.fromisoformat(date))

    assert list(found.values_list("summary", flat=True)) == ([standing] if standing else [])


# Exports


@pytest.mark.parametrize("form", EXPORTS)
def test_exports_hold_what_is_current_and_read_back_without_a_change(form):
    nasty = '=1\n"中文"; \'العربية'
    load("status_reports", file_of({}, {"office": "NO", "assessment": "-x"}))
    load("status_reports", file_of({"implementation": "implemented"}))
    StatusReport.objects.filter(revision=2).update(assessment=nasty)

    file = EXPORTS[form]("status_reports")

    assert [(row[2], row[5], row[6]) for row in exported("status_reports")] == [
        ("NA", "implemented", nasty),
        ("NO", "in_progress", "-x"),
    ]
    assert counts(load("status_reports", file)) == (0, 0, 2, 0)
    StatusReport.objects.all().delete()
    assert counts(load("status_reports", file)) == (2, 0, 0, 0)


# Faults


def test_every_fault_of_a_report_is_named():
    Officer.objects.filter(key="it").delete()
    bad = {
        "number": "9",
        "office": "XX",
        "as_at": "2025",
        "acceptance": "yes",
        "implementation": "done",
        "assessment": "a\x07",
        "responsible_officers": "dg; it; ; x",
        "evidence_url": "example",
        "as_at_assumed": "maybe",
        "stated_change": "changed",
    }

    outcome = load("status_reports", file_of({}, bad, {"set": "nowhere", "number": ""}, {}))

    assert fault_lines(outcome) == [
        "row 3, column number: there is no such recommendation in jiu (9)",
        "row 3, column office: there is no such office (XX)",
        "row 3, column as_at: is not a date: write it like 2025-05-02 (2025)",
        "row 3, column acceptance: is not one of accepted, not_accepted, not_relevant, under_consideration (yes)",
        "row 3, column implementation: is not one of implemented, in_progress, planned, under_consideration,"
        " not_planned, not_started (done)",
        "row 3, column assessment: holds the control character U+0007; remove it (a\ufffd)",
        "row 3, column responsible_officers: there is no such officer: it, , x (dg; it; ; x)",
        "row 3, column evidence_url: Enter a valid URL. (example)",
        "row 3, column as_at_assumed: is not 1, 0 or empty (maybe)",
        "row 3, column stated_change: is not one of no_change, updated (changed)",
        "row 4, column set: there is no such set of recommendations (nowhere)",
        "row 4, column number: is required ()",
        "row 5, column set,number,office,as_at: doubled key, the same as in row 2 (jiu,1,NA,2025-06-30)",
    ]
    assert StatusReport.objects.count() == 0
