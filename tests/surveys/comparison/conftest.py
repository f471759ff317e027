"""Rounds to stand beside each other, and who reads the pages."""

import datetime
import random

import pytest
from django.urls import reverse

from tests.factories.comparisons import make_items, make_offices, spoken_round
from tests.factories.offices import OfficeFactory
from tests.factories.recommendations import RecommendationSetFactory
from tests.factories.surveys import AnswerFactory, QuestionFactory, ResponseFactory, make_tiny_round


@pytest.fixture
def three_rounds():
    """On one set; the last one has another option, another exclusive option, and one more question."""
    luck = random.Random(7)
    offices = make_offices(40)
    of_set = RecommendationSetFactory()
    make_items(of_set, {1: "One", 2: "Two", 5: "Five"})
    rounds = [
        spoken_round(luck, "later", offices, of_set, year=2027, options=("no", "yes", "planned"), exclusive="na"),
        spoken_round(luck, "first", offices, of_set, year=2023),
        spoken_round(luck, "second", offices, of_set, year=2025),
    ]
    for spoken in rounds:
        spoken.offices = offices
    QuestionFactory(survey=rounds[0].survey, key="novel", order=9)
    return sorted(rounds, key=lambda spoken: spoken.survey.opens_on)


@pytest.fixture
def two_sets():
    earlier, later = RecommendationSetFactory(key="old"), RecommendationSetFactory(key="new")
    later.supersedes = earlier
    later.save()
    make_items(earlier, {1: "Data", 2: "Staff", 3: "Twice", 4: "twice", 7: "Dropped"})
    make_items(later, {1: "Strategy", 2: "  staff", 3: "Data", 4: "Twice"})
    luck = random.Random(3)
    offices = make_offices(20)
    rounds = [
        spoken_round(luck, "before", offices, earlier, year=2022),
        spoken_round(luck, "after", offices, later, year=2026),
    ]
    for spoken in rounds:
        spoken.offices = offices
    return rounds


@pytest.fixture
def three_tiny_rounds(db):
    """Of two offices the first answers `a` only, the other `b` and `c`, the same to one question of two."""
    offices = [OfficeFactory(), OfficeFactory()]
    rounds = [
        make_tiny_round(*offices, key=key, opens_on=datetime.date(year, 1, 1))
        for key, year in (("a", 2023), ("b", 2024), ("c", 2025))
    ]
    for tiny, office, written in zip(rounds, (offices[0], offices[1], offices[1]), (True, False, True), strict=True):
        tiny.survey.recommendation_set = rounds[0].survey.recommendation_set
        tiny.survey.save()
        response = ResponseFactory(survey=tiny.survey, office=office, submitted=True)
        AnswerFactory(response=response, question=tiny.by_kind["choice"], value="yes")
        if written:
            AnswerFactory(response=response, question=tiny.by_kind["text"])


@pytest.fixture
def get(client_of, secretariat):
    client = client_of(secretariat)
    return lambda name, **query: client.get(reverse(f"surveys:{name}"), query)
