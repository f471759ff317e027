"""Importing 10,000 `responses` rows, against `csv.reader` and `bulk_create` of every row written.

Once the import alone, and once with all that a person goes through: the file is checked, shown row by
row, and imported. The status reports that follow from the levels are written in both.
"""

import csv
import io
from functools import partial
from itertools import islice

from django.db import transaction

from benchmarks.data import (
    BATCH,
    Given,
    Round,
    invent_answers,
    make_offices,
    make_round,
    make_set,
    responses_file,
    write_answers,
)
from benchmarks.harness import Comparison
from portal.models import AuditEntry, ImportRecord
from portal.spreadsheets.importing import import_file
from recommendations.models import StatusReport
from surveys.models import Answer, Response, Survey

ROWS = 10_000
LEVELS = "implementation"


def bare_import(round_: Round, data: bytes) -> None:
    """Responses, answers, status reports, record and audit row; nothing is looked up or checked."""
    rows = csv.reader(io.StringIO(data.decode(), newline=""))
    next(rows)
    given = [
        Given(office, question, int(recommendation) if recommendation else None, value, comment)
        for _survey, office, question, recommendation, value, comment in rows
    ]
    with transaction.atomic():
        write_answers(round_, given)
        write_reports(round_, given)
        ImportRecord.objects.create(kind="responses", path=AuditEntry.Path.COMMAND)
        AuditEntry.objects.create(path=AuditEntry.Path.COMMAND, action="import", subject="responses")


def write_reports(round_: Round, given: list[Given]) -> None:
    items = {number or 0: pk or 0 for number, pk in round_.recommendations.items()}
    StatusReport.objects.bulk_create(
        [
            StatusReport(
                recommendation_id=items[answer.recommendation or 0],
                office_id=round_.offices[answer.office],
                as_at=round_.survey.closes_on,
                implementation=answer.value,
                source=round_.survey.title,
            )
            for answer in given
            if answer.question == LEVELS
        ],
        batch_size=BATCH,
    )


def portal_import(data: bytes, seen: str | None = None) -> None:
    path = AuditEntry.Path.COMMAND
    outcome = import_file("responses", data, filename="bench.csv", by=None, path=path, seen=seen)
    assert outcome.added == ROWS, outcome.faults[:3]


def portal_preview_and_import(data: bytes) -> None:
    """As the pages do it: the file is checked as it comes in, shown, and written if it does what was shown."""
    path = AuditEntry.Path.IMPORT
    look = partial(import_file, "responses", data, filename="bench.csv", by=None, path=path, dry_run=True)
    look(keep_changes=True)
    shown = look(keep_changes=True)
    portal_import(data, seen=shown.digest)


def forget(survey: Survey) -> None:
    """Put the round back to before the import."""
    StatusReport.objects.all().delete()
    Answer.objects.filter(response__survey=survey).delete()
    Response.objects.filter(survey=survey).delete()
    ImportRecord.objects.all().delete()


def check_same(round_: Round, data: bytes) -> None:
    """A floor that wrote something else would be no floor."""
    written = []
    for run in (partial(bare_import, round_, data), partial(portal_import, data)):
        forget(round_.survey)
        before = row_counts()
        run()
        written.append([after - was for was, after in zip(before, row_counts(), strict=True)])
    assert written[0] == written[1], written


def row_counts() -> list[int]:
    return [model._default_manager.count() for model in (Response, Answer, StatusReport, ImportRecord, AuditEntry)]


def measure() -> list[Comparison]:
    round_ = make_round("importing", make_set("importing"), make_offices("I", ROWS // 20))
    data = responses_file(round_.survey, islice(invent_answers(round_.offices), ROWS))
    check_same(round_, data)
    ways = {"import": (portal_import, 2.5), "preview and import": (portal_preview_and_import, 6)}
    return [
        Comparison(
            f"{name} of {ROWS:,} responses rows, status reports included",
            "csv.reader and bulk_create",
            partial(bare_import, round_, data),
            partial(way, data),
            bound,
            reset=partial(forget, round_.survey),
        )
        for name, (way, bound) in ways.items()
    ]
