"""Where offices stand: the only place where status reports are counted.

Counting happens in the database, in a fixed number of queries whatever the number of offices.
Real and sample offices are never in one figure.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Lead
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from offices.models import Office
from offices.narrowing import narrowing
from offices.policies import type_of_person
from portal.figures import percent_of
from recommendations.models import Acceptance, Implementation, Recommendation, RecommendationSet, StatusReport

NOT_STATED = "not_stated"
NO_REPORT = "no_report"

# Where an office can stand, in the order of every picture and table.
STANDINGS = {
    **dict(Implementation.choices),
    NOT_STATED: _("not stated"),
    NO_REPORT: _("no report"),
}

# Fewer others than this, and their figures would tell what one of them said.
FEWEST_OTHERS = 5

OUTSTANDING = ~Q(implementation=Implementation.IMPLEMENTED) & ~Q(
    acceptance__in=[Acceptance.NOT_ACCEPTED, Acceptance.NOT_RELEVANT]
)


@dataclass(frozen=True)
class Selection:
    """Whose statements on which set as at which date.

    `asked` are the offices that were asked about the set, whether or not they ever reported;
    nobody where that is not known.
    """

    recommendation_set: RecommendationSet
    as_at: datetime.date
    sample: bool = False
    group: str | None = None
    region: str | None = None
    asked: QuerySet[Office] = field(default_factory=Office.objects.none)

    def condition(self, to_office: str = "") -> Q:
        sample = f"{to_office}__is_sample" if to_office else "is_sample"
        return Q(**{sample: self.sample}) & narrowing(group=self.group, region=self.region, to_office=to_office)

    @cached_property
    def recommendations(self) -> tuple[Recommendation, ...]:
        return tuple(self.recommendation_set.recommendations.order_by("number"))

    def standing(
        self, recommendations: Collection[Recommendation] | None = None, offices: Collection[Office] | None = None
    ) -> QuerySet[StatusReport]:
        """The reports that stand, of the offices selected; on all recommendations unless told which."""
        items = self.recommendations if recommendations is None else recommendations
        return standing(items, self.as_at, offices).filter(self.condition("office"))

    def offices(self) -> QuerySet[Office]:
        """The base of all figures: the offices asked by the date, and those that reported by then."""
        reported = StatusReport.objects.filter(
            office=OuterRef("pk"), recommendation__in=self.recommendations, as_at__lte=self.as_at
        )
        return Office.objects.filter(self.condition(), Q(pk__in=self.asked.values("pk")) | Exists(reported)).order_by(
            "code"
        )

    def offices_at(self, code: str, recommendation: Recommendation | None = None) -> QuerySet[Office]:
        """Of the offices of the base, those that stand there: whom one figure counts.

        Without a recommendation: those that stand there on any; for `no_report`, those without any.
        """
        reports = self.standing([recommendation] if recommendation else None)
        if code == NO_REPORT:
            return self.offices().exclude(pk__in=reports.values("office"))
        value = "" if code == NOT_STATED else code
        return self.offices().filter(pk__in=reports.filter(implementation=value).values("office"))


@dataclass(frozen=True)
class Share:
    count: int
    percent: int | None  # None: there is nobody to be a share of


@dataclass(frozen=True)
class Line:
    """How many offices stand where on one recommendation; every place is there, zeros included."""

    recommendation: Recommendation
    n: int
    shares: Mapping[str, Share]


@dataclass(frozen=True)
class Standings:
    """Where offices stand on each recommendation of a set; `n` offices are the base of every line."""

    selection: Selection
    n: int
    lines: tuple[Line, ...]

    @property
    def reported(self) -> bool:
        """Whether anybody reported anything."""
        return any(line.shares[NO_REPORT].count < line.n for line in self.lines)


@dataclass(frozen=True)
class GridRow:
    """One office's standing report on each recommendation, None where there is none."""

    office: Office
    cells: tuple[tuple[Recommendation, StatusReport | None], ...]


@dataclass(frozen=True)
class Overdue:
    """A recommendation past its date: how many offices it is outstanding at, of those that reported on it."""

    recommendation: Recommendation
    outstanding: int
    reported: int


def standing(
    recommendations: Collection[Recommendation], as_at: datetime.date, offices: Collection[Office] | None = None
) -> QuerySet[StatusReport]:
    """What stands at a date: what `StatusReport.objects.standing_at` finds, for many offices at once.

    A report stands unless another follows it. Read in the order of the unique constraint, whose
    index alone answers the question: no sort, and no look-up for every row.
    """
    reports = StatusReport.objects.filter(recommendation__in=recommendations, as_at__lte=as_at).order_by()
    if offices is not None:
        reports = reports.filter(office__in=offices)
    followed = Window(Lead("revision"), partition_by=["recommendation", "office"], order_by=["as_at", "revision"])
    last = reports.annotate(next=followed).filter(next=None)
    return StatusReport.objects.filter(pk__in=last.values("pk")).order_by()


def where_offices_stand(
    recommendation_set: RecommendationSet,
    *,
    as_at: datetime.date,
    sample: bool = False,
    group: str | None = None,
    region: str | None = None,
    asked: QuerySet[Office] | None = None,
) -> Standings:
    """Per recommendation of the set, how many offices stand at each of `STANDINGS`: three queries.

    The base is the same on every line: the offices of the selection that are in `asked`, or that
    reported on any recommendation of the set by the date. Who of them has no report on one line is
    counted there under `no_report`; a report with a blank implementation under `not_stated`.
    """
    asked = Office.objects.none() if asked is None else asked
    return count_standings(Selection(recommendation_set, as_at, sample, group, region, asked))


