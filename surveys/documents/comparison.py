"""Rounds beside each other as files."""

from collections.abc import Iterator
from typing import IO

import xlsxwriter
from django.utils.translation import gettext as _

from portal.spreadsheets.writing import csv_lines, type_of_cell, write_sheet
from surveys.documents.results import selection_notes
from surveys.questionnaire import Match
from surveys.results.comparison import COMPARISON_COLUMNS, ComparedQuestion, ComparedRound, Comparison


def comparison_csv(comparison: Comparison) -> Iterator[str]:
    """One line a cell: the figures of each round, then the moves from one to the next."""
    return csv_lines(COMPARISON_COLUMNS, comparison.cells())


def comparison_xlsx(comparison: Comparison, file: IO[bytes]) -> None:
    """A workbook: notes first, then of each question its figures and its moves. Numbers are numbers."""
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        write_sheet(book, _("Notes"), [_("Note"), _("Value")], notes(comparison))
        for number, question in enumerate(comparison.questions, start=1):
            title = f"{number} {question.key}"
            write_sheet(book, title[:31], figures_header(question), figures(comparison, question))
            write_sheet(book, f"{title[:24]} {_('moves')}"[:31], moves_header(), moves(question))
        if comparison.alone:
            alone = ((part.survey.key, part.question.key, part.question.text) for part in comparison.alone)
            write_sheet(book, _("Not compared"), [_("Round"), _("Question"), _("Text")], alone)


def notes(comparison: Comparison) -> Iterator[tuple[str, type_of_cell]]:
    """What one must know to cite a figure."""
    if comparison.is_sample:
        yield _("Sample data"), _("Invented for demonstration: no office said this.")
    for part in comparison.rounds:
        yield f"{_('Round')} {part.survey.key}", in_words(part)
        yield f"{_('Recommendations')} {part.survey.key}", str(part.survey.recommendation_set)
    yield (
        _("Offices"),
        _("those that responded in every round") if comparison.both else _("all that responded in the round"),
    )
    yield from selection_notes(
        comparison.narrowing,
        _("responding offices of the round"),
        comparison.base,
        _("offices of the round that answered the question"),
    )
    yield _("Change"), _("in points, of the printed percentages, since the round before")
    yield _("Moves"), _("offices invited to one of the two rounds; “No response” is of those not invited, too")
    if comparison.several_sets:
        is_label = comparison.match is Match.LABEL
        yield (
            _("Recommendations of different sets are the same by"),
            _("their label") if is_label else _("their number"),
        )
    for number, question in enumerate(comparison.questions, start=1):
        yield _("Question %(number)d") % {"number": number}, question.text


def in_words(part: ComparedRound) -> str:
    survey = part.survey
    days = f"{survey.title}, {survey.opens_on.isoformat()} – {survey.closes_on.isoformat()}"
    if part.held_elsewhere:
        return f"{days}. {_('This round was held elsewhere: its single answers are not in the portal.')}"
    return f"{days}. n = {part.responded}"


def figures_header(question: ComparedQuestion) -> list[str]:
    header = [_("Round"), _("Recommendation"), _("Label")]
    for label in question.columns.values():
        header += [label, f"{label} (%)", f"{label} ({_('change in points')})"]
    return [*header, "n"]


def figures(comparison: Comparison, question: ComparedQuestion) -> Iterator[list[type_of_cell]]:
    for line in question.lines:
        for part, side in zip(comparison.counted, line.sides, strict=True):
            if side is None:
                name = line.names[-1][1]
                yield [part.survey.key, None, f"{name} ({_('no counterpart')})"]
                continue
            cells: list[type_of_cell] = [part.survey.key, number_of(side.recommendation), side.label]
            for code in question.columns:
                cell = side.cells.get(code)
                cells += [cell.count, cell.percent, cell.change] if cell else [None, None, None]
            yield [*cells, side.n]


def moves_header() -> list[str]:
    earlier, later = _("Earlier round"), _("Later round")
    return [earlier, _("Recommendation"), later, _("Recommendation"), _("Label"), earlier, later, _("Offices"), "n"]


def moves(question: ComparedQuestion) -> Iterator[list[type_of_cell]]:
    """One row a move, zeros included."""
    for line in question.lines:
        for flow in line.found_flows:
            places = [flow.earlier.key, number_of(flow.numbers[0]), flow.later.key, number_of(flow.numbers[1])]
            for (earlier, later), count in flow.cells().items():
                yield [*places, line.names[-1][1], flow.states[earlier], flow.states[later], count, flow.n]


def number_of(recommendation: str | None) -> int | None:
    return int(recommendation) if recommendation else None
