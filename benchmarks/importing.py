"""Importing 10,000 `responses` rows, against `csv.reader` and `bulk_create` of every row written."""

import csv
import io
from functools import partial
from itertools import islice

from django.db import transaction

from benchmarks.data import (
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
from portal.models import AuditEntry
from portal.spreadsheets.importing import import_file
from surveys.models import Answer, Response, Survey

ROWS = 10_000


def bare_import(round_: Round, data: bytes) -> None:
    """Responses, answers and audit row, without looking anything up or checking anything."""
    rows = csv.reader(io.StringIO(data.decode(), newline=""))
    next(rows)
    with transaction.atomic():
        write_answers(
            round_,
            [
                Given(office, question, int(recommendation) if recommendation else None, value, comment)
                for _survey, office, question, recommendation, value, comment in rows
            ],
        )
        AuditEntry.objects.create(path=AuditEntry.Path.COMMAND, action="import", subject="responses")


def portal_import(data: bytes) -> None:
    outcome = import_file("responses", data, filename="bench.csv", by=None, path=AuditEntry.Path.COMMAND)
    assert outcome.added == ROWS, outcome.faults[:3]


def forget(survey: Survey) -> None:
    """Put the round back to before the import."""
    Answer.objects.filter(response__survey=survey).delete()
    Response.objects.filter(survey=survey).delete()
    AuditEntry.objects.all().delete()


def measure() -> Comparison:
    round_ = make_round("importing", make_set("importing"), make_offices("I", ROWS // 20))
    data = responses_file(round_.survey, islice(invent_answers(round_.offices), ROWS))
    return Comparison(
        f"import of {ROWS:,} responses rows",
        "csv.reader and bulk_create",
        partial(bare_import, round_, data),
        partial(portal_import, data),
        bound=6,
        reset=partial(forget, round_.survey),
    )
