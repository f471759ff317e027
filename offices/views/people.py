"""The people of the offices: who they are, what they may do, and who is invited."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from offices import forms, policies
from offices.accounts.sessions import keep_own
from offices.actions import invitations, people
from offices.filters import PeopleFilter
from offices.models import Membership, Office, PersonInvitation, User
from offices.views.common import person_of
from portal.held import give_back
from portal.views import form_page, posted_from
from portal.writes import Refused, Stale

ON_A_PAGE = 50


@contextmanager
def still_allowed() -> Iterator[None]:
    """What a view had found to be allowed may be taken away while it goes on."""
    try:
        yield
    except Refused as error:
        raise PermissionDenied(str(error)) from error


@require_safe
@login_required
def people_list(request: HttpRequest) -> HttpResponse:
    """The people whom this person may see, and the invitations that wait."""
    user = person_of(request)
    if not policies.may_see_people(user):
        raise PermissionDenied(_("The people of an office are seen by its coordinators."))
    found = PeopleFilter(request.GET, with_memberships(user), viewer=user)
    page = Paginator(found.qs, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": found,
        "page": page,
        "invitations": waiting_invitations(user),
        "may_invite": policies.may_invite(user),
    }
    return render(request, "offices/people/list.html", context)


def with_memberships(user: User) -> QuerySet[User]:
    """The visible people, each with the visible memberships in `shown`."""
    shown = Membership.objects.visible_to(user).select_related("office").order_by("office__code")
    return User.objects.visible_to(user).prefetch_related(Prefetch("memberships", shown, to_attr="shown"))


def waiting_invitations(user: User) -> list[PersonInvitation]:
    """Each with the visible offices in `shown`, and in `is_ours` whether this person may send it again or revoke it."""
    served = Office.objects.all() if user.reads_everything else Office.objects.filter(pk__in=user.coordinated_offices)
    waiting = PersonInvitation.objects.visible_to(user).unanswered().select_related("invited_by")
    found = list(waiting.prefetch_related("offices", Prefetch("offices", served.order_by("code"), to_attr="shown")))
    for invitation in found:
        invitation.is_ours = policies.may_handle(user, invitation)  # type: ignore[attr-defined]  # for the template
    return found


@form_page
def invite(request: HttpRequest) -> HttpResponse:
    """Let somebody in by a link; the answer is the same whether or not the address has an account."""
    user = person_of(request)
    if not policies.may_invite(user):
        raise PermissionDenied(_("People are invited by coordinators and by the secretariat."))
    if request.method != "POST":
        return invite_page(request, forms.InviteForm(give_back(request), by=user, initial=only_office(user)))
    form = forms.InviteForm(request.POST, by=user)
    if not form.is_valid():
        return invite_page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        invitation = invitations.invite(**form.offer, by=user)
    except Refused as error:
        form.add_error(None, str(error))
        return invite_page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except OSError:
        messages.error(request, _("The invitation is kept, but its mail could not be sent: send it again later."))
    else:
        sentence = _("%(email)s is invited; the link in the mail works until %(day)s.")
        messages.success(request, sentence % {"email": invitation.email, "day": day_of(invitation)})
    return redirect("people")


def day_of(invitation: PersonInvitation) -> str:
    return date_format(timezone.localtime(invitation.expires_at), "DATE_FORMAT")


def only_office(user: User) -> dict[str, Any]:
    """Somebody who can invite to one office only need not choose it."""
    offices = Office.objects.filter(pk__in=user.coordinated_offices).values_list("code", flat=True)
    return {"offices": list(offices)} if not policies.is_secretariat(user) and len(offices) == 1 else {}


def invite_page(request: HttpRequest, form: forms.InviteForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    return render(request, "offices/people/invite.html", {"form": form}, status=status)


@posted_from("people")
def handle_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Send an invitation again, or revoke it."""
    user = person_of(request)
    invitation = get_object_or_404(PersonInvitation.objects.visible_to(user), pk=pk)
    if not policies.may_handle(user, invitation):
        raise PermissionDenied(_("This invitation is not yours to change."))
    try:
        if "revoke" in request.POST:
            invitations.revoke(invitation=invitation, by=user)
            messages.success(request, _("The invitation of %(email)s is revoked.") % {"email": invitation.email})
        else:
            seen = request.POST.get("times_sent", "")
            times_sent = int(seen) if seen.isascii() and seen.isdigit() else 0
            invitations.send_again(invitation=invitation, times_sent=times_sent, by=user)
            messages.success(request, _("%(email)s has a new link.") % {"email": invitation.email})
    except Refused as error:
        messages.error(request, str(error))
    except OSError:
        messages.error(request, _("The mail could not be sent: send it again later."))
    return redirect("people")


# One person


