"""An office's answers to a round: the form, the look before submitting, the receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from offices.models import Office, User
from offices.policies import belongs_to
from portal.forms import Difference
from portal.held import give_back
from portal.views import form_page
from portal.writes import Stale
from surveys import policies
from surveys.actions import responses as actions
from surveys.forms.response import ResponseForm, field_name
from surveys.models import Invitation, Question, Survey
from surveys.questionnaire import Questionnaire
from surveys.rules import Given
from surveys.standing import Standing
from surveys.views.rounds import find_survey


@form_page
def respond(request: HttpRequest, survey: str, code: str) -> HttpResponse:
    """The questionnaire of one office: filled by those who may, read by the others."""
    page = open_page(request, survey, code)
    return page.post() if request.method == "POST" else page.get()


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def review(request: HttpRequest, survey: str, code: str) -> HttpResponse:
    """All that was said, before it becomes the office's answer."""
    page = open_page(request, survey, code)
    return page.submit() if request.method == "POST" else page.review()


@require_safe
@login_required
def receipt(request: HttpRequest, survey: str, code: str) -> HttpResponse:
    """What the office submitted, to keep and to print."""
    page = open_page(request, survey, code)
    submitted = page.standing.submitted
    if submitted is None:
        return redirect("surveys:respond", survey, code)
    standing = Standing.of_response(submitted, submitted)
    return page.render("surveys/receipt.html", status=HTTPStatus.OK, said=said(page.questionnaire, standing.given()))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def discard(request: HttpRequest, survey: str, code: str) -> HttpResponse:
    """Drop the draft; who comes here by a link, as after signing in again, is led to the look before it."""
    page = open_page(request, survey, code)
    return page.discard() if request.method == "POST" else redirect("surveys:review", survey, code)


def open_page(request: HttpRequest, key: str, code: str) -> ResponsePage:
    survey = find_survey(request, key)
    office = get_object_or_404(Office.objects.served_by(request.user), code=code)
    return ResponsePage(request, survey, office)


