"""The one way to write the audit trail."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser

from portal.models import AuditEntry

LONGEST_NAME = AuditEntry._meta.get_field("actor_name").max_length or 0


def record(
    *,
    by: AbstractBaseUser | None,
    path: str,
    action: str,
    subject: object,
    office_code: str = "",
    **details: Any,
) -> AuditEntry:
    """Leave one audit row; call it inside the transaction of the write it tells of.

    `by` is None for a command started on the server, `path` one of `AuditEntry.Path`, `details`
    what JSON can hold.
    """
    return AuditEntry.objects.create(
        actor_id=by.pk if by else None,
        actor_name=named(by) if by else "",
        office_code=office_code,
        path=path,
        action=action,
        subject=str(subject)[:250],
        details=details,
    )


def named(by: AbstractBaseUser) -> str:
    """Name and address: people choose their names, and nobody chooses the address of somebody else."""
    name, address = str(by), by.get_username()
    room = LONGEST_NAME - len(f" <{address}>")
    return f"{name[:room]} <{address}>" if room > 0 and name != address else address
