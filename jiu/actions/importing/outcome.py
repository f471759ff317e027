"""What an import did, or would do: by kind, and what somebody should look at."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass

from django.utils.translation import gettext as _

from jiu.reading.shapes import Notice
from portal.spreadsheets.changes import Changes

# How the counts on the command line, which programs read, name the kinds.
NAMES = {
    "offices": "offices",
    "officers": "officers",
    "recommendation_sets": "sets",
    "recommendations": "recommendations",
    "status_reports": "status reports",
}


@dataclass(frozen=True)
class Part:
    """What an import does to one kind; `name` is that of its counts."""

    kind: str
    name: str
    label: str
    added: int
    filled: int
    unchanged: int
    changes: Changes

    def __str__(self) -> str:
        return f"{self.name}: {self.added} added, {self.filled} filled, {self.unchanged} unchanged"


def part_of(kind: str, added: int, filled: int, unchanged: int, changes: Changes) -> Part:
    labels = {
        "offices": _("offices"),
        "officers": _("officers"),
        "recommendation_sets": _("sets"),
        "recommendations": _("recommendations"),
        "status_reports": _("status reports"),
    }
    return Part(kind, NAMES[kind], labels[kind], added, filled, unchanged, changes)


@dataclass(frozen=True)
class Outcome:
    """What an import did, or would do, and what somebody should look at."""

    document: str
    as_at: tuple[datetime.date, ...]
    parts: tuple[Part, ...]
    notices: tuple[Notice, ...]
    # Earlier statuses that are not written, since nobody said as at when they were.
    undated: tuple[Notice, ...]

    def __str__(self) -> str:
        return "; ".join(map(str, self.parts))

    @property
    def writes(self) -> bool:
        return any(part.added or part.filled for part in self.parts)

    @property
    def digest(self) -> str:
        """Differs where the import would do something else than what somebody has seen."""
        shown = [str(self), *map(str, self.notices), *map(str, self.undated)]
        shown += [part.changes.digest() for part in self.parts]
        return hashlib.sha256("\n".join(shown).encode()).hexdigest()
