"""What was published, and what official documents print."""

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from publications.models import Claim, CommentDecision, Publication
from tests.factories.offices import OfficeFactory
from tests.factories.recommendations import RecommendationFactory
from tests.factories.surveys import QuestionFactory


class ClaimFactory(DjangoModelFactory):
    class Meta:
        model = Claim

    document = "WO/PBC/34/6"
    paragraph = factory.Sequence(lambda n: str(n + 1))
    measure = "jiu.outstanding"


class PublicationFactory(DjangoModelFactory):
    """A row that no publishing made: its content says nothing."""

    class Meta:
        model = Publication

    number = factory.Sequence(lambda n: n + 1)
    kind = Publication.Kind.RESULTS
    subject = "round"
    title = "Title"
    content = "{}"
    published_at = factory.LazyFunction(timezone.now)


class CommentDecisionFactory(DjangoModelFactory):
    class Meta:
        model = CommentDecision

    question = factory.SubFactory(QuestionFactory)
    office = factory.SubFactory(OfficeFactory)
    digest = "0" * 64
    is_public = True


class DecisionAtRecommendationFactory(CommentDecisionFactory):
    recommendation = factory.SubFactory(RecommendationFactory)
