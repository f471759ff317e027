"""One's own account, and the way in: pages of django-allauth, where the portal asks for more."""

from __future__ import annotations

from functools import wraps
from http import HTTPStatus
from typing import Any, NamedTuple

from allauth.account import views

# No public name says what a session has shown.
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import url_str_to_user_pk
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from offices import policies
from offices.accounts import codes
from offices.accounts.forms import read_credential
from offices.accounts.limits import WAIT
from offices.accounts.sessions import keep_own
from offices.actions import people as actions
from offices.forms import NameForm
from offices.models import User
from offices.views.common import person_of
from portal import audit
from portal.admin.forms import STALE
from portal.held import give_back
from portal.models import AuditEntry
from portal.views import form_page, type_of_view


@form_page
def account(request: HttpRequest) -> HttpResponse:
    """Who I am here: name, address, roles, how I sign in, and where I am signed in."""
    user = person_of(request)
    if request.method != "POST":
        return account_page(request, NameForm(give_back(request), instance=User.objects.get(pk=user.pk)))
    form = NameForm(request.POST, instance=User.objects.get(pk=user.pk))
    if not form.is_valid():
        stale = form.has_error("__all__", code=STALE)
        return account_page(request, form, status=HTTPStatus.CONFLICT if stale else HTTPStatus.UNPROCESSABLE_ENTITY)
    actions.rename(person=user, name=form.cleaned_data["name"], by=user)
    messages.success(request, _("Your name is saved."))
    return redirect("account")


