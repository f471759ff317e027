"""What all apps share: the audit trail, the log of imports, and files that wait for a confirmation."""

from __future__ import annotations

import datetime
import hashlib
import uuid
from collections.abc import Iterable
from typing import Any, NoReturn, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TrailIsKept(Exception):
    """Somebody tried to change or to delete what the audit trail says."""


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def of_offices(self, codes: Iterable[str]) -> Self:
        """Writes for these offices; those for several at once, as an import is, stand at none."""
        return self.filter(office_code__in=[code for code in codes if code])

    def update(self, **kwargs: Any) -> NoReturn:
        raise TrailIsKept

    def delete(self) -> NoReturn:
        raise TrailIsKept

    # As Django's own: for query sets, not for the manager.
    delete.queryset_only = True  # type: ignore[attr-defined]  # an attribute that Django reads


class AuditEntry(models.Model):
    """One write: who, when, what, for which office, by which path. Written by `portal.audit` only.

    A row stays as it was written. The database refuses to change it too, but for the link to an account
    that is deleted: a migration that alters this table on SQLite makes the trigger of 0003 anew.
    """

    class Path(models.TextChoices):
        FORM = "form", _("form")
        IMPORT = "import", _("import")
        COMMAND = "command", _("command")
        ADMIN = "admin", _("admin pages")

    at = models.DateTimeField(_("at"), auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("person"),
        related_name="+",
    )
    # Kept beside the link: the entry must still say who it was when the account is gone.
    actor_name = models.CharField(_("name of the person"), max_length=254, blank=True)
    # A code, not a link: the floor that all apps stand on knows no app.
    office_code = models.CharField(_("office"), max_length=8, blank=True, db_index=True)
    path = models.CharField(_("by"), max_length=10, choices=Path)
    action = models.CharField(_("action"), max_length=50)
    subject = models.CharField(_("subject"), max_length=250)
    details = models.JSONField(_("details"), default=dict, blank=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M} {self.action} {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TrailIsKept
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TrailIsKept


class ImportRecord(models.Model):
    """One import that was written: what it did, and whether it was undone. The rows it wrote refer to it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=50, db_index=True)
    filename = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    path = models.CharField(_("by"), max_length=10, choices=AuditEntry.Path)
    imported_at = models.DateTimeField(_("imported at"), auto_now_add=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("imported by"),
    )
    added = models.PositiveIntegerField(_("added"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    removed = models.PositiveIntegerField(_("removed"), default=0)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("undone by")
    )

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-imported_at"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.filename}"


class PendingImportQuerySet(models.QuerySet["PendingImport"]):
    def keep(self, *, kind: str, filename: str, content: bytes, by: int) -> PendingImport:
        """The file, to be confirmed by this person; sent twice it waits once. Those of yesterday are dropped."""
        self.filter(uploaded_at__lt=timezone.now() - datetime.timedelta(days=1)).delete()
        same = hashlib.sha256(content).hexdigest()
        # Who sends it twice at once makes one row, since the key of both is one.
        key = uuid.uuid5(uuid.NAMESPACE_OID, f"{by} {kind} {filename} {same}")
        known = {"kind": kind, "filename": filename[-200:], "content": content, "uploaded_by_id": by}
        file, _is_new = self.get_or_create(pk=key, defaults=known)
        return file


class PendingImport(models.Model):
    """An uploaded file whose preview somebody looks at; deleted when confirmed, or with the next upload a day later."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=50)
    filename = models.CharField(max_length=200)
    content = models.BinaryField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)

    objects = PendingImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("file waiting for confirmation")
        verbose_name_plural = _("files waiting for confirmation")

    def __str__(self) -> str:
        return f"{self.kind}: {self.filename}"
