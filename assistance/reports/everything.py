"""The figures for those who read everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from assistance.models import Activity, Request, Status
from assistance.reports.columns import DELIVERY, DEMAND, NO_STEP
from assistance.reports.counts import count_all, count_days, delivery_cells, type_of_counts
from assistance.reports.dimensions import (
    GROUP,
    PROGRAMME,
    REGION,
    TOTAL,
    YEAR,
    Dimension,
    group_names,
    programme_names,
    region_names,
    type_of_names,
    year_names,
)
from assistance.reports.figures import Figures, Line, Part, Reach, Table, type_of_cells
from assistance.reports.selection import Selection
from offices.models import Office

ADDITIVE = ["offices", *Status.values, NO_STEP, "activities", "participants_sum", "participants_stated", "outcomes"]


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


def count_reach(selection: Selection) -> Reach:
    """The offices that could ask, in whatever year, and those without any activity: two queries.

    International organizations count only where they asked: WIPO's own bureau gives this help.
    """
    asked = Exists(Request.objects.filter(office=OuterRef("pk")))
    could_ask = Q(asked) | ~Q(kind=Office.Kind.INTERNATIONAL)
    base = Office.objects.filter(selection.condition(), could_ask)
    received = Exists(Activity.objects.filter(request__office=OuterRef("pk")))
    return Reach(base.count(), tuple(base.exclude(received).order_by("code")))
