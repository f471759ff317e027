"""Where a round stands: who was asked, opened, began, submitted; read-only, counted by the database.

The number of queries is fixed, whatever the number of offices.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from django.db import models
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from offices.models import Office
from offices.narrowing import Narrowing
from portal.figures import percent_of
from surveys.models import Answer, Invitation, Question, Response, Survey
from surveys.results import answers_of


class Stage(models.TextChoices):
    """How far one office has come; the first that holds, in this order."""

    SUBMITTED = "submitted", _("submitted")
    DECLINED = "declined", _("declined")
    STARTED = "started", _("started")
    CARRIED = "carried", _("carried over, not confirmed")
    OPENED = "opened", _("opened")
    INVITED = "invited", _("invited only")


@dataclass(frozen=True)
class Totals:
    """How many offices were invited, and how many of them came so far; a later step includes the earlier ones
    only where the office took them: who answers by import never opened the form."""

    invited: int
    opened: int
    started: int
    submitted: int
    late: int
    declined: int
    # Nothing of their own yet but a draft with their answers to an earlier round.
    carried: int = 0

    @property
    def submitted_percent(self) -> int | None:
        return percent_of(self.submitted, self.invited)


@dataclass(frozen=True)
class OfficeProgress:
    """How far one office has come in the round."""

    office: Office
    stage: Stage
    last_day: datetime.date
    is_extended: bool
    declined_on: datetime.date | None
    note: str
    opened_at: datetime.datetime | None
    saved_at: datetime.datetime | None
    submitted_at: datetime.datetime | None
    origin: str
    is_late: bool
    # Changed since the submission, and not submitted again.
    is_reopened: bool
    # How many answers of the draft are carried over from an earlier round and not confirmed.
    unconfirmed: int
    # The places in the questionnaire, from 1, of the questions without any answer.
    missing: tuple[int, ...]

    @property
    def has_response(self) -> bool:
        return self.saved_at is not None or self.stage is Stage.CARRIED

    @property
    def origin_label(self) -> str:
        return str(Response.Origin(self.origin).label) if self.origin else ""


@dataclass(frozen=True)
class Day:
    """How many offices submitted for the first time on this day, and how many had by its end."""

    day: datetime.date
    submitted: int
    total: int


@dataclass(frozen=True)
class Curve:
    """The submissions over time as a stepped line: the numbers that an SVG needs."""

    first: datetime.date
    last: datetime.date
    highest: int
    points: str

    @property
    def view_box(self) -> str:
        return f"0 0 {self.span} {self.highest}"

    @property
    def span(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Progress:
    survey: Survey
    totals: Totals
    offices: list[OfficeProgress]
    days: list[Day]
    questions: list[Question]

    @property
    def curve(self) -> Curve | None:
        return draw(self.survey, self.days, self.totals.invited) if self.days else None


def compute_progress(survey: Survey, *, narrowing: Narrowing, stage: str = "", search: str = "") -> Progress:
    """`narrowing` is of all figures; `stage` and `search` choose which offices the list names."""
    invitations = staged(survey, narrowing)
    questions = list(survey.questions.order_by("order", "key"))
    listed: Any = invitations  # annotated, which the types do not tell
    if stage:
        listed = listed.filter(stage=stage)
    if search:
        listed = listed.filter(Q(office__name__icontains=search) | Q(office__code__iexact=search))
    return Progress(
        survey,
        count(invitations),
        list(by_office(survey, listed, questions)),
        count_days(survey, narrowing),
        questions,
    )


def staged(survey: Survey, narrowing: Narrowing) -> QuerySet[Invitation, Any]:
    """The round's invitations, each with how far the office has come."""
    responses = Response.objects.filter(survey=survey, office=OuterRef("office"))
    submitted, carried = responses.submitted(), responses.untouched()
    drafts = responses.filter(state=Response.State.DRAFT).exclude(origin=Response.Origin.CARRIED)
    open_answers = Answer.objects.filter(
        response__survey=survey,
        response__office=OuterRef("office"),
        response__state=Response.State.DRAFT,
        is_carried_over=True,
    )
    unconfirmed = open_answers.order_by().values("response").annotate(n=Count("pk")).values("n")
    return (
        Invitation.objects.filter(narrowing.condition("office"), survey=survey)
        .annotate(
            submitted_at=Subquery(submitted.values("submitted_at")[:1]),
            origin=Subquery(submitted.values("origin")[:1]),
            came_late=Coalesce(Subquery(submitted.values("is_late")[:1]), Value(False)),
            draft_saved_at=Subquery(drafts.values("saved_at")[:1]),
            has_response=Exists(submitted) | Exists(drafts),
            has_carried=Exists(carried),
            unconfirmed=Coalesce(Subquery(unconfirmed), Value(0)),
        )
        .annotate(
            stage=Case(
                When(submitted_at__isnull=False, then=Value(Stage.SUBMITTED.value)),
                When(declined_on__isnull=False, then=Value(Stage.DECLINED.value)),
                When(has_response=True, then=Value(Stage.STARTED.value)),
                When(has_carried=True, then=Value(Stage.CARRIED.value)),
                When(opened_at__isnull=False, then=Value(Stage.OPENED.value)),
                default=Value(Stage.INVITED.value),
                output_field=models.CharField(),
            ),
        )
    )


