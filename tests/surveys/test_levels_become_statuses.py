"""A submission's levels as status reports, and that no status reaches back into a round."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.models import AuditEntry, ImportRecord
from recommendations.actions import Statement, record_statuses
from recommendations.models import StatusReport
from surveys.actions.statuses import as_at_of_import, report_levels
from surveys.models import Answer, Response
from surveys.results import compute_results
from tests.factories.offices import OfficeFactory
from tests.factories.recommendations import OfficerFactory, StatusReportFactory
from tests.factories.surveys import AnswerFactory, QuestionFactory, ResponseFactory, make_tiny_round

JUNE, JULY, AUGUST = (datetime.date(2025, month, 3) for month in (6, 7, 8))

pytestmark = pytest.mark.django_db


@pytest.fixture
def submitted(tiny_round, office):
    """Make the office's next submission of levels, by recommendation number; the one before is superseded."""

    def make(levels, *, place=office):
        earlier = Response.objects.of(tiny_round.survey, place)
        version = earlier.count() + 1
        earlier.submitted().update(state="superseded")
        response = ResponseFactory(
            survey=tiny_round.survey, office=place, state="submitted", submitted_at=timezone.now(), version=version
        )
        for number, level in levels.items():
            AnswerFactory(
                response=response,
                question=tiny_round.by_kind["levels"],
                recommendation=tiny_round.recommendations[number - 1],
                value=level,
            )
        return response

    return make


@pytest.fixture
def report(coordinator):
    def call(*responses, as_at=JULY, **options):
        return report_levels(responses, **{"as_at": as_at, "by": coordinator, "path": None, **options})

    return call


def said():
    """All reports: recommendation, day, revision, implementation."""
    rows = StatusReport.objects.order_by("recommendation__number", "as_at", "revision")
    return list(rows.values_list("recommendation__number", "as_at", "revision", "implementation"))


