"""The files of a publication, made of its frozen content alone: what the data say by now does not matter."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import IO, Any

import xlsxwriter
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from portal.spreadsheets.writing import XLSX_CELL_LIMIT, csv_lines, type_of_cell, write_sheet
from portal.word.blocks import Document, Paragraph, Table, document_from
from portal.word.writing import Progress, write_docx
from publications.annex import isolated
from publications.models import Publication

CELL_COLUMNS = ("question", "kind", "recommendation", "code", "column", "count", "n", "percent")
REPORT_COLUMNS = (
    "symbol",
    "number",
    "addressee",
    "acceptance",
    "implementation",
    "previous_acceptance",
    "previous_implementation",
    "is_new",
    "update_received",
    "assessment_updated",
    "officers",
    "assessment",
    "due_on",
)
SHEET_NAME = 31  # characters
# Columns are as wide as their texts, but not wider than this.
WIDEST = 640  # pixels, about 90 characters


def content_of(publication: Publication) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(publication.content)
    return content


def document_of(content: dict[str, Any]) -> Document:
    return document_from(content["document"])


def publication_docx(publication: Publication, file: IO[bytes], progress: Progress | None = None) -> None:
    """The document, with its number on every page: whoever holds one page on paper can cite it."""
    content = content_of(publication)
    with override(content["language"]):
        document = document_of(content)
        framed = replace(
            document,
            blocks=(*imprint(publication), *document.blocks),
            foot=citation(publication),
            made_at=publication.published_at,
        )
        write_docx(framed, file, progress)


def imprint(publication: Publication) -> Iterator[Paragraph]:
    """What the row says of the document: which it is, what it replaces and why, and how to check it."""
    words = [f"{citation(publication)}."]
    if publication.replaces:
        words.append(_("It replaces version %(version)d.") % {"version": publication.replaces})
    yield Paragraph(" ".join(words), style="note")
    if publication.reason:
        yield Paragraph(_("Reason: %(reason)s") % {"reason": isolated(publication.reason)}, style="note")
    yield Paragraph(_("SHA-256 of the JSON file: %(sha256)s") % {"sha256": publication.sha256}, style="note")


def citation(publication: Publication) -> str:
    place = {"number": publication.number, "version": publication.version}
    return _("Publication %(number)d, version %(version)d, %(date)s") % {
        **place,
        "date": date_format(timezone.localdate(publication.published_at)),
    }


# CSV


def publication_csv(publication: Publication) -> Iterator[str]:
    """Results one line a cell, a progress report one line a recommendation."""
    content = content_of(publication)
    if publication.kind == Publication.Kind.RESULTS:
        return csv_lines(CELL_COLUMNS, cells(content["results"]))
    return csv_lines(REPORT_COLUMNS, report_rows(content["report"]))


def cells(results: dict[str, Any]) -> Iterator[tuple[type_of_cell, ...]]:
    for table in results["tables"]:
        for row in table["rows"]:
            for column in table["columns"]:
                cell = row["cells"][column]
                place = (table["question"], table["kind"], row["recommendation"], row["code"], column)
                yield (*place, cell["count"], row["n"], cell["percent"])


def report_rows(report: dict[str, Any]) -> Iterator[list[type_of_cell]]:
    for row in report["recommendations"]:
        yield [as_cell(row[name]) for name in REPORT_COLUMNS]


def as_cell(value: Any) -> type_of_cell:
    """Lists as everywhere in spreadsheets; yes and no as 1 and 0."""
    if isinstance(value, bool):
        return int(value)
    return "; ".join(value) if isinstance(value, list) else value


# XLSX


def publication_xlsx(publication: Publication, file: IO[bytes]) -> None:
    """A workbook: notes first, then a sheet for each table. Numbers are numbers, text is text.

    A text that is longer than a cell holds goes on in further rows: what is frozen can be opened for ever.
    """
    content = content_of(publication)
    with override(content["language"]), xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        # Else it is the moment of the download.
        book.set_properties(
            {"title": publication.title, "author": _("Recommendations portal"), "created": publication.published_at}
        )
        add_sheet(book, _("Notes"), [_("Note"), _("Value")], notes(publication, content))
        if publication.kind == Publication.Kind.RESULTS:
            write_results(book, content)
        else:
            write_report(book, content)
        for sheet in book.worksheets():
            sheet.autofit(WIDEST)
            prepare_printing(sheet, publication)


def add_sheet(
    book: xlsxwriter.Workbook, title: str, headers: Sequence[str], rows: Iterable[Sequence[type_of_cell]]
) -> None:
    write_sheet(book, title, headers, (line for row in rows for line in lines_of(row)))


# UTF-16 units: what a cell holds, less what marks a row that goes on from the one above.
MOST_IN_CELL = XLSX_CELL_LIMIT - 100
# Characters that a letter takes with all its marks; text of marks alone is cut somewhere.
LONGEST_LETTER = 50


def lines_of(row: Sequence[type_of_cell]) -> Iterator[list[type_of_cell]]:
    """The row; where a text is longer than a cell holds, further ones with the rest, that say so in their first cell.

    These repeat what is short and no figure: no sum counts one twice.
    """
    first, *rest = ([*in_parts(cell)] if isinstance(cell, str) else [cell] for cell in row)
    for number in range(max(map(len, [first, *rest]))):
        parts = [part_of(parts, number) for parts in (first, *rest)]
        if number:
            parts[0] = _("%(text)s (continued)") % {"text": "" if parts[0] is None else parts[0]}
        yield parts


def part_of(parts: Sequence[type_of_cell], number: int) -> type_of_cell:
    if number < len(parts):
        return parts[number]
    return parts[0] if len(parts) == 1 and isinstance(parts[0], str) else None


def in_parts(text: str, most: int = MOST_IN_CELL) -> Iterator[str]:
    """The text in parts of at most so many UTF-16 units: no letter is cut from its marks."""
    while len(text.encode("utf-16-le")) > 2 * most:
        # Half of a character at the end is left out.
        fits = len(text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore"))
        cuts = range(fits, max(fits - LONGEST_LETTER, 0), -1)
        cut = next((cut for cut in cuts if not goes_on(text, cut)), fits)
        yield text[:cut]
        text = text[cut:]
    yield text


ZERO_WIDTH_JOINER = "\u200d"


def goes_on(text: str, place: int) -> bool:
    """Whether the character there belongs to the one before it."""
    is_mark = unicodedata.category(text[place]).startswith("M")
    return is_mark or ZERO_WIDTH_JOINER in text[place - 1 : place + 1]


def prepare_printing(sheet: Any, publication: Publication) -> None:
    """As wide as a page, with its header row, and with what it is on every page."""
    head = f"{_('Sample data')} – {publication.title}" if publication.is_sample else publication.title
    sheet.set_header(f"&L{as_print(head)}")
    sheet.set_footer(f"&L{as_print(citation(publication))}&R&P / &N")
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


A4 = 9
PRINT_LIMIT = 150  # characters; a header with its marks holds 255


def as_print(text: str) -> str:
    """Text for the head or foot of a page, where `&` begins a command."""
    shown = text if len(text) <= PRINT_LIMIT else f"{text[: PRINT_LIMIT - 1]}…"
    return shown.replace("&", "&&").replace("\n", " ")


def notes(publication: Publication, content: dict[str, Any]) -> Iterator[tuple[str, type_of_cell]]:
    if publication.is_sample:
        yield _("Sample data"), _("Invented for demonstration: no office said this.")
    yield _("Publication"), f"{publication.number}, {_('version')} {publication.version}"
    yield _("Title"), publication.title
    if publication.reason:
        yield _("Reason"), publication.reason
    if publication.replaces:
        yield _("Replaces"), f"{_('version')} {publication.replaces}"
    yield _("Published"), content["published_at"]
    yield _("Software"), publication.software
    yield _("SHA-256 of the JSON file"), publication.sha256
    for text in remarks(content["document"]["blocks"]):
        yield _("Note"), text
    for number, question in enumerate(content.get("questions", []), start=1):
        yield sheet_name(number, question["question"]), question["text"]


def remarks(blocks: list[dict[str, Any]]) -> Iterator[str]:
    """The numbered paragraphs that are about all figures: what stands below a question is about this one."""
    part = 1
    for block in blocks:
        part = block["level"] if block["type"] == "heading" else part
        if block["type"] == "paragraph" and block["number"] == 1 and part == 1:
            yield block["text"]


def write_results(book: xlsxwriter.Workbook, content: dict[str, Any]) -> None:
    results, labels = content["results"], content["labels"]
    respondents = [(office["code"], office["name"]) for office in content["respondents"]]
    add_sheet(book, _("Responding offices"), [_("Code"), _("Office")], respondents)
    for number, table in enumerate(results["tables"], start=1):
        header = [_("Recommendation"), _("Label")]
        for column in table["columns"]:
            label = labels[table["question"]][column]
            header += [label, f"{label} (%)"]
        add_sheet(book, sheet_name(number, table["question"]), [*header, "n"], table_rows(table))
    if results["texts"]:
        texts = [(t["question"], t["office"], t["recommendation"], t["text"]) for t in results["texts"]]
        header = [_("Question"), _("Office"), _("Recommendation"), _("Comment")]
        add_sheet(book, _("Comments"), header, texts)


def table_rows(table: dict[str, Any]) -> Iterator[list[type_of_cell]]:
    for row in table["rows"]:
        line: list[type_of_cell] = [int(row["recommendation"]) if row["recommendation"] else None, row["label"]]
        for column in table["columns"]:
            line += [row["cells"][column]["count"], row["cells"][column]["percent"]]
        yield [*line, row["n"]]


def write_report(book: xlsxwriter.Workbook, content: dict[str, Any]) -> None:
    add_sheet(book, _("Recommendations"), list(REPORT_COLUMNS), report_rows(content["report"]))
    tables = [block for block in document_of(content).blocks if isinstance(block, Table)]
    for number, table in enumerate(tables, start=1):
        rows = [[number_in(cell) for cell in row] for row in table.rows]
        add_sheet(book, sheet_name(number, table.caption), list(table.columns), rows)


# What the name of a sheet may not hold.
NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def sheet_name(number: int, text: str) -> str:
    """Unlike any other: the number comes first."""
    return f"{number} {text.translate(NOT_IN_NAMES)}"[:SHEET_NAME].strip()


def number_in(text: str) -> type_of_cell:
    """A figure as a number; whatever else stands in a cell as text."""
    return int(text) if text.isascii() and text.isdigit() else text
