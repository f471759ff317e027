"""What the pages share by which the secretariat runs a round."""

import copy
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from surveys import policies
from surveys.actions.common import Refused, Stale, version_of
from surveys.models import Survey
from surveys.views.rounds import find_survey

type_of_row = TypeVar("type_of_row", bound=models.Model)


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


def twin(row: type_of_row) -> type_of_row:
    """A copy that lends a form its values; what the form holds reaches the row itself by an action only."""
    return copy.copy(row)


def attempt(form: Any, save: Callable[[], Any], version: Callable[[Any], str] = version_of) -> tuple[int, Any]:
    """Let an action save what a valid form holds; what it refuses is shown in the form.

    Returns the HTTP status, and what the action returned.
    """
    try:
        if form.is_valid():
            return HTTPStatus.OK, save()
    except Refused as error:
        form.take(error.faults)
    except Stale as error:
        form.meet(error.current, version(error.current))
        return HTTPStatus.CONFLICT, None
    return HTTPStatus.UNPROCESSABLE_ENTITY, None
