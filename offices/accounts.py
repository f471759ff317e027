"""How people get in (django-allauth)."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by themselves: an account belongs to somebody an office or WIPO vouches for."""
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of the mail: from SITE_URL, never from the Host header of whoever asked for it."""
        path: str = reverse("account_reset_password_from_key", kwargs={"uidb36": "0", "key": "0"})
        return f"{settings.SITE_URL}{path.replace('0-0', key)}"
