"""What the lists of the JIU's work show: its recommendations, its reviews, and how timely it was answered.

Read-only, in a fixed number of queries whatever the number of rows.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db.models import (
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
)
from django.db.models.functions import ExtractYear
from django.utils import timezone

from jiu import policies
from jiu.models import BUREAU, ISSUER, Endorsement, Questionnaire, Review
from jiu.reports import last_decisions
from offices.models import Office
from offices.policies import type_of_person
from recommendations.followups import Decision
from recommendations.models import Officer, Recommendation, RecommendationSet, StatusReport
from recommendations.reports import standing

# The catalogue


@dataclass(frozen=True)
class Readable:
    """Of which recommendations a person may read the Bureau's status, and what stands of it today."""

    user: type_of_person
    today: datetime.date
    recommendations: QuerySet[Recommendation]

    def reports(self, recommendations: QuerySet[Recommendation] | None = None) -> QuerySet[StatusReport]:
        """What stands, of some of these recommendations or of all."""
        within = self.recommendations if recommendations is None else recommendations
        stands = standing(within, self.today, Office.objects.filter(code=BUREAU))
        return StatusReport.objects.visible_to(self.user).filter(pk__in=stands.values("pk"))

    def officers(self) -> QuerySet[Officer]:
        """The posts that what stands names."""
        return Officer.objects.filter(status_reports__in=self.reports()).distinct()


def readable_by(user: type_of_person, today: datetime.date) -> Readable | None:
    """All for those who may read the progress, their posts' own for focal points; None for everybody else."""
    if policies.may_read_progress(user):
        return Readable(user, today, recommendations_of_jiu())
    own = policies.of_own_posts(user)
    return Readable(user, today, own) if own.exists() else None


@dataclass(frozen=True)
class Row:
    """One recommendation, with what stands of it where that may be read."""

    recommendation: Recommendation
    today: datetime.date
    is_readable: bool = False
    report: StatusReport | None = None
    decision: Endorsement | None = None  # the last one

    @property
    def is_overdue(self) -> bool:
        due_on = self.recommendation.due_on
        return self.is_outstanding and due_on is not None and due_on < self.today

    @property
    def is_outstanding(self) -> bool:
        return self.report is not None and self.report.is_outstanding

    @property
    def age(self) -> int | None:
        """Full years since its set was issued, where no date is named and it is not known to be closed."""
        if self.recommendation.due_on or (self.report and not self.report.is_outstanding):
            return None
        of_set = self.recommendation.recommendation_set
        return years_since(of_set.issued_on or str(of_set.year or ""), self.today)


def years_since(date: str, today: datetime.date) -> int | None:
    """Full years since a date of which maybe only the year, or year and month, is known; None if nothing is."""
    if not date:
        return None
    year, *rest = (int(part) for part in date.split("-"))
    is_still_to_come = [today.month, today.day][: len(rest)] < rest
    return max(today.year - year - is_still_to_come, 0)


def recommendations_of_jiu() -> QuerySet[Recommendation]:
    return Recommendation.objects.filter(recommendation_set__issuer=ISSUER)


def sets_of_jiu() -> list[RecommendationSet]:
    """The reports of the JIU, the newest first."""
    found = RecommendationSet.objects.filter(issuer=ISSUER)
    return sorted(found, key=lambda item: (*(-part for part in item.place_in_time), item.key))


def places(found: QuerySet[Recommendation], sets: Sequence[RecommendationSet], *, oldest_first: bool) -> list[int]:
    """The primary keys of recommendations in the order of the list.

    By report, the newest first; or what was due first, then what was issued first.
    """
    order = {item.pk: place for place, item in enumerate(sets)}
    rows = [
        (due_on or datetime.date.max, -order[of_set], number, pk)
        if oldest_first
        else (datetime.date.max, order[of_set], number, pk)
        for pk, of_set, number, due_on in found.values_list("pk", "recommendation_set_id", "number", "due_on")
        if of_set in order  # a report that was added in between
    ]
    return [pk for *_place, pk in sorted(rows)]


def make_rows(
    keys: Sequence[int], sets: Iterable[RecommendationSet], readable: Readable | None, today: datetime.date
) -> list[Row]:
    """A page of the catalogue: five queries, one where no status may be read."""
    by_set = {item.pk: item for item in sets}
    found = Recommendation.objects.in_bulk(keys)
    items = [found[pk] for pk in keys if pk in found]
    for item in items:
        item.recommendation_set = by_set[item.recommendation_set_id]
    if readable is None:
        return [Row(item, today) for item in items]
    own = readable.recommendations.filter(pk__in=keys)
    readable_keys = set(own.values_list("pk", flat=True))
    told = readable.reports(Recommendation.objects.filter(pk__in=readable_keys))
    reports = {report.recommendation_id: report for report in told.prefetch_related("responsible_officers")}
    decisions = last_decisions(today, readable_keys)
    return [Row(item, today, item.pk in readable_keys, reports.get(item.pk), decisions.get(item.pk)) for item in items]


