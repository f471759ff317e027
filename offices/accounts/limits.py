"""How fast passwords can be guessed; why this keeps no owner out is told in docs/decisions/0007-people.md.

Only what fails counts: an attempt is counted before the password is looked at, so that many at once are no way
around, and taken back if it was right. The counters stand in the cache, which all processes must share.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# No public name gives an attempt back.
from allauth.core.internal import ratelimit
from django.http import HttpRequest

from offices.accounts.devices import device_of

RATES = {
    # At a device with which this person signed in before, whatever others do meanwhile.
    "known_device": "10/10m/key",
    # At any other: of all together, from one address, against one account.
    "everybody": "100/10m/key",
    "address": "20/10m/ip",
    "account": "10/10m/key",
}
# The mails with a link to choose a new password, for one account: of its owner at a known device, and of all others
# together. The page that asks for them is open to everybody always, and says the same: where somebody guesses from
# the owner's own network, it is the way in.
MAIL_RATES = {"reset_mail": "5/1h/key", "reset_form": "1/1h/key"}
WAIT = 600


@dataclass
class Attempt:
    """What one attempt has used up."""

    used: list[Any] = field(default_factory=list)

    def take_back(self) -> None:
        for usage in self.used:
            usage.rollback()


def attempt(request: HttpRequest, email: str) -> Attempt | None:
    """Count an attempt to sign in with this address; None if there were too many."""
    made = Attempt()
    for action, key in counters(request, email.strip().lower()):
        usage = ratelimit.consume(request, app="offices.accounts", action=action, config=RATES, key=key)
        if usage is None:
            made.take_back()
            return None
        made.used.append(usage)
    return made


def counters(request: HttpRequest, email: str) -> list[tuple[str, str]]:
    """The limits that hold for this attempt, as pairs of action and key, the widest first."""
    if request.user.is_authenticated and request.user.email == email:
        return [("known_device", f"person {request.user.pk}")]
    device = device_of(request)
    if device and device.knows(email):
        return [("known_device", f"{device.number} {email}")]
    return [("everybody", "all"), ("address", ""), ("account", email)]


def may_mail(request: HttpRequest, email: str) -> bool:
    """Whether an account can be mailed another link: each of those before works still."""
    key = email.strip().lower()
    device = device_of(request)
    if device and device.knows(key):
        key = f"{device.number} {key}"
    # Of each page that is opened, the token is another: the same form sent twice asks for one mail.
    form = request.POST.get("csrfmiddlewaretoken", "")
    counted = [("reset_form", f"{key} {form}")] if form else []
    return all(
        ratelimit.consume(request, app="offices.accounts", action=action, config=MAIL_RATES, key=one)
        for action, one in [*counted, ("reset_mail", key)]
    )
