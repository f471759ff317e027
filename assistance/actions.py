"""Writes to requests and to the menu: asked, taken a step along, delivered on; programmes changed and retired."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from assistance import policies
from assistance.models import Activity, Programme, Request, RequestStep, Status
from offices.models import Office, User
from portal import audit
from portal.models import AuditEntry

# How many characters of the token the key shows; more where two would have the same.
SHORT = range(8, 33, 4)


class Stale(Exception):
    """Somebody else wrote since the form was opened; `current` is the row that stands now."""

    def __init__(self, current: models.Model) -> None:
        super().__init__(current)
        self.current = current


class Taken(Exception):
    """The form was sent before and says something else now, or the number is that of another programme."""

    def __init__(self, existing: models.Model) -> None:
        super().__init__(existing)
        self.existing = existing


class Refused(Exception):
    """The rules forbid it: `faults` are pairs of a field, or None, and a sentence."""

    def __init__(self, *faults: tuple[str | None, str]) -> None:
        super().__init__(*faults)
        self.faults = faults


# Asking


def ask(*, programme: Programme, office: Office, token: uuid.UUID, values: Mapping[str, Any], by: User) -> Request:
    """A new request with its first step; the same form again leads to the request that it made.

    `values` are institution, purpose, contact and wanted_by. Raises Refused, or Taken where the form made
    a request that says something else.
    """
    said = {"programme": programme, "office": office, **values}
    try:
        with transaction.atomic():
            # Those who ask for one office come one after the other: a key is looked for, then taken.
            Office.objects.select_for_update(no_key=True).get(pk=office.pk)
            standing = Request.objects.filter(token=token).select_related("programme", "office").first()
            if standing is not None:
                return same_as(standing, said)
            today = timezone.localdate()
            refuse(asking_faults(programme, values["wanted_by"], today))
            request = Request.objects.create(key=free_key(office, token), token=token, **said)
            RequestStep.objects.create(request=request, date=today, status=Status.REQUESTED, recorded_by=by)
            record("ask for assistance", request, by=by, programme=programme.number)
            return request
    except IntegrityError:
        standing = Request.objects.filter(token=token).select_related("programme", "office").first()
        if standing is None:
            raise
        return same_as(standing, said)


def same_as(request: Request, said: Mapping[str, Any]) -> Request:
    if not says(request, said):
        raise Taken(request)
    return request


def asking_faults(
    programme: Programme, wanted_by: datetime.date | None, today: datetime.date
) -> Iterable[tuple[str | None, str]]:
    if not Programme.objects.filter(pk=programme.pk, is_active=True).exists():
        yield None, _("This programme is retired: it cannot be requested any more.")
    if fault := policies.wanted_fault(wanted_by, today):
        yield "wanted_by", fault


def free_key(office: Office, token: uuid.UUID) -> str:
    """The office's code and so much of the token as no other request has."""
    keys = [f"{office.code}-{token.hex[:length].upper()}" for length in SHORT]
    taken = set(Request.objects.filter(key__in=keys).values_list("key", flat=True))
    return next(key for key in keys if key not in taken)


# Answering


def lock_request(request: Request) -> Request:
    """Make other writers of the request wait, then read what stands."""
    Request.objects.select_for_update(no_key=True).get(pk=request.pk)
    return Request.objects.with_status().select_related("programme", "office").get(pk=request.pk)


def take_step(
    *, request: Request, status: str, date: datetime.date, note: str = "", version: int, by: User
) -> RequestStep:
    """Take the request one step on. The same step again, by the same person, has no effect.

    Raises Refused, or Stale with nothing written.
    """
    with transaction.atomic():
        current = lock_request(request)
        last = RequestStep.objects.filter(request=current).order_by("date", "pk").last()
        if last and says(last, {"status": status, "date": date, "note": note, "recorded_by_id": by.pk}):
            return last
        if current.version != version:
            raise Stale(current)
        refuse(step_faults(last, status, date, note))
        step = RequestStep.objects.create(request=current, date=date, status=status, note=note, recorded_by=by)
        touch([current.pk])
        was = last.status if last else ""
        record("step of a request", current, by=by, status=[was, status], date=date.isoformat())
        return step


def step_faults(
    last: RequestStep | None, status: str, date: datetime.date, note: str
) -> Iterable[tuple[str | None, str]]:
    faults = {
        "status": policies.transition_fault(last.status if last else None, status),
        "date": policies.date_fault(date, last.date if last else None, timezone.localdate()),
        "note": policies.note_fault(status, note),
    }
    return ((name, fault) for name, fault in faults.items() if fault)


