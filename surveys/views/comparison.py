"""Rounds beside each other, and two questions of a round against each other: as pages and as files."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.downloads import send_csv, send_json, send_xlsx
from portal.views import message_page, swaps_part, wants_part
from surveys import documents, policies
from surveys.forms.results import ComparisonForm, CrosstableForm
from surveys.models import Survey
from surveys.questionnaire import Questionnaire
from surveys.results import (
    AxisUnclear,
    Comparison,
    Crosstable,
    NoSuchAxis,
    compare_rounds,
    compute_crosstable,
    find_axis,
)
from surveys.views.rounds import check_reader, find_survey

type_of_view = Callable[..., HttpResponseBase]


class Unclear(Exception):
    """What is asked for makes no table; the message says what to choose."""


def file_view(view: type_of_view) -> type_of_view:
    """Figures as a file; where there are none to make one of, a page says why."""

    @wraps(view)
    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, **kwargs)
        except Unclear as error:
            title, status = _("There is nothing to download"), HTTPStatus.UNPROCESSABLE_ENTITY
            return message_page(request, title, str(error), status=status)

    return require_safe(login_required(answer))


# Rounds beside each other


def comparison_form(request: HttpRequest) -> ComparisonForm:
    """Raises 404 for what does not exist."""
    check_reader(request)
    form = ComparisonForm(request.GET, surveys=Survey.objects.visible_to(request.user))
    if not form.is_valid():
        raise Http404(_("There is no such round, group, region or base."))
    return form


def read_comparison(form: ComparisonForm) -> Comparison:
    """Raises Unclear, or 404 for a question that the rounds do not have in common."""
    given = form.cleaned_data
    if fault := policies.comparison_fault(given["rounds"]):
        raise Unclear(fault)
    found = compare_rounds(
        given["rounds"], base=form.chosen_base, narrowing=form.narrowing, both=given["both"], match=form.chosen_match
    )
    form.offer(found)
    if not given["question"]:
        return found
    try:
        return found.only(given["question"])
    except KeyError:
        raise Http404(_("These rounds have no such question in common.")) from None


@require_safe
@login_required
def compare(request: HttpRequest) -> HttpResponse:
    form = comparison_form(request)
    chosen = form.cleaned_data["rounds"]
    try:
        context: dict[str, Any] = {"comparison": read_comparison(form)}
        status = HTTPStatus.OK
    except Unclear as error:
        context = {"fault": str(error)}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if len(chosen) > 1 else HTTPStatus.OK
    return render(request, "surveys/comparison.html", {"form": form, "chosen": chosen, **context}, status=status)


@file_view
def compare_json(request: HttpRequest) -> HttpResponseBase:
    return send_json(read_comparison(comparison_form(request)).as_json())


@file_view
def compare_csv(request: HttpRequest) -> HttpResponseBase:
    return send_csv(documents.comparison_csv(read_comparison(comparison_form(request))), "comparison")


@file_view
def compare_xlsx(request: HttpRequest) -> HttpResponseBase:
    found = read_comparison(comparison_form(request))
    return send_xlsx(request, lambda file: documents.comparison_xlsx(found, file), "comparison")


# Two questions against each other


def crosstable_form(request: HttpRequest, key: str) -> CrosstableForm:
    """Raises 404 for what does not exist."""
    survey = find_survey(request, key)
    check_reader(request)
    form = CrosstableForm(request.GET, questionnaire=Questionnaire.of(survey))
    if not form.is_valid():
        raise Http404(_("There is no such group, region or base."))
    return form


def read_crosstable(form: CrosstableForm) -> Crosstable:
    """Raises Unclear, or 404 for a question that the round does not ask."""
    given = form.cleaned_data
    if not (given["rows"] and given["columns"]):
        raise Unclear(_("Choose a question for the rows and one for the columns."))
    try:
        rows, columns = (find_axis(form.questionnaire, given[name]) for name in ("rows", "columns"))
    except AxisUnclear as error:
        raise Unclear(str(error)) from error
    except NoSuchAxis:
        raise Http404(_("The round has no such question or Recommendation.")) from None
    return compute_crosstable(form.questionnaire.survey, rows, columns, base=form.chosen_base, narrowing=form.narrowing)


@require_safe
@login_required
@swaps_part
def cross(request: HttpRequest, survey: str) -> HttpResponse:
    form = crosstable_form(request, survey)
    template = "surveys/_crosstable.html" if wants_part(request) else "surveys/crosstable.html"
    status: int = HTTPStatus.OK
    try:
        context: dict[str, Any] = {"table": read_crosstable(form)}
    except Unclear as error:
        context = {"fault": str(error)}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.data.get("rows") and form.data.get("columns") else status
    return render(request, template, {"survey": form.questionnaire.survey, "form": form, **context}, status=status)


@file_view
def cross_json(request: HttpRequest, survey: str) -> HttpResponseBase:
    return send_json(read_crosstable(crosstable_form(request, survey)).as_json())


@file_view
def cross_csv(request: HttpRequest, survey: str) -> HttpResponseBase:
    table = read_crosstable(crosstable_form(request, survey))
    return send_csv(documents.crosstable_csv(table), f"{survey}-cross")


@file_view
def cross_xlsx(request: HttpRequest, survey: str) -> HttpResponseBase:
    table = read_crosstable(crosstable_form(request, survey))
    return send_xlsx(request, lambda file: documents.crosstable_xlsx(table, file), f"{survey}-cross")
