"""Where rounds stand, for lists, home page and dashboard: counts in a fixed number of queries."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from offices.models import Office, User
from offices.narrowing import Narrowing
from offices.policies import type_of_person
from portal.figures import percent_of
from recommendations.models import RecommendationSet
from surveys import policies
from surveys.models import Invitation, Response, Survey

# A deadline is near a week before it; a missed one is worth a reminder for a quarter.
NEAR = datetime.timedelta(days=7)
REMEMBERED = datetime.timedelta(days=90)

# `Invitation.last_day`, for the database.
LAST_DAY = Coalesce("closes_on", "survey__closes_on")

type_of_answers = dict[tuple[int, int], dict[str, Response]]


@dataclass(frozen=True)
class Place:
    """One office's place in one round, as its own people see it."""

    invitation: Invitation
    response: Response | None  # the draft, else what was submitted
    submitted: Response | None
    may_fill: bool

    @property
    def survey(self) -> Survey:
        return self.invitation.survey

    @property
    def office(self) -> Office:
        return self.invitation.office

    @property
    def takes_answers(self) -> bool:
        return self.may_fill and self.invitation.state == Survey.State.OPEN

    @property
    def is_due(self) -> bool:
        return self.takes_answers and self.submitted is None


@dataclass(frozen=True)
class Round:
    survey: Survey
    places: list[Place]


@dataclass(frozen=True)
class Rate:
    """How many of the offices invited to a round have responded."""

    survey: Survey
    invited: int
    responded: int

    @property
    def percent(self) -> int | None:
        return percent_of(self.responded, self.invited)


@dataclass(frozen=True)
class Missing:
    """A round whose end is near or past, with the invitations of offices that have not submitted."""

    survey: Survey
    invitations: list[Invitation]  # by their last day
    today: datetime.date

    @property
    def is_past(self) -> bool:
        """Whether somebody's last day is over."""
        return self.invitations[0].last_day < self.today


def with_counts(surveys: QuerySet[Survey], narrowing: Narrowing | None = None) -> QuerySet[Survey]:
    """Each round with how many were `invited` and how many `responded`."""
    condition = (narrowing or Narrowing()).condition("office")

    def count_of(rows: QuerySet[Invitation] | QuerySet[Response]) -> Coalesce:
        narrowed = rows.filter(condition, survey=OuterRef("pk"))
        counted = narrowed.order_by().values("survey").annotate(n=Count("*")).values("n")
        return Coalesce(Subquery(counted, output_field=IntegerField()), 0)

    return surveys.annotate(
        invited=count_of(Invitation.objects.all()), responded=count_of(Response.objects.submitted())
    )


def open_rounds(surveys: QuerySet[Survey], day: datetime.date) -> QuerySet[Survey]:
    """The rounds that take somebody's answers on the day."""
    return rounds_not_over(surveys, day).filter(opens_on__lte=day)


def rounds_not_over(surveys: QuerySet[Survey], day: datetime.date) -> QuerySet[Survey]:
    """The rounds that are open on the day or still to come; an office's extension counts."""
    extended = Invitation.objects.filter(survey=OuterRef("pk"), closes_on__gte=day)
    return surveys.filter(Q(closes_on__gte=day) | Exists(extended))


def response_rates(surveys: QuerySet[Survey], narrowing: Narrowing | None = None) -> list[Rate]:
    """One query."""
    counted = with_counts(surveys, narrowing).order_by("closes_on", "key")
    return [Rate(survey, vars(survey)["invited"], vars(survey)["responded"]) for survey in counted]


