"""A person's own offices, each beside all others."""

from __future__ import annotations

from dataclasses import dataclass

from offices.models import Office
from portal.dashboard.bars import Bar, make_bar
from portal.dashboard.grid import GridCell, make_cell
from recommendations import reports
from recommendations.models import Recommendation

STATED = [code for code in reports.STANDINGS if code not in {reports.NOT_STATED, reports.NO_REPORT}]


@dataclass(frozen=True)
class OwnLine:
    recommendation: Recommendation
    own: GridCell
    others: Bar | None


@dataclass(frozen=True)
class OwnSection:
    """One of the person's offices."""

    office: Office
    lines: list[OwnLine]

    @property
    def tells_of_others(self) -> bool:
        return any(line.others for line in self.lines)


def make_section(beside: reports.Beside) -> OwnSection:
    return OwnSection(
        beside.office,
        [
            OwnLine(
                line.recommendation,
                make_cell(beside.office, line.recommendation, line.own),
                make_bar(line.others) if line.others else None,
            )
            for line in beside.lines
        ],
    )
