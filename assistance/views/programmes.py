"""How the secretariat keeps the menu: programmes added, changed, retired and offered again."""

from __future__ import annotations

import copy
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from assistance import actions, forms, policies
from assistance.models import Programme
from offices.views.common import person_of
from portal.held import give_back
from portal.views import form_page


def guard(request: HttpRequest) -> None:
    if not policies.may_keep_menu(request.user):
        raise PermissionDenied(_("The menu is kept by the secretariat."))


@form_page
def add(request: HttpRequest) -> HttpResponse:
    """One more programme."""
    guard(request)
    if request.method != "POST":
        last = Programme.objects.aggregate(last=Max("number"))["last"] or 0
        return page(request, forms.ProgrammeForm(give_back(request), initial={"number": last + 1}))
    form = forms.ProgrammeForm(request.POST)
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        number = form.cleaned_data["number"]
        try:
            actions.add_programme(number=number, values=form.values, by=person_of(request))
        except actions.Taken:
            form.add_error("number", _("Another programme has this number; choose a different one."))
            status = HTTPStatus.CONFLICT
        else:
            messages.success(request, _("The programme is on the menu."))
            return redirect("assistance:programme", number)
    return page(request, form, status=status)


@form_page
def edit(request: HttpRequest, number: int) -> HttpResponse:
    """Other words for a programme; its number stays."""
    guard(request)
    found = get_object_or_404(Programme, number=number)
    # The form puts what it holds into a copy; it reaches the row itself by the action only.
    twin = copy.copy(found)
    if request.method != "POST":
        opened = {"version": actions.version_of(found)}
        return page(request, forms.ProgrammeForm(give_back(request), instance=twin, initial=opened), found)
    form = forms.ProgrammeForm(request.POST, instance=twin)
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        version = form.cleaned_data["version"]
        try:
            actions.change_programme(programme=found, values=form.values, version=version, by=person_of(request))
        except actions.Stale:
            current = Programme.objects.get(pk=found.pk)
            form.meet(current, actions.version_of(current))
            status = HTTPStatus.CONFLICT
        else:
            messages.success(request, _("The programme is saved."))
            return redirect("assistance:programme", number)
    return page(request, form, found, status=status)


@form_page
def offer(request: HttpRequest, number: int) -> HttpResponse:
    """Retire a programme (`is_active` 0), or offer it again (1). Requests for it go on as they are."""
    guard(request)
    found = get_object_or_404(Programme, number=number)
    wanted = request.POST.get("is_active")
    if request.method != "POST" or wanted not in {"0", "1"}:
        return redirect("assistance:programme_edit", number)
    values, version = {"is_active": wanted == "1"}, actions.version_of(found)
    actions.change_programme(programme=found, values=values, version=version, by=person_of(request))
    done = _("The programme is offered again.") if wanted == "1" else _("The programme is retired.")
    messages.success(request, done)
    return redirect("assistance:programme", number)


def page(
    request: HttpRequest, form: forms.ProgrammeForm, programme: Programme | None = None, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    context = {"form": form, "programme": programme}
    return render(request, "assistance/manage/programme.html", context, status=status)
