"""The invitations of a round: how the secretariat invites, extends, carries answers over, and keeps terms."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from offices.views.common import person_of
from portal.forms import Refusable, attempt, twin
from portal.held import give_back
from portal.views import form_page, posted_from
from portal.writes import Refused, version_of
from surveys import policies
from surveys.actions import carrying
from surveys.actions import invitations as actions
from surveys.forms import invitations as forms
from surveys.models import Invitation, Response, Survey
from surveys.views.manage.common import find_round, page


@require_safe
@login_required
def invitations(request: HttpRequest, survey: str) -> HttpResponse:
    found = find_round(request, survey, to_change=False)
    return invitations_page(request, found)


@posted_from("surveys:manage_invitations", "survey")
def invite(request: HttpRequest, survey: str) -> HttpResponse:
    found = find_round(request, survey)
    form = forms.InviteForm(request.POST, survey=found)
    status, invited = attempt(form, lambda: actions.invite(survey=found, offices=form.chosen, by=person_of(request)))
    if status == HTTPStatus.OK:
        sentence = ngettext("%(n)d office is newly invited.", "%(n)d offices are newly invited.", len(invited))
        messages.success(request, sentence % {"n": len(invited)})
        return redirect("surveys:manage_invitations", found.key)
    return invitations_page(request, found, invite_form=form, status=status)


@posted_from("surveys:manage_invitations", "survey")
def extend(request: HttpRequest, survey: str) -> HttpResponse:
    found = find_round(request, survey)
    form = forms.ExtendForm(request.POST, survey=found, prefix="extend")
    status, count = attempt(
        form,
        lambda: actions.extend(
            survey=found, offices=form.chosen, closes_on=form.cleaned_data["closes_on"], by=person_of(request)
        ),
    )
    if status == HTTPStatus.OK:
        sentence = ngettext("%(n)d office has until %(day)s.", "%(n)d offices have until %(day)s.", count)
        messages.success(request, sentence % {"n": count, "day": date_format(form.cleaned_data["closes_on"])})
        return redirect("surveys:manage_invitations", found.key)
    return invitations_page(request, found, extend_form=form, status=status)


@posted_from("surveys:manage_invitations", "survey")
def carry_over(request: HttpRequest, survey: str) -> HttpResponse:
    """Let offices begin with what they answered in an earlier round."""
    found = find_round(request, survey)
    form = forms.CarryOverForm(request.POST, survey=found, prefix="carry")
    status, count = attempt(
        form,
        lambda: carrying.carry_over(survey=found, source=form.cleaned_data["source"], by=person_of(request)),
    )
    if status == HTTPStatus.OK:
        sentence = ngettext(
            "%(n)d office begins with its last answers.", "%(n)d offices begin with their last answers.", count
        )
        messages.success(request, sentence % {"n": count})
        return redirect("surveys:manage_invitations", found.key)
    return invitations_page(request, found, carry_form=form, status=status)


def invitations_page(
    request: HttpRequest, survey: Survey, *, status: int = HTTPStatus.OK, **given: Refusable
) -> HttpResponse:
    """Who is invited, with the forms that invite more, extend and carry over; `given` was sent and refused."""
    standing = survey.invitations.select_related("office").order_by("office__code")
    context: dict[str, Any] = {"invitations": standing}
    if policies.may_manage(request.user):
        context["invite_form"] = given.get("invite_form") or forms.InviteForm(survey=survey)
        context["extend_form"] = given.get("extend_form") or forms.ExtendForm(survey=survey, prefix="extend")
        context["carry_form"] = given.get("carry_form") or forms.CarryOverForm(survey=survey, prefix="carry")
    return page(request, "invitations", survey, status=status, **context)


@form_page
def terms(request: HttpRequest, survey: str, code: str) -> HttpResponse:
    """One office's own last day, its refusal to take part, a note."""
    found = find_round(request, survey)
    invitation = get_object_or_404(found.invitations.select_related("survey", "office"), office__code=code)
    if request.method != "POST":
        opened = {"version": version_of(invitation)}
        form = forms.TermsForm(give_back(request), instance=twin(invitation), initial=opened)
        return terms_page(request, invitation, form)
    form = forms.TermsForm(request.POST, instance=twin(invitation))
    status, _terms = attempt(
        form,
        lambda: actions.set_terms(
            invitation=invitation, values=form.values, version=form.cleaned_data["version"], by=person_of(request)
        ),
    )
    if status == HTTPStatus.OK:
        messages.success(request, _("Saved for %(office)s.") % {"office": invitation.office})
        return redirect("surveys:manage_invitations", found.key)
    return terms_page(request, invitation, form, status=status)


def terms_page(
    request: HttpRequest, invitation: Invitation, form: forms.TermsForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    survey, office = invitation.survey, invitation.office
    context = {"invitation": invitation, "office": office, "form": form, "tab": "invitations"}
    responses = Response.objects.of(survey, office)
    context["has_response"] = responses.exclude(pk__in=responses.untouched().values("pk")).exists()
    return page(request, "terms", survey, status=status, **context)


@posted_from("surveys:manage_invitations", "survey")
def withdraw(request: HttpRequest, survey: str, code: str) -> HttpResponse:
    found = find_round(request, survey)
    invitation = found.invitations.select_related("survey", "office").filter(office__code=code).first()
    try:
        if invitation is not None:
            actions.withdraw(invitation=invitation, by=person_of(request))
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The invitation of %(office)s is withdrawn.") % {"office": code})
    return redirect("surveys:manage_invitations", found.key)
