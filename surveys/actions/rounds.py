"""Writes to a round itself: its beginning, its values, its last day."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from offices.models import Office, User
from portal.writes import Taken, assign, check_version, in_json, refuse, says, version_of
from surveys import policies
from surveys.actions import common, invitations, questions
from surveys.models import Answer, Survey


def create_round(
    *, key: str, values: Mapping[str, Any], by: User, source: Survey | None = None, with_invitations: bool = False
) -> Survey:
    """A new round, with the questionnaire of an earlier one and, if asked, its invitations; never its answers.

    The key guards against repetition: the same again leads to the round that stands. Raises Taken
    where that says something else, Refused where the rules forbid it.
    """
    wanted = {"key": key, **values}
    refuse(policies.round_faults(wanted, first_day=_("the first day")))
    try:
        with transaction.atomic():
            survey = Survey.objects.create(key=key, **values)
            copied = questions.copy_questionnaire(source, survey, by=by) if source else 0
            offices = Office.objects.filter(invitations__survey=source) if source and with_invitations else []
            invited = invitations.add_invitations(survey, offices, by=by)
            common.record(
                "create round",
                survey,
                by=by,
                **in_json(values),
                copied_from=source.key if source else "",
                questions=copied,
                invited=len(invited),
            )
            return survey
    except IntegrityError:
        existing = Survey.objects.filter(key=key).first()
        if existing is None:
            raise
        asks_else = source is not None and questions.questions_of(existing) != questions.questions_of(source)
        if asks_else or not says(existing, values):
            raise Taken(existing) from None
        return existing


def update_round(*, survey: Survey, values: Mapping[str, Any], version: str, by: User) -> Survey:
    """Other values for a round, as far as the import would take them. Raises Stale or Refused."""
    with transaction.atomic():
        current = common.lock_round(survey)
        if says(current, values):
            return current
        check_version(current, version_of(current), version)
        answered, invited = Answer.objects.filter(response__survey=current).exists(), current.invitations.exists()
        faults = policies.round_faults(
            values, current, answered=answered, invited=invited, first_day=_("the first day")
        )
        refuse(faults)
        changes = assign(current, values)
        current.save()
        common.record("change round", current, by=by, changes=changes)
        return current


def set_last_day(*, survey: Survey, day: datetime.date, end_extensions: bool, version: str, by: User) -> Survey:
    """Close a round early, or reopen it until a later day.

    With `end_extensions`, no office keeps a later day of its own. Raises Stale or Refused.
    """
    with transaction.atomic():
        current = common.lock_round(survey)
        longer = current.invitations.filter(closes_on__gt=day) if end_extensions else current.invitations.none()
        extensions = list(longer.order_by("pk"))
        if current.closes_on == day and not extensions:
            return current
        check_version(current, version_of(current), version)
        wanted = {"opens_on": current.opens_on, "closes_on": day}
        refuse(policies.round_faults(wanted, first_day=_("the first day")))
        earlier, current.closes_on = current.closes_on, day
        current.save()
        for invitation in extensions:
            invitation.closes_on = None
        invitations.write_terms(extensions, by=by)
        common.record(
            "close round" if day < earlier else "reopen round",
            current,
            by=by,
            closed_on=[earlier.isoformat(), day.isoformat()],
            extensions_ended=len(extensions),
        )
        return current
