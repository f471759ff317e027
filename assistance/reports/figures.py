"""What the figures are: tables of lines, by column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assistance.reports.selection import Selection
from offices.models import Office
from portal.figures import percent_of

type_of_cells = Mapping[str, int | None]


@dataclass(frozen=True)
class Line:
    """The figures of one programme, region, group or year, by column; None is unknown or of nobody.

    What is in `withheld` is None too: it would tell of single offices.
    """

    key: str
    label: str
    cells: type_of_cells
    withheld: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Table:
    by: str
    title: str
    name: str  # of what a line is
    lines: tuple[Line, ...]
    # Whether each request is in exactly one line.
    adds_up: bool = True

    @property
    def tells_nothing(self) -> bool:
        """Whether every figure is withheld."""
        return all(len(line.withheld) == len(line.cells) for line in self.lines)


@dataclass(frozen=True)
class Part:
    """Columns that are shown together."""

    title: str
    columns: Mapping[str, object]


@dataclass(frozen=True)
class Reach:
    """How many offices could be reached, and which of them never had an activity, by code."""

    base: int
    not_reached: tuple[Office, ...]

    @property
    def reached(self) -> int:
        return self.base - len(self.not_reached)

    @property
    def percent(self) -> int | None:
        return percent_of(self.reached, self.base)


@dataclass(frozen=True)
class Figures:
    """All tables, the first of which has one line: everything together. `reach` is not for office staff."""

    selection: Selection
    scope: str  # "all", or "completed_by_others"
    parts: tuple[Part, ...]
    tables: tuple[Table, ...]
    reach: Reach | None = None

    @property
    def columns(self) -> dict[str, str]:
        return {code: str(label) for part in self.parts for code, label in part.columns.items()}

    @property
    def total(self) -> Line:
        return self.tables[0].lines[0]

    def as_json(self) -> dict[str, Any]:
        return {
            "scope": self.scope,
            "is_sample": self.selection.sample,
            "filters": {**self.selection.narrowing.as_json(), "year": self.selection.year},
            "columns": list(self.columns),
            "tables": [
                {"by": table.by, "lines": [line_as_json(line) for line in table.lines]} for table in self.tables
            ],
            "offices": self.reach and reach_as_json(self.reach),
        }

    def rows(self) -> Iterator[tuple[str, str, str, str, int | None, int]]:
        """One row a cell, as CSV has it: by, key, label, column, value, and 1 where it is withheld."""
        for table in self.tables:
            for line in table.lines:
                for code in self.columns:
                    yield table.by, line.key, line.label, code, line.cells[code], int(code in line.withheld)
        if self.reach:
            yield "offices", "", "", "base", self.reach.base, 0
            yield "offices", "", "", "reached", self.reach.reached, 0
            for office in self.reach.not_reached:
                yield "not_reached", office.code, office.name, "activities", 0, 0


CSV_COLUMNS = ["by", "key", "label", "column", "value", "withheld"]


def line_as_json(line: Line) -> dict[str, Any]:
    return {"key": line.key, "label": line.label, "cells": dict(line.cells), "withheld": sorted(line.withheld)}


def reach_as_json(reach: Reach) -> dict[str, Any]:
    return {"base": reach.base, "reached": reach.reached, "not_reached": [office.code for office in reach.not_reached]}
