"""What a round asks, read once: its questions, their options and the recommendations of its set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from recommendations.models import Recommendation
from surveys.models import LEVELS, Question, QuestionOption, Survey
from surveys.rules import Given


@dataclass(frozen=True)
class Questionnaire:
    survey: Survey
    questions: list[Question]
    recommendations: list[Recommendation]
    options: dict[int, list[QuestionOption]]  # by question id

    @classmethod
    def of(cls, survey: Survey) -> Questionnaire:
        """Three queries, whatever the length."""
        options: dict[int, list[QuestionOption]] = defaultdict(list)
        for option in QuestionOption.objects.filter(question__survey=survey).order_by("order", "key"):
            options[option.question_id].append(option)
        recommendations = Recommendation.objects.filter(recommendation_set=survey.recommendation_set_id)
        return cls(
            survey, list(survey.questions.order_by("order", "key")), list(recommendations.order_by("number")), options
        )

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
