"""The questionnaire of a round: how the secretariat writes it, and looks at it as an office will."""

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from offices.views.common import person_of
from portal.forms import attempt, twin
from portal.held import give_back
from portal.views import form_page, posted_from
from portal.writes import Refused, Taken
from surveys.actions import questions as actions
from surveys.forms.questions import QuestionForm
from surveys.forms.response import ResponseForm
from surveys.models import Question, Survey
from surveys.questionnaire import Questionnaire
from surveys.standing import Standing
from surveys.views.manage.common import find_round, page


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
        return question_page(request, found, QuestionForm(give_back(request), initial={"order": last + 1}))
    form = QuestionForm(request.POST)
    try:
        status, _question = attempt(
            form,
            lambda: actions.add_question(
                survey=found,
                key=form.cleaned_data["key"],
                values=form.values,
                options=form.lines.options,
                by=person_of(request),
            ),
        )
    except Taken:
        status = HTTPStatus.CONFLICT
        form.add_error("key", _("Another question of the round has this key."))
    if status == HTTPStatus.OK:
        messages.success(request, _("The question is added."))
        return redirect("surveys:manage_questions", found.key)
    return question_page(request, found, form, status=status)


@form_page
def edit_question(request: HttpRequest, survey: str, question: str) -> HttpResponse:
    found = find_round(request, survey)
    standing = get_object_or_404(found.questions.select_related("survey"), key=question)
    if request.method != "POST":
        opened = {"version": actions.question_version(standing)}
        form = QuestionForm(give_back(request), instance=twin(standing), initial=opened)
        return question_page(request, found, form, question=standing)
    form = QuestionForm(request.POST, instance=twin(standing))
    status, _question = attempt(
        form,
        lambda: actions.update_question(
            question=standing,
            values=form.values,
            options=form.lines.options,
            version=form.cleaned_data["version"],
            by=person_of(request),
        ),
        actions.question_version,
    )
    if status == HTTPStatus.OK:
        messages.success(request, _("The question is saved."))
        return redirect("surveys:manage_questions", found.key)
    return question_page(request, found, form, question=standing, status=status)


def question_page(
    request: HttpRequest,
    survey: Survey,
    form: QuestionForm,
    *,
    question: Question | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = {"form": form, "options": form.lines, "question": question, "answered": actions.is_answered(survey)}
    return page(request, "question", survey, status=status, tab="questions", **context)


@posted_from("surveys:manage_questions", "survey")
def remove_question(request: HttpRequest, survey: str, question: str) -> HttpResponse:
    found = find_round(request, survey)
    try:
        actions.remove_question(survey=found, key=question, by=person_of(request))
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The question is removed."))
    return redirect("surveys:manage_questions", found.key)


@posted_from("surveys:manage_questions", "survey")
def place_question(request: HttpRequest, survey: str, question: str) -> HttpResponse:
    """Put the question at the place that the button says."""
    found = find_round(request, survey)
    place = request.POST.get("place", "")
    if not (place.isascii() and place.isdigit() and len(place) < 6):
        raise Http404
    actions.place_question(survey=found, key=question, place=int(place), by=person_of(request))
    return redirect("surveys:manage_questions", found.key)


@require_safe
@login_required
def preview(request: HttpRequest, survey: str) -> HttpResponse:
    """The questionnaire as an office sees it; nothing here can be saved."""
    found = find_round(request, survey, to_change=False)
    form = ResponseForm(questionnaire=Questionnaire.of(found), standing=Standing())
    return page(request, "preview", found, form=form, refusal=_("This is a preview: nothing can be saved."))
