"""The dashboard. Part of the roof: it brings together what the apps count.

Those who read everything see where all offices stand; office staff see their own offices, and all
others only where enough of them answered.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F, Max, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from offices.forms import NarrowingForm
from offices.models import Office, User
from offices.narrowing import FEWEST_OTHERS
from offices.policies import reads_everything
from portal.bars import Segment, make_segments
from portal.forms import NOT_A_DAY, DayField
from portal.views import swaps_part, wants_part
from recommendations import reports
from recommendations.models import Recommendation, RecommendationSet, StatusReport
from surveys import overview
from surveys.models import Response, Survey

OFFICES_A_PAGE = 50
CHANGES_SHOWN = 20
# Reports are recorded a set at a time: enough of them to make so many entries.
REPORTS_READ = 400


# What is asked for


class SetForm(forms.Form):
    """Which set; blank stands for the one asked about last."""

    set = forms.ModelChoiceField(
        label=gettext_lazy("Recommendations"),
        queryset=RecommendationSet.objects.all(),
        to_field_name="key",
        empty_label=None,
        required=False,
    )


class DashboardForm(NarrowingForm, SetForm):
    """Which set, as at which date, which offices."""

    field_order = ("set", "as_at", "group", "region", "sample")

    as_at = DayField(label=pgettext_lazy("date", "As at"), required=False, error_messages=NOT_A_DAY)
    sample = forms.ChoiceField(
        label=gettext_lazy("Data"),
        choices=[("", gettext_lazy("real offices")), ("1", gettext_lazy("sample offices"))],
        required=False,
    )

    @property
    def is_sample(self) -> bool:
        return bool(self.cleaned_data["sample"])

    @property
    def selection(self) -> reports.Selection | None:
        """None where no set is recorded."""
        chosen, as_at = self.cleaned_data["set"], self.cleaned_data["as_at"]
        if chosen is None:
            return None
        asked = overview.offices_asked(chosen, as_at)
        return reports.Selection(chosen, as_at, self.is_sample, self.narrowing, asked)


class GridForm(DashboardForm):
    """Also on which recommendation the offices shown stand where."""

    recommendation = forms.IntegerField(
        label=gettext_lazy("Recommendation number"), required=False, min_value=1, max_value=32_767
    )
    standing = forms.ChoiceField(
        label=gettext_lazy("Where they stand"),
        choices=[("", gettext_lazy("anywhere")), *reports.STANDINGS.items()],
        required=False,
    )


# What a person types may be mended on the page; the other fields are chosen from lists.
TYPED = {"as_at", "recommendation"}


type_of_form = TypeVar("type_of_form", bound=SetForm)


def read_form(kind: type[type_of_form], request: HttpRequest) -> type_of_form:
    """The form of the query string, with what it leaves out filled in. Raises 404 for what no list offers."""
    data = request.GET.copy()
    if not data.get("set") and (chosen := default_set()):
        data["set"] = chosen.key
    if not data.get("as_at", "").strip():
        data["as_at"] = timezone.localdate().isoformat()
    form = kind(data)
    if not form.is_valid() and set(form.errors) - TYPED:
        raise Http404(gettext("There is no such set, group or region."))
    return form


def default_set() -> RecommendationSet | None:
    """The set in force that offices were asked about last."""
    asked = Max("surveys__opens_on", filter=Q(surveys__opens_on__lte=timezone.localdate()))
    in_force = RecommendationSet.objects.exclude(stage=RecommendationSet.Stage.SUPERSEDED)
    return in_force.annotate(asked=asked).order_by(F("asked").desc(nulls_last=True), "-issued_on", "key").first()


# Pages


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
    return render(request, "dashboard/own.html", {**context, "places": overview.asked_of(user, today)})


STATED = [code for code in reports.STANDINGS if code not in {reports.NOT_STATED, reports.NO_REPORT}]


# How it is drawn


@dataclass(frozen=True)
class Bar:
    line: reports.Line
    segments: list[Segment]


def make_bars(lines: Iterable[reports.Line]) -> list[Bar]:
    return [make_bar(line) for line in lines]


def make_bar(line: reports.Line) -> Bar:
    return Bar(line, make_segments(((code, share.count) for code, share in line.shares.items()), line.n))


@dataclass(frozen=True)
class GridCell:
    report: StatusReport | None
    code: str
    url: str

    @property
    def label(self) -> str:
        return str(reports.STANDINGS[self.code])


def make_grid(rows: Collection[reports.GridRow]) -> list[tuple[Office, list[GridCell]]]:
    return [(row.office, [make_cell(row.office, item, report) for item, report in row.cells]) for row in rows]


def make_cell(office: Office, recommendation: Recommendation, report: StatusReport | None) -> GridCell:
    return GridCell(report, code_of(report), status_url(office, recommendation))


def code_of(report: StatusReport | None) -> str:
    if report is None:
        return reports.NO_REPORT
    return report.implementation or reports.NOT_STATED


def status_url(office: Office, recommendation: Recommendation) -> str:
    """The page of what the office stated there, now and before."""
    set_key = recommendation.recommendation_set.key
    return reverse("status:detail", args=[office.code, set_key, recommendation.number])


@dataclass(frozen=True)
class OwnLine:
    recommendation: Recommendation
    own: GridCell
    others: Bar | None


@dataclass(frozen=True)
class OwnSection:
    """One of the person's offices."""

    office: Office
    lines: list[OwnLine]

    @property
    def tells_of_others(self) -> bool:
        return any(line.others for line in self.lines)


def make_section(beside: reports.Beside) -> OwnSection:
    return OwnSection(
        beside.office,
        [
            OwnLine(
                line.recommendation,
                make_cell(beside.office, line.recommendation, line.own),
                make_bar(line.others) if line.others else None,
            )
            for line in beside.lines
        ],
    )


# What changed lately


@dataclass(frozen=True)
class Change:
    """A submission, or status reports of one office on one set recorded together."""

    at: datetime.datetime
    office: Office
    response: Response | None = None
    reports: tuple[StatusReport, ...] = ()

    @property
    def set_name(self) -> str:
        found = self.reports[0].recommendation.recommendation_set
        return found.symbol or found.title

    @property
    def recommendations(self) -> list[Recommendation]:
        return sorted({report.recommendation for report in self.reports}, key=lambda item: item.number)


def latest_changes(request: HttpRequest, form: DashboardForm) -> list[Change]:
    submitted = overview.latest_submissions(
        request.user, sample=form.is_sample, narrowing=form.narrowing, most=CHANGES_SHOWN
    )
    recorded = reports.latest_reports(request.user, sample=form.is_sample, narrowing=form.narrowing, most=REPORTS_READ)
    changes = [Change(item.submitted_at, item.office, response=item) for item in submitted if item.submitted_at]
    changes += recorded_together(recorded)
    return sorted(changes, key=lambda change: change.at, reverse=True)[:CHANGES_SHOWN]


def recorded_together(recorded: list[StatusReport]) -> list[Change]:
    """One entry for what one person recorded of one office and set in a row."""

    def act(report: StatusReport) -> tuple[object, ...]:
        return report.office_id, report.recommendation.recommendation_set_id, report.recorded_by_id

    grouped = [tuple(together) for _act, together in groupby(recorded, key=act)]
    return [Change(together[0].recorded_at, together[0].office, reports=together) for together in grouped]
