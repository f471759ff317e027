from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import connection, models
from django.http import HttpRequest

from offices import resources
from offices.accounts.sessions import keep_own
from offices.actions import people
from offices.models import GroupMember, Membership, Office, OfficeGroup, User
from portal.admin.forms import VersionedForm
from portal.admin.pages import PortalAdmin, signed_in
from portal.admin.sheets import SheetAdmin
from portal.models import AuditEntry


@admin.register(Office)
class OfficeAdmin(SheetAdmin):
    resource_class = resources.OfficeResource
    list_display = ["code", "name", "kind", "region", "is_sample"]
    list_filter = ["kind", "region", "is_sample"]
    search_fields = ["code", "name"]

    def office_code(self, obj: Any) -> str:
        return str(obj.code)


@admin.register(OfficeGroup)
class OfficeGroupAdmin(SheetAdmin):
    resource_class = resources.OfficeGroupResource
    list_display = ["key", "title", "kind", "as_of"]
    list_filter = ["kind"]
    search_fields = ["key", "title"]


@admin.register(GroupMember)
class GroupMemberAdmin(SheetAdmin):
    resource_class = resources.GroupMemberResource
    keeps_key = False
    list_display = ["group", "office"]
    list_filter = ["group"]
    list_select_related = ["group", "office"]
    search_fields = ["office__code", "office__name", "group__key"]
    autocomplete_fields = ["group", "office"]


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    extra = 1
    autocomplete_fields = ["office"]


class PersonForm(VersionedForm):
    def clean_email(self) -> str:
        """Before it is looked for among those that are taken."""
        return str(self.cleaned_data["email"]).lower()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        stays = cleaned.get("role") == User.Role.ADMINISTRATOR and cleaned.get("is_active")
        if self.instance.pk and not stays and not people.is_administrator_left(without=[self.instance.pk]):
            self.add_error(None, people.LAST_ADMINISTRATOR)
        return cleaned

    def versioned_values(self) -> list[Any]:
        """The memberships are edited on the same page, and belong to its version."""
        memberships = self.instance.memberships.order_by("office").values_list("office", "role")
        values = [(name, value) for name, value in super().versioned_values() if name in UserAdmin.fields]
        return [*values, *memberships]


@admin.register(User)
class UserAdmin(PortalAdmin):
    form = PersonForm
    list_display = ["email", "name", "role", "is_active"]
    list_filter = ["role", "is_active"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "role", "is_active"]
    inlines = [MembershipInline]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        if request.method == "POST" and connection.in_atomic_block:
            people.lock_administrators()
        return super().get_object(request, object_id, from_field)

    def lock_chosen(self, request: HttpRequest, queryset: Any) -> None:
        people.lock_administrators()
        super().lock_chosen(request, queryset)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if not change:
            # The person chooses a password by the link of "Forgot your password?".
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        # What signs in is the address that stands here, and no earlier one.
        EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        person, before = form.instance, people.roles_of(form.instance)
        super().save_related(request, form, formsets, change)
        people.record_memberships(person, before=before, after=people.roles_of(person), **written_by(request))
        if change and "is_active" in form.changed_data:
            people.record_access(person, **written_by(request))
        rights = {"email", "role", "is_active"} & set(form.changed_data)
        if change and (rights or any(formset.has_changed() for formset in formsets)):
            person.end_sessions()
            keep_own(request, person)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Asked inside the transaction of a deletion, be it of one or of several."""
        if not people.is_administrator_left(without=[person.pk for person in queryset]):
            raise PermissionDenied(people.LAST_ADMINISTRATOR)
        for person in queryset:
            people.record_memberships(person, before=people.roles_of(person), after={}, **written_by(request))
        return super().log_deletions(request, queryset)

    def record(self, request: HttpRequest, action: str, obj: models.Model, **details: Any) -> None:
        """Under the address, as elsewhere; and with the role of who comes or goes."""
        if isinstance(obj, User):
            if action != "change":
                details["role"] = obj.role
            people.record(f"{action} user", obj, **written_by(request), **details)


def written_by(request: HttpRequest) -> dict[str, Any]:
    return {"by": signed_in(request), "path": AuditEntry.Path.ADMIN}
