"""What second factors are checked against, as the database holds it: a copy of the database alone opens no account."""

import base64
import hashlib
from collections.abc import Iterator

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _


def encrypt(text: str) -> str:
    return MultiFernet(ciphers()).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Raises PermissionDenied where no key fits: then the factor can prove nothing."""
    try:
        return MultiFernet(ciphers()).decrypt(token.encode()).decode()
    except InvalidToken:
        raise PermissionDenied(
            _(
                "The second factor of this account cannot be read, because the portal's secret key was changed. Ask"
                " an administrator to remove it; then set up a new one."
            )
        ) from None


def ciphers() -> Iterator[Fernet]:
    """That of SECRET_KEY, which encrypts, and those of the keys before it."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        digest = hashlib.sha256(f"offices.accounts.second factors:{key}".encode()).digest()
        yield Fernet(base64.urlsafe_b64encode(digest))
