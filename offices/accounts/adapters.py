"""How people get in (django-allauth)."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter

# No public name forgets a sign-in that was begun.
from allauth.account.internal.stagekit import clear_login
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from offices.accounts import devices, encryption, limits
from offices.models import User
from portal import audit
from portal.models import AuditEntry

logger = logging.getLogger(__name__)

PORTAL = _("Recommendations portal")
# What the sign-in that waits for its second step began with, in the session.
BEGAN_WITH = "sign_in_began_with"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": _(
            "Too many attempts. Wait ten minutes, or choose a new password by “Forgot your password?”: the link of"
            " its mail lets you in at once."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by themselves: an account belongs to somebody an office or WIPO vouches for."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        attempt = limits.attempt(request, credentials.get("email", ""))
        if attempt is None:
            # For the view, which says so in its status.
            request.too_many_attempts = True  # type: ignore[attr-defined]
            raise self.validation_error("too_many_login_attempts")
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            attempt.take_back()
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Allauth's own limit, by which anybody could keep an owner out, is replaced by that above."""

    def pre_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse | None:
        request.session[BEGAN_WITH] = user.get_session_auth_hash()
        response: HttpResponse | None = super().pre_login(request, user, **details)
        return response

    def login(self, request: HttpRequest, user: User) -> None:
        """Refuse a second step that comes after what ends sessions: a change of password, role or access."""
        if not constant_time_compare(request.session.pop(BEGAN_WITH, ""), user.get_session_auth_hash()):
            clear_login(request)
            messages.warning(request, _("Your password or your role has changed meanwhile. Sign in again."))
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **details)
        devices.remember(request, response, user.email)
        return response

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """By a second factor where there is one, which the password alone does not remove; a passkey first."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        by_factor = [method for method in methods if method["id"] != "reauthenticate"]
        return by_factor[::-1] or methods

    def is_safe_url(self, url: str) -> bool:
        """Nor by http to the portal's own host, for whoever came by https."""
        try:
            hosts = {urlsplit(url).netloc}
        except ValueError:  # which allauth would not catch
            return False
        https = context.request.is_secure()
        return super().is_safe_url(url) and url_has_allowed_host_and_scheme(url, hosts, require_https=https)

    def set_password(self, user: User, password: str) -> None:
        with transaction.atomic():
            super().set_password(user, password)
            audit.record(by=user, path=AuditEntry.Path.FORM, action="set password", subject=user.email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        # What a mail says of the portal comes from the settings, never from the Host header.
        site = SimpleNamespace(name=PORTAL, domain=settings.SITE_URL)
        super().send_mail(template_prefix, email, {**context, "current_site": site})

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        # What it tells of is done: a mail server that is away must not make it look undone.
        try:
            super().send_notification_mail(*args, **kwargs)
        except OSError:
            logger.exception("A mail about a change to an account could not be sent.")

    def get_reset_password_from_key_url(self, key: str) -> str:
        path: str = reverse("account_reset_password_from_key", kwargs={"uidb36": "0", "key": "0"})
        return f"{settings.SITE_URL}{path.replace('0-0', key)}"


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys are made for the host of SITE_URL, whatever the Host header says."""
        return {"id": urlsplit(settings.SITE_URL).hostname or "", "name": str(PORTAL)}
