"""Each code of an app is accepted once (RFC 6238, 5.2): beside the secret stands the last step that was.

A code stays valid for three steps of half a minute (`MFA_TOTP_TOLERANCE`). The library remembers a used one for a
single step, and in the cache.
"""

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.db.models import Q

from offices.models import User


def use_up(user: User, code: str) -> bool:
    """Let this code be accepted no other time; False if it, or one of a later step, was accepted before.

    Whether it is a code at all is for the library to say: of what is none nothing is kept.
    """
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    step = step_of(code, secret=decrypt(app.data["secret"])) if app else None
    return app is None or step is None or keep_step(app, step)


def step_of(code: str, *, secret: str) -> int | None:
    """The half minute, counted from 1970, whose code this is; None if it is not valid now."""
    for step in yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            return int(step)
    return None


def keep_step(app: Authenticator, step: int) -> bool:
    """In one statement, so that of two who send the same code one finds it used."""
    before = Q(data__step__isnull=True) | Q(data__step__lt=step)
    return bool(Authenticator.objects.filter(before, pk=app.pk).update(data={**app.data, "step": step}))
