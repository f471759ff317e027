"""Invented progress reports in the layout of the Secretariat's, as text and as Word files."""

import io
from collections.abc import Iterable, Sequence

import docx

LB = (
    "JIU RECOMMENDATIONS ADDRESSED TO THE LEGISLATIVE BODIES OF JIU PARTICIPATING ORGANIZATIONS"
    " – STATUS AS AT MARCH 31, 2022"
)
EH = (
    "JOINT INSPECTION UNIT (JIU) RECOMMENDATIONS ADDRESSED TO EXECUTIVE HEADS OF JIU PARTICIPATING ORGANIZATIONS"
    " – STATUS AS AT END-MARCH 2022"
)
ACTIVE = "LIST OF ACTIVE⁴ JIU REPORTS RELEVANT TO WIPO AS AT END-MARCH 2022"
END = "[End of Annex and of document]"
REPORT = "JIU/REP/2021/6 “Teapots in the system” [LINK](#)"
NAMES = {
    "text": "Recommendation {number}",
    "assessment": "Management/Focal Point Assessment",
    "acceptance": "Acceptance",
    "implementation": "Implementation",
    "officers": "Responsible Officer",
}


def rows(number: int = 1, note: str = "", **cells: str) -> list[str]:
    """The rows of a recommendation; a note stands in the third cell of its acceptance."""
    said = {
        "text": "Teapots should be warmed.",
        "assessment": "All teapots are warm.",
        "acceptance": "Accepted",
        "implementation": "Implemented",
        "officers": "Keeper of Teapots (KT)",
        **cells,
    }
    lines = [f"{NAMES[name].format(number=number)}\t{said[name]}" for name in NAMES]
    if note:
        lines[2] += f"\t{note}"
    return lines


def text(*lines: str | Sequence[str]) -> str:
    """Lines, and lists of lines, as a document."""
    return "\n".join(line for part in lines for line in ([part] if isinstance(part, str) else part)) + "\n"


def annex(*lines: str | Sequence[str], heading: str = LB, report: str = REPORT) -> str:
    """One annex with one JIU report, and the end."""
    return text(heading, "", report, "", *lines, END)


def many(count: int) -> str:
    """Recommendations for both addressees, every second with an earlier status."""
    half, title = count // 2, "JIU/REP/2021/6 “Teapots”"
    lines = [
        rows(number, note="Previously “in progress”" if number % 2 else "", officers=f"Director/Unit {number}")
        for number in range(1, count + 1)
    ]
    return text(LB, title, *lines[:half], EH, title, *lines[half:], END)


def word(*blocks: str | Iterable[Sequence[str]]) -> bytes:
    """A DOCX file: a string is a paragraph, anything else a table of three columns."""
    document = docx.Document()
    for block in blocks:
        if isinstance(block, str):
            document.add_paragraph(block)
            continue
        cells = list(block)
        table = document.add_table(len(cells), 3)
        for row, values in zip(table.rows, cells, strict=True):
            for cell, value in zip(row.cells, [*values, "", ""], strict=False):
                cell.text = value
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()
