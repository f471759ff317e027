"""The tables of one round, and the counts that all tables are made of."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from offices.models import Office
from offices.narrowing import Narrowing
from portal.figures import percent_of
from recommendations.models import Recommendation
from surveys.models import LEVELS, Answer, Question, Response, Survey
from surveys.questionnaire import Questionnaire

NO_ANSWER = "no_answer"


class Base(enum.StrEnum):
    """What 100 per cent is: those who submitted a response, or those of them who answered this."""

    RESPONDING = "responding"
    ANSWERED = "answered"


@dataclass(frozen=True)
class Cell:
    count: int
    percent: int | None  # None: the base is 0, or "No answer" has no share of those who answered


@dataclass(frozen=True)
class Row:
    recommendation: str | None
    code: str | None  # of a row that stands at no recommendation: the exclusive option or `no_answer`
    label: str
    n: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Table:
    question: str
    kind: str
    text: str
    columns: Mapping[str, str]  # label by code
    rows: tuple[Row, ...]

    @property
    def n(self) -> int | None:
        """The base of all rows; None where rows differ."""
        bases = {row.n for row in self.rows}
        return bases.pop() if len(bases) == 1 else None


class Text(NamedTuple):
    """What an office wrote: an answer in words, or a comment beside an answer."""

    question: str
    office: str
    recommendation: str | None
    text: str


@dataclass(frozen=True)
class Results:
    survey: Survey
    base: Base
    narrowing: Narrowing
    # None where the round was held elsewhere: how many were asked is not known here.
    invited: int | None
    responded: int | None
    tables: tuple[Table, ...] = ()
    texts: tuple[Text, ...] = ()

    @property
    def held_elsewhere(self) -> bool:
        return self.invited is None

    @property
    def texts_by_question(self) -> list[tuple[Table, list[Text]]]:
        """What was written, by question, those without any text left out."""
        written: dict[str, list[Text]] = {}
        for text in self.texts:
            written.setdefault(text.question, []).append(text)
        return [(table, written[table.question]) for table in self.tables if table.question in written]

    def as_json(self) -> dict[str, Any]:
        """The shape of `results.json` and of `manage.py survey_results` (docs/figures.md)."""
        return {
            "survey": self.survey.key,
            "is_sample": self.survey.is_sample,
            "base": self.base.value,
            "filters": self.narrowing.as_json(),
            "invited": self.invited,
            "responded": self.responded,
            "tables": [
                {
                    "question": table.question,
                    "kind": table.kind,
                    "n": table.n,
                    "columns": list(table.columns),
                    "rows": [
                        {
                            "recommendation": row.recommendation,
                            "code": row.code,
                            "label": row.label,
                            "n": row.n,
                            "cells": {
                                code: {"count": cell.count, "percent": cell.percent} for code, cell in row.cells.items()
                            },
                        }
                        for row in table.rows
                    ],
                }
                for table in self.tables
            ],
            "texts": [text._asdict() for text in self.texts],
        }

    def cells(self) -> Iterator[tuple[str | int | None, ...]]:
        """One tuple a cell: `CELL_COLUMNS`."""
        for table in self.tables:
            for row in table.rows:
                for code, cell in row.cells.items():
                    yield (
                        table.question,
                        table.kind,
                        row.recommendation,
                        row.code,
                        code,
                        cell.count,
                        row.n,
                        cell.percent,
                    )


CELL_COLUMNS = ("question", "kind", "recommendation", "code", "column", "count", "n", "percent")


def compute_results(survey: Survey, *, base: Base = Base.RESPONDING, narrowing: Narrowing | None = None) -> Results:
    """The tables of a round, by the rules of docs/figures.md.

    A round without invitations was held elsewhere: figures are None, tables and texts empty.
    """
    narrowing = narrowing or Narrowing()
    asked = survey.invitations.aggregate(
        all=Count("pk"), narrowed=Count("pk", filter=narrowing.condition("office") or None)
    )
    if not asked["all"]:
        return Results(survey, base, narrowing, invited=None, responded=None)
    tally = count_answers([survey], narrowing)[survey.pk]
    questionnaire = Questionnaire.of(survey)
    tables = tuple(TableMaker(questionnaire, question, tally, base).make() for question in questionnaire.questions)
    return Results(
        survey,
        base,
        narrowing,
        asked["narrowed"],
        tally.responded,
        tables,
        tuple(read_texts(survey, narrowing)),
    )


# Counting


@dataclass
class Tally:
    """What the database counted: the responses, the answers by value, and who answered at all."""

    responded: int
    # (question id, recommendation id or None) -> value -> answers; texts count under the value "".
    values: dict[tuple[int, int | None], dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    # question id -> responses with at least one answer, for the questions with several answers each
    answered: dict[int, int] = field(default_factory=dict)

    def at(self, question: Question, recommendation: Recommendation | None = None) -> dict[str, int]:
        return self.values.get((question.pk, recommendation.pk if recommendation else None), {})


def count_answers(
    surveys: Sequence[Survey], narrowing: Narrowing, *, among: QuerySet[Office] | None = None
) -> dict[int, Tally]:
    """Count the submitted answers of each round, by its id, of the offices `among` these: three queries."""
    responses = Response.objects.submitted().filter(counted(narrowing, among, "office"), survey__in=surveys)
    responded = dict(responses.values_list("survey_id").annotate(count=Count("*")).order_by())
    # Texts are told apart by nobody here, and would make a group each.
    value = Case(
        When(question__kind__in=Question.FREE_TEXT, then=Value("")),
        default=F("value"),
        output_field=CharField(),
    )
    submitted = Answer.objects.filter(
        counted(narrowing, among, "response__office"),
        response__survey__in=surveys,
        response__state=Response.State.SUBMITTED,
    )
    # A question belongs to one round, so that all rounds share these.
    values: dict[tuple[int, int | None], dict[str, int]] = defaultdict(dict)
    for question, recommendation, code, count in (
        submitted.annotate(code=value)
        .values_list("question_id", "recommendation_id", "code")
        .annotate(count=Count("*"))
        .order_by()
    ):
        values[question, recommendation][code] = count
    answered = dict(
        submitted.filter(question__kind=Question.Kind.SELECT)
        .values_list("question_id")
        .annotate(count=Count("response_id", distinct=True))
        .order_by()
    )
    return {survey.pk: Tally(responded.get(survey.pk, 0), values, answered) for survey in surveys}


def counted(narrowing: Narrowing, among: QuerySet[Office] | None, to_office: str) -> Q:
    """Which offices count: those of the filters and, where given, of these."""
    condition = narrowing.condition(to_office)
    return condition if among is None else condition & Q(**{f"{to_office}__in": among.values("pk")})


def answers_of(survey: Survey, narrowing: Narrowing) -> Any:
    """The answers that count: those of submitted responses."""
    return Answer.objects.filter(
        narrowing.condition("response__office"),
        response__survey=survey,
        response__state=Response.State.SUBMITTED,
    )


def read_texts(survey: Survey, narrowing: Narrowing) -> Iterator[Text]:
    """Answers in words and comments, in questionnaire order, then by office: one query."""
    answers = answers_of(survey, narrowing).filter(Q(question__kind__in=Question.FREE_TEXT) | ~Q(comment=""))
    for question, kind, office, number, value, comment in answers.order_by(
        "question__order", "question__key", "response__office__code", "recommendation__number"
    ).values_list(
        "question__key",
        "question__kind",
        "response__office__code",
        "recommendation__number",
        "value",
        "comment",
    ):
        recommendation = None if number is None else str(number)
        if kind in Question.FREE_TEXT:
            yield Text(question, office, recommendation, value)
        if comment:
            yield Text(question, office, recommendation, comment)


# Tables


@dataclass(frozen=True)
class TableMaker:
    """One question's counts laid out as its table: every option and "No answer", zeros included."""

    questionnaire: Questionnaire
    question: Question
    tally: Tally
    base: Base

    def make(self) -> Table:
        question = self.question
        columns, rows = {
            Question.Kind.LEVELS: self.levels,
            Question.Kind.SELECT: self.select,
            Question.Kind.CHOICE: self.choice,
            Question.Kind.TEXT: self.text,
            Question.Kind.COMMENTS: self.comments,
        }[Question.Kind(question.kind)]()
        return Table(question.key, question.kind, question.text, columns, tuple(rows))

    def levels(self) -> tuple[dict[str, str], list[Row]]:
        columns = {code: str(label) for code, label in LEVELS.items()}
        return with_no_answer(columns), [self.spread(columns, item) for item in self.questionnaire.recommendations]

    def choice(self) -> tuple[dict[str, str], list[Row]]:
        columns = {option.key: option.label for option in self.questionnaire.options[self.question.pk]}
        return with_no_answer(columns), [self.spread(columns)]

    def text(self) -> tuple[dict[str, str], list[Row]]:
        return with_no_answer({"answered": _("Answered")}), [self.written()]

    def comments(self) -> tuple[dict[str, str], list[Row]]:
        return with_no_answer({"answered": _("Answered")}), [
            self.written(item) for item in self.questionnaire.recommendations
        ]

    def select(self) -> tuple[dict[str, str], list[Row]]:
        answered = self.tally.answered.get(self.question.pk, 0)
        n = self.n(answered)

        def row(count: int, label: str, item: Recommendation | None = None, code: str | None = None) -> Row:
            cell = self.cell(count, n, is_answer=code != NO_ANSWER)
            return Row(str(item.number) if item else None, code, label, n, {"selected": cell})

        rows = [
            row(self.tally.at(self.question, item).get(Answer.SELECTED, 0), item.label, item)
            for item in self.questionnaire.recommendations
        ]
        if exclusive := self.question.exclusive_option:
            count = self.tally.at(self.question).get(exclusive, 0)
            rows.append(row(count, str(Question.Exclusive(exclusive).label), code=exclusive))
        rows.append(row(self.tally.responded - answered, _("No answer"), code=NO_ANSWER))
        return {"selected": _("Selected")}, rows

    def spread(self, columns: Mapping[str, str], item: Recommendation | None = None) -> Row:
        """A row in which each response has at most one of the columns."""
        counts = self.tally.at(self.question, item)
        return self.row({code: counts.get(code, 0) for code in columns}, item)

    def written(self, item: Recommendation | None = None) -> Row:
        """A row that counts who wrote something."""
        return self.row({"answered": sum(self.tally.at(self.question, item).values())}, item)

    def row(self, counts: Mapping[str, int], item: Recommendation | None) -> Row:
        answered = sum(counts.values())
        n = self.n(answered)
        cells = {code: self.cell(count, n) for code, count in counts.items()}
        cells[NO_ANSWER] = self.cell(self.tally.responded - answered, n, is_answer=False)
        return Row(str(item.number) if item else None, None, item.label if item else _("All responses"), n, cells)

    def n(self, answered: int) -> int:
        return answered if self.base is Base.ANSWERED else self.tally.responded

    def cell(self, count: int, n: int, *, is_answer: bool = True) -> Cell:
        """With the base "answered", the absence of an answer is no part of 100 per cent."""
        has_share = is_answer or self.base is Base.RESPONDING
        return Cell(count, percent_of(count, n) if has_share else None)


def with_no_answer(columns: dict[str, str]) -> dict[str, str]:
    return columns | {NO_ANSWER: _("No answer")}
