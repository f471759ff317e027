"""Invented rounds to stand beside each other, with what each office said as plain values."""

import datetime
import random
from dataclasses import dataclass, field

from django.utils import timezone

from offices.models import Office
from recommendations.models import RecommendationSet
from surveys.models import LEVELS, Answer, Question, Response, Survey
from tests.factories.offices import OfficeFactory
from tests.factories.recommendations import RecommendationFactory
from tests.factories.surveys import InvitationFactory, QuestionFactory, QuestionOptionFactory, SurveyFactory

KINDS = {"progress": "levels", "focus": "select", "policy": "choice", "proposals": "text", "experience": "comments"}
REGIONS = ["africa", "asia", "europe"]


@dataclass
class Spoken:
    """A round and who said what: office code -> (question, number or None) -> value."""

    survey: Survey
    numbers: list[int]
    options: list[str]
    exclusive: str
    invited: set[str] = field(default_factory=set)
    said: dict[str, dict[tuple[str, int | None], str]] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)

    @property
    def came(self) -> set[str]:
        return set(self.said)


def spoken_round(
    luck: random.Random,
    key: str,
    offices: list[Office],
    recommendation_set: RecommendationSet,
    *,
    year: int,
    options: tuple[str, ...] = ("yes", "no", "partly"),
    exclusive: str = "none",
    **fields: object,
) -> Spoken:
    """Most offices are invited, most of these answer, some have drafts and earlier submissions besides."""
    day = datetime.date(year, 3, 1)
    survey = SurveyFactory(
        key=key,
        recommendation_set=recommendation_set,
        opens_on=day,
        closes_on=day + datetime.timedelta(days=60),
        **fields,
    )
    items = {item.number: item for item in recommendation_set.recommendations.order_by("number")}
    questions = {
        name: QuestionFactory(
            survey=survey, key=name, kind=kind, order=order, exclusive_option=exclusive if kind == "select" else ""
        )
        for order, (name, kind) in enumerate(KINDS.items(), start=1)
    }
    for order, option in enumerate(options, start=1):
        QuestionOptionFactory(question=questions["policy"], key=option, order=order, label=option.title())
    spoken = Spoken(survey, list(items), list(options), exclusive, labels={n: item.label for n, item in items.items()})
    for office in offices:
        if luck.random() < 0.85:
            InvitationFactory(survey=survey, office=office)
            spoken.invited.add(office.code)
            if luck.random() < 0.8:
                spoken.said[office.code] = invent_answers(luck, spoken)
                write(survey, office, questions, items, spoken.said[office.code], Response.State.SUBMITTED, 2)
            for state, version in ((Response.State.SUPERSEDED, 1), (Response.State.DRAFT, 3)):
                if luck.random() < 0.3:
                    write(survey, office, questions, items, invent_answers(luck, spoken), state, version)
    return spoken


def invent_answers(luck: random.Random, spoken: Spoken) -> dict[tuple[str, int | None], str]:
    said: dict[tuple[str, int | None], str] = {}
    for number in spoken.numbers:
        if luck.random() < 0.7:
            said["progress", number] = luck.choice(list(LEVELS)[:3])
        if luck.random() < 0.3:
            said["experience", number] = luck.choice(["Words.", "other words"])
    if luck.random() < 0.2:
        said["focus", None] = spoken.exclusive
    else:
        for number in luck.sample(spoken.numbers, luck.randint(0, 2)):
            said["focus", number] = "yes"
    if luck.random() < 0.7:
        said["policy", None] = luck.choice(spoken.options[:2])
    if luck.random() < 0.5:
        said["proposals", None] = "A text."
    return said


def write(
    survey: Survey,
    office: Office,
    questions: dict[str, Question],
    items: dict,
    said: dict[tuple[str, int | None], str],
    state: str,
    version: int,
) -> None:
    submitted_at = None if state == Response.State.DRAFT else timezone.now()
    response = Response.objects.create(
        survey=survey, office=office, state=state, version=version, submitted_at=submitted_at
    )
    Answer.objects.bulk_create(
        Answer(response=response, question=questions[name], recommendation=items.get(number), value=value)
        for (name, number), value in said.items()
    )


def make_items(recommendation_set: RecommendationSet, labels: dict[int, str]) -> None:
    for number, label in labels.items():
        RecommendationFactory(recommendation_set=recommendation_set, number=number, label=label)


def make_offices(count: int) -> list[Office]:
    return [OfficeFactory(code=f"O{n:03}", region=REGIONS[n % 3]) for n in range(count)]
