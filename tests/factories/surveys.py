"""Rounds, invitations and responses, and a tiny round with a question of each kind."""

import datetime
from dataclasses import dataclass

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from offices.models import Office
from recommendations.models import Recommendation
from surveys.models import Answer, Invitation, Question, QuestionOption, Response, Section, Survey
from tests.factories.offices import OfficeFactory
from tests.factories.recommendations import RecommendationFactory, RecommendationSetFactory


class SurveyFactory(DjangoModelFactory):
    """A round of 2025, closed today; `open_now=True` for one that takes answers."""

    class Meta:
        model = Survey

    class Params:
        open_now = factory.Trait(
            opens_on=factory.LazyFunction(lambda: timezone.localdate() - datetime.timedelta(days=7)),
            closes_on=factory.LazyFunction(lambda: timezone.localdate() + datetime.timedelta(days=7)),
        )

    key = factory.Sequence(lambda n: f"round-{n}")
    title = factory.LazyAttribute(lambda survey: f"Title of {survey.key}")
    recommendation_set = factory.SubFactory(RecommendationSetFactory)
    opens_on = datetime.date(2025, 5, 2)
    closes_on = datetime.date(2025, 7, 7)


class QuestionFactory(DjangoModelFactory):
    class Meta:
        model = Question

    survey = factory.SubFactory(SurveyFactory)
    key = factory.Sequence(lambda n: f"question-{n}")
    order = 1
    kind = Question.Kind.TEXT
    text = factory.LazyAttribute(lambda question: f"Text of {question.key}?")


class QuestionOptionFactory(DjangoModelFactory):
    class Meta:
        model = QuestionOption

    question = factory.SubFactory(QuestionFactory, kind=Question.Kind.CHOICE)
    key = factory.Sequence(lambda n: f"option-{n}")
    order = 1
    label = factory.LazyAttribute(lambda option: f"Label of {option.key}")


class InvitationFactory(DjangoModelFactory):
    class Meta:
        model = Invitation

    survey = factory.SubFactory(SurveyFactory)
    office = factory.SubFactory(OfficeFactory)


class ResponseFactory(DjangoModelFactory):
    """A response in hand; `submitted=True` for one that counts."""

    class Meta:
        model = Response

    class Params:
        submitted = factory.Trait(
            state=Response.State.SUBMITTED, submitted_at=factory.LazyFunction(timezone.now), version=1
        )

    survey = factory.SubFactory(SurveyFactory)
    office = factory.SubFactory(OfficeFactory)


class SectionFactory(DjangoModelFactory):
    class Meta:
        model = Section

    response = factory.SubFactory(ResponseFactory)
    question = factory.SubFactory(QuestionFactory)
    version = 1
    saved_at = factory.LazyFunction(timezone.now)


class AnswerFactory(DjangoModelFactory):
    class Meta:
        model = Answer

    response = factory.SubFactory(ResponseFactory)
    question = factory.SubFactory(QuestionFactory)
    value = "Said."


@dataclass(frozen=True)
class TinyRound:
    """Three recommendations, five questions (`by_kind`), and the offices invited."""

    survey: Survey
    recommendations: tuple[Recommendation, ...]
    by_kind: dict[str, Question]
    offices: tuple[Office, ...]


def make_tiny_round(*offices: Office, key: str = "tiny", **fields: object) -> TinyRound:
    """A round with the questions `progress` `focus` `policy` `proposals` `experience`, in this order.

    `focus` has the exclusive option `none`; `policy` the options `yes`, `no` and `partly`, which
    asks for an explanation.
    """
    survey = SurveyFactory(key=key, recommendation_set__key=f"{key}-set", **fields)
    recommendations = tuple(
        RecommendationFactory(recommendation_set=survey.recommendation_set, number=number) for number in (1, 2, 3)
    )
    kinds = [("progress", "levels"), ("focus", "select"), ("policy", "choice"), ("proposals", "text")]
    by_kind = {
        kind: QuestionFactory(
            survey=survey,
            key=question,
            order=order,
            kind=kind,
            exclusive_option="none" if kind == Question.Kind.SELECT else "",
        )
        for order, (question, kind) in enumerate([*kinds, ("experience", "comments")], start=1)
    }
    for order, option in enumerate(["yes", "no", "partly"], start=1):
        QuestionOptionFactory(question=by_kind["choice"], key=option, order=order, needs_explanation=option == "partly")
    for office in offices:
        InvitationFactory(survey=survey, office=office)
    return TinyRound(survey, recommendations, by_kind, offices)
