"""What somebody typed while their session ended: held until they have signed in again.

The text waits in the visitor's own new session, which signing in keeps, and is put back into the form
by the page it was sent to. It is never saved without the person pressing the button again.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict

P = ParamSpec("P")
type_of_view = Callable[Concatenate[HttpRequest, P], HttpResponse]

KEY = "held"
MOST = 2**20


def until_signed_in(view: "type_of_view[P]") -> "type_of_view[P]":
    """As `login_required`, but a form that comes without a session is held."""

    @wraps(view)
    def held_view(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        typed = request.POST.copy()
        typed.pop("csrfmiddlewaretoken", None)
        text = typed.urlencode()
        if text and len(text) <= MOST:
            request.session[KEY] = {"path": request.path, "typed": text}
        return redirect_to_login(request.get_full_path())

    return held_view


def take(request: HttpRequest) -> QueryDict | None:
    """What is held for this page, once; None if nothing is."""
    held = request.session.get(KEY)
    if not held or held["path"] != request.path:
        return None
    del request.session[KEY]
    return QueryDict(held["typed"])
