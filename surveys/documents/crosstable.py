"""Two questions against each other as files."""

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import IO

import xlsxwriter
from django.utils.translation import gettext as _

from portal.spreadsheets.writing import csv_lines, type_of_cell, write_sheet
from surveys.documents.results import selection_notes
from surveys.results.crosstable import CROSS_COLUMNS, Crosstable
from surveys.results.tables import Cell


def crosstable_csv(table: Crosstable) -> Iterator[str]:
    """One line a cell, totals last; a blank row or column is the total."""
    return csv_lines(CROSS_COLUMNS, table.lines())


def crosstable_xlsx(table: Crosstable, file: IO[bytes]) -> None:
    """A workbook: notes first, then the counts, then the percentages. Numbers are numbers."""
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        write_sheet(book, _("Notes"), [_("Note"), _("Value")], notes(table))
        if not table.held_elsewhere:
            header = [table.rows.text, *table.columns.lines.values(), _("All")]
            write_sheet(book, _("Counts"), header, grid(table, attrgetter("count"), table.n))
            write_sheet(book, _("Percentages"), header, grid(table, attrgetter("percent"), None))


def grid(table: Crosstable, figure: Callable[[Cell], int | None], n: int | None) -> Iterator[list[type_of_cell]]:
    """A row for each line of the rows, and the totals."""
    for label, cells, total in table.body:
        yield [label, *map(figure, cells), figure(total)]
    yield [_("All"), *map(figure, table.column_totals.values()), n]


def notes(table: Crosstable) -> Iterator[tuple[str, type_of_cell]]:
    """What one must know to cite a figure."""
    survey = table.survey
    if survey.is_sample:
        yield _("Sample data"), _("Invented for demonstration: no office said this.")
    yield _("Round"), survey.title
    yield _("Rows"), table.rows.text
    yield _("Columns"), table.columns.text
    if table.held_elsewhere:
        yield _("Figures"), _("This round was held elsewhere: its single answers are not in the portal.")
        return
    yield _("Invited offices"), table.invited
    yield _("Responding offices"), table.responded
    yield "n", table.n
    yield from selection_notes(
        table.narrowing, _("responding offices"), table.base, _("offices that answered both questions")
    )
    if table.rows.several or table.columns.several:
        yield _("Sums"), _("an office may have selected several Recommendations: lines add up to more than their total")
