"""The questionnaire of one office as a workbook: downloaded, filled away from the portal, and uploaded."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from offices.models import User
from portal.downloads import send_xlsx
from portal.views import message_page
from surveys.actions import responses as actions
from surveys.actions.responses import SectionChange
from surveys.forms.offline import ConfirmForm, TooMuch, UploadForm, sign_changes
from surveys.models import Question
from surveys.offline.plan import answers_to, place_of, shown
from surveys.offline.reading import Reading, read_workbook, settle
from surveys.offline.writing import Carried, write_questionnaire
from surveys.standing import Standing, digest
from surveys.views.respond import ResponsePage, carried_source, closed_sentence, compare, open_page

SHOWN_FAULTS = 200


@require_safe
@login_required
def questionnaire_xlsx(request: HttpRequest, survey: str, code: str) -> HttpResponse | FileResponse:
    """To fill offline, with what is answered so far; to keep, for those who only read."""
    page = open_page(request, survey, code)
    refusal = page.refusal()
    if page.invitation is None:
        return message_page(request, _("There is no questionnaire for you"), refusal, status=HTTPStatus.FORBIDDEN)
    if not refusal:
        page.note_opening()
    given, carried = page.standing.given(), carried_over(page.standing)
    return send_xlsx(
        request,
        lambda file: write_questionnaire(page.questionnaire, given, page.office, file, carried=carried),
        f"{page.survey.key}-{page.office.code}",
    )


def carried_over(standing: Standing) -> Carried:
    """What the workbook marks as said in an earlier round, and not confirmed."""
    source = carried_source(standing)
    sentence = _("Some answers are carried over, and not confirmed yet: %(source)s.") % {"source": source}
    return Carried(sentence, {place_of(answer.question, answer.recommendation) for answer in standing.carried()})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def upload(request: HttpRequest, survey: str, code: str) -> HttpResponse:
    """A filled workbook: what it would change, and on confirmation the draft."""
    page = open_page(request, survey, code)
    user, refusal = request.user, page.refusal()
    if refusal or not isinstance(user, User):
        return render_upload(page, refusal=refusal, status=HTTPStatus.FORBIDDEN)
    if request.method != "POST":
        return render_upload(page, form=UploadForm())
    return confirm(page, by=user) if "token" in request.POST else check(page, by=user)


def check(page: ResponsePage, *, by: User) -> HttpResponse:
    """Read the file, and show its faults or what it would change; nothing is saved."""
    form = UploadForm(page.request.POST, page.request.FILES)
    if not form.is_valid():
        return render_upload(page, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    reading = read_workbook(form.cleaned_data["file"].read(), page.questionnaire, page.office)
    if reading.faults:
        return render_upload(
            page,
            form=UploadForm(),
            faults=reading.faults[:SHOWN_FAULTS],
            total=len(reading.faults),
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
        )
    return preview(page, changes_of(page, reading), reading, by=by)


def changes_of(page: ResponsePage, reading: Reading) -> list[SectionChange]:
    """The sections that somebody changed in the workbook, where they say something else than what stands.

    What was left as it was downloaded changes nothing: colleagues may have gone on meanwhile.
    """
    standing = page.standing
    answers = settle(reading.answers, standing.given())
    return [
        SectionChange(question, given, standing.version_of(question))
        for question in page.questionnaire.questions
        if reading.was_changed(question)
        and set(given := answers_to(question, answers)) != set(standing.given(question))
    ]


def preview(page: ResponsePage, changes: Sequence[SectionChange], reading: Reading, *, by: User) -> HttpResponse:
    meanwhile = [
        question
        for question in page.questionnaire.questions
        if reading.marks.get(question.key) != digest(shown(page.standing.given(question)))
    ]
    changed = {change.question for change in changes}
    return ask(
        page,
        changes,
        by=by,
        status=HTTPStatus.OK,
        overtaken=[question for question in meanwhile if question in changed],
        untouched=[question for question in meanwhile if not reading.was_changed(question)],
    )


def ask(
    page: ResponsePage,
    changes: Sequence[SectionChange],
    *,
    by: User,
    status: int,
    differing: Sequence[Question] | None = None,
    **context: Any,
) -> HttpResponse:
    """Old and new side by side, of all changes or of the differing questions, and a button that saves."""
    try:
        token = sign_changes(page.questionnaire, page.office, changes, by=by) if changes else ""
    except TooMuch:
        sentence = _("The file holds more text than can be confirmed at once: enter the longest texts on the page.")
        form = UploadForm()
        form.errors["file"] = form.error_class([sentence])
        return render_upload(page, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    asked = {change.question for change in changes} if differing is None else set(differing)
    theirs = [answer for answer in page.standing.given() if answer.question in asked]
    yours = [answer for change in changes if change.question in asked for answer in change.answers]
    return render_upload(
        page,
        "surveys/offline/confirm.html",
        token=token,
        changes=changes,
        differences=compare(page.questionnaire, theirs, yours),
        status=status,
        **context,
    )


def confirm(page: ResponsePage, *, by: User) -> HttpResponse:
    """Save what the preview showed; a second time it has no effect."""
    form = ConfirmForm(page.request.POST, questionnaire=page.questionnaire, office=page.office, by=by)
    if page.invitation is None or not form.is_valid():
        again = UploadForm()
        again.errors["file"] = form.errors.get("token", again.error_class())
        return render_upload(page, form=again, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        actions.save_sections(invitation=page.invitation, changes=form.changes, by=by)
    except actions.RoundNotOpen as error:
        return render_upload(page, refusal=closed_sentence(error.invitation), status=HTTPStatus.FORBIDDEN)
    except actions.StaleSections as error:
        return conflict(page, form.changes, error, by=by)
    count = len(form.changes)
    sentence = ngettext(
        "%(count)d section is saved from your file, as a draft. Nothing is submitted yet.",
        "%(count)d sections are saved from your file, as a draft. Nothing is submitted yet.",
        count,
    )
    messages.success(page.request, sentence % {"count": count})
    return redirect("surveys:respond", page.survey.key, page.office.code)


def conflict(
    page: ResponsePage, changes: Sequence[SectionChange], error: actions.StaleSections, *, by: User
) -> HttpResponse:
    """Both texts side by side; confirming again then is a decision."""
    page.standing = error.current
    stale = set(error.questions)
    again = [
        SectionChange(c.question, c.answers, error.current.version_of(c.question) if c.question in stale else c.version)
        for c in changes
    ]
    return ask(page, again, by=by, status=HTTPStatus.CONFLICT, differing=error.questions, conflict=True)


def render_upload(
    page: ResponsePage,
    template: str = "surveys/offline/upload.html",
    *,
    status: int = HTTPStatus.OK,
    refusal: str = "",
    **context: Any,
) -> HttpResponse:
    return page.render(template, status=status, refusal=refusal, **context)
