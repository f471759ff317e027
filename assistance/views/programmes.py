"""How the secretariat keeps the menu: programmes added, changed, retired and offered again."""

from __future__ import annotations

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
from portal.forms import attempt, twin
from portal.held import give_back
from portal.views import form_page
from portal.writes import Taken, version_of


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
    try:
        status, made = attempt(
            form,
            lambda: actions.add_programme(
                number=form.cleaned_data["number"], values=form.values, by=person_of(request)
            ),
        )
    except Taken:
        status = HTTPStatus.CONFLICT
        form.add_error("number", _("Another programme has this number; choose a different one."))
    if status == HTTPStatus.OK:
        messages.success(request, _("The programme is on the menu."))
        return redirect("assistance:programme", made.number)
    return page(request, form, status=status)


@form_page
def edit(request: HttpRequest, number: int) -> HttpResponse:
    """Other words for a programme; its number stays."""
    guard(request)
    found = get_object_or_404(Programme, number=number)
    if request.method != "POST":
        opened = {"version": version_of(found)}
        return page(request, forms.ProgrammeForm(give_back(request), instance=twin(found), initial=opened), found)
    form = forms.ProgrammeForm(request.POST, instance=twin(found))
    status, _programme = attempt(
        form,
        lambda: actions.change_programme(
            programme=found, values=form.values, version=form.cleaned_data["version"], by=person_of(request)
        ),
    )
    if status == HTTPStatus.OK:
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
    values, version = {"is_active": wanted == "1"}, version_of(found)
    actions.change_programme(programme=found, values=values, version=version, by=person_of(request))
    done = _("The programme is offered again.") if wanted == "1" else _("The programme is retired.")
    messages.success(request, done)
    return redirect("assistance:programme", number)


def page(
    request: HttpRequest, form: forms.ProgrammeForm, programme: Programme | None = None, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    context = {"form": form, "programme": programme}
    return render(request, "assistance/manage/programme.html", context, status=status)
