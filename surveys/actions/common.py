"""What the writers of a round share: the lock and the audit row."""

from typing import Any

from offices.models import User
from portal import audit
from portal.models import AuditEntry
from surveys.models import Invitation, Survey


def lock_round(survey: Survey) -> Survey:
    """Make other writers of the round and of all its responses wait, then read what stands.

    Whoever writes a response holds its invitation; the round's own row is locked so that responses,
    which only refer to it, may still be added: they would wait for each other otherwise.
    """
    current = Survey.objects.select_for_update(no_key=True).get(pk=survey.pk)
    list(Invitation.objects.filter(survey=survey).order_by("pk").select_for_update().values_list("pk"))
    return current


def record(action: str, survey: Survey, *, by: User, office_code: str = "", **details: Any) -> None:
    audit.record(
        by=by, path=AuditEntry.Path.FORM, action=action, subject=survey.key, office_code=office_code, **details
    )