def count(invitations: QuerySet[Invitation, Any]) -> Totals:
    return Totals(
        **invitations.aggregate(
            invited=Count("pk"),
            opened=Count("pk", filter=Q(opened_at__isnull=False)),
            started=Count("pk", filter=Q(has_response=True)),
            submitted=Count("pk", filter=Q(stage=Stage.SUBMITTED)),
            late=Count("pk", filter=Q(came_late=True)),
            declined=Count("pk", filter=Q(stage=Stage.DECLINED)),
            carried=Count("pk", filter=Q(stage=Stage.CARRIED)),
        )
    )


def by_office(
    survey: Survey, invitations: QuerySet[Invitation, Any], questions: list[Question]
) -> Iterable[OfficeProgress]:
    answered = answered_questions(survey)
    places = {question.pk: place for place, question in enumerate(questions, start=1)}
    for row in invitations.select_related("office").order_by("office__code"):
        saved_at = row.draft_saved_at or row.submitted_at
        yield OfficeProgress(
            office=row.office,
            stage=Stage(row.stage),
            last_day=row.closes_on or survey.closes_on,
            is_extended=row.closes_on is not None,
            declined_on=row.declined_on,
            note=row.note,
            opened_at=row.opened_at,
            saved_at=saved_at,
            submitted_at=row.submitted_at,
            origin=row.origin or "",
            is_late=row.came_late,
            unconfirmed=row.unconfirmed,
            is_reopened=row.submitted_at is not None and row.draft_saved_at is not None,
            missing=tuple(place for pk, place in places.items() if pk not in answered[row.office_id]),
        )


def answered_questions(survey: Survey) -> dict[int, set[int]]:
    """The questions with any answer, by office, in what its people see: the draft, else the submission."""
    drafts = Response.objects.filter(survey=survey, office=OuterRef("response__office"), state=Response.State.DRAFT)
    seen = Q(response__state=Response.State.DRAFT) | (Q(response__state=Response.State.SUBMITTED) & ~Exists(drafts))
    pairs = Answer.objects.filter(seen, response__survey=survey).order_by()
    answered: dict[int, set[int]] = defaultdict(set)
    for office, question in pairs.values_list("response__office_id", "question_id").distinct():
        answered[office].add(question)
    return answered


def count_days(survey: Survey, narrowing: Narrowing) -> list[Day]:
    """The offices by the day of their first submission; together they are those that submitted."""
    submissions = Response.objects.filter(narrowing.condition("office"), survey=survey, submitted_at__isnull=False)
    earlier = Response.objects.filter(
        survey=survey, office=OuterRef("office"), submitted_at__isnull=False, version__lt=OuterRef("version")
    )
    counted = list(
        submissions.filter(~Exists(earlier))
        .annotate(day=TruncDate("submitted_at"))
        .order_by("day")
        .values_list("day")
        .annotate(n=Count("pk"))
    )
    totals = accumulate(n for _day, n in counted)
    return [Day(day, n, total) for (day, n), total in zip(counted, totals, strict=True)]


def draw(survey: Survey, days: list[Day], highest: int) -> Curve:
    """A step up on each day with submissions, from the round's first day until it ended, or until now."""
    today = min(timezone.localdate(), survey.closes_on)
    first, last = min(survey.opens_on, days[0].day), max(today, days[-1].day)
    points, before = [(0, 0)], 0
    for day in days:
        x = (day.day - first).days
        points += [(x, before), (x, day.total)]
        before = day.total
    points.append(((last - first).days + 1, before))
    return Curve(first, last, highest, " ".join(f"{x},{highest - y}" for x, y in points))


def texts(survey: Survey, *, question: Question | None = None, office: Office | None = None) -> QuerySet[Answer]:
    """What offices wrote, as the results have it: answers in words and comments, in questionnaire order."""
    written = answers_of(survey, Narrowing()).filter(Q(question__kind__in=Question.FREE_TEXT) | ~Q(comment=""))
    if question is not None:
        written = written.filter(question=question)
    if office is not None:
        written = written.filter(response__office=office)
    found: QuerySet[Answer] = written.select_related("question", "response__office", "recommendation").order_by(
        "question__order", "question__key", "response__office__code", "recommendation__number"
    )
    return found
