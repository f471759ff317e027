"""What all admin pages share: the audit row, the version of a form, import and export of a kind."""

from __future__ import annotations

import copy
import uuid
import zlib
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import label_for_field
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.forms.models import construct_instance, model_to_dict
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.models import ModelChange

from portal import audit
from portal.downloads import send_csv
from portal.models import AuditEntry, ImportRecord, PendingImport
from portal.spreadsheets.history import UndoRefused
from portal.spreadsheets.importing import Outcome, SeenOtherwise, import_file, import_table
from portal.spreadsheets.kinds import all_kinds
from portal.spreadsheets.reading import check_size
from portal.spreadsheets.resources import Mode, SheetResource
from portal.spreadsheets.tables import Fault, SheetRefused, Table
from portal.spreadsheets.undoing import obstacles, undo_import
from portal.spreadsheets.writing import CellTooLong, csv_lines, xlsx_file
from portal.text import with_lf

STALE = "stale"
SHOWN_FAULTS = 200


class VersionedForm(forms.ModelForm):  # type: ignore[type-arg]  # of any model
    """A form that knows which version of the row it was opened with, and refuses to overwrite a later one."""

    opened_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.standing_version = self.read_version() if self.instance.pk else None
        self.fields["opened_version"].initial = self.standing_version
        self.standing = model_to_dict(self.instance) if self.instance.pk else {}

    def read_version(self) -> int:
        """A number that changes with every save: that of the last history entry, else a mark of the values."""
        if hasattr(self.instance, "history"):
            latest = self.instance.history.order_by("-history_id").values_list("history_id", flat=True).first()
            return int(latest or 0)
        return zlib.crc32(repr(self.versioned_values()).encode())

    def versioned_values(self) -> list[Any]:
        """What the form shows of a row without history."""
        return sorted(model_to_dict(self.instance).items(), key=str)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name, value in cleaned.items():
            # Browsers send CRLF for a line break, which is kept as LF.
            if isinstance(value, str):
                cleaned[name] = with_lf(value)
        if self.standing_version is not None and cleaned.get("opened_version") != self.standing_version:
            raise ValidationError(self.differences(cleaned), code=STALE)
        return cleaned

    def differences(self, cleaned: dict[str, Any]) -> list[ValidationError]:
        """Both texts, field by field."""
        sentence = _(
            "Somebody else saved this in the meantime. Nothing of yours was saved; compare, and save again to"
            " put your version in its place."
        )
        both = [
            _("%(field)s: saved now “%(theirs)s”, yours “%(yours)s”")
            % {
                "field": self.fields[name].label or name,
                "theirs": told(self.instance, name, theirs),
                "yours": told(self.instance, name, yours),
            }
            for name, theirs in self.standing.items()
            if name in cleaned and compared(yours := cleaned[name]) != compared(theirs)
        ]
        # Saving again is then a decision, not an accident.
        self.data = self.data.copy()  # type: ignore[attr-defined]  # a bound form's data is a QueryDict
        self.data[self.add_prefix("opened_version")] = str(self.standing_version)  # type: ignore[index]
        return [ValidationError(text, code=STALE) for text in [sentence, *both]]


def compared(value: Any) -> Any:
    """A form's value as two of them are compared: a row by its primary key, as `model_to_dict` gives it."""
    if isinstance(value, models.QuerySet | list):
        return {item.pk for item in value}
    return getattr(value, "pk", value)


def told(row: models.Model, name: str, value: Any) -> str:
    """What this field of the row says, in words: other rows by their names, also where only the key is given."""
    if value is None:
        return ""
    if isinstance(value, models.QuerySet | list):
        return "; ".join(sorted(map(str, value)))
    field = row._meta.get_field(name)
    if isinstance(field, models.ForeignKey) and not isinstance(value, models.Model):
        related = field.related_model._default_manager.filter(pk=value).first()
        # A history outlives the rows that it names.
        return str(related or _("deleted (%(key)s)") % {"key": value})
    return str(value)


def change_in_words(row: models.Model, change: ModelChange) -> dict[str, str]:
    return {
        "field": capfirst(str(label_for_field(change.field, type(row)))),
        "old": told(row, change.field, change.old),
        "new": told(row, change.field, change.new),
    }


class PortalAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # of any model
    """An admin page whose writes are audited and whose form cannot overwrite what it has not seen."""

    form = VersionedForm
    formfield_overrides: ClassVar[dict[Any, Any]] = {models.URLField: {"assume_scheme": "https"}}
    object_history_template = "admin/portal_history.html"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> Any:
        """With what a row's name is made of, which lists of suggestions would ask for row by row."""
        related = self.list_select_related
        queryset = super().get_queryset(request)
        return queryset.select_related(*related) if isinstance(related, list | tuple) else queryset

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [(None, {"fields": [*self.get_fields(request, obj)]})]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = [name for name in super().get_fields(request, obj) if name != "opened_version"]
        return [*fields, "opened_version"] if self.has_change_permission(request, obj) else fields

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        # Found before it is locked, since an address may hold anything.
        found = super().get_object(request, object_id, from_field)
        if found is None or request.method != "POST" or not connection.in_atomic_block:
            return found
        # A second save waits here, and then finds that its version is stale.
        list(self.model._default_manager.select_for_update().filter(pk=found.pk).values("pk"))
        return super().get_object(request, object_id, from_field)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            response = super().changeform_view(request, *args, **kwargs)
        except IntegrityError:
            # The same row was added at this moment: now the form finds it, and says so.
            response = super().changeform_view(request, *args, **kwargs)
        form = getattr(response, "context_data", {}).get("adminform") if hasattr(response, "context_data") else None
        if form is not None and form.form.is_bound and form.form.has_error("__all__", code=STALE):
            response.status_code = HTTPStatus.CONFLICT
        return response

    # Django calls these inside the transaction of the write.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self.record(request, "add", obj, changes=message)
        return super().log_addition(request, obj, message)

    def save_form(self, request: HttpRequest, form: Any, change: Any) -> Any:
        """Remember the values that change, for the audit row."""
        standing = getattr(form, "standing", {})
        changed = [name for name in form.changed_data if name in standing]
        values = {
            name: [told(form.instance, name, value) for value in (standing[name], form.cleaned_data.get(name))]
            for name in changed
        }
        # On the request: an admin page is one object for all of them.
        request.changed_values = values  # type: ignore[attr-defined]
        return super().save_form(request, form, change)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        values = getattr(request, "changed_values", {})
        self.record(request, "change", obj, changes=message, values=values)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            self.record(request, "delete", obj)
        return super().log_deletions(request, queryset)

    def record(self, request: HttpRequest, action: str, obj: models.Model, **details: Any) -> None:
        audit.record(
            by=signed_in(request),
            path=AuditEntry.Path.ADMIN,
            action=f"{action} {self.opts.model_name}",
            subject=obj,
            office_code=self.office_code(obj),
            **details,
        )

    def office_code(self, obj: models.Model) -> str:
        """The office that the row belongs to, if it belongs to one."""
        return str(getattr(getattr(obj, "office", None), "code", ""))

    @transaction.atomic
    def response_action(self, request: HttpRequest, queryset: Any) -> Any:  # type: ignore[override]  # of any model
        # Django's own deletion of several rows is not one transaction with the entries about it.
        if not all(map(self.is_key, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            messages.error(request, _("The choice of rows cannot be read. Load the page again, and choose anew."))
            return None
        self.lock_chosen(request, queryset)
        return super().response_action(request, queryset)

    def is_key(self, text: str) -> bool:
        """Whether a row could be called so; a database refuses whole numbers of more than 64 bits."""
        try:
            key = self.opts.pk.to_python(text)
        except ValidationError:
            return False
        return not isinstance(key, int) or key.bit_length() < 64

    def lock_chosen(self, request: HttpRequest, queryset: Any) -> None:
        """Who does the same with the same rows waits here, and then finds those that are left."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        every = request.POST.get("select_across") == "1"
        rows = queryset.order_by().values("pk") if every else chosen
        list(self.model._default_manager.select_for_update().filter(pk__in=rows).order_by("pk").values("pk"))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """What the row said before, who changed it, when and by which path."""
        obj = self.get_object(request, object_id)
        context = {"versions": list(self.versions(obj))} if hasattr(obj, "history") else {}
        return super().history_view(request, object_id, {**context, **(extra_context or {})})

    def versions(self, obj: Any) -> Iterator[dict[str, Any]]:
        entries = list(obj.history.select_related("history_user").order_by("-history_id"))
        for entry, earlier in zip(entries, [*entries[1:], None], strict=True):
            changes = entry.diff_against(earlier).changes if earlier else []
            yield {"entry": entry, "changes": [change_in_words(obj, change) for change in changes]}


class SheetForm(VersionedForm):
    """The form of a kind's admin page: it obeys the rules of the kind's import, by asking it."""

    resource_class: ClassVar[type[SheetResource]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            attributes = {name: column.attribute for name, column in self.resource_class.fields.items()}
            for fault in self.faults():
                field = attributes.get(fault.column)
                self.add_error(field if field in self.fields else None, f"{capfirst(fault.reason)}.")
        return cleaned

    def faults(self) -> tuple[Fault, ...]:
        """What an import of this one row would find at fault."""
        resource = self.resource_class()
        changed = construct_instance(self, copy.copy(self.instance))
        # A row is recognized by the key that it has now, even if the form renames it.
        standing = type(self.instance)._default_manager.filter(pk=self.instance.pk).first() or changed
        keys = set(resource.key_names)
        cells = [
            str(resource.fields[name].export(standing if name in keys else changed)) for name in resource.column_names()
        ]
        table = Table(resource.column_names(), [cells], [1])
        return import_table(resource.kind, table, by=None, dry_run=True, mode=Mode.REPLACE).faults


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV or XLSX file"), widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"})
    )


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
            waiting = PendingImport.objects.select_for_update().filter(
                pk=pending, kind=self.resource_class.kind, uploaded_by=request.user.pk
            )
            file = waiting.first()
            if file is None:
                messages.info(request, _("This file was imported or dropped already."))
                return redirect(self.admin_url("changelist"))
            confirmed = request.method == "POST" and "confirm" in request.POST
            if request.method == "POST" and not confirmed:
                waiting.delete()
                messages.info(request, _("Nothing was imported."))
                return redirect(self.admin_url("changelist"))
            try:
                outcome = self.run(request, bytes(file.content), file.filename, confirmed=confirmed)
            except SheetRefused as error:
                messages.error(request, str(error))
                return redirect(self.admin_url("import"))
            except SeenOtherwise as otherwise:
                # Confirming again is then a decision about what the page shows now.
                context = {"file": file, "outcome": otherwise.outcome, "seen_otherwise": True}
                return self.page(request, "admin/sheet_confirm.html", status=HTTPStatus.CONFLICT, **context)
            if confirmed and not outcome.faults:
                waiting.delete()
                messages.success(request, str(outcome))
                return redirect(self.admin_url("changelist"))
        return self.page(request, "admin/sheet_confirm.html", file=file, outcome=outcome)

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


class ReadOnly:
    """Mixed into the admin page of rows that nobody writes by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["at", "actor_name", "path", "action", "subject", "office_code"]
    list_filter = ["path", "action"]
    search_fields = ["actor_name", "subject", "office_code"]
    date_hierarchy = "at"

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[AuditEntry]:
        # An undone import may keep there all that it removed.
        return super().get_queryset(request).defer("details")


@admin.register(ImportRecord)
class ImportRecordAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The log of imports: what each did, and the way to take it back."""

    list_display = ["imported_at", "kind", "filename", "counts", "undone_at", "imported_by", "path"]
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
        reasons: list[str] = []
        if request.method == "POST":
            try:
                undo_import(record=record, by=signed_in(request), path=AuditEntry.Path.ADMIN)
            except UndoRefused as refused:
                reasons = refused.obstacles
            else:
                messages.success(request, _("The import was undone: everything is as it was before."))
                return redirect(page)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Undo the import of %(kind)s") % {"kind": record.kind},
            "record": record,
            "reasons": reasons or obstacles(record),
        }
        status = HTTPStatus.CONFLICT if reasons else HTTPStatus.OK
        return TemplateResponse(request, "admin/import_undo.html", context, status=status)


def signed_in(request: HttpRequest) -> AbstractBaseUser | None:
    return request.user if request.user.is_authenticated else None
