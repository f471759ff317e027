"""Two questions of a round against each other, counted by the database in one statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BigIntegerField, Case, Count, F, FilteredRelation, Q, Value, When
from django.utils.translation import gettext as _

from offices.narrowing import Narrowing
from portal.figures import percent_of
from recommendations.models import Recommendation
from surveys.models import LEVELS, Answer, Question, Response, Survey
from surveys.questionnaire import Questionnaire
from surveys.results.tables import NO_ANSWER, Base, Cell

ANSWERED, SELECTED, NOT_SELECTED = "answered", "selected", "not_selected"
# Beside the lines of a question with several answers each: that there is any.
ANY = ""

# (line of the rows, line of the columns) -> offices
type_of_counts = dict[tuple[str, str], int]


class AxisUnclear(Exception):
    """A question cannot stand in a cross-table as asked for; the message says what to choose."""


class NoSuchAxis(Exception):
    """There is no such question or recommendation in the round."""


@dataclass(frozen=True)
class Axis:
    """One side of the table: a question, for those asked of each recommendation with one of these."""

    question: Question
    recommendation: Recommendation | None
    lines: Mapping[str, str]  # label by code, "No answer" last
    numbers: Mapping[int, str]  # of the round's recommendations by id

    @property
    def several(self) -> bool:
        """Whether one office can stand in several lines, so that they add up to more than n."""
        return self.question.kind == Question.Kind.SELECT and self.recommendation is None

    @property
    def key(self) -> str:
        """As in the address: `question` or `question:number`."""
        return f"{self.question.key}:{self.recommendation.number}" if self.recommendation else self.question.key

    @property
    def text(self) -> str:
        item = self.recommendation
        return f"{self.question.text} ({item.number}. {item.label})" if item else self.question.text

    def ways(self, responses: Any, name: str) -> list[Any]:
        """The responses with their line as `name` and, of a recommendation, `name_item`; NULL where there is none.

        Once in each line where there can be several, and besides, once each, with that there is any. Joined
        or looked up in a list, never asked for one by one, which PostgreSQL takes forty times as long for.
        """
        said = responses.annotate(
            **{f"{name}_said": FilteredRelation("answers", condition=self.condition("answers__"))}
        )
        value, item = F(f"{name}_said__value"), F(f"{name}_said__recommendation_id")
        no_item = Value(None, output_field=BigIntegerField())
        once = {name: self.line(), f"{name}_item": no_item}
        if self.several:
            return [said.annotate(**{name: value, f"{name}_item": item}), responses.annotate(**once)]
        if self.question.kind in {Question.Kind.LEVELS, Question.Kind.CHOICE}:
            return [said.annotate(**{name: value, f"{name}_item": no_item})]
        return [responses.annotate(**once)]

    def condition(self, path: str = "") -> Q:
        """The answers of this axis."""
        of_question = Q(**{f"{path}question": self.question})
        return of_question if self.several else of_question & Q(**{f"{path}recommendation": self.recommendation})

    def line(self) -> Case:
        """What a response says that stands in one line only."""
        said = Answer.objects.filter(question=self.question)
        here, alone = said.filter(self.condition()), said.filter(recommendation=None)
        if self.several or self.question.kind in Question.FREE_TEXT:
            return Case(When(pk__in=here.values("response"), then=Value(ANY if self.several else ANSWERED)))
        return Case(
            When(pk__in=here.values("response"), then=Value(SELECTED)),
            When(pk__in=alone.values("response"), then=Value(self.question.exclusive_option or NOT_SELECTED)),
            When(pk__in=said.values("response"), then=Value(NOT_SELECTED)),
        )

    def code(self, line: str | None, item: int | None) -> str:
        """A line as the table names it."""
        return self.numbers[item] if item else NO_ANSWER if line is None else line


@dataclass(frozen=True)
class Crosstable:
    survey: Survey
    base: Base
    narrowing: Narrowing
    rows: Axis
    columns: Axis
    # None where the round was held elsewhere, and then nothing is counted.
    invited: int | None
    responded: int | None = None
    n: int | None = None
    cells: Mapping[tuple[str, str], Cell] = field(default_factory=dict)
    # The offices of a line within the base, each once.
    row_totals: Mapping[str, Cell] = field(default_factory=dict)
    column_totals: Mapping[str, Cell] = field(default_factory=dict)

    @property
    def held_elsewhere(self) -> bool:
        return self.invited is None

    @property
    def body(self) -> list[tuple[str, list[Cell], Cell]]:
        """Each row with its label, cells and total; empty for a round held elsewhere."""
        if self.held_elsewhere:
            return []
        return [
            (label, [self.cells[row, column] for column in self.columns.lines], self.row_totals[row])
            for row, label in self.rows.lines.items()
        ]

    def as_json(self) -> dict[str, Any]:
        """The shape of `cross.json` (docs/figures.md)."""
        return {
            "survey": self.survey.key,
            "is_sample": self.survey.is_sample,
            "base": self.base.value,
            "filters": self.narrowing.as_json(),
            "invited": self.invited,
            "responded": self.responded,
            "n": self.n,
            "rows": axis_as_json(self.rows),
            "columns": axis_as_json(self.columns),
            "cells": [{"row": row, "column": column, **vars(cell)} for (row, column), cell in self.cells.items()],
            "row_totals": [{"row": row, **vars(cell)} for row, cell in self.row_totals.items()],
            "column_totals": [{"column": column, **vars(cell)} for column, cell in self.column_totals.items()],
        }

    def lines(self) -> Iterator[tuple[str | int | None, ...]]:
        """One tuple a cell, `CROSS_COLUMNS`; a blank row or column is the total."""
        for (row, column), cell in self.cells.items():
            yield self.rows.key, row, self.columns.key, column, cell.count, self.n, cell.percent
        for row, cell in self.row_totals.items():
            yield self.rows.key, row, self.columns.key, None, cell.count, self.n, cell.percent
        for column, cell in self.column_totals.items():
            yield self.rows.key, None, self.columns.key, column, cell.count, self.n, cell.percent


CROSS_COLUMNS = ("row_question", "row", "column_question", "column", "count", "n", "percent")


def axis_as_json(axis: Axis) -> dict[str, Any]:
    return {
        "question": axis.question.key,
        "kind": axis.question.kind,
        "recommendation": str(axis.recommendation.number) if axis.recommendation else None,
        "several": axis.several,
        "lines": [{"code": code, "label": label} for code, label in axis.lines.items()],
    }


def compute_crosstable(
    survey: Survey,
    rows: Axis,
    columns: Axis,
    *,
    base: Base = Base.RESPONDING,
    narrowing: Narrowing | None = None,
) -> Crosstable:
    """Two questions of a round against each other, by the rules of docs/figures.md: two queries."""
    narrowing = narrowing or Narrowing()
    asked = survey.invitations.aggregate(
        all=Count("pk"), narrowed=Count("pk", filter=narrowing.condition("office") or None)
    )
    if not asked["all"]:
        return Crosstable(survey, base, narrowing, rows, columns, None)
    return Maker(rows, columns, base, count_pairs(survey, rows, columns, narrowing)).make(
        survey, narrowing, asked["narrowed"]
    )


def count_pairs(survey: Survey, rows: Axis, columns: Axis, narrowing: Narrowing) -> type_of_counts:
    """How many submitted responses stand in each line of both questions: one query.

    Of a question with several answers each, those that have any are counted besides.
    """
    responses = Response.objects.submitted().filter(narrowing.condition("office"), survey=survey)
    each = [across for down in rows.ways(responses, "down") for across in columns.ways(down, "across")]
    lines = ("down", "down_item", "across", "across_item")
    parts = [part.order_by().values_list(*lines).annotate(n=Count("*")) for part in each]
    found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return {(rows.code(*place[:2]), columns.code(*place[2:])): count for *place, count in found}


# The questions of a table


def find_axis(questionnaire: Questionnaire, key: str) -> Axis:
    """The axis that `question` or `question:number` names. Raises NoSuchAxis or AxisUnclear."""
    name, colon, number = key.partition(":")
    question = next((one for one in questionnaire.questions if one.key == name), None)
    item = next((one for one in questionnaire.recommendations if str(one.number) == number), None)
    if question is None or bool(colon) != bool(item):
        raise NoSuchAxis
    if item and question.kind in {Question.Kind.CHOICE, Question.Kind.TEXT}:
        raise NoSuchAxis
    if item is None and question.kind in Question.PER_RECOMMENDATION:
        raise AxisUnclear(
            _("“%(question)s” is answered for each recommendation: choose one of them.") % {"question": question.text}
        )
    lines = lines_of(questionnaire, question, item) | {NO_ANSWER: _("No answer")}
    return Axis(question, item, lines, {one.pk: str(one.number) for one in questionnaire.recommendations})


def lines_of(questionnaire: Questionnaire, question: Question, item: Recommendation | None) -> dict[str, str]:
    """Every answer that there can be, in the order of the questionnaire."""
    if question.kind == Question.Kind.LEVELS:
        return {code: str(label) for code, label in LEVELS.items()}
    if question.kind == Question.Kind.CHOICE:
        return {option.key: option.label for option in questionnaire.options.get(question.pk, [])}
    if question.kind in Question.FREE_TEXT:
        return {ANSWERED: _("Answered")}
    exclusive = question.exclusive_option
    alone = {exclusive: str(Question.Exclusive(exclusive).label)} if exclusive else {}
    if item:
        return {SELECTED: _("Selected"), NOT_SELECTED: _("Not selected")} | alone
    return {str(one.number): f"{one.number}. {one.label}" for one in questionnaire.recommendations} | alone


# Laying out


@dataclass(frozen=True)
class Maker:
    """The counts laid out: every line of both questions, zeros included."""

    rows: Axis
    columns: Axis
    base: Base
    counts: type_of_counts

    def make(self, survey: Survey, narrowing: Narrowing, invited: int) -> Crosstable:
        rows, columns = self.rows.lines, self.columns.lines
        n = self.sum(self.within(self.rows), self.within(self.columns))
        return Crosstable(
            survey,
            self.base,
            narrowing,
            self.rows,
            self.columns,
            invited,
            self.sum([*once(self.rows), NO_ANSWER], [*once(self.columns), NO_ANSWER]),
            n,
            {(row, column): self.cell([row], [column], n) for row in rows for column in columns},
            {row: self.cell([row], self.within(self.columns), n) for row in rows},
            {column: self.cell(self.within(self.rows), [column], n) for column in columns},
        )

    def within(self, axis: Axis) -> list[str]:
        """The lines that together hold each office of the base once."""
        return [*once(axis), NO_ANSWER] if self.base is Base.RESPONDING else once(axis)

    def cell(self, rows: list[str], columns: list[str], n: int) -> Cell:
        """With the base "answered", the absence of an answer is no part of 100 per cent."""
        count = self.sum(rows, columns)
        has_share = self.base is Base.RESPONDING or [NO_ANSWER] not in (rows, columns)
        return Cell(count, percent_of(count, n) if has_share else None)

    def sum(self, rows: list[str], columns: list[str]) -> int:
        return sum(self.counts.get((row, column), 0) for row in rows for column in columns)


def once(axis: Axis) -> list[str]:
    """The lines in which each office that answered stands exactly once."""
    return [ANY] if axis.several else [line for line in axis.lines if line != NO_ANSWER]
