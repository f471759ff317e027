"""Who reads what of the trail: all of it, or the rows of the offices one coordinates."""

from __future__ import annotations

from offices.models import Office, User
from offices.policies import reads_everything, type_of_person
from portal.models import AuditEntry, AuditEntryQuerySet


def visible_entries(user: type_of_person) -> AuditEntryQuerySet:
    """All rows for those who read everything; for a coordinator those of the offices they coordinate."""
    entries: AuditEntryQuerySet = AuditEntry.objects.all()
    if reads_everything(user):
        return entries
    coordinated = user.coordinated_offices if isinstance(user, User) else set()
    codes = Office.objects.filter(pk__in=coordinated).values_list("code", flat=True) if coordinated else []
    return entries.of_offices(codes)


def may_read(user: type_of_person) -> bool:
    return reads_everything(user) or (isinstance(user, User) and bool(user.coordinated_offices))
