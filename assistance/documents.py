"""The figures on technical assistance as files."""

from collections.abc import Iterator
from typing import IO

import xlsxwriter
from django.utils.translation import gettext as _

from assistance.reports.figures import CSV_COLUMNS, Figures, Line, Table
from offices.narrowing import FEWEST_OTHERS
from portal.spreadsheets.writing import csv_lines, type_of_cell, write_sheet


def figures_csv(figures: Figures) -> Iterator[str]:
    """One line a cell; a blank value where there is none."""
    return csv_lines(CSV_COLUMNS, figures.rows())


def figures_xlsx(figures: Figures, file: IO[bytes]) -> None:
    """A workbook: notes first, a sheet a table, then the offices not reached. Numbers are numbers."""
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        write_sheet(book, _("Notes"), [_("Note"), _("Value")], notes(figures))
        for number, table in enumerate(figures.tables, start=1):
            write_sheet(book, f"{number} {table.by}", table_header(figures), table_rows(figures, table))
        if figures.reach:
            header = [_("Code"), _("Office"), _("Region")]
            offices = [(office.code, office.name, office.get_region_display()) for office in figures.reach.not_reached]
            write_sheet(book, _("Not reached"), header, offices)


def notes(figures: Figures) -> Iterator[tuple[str, type_of_cell]]:
    """What one must know to cite a figure: whose requests, the filters, the base, the rounding."""
    if figures.selection.sample:
        yield _("Sample data"), _("Invented for demonstration: no office said this.")
    if figures.reach:
        yield from filters_in_words(figures)
        yield _("Offices that could ask"), figures.reach.base
        yield _("Offices reached, in whatever year"), figures.reach.reached
    else:
        yield _("Counted"), _("completed requests of other offices than your own, with their activities")
        yield (
            _("Withheld"),
            _("figures with fewer than %(fewest)d offices behind them, and the smallest of the others beside these")
            % {"fewest": FEWEST_OTHERS},
        )
    yield _("Groups"), _("an office may be in several groups or in none: these lines do not add up")
    yield _("Participants"), _("of the activities that state them")
    yield _("Base of percentages"), _("activities")
    yield _("Rounding"), _("half up to whole per cent and whole days; a base of 0 has no percentage")


def filters_in_words(figures: Figures) -> Iterator[tuple[str, type_of_cell]]:
    narrowing, year = figures.selection.narrowing, figures.selection.year
    yield _("Counted"), _("requests and the activities on them")
    yield from narrowing.notes()
    yield _("Year of the first step"), year if year is not None else _("all")


def table_header(figures: Figures) -> list[str]:
    return [_("Key"), _("Label"), *figures.columns.values()]


def table_rows(figures: Figures, table: Table) -> Iterator[list[type_of_cell]]:
    for line in table.lines:
        yield [line.key, line.label, *(cell_of(line, code) for code in figures.columns)]


def cell_of(line: Line, code: str) -> type_of_cell:
    return _("withheld") if code in line.withheld else line.cells[code]
