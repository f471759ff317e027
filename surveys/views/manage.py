"""How the secretariat runs a round: its days, its questionnaire, its invitations."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from offices.models import User
from portal import held
from surveys import policies
from surveys.actions import rounds as actions
from surveys.forms import rounds as forms
from surveys.forms.response import ResponseForm
from surveys.models import Invitation, Question, Response, Survey
from surveys.questionnaire import Questionnaire
from surveys.standing import Standing
from surveys.views.rounds import find_survey

type_of_view = Callable[..., HttpResponse]
type_of_row = TypeVar("type_of_row", bound=models.Model)


def form_page(view: type_of_view) -> type_of_view:
    """A page with a form; what comes without a session is held until its writer has signed in again."""
    return require_http_methods(["GET", "HEAD", "POST"])(held.until_signed_in(view))


def posted_from(name: str) -> Callable[[type_of_view], type_of_view]:
    """What only a form on another page sends here; who comes otherwise, as after signing in, is led to that page."""

    def decorate(view: type_of_view) -> type_of_view:
        @wraps(view)
        def post_view(request: HttpRequest, survey: str, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method != "POST":
                return redirect(f"surveys:{name}", survey)
            return view(request, survey, *args, **kwargs)

        return require_http_methods(["GET", "HEAD", "POST"])(login_required(post_view))

    return decorate


def typed_before(request: HttpRequest) -> QueryDict | None:
    """What somebody typed here when their session had ended, to be put back into the form."""
    typed = held.take(request)
    if typed is not None:
        messages.warning(request, _("You were signed out. What you typed is in the form again; it is not saved yet."))
    return typed


def find_round(request: HttpRequest, key: str, *, to_change: bool = True) -> Survey:
    """A round for those who run it, or follow how it is run."""
    survey = find_survey(request, key)
    allowed = policies.may_manage if to_change else policies.may_follow
    if not allowed(request.user):
        raise PermissionDenied(_("Rounds are run by the secretariat."))
    return survey


def person(request: HttpRequest) -> User:
    """Who acts; views ask only after the policy let them pass."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def page(
    request: HttpRequest, name: str, survey: Survey, *, status: int = HTTPStatus.OK, **context: Any
) -> HttpResponse:
    """A page about a round: `name` is its template, and the tab that is current unless told."""
    context = {"survey": survey, "tab": name, "may_manage": policies.may_manage(request.user), **context}
    return render(request, f"surveys/manage/{name}.html", context, status=status)


def twin(row: type_of_row) -> type_of_row:
    """A copy that lends a form its values; what the form holds reaches the row itself by an action only."""
    return copy.copy(row)


def attempt(form: Any, save: Callable[[], object], version: Callable[[Any], str] = actions.version_of) -> int:
    """Let an action save what the form holds; what it refuses is shown in the form. Returns the HTTP status."""
    try:
        save()
    except actions.Refused as error:
        form.take(error.faults)
        return HTTPStatus.UNPROCESSABLE_ENTITY
    except actions.Stale as error:
        form.meet(error.current, version(error.current))
        return HTTPStatus.CONFLICT
    return HTTPStatus.OK


# The round


@form_page
def create(request: HttpRequest) -> HttpResponse:
    """A new round, empty or after an earlier one (`?copy=<survey>`)."""
    if not policies.may_manage(request.user):
        raise PermissionDenied(_("Rounds are run by the secretariat."))
    if request.method != "POST":
        source = Survey.objects.visible_to(request.user).filter(key=request.GET.get("copy", "")).first()
        form = forms.NewRoundForm(typed_before(request), initial=copied(source))
        return render(request, "surveys/manage/new.html", {"form": form})
    form = forms.NewRoundForm(request.POST)
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    taken: models.Model | None = None
    if form.is_valid():
        given = form.cleaned_data
        key = given["key"]
        try:
            status = attempt(
                form,
                lambda: actions.create_round(
                    key=key,
                    values=form.values,
                    source=given["source"],
                    with_invitations=given["with_invitations"],
                    by=person(request),
                ),
            )
        except actions.KeyTaken as error:
            taken = error.existing
            form.add_error("key", _("Another round has this key; choose a different one."))
            status = HTTPStatus.CONFLICT
        if status == HTTPStatus.OK:
            messages.success(request, _("The round is there. Next: its questions, and whom to invite."))
            return redirect("surveys:manage_questions", key)
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
        opened = {"version": actions.version_of(found)}
        return days_page(
            request, found, form=forms.RoundForm(typed_before(request), instance=twin(found), initial=opened)
        )
    form = forms.RoundForm(request.POST, instance=twin(found))
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        version = form.cleaned_data["version"]
        status = attempt(
            form,
            lambda: actions.update_round(survey=found, values=form.values, version=version, by=person(request)),
        )
        if status == HTTPStatus.OK:
            messages.success(request, _("The round is saved."))
            return redirect("surveys:manage_edit", found.key)
    return days_page(request, found, form=form, status=status)


