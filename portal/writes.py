"""What writes of several apps share: what stands in their way, versions, and values for the audit trail."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from simple_history.utils import bulk_create_with_history

type_of_fault = tuple[str | None, str]
type_of_current = TypeVar("type_of_current")
type_of_row = TypeVar("type_of_row", bound=models.Model)


class Refused(Exception):
    """The rules, or what stands, forbid it. As text, the reasons alone.

    `faults` are pairs of a field, or None, and a reason; a sentence given alone is about no field.
    """

    def __init__(self, *faults: type_of_fault | str) -> None:
        super().__init__(*faults)
        self.faults: tuple[type_of_fault, ...] = tuple(
            fault if isinstance(fault, tuple) else (None, fault) for fault in faults
        )

    def __str__(self) -> str:
        return " ".join(str(reason) for _field, reason in self.faults)


class Stale(Exception, Generic[type_of_current]):
    """Somebody else wrote since the form was opened; `current` is what stands now."""

    def __init__(self, current: type_of_current) -> None:
        super().__init__(current)
        self.current = current


class Taken(Exception):
    """What names the row, its key or the token of its form, belongs to `existing`, which says something else."""

    def __init__(self, existing: models.Model) -> None:
        super().__init__(existing)
        self.existing = existing


def refuse(faults: Iterable[type_of_fault]) -> None:
    """Raises Refused, if there is any fault."""
    found = list(faults)
    if found:
        raise Refused(*found)


# Versions


def version_of(row: models.Model) -> int:
    """The number of the row's last history entry, also of one that is gone; 0 without any."""
    history: Any = type(row).history  # type: ignore[attr-defined]  # of models that keep one
    return int(history.filter(id=row.pk).aggregate(last=models.Max("history_id"))["last"] or 0)


def check_version(current: object, standing: object, opened: object) -> None:
    """Raises Stale, if the form was opened with another version than stands. Forms may bring it as text."""
    if str(standing) != str(opened):
        raise Stale(current)


# Values


def says(row: models.Model, values: Mapping[str, Any]) -> bool:
    """Whether the row has these values already."""
    return all(getattr(row, name) == value for name, value in values.items())


def same_as(existing: type_of_row, values: Mapping[str, Any]) -> type_of_row:
    """The row that stands where one was to be made. Raises Taken where it says something else."""
    if not says(existing, values):
        raise Taken(existing)
    return existing


def assign(row: models.Model, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set the values; returns what was and what is, for the audit trail. Of a row not saved yet, nothing was."""
    before = {name: getattr(row, name) if row.pk else None for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    return {name: [plain(before[name]), plain(value)] for name, value in values.items() if before[name] != value}


def plain(value: Any) -> Any:
    """A value as JSON can hold it; a row as its key, or in words where it has none."""
    if isinstance(value, models.Model):
        return str(getattr(value, "key", value))
    return value.isoformat() if isinstance(value, datetime.date) else value


def in_json(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in values.items()}


def create_with_history(rows: Sequence[models.Model], *, by: AbstractBaseUser) -> None:
    """All at once, of one model, each with its first history entry."""
    if rows:
        bulk_create_with_history(rows, type(rows[0]), batch_size=1_000, default_user=by)
