"""What views of several apps share; and the pages that belong to none: messages, and the sign of life."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import defaults
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from portal import held

type_of_view = Callable[..., HttpResponse]
FORM_METHODS = ["GET", "HEAD", "POST"]


def form_page(view: type_of_view) -> type_of_view:
    """A page with a form; what comes without a session is held until its writer has signed in again."""
    return require_http_methods(FORM_METHODS)(held.until_signed_in(view))


def posted_from(to: str, *names: str) -> Callable[[type_of_view], type_of_view]:
    """What only a form on another page sends here; who comes otherwise, as after signing in, is led to that page.

    `names` are those parts of the address that the other page has too.
    """

    def decorate(view: type_of_view) -> type_of_view:
        @wraps(view)
        def posted_view(request: HttpRequest, **parts: Any) -> HttpResponse:
            if request.method != "POST":
                return redirect(to, *(parts[name] for name in names))
            return view(request, **parts)

        return require_http_methods(FORM_METHODS)(login_required(posted_view))

    return decorate


# A page whose view asks `wants_part`: caches must tell the part from the whole.
swaps_part = vary_on_headers("HX-Request", "HX-History-Restore-Request")


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks, to swap a part of the page, rather than a browser for the whole."""
    htmx = getattr(request, "htmx", None)
    # Going back, htmx asks for the page as it was: the whole, not a part.
    return bool(htmx) and not getattr(htmx, "history_restore_request", False)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What cannot be read at all (400); what is only too much at once is told how much would do (413)."""
    if not isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
        return defaults.bad_request(request, exception)
    limits = {"bytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE, "fields": settings.DATA_UPLOAD_MAX_NUMBER_FIELDS}
    return render(request, "413.html", limits, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def message_page(request: HttpRequest, title: str, sentence: str, *, status: int) -> HttpResponse:
    """A page that says one thing: what is wrong and what to do."""
    return render(request, "message.html", {"title": title, "sentence": sentence}, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is stale, as after signing in anew in another tab: what was typed is shown again."""
    return render(request, "403_csrf.html", {"typed": held.typed_in(request)}, status=HTTPStatus.FORBIDDEN)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """For load balancers and monitors: 200 if the portal and its database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