def still_missing(surveys: QuerySet[Survey], day: datetime.date, narrowing: Narrowing | None = None) -> list[Missing]:
    """Who has not submitted in rounds that end within a week, or ended in the last quarter: one query.

    Each office by its own last day; those that declined are not missing.
    """
    submitted = Response.objects.submitted().filter(survey=OuterRef("survey"), office=OuterRef("office"))
    invitations = (
        Invitation.objects.filter((narrowing or Narrowing()).condition("office"))
        .annotate(ends=LAST_DAY)
        .filter(~Exists(submitted), survey__in=surveys, survey__opens_on__lte=day, declined_on=None)
        .filter(ends__lte=day + NEAR, ends__gte=day - REMEMBERED)
        .select_related("survey", "office")
        .order_by("survey", "ends", "office__code")
    )
    found = [Missing(survey, list(rows), day) for survey, rows in groupby(invitations, key=lambda row: row.survey)]
    return sorted(found, key=lambda item: (item.invitations[0].last_day, item.survey.key))


def offices_asked(recommendation_set: RecommendationSet, day: datetime.date) -> QuerySet[Office]:
    """The offices invited to a round on this set that had opened by the day."""
    rounds = Survey.objects.filter(recommendation_set=recommendation_set, opens_on__lte=day)
    return Office.objects.filter(pk__in=Invitation.objects.filter(survey__in=rounds.values("pk")).values("office"))


def latest_submissions(user: type_of_person, *, sample: bool, narrowing: Narrowing, most: int) -> list[Response]:
    """The newest submissions, those replaced since included: one query."""
    submitted = Response.objects.visible_to(user).filter(submitted_at__isnull=False, survey__is_sample=sample)
    narrowed = submitted.filter(narrowing.condition("office")).select_related("survey", "office")
    return list(narrowed.order_by("-submitted_at", "-pk")[:most])


def rounds_with_places(surveys: QuerySet[Survey], user: type_of_person) -> list[Round]:
    """The rounds, newest first, each with the places of the person's own offices in it: three queries."""
    rounds = list(with_counts(surveys).select_related("recommendation_set"))
    places = places_in(rounds, user)
    return [Round(survey, [place for place in places if place.survey == survey]) for survey in rounds]


def office_places(survey: Survey, user: type_of_person) -> list[Place]:
    return places_in([survey], user)


def places_in(surveys: list[Survey], user: type_of_person) -> list[Place]:
    """The places of the person's own offices in these rounds, by office: two queries."""
    if not isinstance(user, User):
        return []
    by_pk = {survey.pk: survey for survey in surveys}
    own = Invitation.objects.filter(survey__in=surveys, office__in=user.office_roles)
    invitations = list(own.select_related("office").order_by("office__code"))
    for invitation in invitations:
        invitation.survey = by_pk[invitation.survey_id]
    return make_places(invitations, user)


def asked_of(user: User, day: datetime.date) -> list[Place]:
    """What is asked of the person's own offices now or soon, the first to end first: two queries."""
    own = Invitation.objects.filter(office__in=user.office_roles, declined_on=None)
    current = own.annotate(ends=LAST_DAY).filter(ends__gte=day).select_related("survey", "office")
    return make_places(list(current.order_by("ends", "survey__key", "office__code")), user)


def make_places(invitations: list[Invitation], user: User) -> list[Place]:
    """The places with what was answered in them: one query."""
    invited = {(invitation.survey_id, invitation.office_id) for invitation in invitations}
    answered: type_of_answers = {}
    for response in (
        Response.objects.visible_to(user)
        .filter(survey__in={survey for survey, _office in invited}, office__in=user.office_roles)
        .standing()
        .select_related("saved_by")
    ):
        answered.setdefault((response.survey_id, response.office_id), {})[response.state] = response
    return [make_place(invitation, answered, user) for invitation in invitations]


def make_place(invitation: Invitation, answered: type_of_answers, user: User) -> Place:
    states = answered.get((invitation.survey_id, invitation.office_id), {})
    submitted = states.get(Response.State.SUBMITTED)
    draft = states.get(Response.State.DRAFT, submitted)
    return Place(invitation, draft, submitted, policies.may_fill(user, invitation.office))
