"""What a progress report is put together from: lines by report, year and addressee; figures and charts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import TextChoices
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from jiu.reports.lines import CLOSED, CLOSED_OTHERWISE, OPEN, PLACES, Line
from recommendations.models import Recommendation, RecommendationSet
from recommendations.reports import Share, make_share

ADDRESSEES = ("LB", "EH")


class Group(TextChoices):
    """What a progress report counts: the name of each figure, and of the rows behind it."""

    HELD = "held", _("held")
    OUTSTANDING = "outstanding", _("outstanding")
    NEW = "new", _("new")
    CLOSED = "closed", _("closed in the period")
    LISTED = "listed", _("listed in this report")
    SILENT = "silent", _("listed without an update")
    AWAITING = "awaiting", _("proposed for endorsement")


@dataclass(frozen=True)
class OfSet:
    """Lines of one JIU report, by number."""

    set: RecommendationSet
    lines: tuple[Line, ...]

    def count(self, addressee: str) -> int:
        return count(self.lines, addressee)

    @property
    def counts(self) -> dict[str, int]:
        return by_addressee(self.lines)

    @property
    def numbers(self) -> list[int]:
        return [line.recommendation.number for line in self.lines]

    @property
    def numbers_in_words(self) -> str:
        return in_words(self.numbers)


@dataclass(frozen=True)
class OfYear:
    """The JIU reports of one year; None where nothing tells the year."""

    year: int | None
    sets: tuple[OfSet, ...]


@dataclass(frozen=True)
class Annex:
    """What a progress report lists for one addressee, the newest year first; blank: for nobody named."""

    addressee: str
    lines: tuple[Line, ...]

    @property
    def label(self) -> str:
        return addressee_label(self.addressee)

    @property
    def years(self) -> tuple[OfYear, ...]:
        grouped = groupby(by_set(self.lines), key=lambda found: found.set.year)
        return tuple(OfYear(year, tuple(sets)) for year, sets in grouped)


@dataclass(frozen=True)
class Figure:
    """One figure of a progress report: by addressee and in all, with what it is a part of."""

    group: Group
    counts: Mapping[str, int]  # by addressee
    bases: Mapping[str, int]
    total: int
    base: int

    @property
    def cells(self) -> list[tuple[str, int, int]]:
        """Addressee (blank: all), count and base."""
        return [*((name, self.counts[name], self.bases[name]) for name in ADDRESSEES), ("", self.total, self.base)]


@dataclass(frozen=True)
class Spread:
    """How some recommendations are spread over `PLACES`; every place is there, zeros included."""

    year: int | None  # None also where all years are meant
    n: int
    shares: Mapping[str, Share]

    def of(self, places: Collection[str]) -> Share:
        return make_share(sum(self.shares[place].count for place in places), self.n)

    @property
    def closed(self) -> Share:
        return self.of(CLOSED)

    @property
    def closed_otherwise(self) -> Share:
        """Closed without having been implemented."""
        return self.of(CLOSED_OTHERWISE)

    @property
    def outstanding(self) -> Share:
        return self.of(OPEN)


@dataclass(frozen=True)
class Chart:
    """Where all recommendations stand, or those of one addressee: by year of the JIU report, and all together."""

    addressee: str  # blank: all
    years: tuple[Spread, ...]  # the oldest first
    whole: Spread


def make_chart(addressee: str, lines: Iterable[Line]) -> Chart:
    chosen = [line for line in lines if addressee in {"", line.recommendation.addressee}]
    # Lines come with the newest year first.
    years = groupby(reversed(chosen), key=lambda line: line.recommendation.recommendation_set.year)
    return Chart(addressee, tuple(make_spread(list(found), year) for year, found in years), make_spread(chosen))


def make_spread(lines: Collection[Line], year: int | None = None) -> Spread:
    counts = Counter(line.place for line in lines)
    return Spread(year, len(lines), {place: make_share(counts[place], len(lines)) for place in PLACES})


def count(lines: Iterable[Line], addressee: str) -> int:
    return sum(line.recommendation.addressee == addressee for line in lines)


def by_addressee(lines: Collection[Line]) -> dict[str, int]:
    return {addressee: count(lines, addressee) for addressee in ADDRESSEES}


def by_set(lines: Iterable[Line]) -> tuple[OfSet, ...]:
    """The lines of each set, in the order in which sets and numbers come."""
    found: dict[int, list[Line]] = {}
    for line in lines:
        found.setdefault(line.recommendation.recommendation_set_id, []).append(line)
    return tuple(OfSet(of_set[0].recommendation.recommendation_set, tuple(of_set)) for of_set in found.values())


def addressee_label(addressee: str) -> str:
    """In words; nothing for a recommendation that names none."""
    return str(Recommendation.Addressee(addressee).label) if addressee else ""


def in_words(values: Sequence[object]) -> str:
    """`1, 2, 3, 5 and 6`, as the reader's language joins a list; empty for none."""
    *most, last = [str(value) for value in values] or [""]
    if not most:
        return last
    first = pgettext("between the parts of a list", ", ").join(most)
    return gettext("%(first)s and %(last)s") % {"first": first, "last": last}