@posted_from("manage_edit")
def close(request: HttpRequest, survey: str) -> HttpResponse:
    """Close the round before its last day."""
    found = find_round(request, survey)
    return set_last_day(request, found, "close_form", forms.CloseForm(request.POST, survey=found))


@posted_from("manage_edit")
def reopen(request: HttpRequest, survey: str) -> HttpResponse:
    """Open the round until a later day."""
    found = find_round(request, survey)
    return set_last_day(request, found, "reopen_form", forms.ReopenForm(request.POST))


def set_last_day(request: HttpRequest, survey: Survey, name: str, form: forms.LastDayForm) -> HttpResponse:
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        status = attempt(
            form,
            lambda: actions.set_last_day(
                survey=survey,
                day=form.chosen,
                end_extensions=form.cleaned_data.get("end_extensions", False),
                version=form.cleaned_data["version"],
                by=person(request),
            ),
        )
        if status == HTTPStatus.OK:
            sentence = _("The round's last day is %(day)s.") % {"day": date_format(form.chosen)}
            messages.success(request, sentence)
            return redirect("surveys:manage_edit", survey.key)
    return days_page(request, survey, status=status, **{name: form})


def days_page(
    request: HttpRequest, survey: Survey, *, status: int = HTTPStatus.OK, **given: forms.Versioned
) -> HttpResponse:
    """The round's values, with the forms that close it early and reopen it; `given` was sent and not saved."""
    opened = {"version": actions.version_of(survey)}
    context: dict[str, Any] = {
        "form": forms.RoundForm(instance=survey, initial=opened),
        "close_form": forms.CloseForm(survey=survey, initial=opened),
        "reopen_form": forms.ReopenForm(initial=opened),
        **given,
    }
    longer = survey.invitations.filter(closes_on__gt=survey.closes_on).count()
    context["may_close"] = bool(context["close_form"].days) and survey.closes_on >= timezone.localdate()
    return page(request, "edit", survey, status=status, extensions=longer, **context)


# The questionnaire


@require_safe
@login_required
def questions(request: HttpRequest, survey: str) -> HttpResponse:
    """What the round asks, in order; as long as nothing is answered, questions come and go."""
    found = find_round(request, survey, to_change=False)
    answered = actions.is_answered(found)
    return page(request, "questions", found, questionnaire=Questionnaire.of(found), answered=answered)


@form_page
def add_question(request: HttpRequest, survey: str) -> HttpResponse:
    found = find_round(request, survey)
    if request.method != "POST":
        last = found.questions.aggregate(last=models.Max("order"))["last"] or 0
        typed = typed_before(request)
        form = forms.QuestionForm(typed, initial={"order": last + 1})
        return question_page(request, found, form, forms.option_formset(typed, None))
    form, options = forms.QuestionForm(request.POST), forms.option_formset(request.POST, None)
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid() and options.is_valid():
        key = form.cleaned_data["key"]
        try:
            status = attempt(
                form,
                lambda: actions.add_question(
                    survey=found, key=key, values=form.values, options=options.options, by=person(request)
                ),
            )
        except actions.KeyTaken:
            form.add_error("key", _("Another question of the round has this key."))
            status = HTTPStatus.CONFLICT
        if status == HTTPStatus.OK:
            messages.success(request, _("The question is added."))
            return redirect("surveys:manage_questions", found.key)
    return question_page(request, found, form, options, status=status)


@form_page
def edit_question(request: HttpRequest, survey: str, question: str) -> HttpResponse:
    found = find_round(request, survey)
    standing = get_object_or_404(found.questions.select_related("survey"), key=question)
    if request.method != "POST":
        typed = typed_before(request)
        opened = {"version": actions.question_version(standing)}
        form = forms.QuestionForm(typed, instance=twin(standing), initial=opened)
        return question_page(request, found, form, forms.option_formset(typed, standing), question=standing)
    form = forms.QuestionForm(request.POST, instance=twin(standing))
    options = forms.option_formset(request.POST, standing)
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid() and options.is_valid():
        form.options = options.options  # of which a conflict tells too
        status = attempt(
            form,
            lambda: actions.update_question(
                question=standing,
                values=form.values,
                options=options.options,
                version=form.cleaned_data["version"],
                by=person(request),
            ),
            actions.question_version,
        )
        if status == HTTPStatus.OK:
            messages.success(request, _("The question is saved."))
            return redirect("surveys:manage_questions", found.key)
    return question_page(request, found, form, options, question=standing, status=status)


