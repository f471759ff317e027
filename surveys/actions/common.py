"""What the writers of a round share: what they refuse, versions, the lock, the history and the audit row."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from simple_history.utils import bulk_create_with_history

from offices.models import User
from portal import audit
from portal.models import AuditEntry
from surveys.models import Invitation, Survey


class Stale(Exception):
    """Somebody else saved since the form was opened; `current` is the row that stands now."""

    def __init__(self, current: models.Model) -> None:
        super().__init__(current)
        self.current = current


class KeyTaken(Exception):
    """The key belongs to another row, which says something else; `existing` is that row."""

    def __init__(self, existing: models.Model) -> None:
        super().__init__(existing)
        self.existing = existing


class Refused(Exception):
    """The rules forbid it: `faults` are pairs of a field, or None, and a reason."""

    def __init__(self, *faults: tuple[str | None, str]) -> None:
        super().__init__(*faults)
        self.faults = faults


def version_of(row: models.Model) -> str:
    """The number of the row's last history entry."""
    history: Any = type(row).history  # type: ignore[attr-defined]  # every model here keeps one
    return str(history.filter(id=row.pk).aggregate(last=models.Max("history_id"))["last"] or 0)


def check_version(current: models.Model, standing: str, opened: str) -> None:
    if standing != opened:
        raise Stale(current)


def refuse(faults: Iterable[tuple[str | None, str]]) -> None:
    found = list(faults)
    if found:
        raise Refused(*found)


def lock_round(survey: Survey) -> Survey:
    """Make other writers of the round and of all its responses wait, then read what stands.

    Whoever writes a response holds its invitation; the round's own row is locked so that responses,
    which only refer to it, may still be added: they would wait for each other otherwise.
    """
    current = Survey.objects.select_for_update(no_key=True).get(pk=survey.pk)
    list(Invitation.objects.filter(survey=survey).order_by("pk").select_for_update().values_list("pk"))
    return current


def says(row: models.Model, values: Mapping[str, Any]) -> bool:
    """Whether the row has these values already."""
    return all(getattr(row, name) == value for name, value in values.items())


def assign(row: models.Model, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set the values; returns what was and what is, for the audit trail."""
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    changed = {name: value for name, value in values.items() if before[name] != value}
    return {name: [plain(before[name]), plain(value)] for name, value in changed.items()}


def in_json(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in values.items()}


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, models.Model):
        return str(getattr(value, "key", value.pk))
    return value.isoformat() if isinstance(value, datetime.date) else value


def create_with_history(rows: list[Any], *, by: User) -> None:
    """All at once, each with its first history entry."""
    if rows:
        bulk_create_with_history(rows, type(rows[0]), batch_size=1_000, default_user=by)


def record(action: str, survey: Survey, *, by: User, office_code: str = "", **details: Any) -> None:
    audit.record(
        by=by, path=AuditEntry.Path.FORM, action=action, subject=survey.key, office_code=office_code, **details
    )
