"""Sign-in through an OpenID Connect provider (extra `sso`): a way in for those who are known, not a way to sign up."""

from __future__ import annotations

import contextlib
from typing import Any

from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest
from django.shortcuts import redirect

from offices.actions.invitations import accept_by_address
from offices.models import UNNAMED, User
from portal.writes import Refused


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Who is neither known nor invited stays out."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """No account is tied to one at the provider: it would outlive a change of the address here."""
        if not is_sign_in(sociallogin):
            raise ImmediateHttpResponse(redirect("account"))

    def authenticate_by_email(self, sociallogin: Any) -> tuple[User, str] | None:
        """The account of an address that the provider has verified, or what its open invitation makes."""
        if not is_sign_in(sociallogin):
            # Allauth looks for the account before `pre_social_login` refuses: until then nothing is used up.
            return None
        for address in sociallogin.email_addresses:
            if is_verified(address) and (user := account_of(address.email, name=name_of(sociallogin))):
                # The provider vouches for it; allauth would forget the password of an account it does not trust.
                EmailAddress.objects.update_or_create(
                    user=user, email=user.email, defaults={"verified": True, "primary": True}
                )
                return user, user.email
        return None


def is_sign_in(sociallogin: Any) -> bool:
    return bool(sociallogin.state.get("process") == "login")


def is_verified(address: EmailAddress) -> bool:
    """As the provider's claim says it, which some send as a text: "false" is not nothing."""
    return address.verified is True or address.verified == "true"


def account_of(email: str, *, name: str) -> User | None:
    # Whose access was ended is told so at sign-in.
    with contextlib.suppress(Refused):
        accept_by_address(email=email, name=name)
    return User.objects.filter(email=email.lower()).first()


def name_of(sociallogin: Any) -> str:
    account = sociallogin.account.extra_data
    claims = account.get("userinfo") or account.get("id_token") or account
    return UNNAMED.sub(" ", str(claims.get("name") or ""))[:150]
