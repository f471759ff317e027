"""The bars of a document's chart as a page draws them."""

from __future__ import annotations

from dataclasses import dataclass

from portal.bars import Segment, make_segments
from portal.word.blocks import Chart


@dataclass(frozen=True)
class Bar:
    """`segments` are called by the look of their series."""

    category: str
    segments: list[Segment]


@dataclass(frozen=True)
class Drawing:
    bars: tuple[Bar, ...]
    legend: tuple[tuple[int, str], ...]  # look and name of each series


def drawing(chart: Chart) -> Drawing:
    """Lying bars, whatever the chart does on paper: on a phone there is no room beside each other."""
    stacks = [[counts[place] for _name, counts in chart.series] for place in range(len(chart.categories))]
    longest = max(map(sum, stacks), default=0) or 1
    bars = tuple(
        Bar(category, make_segments(((str(chart.look(place)), count) for place, count in enumerate(stack)), longest))
        for category, stack in zip(chart.categories, stacks, strict=True)
    )
    return Drawing(bars, tuple((chart.look(place), name) for place, (name, _counts) in enumerate(chart.series)))
