"""The spreadsheet kinds `offices`, `office_groups` and `group_members`."""

from django.db.models import QuerySet

from offices.models import GroupMember, Office, OfficeGroup
from portal.spreadsheets.resources import Column, SheetResource
from portal.spreadsheets.widgets import ReferenceWidget, widget_for


class OfficeResource(SheetResource):
    kind = "offices"

    class Meta:
        model = Office
        fields = ["code", "name", "kind", "region", "is_sample", "source"]
        import_id_fields = ["code"]


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
