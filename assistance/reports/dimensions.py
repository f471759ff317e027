"""By what is counted, and which lines a table has: those without a request included."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import CharField, Exists, Expression, F, OuterRef, Subquery, Value
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext_lazy as _

from assistance.models import Activity, Programme, RequestStep
from offices.models import GroupMember, OfficeGroup, Region

# Years without anything have their line up to a span that an institution lives through.
MOST_YEARS = 100


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
