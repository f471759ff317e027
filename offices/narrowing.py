"""Which offices figures are of, the same wherever offices are counted.

The filter by group and region, and how few others are too few to be told of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from offices.models import GroupMember, OfficeGroup, Region

# What people of an office see about others tells nothing of fewer of them than this: it would tell
# what one of them said. See docs/decisions/0010-few-offices.md.
FEWEST_OTHERS = 5


@dataclass(frozen=True)
class Narrowing:
    """The filters of a table; None narrows nothing."""

    group: OfficeGroup | None = None
    region: Region | None = None

    def condition(self, to_office: str = "") -> Q:
        """For any model; `to_office` is its path to Office."""
        condition = Q()
        if self.group:
            members = GroupMember.objects.filter(group__key=self.group.key).values("office_id")
            condition &= Q(**{f"{to_office or 'pk'}__in": members})
        if self.region:
            condition &= Q(**{f"{to_office}__region" if to_office else "region": self.region.value})
        return condition

    def as_json(self) -> dict[str, str | None]:
        """The `filters` of JSON files (docs/figures.md)."""
        return {
            "group": self.group.key if self.group else None,
            "region": self.region.value if self.region else None,
        }

    def notes(self) -> Iterator[tuple[str, str]]:
        """The filters in words, as the notes of workbooks have them."""
        yield _("Group"), self.group.title if self.group else _("all")
        yield _("Region"), str(self.region.label) if self.region else _("all")
