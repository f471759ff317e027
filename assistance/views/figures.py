"""What requests and activities add up to, as page and as files."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assistance import documents
from assistance.filters import FiguresForm
from assistance.reports.everything import all_figures
from assistance.reports.figures import Figures
from assistance.reports.shared import shared_figures
from offices.models import Office, User
from offices.narrowing import FEWEST_OTHERS
from offices.policies import reads_everything
from portal.downloads import send_csv, send_json, send_xlsx
from portal.views import swaps_part, wants_part


def read_figures(request: HttpRequest) -> tuple[Figures, FiguresForm | None]:
    """The figures that this person may see; with a form only for those who may choose.

    Raises 404 for a filter that does not exist.
    """
    user = request.user
    if not reads_everything(user):
        return own_view(user if isinstance(user, User) else None), None
    form = FiguresForm(request.GET)
    if not form.is_valid():
        raise Http404(_("There is no such year, group or region."))
    return all_figures(form.selection), form


def own_view(user: User | None) -> Figures:
    """What office staff see of others; staff of sample offices see the sample."""
    own = list(Office.objects.served_by(user).values_list("pk", "is_sample")) if user else []
    if not own:
        raise PermissionDenied(_("These figures are for offices and for the secretariat."))
    return shared_figures(sample=all(sample for _pk, sample in own), own=[pk for pk, _sample in own])


@require_safe
@login_required
@swaps_part
def figures(request: HttpRequest) -> HttpResponse:
    found, form = read_figures(request)
    template = "assistance/_figures_results.html" if wants_part(request) else "assistance/figures.html"
    return render(request, template, {"figures": found, "form": form, "fewest": FEWEST_OTHERS})


@require_safe
@login_required
def figures_json(request: HttpRequest) -> HttpResponseBase:
    found, _form = read_figures(request)
    return send_json(found.as_json())


@require_safe
@login_required
def figures_csv(request: HttpRequest) -> HttpResponseBase:
    found, _form = read_figures(request)
    return send_csv(documents.figures_csv(found), name_of(found))


@require_safe
@login_required
def figures_xlsx(request: HttpRequest) -> HttpResponseBase:
    found, _form = read_figures(request)
    return send_xlsx(request, lambda file: documents.figures_xlsx(found, file), name_of(found))


def name_of(found: Figures) -> str:
    return "sample-technical-assistance" if found.selection.sample else "technical-assistance"
