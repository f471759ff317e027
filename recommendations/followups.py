"""How the recommendations of an issuer are followed up, where an app above says so when it is made ready.

So this app names none of those above. Where nothing is said, every office states where it stands.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the models ask this module who sees what
    from django.db.models import QuerySet

    from offices.models import User
    from recommendations.models import Recommendation, RecommendationSet


@dataclass(frozen=True)
class Decision:
    """What somebody decided on a recommendation's status, in words."""

    decided_on: datetime.date
    words: str
    document: str


@dataclass(frozen=True)
class FollowUp:
    """The one office that answers, what was decided on its answers (the latest first), and who answers what.

    `answered_by` are the recommendations on which a person of that office reads and states the status; it
    asks the database nothing by itself.
    """

    office_code: str
    decisions: Callable[[Recommendation], Iterable[Decision]]
    answered_by: Callable[[User], QuerySet[Recommendation]]


_FOLLOW_UPS: dict[str, FollowUp] = {}


def register(issuer: str, follow_up: FollowUp) -> None:
    _FOLLOW_UPS[issuer] = follow_up


def all_follow_ups() -> dict[str, FollowUp]:
    """By issuer."""
    return dict(_FOLLOW_UPS)


def follow_up_of(recommendation_set: RecommendationSet) -> FollowUp | None:
    return _FOLLOW_UPS.get(recommendation_set.issuer)
