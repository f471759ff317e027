"""Devices at which somebody signed in before, told by a signed cookie.

The cookie names people by a keyed hash of their address: it can be looked up without asking the database, so
that known and unknown addresses take the same work.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

COOKIE = "known_device"
KEPT_FOR = 365 * 24 * 3600
# People who share a device; the earliest is forgotten.
MOST_PEOPLE = 10


@dataclass(frozen=True)
class Device:
    """A browser, and the hashes of those who signed in with it."""

    number: str
    people: tuple[str, ...] = ()

    def knows(self, email: str) -> bool:
        return hash_of(email) in self.people


def hash_of(email: str) -> str:
    return salted_hmac(COOKIE, email.strip().lower(), algorithm="sha256").hexdigest()[:24]


def device_of(request: HttpRequest) -> Device | None:
    """What the browser's cookie says; None without one, or with one that is not ours."""
    try:
        said: Any = signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=KEPT_FOR)
    except signing.BadSignature:
        return None
    return Device(said["number"], tuple(said["people"]))


def remember(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """Let the browser carry that this person signed in with it."""
    device = device_of(request) or Device(secrets.token_urlsafe(12))
    others = [person for person in device.people if person != hash_of(email)]
    said = {"number": device.number, "people": [*others, hash_of(email)][-MOST_PEOPLE:]}
    response.set_cookie(
        COOKIE,
        signing.dumps(said, salt=COOKIE),
        max_age=KEPT_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
