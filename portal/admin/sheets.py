"""The admin page of one kind of the spreadsheet contract, with its import and its export."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from portal.admin.forms import SheetForm, UploadForm
from portal.admin.pages import PortalAdmin, signed_in
from portal.downloads import send_csv
from portal.models import AuditEntry, PendingImport
from portal.spreadsheets.importing import Outcome, SeenOtherwise, import_file
from portal.spreadsheets.reading import check_size
from portal.spreadsheets.resources import SheetResource
from portal.spreadsheets.tables import SheetRefused
from portal.spreadsheets.writing import CellTooLong, csv_lines, xlsx_file

SHOWN_FAULTS = 200


class SheetAdmin(PortalAdmin):
    """An admin page of one kind of the spreadsheet contract, with its import and export."""

    change_list_template = "admin/sheet_change_list.html"
    resource_class: ClassVar[type[SheetResource]]

    # Whether the natural key stays as it was made: other rows rest on it, and on what it belongs to.
    keeps_key: ClassVar[bool] = True

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = list(super().get_readonly_fields(request, obj))
        if obj is not None and self.keeps_key:
            columns = self.resource_class.fields
            keys = [columns[name] for name in self.resource_class._meta.import_id_fields]
            fields += [column.attribute for column in keys if not column.derived]
        return fields

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = type("SheetForm", (SheetForm,), {"resource_class": self.resource_class})
        return super().get_form(request, obj, change, form=form, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        view, site = self.admin_site.admin_view, self.opts
        name = f"{site.app_label}_{site.model_name}"
        return [
            path("import/", view(self.import_view), name=f"{name}_import"),
            path("import/<uuid:pending>/", view(self.confirm_view), name=f"{name}_import_confirm"),
            path("export.csv", view(self.export_csv), name=f"{name}_export_csv"),
            path("export.xlsx", view(self.export_xlsx), name=f"{name}_export_xlsx"),
            *super().get_urls(),
        ]

    def page(self, request: HttpRequest, template: str, *, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
        context |= {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "kind": self.resource_class.kind,
            "columns": self.resource_class.column_names(),
            "title": _("Import %(kind)s") % {"kind": self.resource_class.kind},
            "faults": context["outcome"].faults[:SHOWN_FAULTS] if "outcome" in context else (),
        }
        return TemplateResponse(request, template, context, status=status)

    def check_import_permission(self, request: HttpRequest) -> None:
        if not request.user.has_perm(f"{self.opts.app_label}.import_{self.opts.model_name}"):
            raise PermissionDenied

    def import_view(self, request: HttpRequest) -> HttpResponseBase:
        """Upload a file and see what it would do; nothing is written yet."""
        self.check_import_permission(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method != "POST" or not form.is_valid():
            return self.page(request, "admin/sheet_import.html", form=form)
        upload = form.cleaned_data["file"]
        try:
            check_size(upload.size)
            data = upload.read()
            outcome = self.run(request, data, upload.name, confirmed=False)
        except SheetRefused as error:
            form.add_error("file", str(error))
            return self.page(request, "admin/sheet_import.html", form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        if outcome.faults or not outcome.writes:
            status = HTTPStatus.UNPROCESSABLE_ENTITY if outcome.faults else HTTPStatus.OK
            return self.page(request, "admin/sheet_import.html", form=UploadForm(), outcome=outcome, status=status)
        pending = PendingImport.objects.keep(
            kind=outcome.kind, filename=upload.name, content=data, by=request.user.pk or 0
        )
        return redirect(self.admin_url("import_confirm"), pending=pending.pk)

    def confirm_view(self, request: HttpRequest, pending: uuid.UUID) -> HttpResponseBase:
        """Show what the uploaded file would do now, and do it on confirmation, once."""
        self.check_import_permission(request)
        with transaction.atomic():
            file = (
                PendingImport.objects.select_for_update()
                .filter(pk=pending, kind=self.resource_class.kind, uploaded_by=request.user.pk)
                .first()
            )
            if file is None:
                messages.info(request, _("This file was imported or dropped already."))
                return redirect(self.admin_url("changelist"))
            if request.method == "POST" and "confirm" not in request.POST:
                file.delete()
                messages.info(request, _("Nothing was imported."))
                return redirect(self.admin_url("changelist"))
            return self.confirm(request, file)

    def confirm(self, request: HttpRequest, file: PendingImport) -> HttpResponseBase:
        """What the file would do now, as a page; or its import, where the person confirms what they have seen."""
        confirmed = request.method == "POST"
        try:
            outcome = self.run(request, bytes(file.content), file.filename, confirmed=confirmed)
        except SheetRefused as error:
            messages.error(request, str(error))
            return redirect(self.admin_url("import"))
        except SeenOtherwise as otherwise:
            # Confirming again is then a decision about what the page shows now.
            context = {"file": file, "outcome": otherwise.outcome, "seen_otherwise": True}
            return self.page(request, "admin/sheet_confirm.html", status=HTTPStatus.CONFLICT, **context)
        if not confirmed or outcome.faults:
            return self.page(request, "admin/sheet_confirm.html", file=file, outcome=outcome)
        file.delete()
        messages.success(request, str(outcome))
        return redirect(self.admin_url("changelist"))

    def run(self, request: HttpRequest, data: bytes, filename: str, *, confirmed: bool) -> Outcome:
        """What the file would do, row by row; or its import, if it still does what the person has seen."""
        return import_file(
            self.resource_class.kind,
            data,
            filename=filename,
            by=signed_in(request),
            path=AuditEntry.Path.IMPORT,
            dry_run=not confirmed,
            keep_changes=True,
            seen=request.POST.get("seen", "") if confirmed else None,
        )

    def admin_url(self, page: str) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}"

    def export_csv(self, request: HttpRequest) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        resource = self.resource_class()
        lines = csv_lines(resource.column_names(), resource.export_rows())
        return send_csv(lines, resource.kind)

    def export_xlsx(self, request: HttpRequest) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        resource = self.resource_class()
        try:
            file = xlsx_file(resource.column_names(), resource.export_rows(), title=resource.kind)
        except CellTooLong as error:
            messages.error(request, str(error))
            return redirect(reverse(self.admin_url("changelist")))
        return FileResponse(file, as_attachment=True, filename=f"{resource.kind}.xlsx")
