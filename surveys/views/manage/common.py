"""What the pages share by which the secretariat runs a round."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from surveys import policies
from surveys.models import Survey
from surveys.views.rounds import find_survey


def find_round(request: HttpRequest, key: str, *, to_change: bool = True) -> Survey:
    """A round for those who run it, or follow how it is run."""
    survey = find_survey(request, key)
    allowed = policies.may_manage if to_change else policies.may_follow
    if not allowed(request.user):
        raise PermissionDenied(_("Rounds are run by the secretariat."))
    return survey


def page(
    request: HttpRequest, name: str, survey: Survey, *, status: int = HTTPStatus.OK, **context: Any
) -> HttpResponse:
    """A page about a round: `name` is its template, and the tab that is current unless told."""
    context = {"survey": survey, "tab": name, "may_manage": policies.may_manage(request.user), **context}
    return render(request, f"surveys/manage/{name}.html", context, status=status)
