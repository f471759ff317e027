"""Lines of a progress report into reports, recommendations and statuses.

Annexes I and II are read; what stands before them and in Annex III is passed over. Below a heading that
cannot be read nothing is taken, so that no recommendation gets the report or the addressee of another.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from jiu.reading import dates, notes
from jiu.reading.cells import flat
from jiu.reading.headings import (
    ACTIVE,
    AGAIN,
    ANNEX,
    AS_AT,
    DATE_ALONE,
    END,
    FOLLOWS,
    HEADING,
    ISSUED,
    OF_ACTIVE,
    OPEN_TITLE,
    OWN_SYMBOL,
    PASSED,
    SECTION,
    may_name_annex,
    may_name_report,
)
from jiu.reading.lines import lines_of
from jiu.reading.shapes import DocumentRefused, Earlier, Item, Line, Notice, Reading, Report
from portal.text import one_line

# What the portal prints in the place of a text that it does not hold.
NOT_HELD = re.compile(r"\[official text not held\]", re.IGNORECASE)
NUMBER = re.compile(r"Recommendation\s+([0-9]{1,4})\W*", re.IGNORECASE)
ROWS = {
    "management/focal point assessment": "assessment",
    "acceptance": "acceptance",
    "implementation": "implementation",
    "responsible officer": "officers",
    "responsible officers": "officers",
    "deadline": "deadline",
    "summary": "summary",
    "summary of assessment": "assessment_summary",
}
EXPECTED = {
    "assessment": "Management/Focal Point Assessment",
    "acceptance": "Acceptance",
    "implementation": "Implementation",
    "officers": "Responsible Officer",
}
CODES = {"acceptance": notes.ACCEPTANCES, "implementation": notes.IMPLEMENTATIONS}
MAX_TITLE = 300
MAX_NUMBER = 32_767
# All posts that answer for one recommendation.
MAX_OFFICERS = 1_000


def read_document(data: bytes, filename: str) -> Reading:
    """What a file says. Raises DocumentRefused where it is no such document, or holds no recommendation."""
    reader = Reader()
    for line in lines_of(data, filename):
        reader.take(line)
    reading = reader.finish()
    if not reader.annexes:
        raise DocumentRefused(
            _(
                "The file is no progress report: no heading in it says which recommendations are addressed to the"
                " legislative bodies or to the executive heads, and their status as at which date."
            )
        )
    if not reading.items:
        raise DocumentRefused(_("The file holds no recommendation that can be read."), reading.notices)
    return reading


@dataclasses.dataclass
class Draft:
    """A recommendation of which not all rows are read."""

    item: Item
    seen: set[str] = dataclasses.field(default_factory=set)
    # The note on changes, in as many pieces as it has: the line, and the text.
    note: list[tuple[int, str]] = dataclasses.field(default_factory=list)

    def note_with(self, text: str) -> str:
        return " ".join([*(piece for _line, piece in self.note), text])


class Reader:
    """Takes one line after the other; remembers below which headings it is."""

    def __init__(self) -> None:
        self.symbol = ""
        self.reports: dict[str, Report] = {}
        self.items: dict[tuple[str, int], Item] = {}
        self.notices: list[Notice] = []
        self.annexes: list[Line] = []
        # Where the reader is.
        self.take_here: Callable[[Line], None] = self.take_introduction
        self.last = 0
        self.is_ended = False
        self.numeral = ""
        self.place = Item(0, "", 0, "", "", None)
        self.section = 0
        self.report: Report | None = None
        self.draft: Draft | None = None
        self.open_title: Line | None = None
        self.undated: Line | None = None

    def tell(self, line: Line | int, text: str) -> None:
        self.notices.append(Notice(line.number if isinstance(line, Line) else line, text))

    def finish(self) -> Reading:
        self.close_title()
        if not self.is_ended:
            self.tell_cut_off()
        self.close_draft()
        notices = sorted(self.notices, key=lambda notice: notice.line)
        return Reading(self.symbol, tuple(self.reports.values()), tuple(self.items.values()), tuple(notices))

    def tell_cut_off(self) -> None:
        """Neither Annex III nor the end was seen. A text behind which no row stands may be half a text."""
        if self.draft and not self.draft.seen:
            item, self.draft = self.draft.item, None
            self.tell(item.line, _("%(name)s has no row below it: it is not taken") % {"name": item.name})
        self.tell(self.last, _("the document ends here, without Annex III or a mark of its end: it may be cut off"))

    # Where one is in the document

    def take(self, line: Line) -> None:
        self.last = line.number
        match = ANNEX.fullmatch(line.text)
        if match and (self.annexes or AS_AT.search(line.text) or line.text.isupper()):
            self.begin_annex(line, match)
        elif ACTIVE.fullmatch(line.text):
            self.leave_annexes(is_ended=True)
            self.take_here = self.take_active
        elif match := FOLLOWS.fullmatch(line.text):
            self.leave_annexes()
            self.numeral = match["numeral"] or ""
        elif self.annexes and END.fullmatch(line.text):
            self.end(line)
        else:
            self.take_here(line)

    def end(self, line: Line) -> None:
        """Of an annex, or of the document."""
        is_last = self.take_here in {self.take_active, self.take_rest} or "document" in line.text.lower()
        self.leave_annexes(is_ended=True)
        if is_last:
            self.take_here = self.take_rest

    def take_introduction(self, line: Line) -> None:
        if match := OWN_SYMBOL.search(line.text):
            self.symbol = match[1].upper()
        elif is_row(line):
            self.take_unplaced(line)

    def take_unplaced(self, line: Line) -> None:
        """Between the annexes, or in one whose heading cannot be read."""
        if line.fault or may_name_annex(first_cell(line)):
            self.tell_unread(line)
        elif not PASSED.fullmatch(line.text):
            text = _("stands below no annex whose heading can be read: “%(text)s”")
            self.tell(line, text % {"text": one_line(line.text, 80)})

    def take_active(self, line: Line) -> None:
        """The list of active reports repeats what the rows say."""
        if line.fault or not (OF_ACTIVE.fullmatch(line.text) or PASSED.fullmatch(line.text)):
            self.tell_unread(line)

    def take_rest(self, line: Line) -> None:
        """Behind the end nothing is read."""

    def begin_annex(self, line: Line, match: re.Match[str]) -> None:
        self.leave_annexes()
        self.annexes.append(line)
        counted = "I" * len(self.annexes) if len(self.annexes) < 4 else ""
        numeral = match["numeral"] or self.numeral or counted
        self.numeral = ""
        as_at = dates.find_day(line.text)
        self.undated = None if as_at else line
        self.place = Item(
            line=line.number,
            symbol="",
            number=0,
            addressee="EH" if match["addressee"].upper() == "EXECUTIVE" else "LB",
            annex=f"Annex {numeral.upper()}".strip(),
            as_at=as_at,
        )
        self.take_here = self.take_annex

    def leave_annexes(self, *, is_ended: bool = False) -> None:
        """Until the next heading nothing is taken."""
        self.close_title()
        self.close_report()
        self.section = 0
        self.is_ended = is_ended
        self.take_here = self.take_unplaced

    def close_report(self) -> None:
        self.close_draft()
        self.report = None

    # A line of Annex I or II

    def take_annex(self, line: Line) -> None:
        if self.open_title and self.goes_on_with_title(line):
            return
        self.close_title()
        if line.fault:
            self.take_faulty(line)
            return
        for take in (self.take_date, self.take_row, self.take_heading, self.take_frame, self.take_note):
            if take(line):
                return
        self.take_unread(line)

    def take_faulty(self, line: Line) -> None:
        if line.text.lower().startswith("recommendation"):
            self.close_draft()
        self.take_unread(line)

    def take_unread(self, line: Line) -> None:
        """What stands below a heading that cannot be read belongs to no other."""
        self.tell_unread(line)
        if may_name_annex(first_cell(line)):
            self.leave_annexes()
        elif may_name_report(first_cell(line)):
            self.close_report()

    def take_date(self, line: Line) -> bool:
        """The date of an annex whose heading is broken before it."""
        if not (self.undated and (DATE_ALONE.fullmatch(line.text) or self.goes_on_with_annex(line))):
            return False
        if as_at := dates.find_day(line.text):
            self.place = dataclasses.replace(self.place, as_at=as_at)
            self.undated = None
        else:
            self.tell_unread(line)
        return True

    def goes_on_with_annex(self, line: Line) -> bool:
        """Whether the line is the rest of the heading of an annex, below which nothing stands yet."""
        is_first = not (self.report or self.section or self.open_title)
        is_heading = line.text.isupper() and not line.text.startswith("JIU/")
        return is_first and is_heading and bool(AS_AT.search(line.text))

    def tell_unread(self, line: Line) -> None:
        self.tell(line, line.fault or _("cannot be read: “%(text)s”") % {"text": one_line(line.text, 80)})

    # Headings

    def take_heading(self, line: Line) -> bool:
        if match := SECTION.fullmatch(line.text):
            self.begin_section(line, match)
            return True
        if not line.text.upper().startswith("JIU/"):
            return False
        self.close_report()
        if match := HEADING.fullmatch(line.text):
            self.begin_report(line, match)
        elif (match := AGAIN.fullmatch(line.text)) and match["symbol"].upper() in self.reports:
            self.report = self.reports[match["symbol"].upper()]
        elif OPEN_TITLE.fullmatch(line.text):
            self.open_title = line
        else:
            self.tell_unread(line)
        return True

    def begin_section(self, line: Line, match: re.Match[str]) -> None:
        """Sections are counted anew in each annex: behind others a first one is that of an annex without a heading."""
        self.close_report()
        if self.section and match["numeral"].upper() == "I":
            self.leave_annexes()
            self.take_unplaced(line)
        else:
            self.section = int(match["year"])

    def goes_on_with_title(self, line: Line) -> bool:
        """Whether the line is the rest of a title that is broken at a line end."""
        begun = self.open_title
        if begun is None or line.fault or len(line.cells) > 1:
            return False
        match = HEADING.fullmatch(f"{begun.text} {line.text}")
        if match:
            self.open_title = None
            self.begin_report(begun, match)
        return bool(match)

    def close_title(self) -> None:
        if self.open_title:
            self.tell_unread(self.open_title)
            self.open_title = None

    def begin_report(self, line: Line, match: re.Match[str]) -> None:
        symbol, title = match["symbol"].upper(), flat(match["title"])
        self.report = None
        if len(title) > MAX_TITLE:
            text = _("the title is %(length)d characters long; at most %(most)d fit")
            self.tell(line, text % {"length": len(title), "most": MAX_TITLE})
            return
        self.report = self.reports.setdefault(symbol, Report(line.number, symbol, title))
        if self.report.title.lower() != title.lower():
            text = _("%(symbol)s has another title than in line %(line)d, which is kept")
            self.tell(line, text % {"symbol": symbol, "line": self.report.line})
        if self.section and self.section != int(match["year"]):
            text = _("%(symbol)s stands below %(year)d; its year is that of its symbol")
            self.tell(line, text % {"symbol": symbol, "year": self.section})

    def take_frame(self, line: Line) -> bool:
        """When a report was issued; and what belongs to the print."""
        if match := ISSUED.fullmatch(line.text):
            self.take_issue(line, match["day"])
            return True
        return bool(PASSED.fullmatch(line.text))

    def take_issue(self, line: Line, words: str) -> None:
        day = dates.find_day(words)
        if day is None or self.report is None:
            self.tell_unread(line)
        elif self.report.issued_on not in {None, day}:
            text = _("%(symbol)s was issued on %(day)s according to an earlier line, which is kept")
            self.tell(line, text % {"symbol": self.report.symbol, "day": self.report.issued_on})
        else:
            self.report = dataclasses.replace(self.report, issued_on=day)
            self.reports[self.report.symbol] = self.report

    # Rows

    def take_row(self, line: Line) -> bool:
        if flat(line.cell(0)).lower().startswith("recommendation") and not SECTION.fullmatch(line.text):
            self.begin_item(line)
            return True
        name = name_of_row(line)
        if name is None:
            return False
        if self.draft is None:
            self.tell(line, _("stands below no recommendation that can be read: “%(row)s”") % {"row": line.cell(0)})
        elif name in self.draft.seen:
            self.tell(line, _("a second row “%(row)s”; the first counts") % {"row": line.cell(0)})
        else:
            self.fill(self.draft, name, line)
        return True

    def begin_item(self, line: Line) -> None:
        self.close_draft()
        match = NUMBER.fullmatch(line.cell(0))
        number = int(match[1]) if match else 0
        if not 1 <= number <= MAX_NUMBER:
            self.take_unread(line)
        elif self.report is None:
            self.tell(line, _("“%(row)s” stands below no report of the JIU that can be read") % {"row": line.cell(0)})
        elif first := self.items.get((self.report.symbol, number)):
            text = _("%(name)s stands in line %(line)d already, which counts")
            self.tell(line, text % {"name": first.name, "line": first.line})
        else:
            self.tell_undated()
            item = dataclasses.replace(
                self.place,
                line=line.number,
                symbol=self.report.symbol,
                number=number,
                text="" if NOT_HELD.fullmatch(line.cell(1)) else line.cell(1),
            )
            self.draft = Draft(item)
            self.take_cells(self.draft, line)

    def tell_undated(self) -> None:
        if self.undated:
            self.tell(self.undated, _("the heading names no date that can be read: no status of this annex is written"))
            self.undated = None

    def fill(self, draft: Draft, name: str, line: Line) -> None:
        draft.seen.add(name)
        text = line.cell(1)
        if name in CODES:
            value = notes.read_value(text, CODES[name])
            if value.code is None:
                text = _("%(name)s: “%(value)s” is no value of “%(row)s”, so that none is read")
                values = {"name": draft.item.name, "value": one_line(line.cell(1)), "row": line.cell(0)}
                self.tell(line, text % values)
            text = value.code or ""
            if value.rest:
                self.add_note(draft, line, value.rest)
        elif name == "officers" and len(text) > MAX_OFFICERS:
            told = _("the officers are %(length)d characters long; at most %(most)d are read")
            self.tell(line, told % {"length": len(text), "most": MAX_OFFICERS})
            text = ""
        said: dict[str, Any] = {name: text}
        draft.item = dataclasses.replace(draft.item, **said)
        self.take_cells(draft, line)

    def take_cells(self, draft: Draft, line: Line) -> None:
        """Behind the second cell only a note can stand."""
        for cell in filter(None, line.cells[2:]):
            if not self.add_note(draft, line, cell):
                self.tell(line, _("a cell cannot be read: “%(text)s”") % {"text": one_line(cell, 80)})

    # The note on changes

    def take_note(self, line: Line) -> bool:
        return self.draft is not None and self.add_note(self.draft, line, line.text)

    def add_note(self, draft: Draft, line: Line, text: str) -> bool:
        fits = notes.could_be_note(draft.note_with(text))
        if fits:
            draft.note.append((line.number, text))
        return fits

    def close_draft(self) -> None:
        """Everything about a recommendation is read, once something else begins."""
        if self.draft is None:
            return
        draft, self.draft = self.draft, None
        for name, row in EXPECTED.items():
            if name not in draft.seen and not (name == "assessment" and draft.item.assessment_summary):
                text = _("%(name)s has no row “%(row)s” that can be read")
                self.tell(draft.item.line, text % {"name": draft.item.name, "row": row})
        if not (draft.item.text or draft.item.summary):
            self.tell(draft.item.line, _("%(name)s has no text") % {"name": draft.item.name})
        item = self.with_note(draft)
        self.items[item.symbol, item.number] = item

    def with_note(self, draft: Draft) -> Item:
        item, pieces = draft.item, list(draft.note)
        while pieces and notes.read_note(" ".join(text for _line, text in pieces)) is None:
            number, text = pieces.pop()
            self.tell(number, _("the note on changes cannot be read: “%(text)s”") % {"text": one_line(text, 80)})
        note = notes.read_note(" ".join(text for _line, text in pieces))
        if note is None:
            return item
        earlier = self.earlier(item, note, pieces[0][0])
        change = "updated" if note.is_updated else "no_change" if note.is_unchanged else ""
        return dataclasses.replace(item, stated_change=change, is_silent=note.is_silent, earlier=earlier)

    def earlier(self, item: Item, note: notes.Note, number: int) -> Earlier | None:
        """What stood before. An earlier acceptance is known only where it is said."""
        if note.earlier:
            if codes := notes.earlier_codes(note.earlier):
                return Earlier(number, *codes)
            words = {"name": item.name, "value": one_line(", ".join(note.earlier))}
            self.tell(number, _("%(name)s: “%(value)s” is no earlier status") % words)
        elif note.is_silent:
            return Earlier(number, item.acceptance, item.implementation)
        elif note.is_unchanged:
            if item.implementation:
                return Earlier(number, "", item.implementation)
            self.tell(number, _("%(name)s did not change, but has no implementation") % {"name": item.name})
        return None


def first_cell(line: Line) -> str:
    return flat(next(filter(None, line.cells), ""))


def name_of_row(line: Line) -> str | None:
    """What of a recommendation a row holds, by its label."""
    label = flat(line.cell(0)).lower().rstrip(" :")
    return ROWS.get(re.sub(r"\s*/\s*", "/", label))


def is_row(line: Line) -> bool:
    return bool(line.cell(1) and (NUMBER.fullmatch(line.cell(0)) or name_of_row(line)))
