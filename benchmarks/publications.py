"""Everything of a round with 10,000 responses as files: all its answers as CSV, its publication as DOCX and XLSX.

All answers as CSV are held against one SELECT of the same rows, written by csv, and against the export of
django-survey-and-report on the same answers. Word and Excel files have no floor; they have a bound in seconds.
"""

import csv
import io
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from tempfile import TemporaryFile
from typing import IO

from django.db import connection

from benchmarks import survey_and_report
from benchmarks.data import (
    RESPONSES_COLUMNS,
    Given,
    Round,
    invent_answers,
    make_offices,
    make_round,
    make_set,
    write_answers,
)
from benchmarks.harness import FEW_RUNS, Bounded, Comparison, gather_statistics, timed
from offices.models import User
from portal.spreadsheets.kinds import resource_for
from portal.spreadsheets.writing import csv_lines
from publications.actions import Words, decide_comments, publish_results
from publications.documents import publication_csv, publication_docx, publication_xlsx
from publications.models import Publication
from surveys.results import compute_results

RESPONSES = 10_000

ANSWERS = """
    SELECT s.key, o.code, q.key, n.number, a.value, a.comment
    FROM surveys_answer a
    JOIN surveys_response r ON r.id = a.response_id
    JOIN surveys_survey s ON s.id = r.survey_id
    JOIN offices_office o ON o.id = r.office_id
    JOIN surveys_question q ON q.id = a.question_id
    LEFT JOIN recommendations_recommendation n ON n.id = a.recommendation_id
    WHERE r.state = 'submitted'
    ORDER BY s.key, o.code, q."order", q.key, n.number
"""


@dataclass(frozen=True)
class Beside:
    """Another program's way on the same answers: printed, and no bound of ours."""

    answers: list[Given]
    export: Callable[[], object]

    def run(self) -> bool:
        if connection.vendor != "sqlite":
            return True  # it takes minutes, and its own database is the same each time
        portal = median(timed(self.export) for _run in range(FEW_RUNS))
        print(f"  all answers of {RESPONSES:,} responses as CSV, beside {survey_and_report.NAME} (on SQLite)")
        try:
            other = survey_and_report.measure(self.answers)
        except survey_and_report.NotMeasured as error:
            print(f"    portal: {portal:.2f} s; {survey_and_report.NAME}: not measured, {error}", flush=True)
            return True
        print(
            f"    portal: {portal:.2f} s (median of {FEW_RUNS}), {survey_and_report.NAME}: {other.seconds:.2f} s"
            f" ({other.queries:,} queries, {other.lines:,} lines), {other.seconds / portal:.0f} times as long",
            flush=True,
        )
        return True


def bare_csv(file: IO[str]) -> None:
    """One SELECT, its rows handed to csv."""
    with connection.cursor() as cursor:
        cursor.execute(ANSWERS)
        writer = csv.writer(file)
        writer.writerow(RESPONSES_COLUMNS)
        writer.writerows(cursor)


def portal_csv(file: IO[str]) -> None:
    """As `manage.py export_csv responses` does it."""
    resource = resource_for("responses")()
    file.writelines(csv_lines(resource.column_names(), resource.export_rows()))


def to_disk(write: Callable[[IO[str]], None]) -> None:
    with TemporaryFile("w", encoding="utf-8", newline="") as file:
        write(file)


def check_same() -> None:
    """A floor that wrote something else would be no floor."""
    bare, portal = io.StringIO(newline=""), io.StringIO(newline="")
    bare_csv(bare)
    portal_csv(portal)
    assert bare.getvalue() == portal.getvalue()


def publish(round_: Round) -> Publication:
    """With every text: nothing bigger can be published."""
    by = User.objects.create_user("bench@example.org", None, role=User.Role.SECRETARIAT)
    results = compute_results(round_.survey)
    decide_comments(survey=round_.survey, decisions=dict.fromkeys(results.texts, True), by=by)
    return publish_results(results=results, words=Words("Results", "", uuid.uuid4()), by=by)


def to_file(write: Callable[[Publication, IO[bytes]], object], publication: Publication) -> None:
    write(publication, io.BytesIO())


def measure() -> list[Comparison | Bounded | Beside]:
    round_ = make_round("publications", make_set("publications"), make_offices("P", RESPONSES))
    given = list(invent_answers(round_.offices))
    responses, answers = write_answers(round_, given)
    gather_statistics()
    check_same()
    publication = publish(round_)
    export = partial(to_disk, portal_csv)
    of_round = f"a round with {responses:,} responses"
    return [
        Comparison(
            f"all {answers:,} answers of {of_round} as CSV",
            "one SELECT and csv",
            partial(to_disk, bare_csv),
            export,
            bound=2,
        ),
        Beside(given, export),
        Bounded(f"publication of {of_round} as CSV", lambda: sum(map(len, publication_csv(publication))), 1),
        Bounded(f"publication of {of_round} as DOCX", partial(to_file, publication_docx, publication), 5),
        Bounded(f"publication of {of_round} as XLSX", partial(to_file, publication_xlsx, publication), 5),
    ]
