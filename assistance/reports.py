"""What requests and activities add up to: the only place where they are counted.

Counting happens in the database, in a fixed number of queries whatever the number of requests.
Real and sample offices are never in one figure. Who reads everything gets `all_figures`. Office
staff get `shared_figures`, which count what is completed and nothing else: a request that is open
enters no number of theirs, so that none can tell of it.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import (
    CharField,
    Count,
    Exists,
    Expression,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    Window,
)
from django.db.models.functions import ExtractYear, RowNumber
from django.utils.translation import gettext_lazy as _

from assistance.models import Activity, Programme, Request, RequestStep, Status
from offices.models import GroupMember, Office, OfficeGroup, Region
from offices.narrowing import FEWEST_OTHERS, Narrowing
from portal.figures import percent_of

NO_STEP = "no_step"

# Years without anything have their line up to a span that an institution lives through.
MOST_YEARS = 100

# The columns, in the order of every table.
DEMAND = {
    "requests": _("Requests"),
    "offices": _("Offices that asked"),
    **dict(Status.choices),
    NO_STEP: _("no step recorded"),
}
DELIVERY = {
    "activities": _("Activities"),
    "participants": _("Participants"),
    "participants_stated": _("Activities that state participants"),
    "outcomes": _("Activities with an outcome"),
    "outcomes_percent": _("With an outcome (%)"),
    "days_n": _("Requests with an activity"),
    "days_smallest": _("Days to the first activity: smallest"),
    "days_median": _("Days to the first activity: median"),
    "days_largest": _("Days to the first activity: largest"),
}
SHARED = {
    "completed": _("Completed requests"),
    **{code: label for code, label in DELIVERY.items() if code not in {"days_smallest", "days_largest"}},
}

type_of_cells = Mapping[str, int | None]


@dataclass(frozen=True)
class Line:
    """The figures of one programme, region, group or year, by column; None is unknown or of nobody.

    What is in `withheld` is None too: it would tell of single offices.
    """

    key: str
    label: str
    cells: type_of_cells
    withheld: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Table:
    by: str
    title: str
    name: str  # of what a line is
    lines: tuple[Line, ...]
    # Whether each request is in exactly one line.
    adds_up: bool = True

    @property
    def tells_nothing(self) -> bool:
        """Whether every figure is withheld."""
        return all(len(line.withheld) == len(line.cells) for line in self.lines)


@dataclass(frozen=True)
class Part:
    """Columns that are shown together."""

    title: str
    columns: Mapping[str, object]


@dataclass(frozen=True)
class Reach:
    """How many offices could be reached, and which of them never had an activity, by code."""

    base: int
    not_reached: tuple[Office, ...]

    @property
    def reached(self) -> int:
        return self.base - len(self.not_reached)

    @property
    def percent(self) -> int | None:
        return percent_of(self.reached, self.base)


@dataclass(frozen=True)
class Selection:
    """Whose requests, and of which year: that of the first step."""

    sample: bool = False
    narrowing: Narrowing = field(default_factory=Narrowing)
    year: int | None = None

    def condition(self, to_office: str = "") -> Q:
        sample = f"{to_office}__is_sample" if to_office else "is_sample"
        return Q(**{sample: self.sample}) & self.narrowing.condition(to_office)

    def requests(self) -> QuerySet[Request]:
        found = Request.objects.filter(self.condition("office")).order_by()
        if self.year is None:
            return found
        return found.annotate(first_year=ExtractYear(first_step("pk"))).filter(first_year=self.year)


@dataclass(frozen=True)
class Figures:
    """All tables, the first of which has one line: everything together. `reach` is not for office staff."""

    selection: Selection
    scope: str  # "all", or "completed_by_others"
    parts: tuple[Part, ...]
    tables: tuple[Table, ...]
    reach: Reach | None = None

    @property
    def columns(self) -> dict[str, str]:
        return {code: str(label) for part in self.parts for code, label in part.columns.items()}

    @property
    def total(self) -> Line:
        return self.tables[0].lines[0]

    def as_json(self) -> dict[str, Any]:
        return {
            "scope": self.scope,
            "is_sample": self.selection.sample,
            "filters": {**self.selection.narrowing.as_json(), "year": self.selection.year},
            "columns": list(self.columns),
            "tables": [
                {"by": table.by, "lines": [line_as_json(line) for line in table.lines]} for table in self.tables
            ],
            "offices": self.reach and reach_as_json(self.reach),
        }

    def rows(self) -> Iterator[tuple[str, str, str, str, int | None, int]]:
        """One row a cell, as CSV has it: by, key, label, column, value, and 1 where it is withheld."""
        for table in self.tables:
            for line in table.lines:
                for code in self.columns:
                    yield table.by, line.key, line.label, code, line.cells[code], int(code in line.withheld)
        if self.reach:
            yield "offices", "", "", "base", self.reach.base, 0
            yield "offices", "", "", "reached", self.reach.reached, 0
            for office in self.reach.not_reached:
                yield "not_reached", office.code, office.name, "activities", 0, 0


CSV_COLUMNS = ["by", "key", "label", "column", "value", "withheld"]


def line_as_json(line: Line) -> dict[str, Any]:
    return {"key": line.key, "label": line.label, "cells": dict(line.cells), "withheld": sorted(line.withheld)}


def reach_as_json(reach: Reach) -> dict[str, Any]:
    return {"base": reach.base, "reached": reach.reached, "not_reached": [office.code for office in reach.not_reached]}


# By what is counted


@dataclass(frozen=True)
class Dimension:
    """What the lines of a table are. `line` gives, from the path to a request, the expression of a line's key."""

    by: str
    # Lazy texts: translated when a table is made.
    title: object
    name: object
    line: Callable[[str], Expression | F]
    adds_up: bool = True


