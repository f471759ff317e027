"""What offices ask for, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assistance import actions, forms, overview, policies
from assistance.models import Activity, Programme, Request, RequestStep, Status
from offices.models import Office
from offices.views.common import person_of
from portal import held
from portal.forms import attempt
from portal.views import form_page, swaps_part, type_of_view, wants_part
from portal.writes import Refused, Stale, Taken

# The list


@require_safe
@login_required
@swaps_part
def request_list(request: HttpRequest) -> HttpResponse:
    """An office's own requests, or the queue of all; real ones and invented ones are never mixed."""
    of_all, today = policies.sees_queue(request.user), timezone.localdate()
    form = forms.SelectionForm(request.GET, offices=Office.objects.served_by(request.user), of_all=of_all)
    if not form.is_valid():
        raise Http404(_("There is no such state, programme, office, region or group."))
    found = overview.listed(Request.objects.visible_to(request.user), form.selection, today)
    if not of_all:
        found = overview.with_history(found)
    context = {
        "form": form,
        "of_all": of_all,
        "shows_office": "office" in form.fields,
        "may_ask": policies.may_ask_for(request.user).exists(),
        "real": overview.page_of(found.filter(office__is_sample=False), request.GET.get("page"), today),
        "sample": overview.page_of(found.filter(office__is_sample=True), request.GET.get("sample_page"), today),
    }
    part = "_results" if wants_part(request) else "list"
    return render(request, f"assistance/requests/{part}.html", context)


# Asking


@form_page
def ask(request: HttpRequest, number: int) -> HttpResponse:
    """Ask for a programme on behalf of one's office."""
    programme = get_object_or_404(Programme, number=number)
    offices = policies.may_ask_for(request.user)
    user = person_of(request)
    if not offices.exists():
        raise PermissionDenied(_("Programmes are requested by contributors and coordinators of an office."))
    contact = f"{user.name}, {user.email}" if user.name else user.email
    if request.method != "POST":
        form = forms.AskForm(held.give_back(request), offices=offices, contact=contact)
        return ask_page(request, programme, form)
    form = forms.AskForm(request.POST, offices=offices)
    existing = None
    try:
        status, made = attempt(
            form,
            lambda: actions.ask(
                programme=programme,
                office=form.cleaned_data["office"],
                token=form.cleaned_data["token"],
                values=form.values,
                by=user,
            ),
        )
    except Taken as error:
        form.renew()
        status = HTTPStatus.CONFLICT
        existing = Request.objects.visible_to(user).filter(pk=error.existing.pk).first()
    if status == HTTPStatus.OK:
        messages.success(request, _("The request %(key)s is with the secretariat.") % {"key": made.key})
        return redirect("assistance:request", made.key)
    return ask_page(request, programme, form, status=status, existing=existing)


def ask_page(
    request: HttpRequest,
    programme: Programme,
    form: forms.AskForm,
    *,
    status: int = HTTPStatus.OK,
    existing: Request | None = None,
) -> HttpResponse:
    """`existing` is the request that the same form made before, in other words."""
    context = {
        "programme": programme,
        "form": form,
        "existing": existing,
        "office": form.only_office,
        "was_sent_before": status == HTTPStatus.CONFLICT,
    }
    return render(request, "assistance/requests/ask.html", context, status=status)


# One request


def find_request(request: HttpRequest, key: str) -> Any:
    """With its status and ages."""
    visible = overview.with_ages(Request.objects.visible_to(request.user))
    return get_object_or_404(visible.select_related("programme", "office"), key=key)


@require_safe
@login_required
def request_detail(request: HttpRequest, key: str) -> HttpResponse:
    """A request: its state, every step, what may follow, and what was delivered."""
    return detail_page(request, find_request(request, key))


@form_page
def step(request: HttpRequest, key: str) -> HttpResponse:
    """The secretariat takes the request one step on."""
    found = find_request(request, key)
    steps = policies.next_steps(request.user, found.office, policies.status_of(found.status))
    if request.method != "POST":
        typed = held.give_back(request)
        return back(request, found, step_form=typed and forms.StepForm(typed, steps=steps, version=found.version))
    form = forms.StepForm(request.POST, steps=steps, version=found.version)
    if not form.is_valid():
        return detail_page(request, found, status=HTTPStatus.UNPROCESSABLE_ENTITY, step_form=form)
    return take(request, found, "step_form", form, **form.values)


@form_page
def withdraw(request: HttpRequest, key: str) -> HttpResponse:
    """The office takes its request back."""
    found = find_request(request, key)
    if request.method != "POST":
        typed = held.give_back(request)
        return back(request, found, withdraw_form=typed and forms.WithdrawForm(typed, version=found.version))
    form = forms.WithdrawForm(request.POST, version=found.version)
    if not form.is_valid():
        return detail_page(request, found, status=HTTPStatus.UNPROCESSABLE_ENTITY, withdraw_form=form)
    return take(
        request, found, "withdraw_form", form, status=Status.WITHDRAWN, date=timezone.localdate(), **form.values
    )


