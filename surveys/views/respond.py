"""An office's answers to a round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from offices.models import Office, User
from surveys import policies
from surveys.actions import responses as actions
from surveys.forms.response import ResponseForm, field_name
from surveys.models import Invitation, Question, Response, Survey
from surveys.questionnaire import Questionnaire
from surveys.rules import Given
from surveys.views.rounds import find_survey


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def respond(request: HttpRequest, survey: str, code: str) -> HttpResponse:
    """The questionnaire of one office: filled by those who may, read by the others."""
    found = find_survey(request, survey)
    office = get_object_or_404(Office.objects.served_by(request.user), code=code)
    page = ResponsePage(request, found, office)
    if request.method == "POST":
        return page.post()
    return page.get()


@dataclass
class ResponsePage:
    """One request for one office's answers to one round."""

    request: HttpRequest
    survey: Survey
    office: Office

    def __post_init__(self) -> None:
        self.questionnaire = Questionnaire.of(self.survey)
        self.invitation = Invitation.objects.filter(survey=self.survey, office=self.office).first()
        self.response = actions.current_response(self.survey, self.office)
        self.answers = actions.given_answers(self.response)

    def form(self, data: object = None, **kwargs: object) -> ResponseForm:
        version = self.response.version if self.response else 0
        return ResponseForm(data, questionnaire=self.questionnaire, answers=self.answers, version=version, **kwargs)

    def get(self) -> HttpResponse:
        refusal = self.refusal()
        return self.render(
            self.form(), refusal=refusal, status=HTTPStatus.OK if self.invitation else HTTPStatus.FORBIDDEN
        )

    def refusal(self) -> str:
        """Why nothing can be saved here, as a sentence; empty if it can."""
        if not self.invitation:
            return _("%(office)s is not invited to this round. Ask the secretariat for an invitation.") % {
                "office": self.office
            }
        if not policies.may_fill(self.request.user, self.office):
            return _("You can read these answers, but not change them.")
        return closed_sentence(self.survey)

    def post(self) -> HttpResponse:
        form = self.form(self.request.POST)
        valid = form.is_valid()
        submits = "submit" in self.request.POST
        refusal = self.refusal()
        if not refusal and submits and not policies.may_submit(self.request.user, self.office):
            refusal = _("Only a coordinator of the office can submit. Save the draft, and let a coordinator submit it.")
        user = self.request.user
        if refusal or self.invitation is None or not isinstance(user, User):
            return self.render(form, refusal=refusal, status=HTTPStatus.FORBIDDEN)
        if not valid:
            return self.render(form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return self.save(self.invitation, form, by=user, submits=submits)

    def save(self, invitation: Invitation, form: ResponseForm, *, by: User, submits: bool) -> HttpResponse:
        write = actions.submit if submits else actions.save_draft
        try:
            write(
                invitation=invitation,
                answers=form.answers,
                version=form.cleaned_data["version"],
                by=by,
            )
        except actions.RoundNotOpen as error:
            return self.render(form, refusal=closed_sentence(error.survey), status=HTTPStatus.FORBIDDEN)
        except actions.EmptyResponse:
            form.add_error(None, _("Nothing is answered yet: an empty response cannot be submitted."))
            return self.render(form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        except actions.StaleVersion as error:
            return self.conflict(form, error.current)
        messages.success(self.request, _("Your answers are submitted.") if submits else _("Your draft is saved."))
        return redirect("surveys:respond", self.survey.key, self.office.code)

    def conflict(self, form: ResponseForm, current: Response) -> HttpResponse:
        """Both texts side by side; what was typed stays in the form, ready to be saved knowingly."""
        theirs = actions.given_answers(current)
        typed = self.request.POST.copy()
        typed["version"] = str(current.version)
        again = self.form(typed)
        again.is_valid()
        return self.render(
            again,
            status=HTTPStatus.CONFLICT,
            conflict=current,
            differences=compare(self.questionnaire, theirs, form.answers),
        )

    def render(self, form: ResponseForm, *, status: int, refusal: str = "", **context: object) -> HttpResponse:
        for_submit = policies.may_submit(self.request.user, self.office)
        return render(
            self.request,
            "surveys/respond.html",
            {
                "survey": self.survey,
                "office": self.office,
                "response": self.response,
                "submitted": Response.objects.of(self.survey, self.office).submitted().first(),
                "form": form,
                "refusal": refusal,
                "may_submit": for_submit,
                **context,
            },
            status=status,
        )


def closed_sentence(survey: Survey) -> str:
    """Why the round takes no answers today; empty if it does."""
    if survey.state == Survey.State.CLOSED:
        return _("This round closed on %(day)s; answers can no longer be changed.") % {
            "day": date_format(survey.closes_on)
        }
    if survey.state == Survey.State.UPCOMING:
        return _("This round opens on %(day)s.") % {"day": date_format(survey.opens_on)}
    return ""


@dataclass(frozen=True)
class Difference:
    """Where two versions of a response say different things."""

    question: Question
    label: str
    theirs: str
    yours: str


def compare(questionnaire: Questionnaire, theirs: Sequence[Given], yours: Sequence[Given]) -> list[Difference]:
    """The answers that differ, in questionnaire order; a `select` question is one answer."""
    said = [words_by_place(questionnaire, answers) for answers in (theirs, yours)]
    return [
        Difference(question, f"{item.number}. {item.label}" if item else "", *(words.get(place, "") for words in said))
        for question in questionnaire.questions
        for item in [None, *questionnaire.recommendations]
        if (place := field_name(question, item)) and said[0].get(place) != said[1].get(place)
    ]


def words_by_place(questionnaire: Questionnaire, answers: Sequence[Given]) -> dict[str, str]:
    """What a version says, as a person reads it, by the field that it was typed into."""
    words: dict[str, list[str]] = {}
    for answer in answers:
        at_item = answer.question.kind in Question.PER_RECOMMENDATION
        place = field_name(answer.question, answer.recommendation if at_item else None)
        words.setdefault(place, []).append(questionnaire.in_words(answer))
    return {place: "\n".join(parts) for place, parts in words.items()}
