"""Where offices stand on one recommendation, as a bar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from portal.bars import Segment, make_segments
from recommendations import reports


@dataclass(frozen=True)
class Bar:
    line: reports.Line
    segments: list[Segment]


def make_bars(lines: Iterable[reports.Line]) -> list[Bar]:
    return [make_bar(line) for line in lines]


def make_bar(line: reports.Line) -> Bar:
    return Bar(line, make_segments(((code, share.count) for code, share in line.shares.items()), line.n))
