"""Invented data in the size of the measurements; the same every time."""

import csv
import io
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from offices.models import Office, Region
from recommendations.models import Recommendation, RecommendationSet
from surveys.models import LEVELS, Answer, Invitation, Question, QuestionOption, Response, Survey

SEED = 2025
BATCH = 1_000
RECOMMENDATIONS = range(1, 11)
OPTIONS = ("completely", "partly", "not")
QUESTIONS = (
    ("implementation", Question.Kind.LEVELS, ""),
    ("focus", Question.Kind.SELECT, Question.Exclusive.NONE),
    ("challenges", Question.Kind.SELECT, Question.Exclusive.NA),
    ("discussion", Question.Kind.SELECT, ""),
    ("sdlc", Question.Kind.CHOICE, ""),
    ("experience", Question.Kind.COMMENTS, ""),
    ("remarks", Question.Kind.TEXT, ""),
)
SENTENCE = (
    "the office has begun to renew its filing and search systems; a strategy exists, staff are trained, and the legal"
    " basis for electronic procedures is being revised together with users, although the budget of this year is small"
)
WORDS = SENTENCE.split()


class Given(NamedTuple):
    """One answer as invented: a row of a `responses` file without its round."""

    office: str
    question: str
    recommendation: int | None
    value: str
    comment: str = ""


def invent_answers(offices: Iterable[str]) -> Iterator[Given]:
    """About 25 answers an office, on questions of all five kinds."""
    luck = random.Random(SEED)
    for office in offices:
        for number in RECOMMENDATIONS:
            if luck.random() < 0.95:
                comment = invent_text(luck) if luck.random() < 0.05 else ""
                yield Given(office, "implementation", number, luck.choice(list(LEVELS)), comment)
        for question, _kind, exclusive in QUESTIONS[1:4]:
            if exclusive and luck.random() < 0.1:
                yield Given(office, question, None, exclusive)
            else:
                for number in luck.sample(RECOMMENDATIONS, luck.randint(1, 7)):
                    yield Given(office, question, number, Answer.SELECTED)
        option = luck.choice(OPTIONS)
        yield Given(office, "sdlc", None, option, invent_text(luck) if option == "partly" else "")
        for number in luck.sample(RECOMMENDATIONS, luck.randint(0, 4)):
            yield Given(office, "experience", number, invent_text(luck))
        if luck.random() < 0.4:
            yield Given(office, "remarks", None, invent_text(luck))


def invent_text(luck: random.Random) -> str:
    start = luck.randrange(len(WORDS) - 8)
    return " ".join(WORDS[start : start + luck.randint(4, 30)])


def make_offices(letter: str, count: int) -> list[Office]:
    """Offices whose codes begin with the letter, in all regions."""
    return Office.objects.bulk_create(
        [
            Office(
                code=f"{letter}{number:06}",
                name=f"Office {number}",
                kind=Office.Kind.NATIONAL,
                region=Region.values[number % len(Region.values)],
            )
            for number in range(1, count + 1)
        ],
        batch_size=BATCH,
    )


def make_set(key: str, issuer: str = "Bench", numbers: Iterable[int] = RECOMMENDATIONS) -> RecommendationSet:
    recommendation_set = RecommendationSet.objects.create(
        key=key, issuer=issuer, title=f"Recommendations, {key}", stage=RecommendationSet.Stage.ADOPTED
    )
    Recommendation.objects.bulk_create(
        [
            Recommendation(recommendation_set=recommendation_set, number=number, label=f"Recommendation {number}")
            for number in numbers
        ],
        batch_size=BATCH,
    )
    return recommendation_set