def first_step(to_request: str) -> Subquery:
    """The day of the first step of the request at this path."""
    return Subquery(RequestStep.objects.filter(request=OuterRef(to_request)).order_by("date").values("date")[:1])


def first_activity(to_request: str) -> Subquery:
    return Subquery(Activity.objects.filter(request=OuterRef(to_request)).order_by("date").values("date")[:1])


TOTAL = Dimension("total", _("All together"), _("All"), lambda to_request: Value("", CharField()))
PROGRAMME = Dimension(
    "programme", _("By programme"), _("Programme"), lambda to_request: F(f"{to_request}programme__number")
)
REGION = Dimension("region", _("By region"), _("Region"), lambda to_request: F(f"{to_request}office__region"))
GROUP = Dimension(
    "group", _("By group"), _("Group"), lambda to_request: F(f"{to_request}office__groups__key"), adds_up=False
)
YEAR = Dimension(
    "year", _("By year of the first step"), _("Year"), lambda to_request: ExtractYear(first_step(f"{to_request}pk"))
)


def key_of(value: object) -> str:
    """A line's key as files have it; blank where there is none."""
    return "" if value is None else str(value)


# Counting: each returns the cells of every line that has any


type_of_counts = dict[str, dict[str, Any]]


def count_demand(requests: QuerySet[Request], dimension: Dimension) -> type_of_counts:
    """Requests by status, and the offices behind them: two queries."""
    by_line = requests.annotate(line=dimension.line(""))
    found: type_of_counts = defaultdict(dict)
    for value, offices in by_line.values_list("line").annotate(n=Count("office", distinct=True)):
        found[key_of(value)]["offices"] = offices
    # Of a request without a step the status is None.
    standing = Request.objects.with_status().filter(pk__in=requests.values("pk")).order_by()
    for value, status, count in (
        standing.annotate(line=dimension.line("")).values_list("line", "status").annotate(n=Count("pk"))
    ):
        found[key_of(value)][status or NO_STEP] = count
    return found


def count_delivery(requests: QuerySet[Request], dimension: Dimension) -> type_of_counts:
    """Activities of these requests, and the offices behind each of their figures: one query."""
    stated, told = Q(participants__isnull=False), ~Q(outcome="")
    counted = (
        Activity.objects.filter(request__in=requests.values("pk"))
        .order_by()
        .annotate(line=dimension.line("request__"))
        .values("line")
        .annotate(
            activities=Count("pk"),
            participants_sum=Sum("participants"),
            participants_stated=Count("pk", filter=stated),
            outcomes=Count("pk", filter=told),
            receiving=Count("request__office", distinct=True),
            stating=Count("request__office", distinct=True, filter=stated),
            telling=Count("request__office", distinct=True, filter=told),
        )
    )
    return {key_of(cells["line"]): dict(cells) for cells in counted}


