"""One recommendation in a progress report: where it stands, what happened to it in the period."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiu.models import Endorsement
from recommendations.models import (
    CLOSING_ACCEPTANCES,
    Acceptance,
    Implementation,
    Officer,
    Recommendation,
    StatedChange,
    StatusReport,
)
from recommendations.reports import NOT_STATED, STANDINGS

# Where a recommendation can stand, in the order of every chart and table: what is closed, then what is outstanding.
CLOSED = {
    code: label
    for code, label in [*Implementation.choices, *Acceptance.choices]
    if code == Implementation.IMPLEMENTED or code in CLOSING_ACCEPTANCES
}
OPEN = {code: STANDINGS[code] for code in [*Implementation.values, NOT_STATED] if code not in CLOSED}
PLACES = {**CLOSED, **OPEN}
CLOSED_OTHERWISE = tuple(code for code in CLOSED if code != Implementation.IMPLEMENTED)


class Change(TextChoices):
    """What happened to a recommendation in the period, as one mark."""

    NEW = "new", _("New")
    SILENT = "silent", _("No update received")
    CHANGED = "changed", _("Changed")
    UPDATED = "updated", _("Assessment updated")
    SAME = "same", _("No change")
    # Acceptance and implementation are as they were; of the assessment nobody can tell.
    UNKNOWN = "unknown", _("No change of status")


@dataclass(frozen=True)
class Line:
    """One recommendation: what stands at the later date, what stood at the earlier one, what was decided."""

    recommendation: Recommendation
    current: StatusReport
    previous: StatusReport | None
    officers: tuple[Officer, ...]
    decision: Endorsement | None  # the last by the later date
    as_at: datetime.date
    since: datetime.date
    # Whether another report lies between the two, so that what the current one states of change is not about them.
    is_interrupted: bool

    @property
    def is_new(self) -> bool:
        return self.previous is None

    @property
    def update_received(self) -> bool:
        """Without a report after the earlier date there is silence, which is not “no change”."""
        return self.current.as_at > self.since

    @property
    def is_outstanding(self) -> bool:
        return self.current.is_outstanding

    @property
    def was_outstanding(self) -> bool:
        return self.previous is not None and self.previous.is_outstanding

    @property
    def is_closed_in_period(self) -> bool:
        return not self.is_outstanding and (self.is_new or self.was_outstanding)

    @property
    def is_listed(self) -> bool:
        """What a progress report lists: what is new, was outstanding, or was last refused endorsement."""
        return self.is_new or self.was_outstanding or self.was_refused

    @property
    def was_refused(self) -> bool:
        return self.decision is not None and self.decision.decision == Endorsement.Decision.REFUSED

    @property
    def awaits_endorsement(self) -> bool:
        endorsed = self.decision is not None and self.decision.decision == Endorsement.Decision.ENDORSED
        return self.is_listed and not self.is_outstanding and not endorsed

    @property
    def place(self) -> str:
        """The one of `PLACES` where it stands: how it was closed or, where it is not, its implementation."""
        now = self.current
        if not self.is_outstanding and now.implementation != Implementation.IMPLEMENTED:
            return now.acceptance
        return now.implementation or NOT_STATED

    @property
    def is_overdue(self) -> bool:
        due_on = self.recommendation.due_on
        return self.is_outstanding and due_on is not None and due_on < self.as_at

    @property
    def acceptance_changed(self) -> bool:
        """An earlier value that is not stated is no change."""
        before = self.previous.acceptance if self.previous else ""
        return before not in {"", self.current.acceptance}

    @property
    def implementation_changed(self) -> bool:
        before = self.previous.implementation if self.previous else ""
        return before not in {"", self.current.implementation}

    @property
    def is_changed(self) -> bool:
        return self.acceptance_changed or self.implementation_changed

    @property
    def change(self) -> Change:
        if self.is_new:
            return Change.NEW
        if not self.update_received:
            return Change.SILENT
        if self.is_changed:
            return Change.CHANGED
        return {True: Change.UPDATED, False: Change.SAME, None: Change.UNKNOWN}[self.assessment_updated]

    @property
    def change_note(self) -> str:
        """The change in words: `Previously “in progress”`, `No change`."""
        if self.change != Change.CHANGED or self.previous is None:
            return str(self.change.label)
        notes = []
        if self.acceptance_changed:
            before = display(self.previous, "acceptance")
            notes.append(gettext("Acceptance previously “%(status)s”") % {"status": before})
        if self.implementation_changed:
            before = display(self.previous, "implementation")
            notes.append(gettext("Previously “%(status)s”") % {"status": before})
        return "; ".join(notes)

    @property
    def assessment_updated(self) -> bool | None:
        """Asked only where nothing else changed; None where it is not asked, or nobody can tell."""
        if self.previous is None or not self.update_received or self.is_changed:
            return None
        if self.previous.assessment and self.current.assessment:
            return self.previous.assessment != self.current.assessment
        if self.is_interrupted or not self.current.stated_change:
            return None
        return self.current.stated_change == StatedChange.UPDATED

    def as_json(self) -> dict[str, Any]:
        """The shape of one entry of `recommendations`; what is not stated is null."""
        item, now, before = self.recommendation, self.current, self.previous
        return {
            "symbol": item.recommendation_set.symbol or None,
            "number": item.number,
            "addressee": item.addressee or None,
            "acceptance": now.acceptance or None,
            "implementation": now.implementation or None,
            "previous_acceptance": (before.acceptance or None) if before else None,
            "previous_implementation": (before.implementation or None) if before else None,
            "is_new": self.is_new,
            "update_received": self.update_received,
            "assessment_updated": self.assessment_updated,
            "officers": [officer.title for officer in self.officers],
            "assessment": now.assessment or None,
            "due_on": item.due_on.isoformat() if item.due_on else None,
        }


def display(report: StatusReport, field: str) -> str:
    return str(getattr(report, f"get_{field}_display")())
