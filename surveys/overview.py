"""Where rounds stand, for lists and the home page: counts in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from offices.models import Office, User
from offices.policies import type_of_person
from surveys import policies
from surveys.models import Invitation, Response, Survey


@dataclass(frozen=True)
class Place:
    """One office's place in one round, as its own people see it."""

    survey: Survey
    office: Office
    response: Response | None  # the draft, else what was submitted
    submitted: Response | None
    may_fill: bool

    @property
    def takes_answers(self) -> bool:
        return self.may_fill and self.survey.state == Survey.State.OPEN

    @property
    def is_due(self) -> bool:
        return self.takes_answers and self.submitted is None


@dataclass(frozen=True)
class Round:
    survey: Survey
    places: list[Place]


def with_counts(surveys: QuerySet[Survey]) -> QuerySet[Survey]:
    """Each round with how many were `invited` and how many `responded`."""

    def count_of(rows: QuerySet[Invitation] | QuerySet[Response]) -> Coalesce:
        counted = rows.filter(survey=OuterRef("pk")).order_by().values("survey").annotate(n=Count("*")).values("n")
        return Coalesce(Subquery(counted, output_field=IntegerField()), 0)

    return surveys.annotate(
        invited=count_of(Invitation.objects.all()), responded=count_of(Response.objects.submitted())
    )


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
    own = {"survey__in": surveys, "office__in": user.office_roles}
    latest: dict[tuple[int, int], dict[str, Response]] = {}
    for response in Response.objects.filter(**own).exclude(state=Response.State.SUPERSEDED).select_related("saved_by"):
        latest.setdefault((response.survey_id, response.office_id), {})[response.state] = response
    return [
        make_place(by_pk[invitation.survey_id], invitation.office, latest, user)
        for invitation in Invitation.objects.filter(**own).select_related("office").order_by("office__code")
    ]


def make_place(survey: Survey, office: Office, latest: dict[tuple[int, int], dict[str, Response]], user: User) -> Place:
    states = latest.get((survey.pk, office.pk), {})
    submitted = states.get(Response.State.SUBMITTED)
    draft = states.get(Response.State.DRAFT, submitted)
    return Place(survey, office, draft, submitted, policies.may_fill(user, office))
