"""The Secretariat's own progress report, as it reads, into the database: all of it or nothing.

What is missing is added and what is blank is filled; a value that differs from what is held stays and is
told. Reference rows go through the classes of the spreadsheet contract, statuses through
`record_statuses`. The log of imports has no line of it, since an undo knows one kind: the audit row tells.

    posts.py      the Bureau, and the officers whom the document names
    rows.py       sets and recommendations
    statuses.py   what it states of them
    run.py        what these share
    outcome.py    what they did
"""

from __future__ import annotations

import datetime
import hashlib

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from jiu.actions.importing.outcome import Outcome
from jiu.actions.importing.posts import take_bureau, take_officers
from jiu.actions.importing.rows import take_recommendations, take_sets
from jiu.actions.importing.run import Run
from jiu.actions.importing.statuses import take_statuses, undated
from jiu.models import BUREAU
from jiu.reading.document import read_document
from jiu.reading.shapes import DocumentRefused, Reading
from offices.models import User
from portal import audit
from portal.spreadsheets.importing import SeenOtherwise
from portal.text import one_line

# What an audit row and a waiting file are named by.
KIND = "progress_report"
MAX_SOURCE = 200


def import_progress_report(
    data: bytes,
    *,
    filename: str,
    by: User | None,
    path: str,
    previous_as_at: datetime.date | None = None,
    dry_run: bool = False,
    seen: str | None = None,
) -> Outcome:
    """Read a document and write what it says; with `dry_run` nothing stays written.

    `seen` is the digest of the outcome that somebody confirms. Raises SeenOtherwise, with nothing written,
    if it is another by now, and DocumentRefused for a file that is no such document.
    """
    reading = read_document(data, filename)
    check_previous(reading, previous_as_at)
    source = reading.symbol or one_line(filename, MAX_SOURCE)
    try:
        with transaction.atomic():
            outcome = take(Run(reading, source, previous_as_at, by, path, list(reading.notices)))
            if seen is not None and outcome.digest != seen:
                raise SeenOtherwise(outcome)
            if outcome.writes and not dry_run:
                leave_audit_row(outcome, data, filename, by=by, path=path)
            if dry_run:
                transaction.set_rollback(True)
    except IntegrityError as error:
        raise DocumentRefused(
            _("Nothing was imported: somebody changed the same rows at the same moment. Try again.")
        ) from error
    return outcome


def take(run: Run) -> Outcome:
    """Each step finds what those before it wrote."""
    bureau = take_bureau(run)
    posts, officers = take_officers(run)
    sets = take_sets(run)
    recommendations = take_recommendations(run)
    statuses = take_statuses(run, officers)
    notices = sorted(run.notices, key=lambda notice: notice.line)
    dates = sorted({item.as_at for item in run.reading.items if item.as_at})
    parts = (sets, recommendations, statuses, posts, bureau)
    return Outcome(run.source, tuple(dates), parts, tuple(notices), tuple(undated(run)))


def check_previous(reading: Reading, previous: datetime.date | None) -> None:
    dates = [item.as_at for item in reading.items if item.as_at]
    if previous and dates and previous >= min(dates):
        raise DocumentRefused(
            _("The earlier statuses cannot be as at %(previous)s: those of the document are as at %(as_at)s.")
            % {"previous": previous, "as_at": min(dates)}
        )


def leave_audit_row(outcome: Outcome, data: bytes, filename: str, *, by: User | None, path: str) -> None:
    audit.record(
        by=by,
        path=path,
        action="import",
        subject=KIND,
        office_code=BUREAU,
        filename=filename[-200:],
        sha256=hashlib.sha256(data).hexdigest(),
        document=outcome.document,
        as_at=[str(date) for date in outcome.as_at],
        counts={part.name: [part.added, part.filled, part.unchanged] for part in outcome.parts},
        notices=len(outcome.notices),
    )
