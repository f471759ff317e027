"""Rounds beside each other: the tables of each, the change from one to the next, the offices that moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from offices.models import Office
from offices.narrowing import Narrowing
from surveys.models import Invitation, Question, Response, Survey
from surveys.questionnaire import Match, Questionnaire, counterparts
from surveys.results.flows import (
    ANSWERED,
    NO_RESPONSE,
    NOT_SELECTED,
    SELECTED,
    count_flows,
    type_of_moves,
)
from surveys.results.tables import NO_ANSWER, Base, Cell, Row, Table, TableMaker, Tally, count_answers

# A row of a table, the same in all rounds: the id that stands for a recommendation, or a code.
type_of_line = int | str | None
# One question by round; None where it is not asked.
type_of_asked = tuple[Question | None, ...]


@dataclass(frozen=True)
class ComparedRound:
    survey: Survey
    # None where the round was held elsewhere.
    invited: int | None
    # Those that count here: with `both`, the offices that responded in every round.
    responded: int | None

    @property
    def held_elsewhere(self) -> bool:
        return self.invited is None


@dataclass(frozen=True)
class Figure:
    """A cell of one round, and by how many points its printed percentage changed since the round before."""

    count: int
    percent: int | None
    change: int | None

    @property
    def change_in_words(self) -> str:
        """With its sign; blank where there is none to tell of."""
        return "" if self.change is None else f"{self.change:+d}".replace("-", "−") if self.change else "±0"


@dataclass(frozen=True)
class Side:
    """What a line says in one round."""

    recommendation: str | None
    label: str
    n: int
    cells: Mapping[str, Figure | None]  # by column of the question; None for an option that the round had not


@dataclass(frozen=True)
class Flow:
    """How many offices went from which state to which, from one round to the next; zeros included."""

    earlier: Survey
    later: Survey
    numbers: tuple[str | None, str | None]  # of the recommendation in each
    states: Mapping[str, str]  # label by code
    moves: type_of_moves

    @property
    def rows(self) -> list[tuple[str, list[tuple[int, bool]]]]:
        """By state in the earlier round: the counts by state in the later one, and whether it is the same."""
        return [
            (label, [(self.moves[earlier, later], earlier == later) for later in self.states])
            for earlier, label in self.states.items()
        ]

    def cells(self) -> dict[tuple[str, str], int]:
        return {(earlier, later): self.moves[earlier, later] for earlier in self.states for later in self.states}

    @property
    def n(self) -> int:
        """The offices invited to one of the two rounds."""
        return sum(self.moves.values())

    @property
    def in_both(self) -> int:
        """The offices that submitted in both rounds."""
        return sum(count for pair, count in self.moves.items() if NO_RESPONSE not in pair)

    @property
    def moved(self) -> int:
        """The offices that submitted in both rounds, and said something else in the later one."""
        return sum(n for (a, b), n in self.moves.items() if a != b and NO_RESPONSE not in (a, b))


@dataclass(frozen=True)
class Line:
    """One row of all rounds; None for a round in which it has no counterpart."""

    code: str | None
    sides: tuple[Side | None, ...]
    flows: tuple[Flow | None, ...]

    @property
    def found_flows(self) -> list[Flow]:
        return [flow for flow in self.flows if flow]

    @property
    def flows_in_both(self) -> list[Flow]:
        """Those that can tell of moves: between rounds in which some office responded twice."""
        return [flow for flow in self.found_flows if flow.in_both]

    @property
    def names(self) -> list[tuple[str | None, str]]:
        """Number and label, each that occurs once."""
        return list(dict.fromkeys((side.recommendation, side.label) for side in self.sides if side))


@dataclass(frozen=True)
class ComparedQuestion:
    key: str
    kind: str
    surveys: tuple[Survey, ...]
    texts: tuple[str | None, ...]  # by round; None where it is not asked
    columns: Mapping[str, str]
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """As asked last."""
        return next(text for text in reversed(self.texts) if text is not None)

    @property
    def has_flows_in_both(self) -> bool:
        return any(line.flows_in_both for line in self.lines)

    @property
    def by_round(self) -> list[tuple[Line, list[tuple[Survey, Side | None, bool]]]]:
        """Each line with what it says in each round, and whether the round asks the question."""
        asked = [text is not None for text in self.texts]
        return [(line, list(zip(self.surveys, line.sides, asked, strict=True))) for line in self.lines]

    @property
    def wordings(self) -> list[str]:
        return list(dict.fromkeys(text for text in self.texts if text is not None))


@dataclass(frozen=True)
class Alone:
    """A question that only one of the rounds asks in this kind, and that is not compared."""

    survey: Survey
    question: Question


@dataclass(frozen=True)
class Comparison:
    rounds: tuple[ComparedRound, ...]  # by their first day
    base: Base
    narrowing: Narrowing
    both: bool
    match: Match
    questions: tuple[ComparedQuestion, ...] = ()
    alone: tuple[Alone, ...] = ()

    @property
    def counted(self) -> list[ComparedRound]:
        """The rounds with figures: those that were not held elsewhere."""
        return [part for part in self.rounds if not part.held_elsewhere]

    @property
    def held_elsewhere(self) -> list[ComparedRound]:
        return [part for part in self.rounds if part.held_elsewhere]

    @property
    def is_sample(self) -> bool:
        return any(part.survey.is_sample for part in self.rounds)

    @property
    def several_sets(self) -> bool:
        return len({part.survey.recommendation_set_id for part in self.rounds}) > 1

    @property
    def never_both(self) -> list[tuple[Survey, Survey]]:
        """Each compared round with the next, where no office responded in both."""
        flows = [flow for question in self.questions for line in question.lines for flow in line.found_flows]
        return list(dict.fromkeys((flow.earlier, flow.later) for flow in flows if not flow.in_both))

    def only(self, question: str) -> Comparison:
        """The same of one question. Raises KeyError for one that is not compared."""
        found = tuple(part for part in self.questions if part.key == question)
        if not found:
            raise KeyError(question)
        return replace(self, questions=found)

    def as_json(self) -> dict[str, Any]:
        """The shape of `compare.json` (docs/figures.md)."""
        surveys = [part.survey.key for part in self.counted]
        return {
            "rounds": [
                {
                    "survey": part.survey.key,
                    "set": part.survey.recommendation_set.key,
                    "invited": part.invited,
                    "responded": part.responded,
                }
                for part in self.rounds
            ],
            "is_sample": self.is_sample,
            "base": self.base.value,
            "both": self.both,
            "match": self.match.value,
            "filters": self.narrowing.as_json(),
            "questions": [
                {
                    "question": question.key,
                    "kind": question.kind,
                    "columns": list(question.columns),
                    "rows": [row_as_json(line, surveys) for line in question.lines],
                }
                for question in self.questions
            ],
            "not_compared": [{"survey": alone.survey.key, "question": alone.question.key} for alone in self.alone],
        }

    def cells(self) -> Iterator[tuple[str | int | None, ...]]:
        """One tuple a cell, `COMPARISON_COLUMNS`: of each question the figures, then the moves."""
        for question in self.questions:
            for line in question.lines:
                yield from self.figures(question, line)
            for line in question.lines:
                yield from moves(question, line)

    def figures(self, question: ComparedQuestion, line: Line) -> Iterator[tuple[str | int | None, ...]]:
        for part, side in zip(self.counted, line.sides, strict=True):
            if side is None:
                continue
            named = ("figure", question.key, question.kind, line.code, None, None, None, part.survey.key)
            for column, cell in side.cells.items():
                if cell is not None:
                    yield (*named, side.recommendation, column, cell.count, side.n, cell.percent, cell.change)


COMPARISON_COLUMNS = (
    "part", "question", "kind", "code", "from_survey", "from_recommendation", "from_column",
    "survey", "recommendation", "column", "count", "n", "percent", "change",
)  # fmt: skip


def moves(question: ComparedQuestion, line: Line) -> Iterator[tuple[str | int | None, ...]]:
    for flow in line.found_flows:
        earlier, later = flow.numbers
        for (state, other), count in flow.cells().items():
            named = ("move", question.key, question.kind, line.code, flow.earlier.key, earlier, state)
            yield (*named, flow.later.key, later, other, count, flow.n, None, None)


def row_as_json(line: Line, surveys: Sequence[str]) -> dict[str, Any]:
    return {
        "code": line.code,
        "rounds": [
            side
            and {
                "survey": survey,
                "recommendation": side.recommendation,
                "label": side.label,
                "n": side.n,
                "cells": {
                    code: cell and {"count": cell.count, "percent": cell.percent, "change": cell.change}
                    for code, cell in side.cells.items()
                },
            }
            for survey, side in zip(surveys, line.sides, strict=True)
        ],
        "flows": [
            flow
            and {
                "from": flow.earlier.key,
                "to": flow.later.key,
                "n": flow.n,
                "in_both": flow.in_both,
                "moved": flow.moved,
                "cells": {a: {b: flow.moves[a, b] for b in flow.states} for a in flow.states},
            }
            for flow in line.flows
        ],
    }


def compare_rounds(
    surveys: Sequence[Survey],
    *,
    base: Base = Base.RESPONDING,
    narrowing: Narrowing | None = None,
    both: bool = False,
    match: Match = Match.LABEL,
) -> Comparison:
    """The tables of these rounds beside each other, by the rules of docs/figures.md: nine queries.

    With `both`, only offices that submitted in each round count. Which rounds can stand beside each
    other is for `policies.comparison_fault` to say.
    """
    narrowing = narrowing or Narrowing()
    ordered = sorted(surveys, key=lambda survey: (survey.opens_on, survey.key))
    invited = count_invited(ordered, narrowing)
    counted = [survey for survey in ordered if survey.pk in invited]
    responding = {survey.pk: Exists(submitted_to(survey)) for survey in counted}
    in_all = Office.objects.filter(*responding.values())
    tallies = count_answers(counted, narrowing, among=in_all if both else None)
    responded = {pk: tally.responded for pk, tally in tallies.items()}
    rounds = tuple(ComparedRound(survey, *(part.get(survey.pk) for part in (invited, responded))) for survey in ordered)
    found = Comparison(rounds, base, narrowing, both, match)
    if len(counted) < 2:
        return found
    questionnaires = Questionnaire.of_all(counted)
    offices = (in_all if both else Office.objects.all()).filter(narrowing.condition())
    return Maker(found, questionnaires, tallies, offices).make()


def submitted_to(survey: Survey) -> QuerySet[Response]:
    return Response.objects.submitted().filter(survey=survey, office=OuterRef("pk"))


def count_invited(surveys: Sequence[Survey], narrowing: Narrowing) -> dict[int, int]:
    """How many offices of these filters each round asked; rounds held elsewhere are not among them: one query."""
    invitations = Invitation.objects.filter(survey__in=surveys).order_by().values_list("survey_id")
    narrowed = Count("pk", filter=narrowing.condition("office") or None)
    return dict(invitations.annotate(count=narrowed))


# Laying out


class Maker:
    """Lays the tables of the rounds beside each other, question by question."""

    def __init__(
        self,
        found: Comparison,
        questionnaires: Sequence[Questionnaire],
        tallies: Mapping[int, Tally],
        offices: QuerySet[Office],
    ) -> None:
        self.found, self.questionnaires, self.tallies = found, questionnaires, tallies
        self.surveys = [questionnaire.survey for questionnaire in questionnaires]
        items = {item.pk: item for part in questionnaires for item in part.recommendations}
        self.same = counterparts(items.values(), found.match)
        self.asked = match_questions(questionnaires)
        stands = {one.pk: last(asked).pk for asked in self.asked for one in asked if one}
        self.flows = count_flows(self.surveys, stands, self.same, offices)

    def make(self) -> Comparison:
        compared = [asked for asked in self.asked if len(list(filter(None, asked))) > 1]
        alone = [last(asked) for asked in self.asked if asked not in compared]
        return replace(
            self.found,
            questions=tuple(self.question(asked) for asked in compared),
            alone=tuple(Alone(question.survey, question) for question in alone),
        )

    def question(self, asked: type_of_asked) -> ComparedQuestion:
        tables = [self.table(place, question) if question else None for place, question in enumerate(asked)]
        rows = [self.rows(place, table) for place, table in enumerate(tables)]
        columns = columns_of(tables)
        question = last(asked)
        return ComparedQuestion(
            question.key,
            question.kind,
            tuple(self.surveys),
            tuple(one.text if one else None for one in asked),
            columns,
            tuple(
                self.line(question, [of_round.get(line) for of_round in rows], columns, line) for line in lines(rows)
            ),
        )

    def table(self, place: int, question: Question) -> Table:
        tally = self.tallies[self.surveys[place].pk]
        return TableMaker(self.questionnaires[place], question, tally, self.found.base).make()

    def rows(self, place: int, table: Table | None) -> dict[type_of_line, Row]:
        """The rows of one round by what they are in all of them."""
        numbers = {str(item.number): self.same[item.pk] for item in self.questionnaires[place].recommendations}
        rows = table.rows if table else ()
        return {numbers[row.recommendation] if row.recommendation else row.code: row for row in rows}

    def line(
        self, question: Question, rows: Sequence[Row | None], columns: Mapping[str, str], line: type_of_line
    ) -> Line:
        before: Sequence[Row | None] = [None, *rows]
        return Line(
            line if isinstance(line, str) else None,
            tuple(side(row, earlier, columns) for row, earlier in zip(rows, before, strict=False)),
            tuple(
                self.flow(place, question, columns, line, (one.recommendation, other.recommendation))
                if one and other
                else None
                for place, (one, other) in enumerate(pairwise(rows))
            ),
        )

    def flow(
        self,
        place: int,
        question: Question,
        columns: Mapping[str, str],
        line: type_of_line,
        numbers: tuple[str | None, str | None],
    ) -> Flow:
        none, absent = {NO_ANSWER: _("No answer")}, {NO_RESPONSE: _("No response")}
        if line == NO_ANSWER:
            moves, states = self.flows.overall(place, question), {ANSWERED: _("Answered")}
        else:
            moves = self.flows.at(place, question, line if isinstance(line, int) else None)
            is_select = question.kind == Question.Kind.SELECT
            states = {SELECTED: _("Selected"), NOT_SELECTED: _("Not selected")} if is_select else dict(columns)
        return Flow(self.surveys[place], self.surveys[place + 1], numbers, states | none | absent, moves)


def match_questions(questionnaires: Sequence[Questionnaire]) -> list[type_of_asked]:
    """By round, the questions of one key and kind; in the order of the last round that asks them."""
    by_round = [{(one.key, one.kind): one for one in part.questions} for part in questionnaires]
    asked = dict.fromkeys(mark for of_round in reversed(by_round) for mark in of_round)
    return [tuple(of_round.get(mark) for of_round in by_round) for mark in asked]


def last(asked: type_of_asked) -> Question:
    return next(question for question in reversed(asked) if question)


def columns_of(tables: Sequence[Table | None]) -> dict[str, str]:
    """The columns of all rounds, in the order and words of the last one; "No answer" last."""
    columns: dict[str, str] = {}
    for table in reversed(tables):
        columns |= {code: label for code, label in (table.columns if table else {}).items() if code not in columns}
    return dict(sorted(columns.items(), key=lambda column: column[0] == NO_ANSWER))


def lines(rows: Sequence[Mapping[type_of_line, Row]]) -> list[type_of_line]:
    """The lines of all rounds: recommendations first, "No answer" last."""
    found = dict.fromkeys(line for of_round in reversed(rows) for line in of_round)
    return sorted(found, key=lambda line: (not isinstance(line, int), line == NO_ANSWER))


def side(row: Row | None, earlier: Row | None, columns: Iterable[str]) -> Side | None:
    if row is None:
        return None
    cells = {code: figure(row.cells.get(code), earlier.cells.get(code) if earlier else None) for code in columns}
    return Side(row.recommendation, row.label, row.n, cells)


def figure(cell: Cell | None, earlier: Cell | None) -> Figure | None:
    return Figure(cell.count, cell.percent, points(cell, earlier)) if cell else None


def points(cell: Cell, earlier: Cell | None) -> int | None:
    """The change of what is printed: from unrounded shares, 50% after 50% could be a change of one point."""
    if earlier is None or cell.percent is None or earlier.percent is None:
        return None
    return cell.percent - earlier.percent
