"""What a valid answer is: one place for the form, the import and the offline questionnaire."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.text import says_something
from recommendations.models import Recommendation
from surveys.models import LEVELS, Answer, Question


@dataclass(frozen=True, slots=True)
class Given:
    """One answer as given, not yet saved: the shape of `Answer` without its response."""

    question: Question
    recommendation: Recommendation | None
    value: str
    comment: str = ""


def needs_recommendation(question: Question, value: str) -> bool:
    """Whether an answer with this value stands at a recommendation."""
    if question.kind == Question.Kind.SELECT:
        return not question.exclusive_option or value != question.exclusive_option
    return question.kind in Question.PER_RECOMMENDATION


def check_answer(
    question: Question, recommendation: object, value: str, comment: str, options: dict[str, bool]
) -> Iterator[tuple[str, str]]:
    """What is wrong with one answer, as (`recommendation`, `value` or `comment`, reason).

    `options` has the keys of a `choice` question's options and whether each needs an explanation.
    """
    kind = question.kind
    if not says_something(value):
        yield "value", _("an answer needs a value, also beside a comment")
    elif kind == Question.Kind.LEVELS and value not in LEVELS:
        yield "value", _("is not one of %(codes)s") % {"codes": ", ".join(LEVELS)}
    elif kind == Question.Kind.SELECT and needs_recommendation(question, value) and value != Answer.SELECTED:
        codes = [Answer.SELECTED, question.exclusive_option] if question.exclusive_option else [Answer.SELECTED]
        yield "value", _("is not one of %(codes)s") % {"codes": ", ".join(codes)}
    elif kind == Question.Kind.CHOICE and value not in options:
        yield "value", _("is not one of %(codes)s") % {"codes": ", ".join(options) or "—"}
    elif kind == Question.Kind.CHOICE and options[value] and not says_something(comment):
        yield "comment", _("this option asks for an explanation")
    if needs_recommendation(question, value):
        if recommendation is None:
            yield "recommendation", _("this question is answered for each recommendation")
    elif recommendation is not None:
        yield "recommendation", _("this answer stands at no recommendation")


def contradicts(answers: Iterable[Given]) -> bool:
    """Whether the answers to one `select` question hold the exclusive option beside a recommendation."""
    at_recommendation = {answer.recommendation is not None for answer in answers}
    return len(at_recommendation) == 2
