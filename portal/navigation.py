"""The main menu. Part of the roof: it knows the apps' pages."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from notices.policies import may_follow
from offices.models import User
from offices.policies import is_administrator, may_see_people
from portal.trail.policies import may_read
from publications.policies import may_read_claims


@dataclass(frozen=True)
class Entry:
    label: str
    url: str
    is_current: bool


def navigation(request: HttpRequest) -> dict[str, list[Entry]]:
    """A context processor: the pages that this visitor can open."""
    user = getattr(request, "user", None)
    person = user if isinstance(user, User) else None
    pages = [
        (_("Recommendations"), reverse("recommendations:list")),
        (_("JIU"), reverse("jiu:index")),
        (_("Technical assistance"), reverse("assistance:menu")),
        (_("Publications"), reverse("publications:list")),
        (_("Offices"), reverse("offices:list")),
        *(pages_of(person) if person else ()),
    ]
    return {"navigation": [Entry(label, url, request.path.startswith(url)) for label, url in pages]}


def pages_of(user: User) -> Iterator[tuple[str, str]]:
    """What stands in the menu of a person who is signed in."""
    pages = [
        (True, _("Survey rounds"), "surveys:list"),
        (True, _("Dashboard"), "dashboard"),
        (may_read_claims(user), _("Claims"), "claims:list"),
        (may_follow(user), _("Reminders"), "notices:list"),
        (may_see_people(user), _("People"), "people"),
        (may_read(user), _("Audit trail"), "trail"),
        (is_administrator(user), _("Administration"), "admin:index"),
    ]
    return ((label, reverse(page)) for may, label, page in pages if may)
