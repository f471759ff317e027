"""Who may ask and answer, which step of a request may follow which, and when something counts as delivered."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assistance.models import Status
from offices.models import Membership, Office, OfficeQuerySet, User
from offices.policies import fills_for, is_secretariat, reads_everything, type_of_person
from portal.text import says_something


class Side(TextChoices):
    """Who takes a step."""

    OFFICE = "office", gettext_lazy("the office")
    SECRETARIAT = "secretariat", gettext_lazy("the secretariat")


@dataclass(frozen=True)
class Transition:
    """How a step is taken: by whom, and whether it must say why."""

    by: Side
    needs_note: bool = False


ASKED = Transition(Side.OFFICE)
ANSWERED = Transition(Side.SECRETARIAT)
REFUSED = Transition(Side.SECRETARIAT, needs_note=True)

# What may follow each status; None is a request without a step.
TRANSITIONS: Mapping[Status | None, Mapping[Status, Transition]] = {
    None: {Status.REQUESTED: ASKED},
    Status.REQUESTED: {
        Status.UNDER_DISCUSSION: ANSWERED,
        Status.AGREED: ANSWERED,
        Status.DECLINED: REFUSED,
        Status.WITHDRAWN: ASKED,
    },
    Status.UNDER_DISCUSSION: {Status.AGREED: ANSWERED, Status.DECLINED: REFUSED, Status.WITHDRAWN: ASKED},
    Status.AGREED: {Status.ONGOING: ANSWERED, Status.DECLINED: REFUSED, Status.WITHDRAWN: ASKED},
    Status.ONGOING: {Status.COMPLETED: ANSWERED, Status.WITHDRAWN: ASKED},
    Status.COMPLETED: {},
    Status.DECLINED: {},
    Status.WITHDRAWN: {},
}
ENDED = frozenset(status for status, following in TRANSITIONS.items() if status and not following)
# While a request stands so, something can be delivered on it.
DELIVERING = frozenset({Status.AGREED, Status.ONGOING, Status.COMPLETED})
# Steps of one day stand in this order: every transition leads onwards in it.
ORDER = {status: place for place, status in enumerate(Status.values)}

MOST_PARTICIPANTS = 999_999_999

type_of_step = tuple[datetime.date, str]


# Who


def may_ask_for(user: type_of_person) -> OfficeQuerySet:
    """The offices on whose behalf this person may ask: those that they fill in for, of whatever kind."""
    if not isinstance(user, User) or not user.is_active:
        return Office.objects.none()
    roles = {Membership.Role.CONTRIBUTOR, Membership.Role.COORDINATOR}
    return Office.objects.filter(pk__in=[pk for pk, role in user.office_roles.items() if role in roles])


def may_answer(user: type_of_person) -> bool:
    """The secretariat takes requests along, and records what was delivered."""
    return is_secretariat(user)


def may_keep_menu(user: type_of_person) -> bool:
    """The secretariat adds, changes and retires programmes."""
    return is_secretariat(user)


def sees_queue(user: type_of_person) -> bool:
    """Whether the list of requests is that of all offices."""
    return reads_everything(user)


def side_of(status: Status) -> Side:
    """Who takes the step to this status, wherever it comes from."""
    return next(following[status].by for following in TRANSITIONS.values() if status in following)


def may_take(user: type_of_person, office: Office, status: Status) -> bool:
    return is_secretariat(user) if side_of(status) is Side.SECRETARIAT else fills_for(user, office)


def next_steps(user: type_of_person, office: Office, status: Status | None) -> list[Status]:
    """The steps that this person may take now."""
    return [following for following in TRANSITIONS[status] if may_take(user, office, following)]


# What. Each returns a sentence, or an empty text where nothing is wrong.


def status_of(code: str | None) -> Status | None:
    return Status(code) if code else None


def transition_fault(before: str | None, after: str) -> str:
    """Why this status cannot follow that one, and what could."""
    following = TRANSITIONS[status_of(before)]
    if after in following:
        return ""
    names = {
        "before": Status(before).label if before else "",
        "after": Status(after).label,
        "allowed": ", ".join(f"“{status.label}”" for status in following),
    }
    if not before:
        return _("A request without a step cannot become “%(after)s”: it begins with %(allowed)s.") % names
    if not following:
        return _("A request that is “%(before)s” cannot become “%(after)s”: nothing follows it.") % names
    return _("A request that is “%(before)s” cannot become “%(after)s”: it may become %(allowed)s.") % names


def note_fault(status: str, note: str) -> str:
    """Whether the step says why, where it must."""
    needed = any(following[Status(status)].needs_note for following in TRANSITIONS.values() if status in following)
    if needed and not says_something(note):
        return _("A request can only become “%(status)s” with a reason.") % {"status": Status(status).label}
    return ""


def date_fault(date: datetime.date, last: datetime.date | None, today: datetime.date) -> str:
    """A step is not before the one that it follows, nor in the future."""
    if date > today:
        return _("This day is still to come.")
    if last and date < last:
        return _("This day is before the last step, which was on %(day)s.") % {"day": date_format(last)}
    return ""


def wanted_fault(wanted_by: datetime.date | None, today: datetime.date) -> str:
    if wanted_by and wanted_by < today:
        return _("This day is over: choose today or a later one.")
    return ""


def delivery_fault(steps: Iterable[type_of_step], date: datetime.date, today: datetime.date) -> str:
    """Whether something could be delivered on that day, by the request's steps in their order."""
    if date > today:
        return _("This day is still to come.")
    if not stood_on(steps, date) & DELIVERING:
        return _("On this day the request was not %(statuses)s.") % {"statuses": delivering_in_words()}
    return ""


