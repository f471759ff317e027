"""The results of a round, as page and as files."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from offices.models import Office
from portal.downloads import send_csv, send_json, send_xlsx
from portal.views import swaps_part, wants_part
from surveys import documents, policies
from surveys.forms.results import ResultsForm
from surveys.results import Results, compute_results
from surveys.views.rounds import check_reader, find_survey


def read_results(request: HttpRequest, key: str) -> tuple[Results, ResultsForm]:
    """The figures that the query string asks for. Raises 404 for a filter that does not exist."""
    survey = find_survey(request, key)
    check_reader(request)
    form = ResultsForm(request.GET)
    if not form.is_valid():
        raise Http404(_("There is no such group, region or base."))
    return compute_results(survey, base=form.chosen_base, narrowing=form.narrowing), form


@require_safe
@login_required
@swaps_part
def results(request: HttpRequest, survey: str) -> HttpResponse:
    found, form = read_results(request, survey)
    template = "surveys/_results.html" if wants_part(request) else "surveys/results.html"
    offices = Office.objects.filter(code__in={text.office for text in found.texts})
    names = dict(offices.values_list("code", "name"))
    context = {
        "survey": found.survey,
        "results": found,
        "form": form,
        "office_names": names,
        "may_manage": policies.may_manage(request.user),
    }
    return render(request, template, context)


@require_safe
@login_required
def results_json(request: HttpRequest, survey: str) -> HttpResponseBase:
    found, _form = read_results(request, survey)
    return send_json(found.as_json())


@require_safe
@login_required
def results_csv(request: HttpRequest, survey: str) -> HttpResponseBase:
    found, _form = read_results(request, survey)
    return send_csv(documents.results_csv(found), f"{found.survey.key}-results")


@require_safe
@login_required
def results_xlsx(request: HttpRequest, survey: str) -> HttpResponseBase:
    found, _form = read_results(request, survey)
    return send_xlsx(request, lambda file: documents.results_xlsx(found, file), f"{found.survey.key}-results")
