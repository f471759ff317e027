"""The results of a round, as page and as files."""

from __future__ import annotations

import io
from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from offices.models import Office
from portal.spreadsheets.writing import CellTooLong
from portal.views import message_page, wants_part
from surveys import documents, policies
from surveys.forms.results import ResultsForm
from surveys.results import Results, compute_results
from surveys.views.rounds import find_survey

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def read_results(request: HttpRequest, key: str) -> tuple[Results, ResultsForm]:
    """The figures that the query string asks for. Raises 404 for a filter that does not exist."""
    survey = find_survey(request, key)
    if not policies.may_read_results(request.user):
        raise PermissionDenied(_("Results that are not published are for the secretariat."))
    form = ResultsForm(request.GET)
    if not form.is_valid():
        raise Http404(_("There is no such group, region or base."))
    return compute_results(survey, base=form.chosen_base, narrowing=form.narrowing), form


@require_safe
@login_required
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def results(request: HttpRequest, survey: str) -> HttpResponse:
    found, form = read_results(request, survey)
    template = "surveys/_results.html" if wants_part(request) else "surveys/results.html"
    offices = Office.objects.filter(code__in={text.office for text in found.texts})
    names = dict(offices.values_list("code", "name"))
    return render(request, template, {"survey": found.survey, "results": found, "form": form, "office_names": names})


@require_safe
@login_required
def results_json(request: HttpRequest, survey: str) -> HttpResponse:
    found, _form = read_results(request, survey)
    return JsonResponse(found.as_json(), json_dumps_params={"ensure_ascii": False})


@require_safe
@login_required
def results_csv(request: HttpRequest, survey: str) -> StreamingHttpResponse:
    found, _form = read_results(request, survey)
    response = StreamingHttpResponse(documents.results_csv(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.survey.key}-results.csv"'
    return response


@require_safe
@login_required
def results_xlsx(request: HttpRequest, survey: str) -> HttpResponse | FileResponse:
    found, _form = read_results(request, survey)
    file = io.BytesIO()
    try:
        documents.results_xlsx(found, file)
    except CellTooLong as error:
        return message_page(request, _("This workbook cannot be made"), str(error), status=HTTPStatus.CONFLICT)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{found.survey.key}-results.xlsx", content_type=XLSX)
