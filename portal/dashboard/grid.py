"""Offices by recommendations: what stands in each cell, and where it leads."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.urls import reverse

from offices.models import Office
from recommendations import reports
from recommendations.models import Recommendation, StatusReport


@dataclass(frozen=True)
class GridCell:
    report: StatusReport | None
    code: str
    url: str

    @property
    def label(self) -> str:
        return str(reports.STANDINGS[self.code])


def make_grid(rows: Collection[reports.GridRow]) -> list[tuple[Office, list[GridCell]]]:
    return [(row.office, [make_cell(row.office, item, report) for item, report in row.cells]) for row in rows]


def make_cell(office: Office, recommendation: Recommendation, report: StatusReport | None) -> GridCell:
    return GridCell(report, code_of(report), status_url(office, recommendation))


def code_of(report: StatusReport | None) -> str:
    if report is None:
        return reports.NO_REPORT
    return report.implementation or reports.NOT_STATED


def status_url(office: Office, recommendation: Recommendation) -> str:
    """The page of what the office stated there, now and before."""
    set_key = recommendation.recommendation_set.key
    return reverse("status:detail", args=[office.code, set_key, recommendation.number])
