"""Pages that belong to no app: messages, and the sign of life."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks, to swap a part of the page, rather than a browser for the whole."""
    return bool(getattr(request, "htmx", False))


def message_page(request: HttpRequest, title: str, sentence: str, *, status: int) -> HttpResponse:
    """A page that says one thing: what is wrong and what to do."""
    return render(request, "message.html", {"title": title, "sentence": sentence}, status=status)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """For load balancers and monitors: 200 if the portal and its database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
