"""What a round asks, read once: its questions, their options and the recommendations of its set."""

from __future__ import annotations

import enum
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recommendations.models import Recommendation
from surveys.models import LEVELS, Question, QuestionOption, Survey
from surveys.rules import Given


class Match(enum.StrEnum):
    """By what a recommendation of one set is the same as one of the set that supersedes it."""

    LABEL = "label"
    NUMBER = "number"


def counterparts(recommendations: Iterable[Recommendation], match: Match = Match.LABEL) -> dict[int, int]:
    """Recommendations of several sets, by id, to the id that stands for all that are the same.

    Within a set each is only itself. Between sets a label that two recommendations of one set share
    tells nothing, and one without a counterpart stands for itself. Of those without a label the number tells.
    """
    found: dict[object, int] = {}
    items = list(recommendations)
    labels = Counter((item.recommendation_set_id, loosely(item.label)) for item in items)
    same: dict[int, int] = {}
    for item in items:
        label = loosely(item.label)
        is_clear = labels[item.recommendation_set_id, label] == 1
        by_number = match is Match.NUMBER or not label
        mark: object = item.number if by_number else label if is_clear else (item.pk,)
        same[item.pk] = found.setdefault(mark, item.pk)
    return same


def loosely(text: str) -> str:
    """A label without what a person or a program may change in passing: case and white space."""
    return " ".join(text.split()).casefold()


@dataclass(frozen=True)
class Questionnaire:
    survey: Survey
    questions: list[Question]
    recommendations: list[Recommendation]
    options: dict[int, list[QuestionOption]]  # by question id

    @classmethod
    def of(cls, survey: Survey) -> Questionnaire:
        """Three queries, whatever the length."""
        return cls.of_all([survey])[0]

    @classmethod
    def of_all(cls, surveys: Sequence[Survey]) -> list[Questionnaire]:
        """Of each of these rounds, in their order: three queries, however many."""
        options: dict[int, list[QuestionOption]] = defaultdict(list)
        for option in QuestionOption.objects.filter(question__survey__in=surveys).order_by("order", "key"):
            options[option.question_id].append(option)
        questions: dict[int, list[Question]] = defaultdict(list)
        rounds = {survey.pk: survey for survey in surveys}
        for question in Question.objects.filter(survey__in=surveys).order_by("order", "key"):
            question.survey = rounds[question.survey_id]
            questions[question.survey_id].append(question)
        items: dict[int, list[Recommendation]] = defaultdict(list)
        of_sets = {survey.recommendation_set_id for survey in surveys}
        for item in Recommendation.objects.filter(recommendation_set__in=of_sets).order_by("number"):
            items[item.recommendation_set_id].append(item)
        return [cls(survey, questions[survey.pk], items[survey.recommendation_set_id], options) for survey in surveys]

    def items_of(self, question: Question) -> Sequence[Recommendation | None]:
        """What a question is asked of: each recommendation, or (None) the set as a whole."""
        return self.recommendations if question.kind in Question.PER_RECOMMENDATION else [None]

    def in_words(self, answer: Given) -> str:
        """An answer as a person reads it, its comment below."""
        question, value = answer.question, answer.value
        if question.kind == Question.Kind.LEVELS:
            value = str(LEVELS.get(value, value))
        elif question.kind == Question.Kind.CHOICE:
            value = next((o.label for o in self.options[question.pk] if o.key == value), value)
        elif question.kind == Question.Kind.SELECT:
            item = answer.recommendation
            value = f"{item.number}. {item.label}" if item else str(Question.Exclusive(value).label)
        return f"{value}\n{answer.comment}" if answer.comment else value

    def explanations(self, question: Question) -> dict[str, bool]:
        """Which options there are, and whether each needs an explanation: what `rules` asks for."""
        return {option.key: option.needs_explanation for option in self.options[question.pk]}
