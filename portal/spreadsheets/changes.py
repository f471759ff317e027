"""What an import does, row by row, kept for whoever looks before it counts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

# Of each sort so many rows are kept: a person reads the first ones, and the totals say what more there is.
KEPT = 200


class CellChange(NamedTuple):
    column: str
    before: str
    after: str


@dataclass(frozen=True)
class RowChange:
    """One row: its cells before and after, as an export writes them.

    `before` is None for an added row, `after` for a removed one; `row` is None where no row of the
    file stands for it.
    """

    row: int | None
    before: tuple[str, ...] | None
    after: tuple[str, ...] | None

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells of an added or removed row."""
        return self.after or self.before or ()


@dataclass
class Changes:
    """The first rows that are added, changed and removed, and the columns that their cells stand in.

    Of kinds that only append, the log tells which rows were written: `written`, and how many.
    """

    columns: list[str]
    keys: list[str]
    added: list[RowChange] = field(default_factory=list)
    changed: list[RowChange] = field(default_factory=list)
    removed: list[RowChange] = field(default_factory=list)
    written: list[RowChange] = field(default_factory=list)
    written_total: int = 0

    def key_of(self, change: RowChange) -> str:
        """The natural key of a row, as a person would say it."""
        return " · ".join(cell for name, cell in zip(self.columns, change.cells, strict=True) if name in self.keys)

    def cell_changes(self) -> Iterator[tuple[RowChange, str, list[CellChange]]]:
        """Each changed row with its key and the cells that differ."""
        for change in self.changed:
            both = zip(self.columns, change.before or (), change.after or (), strict=True)
            yield change, self.key_of(change), [CellChange(*cell) for cell in both if cell[1] != cell[2]]

    def digest(self) -> str:
        """Differs where what is shown differs."""
        return hashlib.sha256(repr((self.added, self.changed, self.removed)).encode()).hexdigest()
