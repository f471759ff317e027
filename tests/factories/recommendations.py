"""Sets, recommendations and what offices stated about them."""

import datetime

import factory
from factory.django import DjangoModelFactory

from recommendations.models import (
    Officer,
    Recommendation,
    RecommendationSet,
    RecommendedAction,
    SetDocument,
    SetEvent,
    StatusReport,
)
from tests.factories.offices import OfficeFactory


class RecommendationSetFactory(DjangoModelFactory):
    class Meta:
        model = RecommendationSet

    key = factory.Sequence(lambda n: f"set-{n}")
    issuer = "CWS"
    title = factory.LazyAttribute(lambda item: f"Title of {item.key}")
    stage = RecommendationSet.Stage.ADOPTED


class SetEventFactory(DjangoModelFactory):
    class Meta:
        model = SetEvent

    recommendation_set = factory.SubFactory(RecommendationSetFactory)
    date = "2024"
    label = factory.Sequence(lambda n: f"Event {n}")


class SetDocumentFactory(DjangoModelFactory):
    class Meta:
        model = SetDocument

    recommendation_set = factory.SubFactory(RecommendationSetFactory)
    title = factory.Sequence(lambda n: f"Document {n}")


class RecommendationFactory(DjangoModelFactory):
    class Meta:
        model = Recommendation

    recommendation_set = factory.SubFactory(RecommendationSetFactory)
    number = 1
    label = factory.LazyAttribute(lambda item: f"Recommendation {item.number}")


class RecommendedActionFactory(DjangoModelFactory):
    class Meta:
        model = RecommendedAction

    recommendation = factory.SubFactory(RecommendationFactory)
    order = 1
    text = "Do it."


class OfficerFactory(DjangoModelFactory):
    class Meta:
        model = Officer

    key = factory.Sequence(lambda n: f"officer-{n}")
    title = factory.LazyAttribute(lambda officer: f"Title of {officer.key}")


class StatusReportFactory(DjangoModelFactory):
    class Meta:
        model = StatusReport

    recommendation = factory.SubFactory(RecommendationFactory)
    office = factory.SubFactory(OfficeFactory)
    as_at = datetime.date(2025, 6, 30)
