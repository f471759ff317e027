"""Inviting people, by a link in a mail that works once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from functools import partial

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from offices import policies
from offices.actions.people import lock_office, lock_person
from offices.models import Membership, Office, PersonInvitation, User, expiry
from portal import audit
from portal.models import AuditEntry
from portal.writes import Refused


def hash_of(token: str) -> str:
    # The token is random and long: a plain hash cannot be guessed back.
    return hashlib.sha256(token.encode()).hexdigest()


def link_to(token: str) -> str:
    """From SITE_URL, never from the Host header of whoever invites."""
    return f"{settings.SITE_URL}{reverse('invitation', args=[token])}"


def invite(*, email: str, offices: Sequence[Office], office_role: str, portal_role: str, by: User) -> PersonInvitation:
    """Invite somebody to offices, or to a role in the portal, and mail the link. Raises Refused.

    The same again while it waits has no effect. Whether the address has an account plays no part.
    """
    email = email.lower()
    with transaction.atomic():
        # One invites one after the other, so that a repeated click finds the first.
        by = lock_person(by)
        check_offer(offices, portal_role, by=by)
        if email == by.email:
            raise Refused(_("This is your own address."))
        offer = {"email": email, "office_role": office_role, "portal_role": portal_role}
        waiting = PersonInvitation.objects.open(timezone.now()).filter(**offer).prefetch_related("offices")
        if same := next((item for item in waiting if item.offers(offices=offices, **offer)), None):
            return same
        token = secrets.token_urlsafe(32)
        invitation = PersonInvitation.objects.create(**offer, token_hash=hash_of(token), invited_by=by)
        invitation.offices.set(offices)
        record("invite person", invitation, by=by)
        transaction.on_commit(partial(mail, invitation, token, by=by))
        return invitation


def send_again(*, invitation: PersonInvitation, times_sent: int, by: User) -> None:
    """A new link, for another fortnight; the earlier one works no more. Raises Refused.

    `times_sent` is what the page showed, so that a repeated click sends nothing.
    """
    with transaction.atomic():
        current = lock_invitation(invitation, by=by)
        if current.times_sent != times_sent:
            return
        if current.used_at or current.revoked_at:
            raise Refused(_("This invitation was accepted or revoked meanwhile."))
        token = secrets.token_urlsafe(32)
        current.token_hash, current.times_sent, current.expires_at = hash_of(token), times_sent + 1, expiry()
        # Whoever sends it vouches for it.
        current.invited_by = by
        current.save(update_fields=["token_hash", "times_sent", "expires_at", "invited_by"])
        record("send invitation again", current, by=by)
        transaction.on_commit(partial(mail, current, token, by=by))


def revoke(*, invitation: PersonInvitation, by: User) -> None:
    """Let a link work no more. Raises Refused."""
    with transaction.atomic():
        current = lock_invitation(invitation, by=by)
        if current.revoked_at:
            return
        if current.used_at:
            raise Refused(_("This invitation was accepted meanwhile: change the person's role instead."))
        current.revoked_at = timezone.now()
        current.save(update_fields=["revoked_at"])
        record("revoke invitation", current, by=by)


def find_open(token: str) -> PersonInvitation | None:
    """The invitation of a link, if it still works and whoever sent it may still offer that."""
    invitation = PersonInvitation.objects.select_related("invited_by").filter(token_hash=hash_of(token)).first()
    return invitation if invitation and stands(invitation) else None


def stands(invitation: PersonInvitation) -> bool:
    inviter = invitation.invited_by
    return invitation.is_open and inviter is not None and policies.may_handle(inviter, invitation)


def accept(*, token: str, name: str, password: str | None) -> User | None:
    """Do what the invitation offers; the person, or None if the link does not work (any more).

    The name and password are those of a new account, or of one that has no password yet. Raises Refused
    for somebody whose access was ended.
    """
    with transaction.atomic():
        found = PersonInvitation.objects.select_for_update(no_key=True).filter(token_hash=hash_of(token)).first()
        if found is None or not stands_locked(found):
            return None
        return fulfil(found, name=name, password=password)


def accept_by_address(*, email: str, name: str) -> User | None:
    """Do what all open invitations of an address offer, that somebody else has verified; None if there are none."""
    with transaction.atomic():
        waiting = PersonInvitation.objects.open(timezone.now()).filter(email=email.lower()).order_by("pk")
        standing = [item for item in waiting.select_for_update(no_key=True) if stands_locked(item)]
        fulfilled = [fulfil(item, name=name, password=None) for item in standing]
        return fulfilled[-1] if fulfilled else None


def stands_locked(invitation: PersonInvitation) -> bool:
    """As `stands`, of what cannot change any more in this transaction."""
    for office in invitation.offices.order_by("pk"):
        lock_office(office)
    return stands(invitation)


def fulfil(invitation: PersonInvitation, *, name: str, password: str | None) -> User:
    """Inside the transaction that holds the invitation and its offices."""
    person = account_of(invitation.email, name=name)
    if not person.is_active:
        raise Refused(_("Your access was ended: please write to the secretariat."))
    if password and not person.has_usable_password():
        person.name = name or person.name
        person.set_password(password)
    if policies.outranks(invitation.portal_role, person.role):
        person.role = invitation.portal_role
    person.save()
    # Whoever holds the link reads the mails of this address.
    EmailAddress.objects.update_or_create(user=person, email=person.email, defaults={"verified": True, "primary": True})
    for office in invitation.offices.all():
        join(person, office, invitation.office_role)
    person.end_sessions()
    invitation.used_at = timezone.now()
    invitation.save(update_fields=["used_at"])
    record("accept invitation", invitation, by=person)
    return person


def account_of(email: str, *, name: str) -> User:
    """The account of an address, locked; made where there is none."""
    standing = User.objects.select_for_update(no_key=True).filter(email=email)
    if person := standing.first():
        return person
    try:
        with transaction.atomic():
            return User.objects.create_user(email, name=name)
    except IntegrityError:
        # Another invitation of the same address was accepted at the same moment.
        return standing.get()


def join(person: User, office: Office, role: str) -> None:
    """An invitation lowers nobody."""
    membership, _created = Membership.objects.get_or_create(user=person, office=office, defaults={"role": role})
    if policies.outranks(role, membership.role):
        membership.role = role
        membership.save(update_fields=["role"])


def check_offer(offices: Iterable[Office], portal_role: str, *, by: User) -> None:
    if not policies.may_offer(by, offices=offices, portal_role=portal_role):
        raise Refused(_("You cannot invite people to this."))


def lock_invitation(invitation: PersonInvitation, *, by: User) -> PersonInvitation:
    current = PersonInvitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
    check_offer(current.offices.all(), current.portal_role, by=User.objects.get(pk=by.pk))
    return current


def mail(invitation: PersonInvitation, token: str, *, by: User) -> None:
    context = {"invitation": invitation, "offices": invitation.offices.all(), "by": by, "link": link_to(token)}
    subject = render_to_string("offices/people/invitation_subject.txt", context).strip()
    send_mail(subject, render_to_string("offices/people/invitation_message.txt", context), None, [invitation.email])


def record(action: str, invitation: PersonInvitation, *, by: User) -> None:
    """One row for each office, so that each finds it in its own trail."""
    codes = [office.code for office in invitation.offices.all()]
    for code in codes or [""]:
        audit.record(
            by=by,
            path=AuditEntry.Path.FORM,
            action=action,
            subject=invitation.email,
            office_code=code,
            role=invitation.office_role or invitation.portal_role,
        )