def delivering_in_words() -> str:
    return ", ".join(f"“{status.label}”" for status in Status if status in DELIVERING)


def stood_on(steps: Iterable[type_of_step], day: datetime.date) -> set[str]:
    """What the request was on that day: what it was before, and what it became."""
    known = [step for step in steps if step[0] <= day]
    on_the_day = {status for date, status in known if date == day}
    before = [status for date, status in known if date < day]
    return on_the_day | set(before[-1:])


def in_order(steps: Iterable[type_of_step]) -> list[type_of_step]:
    """By day; steps of one day as one leads to the other."""
    return sorted(steps, key=lambda step: (step[0], ORDER[step[1]]))


def chain_faults(steps: Sequence[type_of_step]) -> list[tuple[int, str]]:
    """The places of steps that cannot follow the one before them, with the sentence that says so."""
    before = [None, *(status for _date, status in steps)]
    pairs = enumerate(zip(before, (status for _date, status in steps), strict=False))
    return [(place, fault) for place, (was, becomes) in pairs if (fault := transition_fault(was, becomes))]


# The same as a picture: docs/assistance.md holds what this returns.


def transitions_in_markdown() -> str:
    """A Mermaid diagram of TRANSITIONS, and a table that says the same."""
    rows = [
        (before.value if before else "", after.value, transition)
        for before, following in TRANSITIONS.items()
        for after, transition in following.items()
    ]
    arrows = [f"    {before or '[*]'} --> {after}: {how.by.value}" for before, after, how in rows]
    ends = [f"    {status.value} --> [*]" for status in Status if status in ENDED]
    table = [
        f"| {before or '(no step)'} | {after} | {how.by.value} | {'yes' if how.needs_note else 'no'} |"
        for before, after, how in rows
    ]
    return "\n".join(
        [
            "```mermaid",
            "stateDiagram-v2",
            *arrows,
            *ends,
            "```",
            "",
            "| from | to | taken by | reason required |",
            "| --- | --- | --- | --- |",
            *table,
            "",
        ]
    )


def may_see_figures(user: type_of_person) -> bool:
    """Those who read everything, and the people of offices, who see less of it."""
    return reads_everything(user) or (isinstance(user, User) and bool(user.office_roles))
