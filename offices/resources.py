"""The spreadsheet kinds `offices`, `office_groups` and `group_members`."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from offices.models import GroupMember, Office, OfficeGroup
from portal.spreadsheets.resources import Column, SheetResource
from portal.spreadsheets.widgets import ReferenceWidget, widget_for


class OfficeResource(SheetResource):
    kind = "offices"

    class Meta:
        model = Office
        fields = ["code", "name", "kind", "region", "is_sample", "source"]
        import_id_fields = ["code"]

    def check(self, values: Mapping[str, Any], existing: Model | None) -> Iterator[tuple[str, str]]:
        if isinstance(existing, Office) and values.get("is_sample", existing.is_sample) != existing.is_sample:
            yield "is_sample", _("cannot change: what is invented stays so, and what is real")


class OfficeGroupResource(SheetResource):
    kind = "office_groups"

    group = Column("key", column_name="group", widget=widget_for(OfficeGroup._meta.get_field("key")))

    class Meta:
        model = OfficeGroup
        fields = ["group", "title", "kind", "as_of", "source"]
        import_id_fields = ["group"]

    def get_queryset(self) -> QuerySet[OfficeGroup]:
        return OfficeGroup.objects.order_by("key")


class GroupMemberResource(SheetResource):
    kind = "group_members"

    group = Column("group", column_name="group", widget=ReferenceWidget(OfficeGroup, required=True))
    office = Column("office", column_name="office", widget=ReferenceWidget(Office, "code", required=True))

    class Meta:
        model = GroupMember
        fields = ["group", "office"]
        import_id_fields = ["group", "office"]

    def get_queryset(self) -> QuerySet[GroupMember]:
        return GroupMember.objects.select_related("group", "office")