def decisions_on(recommendation: Recommendation) -> list[Decision]:
    """All that the committee decided on a recommendation, in words, the latest first."""
    decisions = Endorsement.objects.filter(recommendation=recommendation).order_by("-decided_on")
    return [Decision(item.decided_on, item.get_decision_display(), item.document) for item in decisions]


# Reviews


@dataclass(frozen=True)
class ProgrammeOfWork:
    """The reviews of one programme of work, by reference; the year is None where none is named."""

    year: int | None
    reviews: tuple[Review, ...]


@dataclass(frozen=True)
class Stage:
    """The reviews at one stage, those of the latest programme of work first."""

    code: str
    label: str
    programmes: tuple[ProgrammeOfWork, ...]

    @property
    def count(self) -> int:
        return sum(len(programme.reviews) for programme in self.programmes)


def pipeline() -> tuple[Stage, ...]:
    """Every stage with its reviews, empty ones included: one query."""
    reviews: dict[str, list[Review]] = {code: [] for code in Review.Stage.values}
    ordered = Review.objects.order_by(F("programme_of_work").desc(nulls_last=True), "reference", "title")
    for review in ordered:
        reviews[review.stage].append(review)
    return tuple(Stage(code, str(Review.Stage(code).label), by_programme(found)) for code, found in reviews.items())


def by_programme(reviews: Iterable[Review]) -> tuple[ProgrammeOfWork, ...]:
    grouped = groupby(reviews, key=lambda review: review.programme_of_work)
    return tuple(ProgrammeOfWork(year, tuple(found)) for year, found in grouped)


# Timeliness


@dataclass(frozen=True)
class TimelinessLine:
    """The questionnaires due in one year, the base of all else here; without a year, those without a date.

    Days are counted from the date on which an answer was due, early ones below zero; None where
    nothing that had a date was answered.
    """

    year: int | None
    due: int
    answered: int
    on_time: int | None
    late: int | None
    overdue: int  # not answered, and past the date
    earliest: int | None = None
    latest: int | None = None
    days: int = 0  # of all that was answered, together

    @property
    def not_answered(self) -> int:
        return self.due - self.answered

    @property
    def mean(self) -> Decimal | None:
        """Days to one decimal, from whole numbers, rounded half up: 0.25 is 0.3, and -0.25 is -0.2."""
        if self.earliest is None:
            return None
        return Decimal((20 * self.days + self.answered) // (2 * self.answered)) / 10


@dataclass(frozen=True)
class Timeliness:
    """How timely questionnaires were answered: the latest year first; `total` is of all that had a date."""

    as_at: datetime.date
    lines: tuple[TimelinessLine, ...]
    undated: TimelinessLine | None

    @property
    def total(self) -> TimelinessLine:
        return add_up(self.lines)


def timeliness(as_at: datetime.date | None = None) -> Timeliness:
    """Per year in which answers were due: one query.

    With a date, as things stood then: what was due later and not answered by then does not count.
    """
    day = as_at or timezone.localdate()
    answered = Q(answered_on__lte=as_at) if as_at else Q(answered_on__isnull=False)
    asked = Questionnaire.objects.all()
    if as_at:
        asked = asked.filter(Q(due_on__lte=as_at) | Q(due_on=None) | answered)
    delay = ExpressionWrapper(F("answered_on") - F("due_on"), output_field=DurationField())
    counted = (
        asked.order_by()
        .annotate(year=ExtractYear("due_on"), delay=delay)
        .values("year")
        .annotate(
            due=Count("pk"),
            answered=Count("pk", filter=answered),
            on_time=Count("pk", filter=answered & Q(answered_on__lte=F("due_on"))),
            late=Count("pk", filter=answered & Q(answered_on__gt=F("due_on"))),
            overdue=Count("pk", filter=Q(due_on__lt=day)) - Count("pk", filter=answered & Q(due_on__lt=day)),
            earliest=Min("delay", filter=answered),
            latest=Max("delay", filter=answered),
            days=Sum("delay", filter=answered),
        )
        .order_by("-year")
    )
    lines = {line.year: line for line in map(make_line, counted)}
    undated = lines.pop(None, None)
    return Timeliness(day, tuple(lines.values()), undated)


def make_line(counted: Mapping[str, Any]) -> TimelinessLine:
    has_date = counted["year"] is not None
    return TimelinessLine(
        counted["year"],
        counted["due"],
        counted["answered"],
        # What had no date was neither early nor late.
        on_time=counted["on_time"] if has_date else None,
        late=counted["late"] if has_date else None,
        overdue=counted["overdue"],
        **{name: counted[name].days for name in ("earliest", "latest", "days") if counted[name] is not None},
    )


def add_up(lines: Sequence[TimelinessLine]) -> TimelinessLine:
    def total(name: str) -> int:
        return sum(getattr(line, name) or 0 for line in lines)

    ends = [end for line in lines for end in (line.earliest, line.latest) if end is not None]
    return TimelinessLine(
        None,
        **{name: total(name) for name in ("due", "answered", "on_time", "late", "overdue", "days")},
        earliest=min(ends, default=None),
        latest=max(ends, default=None),
    )
