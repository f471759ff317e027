"""What stands around every view: headers of answers, ends of sessions, second factors, what is done after an answer."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from portal import held
from portal.views import wants_part

type_of_next = Callable[[HttpRequest], HttpResponse]
type_of_work = Callable[[], None]

logger = logging.getLogger(__name__)

# What is left to be done after answers, one thing at a time in each process: behind a slow mail server waits one
# connection to the database, not one for every mail. A process that ends does first what is left.
worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="after-answers")

# What somebody who lacks a second factor can do besides setting one up (views named `mfa_...`).
WITHOUT_SECOND_FACTOR = {"account_logout", "account_reauthenticate", "account_set_password", "set_language", "healthz"}


def no_null_characters(get_response: type_of_next) -> type_of_next:
    """Refuse an address with a NUL, which PostgreSQL cannot look up and nobody means, and what is not in UTF-8."""

    def middleware(request: HttpRequest) -> HttpResponse:
        charset = (request.content_params or {}).get("charset", "utf-8")
        has_null = "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", "")
        if has_null or charset.lower() not in {"utf-8", "utf8"}:
            raise BadRequest
        return get_response(request)

    return middleware


def error_pages(get_response: type_of_next) -> type_of_next:
    """Forbid any cache to keep that something was refused, whoever asked. Stands before all that may refuse.

    And forbid to frame it, which the middleware for that, further in, does not see.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            patch_cache_control(response, private=True, no_store=True)
            response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        return response

    return middleware


def private_pages(get_response: type_of_next) -> type_of_next:
    """Forbid any cache to keep what a signed-in person was shown."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response

    return middleware


def after_answers(get_response: type_of_next) -> type_of_next:
    """Do what `after_answer` was given, when the server has sent the answer and closes it.

    In a thread, since servers let go of the connection only after closing: whoever asked would see how long it took.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if work := getattr(request, "work_after_answer", None):
            close = response.close

            def close_and_begin() -> None:
                try:
                    close()
                finally:
                    if settings.WORK_IN_THREADS:
                        worker.submit(work_in_thread, request, work, get_language())
                    else:
                        do_work(request, work)

            response.close = close_and_begin  # type: ignore[method-assign]  # the server calls it by this name
        return response

    return middleware


def do_work(request: HttpRequest, work: type_of_work) -> None:
    try:
        work()
    except Exception:
        logger.exception("What was left to be done after the answer to %s failed.", request.path)


def work_in_thread(request: HttpRequest, work: type_of_work, language: str | None) -> None:
    """As the thread of the request would do it; what it opens of databases is its own, and nobody else closes it."""
    try:
        with override(language):
            do_work(request, work)
    finally:
        connections.close_all()


def after_answer(request: HttpRequest, work: type_of_work) -> None:
    """Leave work until the answer has gone out, so that its time tells nothing."""
    request.work_after_answer = work  # type: ignore[attr-defined]


def second_factors(get_response: type_of_next) -> type_of_next:
    """Lead those who must have a second factor to where one is set up, or shown, before anything else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(request: HttpRequest, *_view: Any) -> HttpResponse | None:
        # With its namespace: the admin pages have names of their own.
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in WITHOUT_SECOND_FACTOR or name.startswith("mfa_") or not lacks_second_factor(request):
            return None
        if page := held.hold(request):
            return page
        if has_second_factor(request):
            messages.warning(request, _("Your role needs a second factor: show it before you go on."))
            ways = get_adapter(request).get_reauthentication_methods(request.user)
            return redirect_to_login(request.get_full_path(), login_url=ways[0]["url"])
        messages.warning(request, _("Your role needs a second factor: set one up before you go on."))
        return redirect("mfa_index")

    middleware.process_view = process_view  # type: ignore[attr-defined]  # Django's name for this hook
    return middleware


def whole_pages(get_response: type_of_next) -> type_of_next:
    """Where a part of a page was asked for and the answer leads elsewhere, as to signing in, lead the whole page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if isinstance(response, HttpResponseRedirectBase) and wants_part(request):
            return HttpResponseClientRedirect(response.url)
        return response

    return middleware


def lacks_second_factor(request: HttpRequest) -> bool:
    """Whether the person must have one and this session has shown none, whatever another has."""
    if not settings.MFA_REQUIRED or not getattr(request.user, "needs_second_factor", False):
        return False
    shown = [record for record in get_authentication_records(request, request.user) if record["method"] == "mfa"]
    return not shown or not has_second_factor(request)


def has_second_factor(request: HttpRequest) -> bool:
    return bool(is_mfa_enabled(request.user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]))
