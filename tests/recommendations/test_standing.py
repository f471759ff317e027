"""What stands of some offices is found pair by pair: the same rows as by the definition in the model."""

import datetime
import random

import pytest

from offices.models import Office
from recommendations.models import Recommendation, StatusReport
from recommendations.reports import Selection, count_reports, standing
from tests.factories.offices import OfficeFactory
from tests.factories.recommendations import RecommendationFactory, RecommendationSetFactory, StatusReportFactory

pytestmark = pytest.mark.django_db

DATES = [datetime.date(2025, month, 1) for month in range(1, 7)]


@pytest.fixture
def history():
    """Six offices, one sample and one silent, on four recommendations of two sets, with gaps and revisions."""
    dice = random.Random(3)
    sets = RecommendationSetFactory.create_batch(2)
    items = [RecommendationFactory(recommendation_set=of_set, number=number) for of_set in sets for number in (1, 2)]
    offices = [OfficeFactory(is_sample=place == 4) for place in range(6)]
    for item in items:
        for office in offices[:5]:
            for as_at in dice.sample(DATES, dice.randrange(5)):
                for revision in range(1, dice.randint(2, 4)):
                    StatusReportFactory(
                        recommendation=item,
                        office=office,
                        as_at=as_at,
                        revision=revision,
                        implementation=dice.choice(["implemented", "planned", ""]),
                    )
    return items, offices


def by_definition(items, offices, as_at):
    found = StatusReport.objects.filter(recommendation__in=items, office__in=offices).standing_at(as_at)
    return set(found.values_list("pk", flat=True))


@pytest.mark.parametrize("as_at", [datetime.date(2024, 12, 31), *DATES, datetime.date(2025, 3, 15)], ids=str)
def test_what_stands_of_some_offices_is_what_the_model_says(history, as_at):
    items, offices = history
    some = offices[1:4]
    expected = by_definition(items[1:], some, as_at)
    assert {report.pk for report in standing(items[1:], as_at, some)} == expected
    as_queries = standing(
        Recommendation.objects.filter(pk__in=[item.pk for item in items[1:]]).order_by("-number"),
        as_at,
        Office.objects.filter(pk__in=[office.pk for office in some]).order_by("name"),
    )
    assert set(as_queries.values_list("pk", flat=True)) == expected
    assert bool(expected) == (as_at >= DATES[0])


def test_what_stands_can_be_narrowed_further(history):
    items, offices = history
    stands = standing(items, DATES[-1], offices)
    expected = by_definition(items, offices, DATES[-1])
    planned = {pk for pk in expected if StatusReport.objects.get(pk=pk).implementation == "planned"}
    assert set(stands.filter(implementation="planned").values_list("pk", flat=True)) == planned
    assert set(StatusReport.objects.filter(pk__in=stands.values("pk"))) == set(stands)
    assert stands.exclude(office=offices[0]).count() == len(expected) - stands.filter(office=offices[0]).count()


@pytest.mark.parametrize(
    ("items", "offices"), [([], None), (None, []), ([], [])], ids=["no recommendation", "no office", "neither"]
)
def test_of_nothing_nothing_stands(history, items, offices):
    every = history
    assert (
        list(standing(every[0] if items is None else items, DATES[-1], every[1] if offices is None else offices)) == []
    )


def test_counts_are_of_the_reports_that_stand(history):
    items, _offices = history
    selection = Selection(items[0].recommendation_set, DATES[-1])
    counted = {(item, value): n for item, value, n in count_reports(selection)}
    stands = selection.standing()
    assert sum(counted.values()) == stands.count() > 0
    assert {key: stands.filter(recommendation=key[0], implementation=key[1]).count() for key in counted} == counted
    assert not stands.filter(office__is_sample=True).exists()