def record_activity(
    *, request: Request, values: Mapping[str, Any], version: int, by: User, activity: Activity | None = None
) -> Activity:
    """What was delivered: a new activity or, with `activity`, other values for one. The same again has no effect.

    `values` are date, kind, participants and outcome. Raises Refused, or Stale with nothing written.
    """
    with transaction.atomic():
        current = lock_request(request)
        held = list(Activity.objects.filter(request=current))
        if any(says(other, values) for other in held if activity is None or other.pk == activity.pk):
            return next(other for other in held if says(other, values))
        if current.version != version:
            raise Stale(current)
        others = [other for other in held if activity is None or other.pk != activity.pk]
        refuse(activity_faults(current, others, values))
        row = next((other for other in held if activity and other.pk == activity.pk), Activity(request=current))
        changes = assign(row, values)
        row.save()
        touch([current.pk])
        record("change activity" if activity else "record activity", current, by=by, changes=changes)
        return row


def activity_faults(
    request: Any, others: Iterable[Activity], values: Mapping[str, Any]
) -> Iterable[tuple[str | None, str]]:
    """`request` comes with its status."""
    if request.status not in policies.DELIVERING:
        sentence = _("Activities are recorded while a request is %(statuses)s; this one is “%(status)s”.")
        status = Status(request.status).label if request.status else "–"
        yield None, sentence % {"statuses": policies.delivering_in_words(), "status": status}
    elif fault := policies.delivery_fault(steps_of(request), values["date"], timezone.localdate()):
        yield "date", fault
    if any(says(other, {"date": values["date"], "kind": values["kind"]}) for other in others):
        yield "kind", _("An activity of this kind and day is recorded already: change that one.")


def steps_of(request: Request) -> list[policies.type_of_step]:
    return list(request.steps.order_by("date", "pk").values_list("date", "status"))


# The menu


def version_of(programme: Programme | None) -> int:
    """What a form was opened with: the number of the last history entry; 0 for a programme not there yet."""
    if programme is None or programme.pk is None:
        return 0
    history: Any = Programme.history
    return int(history.filter(id=programme.pk).aggregate(last=models.Max("history_id"))["last"] or 0)


def add_programme(*, number: int, values: Mapping[str, Any], by: User) -> Programme:
    """One more programme; the same again leads to the one that stands. Raises Taken where that says something else."""
    try:
        with transaction.atomic():
            programme = Programme.objects.create(number=number, **values)
            record_programme("add programme", programme, by=by, number=number)
            return programme
    except IntegrityError:
        existing = Programme.objects.filter(number=number).first()
        if existing is None:
            raise
        if not says(existing, values):
            raise Taken(existing) from None
        return existing


def change_programme(*, programme: Programme, values: Mapping[str, Any], version: int, by: User) -> Programme:
    """Other words for a programme, or offered no longer, or again. Raises Stale."""
    with transaction.atomic():
        current = Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        if says(current, values):
            return current
        if version_of(current) != version:
            raise Stale(current)
        changes = assign(current, values)
        current.save()
        record_programme("change programme", current, by=by, changes=changes)
        return current


# What they share


def touch(requests: Collection[int]) -> None:
    """Forms that show these requests are out of date from now on."""
    Request.objects.filter(pk__in=requests).update(version=F("version") + 1)


def says(row: models.Model, values: Mapping[str, Any]) -> bool:
    """Whether the row has these values already."""
    return all(getattr(row, name) == value for name, value in values.items())


def assign(row: models.Model, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set the values; returns what was and what is, for the audit trail."""
    before = {name: getattr(row, name) if row.pk else None for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    return {name: [plain(before[name]), plain(value)] for name, value in values.items() if before[name] != value}


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, models.Model):
        return str(value)
    return value.isoformat() if isinstance(value, datetime.date) else value


def refuse(faults: Iterable[tuple[str | None, str]]) -> None:
    found = list(faults)
    if found:
        raise Refused(*found)


def record(action: str, request: Request, *, by: User, **details: Any) -> None:
    audit.record(
        by=by,
        path=AuditEntry.Path.FORM,
        action=action,
        subject=request.key,
        office_code=request.office.code,
        **details,
    )


def record_programme(action: str, programme: Programme, *, by: User, **details: Any) -> None:
    audit.record(by=by, path=AuditEntry.Path.FORM, action=action, subject=programme, **details)