# In the order of time, as reports come in: those of one pair lie far apart.
HISTORY = """
    WITH RECURSIVE years(y) AS (SELECT 0 UNION ALL SELECT y + 1 FROM years WHERE y + 1 < %(years)s)
    INSERT INTO recommendations_statusreport (
        recommendation_id, office_id, as_at, revision, acceptance, implementation,
        assessment, summary, evidence_url, as_at_assumed, stated_change, source, recorded_at
    )
    SELECT item.id, office.id, {as_at}, 1, 'accepted',
        CASE (item.number + office.id * 13 + y * 5) %% 7
            WHEN 0 THEN 'implemented' WHEN 1 THEN 'in_progress' WHEN 2 THEN 'planned'
            WHEN 3 THEN 'under_consideration' WHEN 4 THEN 'not_planned' WHEN 5 THEN 'not_started' ELSE ''
        END,
        %(assessment)s, '', '', {no}, '', '', CURRENT_TIMESTAMP
    FROM years CROSS JOIN recommendations_recommendation item CROSS JOIN offices_office office
    WHERE item.recommendation_set_id = %(recommendation_set)s AND office.id IN ({offices})
    ORDER BY y, item.id, office.id
"""
LITERALS = {
    "sqlite": {"as_at": "date('2006-03-31', '+' || y || ' years')", "no": "0"},
    "postgresql": {"as_at": "(date '2006-03-31' + y * interval '1 year')::date", "no": "false"},
}


def write_history(recommendation_set: RecommendationSet, offices: Iterable[Office], years: int) -> int:
    """A status report of each office on each recommendation of the set, each 31 March from 2006; returns how many."""
    keys = [office.pk for office in offices]
    statement = HISTORY.format(offices=", ".join(map(str, keys)), **LITERALS[connection.vendor])
    values: dict[str, Any] = {"years": years, "assessment": SENTENCE, "recommendation_set": recommendation_set.pk}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
    return recommendation_set.recommendations.count() * len(keys) * years


@dataclass(frozen=True)
class Round:
    """A round with its questionnaire, and the ids that a writer of bare rows needs."""

    survey: Survey
    questions: dict[str, int]
    recommendations: dict[int | None, int | None]
    offices: dict[str, int]


def make_round(key: str, recommendation_set: RecommendationSet, offices: list[Office]) -> Round:
    """A round on all five kinds of questions to which these offices are invited."""
    survey = Survey.objects.create(
        key=key,
        title=f"Round {key}",
        recommendation_set=recommendation_set,
        opens_on=date(2025, 5, 2),
        closes_on=date(2025, 7, 7),
    )
    questions = Question.objects.bulk_create(
        Question(
            survey=survey, key=name, order=order, kind=kind, text=f"What about {name}?", exclusive_option=exclusive
        )
        for order, (name, kind, exclusive) in enumerate(QUESTIONS, start=1)
    )
    ids = {question.key: question.pk for question in questions}
    QuestionOption.objects.bulk_create(
        QuestionOption(
            question_id=ids["sdlc"], key=option, order=order, label=option, needs_explanation=option == "partly"
        )
        for order, option in enumerate(OPTIONS, start=1)
    )
    Invitation.objects.bulk_create([Invitation(survey=survey, office=office) for office in offices], batch_size=BATCH)
    recommendations: dict[int | None, int | None] = {None: None}
    recommendations.update(recommendation_set.recommendations.values_list("number", "pk"))
    return Round(survey, ids, recommendations, {office.code: office.pk for office in offices})


def write_answers(round_: Round, answers: Iterable[Given]) -> tuple[int, int]:
    """Write submitted responses with these answers; returns how many of each there are."""
    given = list(answers)
    now = timezone.now()
    responses = Response.objects.bulk_create(
        [
            Response(
                survey=round_.survey,
                office_id=round_.offices[code],
                state=Response.State.SUBMITTED,
                origin=Response.Origin.IMPORT,
                saved_at=now,
                submitted_at=now,
            )
            for code in dict.fromkeys(answer.office for answer in given)
        ],
        batch_size=BATCH,
    )
    of_office = {response.office_id: response.pk for response in responses}
    written = Answer.objects.bulk_create(
        [
            Answer(
                response_id=of_office[round_.offices[answer.office]],
                question_id=round_.questions[answer.question],
                recommendation_id=round_.recommendations[answer.recommendation],
                value=answer.value,
                comment=answer.comment,
            )
            for answer in given
        ],
        batch_size=BATCH,
    )
    return len(responses), len(written)


RESPONSES_COLUMNS = ("survey", "office", "question", "recommendation", "value", "comment")


def responses_file(survey: Survey, answers: Iterable[Given]) -> bytes:
    """A `responses` file in CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(RESPONSES_COLUMNS)
    writer.writerows((survey.key, *answer) for answer in answers)
    return text.getvalue().encode()
