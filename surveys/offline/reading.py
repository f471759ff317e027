"""A filled workbook back into answers: everything that is not as it was laid out is a fault of its cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import islice
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_rowcol_to_cell

from offices.models import Office
from portal.spreadsheets.reading import (
    MAX_COLUMNS,
    MAX_ROWS,
    TextKeepingReader,
    cell_text,
    check_archive,
    check_size,
    written,
)
from portal.spreadsheets.tables import SheetRefused
from portal.text import as_sentence, one_line, validate_text, with_lf
from surveys import rules
from surveys.models import Question
from surveys.offline.plan import (
    ANSWER,
    COMMENT,
    FORMAT,
    IDENTIFICATION,
    LISTS,
    NUMBER,
    Line,
    Plan,
    answers_to,
    fingerprint,
    place_of,
    sheet_title,
    shown,
)
from surveys.questionnaire import Questionnaire, loosely
from surveys.rules import Given
from surveys.standing import digest

MAX_FAULTS = 500
# Cells of the sheet, empty ones included: a hundred questions on 200 recommendations have 80,000.
MAX_SEEN = 200_000


class Fault(NamedTuple):
    """One thing wrong in one cell; sheet and cell are blank where it is the file as a whole."""

    sheet: str
    cell: str
    reason: str
    value: str = ""

    @property
    def sentence(self) -> str:
        return as_sentence(self.reason)

    def __str__(self) -> str:
        place = f"{one_line(self.sheet)}!{self.cell}: " if self.cell else ""
        value = f" ({one_line(self.value)})" if self.value else ""
        return f"{place}{one_line(self.reason, most=500)}{value}"


@dataclass
class Reading:
    """What a workbook says; with a fault, nothing of it may be saved."""

    answers: list[Given] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    # By question key: the mark of what the question said when the workbook was made.
    marks: dict[str, str] = field(default_factory=dict)

    def was_changed(self, question: Question) -> bool:
        """Whether somebody changed this question in the workbook."""
        return self.marks.get(question.key) != digest(answers_to(question, self.answers))


def read_questionnaire(data: bytes, questionnaire: Questionnaire, office: Office) -> tuple[list[Given], list[Fault]]:
    """The answers of a workbook, and all that is wrong with it."""
    reading = read_workbook(data, questionnaire, office)
    return reading.answers, reading.faults


def read_workbook(data: bytes, questionnaire: Questionnaire, office: Office) -> Reading:
    """As `read_questionnaire`, with the marks of what was filled in when the workbook was made."""
    try:
        book = open_workbook(data)
        try:
            return read_book(book, questionnaire, office)
        except SheetRefused:
            raise
        except Exception as error:  # openpyxl raises whatever a damaged part makes its code stumble over
            raise unreadable(error) from error
    except SheetRefused as refusal:
        return Reading(faults=[Fault("", "", str(refusal))])


def open_workbook(data: bytes) -> Any:
    """Raises SheetRefused for what is no workbook, damaged, or beyond a limit."""
    check_size(len(data))
    if not data.startswith(b"PK\x03\x04"):
        raise SheetRefused(
            _("The file is not an XLSX workbook. Upload the questionnaire that you downloaded, saved as .xlsx.")
        )
    check_archive(data)
    try:
        reader = TextKeepingReader(BytesIO(data), read_only=True, keep_links=False)
        reader.read()
    except Exception as error:  # as above
        raise unreadable(error) from error
    return reader.wb


def unreadable(error: Exception) -> SheetRefused:
    return SheetRefused(
        _("The file is damaged (%(error)s). Save it again as .xlsx in your spreadsheet program.")
        % {"error": type(error).__name__}
    )


def read_book(book: Any, questionnaire: Questionnaire, office: Office) -> Reading:
    if IDENTIFICATION not in book.sheetnames:
        raise SheetRefused(_("The workbook is not a questionnaire of this portal: download one, and fill that in."))
    known = read_identification(book[IDENTIFICATION])
    if faults := list(foreign(known, questionnaire, office)):
        return Reading(faults=faults)
    with translation.override(known["language"][1]):
        plan = Plan.of(questionnaire)
        expected = {sheet_title(_("Instructions")), plan.title, LISTS, IDENTIFICATION}
    faults = [
        Fault(title, "A1", _("this sheet is not part of the questionnaire: remove it"))
        for title in book.sheetnames
        if title not in expected
    ]
    faults += [Fault(title, "A1", _("the sheet is missing")) for title in sorted(expected - set(book.sheetnames))]
    if plan.title not in book.sheetnames:
        return Reading(faults=faults)
    sheet = SheetReader(plan, questionnaire)
    sheet.read(book[plan.title])
    marks = {key.removeprefix("said."): text for key, (_cell, text) in known.items() if key.startswith("said.")}
    return Reading(sheet.answers, [*faults, *sheet.sorted_faults()], marks)


def read_identification(sheet: Any) -> dict[str, tuple[str, str]]:
    """The name of the cell and its text, by key."""
    sheet.reset_dimensions()
    found: dict[str, tuple[str, str]] = {}
    for number, row in enumerate(sheet.iter_rows(max_row=1_000, max_col=2, values_only=True), start=1):
        key, value = (*(cell_text(cell) for cell in row), "", "")[:2]
        found[key] = (f"B{number}", value)
    return found


def foreign(known: Mapping[str, tuple[str, str]], questionnaire: Questionnaire, office: Office) -> Iterator[Fault]:
    """Why the workbook is not that of this round, office and questionnaire."""
    wanted = {
        "format": (FORMAT, _("the workbook is of a kind that this portal does not read: download it anew")),
        "survey": (
            questionnaire.survey.key,
            _("the workbook is that of another round, not of “%(survey)s”") % {"survey": questionnaire.survey.key},
        ),
        "office": (
            office.code,
            _("the workbook is that of another office, not of %(office)s") % {"office": office.code},
        ),
        "questionnaire": (
            fingerprint(questionnaire),
            _("the questions changed since the workbook was made: download it anew, and copy your answers"),
        ),
    }
    for key, (value, reason) in wanted.items():
        cell, said = known.get(key, ("B1", ""))
        if said != value:
            yield Fault(IDENTIFICATION, cell, reason, said)
            # What a foreign workbook asks is not to be compared with what this one does.
            if key in {"format", "survey"}:
                return
    cell, language = known.get("language", ("B1", ""))
    if language not in dict(settings.LANGUAGES):
        yield Fault(IDENTIFICATION, cell, _("the language of the workbook is not known here"), language)


class SheetReader:
    """Reads the sheet of questions by its plan, and collects every fault."""

    def __init__(self, plan: Plan, questionnaire: Questionnaire) -> None:
        self.plan, self.questionnaire = plan, questionnaire
        self.answers: list[Given] = []
        self.faults: list[tuple[int, int, str, str]] = []
        self.cells: dict[tuple[int, int], Any] = {}

    def sorted_faults(self) -> list[Fault]:
        return [
            Fault(self.plan.title, xl_rowcol_to_cell(row, column), reason, value)
            for row, column, reason, value in sorted(self.faults)
        ]

    def read(self, sheet: Any) -> None:
        sheet.reset_dimensions()
        fixed = self.plan.fixed()
        to_fill = set(self.cells_to_fill())
        for cell in islice(filled_cells(sheet), len(fixed) + len(to_fill) + MAX_FAULTS):
            place = (cell.row - 1, cell.column - 1)
            if place in to_fill or fixed.get(place):
                self.cells[place] = cell
            else:
                self.add_fault(*place, _("nothing belongs here: remove it"), cell)
        for place, text in fixed.items():
            found = self.cells.get(place)
            if " ".join(shown_text(found).split()) != " ".join(text.split()):
                self.add_fault(*place, _("altered: “%(text)s” belongs here") % {"text": one_line(text)}, found)
        for row, line in enumerate(self.plan.lines, start=1):
            if line.is_answer:
                self.read_line(row, line)
        self.find_contradictions()

    def cells_to_fill(self) -> Iterator[tuple[int, int]]:
        for row, line in enumerate(self.plan.lines, start=1):
            if line.is_answer:
                yield row, ANSWER
            if line.has_comment:
                yield row, COMMENT

    def add_fault(self, row: int, column: int, reason: str, cell: Any = None) -> None:
        self.faults.append((row, column, str(reason), shown_text(cell)))

    def read_line(self, row: int, line: Line) -> None:
        before = len(self.faults)
        read_value = self.read_text if line.choices is None else self.read_choice
        value = read_value(row, ANSWER, line)
        comment = self.read_text(row, COMMENT, line) if line.has_comment else ""
        if len(self.faults) > before or not (value or comment):
            return
        places = {"recommendation": NUMBER, "value": ANSWER, "comment": COMMENT}
        answer = Given(line.question, line.recommendation, value, comment)
        explanations = self.questionnaire.explanations(line.question)
        for part, reason in rules.check_answer(
            answer.question, answer.recommendation, answer.value, answer.comment, explanations
        ):
            self.add_fault(row, places[part], reason, self.cells.get((row, places[part])))
        self.answers.append(answer)

    def read_text(self, row: int, column: int, line: Line) -> str:
        """Free text exactly as it stands; white space alone is no answer."""
        cell = self.cells.get((row, column))
        if cell is None:
            return ""
        if reason := no_text(cell):
            advice = _("write text, with an apostrophe before it if need be")
            self.add_fault(row, column, f"{reason}: {advice}", cell)
            return ""
        text = cell_text(cell.value)
        try:
            validate_text(text)
        except ValidationError as error:
            self.add_fault(row, column, " ".join(error.messages), cell)
        return text if text.strip() else ""

    def read_choice(self, row: int, column: int, line: Line) -> str:
        """The code of the entry that was chosen, blank if none was."""
        cell = self.cells.get((row, column))
        if cell is None or not shown_text(cell).strip():
            return ""
        codes = {loosely(label): code for label, code in (line.choices or {}).items()}
        reason = no_text(cell)
        # An entry that looks like a number may have become one; a formula is never taken.
        is_plain = not reason or cell.data_type == "n"
        if is_plain and (code := codes.get(loosely(cell_text(cell.value)))):
            return code
        entries = _("choose from the list: %(entries)s") % {"entries": ", ".join(line.choices or {}) or "—"}
        self.add_fault(row, column, f"{reason}: {entries}" if reason else entries, cell)
        return ""

    def find_contradictions(self) -> None:
        for row, line in enumerate(self.plan.lines, start=1):
            alone = line.is_answer and line.question.exclusive_option and line.recommendation is None
            if alone and rules.contradicts(answers_to(line.question, self.answers)):
                reason = _("contradicts the recommendations chosen in the same question: keep one or the other")
                self.add_fault(row, ANSWER, reason, self.cells.get((row, ANSWER)))


def filled_cells(sheet: Any) -> Iterator[Any]:
    """Raises SheetRefused beyond what a questionnaire needs, before openpyxl makes an object of each cell."""
    seen = 0
    for row in sheet.iter_rows(max_row=MAX_ROWS):
        seen += len(row)
        if len(row) > MAX_COLUMNS or seen > MAX_SEEN:
            raise SheetRefused(
                _("The sheet “%(sheet)s” holds far more cells than the questionnaire has.") % {"sheet": sheet.title}
            )
        for cell in row:
            if cell.value is not None and cell.value != "":
                yield cell


def shown_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell.value, bool):
        return str(cell.value).upper()
    return written(cell.value) if cell.data_type == "f" else cell_text(cell.value)


def no_text(cell: Any) -> str:
    """Why a cell holds no text, as a program may have made of what was typed; blank if it does."""
    reasons = {
        "f": _("is a formula"),
        "e": _("is an error value of the spreadsheet"),
        "b": _("is a truth value, not text"),
        "n": _("is a number, not text"),
        "d": _("is a date or a time, not text"),
    }
    return (
        "" if isinstance(cell.value, str) and cell.data_type not in "fe" else reasons.get(cell.data_type, reasons["n"])
    )


# Into the response


def settle(answers: Iterable[Given], standing: Iterable[Given]) -> list[Given]:
    """The answers with what the workbook has no cell for, and with line ends as they stand.

    A comment that came by import beside an answer without a comment cell stays with its answer.
    """
    earlier = {place_of(answer.question, answer.recommendation): answer for answer in standing}
    return [settled(answer, earlier.get(place_of(answer.question, answer.recommendation))) for answer in answers]


def settled(answer: Given, earlier: Given | None) -> Given:
    if earlier is None:
        return replace(answer, value=with_lines(answer.value), comment=with_lines(answer.comment))
    keeps_comment = shown([earlier]) != [earlier]
    comment = earlier.comment if keeps_comment else as_it_stands(answer.comment, earlier.comment)
    return replace(answer, value=as_it_stands(answer.value, earlier.value), comment=comment)


def as_it_stands(text: str, earlier: str) -> str:
    """The earlier text where only line ends differ, which a spreadsheet program changes by itself."""
    return earlier if with_lines(text) == with_lines(earlier) else with_lines(text)


def with_lines(text: str) -> str:
    return with_lf(text)
