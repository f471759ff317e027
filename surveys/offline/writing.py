"""The workbook as it is sent to an office."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

import xlsxwriter
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_col_to_name

from offices.models import Office
from portal.spreadsheets.writing import XLSX_CELL_LIMIT, CellTooLong
from portal.text import one_line
from surveys.models import Question
from surveys.offline.plan import (
    ANSWER,
    COMMENT,
    IDENTIFICATION,
    LABEL,
    LISTS,
    NUMBER,
    Line,
    Plan,
    identification,
    place_of,
    sheet_title,
)
from surveys.questionnaire import Questionnaire
from surveys.rules import Given

WIDTHS = (7, 52, 44, 44)


def write_questionnaire(
    questionnaire: Questionnaire,
    answers: Sequence[Given],
    office: Office,
    file: IO[bytes],
    *,
    carried: Carried | None = None,
) -> None:
    """The workbook in the active language, with what is answered so far, marked where it is carried over.

    Raises CellTooLong for a text beyond what a cell holds.
    """
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        writer = WorkbookWriter(book, questionnaire, office, Plan.of(questionnaire), carried or Carried("", ()))
        writer.write_instructions()
        writer.write_questions(answers)
        writer.write_lists()
        writer.write_identification(answers)


@dataclass(frozen=True)
class Carried:
    """Which answers are carried over and not confirmed, by their places, and a sentence from where."""

    source: str
    places: Collection[tuple[int, int | None]]


class WorkbookWriter:
    """Lays one questionnaire out in one workbook."""

    def __init__(
        self, book: xlsxwriter.Workbook, questionnaire: Questionnaire, office: Office, plan: Plan, carried: Carried
    ) -> None:
        self.book, self.questionnaire, self.office, self.plan = book, questionnaire, office, plan
        self.carried = carried
        self.is_sample = questionnaire.survey.is_sample or office.is_sample
        # The entries of each list on the hidden sheet, and the column they stand in.
        self.lists: dict[tuple[str, ...], int] = {}
        text = {"text_wrap": True, "valign": "top", "num_format": "@"}
        grid = {**text, "border": 1, "border_color": "#8a98a5"}
        self.formats = {
            name: book.add_format(properties)
            for name, properties in {
                "title": {**text, "bold": True, "font_size": 16},
                "text": text,
                "bold": {**text, "bold": True},
                "sample": {**text, "bold": True, "bg_color": "#fff4db", "font_color": "#5c3800"},
                "header": {**text, "bold": True, "bottom": 2},
                "question": {
                    **text,
                    "bold": True,
                    "valign": "vcenter",
                    "bg_color": "#0b4a6f",
                    "font_color": "#ffffff",
                },
                "hint": {**text, "italic": True, "font_color": "#51606e"},
                "label": grid,
                "answer": {**grid, "bg_color": "#fffbe6", "locked": False},
                "carried": {**grid, "bg_color": "#e8e3f3", "italic": True, "locked": False},
            }.items()
        }

    def add_sheet(self, title: str) -> Any:
        """A sheet on A4 landscape in which only unlocked cells can be typed in; rows may be made higher."""
        sheet = self.book.add_worksheet(title)
        sheet.protect("", {"format_rows": True, "format_columns": True})
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        heading = self.questionnaire.survey.title[:90].replace("&", "&&")
        sheet.set_header(f"&L{heading}" + (f"&R{_('Sample data')}" if self.is_sample else ""))
        sheet.set_footer(f"&L{self.questionnaire.survey.key} · {self.office.code}&R&P / &N")
        if translation.get_language_bidi():
            sheet.right_to_left()
        return sheet

    def write(self, sheet: Any, row: int, column: int, text: str, style: str) -> None:
        if len(text.encode("utf-16-le")) // 2 > XLSX_CELL_LIMIT:
            raise CellTooLong(
                _("“%(start)s” has %(length)d characters, but a spreadsheet cell holds %(most)d.")
                % {"start": one_line(text), "length": len(text), "most": XLSX_CELL_LIMIT}
            )
        # As text whatever it begins with: never a formula, a link or a number.
        if text:
            sheet.write_string(row, column, text, self.formats[style])
        else:
            sheet.write_blank(row, column, None, self.formats[style])

    # Instructions

    def write_instructions(self) -> None:
        sheet = self.add_sheet(sheet_title(_("Instructions")))
        for column, width in enumerate((7, 62, 90)):
            sheet.set_column(column, column, width)
        row = 0
        for text, style in self.paragraphs():
            sheet.merge_range(row, 0, row, 2, "", self.formats[style])
            self.write(sheet, row, 0, text, style)
            sheet.set_row(row, height(text, 150, 20 if style == "title" else 15))
            row += 1
        for column, text in enumerate((_("No."), _("Recommendation"), _("What it asks"))):
            self.write(sheet, row, column, text, "header")
        for item in self.questionnaire.recommendations:
            row += 1
            self.heighten(sheet, row, (item.label, 62), (item.summary, 90))
            for column, text in enumerate((str(item.number), item.label, item.summary)):
                self.write(sheet, row, column, text, "label")

    def paragraphs(self) -> Iterator[tuple[str, str]]:
        survey = self.questionnaire.survey
        page = settings.SITE_URL.rstrip("/") + reverse("surveys:upload", args=[survey.key, self.office.code])
        yield survey.title, "title"
        yield _("Answers of %(office)s") % {"office": self.office}, "bold"
        if self.is_sample:
            yield f"{_('Sample data')}. {_('Invented for demonstration: no office said this.')}", "sample"
        yield (
            _("The round takes answers until the end of %(day)s, unless your office was given another day.")
            % {"day": date_format(survey.closes_on)},
            "text",
        )
        yield _("How to fill this workbook in"), "bold"
        steps = [
            _("The questions are on the sheet “%(sheet)s”. Only the yellow cells can be filled in.")
            % {"sheet": self.plan.title},
            _("Where a yellow cell shows an arrow, choose from its list. To take an answer back, empty the cell."),
            _("An empty cell means “No answer”. What your office has saved so far is filled in already."),
            _("Save whenever you like, and go on later. Keep the format XLSX; add and remove no rows or sheets."),
            _("When you are done, upload the workbook at %(page)s.") % {"page": page},
            _("You then see what would change, before anything is saved. Uploading submits nothing."),
        ]
        if self.carried.places:
            steps.append(self.carried.source)
            steps.append(
                _("Such answers have a note. Change what is different now; what you leave is confirmed on the page.")
            )
        for number, step in enumerate(steps, start=1):
            yield f"{number}. {step}", "text"
        yield "", "text"
        yield _("The recommendations"), "bold"

    # Questions

    def write_questions(self, answers: Sequence[Given]) -> None:
        sheet = self.add_sheet(self.plan.title)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
            self.write(sheet, 0, column, self.plan.header[column], "header")
        given = {place_of(answer.question, answer.recommendation): answer for answer in answers}
        for row, line in enumerate(self.plan.lines, start=1):
            if line.is_answer:
                self.write_answer(sheet, row, line, given.get(place_of(line.question, line.recommendation)))
            else:
                self.write_heading(sheet, row, line)

    def write_heading(self, sheet: Any, row: int, line: Line) -> None:
        style = "question" if line.number else "hint"
        self.write(sheet, row, NUMBER, line.number, style)
        sheet.merge_range(row, LABEL, row, COMMENT, "", self.formats[style])
        self.write(sheet, row, LABEL, line.label, style)
        # No program finds the height of joined cells by itself.
        sheet.set_row(row, height(line.label, sum(WIDTHS[LABEL:])) + (8 if line.number else 2))

    def write_answer(self, sheet: Any, row: int, line: Line, answer: Given | None) -> None:
        self.write(sheet, row, NUMBER, line.number, "label")
        self.write(sheet, row, LABEL, line.label, "label")
        value = answer.value if answer else ""
        style = "answer"
        if place_of(line.question, line.recommendation) in self.carried.places:
            style = "carried"
            sheet.write_comment(row, ANSWER, _("Carried over, not confirmed"))
        if line.choices is not None:
            self.add_list(sheet, row, line.choices)
            value = next((label for label, code in line.choices.items() if code == value), value)
        self.write(sheet, row, ANSWER, value, style)
        if line.has_comment:
            self.write(sheet, row, COMMENT, answer.comment if answer else "", style)
        if line.question.kind == Question.Kind.TEXT:
            # Joined with the cell beside it, since long texts are asked for.
            sheet.merge_range(row, ANSWER, row, COMMENT, "", self.formats[style])
            self.write(sheet, row, ANSWER, value, style)
            sheet.set_row(row, max(height(value, WIDTHS[ANSWER] + WIDTHS[COMMENT]), 90))
        else:
            comment = answer.comment if answer else ""
            self.heighten(sheet, row, (line.label, WIDTHS[LABEL]), (value, WIDTHS[ANSWER]), (comment, WIDTHS[COMMENT]))

    def heighten(self, sheet: Any, row: int, *cells: tuple[str, int]) -> None:
        """Make room for what wraps; a row without a height of its own grows with what is typed."""
        highest = max(height(text, width) for text, width in cells)
        if highest > height("", 1):
            sheet.set_row(row, highest)

    def add_list(self, sheet: Any, row: int, choices: Mapping[str, str]) -> None:
        """The list of a cell, as a range: entries written into the rule itself may have 255 characters in all."""
        column = xl_col_to_name(self.lists.setdefault(tuple(choices), len(self.lists)))
        sheet.data_validation(
            row,
            ANSWER,
            row,
            ANSWER,
            {
                "validate": "list",
                "source": f"={LISTS}!${column}$1:${column}${max(len(choices), 1)}",
                "error_title": _("Not in the list")[:32],
                "error_message": _("Choose from the list, or leave the cell empty.")[:255],
            },
        )

    def write_lists(self) -> None:
        sheet = self.add_sheet(LISTS)
        sheet.hide()
        for entries, column in self.lists.items():
            for row, entry in enumerate(entries):
                self.write(sheet, row, column, entry, "text")

    def write_identification(self, answers: Sequence[Given]) -> None:
        sheet = self.add_sheet(IDENTIFICATION)
        sheet.hide()
        for row, pair in enumerate(identification(self.questionnaire, answers, self.office)):
            for column, text in enumerate(pair):
                self.write(sheet, row, column, text, "text")


def height(text: str, width: int, line_height: int = 15) -> float:
    """Of a row in which this text wraps, in points; wide characters take two places."""
    lines = sum(
        max(math.ceil(sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in part) / width), 1)
        for part in text.split("\n")
    )
    # No row of a spreadsheet is higher.
    return min(lines * line_height + 3, 409)
