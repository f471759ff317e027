"""What every answer of the portal carries."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

type_of_next = Callable[[HttpRequest], HttpResponse]


def no_null_characters(get_response: type_of_next) -> type_of_next:
    """Refuse an address with a NUL, which PostgreSQL cannot look up and nobody means."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest
        return get_response(request)

    return middleware


def private_pages(get_response: type_of_next) -> type_of_next:
    """Forbid any cache to keep what a signed-in person was shown."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response

    return middleware
