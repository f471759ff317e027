"""What an office states: whole statements appended, copied from what stands, never twice."""

import datetime
import threading
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.models import AuditEntry, ImportRecord
from recommendations import actions
from recommendations.actions import Change, OfficeStatuses, StaleStatuses, Statement, Words, record_statuses
from recommendations.models import StatusReport
from tests.factories.offices import OfficeFactory
from tests.factories.recommendations import (
    OfficerFactory,
    RecommendationFactory,
    RecommendationSetFactory,
    StatusReportFactory,
)

JUNE, JULY, AUGUST = (datetime.date(2025, month, 15) for month in (6, 7, 8))
WRITERS = 20


@pytest.fixture
def item(db):
    return RecommendationFactory(recommendation_set__key="ten")


@pytest.fixture
def record(item, office, coordinator):
    def call(as_at=JULY, **said):
        return record_statuses([Statement(item, office, as_at, **said)], by=coordinator, path="form")

    return call


def said_now():
    rows = StatusReport.objects.order_by("as_at", "revision")
    return list(rows.values_list("as_at", "revision", "acceptance", "implementation", "assessment"))


@pytest.mark.django_db
class TestRecording:
    def test_what_is_not_said_is_copied_from_what_stands_but_not_its_provenance(
        self, record, item, office, coordinator
    ):
        standing = StatusReportFactory(
            recommendation=item,
            office=office,
            as_at=JUNE,
            acceptance="accepted",
            implementation="planned",
            assessment="Ours.",
            summary="Theirs.",
            evidence_url="https://example.org/a",
            as_at_assumed=True,
            stated_change="updated",
            source="WO/PBC/34/6",
        )
        officers = {OfficerFactory(), OfficerFactory()}
        standing.responsible_officers.set(officers)
        (report,) = record(implementation="implemented")
        report.refresh_from_db()
        assert (report.as_at, report.revision, report.implementation) == (JULY, 1, "implemented")
        assert (report.acceptance, report.assessment, report.summary, report.evidence_url) == (
            "accepted",
            "Ours.",
            "Theirs.",
            "https://example.org/a",
        )
        assert set(report.responsible_officers.all()) == officers
        assert (report.as_at_assumed, report.stated_change, report.source) == (False, "", "")
        assert report.recorded_by == coordinator

    def test_a_second_statement_of_a_day_is_a_revision_and_the_first_stays(self, record):
        record(acceptance="accepted", implementation="planned")
        (report,) = record(implementation="implemented")
        assert report.revision == 2
        assert said_now() == [
            (JULY, 1, "accepted", "planned", ""),
            (JULY, 2, "accepted", "implemented", ""),
        ]

    def test_the_same_of_a_day_adds_nothing_and_on_a_later_day_a_report(self, record):
        record(implementation="planned")
        assert record(implementation="planned") == []
        assert AuditEntry.objects.count() == 1
        record(AUGUST, implementation="planned")
        assert [row[:2] for row in said_now()] == [(JULY, 1), (AUGUST, 1)]

    def test_the_source_alone_is_no_reason_to_record_again(self, record, item, office):
        StatusReportFactory(
            recommendation=item, office=office, as_at=JULY, implementation="planned", source="WO/PBC/34/6"
        )
        assert record(implementation="planned", source="Round 2025") == []

    def test_a_blank_is_something_said(self, record):
        record(acceptance="accepted", implementation="planned")
        record(implementation="")
        assert said_now()[-1] == (JULY, 2, "accepted", "", "")

    def test_a_blank_where_nothing_stands_is_nothing(self, record):
        assert record(implementation="", assessment="") == []
        assert not AuditEntry.objects.exists()

    def test_officers_that_are_said_replace_those_that_stand(self, record):
        first, second = OfficerFactory(), OfficerFactory()
        record(responsible_officers=frozenset([first]))
        record(responsible_officers=frozenset([second]))
        assert record(responsible_officers=frozenset([second])) == []
        assert [set(r.responsible_officers.all()) for r in StatusReport.objects.order_by("revision")] == [
            {first},
            {second},
        ]

    def test_a_statement_about_the_past_copies_what_stood_then_and_leaves_what_stands(self, record):
        record(JUNE, acceptance="accepted", implementation="planned")
        record(AUGUST, acceptance="not_relevant")
        (report,) = record(JULY, assessment="Begun.")
        assert (report.acceptance, report.implementation, report.assessment) == ("accepted", "planned", "Begun.")
        assert StatusReport.objects.standing_at(AUGUST).get().acceptance == "not_relevant"
        assert StatusReport.objects.standing_at(JULY).get().assessment == "Begun."
        assert StatusReport.objects.standing_at(JUNE).get().assessment == ""

    def test_statements_of_several_days_build_on_each_other(self, item, office, record):
        record(AUGUST, acceptance="accepted")
        record_statuses(
            [
                Statement(item, office, AUGUST, implementation="implemented"),
                Statement(item, office, JUNE, implementation="planned"),
                Statement(item, office, JULY, assessment="Begun."),
                Statement(item, office, JULY, assessment="Well begun."),
            ],
            by=None,
            path=None,
        )
        assert said_now() == [
            (JUNE, 1, "", "planned", ""),
            (JULY, 1, "", "planned", "Begun."),
            (JULY, 2, "", "planned", "Well begun."),
            (AUGUST, 1, "accepted", "", ""),
            (AUGUST, 2, "accepted", "implemented", ""),
        ]

    def test_one_audit_row_an_office(self, item, office, other_office, coordinator):
        second = RecommendationFactory(recommendation_set=item.recommendation_set, number=2)
        statements = [
            Statement(one, place, JULY, implementation="planned")
            for place in (office, other_office)
            for one in (item, second)
        ]
        record_statuses(statements, by=coordinator, path="form")
        entries = AuditEntry.objects.order_by("office_code").values_list(
            "action", "subject", "office_code", "path", "actor"
        )
        assert list(entries) == [
            ("record statuses", "ten", "AU", "form", coordinator.pk),
            ("record statuses", "ten", "NA", "form", coordinator.pk),
        ]
        assert AuditEntry.objects.get(office_code="AU").details == {
            "statuses": [["ten", 1, "2025-07-15", 1], ["ten", 2, "2025-07-15", 1]]
        }

    def test_where_the_caller_leaves_the_audit_row_there_is_no_other(self, item, office, administrator):
        imported = ImportRecord.objects.create(kind="responses", filename="a.csv", sha256="0" * 64, path="import")
        statement = Statement(item, office, JULY, implementation="planned")
        (report,) = record_statuses([statement], by=administrator, path="import", imported_in=imported)
        record_statuses([Statement(item, office, JULY, implementation="")], by=administrator, path=None)
        assert report.imported_in == imported
        assert not AuditEntry.objects.exists()

    def test_nothing_to_record_asks_nothing(self, db, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert record_statuses([], by=None, path=None) == []


@pytest.mark.django_db
def test_the_queries_are_the_same_for_one_statement_and_for_two_thousand(coordinator):
    group = RecommendationSetFactory()
    items = [RecommendationFactory(recommendation_set=group, number=number) for number in range(1, 11)]
    asked = {}
    for count in (1, 200):
        offices = OfficeFactory.create_batch(count)
        for officer_day, level in ((JUNE, "planned"), (JULY, "implemented")):
            officers = frozenset([OfficerFactory()]) if officer_day == JUNE else None
            statements = [
                Statement(item, office, officer_day, implementation=level, responsible_officers=officers)
                for office in offices
                for item in items
            ]
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert len(record_statuses(statements, by=coordinator, path=None)) == len(statements)
        # Inserts go in the batches that the database takes.
        inserts = [q for q in queries if q["sql"].startswith("INSERT")]
        asked[count] = (len(queries) - len(inserts), {q["sql"].split('"')[1] for q in inserts})
    # A savepoint and its release (the test is a transaction already), the lock, what stands, its officers.
    tables = {"recommendations_statusreport", "recommendations_statusreport_responsible_officers"}
    assert asked == {1: (5, tables), 200: (5, tables)}


# The page's save


@pytest.fixture
def change(item, office, coordinator):
    def call(*, version=0, as_at=JULY, **words):
        return actions.change_statuses(
            office=office, as_at=as_at, changes=[Change(item, version, Words(**words))], by=coordinator
        )

    return call


@pytest.mark.django_db
class TestChanging:
    def test_a_form_sent_as_it_was_opened_records_nothing(self, change, item, office):
        report = StatusReportFactory(
            recommendation=item,
            office=office,
            implementation="planned",
            assessment="\r\nTwo\r\nlines\r",
            evidence_url="https://example.org/?",
        )
        words = Words.of(report)
        assert words.assessment == "\nTwo\nlines\n"
        assert change(version=report.pk, **vars(words)) == []

    def test_what_somebody_else_recorded_meanwhile_is_not_overwritten(self, change):
        (first,) = change(implementation="planned")
        with pytest.raises(StaleStatuses) as caught:
            change(implementation="implemented")
        assert [c.words.implementation for c in caught.value.changes] == ["implemented"]
        (second,) = change(version=first.pk, implementation="implemented")
        assert second.revision == 2

    def test_the_same_again_has_no_effect_also_after_others(self, change):
        (first,) = change(implementation="planned")
        assert change(implementation="planned") == []
        change(version=first.pk, implementation="implemented")
        with pytest.raises(StaleStatuses):
            change(implementation="planned")

    def test_what_was_not_touched_does_not_collide(self, change, item, office):
        (first,) = change(implementation="planned")
        change(version=first.pk, implementation="implemented")
        assert change(version=first.pk, implementation="planned") == []
        assert StatusReport.objects.standing_at(JULY).get().implementation == "implemented"

    def test_a_report_about_the_past_makes_a_form_stale_too(self, change):
        (first,) = change(implementation="planned")
        change(version=first.pk, as_at=JUNE, implementation="not_planned")
        with pytest.raises(StaleStatuses):
            change(version=first.pk, as_at=JUNE, implementation="under_consideration")

    def test_where_the_report_of_the_form_is_gone_nothing_is_taken_for_granted(self, change):
        change(as_at=JUNE, implementation="not_planned")
        (report,) = change(version=StatusReport.objects.get().pk, implementation="planned")
        report.delete()
        with pytest.raises(StaleStatuses):
            change(version=report.pk, implementation="planned")

    def test_merging_keeps_what_was_typed_and_takes_the_rest_from_what_stands(self, change, item, office):
        (first,) = change(implementation="planned", assessment="Old.")
        change(version=first.pk, implementation="planned", assessment="Theirs.", acceptance="accepted")
        mine = Change(item, first.pk, Words(implementation="implemented", assessment="Old."))
        statuses = OfficeStatuses(StatusReport.objects.all())
        merged = mine.merged(statuses, AUGUST)
        assert merged.words == Words("accepted", "implemented", "Theirs.")
        assert merged.version == StatusReport.objects.get(revision=2).pk


@pytest.mark.django_db
@settings(max_examples=40)
@given(rows=st.lists(st.tuples(st.sampled_from([JUNE, JULY, AUGUST]), st.integers(1, 3)), max_size=6, unique=True))
def test_the_page_and_the_tables_agree_on_what_stands(rows):
    item, office = RecommendationFactory(), OfficeFactory()
    for as_at, revision in rows:
        StatusReportFactory(recommendation=item, office=office, as_at=as_at, revision=revision)
    reports = StatusReport.objects.filter(office=office)
    statuses = OfficeStatuses(reports)
    for day in (JUNE, JULY, AUGUST, AUGUST + datetime.timedelta(days=9), JUNE - datetime.timedelta(days=1)):
        assert statuses.standing(item, day) == reports.standing_at(day).first()
    assert {past.report for past in statuses.history(item, AUGUST) if not past.is_replaced} == set(reports.current())


# Races


def race(work):
    """Let all writers go at the same moment; what each returned or raised, by kind."""
    barrier = threading.Barrier(WRITERS)
    outcomes = [None] * WRITERS

    def run(number):
        try:
            barrier.wait()
            outcomes[number] = work(number)
        except Exception as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = [type(outcome).__name__ for outcome in outcomes]
    return {name: names.count(name) for name in names}


@contextmanager
def without_the_lock(monkeypatch):
    """The control: nobody waits for anybody, and all have read before the first writes."""
    barrier = threading.Barrier(WRITERS)
    read = actions.read_held

    def read_together(statements):
        held = read(statements)
        barrier.wait(timeout=10)
        return held

    with monkeypatch.context() as patch:
        patch.setattr(actions, "lock_offices", lambda offices: None)
        patch.setattr(actions, "read_held", read_together)
        yield


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_racing_statements_become_revisions_and_none_is_lost(self, item, office, coordinator):
        outcomes = race(lambda n: self.say(item, office, coordinator, f"text {n}"))
        assert outcomes == {"list": WRITERS}
        assert {row[1] for row in said_now()} == set(range(1, WRITERS + 1))
        assert {row[4] for row in said_now()} == {f"text {n}" for n in range(WRITERS)}

    def test_without_the_lock_they_collide(self, item, office, coordinator, monkeypatch):
        with without_the_lock(monkeypatch):
            outcomes = race(lambda n: self.say(item, office, coordinator, f"text {n}"))
        assert outcomes == {"list": 1, "IntegrityError": WRITERS - 1}

    def test_the_same_statement_twenty_times_is_one_report_and_one_audit_row(self, item, office, coordinator):
        assert race(lambda _n: self.say(item, office, coordinator, "same")) == {"list": WRITERS}
        assert len(said_now()) == AuditEntry.objects.count() == 1

    def test_of_racing_saves_of_one_form_one_is_recorded(self, item, office, change):
        outcomes = race(lambda n: change(assessment=f"text {n}"))
        assert outcomes == {"list": 1, "StaleStatuses": WRITERS - 1}
        assert len(said_now()) == 1

    def test_writers_of_many_offices_do_not_wait_for_each_other_in_a_circle(self, item, coordinator):
        offices = OfficeFactory.create_batch(10)

        def work(number):
            order = offices if number % 2 else offices[::-1]
            statements = [Statement(item, office, JULY, assessment=f"text {number}") for office in order]
            return record_statuses(statements, by=coordinator, path=None)

        assert race(work) == {"list": WRITERS}

    def say(self, item, office, by, words):
        return record_statuses([Statement(item, office, JULY, assessment=words)], by=by, path="form")
