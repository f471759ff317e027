"""What somebody typed while their session ended: held until they have signed in again.

The text waits in the visitor's own new session, which signing in keeps, and is put back into the form
by the page it was sent to, for the same person only: the form carries a signed mark of who had it open.
It is never saved without the person pressing the button again.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

P = ParamSpec("P")
type_of_view = Callable[Concatenate[HttpRequest, P], HttpResponse]

KEY = "held"
MARK = "held_for"
# For all pages together, in characters of a form as it is sent.
MOST = 2**20


def mark_of(user: AbstractBaseUser | AnonymousUser) -> str:
    """What a form carries in the field `held_for`."""
    return signing.dumps(user.pk, salt=MARK)


def until_signed_in(view: "type_of_view[P]") -> "type_of_view[P]":
    """As `login_required`, but a form that comes without a session is held."""

    @wraps(view)
    def held_view(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            hold(request)
            return redirect_to_login(request.get_full_path())
        if request.method == "POST":
            drop(request)
        return view(request, *args, **kwargs)

    return held_view


def hold(request: HttpRequest) -> None:
    typed = request.POST.copy()
    typed.pop("csrfmiddlewaretoken", None)
    text = typed.urlencode()
    if not text or MARK not in typed:
        return
    held = request.session.get(KEY, {})
    if len(text) + sum(len(other) for path, other in held.items() if path != request.path) > MOST:
        sentence = _("You were signed out, and what you typed is too long to be kept here: go back and copy it.")
        messages.error(request, sentence)
        return
    request.session[KEY] = {**held, request.path: text}


def take(request: HttpRequest) -> QueryDict | None:
    """What is held for this page and this person; None if nothing is. It stays until the form is sent again."""
    text = request.session.get(KEY, {}).get(request.path)
    if text is None:
        return None
    typed = QueryDict(text)
    try:
        whose = signing.loads(typed.get(MARK, ""), salt=MARK)
    except signing.BadSignature:
        return None
    return typed if whose == request.user.pk else None


def drop(request: HttpRequest) -> None:
    held = request.session.get(KEY, {})
    if request.path in held:
        request.session[KEY] = {path: text for path, text in held.items() if path != request.path}
