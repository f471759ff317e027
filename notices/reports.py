"""Whom to write to today, and about what: read-only, in a fixed number of queries.

An office that is asked and has not submitted is written to three times at most: when its round is open,
near its own last day, and once after it. Of two that fall on one day only the first is due: the other
waits for the next day.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from notices.models import Reminder
from notices.policies import samples_are_written_to
from offices.models import Membership, Office
from surveys.models import Invitation, Response, Survey
from surveys.overview import LAST_DAY

# How many days before its own last day an office is reminded.
REMIND_DAYS_BEFORE = 7
# A round takes no answers after its last day. That it closed is told while it is news.
TOLD_DAYS_AFTER = 30

WRITTEN_TO = [Membership.Role.CONTRIBUTOR, Membership.Role.COORDINATOR]


@dataclass(frozen=True)
class Due:
    """One mail that is due: about what, to which office, to which addresses (none: nobody to write to)."""

    invitation: Invitation
    kind: Reminder.Kind
    addresses: tuple[str, ...]

    @property
    def survey(self) -> Survey:
        return self.invitation.survey

    @property
    def office(self) -> Office:
        return self.invitation.office


@dataclass(frozen=True)
class DueOfRound:
    """What is due of one kind in one round."""

    survey: Survey
    kind: Reminder.Kind
    mails: list[Due]
    without_people: list[Due]

    @property
    def people(self) -> int:
        return sum(len(due.addresses) for due in self.mails)


def windows(today: datetime.date) -> dict[Reminder.Kind, Q]:
    """On which days each kind is for an office."""
    near = today + datetime.timedelta(days=REMIND_DAYS_BEFORE)
    news = today - datetime.timedelta(days=TOLD_DAYS_AFTER)
    return {
        Reminder.Kind.INVITATION: Q(ends_on__gte=today),
        Reminder.Kind.CLOSING: Q(ends_on__gte=today, ends_on__lte=near),
        Reminder.Kind.OVERDUE: Q(ends_on__lt=today, ends_on__gte=news),
    }


def silent(today: datetime.date) -> QuerySet[Invitation]:
    """Who was asked in a round that has opened, and neither submitted nor declined.

    Their own last day can be filtered by, as `ends_on`.
    """
    submitted = Response.objects.filter(survey=OuterRef("survey"), office=OuterRef("office")).submitted()
    found: QuerySet[Invitation] = Invitation.objects.alias(ends_on=LAST_DAY).filter(
        ~Exists(submitted), survey__opens_on__lte=today, declined_on=None
    )
    return found if samples_are_written_to() else found.filter(survey__is_sample=False, office__is_sample=False)


def due_reminders(
    today: datetime.date,
    *,
    survey: Survey | None = None,
    office: Office | None = None,
    kind: str | None = None,
) -> list[Due]:
    """The mails that are due, by round, kind and office; two queries."""
    days = windows(today)
    written = Reminder.objects.filter(survey=OuterRef("survey"), office=OuterRef("office")).perhaps_sent()
    invited = Exists(written.filter(kind=Reminder.Kind.INVITATION))
    found: Any = silent(today).annotate(  # annotated, which the types do not tell
        kind=Case(
            When(days[Reminder.Kind.OVERDUE], then=Value(Reminder.Kind.OVERDUE.value)),
            When(days[Reminder.Kind.INVITATION] & ~Q(invited), then=Value(Reminder.Kind.INVITATION.value)),
            When(days[Reminder.Kind.CLOSING], then=Value(Reminder.Kind.CLOSING.value)),
            output_field=CharField(),
        )
    )
    today_began = timezone.make_aware(datetime.datetime.combine(today, datetime.time.min))
    found = found.filter(
        ~Exists(written.filter(kind=OuterRef("kind"))), ~Exists(written.filter(claimed_at__gte=today_began))
    ).exclude(kind=None)
    chosen = {"survey": survey, "office": office, "kind": kind}
    return addressed(found.filter(**{name: value for name, value in chosen.items() if value is not None}))


def due_again(reminder: Reminder, today: datetime.date) -> Due | None:
    """The same mail once more, if it still says what is so."""
    window = windows(today)[Reminder.Kind(reminder.kind)]
    found = silent(today).filter(window, survey=reminder.survey_id, office=reminder.office_id)
    return next(iter(addressed(found.annotate(kind=Value(reminder.kind)))), None)


def addressed(found: Any) -> list[Due]:
    """The invitations, which come annotated with a kind, each with the addresses of its office's people."""
    rows = list(found.select_related("survey", "office").order_by("survey__key", "kind", "office__code"))
    addresses = addresses_of({row.office_id for row in rows})
    return [Due(row, Reminder.Kind(row.kind), tuple(addresses.get(row.office_id, ()))) for row in rows]


def addresses_of(offices: Collection[int]) -> dict[int, list[str]]:
    """The addresses of those who can answer for an office, and can sign in, by office."""
    members = Membership.objects.that_act(*WRITTEN_TO).filter(office__in=offices)
    addresses: dict[int, list[str]] = defaultdict(list)
    for office, email in members.order_by("user__email").values_list("office_id", "user__email"):
        addresses[office].append(email)
    return addresses


def by_round(due: list[Due]) -> list[DueOfRound]:
    """`due` as `due_reminders` orders it."""
    return [
        DueOfRound(
            survey,
            kind,
            [item for item in group if item.addresses],
            [item for item in group if not item.addresses],
        )
        for (survey, kind), group in (
            (key, list(items)) for key, items in groupby(due, key=lambda item: (item.survey, item.kind))
        )
    ]
