"""The figures of a progress report: the only place where they are made.

They follow from status reports and decisions alone, for any two dates, in a fixed number of queries.
Words and rules: docs/figures.md, "A progress report".
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from jiu.models import BUREAU, ISSUER, Endorsement
from jiu.reports.lines import PLACES, Change, Line
from jiu.reports.parts import (
    ADDRESSEES,
    Annex,
    Chart,
    Figure,
    Group,
    OfSet,
    by_addressee,
    by_set,
    count,
    in_words,
    make_chart,
)
from offices.models import Office
from recommendations.models import Recommendation, StatusReport
from recommendations.reports import standing

__all__ = [
    "ADDRESSEES",
    "PLACES",
    "Change",
    "Group",
    "Line",
    "OfSet",
    "ProgressReport",
    "bureau_standing",
    "by_addressee",
    "by_set",
    "count",
    "dates_held",
    "in_words",
    "last_decisions",
    "progress_report",
]


@dataclass(frozen=True)
class ProgressReport:
    """Where all recommendations of the JIU stand at `as_at`, beside where they stood at `since`.

    `lines` are all that the portal holds a report on by then, the newest JIU report first; a progress
    report lists some of them (`listed`). Figures are of the lines held: the portal knows no others.
    """

    as_at: datetime.date
    since: datetime.date
    lines: tuple[Line, ...]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What is counted, with the lines held as the base."""
        wanted = (Group.OUTSTANDING, Group.NEW, Group.CLOSED, Group.LISTED, Group.SILENT, Group.AWAITING)
        return tuple(self.figure(group) for group in wanted)

    def figure(self, group: Group) -> Figure:
        lines = self.of_group(group)
        return Figure(group, by_addressee(lines), self.held, len(lines), len(self.lines))

    @cached_property
    def held(self) -> dict[str, int]:
        return by_addressee(self.lines)

    def of_group(self, group: Group) -> tuple[Line, ...]:
        """The rows behind a figure."""
        return {
            Group.HELD: self.lines,
            Group.OUTSTANDING: self.outstanding,
            Group.NEW: self.new,
            Group.CLOSED: self.closed,
            Group.LISTED: self.listed,
            Group.SILENT: self.silent,
            Group.AWAITING: self.awaiting,
        }[group]

    @property
    def charts(self) -> tuple[Chart, ...]:
        """All, then by addressee."""
        return tuple(make_chart(addressee, self.lines) for addressee in ("", *ADDRESSEES))

    @property
    def annexes(self) -> tuple[Annex, ...]:
        """What is listed, by addressee; what has none comes last, if there is any."""
        annexes = [
            Annex(name, tuple(line for line in self.listed if line.recommendation.addressee == name))
            for name in (*ADDRESSEES, "")
        ]
        return tuple(annex for annex in annexes if annex.addressee or annex.lines)

    @cached_property
    def unaddressed(self) -> tuple[Line, ...]:
        """Lines that no addressee's figure counts; those in all do."""
        return tuple(line for line in self.lines if line.recommendation.addressee not in ADDRESSEES)

    @cached_property
    def listed(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.is_listed)

    @cached_property
    def outstanding(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.is_outstanding)

    @cached_property
    def new(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.is_new)

    @cached_property
    def closed(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.is_closed_in_period)

    @cached_property
    def silent(self) -> tuple[Line, ...]:
        """Listed, and nobody said anything about them since the earlier date."""
        return tuple(line for line in self.listed if not line.update_received)

    @cached_property
    def awaiting(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.awaits_endorsement)

    @cached_property
    def endorsements(self) -> tuple[OfSet, ...]:
        """What the committee is asked to endorse, the newest report first."""
        return by_set(self.awaiting)

    @cached_property
    def new_sets(self) -> tuple[OfSet, ...]:
        """The JIU reports with something new."""
        return by_set(self.new)

    @cached_property
    def active_reports(self) -> tuple[OfSet, ...]:
        """The JIU reports with something outstanding, and what of it."""
        return by_set(self.outstanding)

    def as_json(self) -> dict[str, Any]:
        """The contract of `progress_report --format json`."""
        return {
            "as_at": self.as_at.isoformat(),
            "since": self.since.isoformat(),
            "outstanding": by_addressee(self.outstanding),
            "new": by_addressee(self.new) | {"reports": len(self.new_sets)},
            "closed": by_addressee(self.closed),
            "endorsements": [
                {"set": found.set.key, "symbol": found.set.symbol, "numbers": found.numbers}
                for found in self.endorsements
            ],
            "active_reports": [
                {"symbol": found.set.symbol, "title": found.set.title} | found.counts for found in self.active_reports
            ],
            "recommendations": [line.as_json() for line in self.listed],
        }


def progress_report(*, as_at: datetime.date, since: datetime.date) -> ProgressReport:
    """The figures for a pair of dates; `since` must be before `as_at`."""
    if since >= as_at:
        raise ValueError("since must be before as_at")
    previous = {report.recommendation_id: report for report in bureau_standing(since)}
    decisions = last_decisions(as_at)
    current = bureau_standing(as_at).select_related("recommendation__recommendation_set")
    current = current.prefetch_related("responsible_officers").annotate(is_interrupted=Exists(between(since)))
    lines = [
        Line(
            recommendation=report.recommendation,
            current=report,
            previous=previous.get(report.recommendation_id),
            officers=tuple(report.responsible_officers.all()),
            decision=decisions.get(report.recommendation_id),
            as_at=as_at,
            since=since,
            is_interrupted=report.is_interrupted,
        )
        for report in current
    ]
    return ProgressReport(as_at, since, tuple(sorted(lines, key=newest_first)))


def newest_first(line: Line) -> tuple[Any, ...]:
    """The newest JIU report first, its recommendations in the order of their numbers."""
    of_set = line.recommendation.recommendation_set
    year, number = of_set.place_in_time
    return (-year, -number, of_set.key, line.recommendation.number)


def bureau_standing(date: datetime.date) -> QuerySet[StatusReport]:
    """What the International Bureau's reports on the sets of the JIU say at a date."""
    recommendations = Recommendation.objects.filter(recommendation_set__issuer=ISSUER)
    return standing(recommendations, date, Office.objects.filter(code=BUREAU, is_sample=False))


def dates_held() -> list[datetime.date]:
    """The dates as at which the International Bureau stated anything, the latest first: one query."""
    reports = StatusReport.objects.filter(
        office__code=BUREAU, office__is_sample=False, recommendation__recommendation_set__issuer=ISSUER
    )
    return list(reports.order_by("-as_at").values_list("as_at", flat=True).distinct())


def between(since: datetime.date) -> QuerySet[StatusReport]:
    return StatusReport.objects.filter(
        recommendation=OuterRef("recommendation"),
        office=OuterRef("office"),
        as_at__gt=since,
        as_at__lt=OuterRef("as_at"),
    )


def last_decisions(date: datetime.date, recommendations: Iterable[int] | None = None) -> dict[int, Endorsement]:
    """By recommendation, the committee's last decision by a date."""
    decisions = Endorsement.objects.filter(decided_on__lte=date).order_by("decided_on")
    if recommendations is not None:
        decisions = decisions.filter(recommendation__in=recommendations)
    return {decision.recommendation_id: decision for decision in decisions}