def count_standings(selection: Selection) -> Standings:
    counted = selection.standing().values_list("recommendation_id", "implementation").annotate(n=Count("pk"))
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for recommendation, value, count in counted:
        counts[recommendation][value or NOT_STATED] = count
    n = selection.offices().count()
    return Standings(selection, n, tuple(make_line(item, counts[item.pk], n) for item in selection.recommendations))


def make_line(recommendation: Recommendation, counts: Mapping[str, int], n: int) -> Line:
    whole = {**counts, NO_REPORT: n - sum(counts.values())}
    return Line(recommendation, n, {code: make_share(whole.get(code, 0), n) for code in STANDINGS})


def make_share(count: int, n: int) -> Share:
    return Share(count, percent_of(count, n))


def grid_rows(
    selection: Selection, offices: Collection[Office], recommendations: Collection[Recommendation]
) -> list[GridRow]:
    """A row for each of these offices, usually a page of `selection.offices()`: one query."""
    reports = {
        (report.office_id, report.recommendation_id): report
        for report in selection.standing(recommendations, offices).defer("assessment", "summary")
    }
    return [
        GridRow(office, tuple((item, reports.get((office.pk, item.pk))) for item in recommendations))
        for office in offices
    ]


def overdue(
    *, as_at: datetime.date, sample: bool = False, group: str | None = None, region: str | None = None
) -> list[Overdue]:
    """The recommendations of all sets in force past their date and outstanding at some office: two queries."""
    past = {
        item.pk: item
        for item in Recommendation.objects.filter(due_on__lt=as_at)
        .exclude(recommendation_set__stage=RecommendationSet.Stage.SUPERSEDED)
        .select_related("recommendation_set")
        .order_by("due_on", "recommendation_set__key", "number")
    }
    selected = Q(office__is_sample=sample) & narrowing(group=group, region=region, to_office="office")
    counted = {
        pk: (outstanding, reported)
        for pk, outstanding, reported in standing(past.values(), as_at)
        .filter(selected)
        .values_list("recommendation_id")
        .annotate(outstanding=Count("pk", filter=OUTSTANDING), reported=Count("pk"))
    }
    found = [Overdue(item, *counted.get(pk, (0, 0))) for pk, item in past.items()]
    return [item for item in found if item.outstanding]


# One office beside the others


@dataclass(frozen=True)
class BesideLine:
    """Where one office stands, and all others; `others` is None where too few of them answered."""

    recommendation: Recommendation
    own: StatusReport | None
    others: Line | None


@dataclass(frozen=True)
class Beside:
    office: Office
    lines: tuple[BesideLine, ...]


def beside_others(
    recommendation_set: RecommendationSet, *, as_at: datetime.date, offices: Collection[Office]
) -> list[Beside]:
    """Where each of a person's own offices stands beside all others: three queries.

    Who answers for several offices knows what each of them said: none of them is an "other" to them.
    Others are real for a real office and sample for a sample one; only those that stated an
    implementation are counted, and nothing is told of fewer than `FEWEST_OTHERS`.
    """
    recommendations = tuple(recommendation_set.recommendations.order_by("number"))
    own = {(report.office_id, report.recommendation_id): report for report in standing(recommendations, as_at, offices)}
    others = count_others(recommendations, as_at, offices)
    return [
        Beside(
            office,
            tuple(
                BesideLine(item, own.get((office.pk, item.pk)), others.get((office.is_sample, item.pk)))
                for item in recommendations
            ),
        )
        for office in offices
    ]


def count_others(
    recommendations: Collection[Recommendation], as_at: datetime.date, own: Collection[Office]
) -> dict[tuple[bool, int], Line]:
    """The lines that may be told, by sample or real and recommendation; the others are not there."""
    counts: dict[tuple[bool, int], dict[str, int]] = defaultdict(dict)
    for sample, pk, value, count in (
        standing(recommendations, as_at)
        .exclude(Q(implementation="") | Q(office__in=own))
        .values_list("office__is_sample", "recommendation_id", "implementation")
        .annotate(n=Count("pk"))
    ):
        counts[sample, pk][value] = count
    by_pk = {item.pk: item for item in recommendations}
    return {
        (sample, pk): make_stated_line(by_pk[pk], found)
        for (sample, pk), found in counts.items()
        if sum(found.values()) >= FEWEST_OTHERS
    }


def make_stated_line(recommendation: Recommendation, counts: Mapping[str, int]) -> Line:
    n = sum(counts.values())
    return Line(recommendation, n, {code: make_share(counts.get(code, 0), n) for code in Implementation.values})


# What changed


def latest_reports(
    user: type_of_person, *, sample: bool, group: str | None, region: str | None, most: int
) -> list[StatusReport]:
    """The status reports recorded last, the newest first: one query."""
    selected = Q(office__is_sample=sample) & narrowing(group=group, region=region, to_office="office")
    reports = StatusReport.objects.visible_to(user).filter(selected).defer("assessment", "summary")
    # Reports are only ever appended, so that their keys are in the order of recording.
    return list(reports.select_related("office", "recommendation__recommendation_set").order_by("-pk")[:most])
