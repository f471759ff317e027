"""The list of requests: an office's own, and the secretariat's queue with its ages."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When

from assistance import policies
from assistance.models import Programme, RequestQuerySet, RequestStep, Status
from offices.models import Office
from offices.narrowing import Narrowing

A_PAGE = 50
OPEN = "open"


@dataclass(frozen=True)
class Selection:
    """Which requests are listed; what is blank or None leaves nothing out. `status` is a status or `open`."""

    search: str = ""
    status: str = ""
    programme: Programme | None = None
    office: Office | None = None
    narrowing: Narrowing = field(default_factory=Narrowing)
    overdue: bool = False


@dataclass(frozen=True)
class Line:
    """One request of the list; the ages are in days, None without a step."""

    request: Any
    today: datetime.date

    @property
    def status_label(self) -> str:
        """Blank without a step."""
        return str(Status(self.request.status).label) if self.request.status else ""

    @property
    def is_open(self) -> bool:
        return self.request.status not in policies.ENDED

    @property
    def age(self) -> int | None:
        return self.days_since(self.request.asked_on)

    @property
    def age_of_status(self) -> int | None:
        return self.days_since(self.request.status_on)

    @property
    def is_overdue(self) -> bool:
        wanted_by: datetime.date | None = self.request.wanted_by
        return self.is_open and wanted_by is not None and wanted_by < self.today

    def days_since(self, day: datetime.date | None) -> int | None:
        return (self.today - day).days if day else None


class SteadyPaginator(Paginator):  # type: ignore[type-arg]  # of any queryset
    """Asks for the rows of a page even where it counted none: so many queries, however much there is."""

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        return Page(list(self.object_list[first : first + self.per_page]), number, self)


def with_ages(requests: RequestQuerySet) -> QuerySet[Any]:
    """With `status`, `status_on` and `asked_on`, the day of the first step."""
    first = RequestStep.objects.filter(request=OuterRef("pk")).order_by("date", "pk").values("date")[:1]
    return requests.with_status().annotate(asked_on=Subquery(first))


def listed(requests: RequestQuerySet, selection: Selection, today: datetime.date) -> QuerySet[Any]:
    """Those selected: the open ones first, the oldest of them on top; then the ended ones, the latest on top."""
    # A request without a step is open too, and NULL is in no list.
    ended = Case(When(status__in=policies.ENDED, then=Value(1)), default=Value(0), output_field=IntegerField())
    found: QuerySet[Any] = (
        with_ages(requests).filter(condition_of(selection)).alias(ended=ended).select_related("programme", "office")
    )
    if selection.status == OPEN or selection.overdue:
        found = found.filter(ended=0)
    if selection.status and selection.status != OPEN:
        found = found.filter(status=selection.status)
    if selection.overdue:
        found = found.filter(wanted_by__lt=today)
    waiting_since = Case(When(ended=0, then=F("asked_on")))
    ended_on = Case(When(ended=1, then=F("status_on")))
    return found.order_by("ended", waiting_since.asc(nulls_last=True), ended_on.desc(nulls_last=True), "key")


def condition_of(selection: Selection) -> Q:
    condition = selection.narrowing.condition("office")
    if selection.programme:
        condition &= Q(programme=selection.programme)
    if selection.office:
        condition &= Q(office=selection.office)
    if text := selection.search.strip():
        paths = ("key", "office__name", "institution", "purpose", "contact", "programme__title")
        matches = Q(office__code__iexact=text)
        for path in paths:
            matches |= Q(**{f"{path}__icontains": text})
        condition &= matches
    return condition


def with_history(requests: QuerySet[Any]) -> QuerySet[Any]:
    """With every request's steps, as `taken`."""
    steps = RequestStep.objects.order_by("date", "pk")
    return requests.prefetch_related(Prefetch("steps", queryset=steps, to_attr="taken"))


def page_of(requests: QuerySet[Any], number: str | None, today: datetime.date) -> Page[Any]:
    """One page of lines."""
    shown = SteadyPaginator(requests, A_PAGE).get_page(number)
    lines: Sequence[Any] = [Line(request, today) for request in shown.object_list]
    return Page(lines, shown.number, shown.paginator)
