"""The files as another program reads them: LibreOffice opens each without complaint and finds what was published.

Needs soffice (Debian: libreoffice-writer-nogui, libreoffice-calc-nogui) and pdftotext (poppler-utils).
"""

import csv
import datetime
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from jiu.reports import progress_report
from publications.actions import publish_progress_report
from publications.documents import content_of, document_of, publication_docx, publication_xlsx
from publications.models import Publication
from tests.factories.jiu import make_jiu_recommendation, state
from tests.publications.conftest import ARABIC, CHINESE, FORMULA, words

pytestmark = [pytest.mark.office_suite, pytest.mark.django_db]

PROGRAMS = {"soffice": "libreoffice-writer-nogui libreoffice-calc-nogui", "pdftotext": "poppler-utils"}
ASSESSMENT = "=1+1 stands; المرحلة الأولى اكتملت"


@pytest.fixture(scope="session")
def office_suite() -> None:
    """Skips, or in CI fails, where a program is missing."""
    for program, packages in PROGRAMS.items():
        if shutil.which(program) is None:
            missing = f"{program} is missing. Debian and Ubuntu: apt-get install {packages}"
            if os.environ.get("CI") == "true":
                pytest.fail(missing)
            pytest.skip(missing)


def convert(files: list[Path], form: str, to: Path) -> str:
    """Convert all at once; what LibreOffice says about it."""
    profile = f"-env:UserInstallation=file://{to}/profile"
    command = ["soffice", profile, "--headless", "--norestore", "--convert-to", form, "--outdir", str(to), *files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)
    return done.stdout + done.stderr


def text_of(pdf: Path) -> str:
    """The words of all pages, with single spaces."""
    done = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, check=True)
    return re.sub(r"\s+", " ", done.stdout.decode())


@pytest.fixture
def report(secretariat) -> Publication:
    first = make_jiu_recommendation("JIU/REP/2021/6", 1, "LB")
    state(first, "2022-03-31", "in_progress")
    state(first, "2023-03-31", "implemented", assessment=ASSESSMENT)
    figures = progress_report(as_at=datetime.date(2023, 3, 31), since=datetime.date(2022, 3, 31))
    return publish_progress_report(report=figures, words=words("Why.", "Progress & more"), by=secretariat)


@pytest.fixture
def files(office_suite, published, report, tmp_path) -> dict[str, Path]:
    """Both kinds of publication in both forms, named after both."""
    found = {}
    for name, publication in (("results", published), ("report", report)):
        for form, write in (("docx", publication_docx), ("xlsx", publication_xlsx)):
            found[f"{name}.{form}"] = tmp_path / f"{name}-{form}.{form}"
            with found[f"{name}.{form}"].open("wb") as file:
                write(publication, file)
    return found


def test_the_files_open_without_complaint_and_carry_figures_and_texts(files, published, report, tmp_path):
    said = convert([*files.values()], "pdf", tmp_path)
    assert said.count("using filter : writer_pdf_Export") == 2
    assert said.count("using filter : calc_pdf_Export") == 2
    assert re.findall(r"(?i)^.*\b(?:error|corrupt|repair).*$", said, re.MULTILINE) == []
    texts = {name: text_of(path.with_suffix(".pdf")) for name, path in files.items()}

    # Every figure of every table, in the order of its row.
    rows = figures_in(published)
    assert len(rows) == 3 + 5 + 4 + 2 + 3
    assert [row for row in rows if row not in texts["results.docx"]] == []
    assert [row for row in figures_in(report) if row not in texts["report.docx"]] == []
    for name in ("results.docx", "results.xlsx"):
        missing = [text for text in (CHINESE, FORMULA, "AU explains.") if text not in texts[name]]
        assert missing == [], name
        assert letters(ARABIC) <= letters(texts[name]), name
        assert "Call Ms Smith." not in texts[name]
    for name in ("report.docx", "report.xlsx"):
        assert "=1+1 stands;" in texts[name]
        assert letters(ASSESSMENT) <= letters(texts[name]), name
    assert "Publication 1, version 1" in texts["results.docx"]
    assert "Progress & more" in texts["report.xlsx"]


def figures_in(publication: Publication) -> list[str]:
    tables = [block for block in document_of(content_of(publication)).blocks if block.type == "table"]
    return [" ".join(row[place] for place in table.figures) for table in tables for row in table.rows if table.figures]


def letters(text: str) -> set[str]:
    """The Arabic letters of a text: a PDF holds them in the order in which they are drawn."""
    return {letter for letter in text if "\u0621" <= letter <= "\u064a"}


def test_the_texts_come_back_letter_by_letter(files, tmp_path):
    """As text, where no font plays a part: whole sentences in their order, and formulas as their own words."""
    convert([files["results.docx"], files["report.docx"]], "txt:Text (encoded):UTF8", tmp_path)
    lines = (tmp_path / "results-docx.txt").read_text().splitlines()
    assert [text for text in (ARABIC, CHINESE, FORMULA) if text not in lines] == []
    assert ASSESSMENT in (tmp_path / "report-docx.txt").read_text().splitlines()

    # Every sheet as a CSV file; its cells as they are shown.
    every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    convert([files["results.xlsx"], files["report.xlsx"]], every_sheet, tmp_path)
    sheets = [path.read_text().splitlines() for path in tmp_path.glob("*-xlsx-*.csv")]
    cells = {cell for lines in sheets for row in csv.reader(lines) for cell in row}
    assert {ARABIC, CHINESE, FORMULA, ASSESSMENT} <= cells
