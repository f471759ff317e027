"""The segments of stacked bars, as SVG wants them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import get_language_bidi

NARROWEST_WITH_COUNT = 7  # per cent of the longest bar


@dataclass(frozen=True)
class Segment:
    """A part of a stacked bar: what it counts, and where it lies."""

    code: str
    count: int
    x: str
    width: str
    middle: str
    has_room: bool  # for its count to stand in it


def make_segments(counts: Iterable[tuple[str, int]], longest: int) -> list[Segment]:
    """One after the other, zeros left out; a bar of `longest` is as wide as the picture."""
    segments, start = [], 0
    for code, count in counts:
        if count:
            segments.append(make_segment(code, count, start, longest))
            start += count
    return segments


def make_segment(code: str, count: int, start: int, longest: int) -> Segment:
    """Where the segment lies, from the side at which the page's language begins to read."""
    width, x = 100 * count / longest, 100 * start / longest
    if get_language_bidi():
        x = 100 - x - width
    middle = x + width / 2
    return Segment(code, count, f"{x:.3f}%", f"{width:.3f}%", f"{middle:.3f}%", width >= NARROWEST_WITH_COUNT)
