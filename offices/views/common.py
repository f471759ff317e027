"""What the pages of every app share that ask who acts."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from offices.models import User


def person_of(request: HttpRequest) -> User:
    """Who acts; views ask only after they have let nobody else pass."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
