"""Writes to the questionnaire of a round: its questions, with their options and their order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import models, transaction
from django.forms import model_to_dict
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from offices.models import User
from portal.writes import (
    Refused,
    Taken,
    assign,
    check_version,
    create_with_history,
    in_json,
    refuse,
    same_as,
    says,
    version_of,
)
from surveys import policies
from surveys.actions import common
from surveys.models import Answer, Question, QuestionOption, Section, Survey

QUESTION_FIELDS = ("key", "order", "kind", "text", "exclusive_option")
OPTION_FIELDS = ("key", "order", "label", "needs_explanation")


@dataclass(frozen=True)
class OptionValues:
    key: str
    order: int
    label: str
    needs_explanation: bool


def question_version(question: Question) -> str:
    """Of a question with its options, also those that are gone."""
    options = QuestionOption.history.filter(question_id=question.pk).aggregate(last=models.Max("history_id"))
    return f"{version_of(question)}-{options['last'] or 0}"


def is_answered(survey: Survey) -> bool:
    """Whether any office has begun to answer: from then on nothing is asked more or less."""
    sections = Section.objects.filter(response__survey=survey)
    return Answer.objects.filter(response__survey=survey).exists() or sections.exists()


def add_question(
    *, survey: Survey, key: str, values: Mapping[str, Any], options: Sequence[OptionValues], by: User
) -> Question:
    """One more question. The same again has no effect; raises Taken, or Refused."""
    with transaction.atomic():
        current = common.lock_round(survey)
        existing = current.questions.filter(key=key).first()
        if existing is not None:
            if options_of(existing) != by_key(options):
                raise Taken(existing)
            return same_as(existing, values)
        if is_answered(current):
            raise Refused(_("The round has answers: no question can be added or removed."))
        refuse(policies.question_faults(values, None, answered=False))
        question = Question.objects.create(survey=current, key=key, **values)
        write_options(question, options)
        common.record("add question", current, by=by, question=key, **in_json(values), options=[o.key for o in options])
        return question


def update_question(
    *, question: Question, values: Mapping[str, Any], options: Sequence[OptionValues], version: str, by: User
) -> Question:
    """Other words, order, kind or options; what is answered keeps its kind and its options' keys.

    Raises Stale or Refused.
    """
    with transaction.atomic():
        common.lock_round(question.survey)
        current = Question.objects.select_related("survey").get(pk=question.pk)
        if says(current, values) and options_of(current) == by_key(options):
            return current
        check_version(current, question_version(current), version)
        answered = current.answers.exists() or current.sections.exists()
        refuse(policies.question_faults(values, current, answered=answered))
        if answered and frozen(options_of(current).values()) != frozen(options):
            raise Refused(_("The question has answers: its options can be reworded and reordered only."))
        changes = assign(current, values)
        current.save()
        write_options(current, options)
        common.record("change question", current.survey, by=by, question=current.key, changes=changes)
        return current


def remove_question(*, survey: Survey, key: str, by: User) -> None:
    """Take a question out of a round without answers; none of that key: no effect. Raises Refused."""
    with transaction.atomic():
        current = common.lock_round(survey)
        question = current.questions.filter(key=key).first()
        if question is None:
            return
        if is_answered(current):
            raise Refused(_("The round has answers: no question can be added or removed."))
        for option in question.options.all():
            option.delete()  # one by one: each leaves its history
        question.delete()
        common.record("remove question", current, by=by, question=key)


def place_question(*, survey: Survey, key: str, place: int, by: User) -> None:
    """Put a question at a place, counted from 1, and number all from 1 in their order."""
    with transaction.atomic():
        current = common.lock_round(survey)
        questions = list(current.questions.order_by("order", "key"))
        moved = next((question for question in questions if question.key == key), None)
        if moved is None or not 1 <= place <= len(questions) or questions[place - 1] == moved:
            return
        questions.remove(moved)
        questions.insert(place - 1, moved)
        renumbered = [question for order, question in enumerate(questions, start=1) if question.order != order]
        for order, question in enumerate(questions, start=1):
            question.order = order
        bulk_update_with_history(renumbered, Question, ["order"], default_user=by)
        common.record("order questions", current, by=by, question=key, place=place)


def copy_questionnaire(source: Survey, survey: Survey, *, by: User) -> int:
    """The questions and options of one round into another that has none; returns how many questions."""
    questions = list(source.questions.order_by("order", "key"))
    copies = {q.pk: Question(survey=survey, **model_to_dict(q, QUESTION_FIELDS)) for q in questions}
    create_with_history(list(copies.values()), by=by)
    options = QuestionOption.objects.filter(question__survey=source).order_by("order", "key")
    create_with_history(
        [QuestionOption(question=copies[o.question_id], **model_to_dict(o, OPTION_FIELDS)) for o in options], by=by
    )
    return len(questions)


def write_options(question: Question, options: Sequence[OptionValues]) -> None:
    """Make the options those given; a question of another kind has none. Raises Refused."""
    if options and question.kind != Question.Kind.CHOICE:
        raise Refused(("kind", _("only questions of the kind choice have options: remove them first")))
    wanted = by_key(options)
    if len(wanted) != len(options):
        raise Refused(_("Two options have the same key."))
    refuse(
        (None, _("Option %(key)s: %(reason)s.") % {"key": key, "reason": reason})
        for key in wanted
        if (reason := policies.option_fault(key))
    )
    standing = {option.key: option for option in question.options.all()}
    for key, option in standing.items():
        if key not in wanted:
            option.delete()
    for key, values in wanted.items():
        option = standing.get(key) or QuestionOption(question=question)
        if option.pk is None or not says(option, asdict(values)):
            assign(option, asdict(values))
            option.save()


def options_of(question: Question) -> dict[str, OptionValues]:
    return by_key(OptionValues(**values) for values in question.options.values(*OPTION_FIELDS))


def by_key(options: Iterable[OptionValues]) -> dict[str, OptionValues]:
    return {option.key: option for option in options}


def frozen(options: Iterable[OptionValues]) -> set[tuple[str, bool]]:
    """What of the options answers rely on."""
    return {(option.key, option.needs_explanation) for option in options}


def questions_of(survey: Survey) -> set[tuple[object, ...]]:
    """The questionnaire as plain values, to be compared with another."""
    questions = survey.questions.values_list(*QUESTION_FIELDS)
    options = QuestionOption.objects.filter(question__survey=survey)
    return {*questions, *options.values_list("question__key", *OPTION_FIELDS)}
