"""One audit row as a person reads it, and as the file has it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, JSONField, TextField, When
from django.db.models.functions import Cast, Length
from django.utils import timezone

from portal.models import AuditEntry, AuditEntryQuerySet
from portal.trail.details import Line, lines_of
from portal.trail.labels import label_of

# Characters of details, as JSON: an undone import keeps in them all that it removed.
SHOWN_IN_LIST = 2_000
SHOWN_ON_PAGE = 500_000

COLUMNS = ["at", "person", "office", "path", "action", "subject", "details"]


@dataclass(frozen=True)
class Row:
    """One entry as a person reads it."""

    entry: AuditEntry
    action: str
    lines: list[Line]
    is_too_long: bool

    @classmethod
    def of(cls, entry: Any) -> Row:
        """`entry` as `with_details` gives it."""
        return cls(entry, label_of(entry.action), list(lines_of(entry.shown or {})), entry.shown is None)

    @property
    def changes(self) -> list[Line]:
        return [line for line in self.lines if line.is_change]

    @property
    def facts(self) -> list[Line]:
        return [line for line in self.lines if not line.is_change]


def with_details(entries: AuditEntryQuerySet, most: int) -> Any:
    """The rows with `size`, the characters of their details, and `shown`, the details where they are not too long."""
    sized = entries.defer("details").annotate(size=Length(Cast("details", TextField())))
    return sized.annotate(shown=Case(When(size__lte=most, then=F("details")), output_field=JSONField()))


def cells(entry: AuditEntry) -> list[str]:
    at = timezone.localtime(entry.at).isoformat(timespec="seconds")
    details = json.dumps(entry.details, ensure_ascii=False) if entry.details else ""
    return [at, entry.actor_name, entry.office_code, entry.path, entry.action, entry.subject, details]
