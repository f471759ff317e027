"""How far a call has come: what was answered, and whose answers are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from jiu.models import Call, Update
from offices.policies import type_of_person
from portal.figures import percent_of
from recommendations.models import Officer, RecommendationSet

ANSWERED = (Update.State.ANSWERED, Update.State.ACCEPTED)


@dataclass(frozen=True)
class Counts:
    """How many updates of a call are in which state, of those that a person may see."""

    call: Call
    asked: int
    by_state: dict[str, int]

    @property
    def answered(self) -> int:
        return sum(self.by_state[state] for state in ANSWERED)

    @property
    def percent(self) -> int | None:
        return percent_of(self.answered, self.asked)


@dataclass(frozen=True)
class OfSet:
    """The updates of one JIU report."""

    set: RecommendationSet
    updates: tuple[Update, ...]


@dataclass(frozen=True)
class OfPost:
    """What one post is asked; `officer` is None for what no post answers for."""

    officer: Officer | None
    holders: tuple[str, ...]
    asked: int
    missing: tuple[Update, ...]


@dataclass(frozen=True)
class Progress:
    counts: Counts
    sets: tuple[OfSet, ...]
    posts: tuple[OfPost, ...]

    @property
    def silent(self) -> tuple[OfPost, ...]:
        """The posts that still owe an answer."""
        return tuple(post for post in self.posts if post.missing)


def calls_with_progress(user: type_of_person) -> list[Counts]:
    """The calls that this person sees something of, the latest first: two queries."""
    states = {state: Count("pk", filter=Q(state=state)) for state in Update.State.values}
    counted = Update.objects.visible_to(user).order_by().values_list("call").annotate(Count("pk"), **states)
    rows = {call: (asked, by_state) for call, asked, *by_state in counted}
    return [
        Counts(call, rows[call.pk][0], dict(zip(states, rows[call.pk][1], strict=True)))
        for call in Call.objects.filter(pk__in=rows).order_by("-as_at")
    ]


def open_calls(user: type_of_person) -> list[Counts]:
    """Those of them that still take answers."""
    return [counts for counts in calls_with_progress(user) if counts.call.is_open()]


def progress_of(call: Call, updates: Sequence[Update], state: str = "") -> Progress:
    """The updates of a call, those of one state if it is given; fetch them with their officers and holders."""
    by_state = {name: sum(update.state == name for update in updates) for name in Update.State.values}
    shown = [update for update in updates if not state or update.state == state]
    return Progress(Counts(call, len(updates), by_state), by_set(shown), by_post(updates))


def by_set(updates: Sequence[Update]) -> tuple[OfSet, ...]:
    """The newest JIU report first."""
    found: dict[RecommendationSet, list[Update]] = {}
    for update in sorted(updates, key=lambda update: update.recommendation.number):
        found.setdefault(update.recommendation.recommendation_set, []).append(update)
    newest_first = sorted(found.items(), key=lambda pair: (pair[0].place_in_time, pair[0].key), reverse=True)
    return tuple(OfSet(of_set, tuple(of_it)) for of_set, of_it in newest_first)


def by_post(updates: Sequence[Update]) -> tuple[OfPost, ...]:
    found: dict[Officer | None, list[Update]] = {}
    for update in updates:
        for officer in update.officers.all() or [None]:
            found.setdefault(officer, []).append(update)
    return tuple(
        OfPost(
            officer,
            tuple(str(holder) for holder in officer.holders.all()) if officer else (),
            len(asked),
            tuple(update for update in asked if update.state not in ANSWERED),
        )
        for officer, asked in sorted(found.items(), key=lambda pair: pair[0].title if pair[0] else "")
    )
