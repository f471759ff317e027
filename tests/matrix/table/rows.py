"""What many routes have in common: of these rows the first that fits holds."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from tests.matrix.cells import (
    ANY,
    DENIED,
    ELSEWHERE,
    EVERYBODY,
    GONE,
    MEMBERS,
    NOT_FOUND,
    OK,
    OUTSIDE,
    OWN,
    READERS,
    REAL,
    SIGN_IN,
    SIGNED_IN,
    Form,
    Policy,
    type_of_objects,
    type_of_row,
)

# Rows that many routes share. The first that fits holds, and where none does, it is 404.

SIGN_IN_FIRST: type_of_row = (OUTSIDE, ANY, SIGN_IN)
FOR_ALL = [(EVERYBODY, REAL, OK)]
TO_ALL = [(EVERYBODY, ANY, ELSEWHERE)]
FOR_SIGNED_IN = [SIGN_IN_FIRST, (SIGNED_IN, REAL, OK)]
# Who has no business here is told so, whether or not there is such an object.
DENIED_TO_THE_REST: type_of_row = (EVERYBODY, ANY, DENIED)


def rows(*more: type_of_row) -> Sequence[type_of_row]:
    return [SIGN_IN_FIRST, *more]


def only(who: frozenset[str], answer: Any = OK) -> Sequence[type_of_row]:
    """For these people; all others who have signed in are told that it is not."""
    return rows((who, REAL, answer), (who, GONE, NOT_FOUND), DENIED_TO_THE_REST)


def hidden_but_from(who: frozenset[str], answer: Any = OK) -> Sequence[type_of_row]:
    """For these people; to all others it does not exist."""
    return rows((who, REAL, answer))


def read_by_office() -> Sequence[type_of_row]:
    """What belongs to an office: its people and those who read everything."""
    return rows((READERS, REAL, OK), (MEMBERS, OWN, OK))


# Pages without a form


def page(get: Sequence[type_of_row], of: type_of_objects | None = None, **more: Any) -> Policy:
    return Policy(get=get, **({"objects": of} if of else {}), **more)


def day(offset: int) -> str:
    return (timezone.localdate() + datetime.timedelta(days=offset)).isoformat()


def dates() -> str:
    """Those of a progress report."""
    return f"?as_at={day(0)}&since={day(-500)}"


def by_secretariat(source: str = "", **extra: Any) -> Form:
    return Form(page=source, by="secretariat", extra=extra)


def models(*labels: str) -> frozenset[str]:
    return frozenset(labels)


# What only a form on another page sends: whoever comes otherwise is led to that page.
LED_ON = rows((SIGNED_IN, ANY, ELSEWHERE))
STATUS_REPORTS = frozenset({"recommendations.StatusReport"})