def take(
    request: HttpRequest, found: Any, name: str, form: forms.StepForm | forms.WithdrawForm, **values: Any
) -> HttpResponse:
    """Take the step that a valid form says; `name` is what the page calls the form."""
    wanted = Status(values["status"])
    if not policies.may_take(request.user, found.office, wanted):
        sentence = _("The step to “%(status)s” is for %(side)s to take.")
        side = policies.side_of(wanted).label
        form.add_error(None, sentence % {"status": wanted.label, "side": side})
        return detail_page(request, found, status=HTTPStatus.FORBIDDEN, **{name: form})
    version = form.cleaned_data["version"]
    try:
        actions.take_step(request=found, version=version, by=person_of(request), **values)
    except Refused as error:
        form.take(error.faults)
        return detail_page(request, found, status=HTTPStatus.UNPROCESSABLE_ENTITY, **{name: form})
    except Stale:
        found = find_request(request, found.key)
        form.meet(last_step(found), found.version)
        return detail_page(request, found, status=HTTPStatus.CONFLICT, **{name: form})
    messages.success(request, _("The request is now “%(status)s”.") % {"status": wanted.label})
    return redirect("assistance:request", found.key)


def last_step(found: Request) -> Mapping[str, Any]:
    return (
        RequestStep.objects.filter(request=found).order_by("date", "pk").values("status", "date", "note").last() or {}
    )


@form_page
def activity(request: HttpRequest, key: str) -> HttpResponse:
    """The secretariat records what was delivered."""
    found = find_request(request, key)
    if request.method != "POST":
        typed = held.give_back(request)
        return back(request, found, activity_form=typed and forms.ActivityForm(typed, version=found.version))
    form = forms.ActivityForm(request.POST, version=found.version)
    return deliver(request, found, form, detail_page)


@form_page
def edit_activity(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Other words for what was delivered, as an outcome that came later."""
    found = find_request(request, key)
    standing = get_object_or_404(found.activities, pk=pk)
    if not policies.may_answer(request.user) and request.method != "POST":
        raise PermissionDenied(_("What was delivered is recorded by the secretariat."))

    def page(request: HttpRequest, found: Any, *, status: int = HTTPStatus.OK, activity_form: Any) -> HttpResponse:
        context = {"asked": found, "activity": standing, "activity_form": activity_form}
        return render(request, "assistance/requests/activity.html", context, status=status)

    if request.method != "POST":
        form = forms.ActivityForm(held.give_back(request), version=found.version, activity=standing)
        return page(request, found, activity_form=form)
    form = forms.ActivityForm(request.POST, version=found.version, activity=standing)
    return deliver(request, found, form, page, standing)


def deliver(
    request: HttpRequest, found: Any, form: forms.ActivityForm, page: type_of_view, standing: Activity | None = None
) -> HttpResponse:
    """Record what the form says, as a new activity or in the place of one; `page` shows a form not saved."""
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if not policies.may_answer(request.user):
        form.add_error(None, _("What was delivered is recorded by the secretariat."))
        status = HTTPStatus.FORBIDDEN
    elif form.is_valid():
        version = form.cleaned_data["version"]
        try:
            actions.record_activity(
                request=found, values=form.values, version=version, by=person_of(request), activity=standing
            )
        except Refused as error:
            form.take(error.faults)
        except Stale:
            found = find_request(request, found.key)
            form.meet(recorded(found, standing), found.version)
            status = HTTPStatus.CONFLICT
        else:
            messages.success(request, _("The activity is recorded."))
            return redirect("assistance:request", found.key)
    return page(request, found, status=status, activity_form=form)


def recorded(found: Request, standing: Activity | None) -> dict[str, Any]:
    """What stands now where a form was about to write: the activity itself, else the latest one."""
    activities = found.activities.filter(pk=standing.pk) if standing else found.activities
    latest = activities.order_by("pk").last()
    return forms.activity_values(latest) if latest else {}


def back(request: HttpRequest, found: Any, **typed: Any) -> HttpResponse:
    """What only a form on another page sends here; who comes otherwise is led to that page."""
    given = {name: form for name, form in typed.items() if form}
    return detail_page(request, found, **given) if given else redirect("assistance:request", found.key)


def detail_page(request: HttpRequest, found: Any, *, status: int = HTTPStatus.OK, **given: Any) -> HttpResponse:
    """The page of a request, with the forms of what this person may do; `given` was sent and not saved."""
    following = policies.next_steps(request.user, found.office, policies.status_of(found.status))
    steps = [step for step in following if step is not Status.WITHDRAWN]
    delivers = policies.may_answer(request.user) and found.status in policies.DELIVERING
    shown: dict[str, Any] = {}
    if steps:
        shown["step_form"] = forms.StepForm(steps=steps, version=found.version)
    if Status.WITHDRAWN in following:
        shown["withdraw_form"] = forms.WithdrawForm(version=found.version)
    if delivers:
        shown["activity_form"] = forms.ActivityForm(version=found.version)
    context = {
        "asked": found,
        "line": overview.Line(found, timezone.localdate()),
        "steps": found.steps.select_related("recorded_by", "imported_in").order_by("date", "pk"),
        "activities": found.activities.order_by("date", "kind"),
        "may_answer": policies.may_answer(request.user),
        **shown,
        **given,
    }
    return render(request, "assistance/requests/detail.html", context, status=status)