def find_person(request: HttpRequest, pk: int) -> User:
    user = person_of(request)
    if not policies.may_see_people(user):
        raise Http404
    return get_object_or_404(with_memberships(user), pk=pk)


@require_safe
@login_required
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """What somebody may do, as far as it concerns whoever looks."""
    return person_page(request, find_person(request, pk))


def person_page(request: HttpRequest, somebody: User, *, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
    user = person_of(request)
    context |= {
        "somebody": somebody,
        "places": [(place, policies.manages_people_of(user, place.office)) for place in shown_of(somebody)],
        "may_switch_off": policies.may_switch_off(user, somebody),
        "may_give_portal_role": policies.may_give_portal_role(user, somebody),
        "office_roles": Membership.Role.choices,
        "portal_roles": User.Role.choices,
    }
    return render(request, "offices/people/person.html", context, status=status)


def shown_of(somebody: User) -> list[Membership]:
    return list(getattr(somebody, "shown", []))


@posted_from("person", "pk")
@still_allowed()
def set_office_role(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Another role for an office, or none."""
    user, somebody = person_of(request), find_person(request, pk)
    office = next((place.office for place in shown_of(somebody) if place.office.code == code), None)
    form = forms.OfficeRoleForm(request.POST)
    if office is None:
        raise Http404
    if not policies.manages_people_of(user, office):
        raise PermissionDenied(_("The people of an office are looked after by its coordinators."))
    if not form.is_valid():
        return person_page(request, somebody, status=HTTPStatus.UNPROCESSABLE_ENTITY, refusal=_("Choose a role."))
    try:
        people.set_office_role(person=somebody, office=office, by=user, **form.cleaned_data)
    except Refused as error:
        return person_page(request, somebody, status=HTTPStatus.UNPROCESSABLE_ENTITY, refusal=str(error))
    except Stale as error:
        roles = dict(Membership.Role.choices)
        return stale_page(request, pk, roles.get(error.current), roles.get(form.cleaned_data["role"]))
    keep_own(request, somebody)
    messages.success(request, _("The role is changed; it holds from the next page on."))
    return after_change(request, somebody)


def stale_page(request: HttpRequest, pk: int, theirs: Any, yours: Any) -> HttpResponse:
    """Both roles; choosing again is then a decision."""
    stale = {"theirs": theirs or _("none"), "yours": yours or _("none")}
    return person_page(request, find_person(request, pk), status=HTTPStatus.CONFLICT, stale=stale)


def after_change(request: HttpRequest, somebody: User) -> HttpResponse:
    """To the person, if whoever acted still sees them."""
    user = User.objects.get(pk=person_of(request).pk)
    if not policies.may_see_people(user):
        return redirect("account")
    if User.objects.visible_to(user).filter(pk=somebody.pk).exists():
        return redirect("person", somebody.pk)
    return redirect("people")


@posted_from("person", "pk")
@still_allowed()
def set_portal_role(request: HttpRequest, pk: int) -> HttpResponse:
    user, somebody = person_of(request), find_person(request, pk)
    form = forms.PortalRoleForm(request.POST)
    if not policies.may_give_portal_role(user, somebody):
        raise PermissionDenied(_("Roles in the portal are given by administrators, and nobody changes their own."))
    if not form.is_valid():
        return person_page(request, somebody, status=HTTPStatus.UNPROCESSABLE_ENTITY, refusal=_("Choose a role."))
    try:
        people.set_portal_role(person=somebody, by=user, **form.cleaned_data)
    except Stale as error:
        roles = dict(User.Role.choices)
        return stale_page(request, pk, roles.get(error.current), roles.get(form.cleaned_data["role"]))
    messages.success(request, _("The role is changed; it holds from the next page on."))
    return after_change(request, somebody)


@posted_from("person", "pk")
@still_allowed()
def set_access(request: HttpRequest, pk: int) -> HttpResponse:
    """End somebody's access, or give it back."""
    user, somebody = person_of(request), find_person(request, pk)
    if not policies.may_switch_off(user, somebody):
        raise PermissionDenied(_("This access is not yours to change."))
    people.set_access(person=somebody, is_active="activate" in request.POST, by=user)
    messages.success(request, _("The access is changed; it holds from the next page on."))
    return after_change(request, somebody)


@posted_from("person", "pk")
@still_allowed()
def remove_second_factors(request: HttpRequest, pk: int) -> HttpResponse:
    """For somebody who lost phone, keys and codes."""
    user, somebody = person_of(request), find_person(request, pk)
    if not policies.may_give_portal_role(user, somebody):
        raise PermissionDenied(_("Second factors of others are removed by administrators."))
    people.remove_second_factors(person=somebody, by=user)
    messages.success(request, _("There is no second factor any more: the person sets up new ones."))
    return after_change(request, somebody)