class TestLevels:
    def test_each_level_becomes_the_implementation_as_at_the_day(self, submitted, report, coordinator, tiny_round):
        response = submitted({1: "implemented", 3: "not_planned"})
        AnswerFactory(response=response, question=tiny_round.by_kind["text"], value="more")
        AnswerFactory(
            response=response,
            question=tiny_round.by_kind["select"],
            recommendation=tiny_round.recommendations[1],
            value="yes",
        )
        report(response)
        assert said() == [(1, JULY, 1, "implemented"), (3, JULY, 1, "not_planned")]
        assert set(StatusReport.objects.values_list("recorded_by", "source", "acceptance", "assessment")) == {
            (coordinator.pk, tiny_round.survey.title, "", "")
        }

    def test_a_resubmission_on_the_same_day_is_a_revision_and_later_a_new_report(self, submitted, report):
        report(submitted({1: "planned", 2: "planned"}))
        report(submitted({1: "in_progress", 2: "planned"}))
        assert said() == [(1, JULY, 1, "planned"), (1, JULY, 2, "in_progress"), (2, JULY, 1, "planned")]
        report(submitted({1: "implemented", 2: "planned"}), as_at=AUGUST)
        assert said()[2:] == [
            (1, AUGUST, 1, "implemented"),
            (2, JULY, 1, "planned"),
            (2, AUGUST, 1, "planned"),
        ]

    def test_a_level_taken_back_becomes_blank(self, submitted, report):
        report(submitted({1: "planned", 2: "planned"}))
        report(submitted({2: "planned"}))
        report(submitted({}), as_at=AUGUST)
        assert said() == [
            (1, JULY, 1, "planned"),
            (1, JULY, 2, ""),
            (2, JULY, 1, "planned"),
            (2, AUGUST, 1, ""),
        ]

    def test_only_the_submission_before_counts_as_taken_back(self, submitted, report, office, tiny_round):
        report(submitted({1: "planned"}))
        report(submitted({2: "planned"}))
        record_statuses(
            [Statement(tiny_round.recommendations[0], office, JULY, implementation="implemented")], by=None, path=None
        )
        report(submitted({2: "planned"}), as_at=AUGUST)
        assert said() == [
            (1, JULY, 1, "planned"),
            (1, JULY, 2, ""),
            (1, JULY, 3, "implemented"),
            (2, JULY, 1, "planned"),
            (2, AUGUST, 1, "planned"),
        ]

    def test_another_round_takes_nothing_back(self, submitted, report, office):
        other = make_tiny_round(office, key="other")
        report(submitted({1: "planned"}))
        ResponseFactory(survey=other.survey, office=office, submitted=True)
        report(Response.objects.get(survey=other.survey))
        assert said() == [(1, JULY, 1, "planned")]

    def test_a_level_never_reported_is_not_taken_back(self, submitted, report):
        submitted({1: "planned"})
        report(submitted({}))
        assert said() == []

    def test_acceptance_note_and_officers_are_copied_from_what_stands(self, submitted, report, office, tiny_round):
        standing = StatusReportFactory(
            recommendation=tiny_round.recommendations[0],
            office=office,
            as_at=JUNE,
            acceptance="accepted",
            implementation="planned",
            assessment="Ours.",
            evidence_url="https://example.org/",
            as_at_assumed=True,
            stated_change="updated",
        )
        officer = OfficerFactory()
        standing.responsible_officers.add(officer)
        report(submitted({1: "implemented"}))
        new = StatusReport.objects.standing_at(JULY).get()
        assert (new.acceptance, new.implementation, new.assessment, new.evidence_url) == (
            "accepted",
            "implemented",
            "Ours.",
            "https://example.org/",
        )
        assert list(new.responsible_officers.all()) == [officer]
        assert (new.as_at_assumed, new.stated_change) == (False, "")

    def test_levels_as_at_a_past_day_leave_what_was_stated_since(self, submitted, report, office, tiny_round):
        later = StatusReportFactory(
            recommendation=tiny_round.recommendations[0], office=office, as_at=AUGUST, implementation="implemented"
        )
        report(submitted({1: "planned"}))
        assert StatusReport.objects.standing_at(AUGUST).get() == later
        assert StatusReport.objects.standing_at(JULY).get().implementation == "planned"

    def test_of_two_questions_about_levels_the_first_says_it(self, submitted, report, tiny_round):
        response = submitted({1: "planned"})
        second = QuestionFactory(survey=tiny_round.survey, key="again", order=9, kind="levels")
        for item in tiny_round.recommendations[:2]:
            AnswerFactory(response=response, question=second, recommendation=item, value="implemented")
        report(response)
        assert said() == [(1, JULY, 1, "planned"), (2, JULY, 1, "implemented")]

    def test_an_import_is_named_and_leaves_its_own_audit_row(self, submitted, report):
        imported = ImportRecord.objects.create(kind="responses", filename="a.csv", sha256="0" * 64, path="import")
        report(submitted({1: "planned"}), path="import", imported_in=imported)
        assert StatusReport.objects.get().imported_in == imported
        assert not AuditEntry.objects.exists()

    def test_nothing_submitted_asks_nothing(self, report, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert report() == []


@pytest.mark.parametrize(
    ("today", "as_at"), [("2025-06-30", "2025-06-30"), ("2025-07-07", "2025-07-07"), ("2026-01-01", "2025-07-07")]
)
def test_imported_levels_are_as_at_today_or_the_last_day(tiny_round, today, as_at):
    tiny_round.survey.closes_on = datetime.date(2025, 7, 7)
    assert as_at_of_import(tiny_round.survey, datetime.date.fromisoformat(today)) == datetime.date.fromisoformat(as_at)


def test_the_queries_are_the_same_for_any_number_of_offices(tiny_round, submitted, report):
    asked = {}
    for count in (1, 20, 200):
        places = OfficeFactory.create_batch(count)
        for levels in ({1: "planned", 2: "planned"}, {1: "implemented"}):
            for place in places:
                submitted(levels, place=place)
        responses = list(Response.objects.submitted().filter(office__in=places))
        with CaptureQueriesContext(connection) as queries:
            assert len(report(*responses)) == count
        asked[count] = sum(not query["sql"].startswith("INSERT") for query in queries)
    # Before and levels, offices, recommendations, titles; and those of record_statuses.
    assert asked == {1: 10, 20: 10, 200: 10}


def test_a_later_status_never_alters_a_round(tiny_round, submitted, report, office, other_office):
    first = submitted({1: "planned", 2: "implemented"})
    second = submitted({1: "not_planned"}, place=other_office)
    report(first, second)
    before = compute_results(tiny_round.survey), list(Answer.objects.order_by("pk").values())
    for day, level in ((JULY, "implemented"), (AUGUST, ""), (JUNE, "not_started")):
        statements = [
            Statement(item, place, day, acceptance="not_relevant", implementation=level)
            for item in tiny_round.recommendations
            for place in (office, other_office)
        ]
        assert record_statuses(statements, by=None, path=None)
    assert (compute_results(tiny_round.survey), list(Answer.objects.order_by("pk").values())) == before
