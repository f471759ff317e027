"""The log of imports."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.admin.pages import ReadOnly, signed_in
from portal.models import AuditEntry, ImportRecord
from portal.spreadsheets.history import UndoRefused
from portal.spreadsheets.kinds import all_kinds
from portal.spreadsheets.undoing import obstacles, undo_import


@admin.register(ImportRecord)
class ImportRecordAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The log of imports: what each did, and the way to take it back."""

    list_display = ["imported_at", "kind", "filename", "counts", "undone_at", "imported_by"]
    list_filter = ["kind", ("undone_at", admin.EmptyFieldListFilter)]
    list_select_related = ["imported_by"]
    search_fields = ["filename", "sha256"]
    date_hierarchy = "imported_at"
    change_form_template = "admin/import_record.html"
    show_full_result_count = False

    @admin.display(description=gettext_lazy("added / changed / unchanged / removed"))
    def counts(self, record: ImportRecord) -> str:
        return f"{record.added} / {record.changed} / {record.unchanged} / {record.removed}"

    def get_urls(self) -> list[URLPattern]:
        undo = path("<uuid:pk>/undo/", self.admin_site.admin_view(self.undo_view), name="portal_importrecord_undo")
        return [undo, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        record: ImportRecord = context["original"]
        resource_class = all_kinds().get(record.kind)
        context |= {
            "changes": resource_class().written(record) if resource_class else None,
            "title": _("Import of %(kind)s") % {"kind": record.kind},
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def undo_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
        """Say whether the import can be undone, and undo it on confirmation, once."""
        if not request.user.has_perm("portal.undo_importrecord"):
            raise PermissionDenied
        record = get_object_or_404(ImportRecord.objects.select_related("imported_by"), pk=pk)
        page = reverse("admin:portal_importrecord_change", args=[pk])
        if record.undone_at:
            messages.info(request, _("This import was undone already."))
            return redirect(page)
        if request.method != "POST":
            return self.undo_page(request, record, obstacles(record))
        try:
            undo_import(record=record, by=signed_in(request), path=AuditEntry.Path.ADMIN)
        except UndoRefused as refused:
            return self.undo_page(request, record, refused.obstacles, status=HTTPStatus.CONFLICT)
        messages.success(request, _("The import was undone: everything is as it was before."))
        return redirect(page)

    def undo_page(
        self, request: HttpRequest, record: ImportRecord, reasons: list[str], *, status: int = HTTPStatus.OK
    ) -> HttpResponse:
        """`reasons` are those against undoing it."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Undo the import of %(kind)s") % {"kind": record.kind},
            "record": record,
            "reasons": reasons,
        }
        return TemplateResponse(request, "admin/import_undo.html", context, status=status)
