"""Writes to the invitations of a round: who is invited, and on which terms."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from offices.models import Office, User
from portal.writes import Refused, assign, check_version, create_with_history, refuse, says, version_of
from surveys import policies
from surveys.actions import common
from surveys.models import Invitation, Response, Survey

TERMS = ("closes_on", "declined_on", "note")


def invite(*, survey: Survey, offices: Iterable[Office], by: User) -> list[Office]:
    """Ask offices to take part; returns those not asked before. Raises Refused where one cannot."""
    with transaction.atomic():
        current = common.lock_round(survey)
        invited = add_invitations(current, offices, by=by)
        if invited:
            common.record("invite offices", current, by=by, offices=[office.code for office in invited])
        return invited


def add_invitations(survey: Survey, offices: Iterable[Office], *, by: User) -> list[Office]:
    chosen = {office.pk: office for office in offices}
    reasons = {office: policies.sample_fault(survey, office) for office in chosen.values()}
    refuse((None, f"{office}: {reason}.") for office, reason in reasons.items() if reason)
    there = set(survey.invitations.values_list("office_id", flat=True))
    invited = sorted((office for pk, office in chosen.items() if pk not in there), key=lambda office: office.code)
    create_with_history([Invitation(survey=survey, office=office) for office in invited], by=by)
    return invited


def withdraw(*, invitation: Invitation, by: User) -> None:
    """Take an invitation back; none any more: no effect. Raises Refused where the office has begun to answer.

    What was only carried over from an earlier round goes with it.
    """
    with transaction.atomic():
        current = Invitation.objects.select_for_update().filter(pk=invitation.pk).first()
        if current is None:
            return
        survey, office = invitation.survey, invitation.office
        Response.objects.of(survey, office).untouched().delete()
        if Response.objects.of(survey, office).exists():
            raise Refused(_("The office has answers in this round: its invitation stays."))
        current.delete()
        common.record("withdraw invitation", survey, by=by, office_code=office.code)


def set_terms(*, invitation: Invitation, values: Mapping[str, Any], version: str, by: User) -> Invitation:
    """One office's own last day, its refusal to take part, a note. Raises Stale or Refused."""
    with transaction.atomic():
        Invitation.objects.select_for_update().get(pk=invitation.pk)
        current = Invitation.objects.select_related("survey", "office").get(pk=invitation.pk)
        if says(current, values):
            return current
        check_version(current, version_of(current), version)
        refuse(policies.terms_faults(values["closes_on"], current.survey))
        changes = assign(current, values)
        current.save()
        common.record("change invitation", current.survey, by=by, office_code=current.office.code, changes=changes)
        return current


def extend(*, survey: Survey, offices: QuerySet[Office], closes_on: datetime.date, by: User) -> int:
    """A later last day for those of these offices that are invited; returns for how many.

    An office whose last day is as late already keeps it. Raises Refused.
    """
    with transaction.atomic():
        current = common.lock_round(survey)
        refuse(policies.terms_faults(closes_on, current))
        if closes_on <= current.closes_on:
            raise Refused(("closes_on", _("is not after the round's own last day")))
        shorter = Q(closes_on__isnull=True) | Q(closes_on__lt=closes_on)
        extended = list(current.invitations.filter(shorter, office__in=offices).select_related("office").order_by("pk"))
        for invitation in extended:
            invitation.closes_on = closes_on
        write_terms(extended, by=by)
        if extended:
            codes = sorted(invitation.office.code for invitation in extended)
            common.record("extend deadline", current, by=by, closes_on=closes_on.isoformat(), offices=codes)
        return len(extended)


def write_terms(invitations: list[Invitation], *, by: User) -> None:
    if invitations:
        bulk_update_with_history(invitations, Invitation, list(TERMS), default_user=by, batch_size=1_000)
