"""The figures for office staff: what is completed, and nothing that tells of few offices."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from assistance.models import Request, Status
from assistance.reports.columns import SHARED
from assistance.reports.counts import count_all, delivery_cells
from assistance.reports.dimensions import (
    PROGRAMME,
    REGION,
    TOTAL,
    Dimension,
    programme_names,
    region_names,
    type_of_names,
)
from assistance.reports.figures import Figures, Line, Part, Table
from assistance.reports.selection import Selection
from offices.narrowing import FEWEST_OTHERS

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
