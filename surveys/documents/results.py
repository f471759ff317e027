"""The results of a round as files."""

from collections.abc import Iterator
from typing import IO

import xlsxwriter
from django.utils.translation import gettext as _

from offices.narrowing import Narrowing
from portal.spreadsheets.writing import csv_lines, type_of_cell, write_sheet
from surveys.results import CELL_COLUMNS, Base, Results, Table


def results_csv(results: Results) -> Iterator[str]:
    """One line a cell; blank percent where there is none."""
    return csv_lines(CELL_COLUMNS, results.cells())


def results_xlsx(results: Results, file: IO[bytes]) -> None:
    """A workbook: notes first, a sheet a question, then what was written. Numbers are numbers."""
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        write_sheet(book, _("Notes"), [_("Note"), _("Value")], notes(results))
        for number, table in enumerate(results.tables, start=1):
            write_sheet(book, f"{number} {table.question}"[:31], table_header(table), table_rows(table))
        if results.texts:
            header = [_("Question"), _("Office"), _("Recommendation"), _("Text")]
            write_sheet(book, _("Texts"), header, results.texts)


def notes(results: Results) -> Iterator[tuple[str, type_of_cell]]:
    """What one must know to cite a figure: the round, the base, the filters, the rounding."""
    survey = results.survey
    if survey.is_sample:
        yield _("Sample data"), _("Invented for demonstration: no office said this.")
    yield _("Round"), survey.title
    yield _("Recommendations"), str(survey.recommendation_set)
    yield _("Open"), f"{survey.opens_on.isoformat()} – {survey.closes_on.isoformat()}"
    if results.held_elsewhere:
        yield _("Figures"), _("This round was held elsewhere: its single answers are not in the portal.")
        return
    yield _("Invited offices"), results.invited
    yield _("Responding offices"), results.responded
    answered = _("offices that answered the question")
    yield from selection_notes(results.narrowing, _("responding offices"), results.base, answered)
    for number, table in enumerate(results.tables, start=1):
        yield _("Question %(number)d") % {"number": number}, table.text


def selection_notes(
    narrowing: Narrowing, responding: str, base: Base, answered: str
) -> Iterator[tuple[str, type_of_cell]]:
    """The filters, the base in words, the rounding."""
    yield from narrowing.notes()
    yield _("Base of percentages"), responding if base is Base.RESPONDING else answered
    yield _("Rounding"), _("half up to whole per cent; a base of 0 has no percentage")


def table_header(table: Table) -> list[str]:
    header = [_("Recommendation"), _("Label")]
    for label in table.columns.values():
        header += [label, f"{label} (%)"]
    return [*header, "n"]


def table_rows(table: Table) -> Iterator[list[type_of_cell]]:
    for row in table.rows:
        cells: list[type_of_cell] = [int(row.recommendation) if row.recommendation else None, row.label]
        for cell in row.cells.values():
            cells += [cell.count, cell.percent]
        yield [*cells, row.n]
