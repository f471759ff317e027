"""Offline questionnaires, filled in as another program would."""

import io
import zipfile

import openpyxl

from offices.models import Office
from surveys.offline import read_questionnaire, write_questionnaire
from surveys.questionnaire import Questionnaire
from tests.factories.portal import saved


def workbook(questionnaire: Questionnaire, office: Office, answers=()) -> bytes:
    file = io.BytesIO()
    write_questionnaire(questionnaire, list(answers), office, file)
    return file.getvalue()


def filled(data: bytes, cells: dict[str, object]) -> bytes:
    """The workbook with these cells typed in, or blanked by None; cells of other sheets as `Sheet!A1`."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for name, value in cells.items():
        sheet, _mark, cell = name.rpartition("!")
        target = book[sheet or "Questions"][cell]
        target.value = value
        if isinstance(value, str) and value[:1] not in "=#":
            target.data_type = "s"
    return saved(book)


def said(answers) -> list[tuple[str, int | None, str, str]]:
    return [
        (a.question.key, a.recommendation.number if a.recommendation else None, a.value, a.comment) for a in answers
    ]


FILLED = {
    "C4": "Implemented",
    "D4": "since 2019",
    "C6": "Not planned",
    "C9": "Yes",
    "C11": "Yes",
    "C15": "Label of partly",
    "D15": "for new software",
    "C18": "nothing\nto change",
    "C22": "عربي 中文",
}
SAID = [
    ("progress", 1, "implemented", "since 2019"),
    ("progress", 3, "not_planned", ""),
    ("focus", 1, "yes", ""),
    ("focus", 3, "yes", ""),
    ("policy", None, "partly", "for new software"),
    ("proposals", None, "nothing\nto change", ""),
    ("experience", 2, "عربي 中文", ""),
]


def read(questionnaire: Questionnaire, office: Office, cells: dict[str, object]) -> tuple[list, list[str]]:
    answers, faults = read_questionnaire(filled(workbook(questionnaire, office), cells), questionnaire, office)
    return said(answers), [str(fault) for fault in faults]


def zipped(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()