def question_page(
    request: HttpRequest,
    survey: Survey,
    form: forms.QuestionForm,
    options: forms.OptionFormSet,
    *,
    question: Question | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    answered = actions.is_answered(survey)
    context = {"form": form, "options": options, "question": question, "answered": answered, "tab": "questions"}
    return page(request, "question", survey, status=status, **context)


@posted_from("manage_questions")
def remove_question(request: HttpRequest, survey: str, question: str) -> HttpResponse:
    found = find_round(request, survey)
    try:
        actions.remove_question(survey=found, key=question, by=person(request))
    except actions.Refused as error:
        messages.error(request, error.faults[0][1])
    else:
        messages.success(request, _("The question is removed."))
    return redirect("surveys:manage_questions", found.key)


@posted_from("manage_questions")
def place_question(request: HttpRequest, survey: str, question: str) -> HttpResponse:
    """Put the question at the place that the button says."""
    found = find_round(request, survey)
    place = request.POST.get("place", "")
    if not (place.isascii() and place.isdigit() and len(place) < 6):
        raise Http404
    actions.place_question(survey=found, key=question, place=int(place), by=person(request))
    return redirect("surveys:manage_questions", found.key)


@require_safe
@login_required
def preview(request: HttpRequest, survey: str) -> HttpResponse:
    """The questionnaire as an office sees it; nothing here can be saved."""
    found = find_round(request, survey, to_change=False)
    form = ResponseForm(questionnaire=Questionnaire.of(found), standing=Standing())
    return page(request, "preview", found, form=form, refusal=_("This is a preview: nothing can be saved."))


# Invitations


@require_safe
@login_required
def invitations(request: HttpRequest, survey: str) -> HttpResponse:
    found = find_round(request, survey, to_change=False)
    return invitations_page(request, found)


@posted_from("manage_invitations")
def invite(request: HttpRequest, survey: str) -> HttpResponse:
    found = find_round(request, survey)
    form = forms.InviteForm(request.POST, survey=found)
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        try:
            invited = actions.invite(survey=found, offices=form.chosen, by=person(request))
        except actions.Refused as error:
            form.take(error.faults)
        else:
            sentence = ngettext("%(n)d office is newly invited.", "%(n)d offices are newly invited.", len(invited))
            messages.success(request, sentence % {"n": len(invited)})
            return redirect("surveys:manage_invitations", found.key)
    return invitations_page(request, found, invite_form=form, status=status)


@posted_from("manage_invitations")
def extend(request: HttpRequest, survey: str) -> HttpResponse:
    found = find_round(request, survey)
    form = forms.ExtendForm(request.POST, survey=found, prefix="extend")
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        day = form.cleaned_data["closes_on"]
        try:
            count = actions.extend(survey=found, offices=form.chosen, closes_on=day, by=person(request))
        except actions.Refused as error:
            form.take(error.faults)
        else:
            sentence = ngettext("%(n)d office has until %(day)s.", "%(n)d offices have until %(day)s.", count)
            messages.success(request, sentence % {"n": count, "day": date_format(day)})
            return redirect("surveys:manage_invitations", found.key)
    return invitations_page(request, found, extend_form=form, status=status)


def invitations_page(
    request: HttpRequest, survey: Survey, *, status: int = HTTPStatus.OK, **given: forms.OfficesForm
) -> HttpResponse:
    """Who is invited, with the forms that invite more and extend; `given` was sent and refused."""
    standing = survey.invitations.select_related("office").order_by("office__code")
    context: dict[str, Any] = {"invitations": standing}
    if policies.may_manage(request.user):
        context["invite_form"] = given.get("invite_form") or forms.InviteForm(survey=survey)
        context["extend_form"] = given.get("extend_form") or forms.ExtendForm(survey=survey, prefix="extend")
    return page(request, "invitations", survey, status=status, **context)


@form_page
def terms(request: HttpRequest, survey: str, code: str) -> HttpResponse:
    """One office's own last day, its refusal to take part, a note."""
    found = find_round(request, survey)
    invitation = get_object_or_404(found.invitations.select_related("survey", "office"), office__code=code)
    if request.method != "POST":
        opened = {"version": actions.version_of(invitation)}
        form = forms.TermsForm(typed_before(request), instance=twin(invitation), initial=opened)
        return terms_page(request, invitation, form)
    form = forms.TermsForm(request.POST, instance=twin(invitation))
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        version = form.cleaned_data["version"]
        status = attempt(
            form,
            lambda: actions.set_terms(invitation=invitation, values=form.values, version=version, by=person(request)),
        )
        if status == HTTPStatus.OK:
            sentence = _("Saved for %(office)s.") % {"office": invitation.office}
            messages.success(request, sentence)
            return redirect("surveys:manage_invitations", found.key)
    return terms_page(request, invitation, form, status=status)


def terms_page(
    request: HttpRequest, invitation: Invitation, form: forms.TermsForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    survey, office = invitation.survey, invitation.office
    context = {"invitation": invitation, "office": office, "form": form, "tab": "invitations"}
    context["has_response"] = Response.objects.of(survey, office).exists()
    return page(request, "terms", survey, status=status, **context)


@posted_from("manage_invitations")
def withdraw(request: HttpRequest, survey: str, code: str) -> HttpResponse:
    found = find_round(request, survey)
    invitation = found.invitations.select_related("survey", "office").filter(office__code=code).first()
    try:
        if invitation is not None:
            actions.withdraw(invitation=invitation, by=person(request))
    except actions.Refused as error:
        messages.error(request, error.faults[0][1])
    else:
        messages.success(request, _("The invitation of %(office)s is withdrawn.") % {"office": code})
    return redirect("surveys:manage_invitations", found.key)
