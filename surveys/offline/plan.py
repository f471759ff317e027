"""What stands in which row of the workbook, and what tells one workbook from another."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from offices.models import Office
from recommendations.models import Recommendation
from surveys.models import LEVELS, Answer, Question
from surveys.questionnaire import Questionnaire, loosely
from surveys.rules import Given
from surveys.standing import digest

# The hidden sheets are for programs, so that their names are the same in every language.
LISTS, IDENTIFICATION = "Lists", "Identification"
FORMAT = "1"
NUMBER, LABEL, ANSWER, COMMENT = range(4)


@dataclass(frozen=True)
class Line:
    """One row of the sheet of questions: what stands in it, and what may be filled in."""

    number: str
    label: str
    question: Question
    recommendation: Recommendation | None = None
    is_answer: bool = False
    choices: Mapping[str, str] | None = None  # code by label; None for free text
    has_comment: bool = False


@dataclass(frozen=True)
class Plan:
    """The sheet of questions in one language; row 1 is the header, `lines` begin in row 2."""

    title: str
    header: tuple[str, ...]
    lines: list[Line]

    @classmethod
    def of(cls, questionnaire: Questionnaire) -> Plan:
        """In the language that is active."""
        header = (_("No."), _("Question or recommendation"), _("Your answer"), _("Comment or explanation"))
        lines = [
            line
            for place, question in enumerate(questionnaire.questions, start=1)
            for line in lines_of(questionnaire, question, place)
        ]
        return cls(sheet_title(_("Questions")), header, lines)

    def fixed(self) -> dict[tuple[int, int], str]:
        """What stands in the cells that nobody fills in, by row and column from 0."""
        texts = {(0, column): text for column, text in enumerate(self.header)}
        for row, line in enumerate(self.lines, start=1):
            texts |= {(row, NUMBER): line.number, (row, LABEL): line.label}
        return texts


def lines_of(questionnaire: Questionnaire, question: Question, place: int) -> Iterator[Line]:
    """A question's heading, how to answer it, and its rows to fill in."""
    yield Line(_("Q%(number)d") % {"number": place}, question.text, question)
    yield Line("", hint(questionnaire, question), question)
    kind = question.kind
    choices = choices_of(questionnaire, question)
    has_comment = kind in {Question.Kind.LEVELS, Question.Kind.CHOICE}
    if kind in {Question.Kind.CHOICE, Question.Kind.TEXT}:
        yield Line("", _("Your answer"), question, None, True, choices, has_comment)
        return
    for item in questionnaire.recommendations:
        yield Line(str(item.number), item.label, question, item, True, choices, has_comment)
    if question.exclusive_option:
        label = str(Question.Exclusive(question.exclusive_option).label)
        yield Line("", label, question, None, True, {_("Yes"): question.exclusive_option})


def hint(questionnaire: Questionnaire, question: Question) -> str:
    """How to answer, in plain words."""
    if question.kind == Question.Kind.LEVELS:
        return _("Choose a level from the list beside each recommendation. An empty cell means “No answer”.")
    if question.kind == Question.Kind.SELECT:
        many = _("Choose “Yes” beside each recommendation that applies; leave the others empty.")
        if not question.exclusive_option:
            return many
        label = Question.Exclusive(question.exclusive_option).label
        return f"{many} {_('“%(option)s” stands alone: choose it only if all others are empty.') % {'option': label}}"
    if question.kind == Question.Kind.CHOICE:
        one = _("Choose one option from the list. An empty cell means “No answer”.")
        explained = [o.label for o in questionnaire.options[question.pk] if o.needs_explanation]
        if not explained:
            return one
        return f"{one} {_('Please explain in the last column: %(options)s.') % {'options': '; '.join(explained)}}"
    if question.kind == Question.Kind.COMMENTS:
        return _("Write beside each recommendation where you have something to say; leave the others empty.")
    return _("Write as much as you like; leave the cell empty for “No answer”.")


def choices_of(questionnaire: Questionnaire, question: Question) -> dict[str, str] | None:
    """The code of each entry of the list; no two entries look alike, or nobody could tell what was chosen."""
    if question.kind in Question.FREE_TEXT:
        return None
    if question.kind == Question.Kind.SELECT:
        return {_("Yes"): Answer.SELECTED}
    labels = (
        {code: str(label) for code, label in LEVELS.items()}
        if question.kind == Question.Kind.LEVELS
        else {option.key: option.label for option in questionnaire.options[question.pk]}
    )
    seen = [loosely(label) for label in labels.values()]
    return {
        " ".join(label.split()) if seen.count(loosely(label)) == 1 else f"{label} ({code})": code
        for code, label in labels.items()
    }


def sheet_title(text: str) -> str:
    """A translated name as a workbook can have it."""
    return re.sub(r"[\[\]:*?/\\']", " ", text)[:31]


def fingerprint(questionnaire: Questionnaire) -> str:
    """Of all that a person reads and chooses from: an answer to other words is another answer."""
    asked = [
        [
            [q.key, q.kind, q.text, q.exclusive_option],
            [[o.key, o.label, o.needs_explanation] for o in questionnaire.options.get(q.pk, [])],
        ]
        for q in questionnaire.questions
    ]
    items = [[item.number, item.label] for item in questionnaire.recommendations]
    return hashlib.sha256(json.dumps([asked, items]).encode()).hexdigest()[:32]


def shown(answers: Iterable[Given]) -> list[Given]:
    """The answers without the comments for which the workbook has no cell; it asks for none there."""
    with_comment = {Question.Kind.LEVELS, Question.Kind.CHOICE}
    return [answer if answer.question.kind in with_comment else replace(answer, comment="") for answer in answers]


def answers_to(question: Question, answers: Iterable[Given]) -> list[Given]:
    return [answer for answer in answers if answer.question.pk == question.pk]


def place_of(question: Question, recommendation: Recommendation | None) -> tuple[int, int | None]:
    return question.pk, recommendation.pk if recommendation else None


def identification(questionnaire: Questionnaire, answers: Sequence[Given], office: Office) -> Iterator[tuple[str, str]]:
    """Whose workbook it is, and a mark of what each question said when it was made."""
    yield "format", FORMAT
    yield "survey", questionnaire.survey.key
    yield "office", office.code
    yield "questionnaire", fingerprint(questionnaire)
    yield "language", translation.get_language() or settings.LANGUAGE_CODE
    for question in questionnaire.questions:
        yield f"said.{question.key}", digest(shown(answers_to(question, answers)))
