"""The forms of django-allauth that answer otherwise here."""

import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.internal.userkit import filter_users_by_email
from allauth.core import context
from allauth.mfa.base import forms as codes_of_app
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from offices.accounts import codes, limits
from portal.middleware import after_answer


class ResetPasswordForm(AllauthResetPasswordForm):  # type: ignore[misc]  # allauth ships no types
    """Looks for the account when the answer has gone out: page and time are the same for every address."""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"])

    def save(self, request: HttpRequest, **options: Any) -> str:
        email = str(self.cleaned_data["email"])
        after_answer(request, partial(self.mail, request, email))
        return email

    def mail(self, request: HttpRequest, email: str) -> None:
        self.users = filter_users_by_email(email, is_active=True, prefer_verified=True, for_login=True)
        if self.users and limits.may_mail(request, email):
            with context.request_context(request):
                super().save(request)


# Codes of an app


class CodeForm(codes_of_app.BaseAuthenticateForm):  # type: ignore[misc]
    def clean_code(self) -> str:
        if not codes.use_up(self.user, self.cleaned_data["code"]):
            # It counts as a wrong one.
            check_rate_limit(self.user)
            raise ValidationError(_("This code was used already. Wait until your app shows the next one."))
        return str(super().clean_code())


class AuthenticateForm(CodeForm, codes_of_app.AuthenticateForm):  # type: ignore[misc]
    pass


class ReauthenticateForm(CodeForm, codes_of_app.ReauthenticateForm):  # type: ignore[misc]
    pass


# Passkeys

# What reading runs into where a credential is not as a browser makes it: the library looks at little beforehand.
UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
)


@contextmanager
def readable() -> Iterator[None]:
    """Say what cannot be read as a fault of the form."""
    try:
        yield
    except UNREADABLE as error:
        raise ValidationError(_("This passkey cannot be read. Try again, or use another way.")) from error


def read_credential(text: str) -> dict[str, Any]:
    """What a browser sent of a passkey: base64 and names, in which nothing needs to be escaped."""
    with readable():
        read = json.loads(text)
        if not isinstance(read, dict) or not read or not text.isascii() or "\\u" in text:
            raise ValueError
        if not isinstance(read.get("clientExtensionResults", {}), dict):
            raise ValueError
        return read


class AddPasskeyForm(webauthn.AddWebAuthnForm):  # type: ignore[misc]
    credential = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        # Here, since what is said of a hidden field would be hidden, too.
        self.cleaned_data["credential"] = read_credential(self.cleaned_data.get("credential", ""))
        with readable():
            cleaned: dict[str, Any] = super().clean()
        return cleaned


class PasskeyForm(webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]
    credential = forms.CharField(widget=forms.HiddenInput)

    def clean_credential(self) -> Any:
        self.cleaned_data["credential"] = read_credential(self.cleaned_data["credential"])
        with readable():
            return super().clean_credential()


class LoginPasskeyForm(PasskeyForm, webauthn.LoginWebAuthnForm):  # type: ignore[misc]
    pass


class ReauthenticatePasskeyForm(PasskeyForm, webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass
