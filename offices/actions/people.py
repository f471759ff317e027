"""Writes to who may do what: roles for an office, roles in the portal, access at all.

Each ends the sessions of the person whom it concerns: what somebody may do is read with every request, and a
session that was opened with other rights does not live on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offices import policies
from offices.models import Membership, Office, User
from portal import audit
from portal.models import AuditEntry
from portal.writes import Refused, Stale

LAST_ADMINISTRATOR = gettext_lazy(
    "Nobody would be administrator any more, and without one nobody could give roles. Make somebody else"
    " administrator first."
)


def set_office_role(*, person: User, office: Office, role: str, seen: str, by: User) -> None:
    """Change what somebody does for an office, or with a blank role nothing any more.

    `seen` is the role that the page showed. The same again has no effect. Raises Refused or Stale.
    """
    with transaction.atomic():
        lock_office(office)
        # Before the membership, as on the admin page of a person: two who took them the other way round would block.
        person = lock_person(person)
        by = User.objects.get(pk=by.pk)
        if not policies.manages_people_of(by, office):
            raise Refused(_("You do not look after the people of this office any more."))
        membership = Membership.objects.select_related("user").filter(user=person, office=office).first()
        standing = membership.role if membership else ""
        if standing == role:
            return
        if membership is None or standing != seen:
            raise Stale(standing)
        check_office_role(membership, role, by=by)
        change(membership, role)
        membership.user.end_sessions()
        record_memberships(person, before={office.code: standing}, after={office.code: role}, by=by)


def check_office_role(membership: Membership, role: str, *, by: User) -> None:
    if membership.user_id == by.pk and policies.outranks(role, membership.role):
        raise Refused(_("Nobody raises their own role: ask a colleague or the secretariat."))
    submitting = Membership.objects.of_office(membership.office).that_act(Membership.Role.COORDINATOR)
    is_last = not submitting.exclude(pk=membership.pk).exists() and submitting.filter(pk=membership.pk).exists()
    if is_last and role != Membership.Role.COORDINATOR and not policies.is_secretariat(by):
        raise Refused(
            _(
                "This is the office's last coordinator, and without one nobody could submit or invite. Make somebody"
                " else coordinator first, or ask the secretariat."
            )
        )


def change(membership: Membership, role: str) -> None:
    if not role:
        membership.delete()
        return
    membership.role = role
    membership.save(update_fields=["role"])


def set_access(*, person: User, is_active: bool, by: User) -> None:
    """End somebody's access to the portal, or give it back. Raises Refused."""
    with transaction.atomic():
        lock_administrators()
        person = lock_person(person)
        if not policies.may_switch_off(User.objects.get(pk=by.pk), person):
            raise Refused(_("This access is not yours to change."))
        if person.is_active == is_active:
            return
        person.is_active = is_active
        person.save(update_fields=["is_active"])
        person.end_sessions()
        record_access(person, by=by)


def set_portal_role(*, person: User, role: str, seen: str, by: User) -> None:
    """Give somebody a role in the portal, or none. Raises Refused or Stale."""
    with transaction.atomic():
        lock_administrators()
        person = lock_person(person)
        if not policies.may_give_portal_role(User.objects.get(pk=by.pk), person):
            raise Refused(_("Roles in the portal are given by administrators, and nobody changes their own."))
        standing = person.role
        if standing == role:
            return
        if standing != seen:
            raise Stale(standing)
        person.role = role
        person.save(update_fields=["role"])
        person.end_sessions()
        record("change portal role", person, by=by, role=[standing, role])


def remove_second_factors(*, person: User, by: User | None) -> int:
    """Let somebody who lost phone, keys and codes set up new ones; how many were removed. Raises Refused.

    `by` is None for the command on the server.
    """
    with transaction.atomic():
        person = lock_person(person)
        if by is not None and not policies.may_give_portal_role(User.objects.get(pk=by.pk), person):
            raise Refused(_("Second factors of others are removed by administrators."))
        removed = int(Authenticator.objects.filter(user=person).delete()[0])
        if removed:
            person.end_sessions()
            path = AuditEntry.Path.FORM if by else AuditEntry.Path.COMMAND
            audit.record(by=by, path=path, action="remove second factors", subject=person, removed=removed)
        return removed


def rename(*, person: User, name: str, by: User) -> None:
    """Change one's own name."""
    with transaction.atomic():
        person = lock_person(person)
        standing = person.name
        if standing == name:
            return
        person.name = name
        person.save(update_fields=["name"])
        record("change name", person, by=by, name=[standing, name])


def lock_office(office: Office) -> None:
    """Who changes the people of an office waits here, so that two cannot remove each other."""
    Office.objects.select_for_update(no_key=True).get(pk=office.pk)


def lock_administrators() -> None:
    """Who may take from an administrator what makes one waits here, before any other lock on a person.

    Whoever acts is read afterwards: of two who remove each other, the second finds that they may not any more.
    """
    list(User.objects.administrators().select_for_update(no_key=True).order_by("pk").values("pk"))


def is_administrator_left(*, without: Iterable[int]) -> bool:
    """Whether there are others than these people; under the lock, it stays true."""
    return User.objects.administrators().exclude(pk__in=without).exists()


def lock_person(person: User) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=person.pk)


# The trail


def roles_of(person: User) -> dict[str, str]:
    """The person's roles by the codes of the offices, as the database has them."""
    return dict(person.memberships.order_by("office__code").values_list("office__code", "role"))


def record_memberships(
    person: User,
    *,
    before: Mapping[str, str],
    after: Mapping[str, str],
    by: AbstractBaseUser | None,
    path: str = AuditEntry.Path.FORM,
) -> None:
    """One row for each office where the role is another, so that each finds its own, and reads of no other."""
    for code in sorted({*before, *after}):
        standing, role = before.get(code, ""), after.get(code, "")
        if standing != role:
            verb = "remove" if not role else "change" if standing else "add"
            record(f"{verb} membership", person, by=by, path=path, office_code=code, role=[standing, role])


def record_access(person: User, *, by: AbstractBaseUser | None, path: str = AuditEntry.Path.FORM) -> None:
    """One row for each office of the person, so that each finds it; one for somebody without any.

    Not for that of whoever acts: the secretariat, who does, acts for none.
    """
    action = "activate person" if person.is_active else "deactivate person"
    for code in roles_of(person) or [""]:
        record(action, person, by=by, path=path, office_code=code)


def record(
    action: str,
    person: User,
    *,
    by: AbstractBaseUser | None,
    path: str = AuditEntry.Path.FORM,
    office_code: str = "",
    **details: object,
) -> None:
    audit.record(by=by, path=path, action=action, subject=person.email, office_code=office_code, **details)
