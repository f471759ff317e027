"""The pages of the dashboard."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from jiu.progress import open_calls
from offices.models import Office, User
from offices.narrowing import FEWEST_OTHERS
from offices.policies import reads_everything
from portal.dashboard.bars import make_bars
from portal.dashboard.changes import latest_changes
from portal.dashboard.forms import DashboardForm, GridForm, SetForm, read_form
from portal.dashboard.grid import make_grid
from portal.dashboard.own import STATED, make_section
from portal.views import swaps_part, wants_part
from recommendations import reports
from surveys import overview
from surveys.models import Survey

OFFICES_A_PAGE = 50


@require_safe
@login_required
@swaps_part
def dashboard(request: HttpRequest) -> HttpResponse:
    """For each who signs in what concerns them."""
    if isinstance(request.user, User) and not reads_everything(request.user):
        return own_offices(request, request.user)
    return all_offices(request)


def all_offices(request: HttpRequest) -> HttpResponse:
    form = read_form(DashboardForm, request)
    figures = dashboard_figures(request, form) if form.is_valid() else {}
    template = "dashboard/_all.html" if wants_part(request) else "dashboard/all.html"
    return render(request, template, {"form": form, **figures})


def dashboard_figures(request: HttpRequest, form: DashboardForm) -> dict[str, Any]:
    today = timezone.localdate()
    selection = form.selection
    standings = reports.count_standings(selection) if selection else None
    rounds = Survey.objects.visible_to(request.user).filter(is_sample=form.is_sample)
    return {
        "selection": selection,
        "standings": standings,
        "bars": make_bars(standings.lines) if standings else [],
        "columns": reports.STANDINGS,
        "rates": overview.response_rates(overview.open_rounds(rounds, today), form.narrowing),
        "missing": overview.still_missing(rounds, today, form.narrowing),
        "overdue": reports.overdue(as_at=form.cleaned_data["as_at"], sample=form.is_sample, narrowing=form.narrowing),
        "changes": latest_changes(request, form),
    }


@require_safe
@login_required
@swaps_part
def grid(request: HttpRequest) -> HttpResponse:
    """Offices by recommendations; each cell leads to what the office stated there, and before."""
    if not reads_everything(request.user):
        raise PermissionDenied(gettext("What other offices reported is for the secretariat."))
    form = read_form(GridForm, request)
    found = grid_figures(request, form) if form.is_valid() else {}
    template = "dashboard/_grid.html" if wants_part(request) else "dashboard/grid.html"
    return render(request, template, {"form": form, **found})


def grid_figures(request: HttpRequest, form: GridForm) -> dict[str, Any]:
    selection = form.selection
    if selection is None:
        return {}
    number, standing = form.cleaned_data["recommendation"], form.cleaned_data["standing"]
    columns = [item for item in selection.recommendations if number in {None, item.number}]
    chosen = columns[0] if number and columns else None
    offices = selection.offices_at(standing, chosen) if standing else selection.offices()
    page = Paginator(offices, OFFICES_A_PAGE).get_page(request.GET.get("page"))
    rows = reports.grid_rows(selection, list(page.object_list), columns)
    return {"selection": selection, "columns": columns, "page": page, "rows": make_grid(rows)}


def own_offices(request: HttpRequest, user: User) -> HttpResponse:
    """What is asked of the person's offices, and where they stand beside all others today.

    Neither date nor group can be chosen: two distributions that differ by one office would tell
    what that office said.
    """
    form = read_form(SetForm, request)
    today = timezone.localdate()
    offices = list(Office.objects.served_by(user).order_by("code"))
    chosen = form.cleaned_data["set"]
    beside = reports.beside_others(chosen, as_at=today, offices=offices) if chosen and offices else []
    context = {
        "form": form,
        "set": chosen,
        "as_at": today,
        "sections": [make_section(item) for item in beside],
        "columns": {code: label for code, label in reports.STANDINGS.items() if code in STATED},
        "fewest": FEWEST_OTHERS,
        "offices": offices,
    }
    if wants_part(request):
        return render(request, "dashboard/_own.html", context)
    asked = {"places": overview.asked_of(user, today), "calls": open_calls(user), "today": today}
    return render(request, "dashboard/own.html", context | asked)
