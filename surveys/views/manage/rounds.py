"""A round itself: how the secretariat makes it, changes it, closes and reopens it."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from offices.views.common import person_of
from portal.forms import Versioned, attempt, twin
from portal.held import give_back
from portal.views import form_page, posted_from
from portal.writes import Taken, version_of
from surveys import policies
from surveys.actions import carrying
from surveys.actions import rounds as actions
from surveys.forms import rounds as forms
from surveys.models import Survey
from surveys.views.manage.common import find_round, page


@form_page
def create(request: HttpRequest) -> HttpResponse:
    """A new round, empty or after an earlier one (`?copy=<survey>`)."""
    if not policies.may_manage(request.user):
        raise PermissionDenied(_("Rounds are run by the secretariat."))
    if request.method != "POST":
        source = Survey.objects.visible_to(request.user).filter(key=request.GET.get("copy", "")).first()
        form = forms.NewRoundForm(give_back(request), initial=copied(source))
        return render(request, "surveys/manage/new.html", {"form": form})
    form = forms.NewRoundForm(request.POST)
    taken: models.Model | None = None
    try:
        status, made = attempt(
            form,
            lambda: carrying.create_round(
                key=form.cleaned_data["key"],
                values=form.values,
                source=form.cleaned_data["source"],
                with_invitations=form.cleaned_data["with_invitations"],
                with_answers=form.cleaned_data["with_answers"],
                by=person_of(request),
            ),
        )
    except Taken as error:
        status, taken = HTTPStatus.CONFLICT, error.existing
        form.add_error("key", _("Another round has this key; choose a different one."))
    if status == HTTPStatus.OK:
        messages.success(request, _("The round is there. Next: its questions, and whom to invite."))
        return redirect("surveys:manage_questions", made.key)
    return render(request, "surveys/manage/new.html", {"form": form, "taken": taken}, status=status)


def copied(source: Survey | None) -> dict[str, Any]:
    """What a form begins with that copies a round; its days are never the same."""
    if source is None:
        return {}
    fields = {"recommendation_set": source.recommendation_set_id, "is_sample": source.is_sample}
    return {**fields, "source": source.key}


@form_page
def edit(request: HttpRequest, survey: str) -> HttpResponse:
    found = find_round(request, survey)
    if request.method != "POST":
        opened = {"version": version_of(found)}
        form = forms.RoundForm(give_back(request), instance=twin(found), initial=opened)
        return days_page(request, found, form=form)
    form = forms.RoundForm(request.POST, instance=twin(found))
    status, _round = attempt(
        form,
        lambda: actions.update_round(
            survey=found, values=form.values, version=form.cleaned_data["version"], by=person_of(request)
        ),
    )
    if status == HTTPStatus.OK:
        messages.success(request, _("The round is saved."))
        return redirect("surveys:manage_edit", found.key)
    return days_page(request, found, form=form, status=status)


@posted_from("surveys:manage_edit", "survey")
def close(request: HttpRequest, survey: str) -> HttpResponse:
    """Close the round before its last day."""
    found = find_round(request, survey)
    return set_last_day(request, found, "close_form", forms.CloseForm(request.POST, survey=found))


@posted_from("surveys:manage_edit", "survey")
def reopen(request: HttpRequest, survey: str) -> HttpResponse:
    """Open the round until a later day."""
    found = find_round(request, survey)
    return set_last_day(request, found, "reopen_form", forms.ReopenForm(request.POST))


def set_last_day(request: HttpRequest, survey: Survey, name: str, form: forms.LastDayForm) -> HttpResponse:
    status, _round = attempt(
        form,
        lambda: actions.set_last_day(
            survey=survey,
            day=form.chosen,
            end_extensions=form.cleaned_data.get("end_extensions", False),
            version=form.cleaned_data["version"],
            by=person_of(request),
        ),
    )
    if status == HTTPStatus.OK:
        messages.success(request, _("The round's last day is %(day)s.") % {"day": date_format(form.chosen)})
        return redirect("surveys:manage_edit", survey.key)
    return days_page(request, survey, status=status, **{name: form})


def days_page(request: HttpRequest, survey: Survey, *, status: int = HTTPStatus.OK, **given: Versioned) -> HttpResponse:
    """The round's values, with the forms that close it early and reopen it; `given` was sent and not saved."""
    opened = {"version": version_of(survey)}
    context: dict[str, Any] = {
        "form": forms.RoundForm(instance=survey, initial=opened),
        "close_form": forms.CloseForm(survey=survey, initial=opened),
        "reopen_form": forms.ReopenForm(initial=opened),
        **given,
    }
    longer = survey.invitations.filter(closes_on__gt=survey.closes_on).count()
    context["may_close"] = bool(context["close_form"].days) and survey.closes_on >= timezone.localdate()
    return page(request, "edit", survey, status=status, extensions=longer, **context)
