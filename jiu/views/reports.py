"""The progress report for two dates."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jiu import policies, reports
from jiu.forms.dates import DatesForm, RowsForm, proposed
from jiu.models import BUREAU
from jiu.reports import PLACES, ProgressReport
from jiu.views.charts import draw


@require_safe
@login_required
def progress_report(request: HttpRequest) -> HttpResponse:
    """The whole report as it would be, or the rows behind one of its figures."""
    guard(request)
    held = reports.dates_held()
    form = DatesForm(proposed(request.GET, held))
    context = {"form": form, "held": held, "bureau": BUREAU, "places": PLACES}
    if not held or not form.is_valid():
        status = HTTPStatus.BAD_REQUEST if held else HTTPStatus.OK
        return render(request, "jiu/progress_report.html", context, status=status)
    report = reports.progress_report(**form.cleaned_data)
    return render(request, "jiu/progress_report.html", {**context, **shown(request, report)})


@require_safe
@login_required
def progress_report_json(request: HttpRequest) -> HttpResponse:
    guard(request)
    form = DatesForm(proposed(request.GET, reports.dates_held()))
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=HTTPStatus.BAD_REQUEST)
    report = reports.progress_report(**form.cleaned_data)
    return JsonResponse(report.as_json(), json_dumps_params={"ensure_ascii": False})


def guard(request: HttpRequest) -> None:
    if not policies.may_read_progress(request.user):
        raise PermissionDenied(_("The progress report is for the secretariat and the Bureau's coordinator."))


def shown(request: HttpRequest, report: ProgressReport) -> dict[str, Any]:
    """What the page shows of the report. Raises 404 for rows that there cannot be."""
    form = RowsForm(request.GET)
    if not form.is_valid():
        raise Http404(_("The progress report has no such rows."))
    choice = form.choice
    if choice is None:
        every, *by_addressee = map(draw, report.charts)
        return {"report": report, "every": every, "drawings": [every, *by_addressee]}
    rows = [line for line in report.of_group(choice.group) if choice.takes(line)]
    return {"report": report, "choice": choice, "rows": rows}
