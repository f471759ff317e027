"""Pages of survey rounds: the list, one round, an office's answers, the results."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from offices.models import Office, User
from portal.spreadsheets.writing import CellTooLong
from portal.views import message_page, wants_part
from surveys import actions, documents, policies
from surveys.forms import ResponseForm, ResultsForm, field_name
from surveys.models import Invitation, Question, Response, Survey
from surveys.overview import office_places, rounds_with_places
from surveys.questionnaire import Questionnaire
from surveys.results import Results, compute_results
from surveys.rules import Given

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def find_survey(request: HttpRequest, key: str) -> Survey:
    visible = Survey.objects.visible_to(request.user).select_related("recommendation_set")
    return get_object_or_404(visible, key=key)


# Rounds


@require_safe
@login_required
def survey_list(request: HttpRequest) -> HttpResponse:
    rounds = rounds_with_places(Survey.objects.visible_to(request.user), request.user)
    return render(request, "surveys/list.html", {"rounds": rounds})


@require_safe
@login_required
def survey_detail(request: HttpRequest, survey: str) -> HttpResponse:
    found = find_survey(request, survey)
    return render(
        request,
        "surveys/detail.html",
        {
            "survey": found,
            "questionnaire": Questionnaire.of(found),
            "places": office_places(found, request.user),
            "may_read_results": policies.may_read_results(request.user),
        },
    )


# An office's answers


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


# Results


def read_results(request: HttpRequest, key: str) -> tuple[Results, ResultsForm]:
    """The figures that the query string asks for. Raises 404 for a filter that does not exist."""
    survey = find_survey(request, key)
    if not policies.may_read_results(request.user):
        raise PermissionDenied(_("Results that are not published are for the secretariat."))
    form = ResultsForm(request.GET)
    if not form.is_valid():
        raise Http404(_("There is no such group, region or base."))
    return compute_results(survey, base=form.chosen_base, narrowing=form.narrowing), form


@require_safe
@login_required
@vary_on_headers("HX-Request")
def results(request: HttpRequest, survey: str) -> HttpResponse:
    found, form = read_results(request, survey)
    template = "surveys/_results.html" if wants_part(request) else "surveys/results.html"
    return render(request, template, {"survey": found.survey, "results": found, "form": form})


@require_safe
@login_required
def results_json(request: HttpRequest, survey: str) -> HttpResponse:
    found, _form = read_results(request, survey)
    return JsonResponse(found.as_json(), json_dumps_params={"ensure_ascii": False})


@require_safe
@login_required
def results_csv(request: HttpRequest, survey: str) -> StreamingHttpResponse:
    found, _form = read_results(request, survey)
    response = StreamingHttpResponse(documents.results_csv(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.survey.key}-results.csv"'
    return response


@require_safe
@login_required
def results_xlsx(request: HttpRequest, survey: str) -> HttpResponse | FileResponse:
    found, _form = read_results(request, survey)
    file = io.BytesIO()
    try:
        documents.results_xlsx(found, file)
    except CellTooLong as error:
        return message_page(request, _("This workbook cannot be made"), str(error), status=HTTPStatus.CONFLICT)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{found.survey.key}-results.xlsx", content_type=XLSX)
