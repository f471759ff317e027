"""Where offices stand: the only place where status reports are counted.

Counting happens in the database, in a fixed number of queries whatever the number of offices.
Real and sample offices are never in one figure.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Count, Exists, Func, Model, OuterRef, Q, QuerySet, Window
from django.db.models.expressions import RawSQL
from django.db.models.functions import Lead
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from offices.models import Office
from offices.narrowing import FEWEST_OTHERS, Narrowing
from offices.policies import type_of_person
from portal.figures import percent_of
from recommendations.models import OUTSTANDING, Implementation, Recommendation, RecommendationSet, StatusReport

T = TypeVar("T", bound=Model)

NOT_STATED = "not_stated"
NO_REPORT = "no_report"

# Where an office can stand, in the order of every picture and table.
STANDINGS = {
    **dict(Implementation.choices),
    NOT_STATED: _("not stated"),
    NO_REPORT: _("no report"),
}


@dataclass(frozen=True)
class Selection:
    """Whose statements on which set as at which date.

    `asked` are the offices that were asked about the set, whether or not they ever reported;
    nobody where that is not known.
    """

    recommendation_set: RecommendationSet
    as_at: datetime.date
    sample: bool = False
    narrowing: Narrowing = field(default_factory=Narrowing)
    asked: QuerySet[Office] = field(default_factory=Office.objects.none)

    def condition(self, to_office: str = "") -> Q:
        sample = f"{to_office}__is_sample" if to_office else "is_sample"
        return Q(**{sample: self.sample}) & self.narrowing.condition(to_office)

    @cached_property
    def recommendations(self) -> tuple[Recommendation, ...]:
        return tuple(self.recommendation_set.recommendations.order_by("number"))

    def standing(
        self, recommendations: Collection[Recommendation] | None = None, offices: Collection[Office] | None = None
    ) -> QuerySet[StatusReport]:
        """The reports that stand, of the offices selected; on all recommendations unless told which."""
        items = self.recommendation_set.recommendations.all() if recommendations is None else recommendations
        return standing(items, self.as_at, self.chosen if offices is None else among(self.chosen, offices))

    @property
    def pairs(self) -> Pairs:
        return make_pairs(self.recommendation_set.recommendations.all(), self.chosen, self.as_at)

    @property
    def chosen(self) -> QuerySet[Office]:
        """The offices of the selection, whether or not they were asked or reported."""
        return Office.objects.filter(self.condition())

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
    recommendations: Collection[Recommendation] | QuerySet[Recommendation],
    as_at: datetime.date,
    offices: Collection[Office] | QuerySet[Office] | None = None,
) -> QuerySet[StatusReport]:
    """What stands at a date: what `StatusReport.objects.standing_at` finds, for many at once.

    Of which offices should be said wherever it is known: each pair of a recommendation and an office
    then takes one look into an index, instead of a walk over all that was ever stated.
    """
    if offices is None:
        return last_of_each(recommendations, as_at)
    try:
        keys = RawSQL(*make_pairs(recommendations, offices, as_at).select("{last}", of="id"))  # noqa: S611 - no values
    except EmptyResultSet:
        return StatusReport.objects.none()
    return StatusReport.objects.filter(OneOf("pk", keys)).order_by()


@dataclass(frozen=True)
class Pairs:
    """Each of some recommendations with each of some offices, and what stands there at a date.

    In SQL, since the ORM joins only what a foreign key connects. The index of the unique constraint
    is read backwards, from the date: one entry a pair. Both raise EmptyResultSet if there are no pairs.
    """

    items: QuerySet[Recommendation]
    offices: QuerySet[Office]
    as_at: datetime.date

    LAST = """(
        SELECT report.{of} FROM recommendations_statusreport report
        WHERE report.recommendation_id = item.id AND report.office_id = office.id AND report.as_at <= %s
        ORDER BY report.as_at DESC, report.revision DESC LIMIT 1
    )"""

    def select(self, columns: str, *, of: str) -> tuple[str, tuple[Any, ...]]:
        """A statement and its parameters; `{last}` in the columns is that column of the report, null without one."""
        items, item_params = self.items.order_by().values("id").query.sql_with_params()
        offices, office_params = self.offices.order_by().values("id").query.sql_with_params()
        columns = columns.format(last=self.LAST.format(of=of))
        sql = f"SELECT {columns} FROM ({items}) item CROSS JOIN ({offices}) office"  # noqa: S608 - no values
        return sql, (self.as_at, *item_params, *office_params)


def make_pairs(
    recommendations: Collection[Recommendation] | QuerySet[Recommendation],
    offices: Collection[Office] | QuerySet[Office],
    as_at: datetime.date,
) -> Pairs:
    """Without the offices that never reported anything. They are found once, which DISTINCT sees to on SQLite."""
    reporting = Office.objects.filter(Exists(StatusReport.objects.filter(office=OuterRef("pk")))).distinct()
    return Pairs(among(Recommendation.objects.all(), recommendations), among(reporting, offices), as_at)


def among(rows: QuerySet[T], chosen: Collection[T] | QuerySet[T]) -> QuerySet[T]:
    return rows.filter(pk__in=chosen if isinstance(chosen, QuerySet) else [item.pk for item in chosen])


class OneOf(Func):
    """Whether a column is among what a subquery finds.

    PostgreSQL would run the subquery of an IN several times, and read the whole table to compare.
    """

    template = "%(expressions)s"
    arg_joiner = " IN "
    output_field = BooleanField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s)", arg_joiner=" = ANY(ARRAY", **extra)


def last_of_each(
    recommendations: Collection[Recommendation] | QuerySet[Recommendation], as_at: datetime.date
) -> QuerySet[StatusReport]:
    """What stands of whichever office: a report stands unless another follows it.

    Read in the order of the unique constraint, whose index alone answers the question: no sort, and
    no look-up for every row.
    """
    reports = StatusReport.objects.filter(recommendation__in=recommendations, as_at__lte=as_at).order_by()
    followed = Window(Lead("revision"), partition_by=["recommendation", "office"], order_by=["as_at", "revision"])
    last = reports.annotate(next=followed).filter(next=None)
    return StatusReport.objects.filter(pk__in=last.values("pk")).order_by()


def count_standings(selection: Selection) -> Standings:
    """Per recommendation of the set, how many offices stand at each of `STANDINGS`: three queries.

    The base is the same on every line: the offices of the selection that were asked, or that
    reported on any recommendation of the set by the date. Who of them has no report on one line is
    counted there under `no_report`; a report with a blank implementation under `not_stated`.
    """
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for recommendation, value, count in count_reports(selection):
        counts[recommendation][value or NOT_STATED] = count
    n = selection.offices().count()
    return Standings(selection, n, tuple(make_line(item, counts[item.pk], n) for item in selection.recommendations))


def count_reports(selection: Selection) -> list[tuple[int, str, int]]:
    """How many of the reports that stand say what, per recommendation: its key, the implementation, the count.

    PostgreSQL counts what it finds at once. SQLite is quicker to find the keys first, which its index holds.
    """
    if connection.vendor != "postgresql":
        said = selection.standing().values_list("recommendation_id", "implementation")
        return list(said.annotate(n=Count("pk")))
    sql, params = selection.pairs.select("item.id, {last}, COUNT(*)", of="implementation")
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} GROUP BY 1, 2", params)
        return [(item, value, n) for item, value, n in cursor.fetchall() if value is not None]


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


def overdue(*, as_at: datetime.date, sample: bool = False, narrowing: Narrowing | None = None) -> list[Overdue]:
    """The recommendations of all sets in force past their date and outstanding at some office: two queries."""
    past = {
        item.pk: item
        for item in Recommendation.objects.filter(due_on__lt=as_at)
        .exclude(recommendation_set__stage=RecommendationSet.Stage.SUPERSEDED)
        .select_related("recommendation_set")
        .order_by("due_on", "recommendation_set__key", "number")
    }
    selected = Q(office__is_sample=sample) & (narrowing or Narrowing()).condition("office")
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


def latest_reports(user: type_of_person, *, sample: bool, narrowing: Narrowing, most: int) -> list[StatusReport]:
    """The status reports recorded last, the newest first: one query."""
    selected = Q(office__is_sample=sample) & narrowing.condition("office")
    reports = StatusReport.objects.visible_to(user).filter(selected).defer("assessment", "summary")
    # Reports are only ever appended, so that their keys are in the order of recording.
    return list(reports.select_related("office", "recommendation__recommendation_set").order_by("-pk")[:most])
