"""Reminders claimed, sent and settled.

A reminder is claimed by its row before the mail goes out: of several senders one gets it. If a sender
dies in between, the row stays claimed, and nobody sends that mail again by themselves; the secretariat
sees it and decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from notices import reports
from notices.actions import mails
from notices.models import Reminder
from notices.reports import Due
from offices.models import User
from portal import audit
from portal.models import AuditEntry
from portal.writes import Refused
from surveys.models import Survey


@dataclass
class Tally:
    """How a run went."""

    sent: list[Reminder] = field(default_factory=list)
    failed: list[Reminder] = field(default_factory=list)
    unknown: list[Reminder] = field(default_factory=list)
    # Offices in which nobody can be written to.
    without_people: list[Due] = field(default_factory=list)
    # Mails that were not tried: beyond the number asked for, or since the mail server cannot be reached.
    left: int = 0
    unreachable: str = ""

    def add(self, reminder: Reminder) -> None:
        outcomes = {Reminder.Outcome.SENT: self.sent, Reminder.Outcome.FAILED: self.failed}
        outcomes.get(reminder.outcome, self.unknown).append(reminder)


def send_due(
    *, by: User | None, path: str, survey: Survey | None = None, kind: str | None = None, most: int | None = None
) -> Tally:
    """Send what is due today, at most so many mails; what another sender has is left to them."""
    tally = Tally()
    due = reports.due_reminders(timezone.localdate(), survey=survey, kind=kind)
    tally.without_people = [item for item in due if not item.addresses]
    mailable = [item for item in due if item.addresses]
    tally.left = max(len(mailable) - most, 0) if most is not None else 0
    for place, item in enumerate(mailable[:most], start=1):
        claimed = claim(item, by=by, path=path)
        if claimed is None:
            continue
        try:
            send(*claimed, by=by, path=path)
        except mails.ServerUnreachable as error:
            tally.unreachable = str(error)
            tally.left += len(mailable[:most]) - place
        tally.add(claimed[1])
        if tally.unreachable:
            break
    return tally


# One reminder


def claim(due: Due, *, by: User | None, path: str) -> tuple[Due, Reminder] | None:
    """Take the reminder, if it is still due and nobody else has it; the transaction ends before the mail goes out."""
    with transaction.atomic():
        now_due = reports.due_reminders(timezone.localdate(), survey=due.survey, office=due.office, kind=due.kind.value)
        current = next((item for item in now_due if item.addresses), None)
        reminder = take(current, by=by) if current else None
        if current is None or reminder is None:
            return None
        record("send reminder", reminder, by=by, path=path, recipients=reminder.recipients)
        return current, reminder


def take(due: Due, *, by: User | None) -> Reminder | None:
    """The row, made or, where an earlier attempt failed, taken up again; None if it is somebody else's."""
    place = {"survey": due.survey, "office": due.office, "kind": due.kind.value}
    values = {"claimed_at": timezone.now(), "claimed_by": by, "recipients": len(due.addresses)}
    again = Reminder.objects.failed().filter(**place)
    if again.update(state=Reminder.State.CLAIMED, error="", **values):
        return Reminder.objects.select_related("survey", "office").get(**place)
    try:
        with transaction.atomic():
            return Reminder.objects.create(**place, **values)
    except IntegrityError:
        if not Reminder.objects.filter(**place).exists():
            raise
        return None


def send(due: Due, reminder: Reminder, *, by: User | None, path: str) -> None:
    """Send what was claimed and write down how it went. Raises ServerUnreachable, after having done so."""
    try:
        mails.deliver(due, reminder)
    except mails.PerhapsSent as error:
        settle(reminder, Reminder.State.CLAIMED, str(error), by=by, path=path)
    except mails.NotSent as error:
        settle(reminder, Reminder.State.FAILED, str(error), by=by, path=path)
        if isinstance(error, mails.ServerUnreachable):
            raise
    else:
        settle(reminder, Reminder.State.SENT, "", by=by, path=path)


def settle(reminder: Reminder, state: Reminder.State, error: str, *, by: User | None, path: str) -> None:
    """How it went; the audit row of the claim tells of what went well."""
    reminder.state, reminder.error = state, error
    reminder.sent_at = timezone.now() if state == Reminder.State.SENT else None
    with transaction.atomic():
        # Somebody who waited long enough may have decided about it in the meantime: then it is theirs.
        mine = Reminder.objects.filter(pk=reminder.pk, state=Reminder.State.CLAIMED, claimed_at=reminder.claimed_at)
        written = mine.update(state=state, error=error, sent_at=reminder.sent_at)
        if written and error:
            action = "reminder failed" if state == Reminder.State.FAILED else "reminder unknown"
            record(action, reminder, by=by, path=path, error=error)


# What nobody knows


def send_again(*, reminder: Reminder, by: User | None, path: str) -> Reminder:
    """Send one knowingly that was not sent, or perhaps was.

    Raises Refused, also where the mail server cannot be reached: then it has failed, and can be sent again.
    """
    with transaction.atomic():
        current = lock(reminder)
        if not current.can_be_sent_again:
            raise Refused(_("This reminder is sent, or being sent."))
        due = reports.due_again(current, timezone.localdate())
        if due is None:
            raise Refused(_("The office has answered or declined since, or the days for this mail are over."))
        if not due.addresses:
            raise Refused(_("Nobody in the office can be written to."))
        current.state, current.error, current.claimed_at = Reminder.State.CLAIMED, "", timezone.now()
        current.claimed_by, current.recipients = by, len(due.addresses)
        current.save()
        record("send reminder again", current, by=by, path=path, recipients=current.recipients)
    try:
        send(due, current, by=by, path=path)
    except mails.ServerUnreachable as error:
        raise Refused(_("The mail server cannot be reached: %(error)s") % {"error": error}) from error
    return current


def confirm(*, reminder: Reminder, by: User) -> Reminder:
    """Somebody knows that it arrived. A second time has no effect. Raises Refused where nothing is unknown."""
    with transaction.atomic():
        current = lock(reminder)
        if current.outcome == Reminder.Outcome.SENT:
            return current
        if current.outcome != Reminder.Outcome.UNKNOWN:
            raise Refused(_("This reminder is not in doubt."))
        current.state, current.sent_at = Reminder.State.SENT, current.claimed_at
        current.save()
        record("confirm reminder", current, by=by, path=AuditEntry.Path.FORM)
        return current


def lock(reminder: Reminder) -> Reminder:
    Reminder.objects.select_for_update(no_key=True).get(pk=reminder.pk)
    return Reminder.objects.select_related("survey", "office").get(pk=reminder.pk)


def record(action: str, reminder: Reminder, *, by: User | None, path: str, **details: Any) -> None:
    audit.record(
        by=by,
        path=path,
        action=action,
        subject=reminder.survey.key,
        office_code=reminder.office.code,
        kind=str(reminder.kind),
        **details,
    )
