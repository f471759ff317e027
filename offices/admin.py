from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.http import HttpRequest

from offices import resources
from offices.models import GroupMember, Membership, Office, OfficeGroup, User
from portal.admin import PortalAdmin, SheetAdmin, VersionedForm


@admin.register(Office)
class OfficeAdmin(SheetAdmin):
    resource_class = resources.OfficeResource
    list_display = ["code", "name", "kind", "region", "is_sample"]
    list_filter = ["kind", "region", "is_sample"]
    search_fields = ["code", "name"]


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

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if not change:
            # The person chooses a password by the link of "Forgot your password?".
            obj.set_unusable_password()
        obj.email = obj.email.lower()
        super().save_model(request, obj, form, change)
        # What signs in is the address that stands here, and no earlier one.
        EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()
