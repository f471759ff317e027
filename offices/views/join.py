"""Where the link of an invitation leads."""

from __future__ import annotations

from http import HTTPStatus

from allauth.account.utils import perform_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from offices.accounts.sessions import keep_own
from offices.actions import invitations
from offices.forms import JoinForm
from offices.models import PersonInvitation, User
from portal.views import message_page
from portal.writes import Refused


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Say what is offered; a press of the button accepts it, once."""
    found = invitations.find_open(token)
    if found is None:
        return no_invitation(request)
    person = User.objects.filter(email=found.email).first()
    form = None
    if person is None or not person.has_usable_password():
        form = JoinForm(request.POST or None, email=found.email, initial={"name": person.name if person else ""})
    if request.method != "POST" or (form and not form.is_valid()):
        status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
        return join_page(request, found, form, status=status)
    return accept(request, token, form)


def accept(request: HttpRequest, token: str, form: JoinForm | None) -> HttpResponse:
    cleaned = form.cleaned_data if form else {}
    # Read now: accepting ends the sessions of the person, this one too until it is kept.
    is_signed_in = request.user.is_authenticated
    try:
        person = invitations.accept(token=token, name=cleaned.get("name", ""), password=cleaned.get("password"))
    except Refused as error:
        return message_page(request, _("This invitation cannot be accepted"), str(error), status=HTTPStatus.FORBIDDEN)
    if person is None:
        return no_invitation(request)
    messages.success(request, _("The invitation is accepted."))
    if is_signed_in:
        keep_own(request, person)
        return redirect("home")
    # The link says whose mails these are; who had a password before must still show that they know it.
    return perform_login(request, person) if form else redirect("account_login")


def join_page(
    request: HttpRequest, found: PersonInvitation, form: JoinForm | None, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    context = {"invitation": found, "offices": found.offices.order_by("code"), "form": form}
    return render(request, "offices/people/join.html", context, status=status)


def no_invitation(request: HttpRequest) -> HttpResponse:
    """The same for a link that was used, revoked, has expired or never was."""
    sentence = _("It was used already, revoked, or is older than two weeks. Ask whoever invited you for a new one.")
    return message_page(request, _("This link does not work"), sentence, status=HTTPStatus.NOT_FOUND)
