"""What all admin pages share: audit rows, versions, locks; and rows that nobody writes by hand."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, models, transaction
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal import audit
from portal.admin.forms import STALE, VersionedForm
from portal.admin.words import change_in_words, import_named_by, told
from portal.models import AuditEntry

# Columns that no page shows, and that no filter may feel out, be it across relations.
SECRET = {"password", "session_serial", "session_key", "token_hash", "data", "secret", "token", "token_secret"}


class CarefulAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # of any model
    """An admin page whose address may hold anything."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return SECRET.isdisjoint(lookup.split(LOOKUP_SEP)) and super().lookup_allowed(lookup, value, request)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        try:
            return super().get_changelist_instance(request)
        except (ValueError, OverflowError, DataError) as error:
            # Such as a year that no calendar has; the list is then shown as a whole.
            raise IncorrectLookupParameters from error

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        return super().get_object(request, object_id, from_field or None)


class PortalAdmin(CarefulAdmin):
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
            yield {
                "entry": entry,
                "changes": [change_in_words(obj, change) for change in changes],
                "record": import_named_by(entry.history_change_reason or ""),
            }


class ReadOnly(CarefulAdmin):
    """Mixed into the admin page of rows that nobody writes by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def signed_in(request: HttpRequest) -> AbstractBaseUser | None:
    return request.user if request.user.is_authenticated else None
