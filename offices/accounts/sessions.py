"""The session of whoever acts, when all sessions of that person have just been ended."""

from allauth.usersessions.models import UserSession
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest

from offices.models import User


def keep_own(request: HttpRequest, person: User) -> None:
    """Let this session live on, under a new key, if it is the person's own; all others have ended."""
    if request.user.is_authenticated and request.user.pk == person.pk:
        person.refresh_from_db(fields=["password", "session_serial"])
        update_session_auth_hash(request, person)
        UserSession.objects.create_from_request(request)