def account_page(request: HttpRequest, form: NameForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    user = person_of(request)
    factors = Authenticator.objects.filter(user=user)
    context = {
        "form": form,
        "memberships": user.memberships.select_related("office"),
        "kinds_of_factors": {factor.type for factor in factors},
        "keys": sum(factor.type == Authenticator.Type.WEBAUTHN for factor in factors),
        "sessions": UserSession.objects.filter(user=user).count(),
        "may_see_people": policies.may_see_people(user),
    }
    return render(request, "account/account.html", context, status=status)


def told_when_too_many(view: type_of_view) -> type_of_view:
    """A page that takes a password: too many wrong ones are said in its status, too."""

    @wraps(view)
    def told_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if getattr(request, "too_many_attempts", False):
            response.status_code = HTTPStatus.TOO_MANY_REQUESTS
            response["Retry-After"] = str(WAIT)
        return response

    return told_view


login = told_when_too_many(views.login)
reauthenticate = told_when_too_many(views.reauthenticate)


def alone(view: type_of_view) -> type_of_view:
    """A page that writes to one account: who sends its form waits for all others who do.

    A form of one's own that waited while the password changed, as its twin does, has no effect.
    """

    @wraps(view)
    def alone_view(request: HttpRequest, *args: Any, uidb36: str = "", **kwargs: Any) -> HttpResponse:
        link = {"uidb36": uidb36} if uidb36 else {}
        person = person_of_link(uidb36) if uidb36 else request.user
        if request.method != "POST" or not isinstance(person, User):
            return view(request, *args, **link, **kwargs)
        with transaction.atomic():
            if actions.lock_person(person).password != person.password and not uidb36:
                return redirect("account")
            return view(request, *args, **link, **kwargs)

    return alone_view


def person_of_link(uidb36: str) -> User | None:
    """Whose password a link of a mail resets; whether it works, its page says."""
    try:
        return User.objects.filter(pk=url_str_to_user_pk(uidb36)).first()
    except ValueError:
        return None


password_change = alone(views.password_change)
password_set = alone(views.password_set)
password_reset = never_cache(views.password_reset)
password_reset_from_key = alone(views.password_reset_from_key)


class Factor(NamedTuple):
    """What the trail says of a second factor: never what it is checked against."""

    kind: str
    name: str  # of a passkey


def factors_of(user: User) -> dict[int, Factor]:
    factors = Authenticator.objects.filter(user=user)
    return {factor.pk: Factor(factor.type, factor.data.get("name", "")) for factor in factors}


def by_form(view: type_of_view) -> type_of_view:
    """A page that is opened and sent by browsers, and by no other method."""
    return login_required(require_http_methods(["GET", "HEAD", "POST"])(view))


def audited(view: type_of_view) -> type_of_view:
    """A page by which people change their second factors: what it changed is in the trail.

    By PUT and DELETE the library would change them too, without a mail to their owner.
    """

    @wraps(view)
    def audited_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST" or not isinstance(request.user, User):
            return view(request, *args, **kwargs)
        with transaction.atomic():
            # The same form a second time waits here, and finds nothing left to do. One of another session may find
            # that the first factor was set up meanwhile, and that its session has ended.
            if actions.lock_person(request.user).session_serial != request.user.session_serial:
                return redirect("account")
            before = factors_of(request.user)
            response = view(request, *args, **kwargs)
            after = factors_of(request.user)
            for pk in sorted(before | after):
                record_factor(before.get(pk), after.get(pk), by=request.user)
            if proving(after) and not proving(before):
                end_other_sessions(request, *proving(after).popitem())
        return response

    return by_form(audited_view)


def proving(factors: dict[int, Factor]) -> dict[int, str]:
    """The kinds of those that are asked for at sign-in: recovery codes stand in for them."""
    return {pk: factor.kind for pk, factor in factors.items() if factor.kind != Authenticator.Type.RECOVERY_CODES}


def end_other_sessions(request: HttpRequest, pk: int, kind: str) -> None:
    """With the first factor: no other session has shown one. This one has, by setting it up."""
    person = person_of(request)
    person.end_sessions()
    keep_own(request, person)
    record_authentication(request, person, method="mfa", id=pk, type=kind, reauthenticated=True)


def using_code_up(view: type_of_view) -> type_of_view:
    """The code by which an app is set up signs nobody in."""

    @wraps(view)
    def using_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        had_app = is_mfa_enabled(request.user, [Authenticator.Type.TOTP])
        response = view(request, *args, **kwargs)
        if request.method == "POST" and not had_app:
            codes.use_up(person_of(request), request.POST.get("code", ""))
        return response

    return using_view


def keeping_new_codes(view: type_of_view) -> type_of_view:
    """Recovery codes that nobody has looked at yet are as good as new ones: sent twice, the form makes no others."""

    @wraps(view)
    def keeping_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        codes = Authenticator.objects.filter(user=request.user.pk, type=Authenticator.Type.RECOVERY_CODES).first()
        if request.method == "POST" and codes and not codes.wrap().did_view:
            return redirect("mfa_view_recovery_codes")
        return view(request, *args, **kwargs)

    return keeping_view


def once_a_key(view: type_of_view) -> type_of_view:
    """A passkey is kept once, also where the browser sends its form twice."""

    @wraps(view)
    def once_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        sent = key_sent(request.POST.get("credential", ""))
        keys = Authenticator.objects.filter(user=request.user.pk, type=Authenticator.Type.WEBAUTHN)
        if sent and keys.filter(data__credential__id=sent).exists():
            return redirect("mfa_list_webauthn")
        return view(request, *args, **kwargs)

    return once_view


def key_sent(credential: str) -> str:
    """What the passkey of a form is called; blank if it cannot be read, which its page says."""
    try:
        return str(read_credential(credential).get("id", ""))
    except ValidationError:
        return ""


def record_factor(before: Factor | None, after: Factor | None, *, by: User) -> None:
    """What became of one second factor; nothing if it is as it was."""
    if before == after:
        return
    what = "add" if before is None else "remove" if after is None else "rename"
    details: dict[str, Any] = {"kind_of_factor": next(factor.kind for factor in (after, before) if factor)}
    if before and after:
        details["name"] = [before.name, after.name]
    audit.record(by=by, path=AuditEntry.Path.FORM, action=f"{what} second factor", subject=by.email, **details)