@dataclass
class ResponsePage:
    """One request about one office's answers to one round."""

    request: HttpRequest
    survey: Survey
    office: Office

    def __post_init__(self) -> None:
        self.questionnaire = Questionnaire.of(self.survey)
        self.invitation = (
            Invitation.objects.select_related("survey").filter(survey=self.survey, office=self.office).first()
        )
        self.standing = Standing.of(self.survey, self.office)

    # The form

    def form(self, data: QueryDict | None = None, **options: object) -> ResponseForm:
        return ResponseForm(data, questionnaire=self.questionnaire, standing=self.standing, **options)  # type: ignore[arg-type]

    def get(self) -> HttpResponse:
        refusal = self.refusal()
        if not refusal:
            self.note_opening()
        form = self.form(typed=give_back(self.request), keep_opened=True)
        status = HTTPStatus.OK if self.invitation else HTTPStatus.FORBIDDEN
        return self.render(form=form, refusal=refusal, status=status)

    def note_opening(self) -> None:
        """When the office's own people first had the questionnaire before them."""
        invitation, user = self.invitation, self.request.user
        if invitation and invitation.opened_at is None and isinstance(user, User) and belongs_to(user, self.office):
            actions.note_opening(invitation=invitation, by=user)

    def refusal(self, *, submits: bool = False) -> str:
        """Why nothing can be saved here, as a sentence; empty if it can."""
        if not self.invitation:
            return _("%(office)s is not invited to this round. Ask the secretariat for an invitation.") % {
                "office": self.office
            }
        if not policies.may_fill(self.request.user, self.office):
            return _("You can read these answers, but not change them.")
        if submits and not policies.may_submit(self.request.user, self.office):
            return _("Only a coordinator of the office can submit. The draft is saved for a coordinator to submit.")
        return closed_sentence(self.invitation)

    def post(self) -> HttpResponse:
        form = self.form(self.request.POST)
        valid = form.is_valid()
        user, refusal = self.request.user, self.refusal()
        if refusal or self.invitation is None or not isinstance(user, User):
            return self.render(form=form, refusal=refusal, status=HTTPStatus.FORBIDDEN)
        if not valid:
            return self.render(form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            actions.save_sections(invitation=self.invitation, changes=form.changes, by=user)
        except actions.RoundNotOpen as error:
            return self.render(form=form, refusal=closed_sentence(error.invitation), status=HTTPStatus.FORBIDDEN)
        except actions.StaleSections as error:
            return self.conflict(form, error)
        if "review" in self.request.POST:
            return redirect("surveys:review", self.survey.key, self.office.code)
        messages.success(self.request, _("Your draft is saved."))
        section = self.request.POST.get("confirm") or self.request.POST.get("save", "")
        anchor = f"#question-{section}" if section in {q.key for q in self.questionnaire.questions} else ""
        return redirect(self.request.path + anchor)

    def conflict(self, form: ResponseForm, error: actions.StaleSections) -> HttpResponse:
        """Both texts side by side; what was typed stays in the form, ready to be saved knowingly."""
        self.standing = error.current
        yours = [answer for question in error.questions for answer in form.answers[question.pk]]
        theirs = [answer for question in error.questions for answer in error.current.given(question)]
        return self.render(
            form=self.form(typed=self.request.POST),
            status=HTTPStatus.CONFLICT,
            conflict=[
                {"question": question, "section": error.current.sections.get(question.pk)}
                for question in error.questions
            ],
            differences=compare(self.questionnaire, theirs, yours),
        )

    # Submitting

    def review(self, *, refusal: str = "", status: int = HTTPStatus.OK) -> HttpResponse:
        form = self.form()
        return self.render(
            "surveys/review.html",
            form=form,
            unconfirmed=[section for section in form.sections if section.unconfirmed],
            refusal=refusal or self.refusal(submits=True),
            said=said(self.questionnaire, self.standing.given()),
            version=self.standing.version,
            status=status,
        )

    def submit(self) -> HttpResponse:
        user, refusal = self.request.user, self.refusal(submits=True)
        if refusal or self.invitation is None or not isinstance(user, User):
            return self.review(refusal=refusal, status=HTTPStatus.FORBIDDEN)
        try:
            actions.submit(invitation=self.invitation, version=self.posted_version(), by=user)
        except actions.RoundNotOpen as error:
            return self.review(refusal=closed_sentence(error.invitation), status=HTTPStatus.FORBIDDEN)
        except actions.EmptyResponse:
            sentence = _("Nothing is answered yet: an empty response cannot be submitted.")
            return self.review(refusal=sentence, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        except actions.Unconfirmed:
            return self.review(status=HTTPStatus.UNPROCESSABLE_ENTITY)
        except Stale:
            messages.warning(self.request, _("The answers changed since you looked at them. Look again, then submit."))
            return self.fresh().review(status=HTTPStatus.CONFLICT)
        return redirect("surveys:receipt", self.survey.key, self.office.code)

    def discard(self) -> HttpResponse:
        user, refusal = self.request.user, self.refusal(submits=True)
        if refusal or self.invitation is None or not isinstance(user, User):
            return self.review(refusal=refusal, status=HTTPStatus.FORBIDDEN)
        try:
            actions.discard_draft(invitation=self.invitation, version=self.posted_version(), by=user)
        except actions.RoundNotOpen as error:
            return self.review(refusal=closed_sentence(error.invitation), status=HTTPStatus.FORBIDDEN)
        except Stale:
            messages.warning(self.request, _("The draft changed since you looked at it. Look again."))
            return self.fresh().review(status=HTTPStatus.CONFLICT)
        messages.success(self.request, _("The draft is discarded."))
        return redirect("surveys:respond", self.survey.key, self.office.code)

    def posted_version(self) -> int:
        text = self.request.POST.get("version", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1

    def fresh(self) -> ResponsePage:
        """The page with what stands now."""
        return ResponsePage(self.request, self.survey, self.office)

    def render(
        self, template: str = "surveys/respond.html", *, status: int, refusal: str = "", **context: object
    ) -> HttpResponse:
        user = self.request.user
        return render(
            self.request,
            template,
            {
                "survey": self.survey,
                "office": self.office,
                "invitation": self.invitation,
                "response": self.standing.response,
                "submitted": self.standing.submitted,
                "refusal": refusal,
                "carried_source": carried_source(self.standing),
                "may_submit": policies.may_submit(user, self.office),
                "on_behalf": not refusal and not belongs_to(user, self.office),
                **context,
            },
            status=status,
        )


def closed_sentence(invitation: Invitation) -> str:
    """Why the round takes no answers of this office today; empty if it does."""
    if invitation.state == Survey.State.CLOSED:
        return _("This round closed on %(day)s; answers can no longer be changed.") % {
            "day": date_format(invitation.last_day)
        }
    if invitation.state == Survey.State.UPCOMING:
        return _("This round opens on %(day)s.") % {"day": date_format(invitation.survey.opens_on)}
    return ""


def carried_source(standing: Standing) -> str:
    """Which submission carried-over answers come from; empty where there are none."""
    if not standing.carried() or standing.response is None:
        return ""
    source = standing.response.carried_from
    if source is None or source.submitted_at is None:  # an import that was undone since
        return _("an earlier round")
    return _("“%(round)s”, submitted on %(day)s") % {
        "round": source.survey.title,
        "day": date_format(timezone.localtime(source.submitted_at)),
    }


# In words


@dataclass(frozen=True)
class Said:
    """One question and what was answered, as a person reads it."""

    question: Question
    lines: list[tuple[str, str]]  # the recommendation, or "", and the answer, or "" where there is none

    @property
    def missing(self) -> int:
        return sum(not words for _label, words in self.lines)


@dataclass(frozen=True, kw_only=True)
class AnswerDifference(Difference):
    """Where two versions of a response say different things; the preview of a file has them by question."""

    question: Question


def said(questionnaire: Questionnaire, answers: Sequence[Given]) -> list[Said]:
    """Every question in order, those without an answer too."""
    words = words_by_place(questionnaire, answers)
    return [
        Said(
            question,
            [
                (f"{item.number}. {item.label}" if item else "", words.get(field_name(question, item), ""))
                for item in questionnaire.items_of(question)
            ],
        )
        for question in questionnaire.questions
    ]


def compare(questionnaire: Questionnaire, theirs: Sequence[Given], yours: Sequence[Given]) -> list[AnswerDifference]:
    """The answers that differ, in questionnaire order; a `select` question is one answer."""
    both = zip(said(questionnaire, theirs), said(questionnaire, yours), strict=True)
    return [
        AnswerDifference(label, their_words, your_words, of=one.question.text, question=one.question)
        for one, other in both
        for (label, their_words), (_label, your_words) in zip(one.lines, other.lines, strict=True)
        if their_words != your_words
    ]


def words_by_place(questionnaire: Questionnaire, answers: Sequence[Given]) -> dict[str, str]:
    """What a version says, by the field that it was typed into."""
    words: dict[str, list[str]] = {}
    for answer in answers:
        at_item = answer.question.kind in Question.PER_RECOMMENDATION
        place = field_name(answer.question, answer.recommendation if at_item else None)
        words.setdefault(place, []).append(questionnaire.in_words(answer))
    return {place: "\n".join(parts) for place, parts in words.items()}
