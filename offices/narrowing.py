"""The filter of figures by group and region, the same wherever offices are counted."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from offices.models import GroupMember, OfficeGroup, Region


@dataclass(frozen=True)
class Narrowing:
    """The filters of a table; None narrows nothing."""

    group: OfficeGroup | None = None
    region: Region | None = None

    def condition(self, to_office: str = "") -> Q:
        return narrowing(
            group=self.group.key if self.group else None,
            region=self.region.value if self.region else None,
            to_office=to_office,
        )


def narrowing(*, group: str | None, region: str | None, to_office: str = "") -> Q:
    """The filter of tables by group and region, for any model; `to_office` is its path to Office."""
    condition = Q()
    if group:
        members = GroupMember.objects.filter(group__key=group).values("office_id")
        condition &= Q(**{f"{to_office or 'pk'}__in": members})
    if region:
        condition &= Q(**{f"{to_office}__region" if to_office else "region": region})
    return condition
