"""The questionnaire as one form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from portal.forms import TextField
from recommendations.models import Recommendation
from surveys import rules
from surveys.actions.responses import SectionChange
from surveys.models import LEVELS, Answer, Question, Section
from surveys.questionnaire import Questionnaire
from surveys.rules import Given
from surveys.standing import Standing, digest, line_of

# The version of a section, and a mark of each of its lines, as they were when the form was opened.
OPENED = r"\A[0-9]{1,9}:[0-9a-f]{12}(\.[0-9a-f]{12})*\Z"


NO_VERSION = -1


@dataclass(frozen=True)
class Line:
    """One line of a section: its field, the comment beside it, the recommendation it stands at."""

    recommendation: Recommendation | None
    field: BoundField
    comment: BoundField | None = None
    # Where the answer was carried over from an earlier round: by which it is said to be still so.
    confirm: BoundField | None = None
    # What was saved last on this line, for who changed it and when.
    answer: Answer | None = None


@dataclass(frozen=True)
class SectionPart:
    """One question as the page shows it."""

    question: Question
    opened: BoundField
    lines: list[Line]
    saved: Section | None
    answered: int
    # Of how many lines; questions without lines of their own count as one.
    asked: int
    # The labels of the options that ask for an explanation.
    explained: list[str]

    @property
    def unconfirmed(self) -> int:
        """How many lines hold what was carried over and is not confirmed."""
        return sum(line.confirm is not None for line in self.lines)

    @property
    def is_complete(self) -> bool:
        return self.answered >= self.asked


class ResponseForm(forms.Form):
    """All questions of a round. Fields are named `q.question.recommendation.comment`, as far as they go.

    Each section carries the version that it was opened with and a mark of what it said then, so that
    a save takes only what the person changed and leaves the sections of colleagues alone.
    """

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        questionnaire: Questionnaire,
        standing: Standing,
        typed: QueryDict | None = None,
        keep_opened: bool = False,
    ) -> None:
        """`typed` is put into a form that is not checked yet: of what somebody typed, the
        sections that they changed. With `keep_opened` these keep the versions they were opened with.
        """
        self.questionnaire = questionnaire
        self.standing = standing
        super().__init__(data, initial=dict(self.initial_values(standing.given())))
        for question in questionnaire.questions:
            marks = ".".join(self.marks(question, standing.given(question)))
            opened = f"{standing.version_of(question)}:{marks}"
            self.fields[opened_name(question)] = forms.RegexField(
                OPENED, initial=opened, widget=forms.HiddenInput, required=False
            )
            self.fields.update(self.fields_of(question))
            self.fields.update(self.confirmations(question))
        if typed is not None:
            self.fill_in(typed, keep_opened=keep_opened)

    def fill_in(self, typed: QueryDict, *, keep_opened: bool) -> None:
        before = ResponseForm(typed, questionnaire=self.questionnaire, standing=self.standing)
        before.is_valid()
        for question in self.questionnaire.questions:
            touched = before.touched(question)
            for item in touched:
                name = field_name(question, item)
                many = question.kind == Question.Kind.SELECT
                self.initial[name] = typed.getlist(name) if many else typed.get(name, "")
                self.initial[f"{name}.comment"] = typed.get(f"{name}.comment", "")
                self.initial[f"{name}.confirm"] = before.is_ticked(f"{name}.confirm")
            if touched and keep_opened:
                self.fields[opened_name(question)].initial = typed.get(opened_name(question), "")

    def marks(self, question: Question, answers: Sequence[Given]) -> list[str]:
        """A mark of each line: what a person changes is told line by line."""
        per_recommendation = question.kind in Question.PER_RECOMMENDATION
        return [
            digest(answer for answer in answers if not per_recommendation or answer.recommendation == item)
            for item in self.questionnaire.items_of(question)
        ]

    def initial_values(self, answers: Sequence[Given]) -> Iterator[tuple[str, Any]]:
        selected: dict[str, list[str]] = {}
        for answer in answers:
            question = answer.question
            if question.kind == Question.Kind.SELECT:
                item = str(answer.recommendation.number) if answer.recommendation else answer.value
                selected.setdefault(field_name(question, None), []).append(item)
            else:
                name = field_name(question, answer.recommendation)
                yield name, answer.value
                yield f"{name}.comment", answer.comment
        yield from selected.items()

    def fields_of(self, question: Question) -> Iterator[tuple[str, forms.Field]]:
        """The fields of one question, in the order in which they are read."""
        kind = question.kind
        if kind == Question.Kind.SELECT:
            yield field_name(question, None), self.select_field(question)
        elif kind == Question.Kind.TEXT:
            yield field_name(question, None), text_field(question.text, rows=4)
        elif kind == Question.Kind.CHOICE:
            options = [(option.key, option.label) for option in self.questionnaire.options[question.pk]]
            yield field_name(question, None), radio_field(question.text, options)
            yield f"q.{question.key}.comment", text_field(_("Explanation or comment"), rows=2)
        else:
            for item in self.questionnaire.recommendations:
                name = field_name(question, item)
                label = f"{item.number}. {item.label}"
                if kind == Question.Kind.COMMENTS:
                    yield name, text_field(label, rows=2)
                else:
                    yield name, radio_field(label, LEVELS.items())
                    yield f"{name}.comment", text_field(_("Comment on %(label)s") % {"label": label}, rows=2)

    def confirmations(self, question: Question) -> Iterator[tuple[str, forms.Field]]:
        """A box beside each line with an answer that was carried over."""
        carried = {line_of(answer) for answer in self.standing.carried(question)}
        for item in self.questionnaire.items_of(question):
            if (item.pk if item else None) in carried:
                name = field_name(question, item)
                widget = forms.CheckboxInput(attrs={"class": "form-check-input"})
                yield f"{name}.confirm", forms.BooleanField(label=_("Still so"), required=False, widget=widget)

    def confirmed(self, question: Question) -> set[int | None]:
        """The lines that the person confirmed, one by one or all of the question (`confirm`).

        Also those that a colleague changed since, of which the box is gone: nobody confirms unseen.
        """
        waiting = {line_of(answer) for answer in self.standing.carried(question)}
        return {
            item.pk if item else None
            for item in self.questionnaire.items_of(question)
            if self.is_ticked(f"{field_name(question, item)}.confirm")
        } | (waiting if self.data.get("confirm") == question.key else set())

    def is_ticked(self, name: str) -> bool:
        return bool(forms.CheckboxInput().value_from_datadict(self.data, self.files, name))

    def select_field(self, question: Question) -> forms.MultipleChoiceField:
        choices = [(str(item.number), f"{item.number}. {item.label}") for item in self.questionnaire.recommendations]
        if question.exclusive_option:
            choices.append((question.exclusive_option, str(Question.Exclusive(question.exclusive_option).label)))
        widget = forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"})
        return forms.MultipleChoiceField(label=question.text, choices=choices, required=False, widget=widget)

    @cached_property
    def sections(self) -> list[SectionPart]:
        """The questions with their bound fields, for the page."""
        return [self.section(question) for question in self.questionnaire.questions]

    def section(self, question: Question) -> SectionPart:
        lines = list(self.lines_of(question))
        given = self.standing.given(question)
        per_recommendation = question.kind in Question.PER_RECOMMENDATION
        return SectionPart(
            question=question,
            opened=self[opened_name(question)],
            lines=lines,
            saved=self.standing.sections.get(question.pk),
            answered=len(given) if per_recommendation else min(len(given), 1),
            asked=len(lines),
            explained=[o.label for o in self.questionnaire.options.get(question.pk, []) if o.needs_explanation],
        )

    def lines_of(self, question: Question) -> Iterator[Line]:
        for item in self.questionnaire.items_of(question):
            name = field_name(question, item)
            comment, confirm = (
                self[part] if part in self.fields else None for part in (f"{name}.comment", f"{name}.confirm")
            )
            yield Line(item, self[name], comment, confirm, self.standing.answer_at(question, item.pk if item else None))

    # What was given

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.answers: dict[int, list[Given]] = {}
        for question in self.questionnaire.questions:
            given = list(self.given(question, cleaned))
            for answer in given:
                self.check(answer)
            if question.kind == Question.Kind.SELECT and rules.contradicts(given):
                label = Question.Exclusive(question.exclusive_option).label
                message = _("“%(option)s” contradicts the recommendations selected beside it: keep one or the other.")
                self.add_error(field_name(question, None), message % {"option": label})
            self.answers[question.pk] = given
            # A question that was added since the form was opened has neither fields nor mark in what is sent.
            if given and not cleaned.get(opened_name(question)):
                self.add_error(opened_name(question), _("The form is incomplete: load the page again."))
        return cleaned

    def touched(self, question: Question) -> list[Recommendation | None]:
        """The lines that say something else than when the section was opened, or cannot be read."""
        _version, _colon, opened = self.data.get(opened_name(question), "").partition(":")
        items = self.questionnaire.items_of(question)
        now = self.marks(question, self.answers[question.pk])
        then = opened.split(".")
        if not opened or len(then) != len(now):
            return [item for item in items if self.data.get(field_name(question, item))]
        wrong = [self.has_error(name) or self.has_error(f"{name}.comment") for name in self.names(question)]
        confirmed = self.confirmed(question)
        return [
            item
            for item, one, other, faulty in zip(items, then, now, wrong, strict=True)
            if one != other or faulty or (item.pk if item else None) in confirmed
        ]

    def names(self, question: Question) -> list[str]:
        return [field_name(question, item) for item in self.questionnaire.items_of(question)]

    @property
    def changes(self) -> list[SectionChange]:
        """The sections that the person changed, with the versions they were opened with."""
        return [
            SectionChange(question, self.answers[question.pk], self.opened_version(question), self.confirmed(question))
            for question in self.questionnaire.questions
            if self.touched(question)
        ]

    def opened_version(self, question: Question) -> int:
        """The version of the section when the form was opened.

        NO_VERSION, if it said something else then than it does now in the same version: an import that was
        undone takes its version along.
        """
        version, _colon, then = self.cleaned_data[opened_name(question)].partition(":")
        now = self.marks(question, self.standing.given(question))
        is_same = int(version) != self.standing.version_of(question) or then.split(".") == now
        return int(version) if is_same else NO_VERSION

    def given(self, question: Question, cleaned: dict[str, Any]) -> Iterator[Given]:
        """The answers to one question; where nothing was said there is none."""
        if question.kind == Question.Kind.SELECT:
            yield from self.selected(question, cleaned.get(field_name(question, None), []))
            return
        for item in self.questionnaire.items_of(question):
            name = field_name(question, item)
            value = cleaned.get(name, "")
            comment = cleaned.get(f"{name}.comment", "")
            if value and f"{name}.comment" not in self.fields:
                # Not asked for here, but an imported one stays with its answer.
                standing = self.standing.answer_at(question, item.pk if item else None)
                comment = standing.comment if standing else ""
            if value or comment:
                yield Given(question, item, value, comment)

    def selected(self, question: Question, codes: Sequence[str]) -> Iterator[Given]:
        # The form asks for no comment here, but an imported one stays with its answer.
        comments = {(a.recommendation, a.value): a.comment for a in self.standing.given(question)}
        items = {str(item.number): item for item in self.questionnaire.recommendations}
        for code in codes:
            item = items.get(code)
            value = Answer.SELECTED if item else code
            yield Given(question, item, value, comments.get((item, value), ""))

    def check(self, answer: Given) -> None:
        explanations = self.questionnaire.explanations(answer.question)
        name = field_name(answer.question, answer.recommendation)
        for part, reason in rules.check_answer(
            answer.question, answer.recommendation, answer.value, answer.comment, explanations
        ):
            where = f"{name}.comment" if part == "comment" else name
            if not self.has_error(where):
                self.add_error(where, ValidationError(f"{capfirst(reason)}."))


def opened_name(question: Question) -> str:
    return f"q.{question.key}.opened"


def field_name(question: Question, recommendation: Recommendation | None) -> str:
    # Keys hold no full stop, so that no two fields share a name, nor a field that of a button.
    return f"q.{question.key}.{recommendation.number}" if recommendation else f"q.{question.key}"


def text_field(label: str, *, rows: int) -> TextField:
    return TextField(label=label, rows=rows, attrs={"class": "form-control"}, required=False, strip=False)


def radio_field(label: str, choices: Any) -> forms.ChoiceField:
    """One of several, or no answer: a radio button once chosen could not be cleared otherwise."""
    return forms.ChoiceField(
        label=label,
        choices=[*choices, ("", _("No answer"))],
        required=False,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
