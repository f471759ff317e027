"""Writes to requests and to the menu: asked, taken a step along, delivered on; programmes changed and retired."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from assistance import policies
from assistance.models import Activity, Programme, Request, RequestStep, Status
from offices.models import Office, User
from portal import audit
from portal.models import AuditEntry
from portal.writes import assign, check_version, refuse, same_as, says, type_of_fault, version_of

# How many characters of the token the key shows; more where two would have the same.
SHORT = range(8, 33, 4)


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


def asking_faults(
    programme: Programme, wanted_by: datetime.date | None, today: datetime.date
) -> Iterable[type_of_fault]:
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
        check_version(current, current.version, version)
        refuse(step_faults(last, status, date, note))
        step = RequestStep.objects.create(request=current, date=date, status=status, note=note, recorded_by=by)
        touch([current.pk])
        was = last.status if last else ""
        record("step of a request", current, by=by, status=[was, status], date=date.isoformat())
        return step


def step_faults(last: RequestStep | None, status: str, date: datetime.date, note: str) -> Iterable[type_of_fault]:
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
        check_version(current, current.version, version)
        others = [other for other in held if activity is None or other.pk != activity.pk]
        refuse(activity_faults(current, others, values))
        row = next((other for other in held if activity and other.pk == activity.pk), Activity(request=current))
        changes = assign(row, values)
        row.save()
        touch([current.pk])
        record("change activity" if activity else "record activity", current, by=by, changes=changes)
        return row


def activity_faults(request: Any, others: Iterable[Activity], values: Mapping[str, Any]) -> Iterable[type_of_fault]:
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
        return same_as(existing, values)


def change_programme(*, programme: Programme, values: Mapping[str, Any], version: int, by: User) -> Programme:
    """Other words for a programme, or offered no longer, or again. Raises Stale."""
    with transaction.atomic():
        current = Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        if says(current, values):
            return current
        check_version(current, version_of(current), version)
        changes = assign(current, values)
        current.save()
        record_programme("change programme", current, by=by, changes=changes)
        return current


# What they share


def touch(requests: Collection[int]) -> None:
    """Forms that show these requests are out of date from now on."""
    Request.objects.filter(pk__in=requests).update(version=F("version") + 1)


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
