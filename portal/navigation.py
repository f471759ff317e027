"""The main menu. Part of the roof: it knows the apps' pages."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Entry:
    label: str
    url: str
    is_current: bool


def navigation(request: HttpRequest) -> dict[str, list[Entry]]:
    """A context processor: the pages that this visitor can open."""
    pages = [(_("Recommendations"), reverse("recommendations:list")), (_("Offices"), reverse("offices:list"))]
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        pages.append((_("Survey rounds"), reverse("surveys:list")))
        pages.append((_("Dashboard"), reverse("dashboard")))
        if user.is_administrator:
            pages.append((_("Administration"), reverse("admin:index")))
    return {"navigation": [Entry(label, url, request.path.startswith(url)) for label, url in pages]}
