"""One file of one kind into the database, all or nothing, with its audit row."""

import hashlib
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction

from portal import audit
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

    def __str__(self) -> str:
        return (
            f"{self.kind}: {self.added} added, {self.changed} changed,"
            f" {self.unchanged} unchanged, {self.removed} removed"
        )

    @property
    def writes(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def import_file(
    kind: str,
    data: bytes,
    *,
    filename: str,
    by: AbstractBaseUser | None,
    path: str,
    dry_run: bool = False,
    mode: Mode = Mode.REPLACE,
) -> Outcome:
    """Import a CSV or XLSX file. With a fault, or `dry_run`, nothing is written.

    Raises LookupError for an unknown kind and SheetRefused for a file that is no table, or that
    collides with a write of somebody else.
    """
    resource_class = resource_for(kind)
    table = read_table(data, resource_class.column_names())
    if table.faults and not table.rows:
        return Outcome(kind, 0, 0, 0, 0, tuple(table.faults))
    try:
        with transaction.atomic():
            outcome = import_table(kind, table, by=by, dry_run=dry_run, mode=mode)
            if outcome.writes and not outcome.faults and not dry_run:
                audit.record(
                    by=by,
                    path=path,
                    action="import",
                    subject=kind,
                    filename=filename,
                    sha256=hashlib.sha256(data).hexdigest(),
                    added=outcome.added,
                    changed=outcome.changed,
                    unchanged=outcome.unchanged,
                    removed=outcome.removed,
                )
            return outcome
    except IntegrityError as error:
        raise SheetRefused(
            f"Nothing was imported: somebody changed the same rows at the same moment ({error}). Try again."
        ) from error


def import_table(kind: str, table: Table, *, by: AbstractBaseUser | None, dry_run: bool, mode: Mode) -> Outcome:
    resource = resource_for(kind)(by=by, mode=mode)
    result = resource.import_data(table, dry_run=dry_run, raise_errors=True, rollback_on_validation_errors=True)
    faults = tuple(sorted(result.faults, key=lambda fault: fault.row))
    return Outcome(kind=kind, **result.counts, faults=faults)
