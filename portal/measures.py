"""The register of measures: figures that can be asked for by name, to hold them against what a document prints.

Each app names its measures when it is made ready, so that whoever compares knows no app.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.utils.functional import Promise

T = TypeVar("T")


class CannotTell(Exception):
    """The portal does not hold what this figure would have to be counted from; the reason is a sentence."""


@dataclass(frozen=True)
class Row:
    """One of the rows that a figure was counted from, and its page.

    One that is not counted stands beside those that are, so that a reader sees what was left out.
    """

    label: str
    url: str = ""
    is_counted: bool = True


@dataclass(frozen=True)
class Figure:
    """What the data give: one value or, where a document prints a range, its two ends.

    A value is the same in every language: a number, numbers separated by commas, an ISO date, a code;
    a list of nothing is `none`.
    """

    value: str = ""
    low: int | None = None
    high: int | None = None
    rows: tuple[Row, ...] = ()
    is_sample: bool = False


@dataclass(frozen=True)
class Asked:
    """Of what, as at which date and since which other; both are None where a measure needs none.

    `printed` is what the document says, for the sentence of a CannotTell: no figure depends on it.
    `shared` lives as long as one page or command: what several measures need is computed once.
    """

    subject: str
    as_at: datetime.date | None = None
    since: datetime.date | None = None
    printed: str = ""
    shared: dict[Any, Any] = field(default_factory=dict)

    def once(self, key: object, make: Callable[[], T]) -> T:
        if key not in self.shared:
            self.shared[key] = make()
        value: T = self.shared[key]
        return value


# Raises CannotTell.
Measure = Callable[[Asked], Figure]

NONE = "none"

_MEASURES: dict[str, tuple[str | Promise, Measure]] = {}


def register(name: str, title: str | Promise, measure: Measure) -> None:
    """Make a measure known by its name; `title` says in words what it counts."""
    _MEASURES[name] = (title, measure)


def all_measures() -> dict[str, tuple[str, Measure]]:
    """Title, in the language of the moment, and function by name, in the order in which they were named."""
    return {name: (str(title), measure) for name, (title, measure) in _MEASURES.items()}


def as_list(numbers: Iterable[int]) -> str:
    """Numbers as the value of a figure."""
    return ", ".join(map(str, numbers)) or NONE
