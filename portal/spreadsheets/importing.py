"""One file of one kind into the database, all or nothing, with its audit row."""

import hashlib
from dataclasses import dataclass
from typing import Protocol

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal import audit
from portal.models import AuditEntry, ImportRecord
from portal.spreadsheets.changes import Changes
from portal.spreadsheets.kinds import resource_for
from portal.spreadsheets.reading import read_table
from portal.spreadsheets.resources import Mode
from portal.spreadsheets.tables import Fault, SheetRefused, Table


@dataclass(frozen=True)
class Outcome:
    """What an import did, or would do; with faults it did nothing."""

    kind: str
    added: int
    changed: int
    unchanged: int
    removed: int
    faults: tuple[Fault, ...]
    # Rows of another kind that follow: the status reports of imported levels.
    derived: int = 0
    # Row by row, where somebody asked for it.
    changes: Changes | None = None

    def __str__(self) -> str:
        return (
            f"{self.kind}: {self.added} added, {self.changed} changed,"
            f" {self.unchanged} unchanged, {self.removed} removed"
        )

    @property
    def writes(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    @property
    def digest(self) -> str:
        """Differs where the import would do something else than what somebody has seen."""
        shown = self.changes.digest() if self.changes else ""
        return hashlib.sha256(f"{self} {self.derived} {len(self.faults)} {shown}".encode()).hexdigest()


class Confirmed(Protocol):
    """The outcome of any import that somebody looks at before it is written."""

    @property
    def digest(self) -> str: ...


class SeenOtherwise(Exception):
    """The import would now do something else than what the person confirmed; `outcome` is what."""

    def __init__(self, outcome: Confirmed) -> None:
        super().__init__(outcome)
        self.outcome = outcome


def import_file(
    kind: str,
    data: bytes,
    *,
    filename: str,
    by: AbstractBaseUser | None,
    path: str,
    dry_run: bool = False,
    mode: Mode = Mode.REPLACE,
    keep_changes: bool = False,
    seen: str | None = None,
) -> Outcome:
    """Import a CSV or XLSX file. With a fault, or `dry_run`, nothing is written.

    `seen` is the digest of the outcome that somebody confirms. Raises SeenOtherwise, with nothing
    written, if it is another by now; LookupError for an unknown kind and SheetRefused for a file that
    is no table, or that collides with a write of somebody else.
    """
    resource_class = resource_for(kind)
    table = read_table(data, resource_class.column_names())
    if table.faults and not table.rows:
        return Outcome(kind, 0, 0, 0, 0, tuple(table.faults))
    record = ImportRecord(
        kind=kind,
        filename=filename[-200:],
        sha256=hashlib.sha256(data).hexdigest(),
        path=path,
        imported_by_id=by.pk if by else None,
    )
    try:
        with transaction.atomic():
            outcome = import_table(
                kind,
                table,
                by=by,
                dry_run=dry_run,
                mode=mode,
                path=path,
                record=None if dry_run else record,
                keep_changes=keep_changes or seen is not None,
            )
            if seen is not None and outcome.digest != seen:
                raise SeenOtherwise(outcome)
            if outcome.writes and not outcome.faults and not dry_run:
                keep_record(record, outcome, by=by)
            return outcome
    except IntegrityError as error:
        raise SheetRefused(
            _("Nothing was imported: somebody changed the same rows at the same moment. Try again.")
        ) from error


def import_table(
    kind: str,
    table: Table,
    *,
    by: AbstractBaseUser | None,
    dry_run: bool,
    mode: Mode,
    path: str = AuditEntry.Path.IMPORT,
    record: ImportRecord | None = None,
    keep_changes: bool = False,
) -> Outcome:
    """Import what was read; the rows written refer to the record, which the caller saves."""
    resource = resource_for(kind)(by=by, mode=mode, path=path, record=record, keep_changes=keep_changes)
    result = resource.import_data(table, dry_run=dry_run, raise_errors=True, rollback_on_validation_errors=True)
    faults = tuple(sorted(result.faults, key=lambda fault: fault.row))
    return Outcome(kind=kind, **result.counts, faults=faults, derived=result.derived, changes=resource.changes)


def keep_record(record: ImportRecord, outcome: Outcome, *, by: AbstractBaseUser | None) -> None:
    """The line in the log of imports, and the audit row."""
    counts = {name: getattr(outcome, name) for name in ("added", "changed", "unchanged", "removed")}
    for name, count in counts.items():
        setattr(record, name, count)
    record.save(force_insert=True)
    audit.record(
        by=by,
        path=record.path,
        action="import",
        subject=record.kind,
        filename=record.filename,
        sha256=record.sha256,
        **counts,
    )
