"""Counting: each function returns the cells of every line that has any."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from assistance.models import Activity, Request
from assistance.reports.columns import NO_STEP
from assistance.reports.dimensions import Dimension, first_activity, first_step, key_of
from portal.figures import percent_of

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


def count_all(requests: QuerySet[Request], dimension: Dimension) -> type_of_counts:
    """Every column by line: four queries."""
    found: type_of_counts = defaultdict(dict)
    for count in (count_demand, count_delivery, count_days):
        for key, cells in count(requests, dimension).items():
            found[key] |= cells
    return found


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
