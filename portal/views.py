"""Pages that belong to no app: messages, and the sign of life."""

from http import HTTPStatus

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks, to swap a part of the page, rather than a browser for the whole."""
    htmx = getattr(request, "htmx", None)
    # Going back, htmx asks for the page as it was: the whole, not a part.
    return bool(htmx) and not getattr(htmx, "history_restore_request", False)


def message_page(request: HttpRequest, title: str, sentence: str, *, status: int) -> HttpResponse:
    """A page that says one thing: what is wrong and what to do."""
    return render(request, "message.html", {"title": title, "sentence": sentence}, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is stale, as after signing in anew in another tab: what was typed is shown again."""
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and "password" not in name and value.strip()
    ]
    return render(request, "403_csrf.html", {"typed": typed}, status=HTTPStatus.FORBIDDEN)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """For load balancers and monitors: 200 if the portal and its database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
