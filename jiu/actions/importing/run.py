"""What every step of an import shares: what was read, in whose name it is written, and what is to be told."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from jiu.actions.importing.outcome import Part, part_of
from jiu.reading.cells import flat
from jiu.reading.shapes import DocumentRefused, Notice, Reading
from offices.models import User
from portal.spreadsheets.changes import Changes
from portal.spreadsheets.importing import import_table
from portal.spreadsheets.kinds import resource_for
from portal.spreadsheets.resources import Mode
from portal.spreadsheets.tables import Table
from portal.text import one_line
from recommendations.models import Recommendation

# Rows by the line that they come from: what each of some columns says.
type_of_rows = list[tuple[int, dict[str, str]]]


@dataclass(frozen=True)
class Run:
    """One run, in the transaction of whoever calls."""

    reading: Reading
    # What the rows name as their source.
    source: str
    # The date of the statuses that the document calls previous, if somebody gave one.
    previous: datetime.date | None
    by: User | None
    path: str
    notices: list[Notice] = field(default_factory=list)

    def tell(self, line: int, text: str) -> None:
        self.notices.append(Notice(line, text))

    def compare(self, line: int, name: str, held: Any, column: str, read: Any) -> None:
        """A value of a row that is held stays; what the document says instead is told."""
        self.differs(line, name, verbose(held, column), getattr(held, column), read)

    def differs(self, line: int, name: str, column: str, held: Any, read: Any) -> None:
        if held in {"", None} or read in {"", None} or same(held, read):
            return
        text = _("%(name)s, %(column)s: “%(held)s” is held and stays, the document says “%(read)s”")
        values = {"held": one_line(str(held)), "read": one_line(str(read))}
        self.tell(line, text % {"name": name, "column": column, **values})

    def fill(self, kind: str, rows: type_of_rows) -> Part:
        """Add the rows of a kind that are missing, and fill what is blank in the others."""
        columns = resource_for(kind).column_names()
        cells = [[values.get(column, "") for column in columns] for _line, values in rows]
        table = Table(columns, cells, [line for line, _values in rows])
        outcome = import_table(
            kind, table, by=self.by, dry_run=False, mode=Mode.FILL, path=self.path, keep_changes=True
        )
        if outcome.faults:
            raise DocumentRefused(
                _("Nothing was imported: %(faults)s") % {"faults": "; ".join(map(str, outcome.faults[:3]))}
            )
        changes = outcome.changes or Changes(columns, [])
        return part_of(kind, outcome.added, outcome.changed, outcome.unchanged, changes)

    def recommendations(self) -> Iterable[Recommendation]:
        """Those held of the reports that the document names."""
        keys = {report.key for report in self.reading.reports}
        found = Recommendation.objects.filter(recommendation_set__key__in=keys)
        return found.select_related("recommendation_set")


def same(held: Any, read: Any) -> bool:
    """Whether two values say the same, but for spaces."""
    return flat(str(held)) == flat(str(read))


def verbose(row: Any, name: str) -> str:
    return str(row._meta.get_field(name).verbose_name)
