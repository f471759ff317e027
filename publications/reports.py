"""Claims beside the data: what an official document prints, and what the portal gives for it.

The measures are those that the apps registered (`portal.measures`); nothing is counted here, and
nothing is rounded or read kindly: a claim agrees only if it says what the data say.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.measures import NONE, Asked, CannotTell, Figure, Measure, Row, all_measures
from portal.numerals import arabic
from publications.models import Claim

# Of one claim, on the page of all.
ROWS_SHOWN = 12


class Verdict(models.TextChoices):
    DIFFERS = "differs", gettext_lazy("differs")
    CANNOT_TELL = "cannot_be_checked", gettext_lazy("cannot be checked")
    AGREES = "agrees", gettext_lazy("agrees")


@dataclass(frozen=True)
class Comparison:
    """One claim beside its figure; without a figure there is a reason, a sentence."""

    claim: Claim
    title: str  # of the measure; its name where nobody knows it
    verdict: Verdict
    figure: Figure | None = None
    reason: str = ""

    @property
    def printed(self) -> str:
        return in_print(self.claim.value, self.claim.low, self.claim.high)

    @property
    def found(self) -> str:
        return in_print(self.figure.value, self.figure.low, self.figure.high) if self.figure else ""

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.figure.rows if self.figure else ()

    @property
    def first_rows(self) -> tuple[Row, ...]:
        """What a page of many claims shows of them."""
        return self.rows[:ROWS_SHOWN]

    @property
    def further_rows(self) -> int:
        return len(self.rows) - len(self.first_rows)

    @property
    def is_sample(self) -> bool:
        return self.figure is not None and self.figure.is_sample


@dataclass(frozen=True)
class OfDocument:
    """The comparisons of one document, in its own order, and how many of all its claims have which verdict."""

    document: str
    comparisons: tuple[Comparison, ...]
    counts: list[tuple[Verdict, int]]

    @cached_property
    def dates(self) -> tuple[datetime.date | None, datetime.date | None]:
        """As at which date and since which other all claims are; None where they differ, or name none."""
        as_at = {item.claim.as_at for item in self.comparisons}
        since = {item.claim.since for item in self.comparisons}
        return (as_at.pop() if len(as_at) == 1 else None, since.pop() if len(since) == 1 else None)


def compare_claims(claims: Iterable[Claim]) -> list[Comparison]:
    """Every claim beside the data, in the order of the documents.

    What several measures need is read once, so that the number of queries depends on how many
    different dates and rounds the claims are about, not on how many claims there are.
    """
    measures = all_measures()
    shared: dict[Any, Any] = {}
    return [compare(claim, measures, shared) for claim in sorted(claims, key=place)]


def compare(claim: Claim, measures: dict[str, tuple[str, Measure]], shared: dict[Any, Any]) -> Comparison:
    if claim.measure not in measures:
        reason = _("The portal knows no measure of this name.")
        return Comparison(claim, claim.measure, Verdict.CANNOT_TELL, reason=reason)
    title, measure = measures[claim.measure]
    printed = in_print(claim.value, claim.low, claim.high)
    try:
        figure = measure(Asked(claim.subject, claim.as_at, claim.since, printed, shared))
    except CannotTell as error:
        return Comparison(claim, title, Verdict.CANNOT_TELL, reason=str(error))
    verdict = Verdict.AGREES if is_same(claim, figure) else Verdict.DIFFERS
    return Comparison(claim, title, verdict, figure)


def by_document(comparisons: Iterable[Comparison], verdict: str = "") -> list[OfDocument]:
    """The comparisons by document, those with a verdict only if one is named; a document without any is left out."""
    found: dict[str, list[Comparison]] = {}
    for item in comparisons:
        found.setdefault(item.claim.document, []).append(item)
    groups = [
        OfDocument(document, tuple(item for item in items if verdict in {"", item.verdict}), count_verdicts(items))
        for document, items in found.items()
    ]
    return [group for group in groups if group.comparisons]


def count_verdicts(comparisons: Iterable[Comparison]) -> list[tuple[Verdict, int]]:
    """How many of each verdict, zeros included."""
    verdicts = [item.verdict for item in comparisons]
    return [(verdict, verdicts.count(verdict)) for verdict in Verdict]


# What is the same


def is_same(claim: Claim, figure: Figure) -> bool:
    """Ranges by both ends; a range of one value is that value."""
    if claim.low is None and figure.low is None:
        return as_terms(claim.value) == as_terms(figure.value)
    return ends_of(claim) == ends_of(figure)


def ends_of(one: Claim | Figure) -> tuple[object, object]:
    if one.low is not None:
        return (one.low, one.high)
    terms = as_terms(one.value)
    return (terms[0], terms[0]) if len(terms) == 1 else (terms, terms)


DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+")
BETWEEN = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*;\s*")
PER_CENT = re.compile(r"\s*(%|per cent)\Z")


def as_terms(value: str) -> tuple[object, ...]:
    """What a value says, whatever way it is written: numbers, a date, or words; `none` is an empty list.

    `1, 2 and 3` is a list of three numbers, `1,234` one number.
    """
    text = PER_CENT.sub("", " ".join(value.split()).casefold())
    if text in {"", NONE}:
        return ()
    if DAY.fullmatch(text):
        return (text,)
    if THOUSANDS.fullmatch(text):
        return (Decimal(text.replace(",", "")),)
    parts = BETWEEN.split(text)
    if all(NUMBER.fullmatch(part) for part in parts):
        return tuple(Decimal(part) for part in parts)
    return (text,)


def in_print(value: str, low: int | None, high: int | None) -> str:
    """A value or a range, as it is shown."""
    if low is None:
        return _("none") if value == NONE else value
    return str(low) if low == high else f"{low}–{high}"


# The order of a document

PARTS = re.compile(r"[0-9]+|[^\W\d_]+")


def place(claim: Claim) -> tuple[Any, ...]:
    """Numbered paragraphs by their numbers, then annexes by theirs; within one, as the claims were entered."""
    parts = [part_place(part) for part in PARTS.findall(claim.paragraph)]
    return (claim.document, parts, claim.pk)


def part_place(part: str) -> tuple[int, int, str]:
    if part.isdecimal():
        return (0, int(part), "")
    try:
        return (0, arabic(part), "")
    except ValueError:
        return (1, 0, part.casefold())