def count_days(requests: QuerySet[Request], dimension: Dimension) -> type_of_counts:
    """Days from the first step to the first activity: one query, at most four rows a line.

    These are the first, the last, and the one or two in the middle, each with its place and the number of all.
    """
    days = first_activity("pk") - first_step("pk")
    timed = Request.objects.filter(pk__in=requests.values("pk")).order_by().annotate(line=dimension.line(""), days=days)
    same_line: dict[str, Any] = {"partition_by": [F("line")]}
    placed = timed.filter(days__isnull=False).annotate(
        place=Window(RowNumber(), order_by=["days"], **same_line), n=Window(Count("pk"), **same_line)
    )
    in_the_middle = Q(n__lte=2 * F("place"), n__gte=2 * F("place") - 2)
    telling = placed.filter(Q(place=1) | Q(place=F("n")) | in_the_middle).values_list("line", "place", "n", "days")
    rows: dict[str, list[tuple[int, int, datetime.timedelta]]] = defaultdict(list)
    for line, *row in telling:
        rows[key_of(line)].append((row[0], row[1], row[2]))
    return {key: days_cells(sorted(found)) for key, found in rows.items()}


def days_cells(rows: list[tuple[int, int, datetime.timedelta]]) -> dict[str, int]:
    """The cells of one line, from its rows of place, number of all and days, in the order of places."""
    middle = [days.days for place, n, days in rows if n <= 2 * place <= n + 2]
    return {
        "days_n": rows[0][1],
        "days_smallest": rows[0][2].days,
        "days_median": median_of(middle[0], middle[-1]),
        "days_largest": rows[-1][2].days,
    }


def median_of(low: int, high: int) -> int:
    """The middle of the two in whole days, rounded half up: of 12 and 13 it is 13."""
    return (low + high + 1) // 2


# The lines of a table, those without a request included


type_of_names = list[tuple[str, str]]


def programme_names() -> type_of_names:
    return [
        (str(number), title) for number, title in Programme.objects.order_by("number").values_list("number", "title")
    ]


def region_names() -> type_of_names:
    return [*((code, str(label)) for code, label in Region.choices), ("", str(_("no region")))]


def group_names(sample: bool) -> type_of_names:
    """The groups with a member of this kind."""
    members = GroupMember.objects.filter(group=OuterRef("pk"), office__is_sample=sample)
    return list(OfficeGroup.objects.filter(Exists(members)).order_by("title", "key").values_list("key", "title"))


def year_names(keys: Iterable[str]) -> type_of_names:
    """Every year from the first to the last, then the requests without a step; of a wild span those that occur."""
    years = sorted(int(key) for key in keys if key)
    spans = years and years[-1] - years[0] <= MOST_YEARS
    every = range(years[0], years[-1] + 1) if spans else years
    return [*((str(year), str(year)) for year in every), ("", str(_("no step recorded")))]


# For those who read everything


def all_figures(selection: Selection) -> Figures:
    """Every figure of the selection: 21 queries."""
    requests = selection.requests()
    counts = {dimension.by: count_all(requests, dimension) for dimension in (PROGRAMME, REGION, GROUP, YEAR)}
    total = {**summed(counts[REGION.by].values()), **count_days(requests, TOTAL).get("", {})}
    names = {
        PROGRAMME: programme_names(),
        REGION: region_names(),
        GROUP: group_names(selection.sample),
        YEAR: year_names(counts[YEAR.by]),
    }
    tables = [make_table(TOTAL, [("", str(TOTAL.title))], {"": total})]
    tables += [make_table(dimension, lines, counts[dimension.by]) for dimension, lines in names.items()]
    parts = (Part(str(_("Requests")), DEMAND), Part(str(_("Delivery")), DELIVERY))
    return Figures(selection, "all", parts, tuple(tables), count_reach(selection))


def count_all(requests: QuerySet[Request], dimension: Dimension) -> type_of_counts:
    """Every column by line: four queries."""
    found: type_of_counts = defaultdict(dict)
    for count in (count_demand, count_delivery, count_days):
        for key, cells in count(requests, dimension).items():
            found[key] |= cells
    return found


ADDITIVE = ["offices", *Status.values, NO_STEP, "activities", "participants_sum", "participants_stated", "outcomes"]


def summed(lines: Iterable[Mapping[str, int | None]]) -> dict[str, int]:
    """All regions together: an office is in exactly one, so that even offices can be added."""
    every = list(lines)
    return {code: sum(cells.get(code) or 0 for cells in every) for code in ADDITIVE}


def make_table(dimension: Dimension, names: type_of_names, counts: type_of_counts) -> Table:
    lines = tuple(Line(key, label, all_cells(counts.get(key, {}))) for key, label in names)
    return Table(dimension.by, str(dimension.title), str(dimension.name), lines, dimension.adds_up)


