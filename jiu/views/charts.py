"""How the spread of recommendations over places is drawn: one stacked bar a year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jiu.reports.parts import Chart, Spread
from portal.bars import Segment, make_segments


@dataclass(frozen=True)
class Bar:
    spread: Spread
    segments: list[Segment]


@dataclass(frozen=True)
class Drawing:
    """A chart with its bars, all to one scale: the longest is as wide as the page."""

    chart: Chart
    bars: list[Bar]
    whole: Bar


def draw(chart: Chart) -> Drawing:
    return Drawing(chart, make_bars(chart.years), make_bar(chart.whole, chart.whole.n))


def make_bars(spreads: Iterable[Spread]) -> list[Bar]:
    spreads = list(spreads)
    longest = max((spread.n for spread in spreads), default=0)
    return [make_bar(spread, longest) for spread in spreads]


def make_bar(spread: Spread, longest: int) -> Bar:
    counts = ((code, share.count) for code, share in spread.shares.items())
    return Bar(spread, make_segments(counts, longest))
