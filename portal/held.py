"""What somebody typed while their session ended: held until they have signed in again.

The text waits in the visitor's own new session, which signing in keeps, and is put back into the form
by the page it was sent to, for the same person only: the form carries a signed mark of who had it open.
It is never saved without the person pressing the button again.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
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
# Fields that are never kept or shown again, beside those with "password" in their name.
SECRETS = {"csrfmiddlewaretoken", "again", "code", "credential"}


def mark_of(user: AbstractBaseUser | AnonymousUser) -> str:
    """What a form carries in the field `held_for`."""
    return signing.dumps(user.pk, salt=MARK)


def whose(typed: QueryDict) -> int | None:
    """The person who had this form open, by its mark; None for a visitor, and for a mark that is not ours."""
    try:
        pk: int | None = signing.loads(typed.get(MARK, ""), salt=MARK, max_age=settings.SESSION_COOKIE_AGE)
    except signing.BadSignature:
        return None
    return pk


def is_secret(name: str) -> bool:
    return name in SECRETS or "password" in name


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
    # Of people only: whoever else sends something gets no room in the store.
    if whose(request.POST) is None:
        return
    typed = request.POST.copy()
    for name in filter(is_secret, list(typed)):
        del typed[name]
    text = typed.urlencode()
    held = request.session.get(KEY, {})
    if len(text) + sum(len(other) for path, other in held.items() if path != request.path) > MOST:
        sentence = _("You were signed out, and what you typed is too long to be kept here: go back and copy it.")
        messages.error(request, sentence)
        return
    request.session[KEY] = {**held, request.path: text}


def give_back(request: HttpRequest) -> QueryDict | None:
    """What is held for this page and this person, to be put into the form again, which they are told; else None.

    It stays until the form is sent again.
    """
    typed = QueryDict(request.session.get(KEY, {}).get(request.path))
    if not request.user.is_authenticated or whose(typed) != request.user.pk:
        return None
    messages.warning(request, _("You were signed out. What you typed is in the form again; it is not saved yet."))
    return typed


def drop(request: HttpRequest) -> None:
    held = request.session.get(KEY, {})
    if request.path in held:
        request.session[KEY] = {path: text for path, text in held.items() if path != request.path}