def all_cells(counts: Mapping[str, Any]) -> type_of_cells:
    statuses = {code: counts.get(code, 0) for code in (*Status.values, NO_STEP)}
    return {
        "requests": sum(statuses.values()),
        "offices": counts.get("offices", 0),
        **statuses,
        **delivery_cells(counts),
    }


def delivery_cells(counts: Mapping[str, Any]) -> dict[str, int | None]:
    """Participants are unknown, not 0, where there are activities and none states them."""
    activities, stated = counts.get("activities", 0), counts.get("participants_stated", 0)
    outcomes = counts.get("outcomes", 0)
    return {
        "activities": activities,
        "participants": None if activities and not stated else counts.get("participants_sum") or 0,
        "participants_stated": stated,
        "outcomes": outcomes,
        "outcomes_percent": percent_of(outcomes, activities),
        "days_n": counts.get("days_n", 0),
        "days_smallest": counts.get("days_smallest"),
        "days_median": counts.get("days_median"),
        "days_largest": counts.get("days_largest"),
    }


def count_reach(selection: Selection) -> Reach:
    """The offices that could ask, in whatever year, and those without any activity: two queries.

    International organizations count only where they asked: WIPO's own bureau gives this help.
    """
    asked = Exists(Request.objects.filter(office=OuterRef("pk")))
    could_ask = Q(asked) | ~Q(kind=Office.Kind.INTERNATIONAL)
    base = Office.objects.filter(selection.condition(), could_ask)
    received = Exists(Activity.objects.filter(request__office=OuterRef("pk")))
    return Reach(base.count(), tuple(base.exclude(received).order_by("code")))


# For office staff


# The count of offices that stands behind each column.
BEHIND = {
    "completed": "offices",
    "activities": "receiving",
    "participants": "stating",
    "participants_stated": "stating",
    "outcomes": "telling",
    "outcomes_percent": "telling",
    "days_n": "receiving",
    "days_median": "receiving",
}


def shared_figures(*, sample: bool, own: Collection[int]) -> Figures:
    """What offices other than these had completed, by programme and by region: 13 queries.

    There is nothing to filter by, since two selections that differ by one office would tell of it.
    Real and sample requests are told apart; the offices `own` are given by their primary keys.
    """
    selection = Selection(sample=sample)
    completed = Request.objects.with_status().filter(Q(status=Status.COMPLETED)).exclude(office__in=own)
    requests = completed.filter(selection.condition("office")).order_by()
    tables = [
        shared_table(TOTAL, [("", str(TOTAL.title))], requests),
        shared_table(PROGRAMME, programme_names(), requests),
        shared_table(REGION, region_names(), requests),
    ]
    return Figures(selection, "completed_by_others", (Part(str(_("Completed")), SHARED),), tuple(tables))


def shared_table(dimension: Dimension, names: type_of_names, requests: QuerySet[Request]) -> Table:
    counts = count_all(requests, dimension)
    hidden = {kind: too_few({key: counts[key].get(kind, 0) for key, _name in names}) for kind in {*BEHIND.values()}}
    # A share tells its base, so that it is withheld where the base is.
    hidden["telling"] |= hidden["receiving"]
    lines = tuple(shared_line(key, label, counts[key], hidden) for key, label in names)
    return Table(dimension.by, str(dimension.title), str(dimension.name), lines, dimension.adds_up)


def shared_line(key: str, label: str, counts: Mapping[str, Any], hidden: Mapping[str, set[str]]) -> Line:
    withheld = frozenset(code for code, kind in BEHIND.items() if key in hidden[kind])
    cells = {"completed": counts.get(Status.COMPLETED.value, 0), **delivery_cells(counts)}
    return Line(key, label, {code: None if code in withheld else cells[code] for code in SHARED}, withheld)


def too_few(offices: Mapping[str, int]) -> set[str]:
    """The lines to withhold, by the number of offices behind each.

    Those of fewer than FEWEST_OTHERS, of none too: a zero beside withheld ones would tell that these
    are not. Then the smallest of the others: what the lines shown lack of the total is of at least
    FEWEST_OTHERS offices again.
    """
    few = {key for key, count in offices.items() if count < FEWEST_OTHERS}
    others = sorted((count, key) for key, count in offices.items() if key not in few)
    return few | {others[0][1]} if few and others else few
