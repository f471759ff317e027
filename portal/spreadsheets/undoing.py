"""An import taken back, all or nothing, once."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from portal import audit
from portal.models import ImportRecord
from portal.spreadsheets.history import UndoRefused
from portal.spreadsheets.kinds import resource_for


def undo_import(*, record: ImportRecord, by: AbstractBaseUser | None, path: str) -> ImportRecord:
    """Put everything back to before the import; a second time has no effect.

    Raises UndoRefused, with nothing written, where a row that the import wrote changed since, or where
    others rest on what it added.
    """
    try:
        with transaction.atomic():
            record = ImportRecord.objects.select_for_update().get(pk=record.pk)
            if record.undone_at is None:
                details = resource_for(record.kind)(by=by, path=path).undo(record)
                mark(record, details, by=by, path=path)
            return record
    except (IntegrityError, ProtectedError) as error:
        reason = _("Other rows rest on what the import added, or something it replaced is gone.")
        raise UndoRefused([reason]) from error


def mark(record: ImportRecord, details: dict[str, Any], *, by: AbstractBaseUser | None, path: str) -> None:
    record.undone_at = timezone.now()
    record.undone_by_id = by.pk if by else None
    record.save(update_fields=["undone_at", "undone_by"])
    audit.record(
        by=by,
        path=path,
        action="undo import",
        subject=record.kind,
        record=str(record.pk),
        filename=record.filename,
        sha256=record.sha256,
        **details,
    )


class Tried(Exception):
    """Rolls a trial back."""


def obstacles(record: ImportRecord) -> list[str]:
    """Why the import cannot be undone now; empty if it can. Found by trying, and rolled back."""
    try:
        with transaction.atomic():
            undo_import(record=record, by=None, path=record.path)
            raise Tried
    except Tried:
        return []
    except UndoRefused as refused:
        return refused.obstacles
