"""What changed lately: submissions, and status reports recorded together."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest

from offices.models import Office
from portal.dashboard.forms import DashboardForm
from recommendations import reports
from recommendations.models import Recommendation, StatusReport
from surveys import overview
from surveys.models import Response

CHANGES_SHOWN = 20
# Reports are recorded a set at a time: enough of them to make so many entries.
REPORTS_READ = 400


@dataclass(frozen=True)
class Change:
    """A submission, or status reports of one office on one set recorded together."""

    at: datetime.datetime
    office: Office
    response: Response | None = None
    reports: tuple[StatusReport, ...] = ()

    @property
    def set_name(self) -> str:
        found = self.reports[0].recommendation.recommendation_set
        return found.symbol or found.title

    @property
    def recommendations(self) -> list[Recommendation]:
        return sorted({report.recommendation for report in self.reports}, key=lambda item: item.number)


def latest_changes(request: HttpRequest, form: DashboardForm) -> list[Change]:
    submitted = overview.latest_submissions(
        request.user, sample=form.is_sample, narrowing=form.narrowing, most=CHANGES_SHOWN
    )
    recorded = reports.latest_reports(request.user, sample=form.is_sample, narrowing=form.narrowing, most=REPORTS_READ)
    changes = [Change(item.submitted_at, item.office, response=item) for item in submitted if item.submitted_at]
    changes += recorded_together(recorded)
    return sorted(changes, key=lambda change: change.at, reverse=True)[:CHANGES_SHOWN]


def recorded_together(recorded: list[StatusReport]) -> list[Change]:
    """One entry for what one person recorded of one office and set in a row."""

    def act(report: StatusReport) -> tuple[object, ...]:
        return report.office_id, report.recommendation.recommendation_set_id, report.recorded_by_id

    grouped = [tuple(together) for _act, together in groupby(recorded, key=act)]
    return [Change(together[0].recorded_at, together[0].office, reports=together) for together in grouped]
