"""Reviews, calls and decisions; `bureau` is the International Bureau."""

import datetime

import factory
from factory.django import DjangoModelFactory

from jiu.models import Call, Endorsement, Questionnaire, ReportSentence, Review, Update, UpdateStep
from offices.models import Office
from recommendations.models import Recommendation, StatusReport
from tests.factories.offices import OfficeFactory
from tests.factories.recommendations import RecommendationFactory, RecommendationSetFactory, StatusReportFactory


class ReviewFactory(DjangoModelFactory):
    class Meta:
        model = Review

    reference = factory.Sequence(lambda n: f"A{n:03}")
    title = factory.LazyAttribute(lambda review: f"Review {review.reference}")
    programme_of_work = 2022
    stage = Review.Stage.PLANNED


class QuestionnaireFactory(DjangoModelFactory):
    class Meta:
        model = Questionnaire

    reference = factory.Sequence(lambda n: f"A{n:03}")
    title = factory.LazyAttribute(lambda questionnaire: f"Questionnaire of {questionnaire.reference}")


class EndorsementFactory(DjangoModelFactory):
    class Meta:
        model = Endorsement

    recommendation = factory.SubFactory(RecommendationFactory)
    decided_on = datetime.date(2022, 7, 1)
    decision = Endorsement.Decision.ENDORSED


class CallFactory(DjangoModelFactory):
    class Meta:
        model = Call

    as_at = factory.Sequence(lambda n: datetime.date(2023, 3, 31) + datetime.timedelta(days=n))
    closes_on = factory.LazyAttribute(lambda call: call.as_at + datetime.timedelta(days=14))


class UpdateFactory(DjangoModelFactory):
    class Meta:
        model = Update

    call = factory.SubFactory(CallFactory)
    recommendation = factory.SubFactory(RecommendationFactory)


class UpdateStepFactory(DjangoModelFactory):
    class Meta:
        model = UpdateStep

    update = factory.SubFactory(UpdateFactory)
    kind = UpdateStep.Kind.COMMENTED
    by_name = "Somebody"


class ReportSentenceFactory(DjangoModelFactory):
    class Meta:
        model = ReportSentence

    as_at = datetime.date(2023, 3, 31)
    since = datetime.date(2022, 3, 31)
    name = factory.Sequence(lambda n: f"sentence-{n}")
    text = "Something else."


def make_bureau() -> Office:
    return Office.objects.filter(code="IB").first() or OfficeFactory(
        code="IB", name="International Bureau", kind=Office.Kind.INTERNATIONAL
    )


def make_jiu_recommendation(symbol: str = "JIU/REP/2021/6", number: int = 1, addressee: str = "LB") -> Recommendation:
    """A recommendation of a JIU report, which is made with its first one."""
    of_set = RecommendationSetFactory._meta.model.objects.filter(symbol=symbol).first() or RecommendationSetFactory(
        key=symbol.lower().replace("/", "-"), symbol=symbol, issuer="JIU"
    )
    return RecommendationFactory(recommendation_set=of_set, number=number, addressee=addressee)


def state(
    recommendation: Recommendation,
    as_at: str,
    implementation: str = "in_progress",
    acceptance: str = "accepted",
    **fields,
) -> StatusReport:
    """What the International Bureau states about it as at an ISO date."""
    return StatusReportFactory(
        recommendation=recommendation,
        office=make_bureau(),
        as_at=datetime.date.fromisoformat(as_at),
        implementation=implementation,
        acceptance=acceptance,
        **fields,
    )
