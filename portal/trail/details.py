"""What an audit row says besides who, when and what: its details, line by line, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext

ITEMS_SHOWN = 100

# Where a list of two is what was and what is.
PAIRS = {"status", "closed_on", "role", "name"}


@dataclass(frozen=True)
class Line:
    """One detail: a value, or what it was before and what it became."""

    label: str
    value: str
    before: str = ""
    is_change: bool = False


def lines_of(details: dict[str, Any]) -> Iterator[Line]:
    for key, value in details.items():
        if key in {"changes", "values"} and isinstance(value, dict):
            yield from (changed(name, pair) for name, pair in value.items())
        elif key == "changes" and isinstance(value, list):
            yield from (said_by_admin(item) for item in value if "values" not in details or "changed" not in item)
        elif key in PAIRS:
            yield changed(key, value)
        else:
            yield Line(named(key), in_words(value))


def changed(name: str, pair: Any) -> Line:
    if isinstance(pair, list) and len(pair) == 2:  # before and after
        return Line(named(name), in_words(pair[1]), in_words(pair[0]), is_change=True)
    return Line(named(name), in_words(pair))


def said_by_admin(item: Any) -> Line:
    """A part of Django's own note of a change: {"added": {"name": …, "object": …}}, {"changed": {"fields": […]}}."""
    if not isinstance(item, dict) or len(item) != 1:
        return Line("", in_words(item))
    [(verb, what)] = item.items()
    return Line(named(verb), in_words(list(what.values()) if isinstance(what, dict) and what else "✓"))


def named(key: str) -> str:
    return key.replace("_", " ")


def in_words(value: Any) -> str:
    """A value of JSON, a list line by line, no longer than a page bears."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if not value and value != 0:
        return "–"
    if isinstance(value, int):
        return number_format(value)
    if isinstance(value, dict):
        return in_lines(f"{named(str(key))}: {on_one_line(item)}" for key, item in value.items())
    if isinstance(value, list):
        return in_lines(map(on_one_line, value))
    return str(value)


def on_one_line(value: Any) -> str:
    if isinstance(value, list):
        return " · ".join(map(on_one_line, value))
    return in_words(value).replace("\n", "; ")


def in_lines(parts: Iterable[str]) -> str:
    told = list(parts)
    more = len(told) - ITEMS_SHOWN
    further = [gettext("… and %(count)d more") % {"count": more}] if more > 0 else []
    return "\n".join([*told[:ITEMS_SHOWN], *further])
