"""What somebody typed while their session ended: held until they have signed in again.

The text waits in the visitor's own new session, which signing in keeps, and is put back into the form
by the page it was sent to, for the same person only: the form carries a signed mark of who had it open.
It is never saved without the person pressing the button again.
"""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from http import HTTPStatus
from typing import Concatenate, ParamSpec

# No public name counts without a view.
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

P = ParamSpec("P")
type_of_view = Callable[Concatenate[HttpRequest, P], HttpResponse]

KEY = "held"
MARK = "held_for"
# In one session, for all pages together, in characters of a form as it is sent: 200 comments of 2,000 letters take
# three quarters of it in French. A mark opens sessions without end, so that what one person is kept of is counted, too.
MOST = 2**20
RATES = {"held": "10/10m/key,30/1d/key"}
# Fields that are never kept or shown again, beside those with "password" in their name.
SECRETS = {"csrfmiddlewaretoken", "again", "code", "credential"}


def mark_of(user: AbstractBaseUser | AnonymousUser) -> str:
    """What a form carries in the field `held_for`: good for as long as a session of the person begun now would be."""
    return signing.dumps([user.pk, seals_of(user)[0]], salt=f"portal.{MARK}")


def seals_of(user: AbstractBaseUser | AnonymousUser) -> list[str]:
    """What changes when the person's password does, or their sessions are ended; the first is that of today's key."""
    if not isinstance(user, AbstractBaseUser):
        return [""]
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    # Not themselves, which belong into a session and on no page.
    return [sha256(one.encode()).hexdigest() for one in hashes]


def read_mark(typed: QueryDict) -> tuple[int | None, str]:
    """The person who had this form open, and their seal then; None for a visitor, and for a mark that is not ours."""
    try:
        pk, seal = signing.loads(typed.get(MARK, ""), salt=f"portal.{MARK}", max_age=settings.SESSION_COOKIE_AGE)
    except signing.BadSignature:
        return None, ""
    return pk, seal


def is_secret(name: str) -> bool:
    return name in SECRETS or "password" in name


def until_signed_in(view: "type_of_view[P]") -> "type_of_view[P]":
    """As `login_required`, but a form that comes without a session is held."""

    @wraps(view)
    def held_view(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return hold(request) or redirect_to_login(request.get_full_path())
        if request.method == "POST":
            drop(request)
        return view(request, *args, **kwargs)

    return held_view


def hold(request: HttpRequest) -> HttpResponse | None:
    """Keep what was typed; where it cannot be kept, the page that shows it, to copy."""
    # Of people only: whoever else sends something gets no room in the store.
    pk, seal = read_mark(request.POST)
    if pk is None:
        return None
    typed = request.POST.copy()
    for name in filter(is_secret, list(typed)):
        del typed[name]
    text = typed.urlencode()
    others = {path: other for path, other in request.session.get(KEY, {}).items() if path != request.path}
    if len(text) + sum(map(len, others.values())) > MOST or not may_be_held(request, pk, seal):
        return render(request, "not_held.html", {"typed": typed_in(request)}, status=HTTPStatus.FORBIDDEN)
    request.session[KEY] = {**others, request.path: text}
    return None


def typed_in(request: HttpRequest) -> list[tuple[str, str]]:
    """What a form brought that can be shown again, by the names of its fields."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != MARK and not is_secret(name) and value.strip()
    ]


def may_be_held(request: HttpRequest, pk: int, seal: str) -> bool:
    """Whether the mark is of somebody who can sign in still, and was not used too often."""
    person = get_user_model().objects.filter(pk=pk, is_active=True).first()
    if person is None or seal not in seals_of(person):
        return False
    return ratelimit.consume(request, app="portal", action="held", config=RATES, key=f"person {pk}") is not None


def give_back(request: HttpRequest) -> QueryDict | None:
    """What is held for this page and this person, to be put into the form again, which they are told; else None.

    It stays until the form is sent again. Whoever chose a new password in between gets it, too.
    """
    typed = QueryDict(request.session.get(KEY, {}).get(request.path))
    if not request.user.is_authenticated or read_mark(typed)[0] != request.user.pk:
        return None
    messages.warning(request, _("You were signed out. What you typed is in the form again; it is not saved yet."))
    return typed


def drop(request: HttpRequest) -> None:
    held = request.session.get(KEY, {})
    if request.path in held:
        request.session[KEY] = {path: text for path, text in held.items() if path != request.path}
