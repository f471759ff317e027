"""The yearly call for updates: the coordinator's overview, the focal points' answers."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from jiu import policies
from jiu.actions import calls as actions
from jiu.forms.calls import AnswerForm, CallForm, DecisionForm, typed_again
from jiu.models import Call, Update
from jiu.progress import calls_with_progress, progress_of
from jiu.reports import bureau_standing
from offices.models import User
from offices.views.common import person_of
from portal import held
from portal.forms import Difference
from portal.text import iso_day
from portal.views import form_page, posted_from
from portal.writes import Refused
from recommendations.models import RecommendationSet


@held.until_signed_in
@require_safe
def call_list(request: HttpRequest) -> HttpResponse:
    """All calls; to the Bureau's people those that ask them something."""
    calls = calls_with_progress(request.user)
    if not calls and not policies.follows_calls(request.user):
        raise Http404
    runs = policies.may_run_calls(request.user)
    return render(request, "jiu/calls.html", {"calls": calls, "runs_calls": runs, "today": timezone.localdate()})


@form_page
def open_call(request: HttpRequest) -> HttpResponse:
    user = person_of(request)
    if not policies.may_run_calls(user):
        raise Http404
    today = timezone.localdate()
    proposed = {"as_at": today, "closes_on": today + datetime.timedelta(days=21)}
    form = CallForm(request.POST if request.method == "POST" else held.give_back(request), initial=proposed)
    if request.method == "POST" and form.is_valid() and (call := opened(form, user)):
        count = call.updates.count()
        sentence = ngettext(
            "The call is open: it asks about %(count)d recommendation.",
            "The call is open: it asks about %(count)d recommendations.",
            count,
        )
        messages.success(request, sentence % {"count": count})
        return redirect("jiu:call", call)
    asked = actions.asked_about(today).count()
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    return render(request, "jiu/open_call.html", {"form": form, "asked": asked}, status=status)


def opened(form: CallForm, by: User) -> Call | None:
    try:
        return actions.open_call(**form.cleaned_data, by=by)
    except Refused as error:
        form.add_error("as_at", str(error))
        return None


@held.until_signed_in
@require_safe
def call(request: HttpRequest, day: str) -> HttpResponse:
    """To the coordinator who has answered what; to focal points what is asked of them."""
    found = get_call(day)
    updates = visible(request, found).prefetch_related(Prefetch("officers__holders", policies.who_answers()))
    if not updates and not policies.may_run_calls(request.user):
        raise Http404
    states = dict(Update.State.choices)
    state = request.GET.get("state", "")
    progress = progress_of(found, list(updates), state if state in states else "")
    context = {
        "call": found,
        "progress": progress,
        "state": state,
        "states": states,
        "runs_calls": policies.may_run_calls(request.user),
        "may_answer": policies.may_answer(request.user),
        "is_overdue": found.is_overdue(timezone.localdate()),
    }
    return render(request, "jiu/call.html", context)


@posted_from("jiu:call", "day")
def close(request: HttpRequest, day: str) -> HttpResponse:
    user, found = person_of(request), get_call(day)
    if not policies.may_run_calls(user):
        raise Http404
    actions.close_call(call=found, by=user)
    messages.success(request, _("The call is closed. What was not answered stays without an update."))
    return redirect("jiu:call", found)


# Answering


@form_page
def answer_set(request: HttpRequest, day: str, key: str) -> HttpResponse:
    """All recommendations of one JIU report that this person answers for."""
    found, of_set = get_call(day), get_object_or_404(RecommendationSet, key=key)
    updates = visible(request, found).filter(recommendation__recommendation_set=of_set)
    return AnswerPage(request, found, of_set, updates).respond()


@form_page
def answer(request: HttpRequest, day: str, key: str, number: int) -> HttpResponse:
    """One recommendation: the answer, what was said about it, and what the coordinator decides."""
    found, of_set = get_call(day), get_object_or_404(RecommendationSet, key=key)
    updates = visible(request, found).filter(recommendation__recommendation_set=of_set, recommendation__number=number)
    return OneAnswerPage(request, found, of_set, updates).respond()


@form_page
def decide(request: HttpRequest, day: str, key: str, number: int) -> HttpResponse:
    """The coordinator comments, sends back, accepts, or names other posts."""
    user, found = person_of(request), get_call(day)
    if not policies.may_run_calls(user):
        raise Http404
    of_set = get_object_or_404(RecommendationSet, key=key)
    updates = visible(request, found).filter(recommendation__recommendation_set=of_set, recommendation__number=number)
    page = OneAnswerPage(request, found, of_set, updates)
    if request.method != "POST":
        # Back from signing in, with what was typed; who comes otherwise is led to the page of the form.
        typed = held.give_back(request)
        back = redirect("jiu:answer", found, key, number)
        return page.render(page.form(), status=HTTPStatus.OK, decision=DecisionForm(typed)) if typed else back
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return page.render(page.form(), status=HTTPStatus.UNPROCESSABLE_ENTITY, decision=form)
    try:
        messages.success(request, carry_out(form, page.updates[0], user))
    except actions.StaleUpdates as error:
        return page.decide_anew(form, error)
    except Refused as error:
        messages.error(request, str(error))
        return page.render(page.form(), status=HTTPStatus.UNPROCESSABLE_ENTITY, decision=form)
    return redirect("jiu:answer", found, key, number)


def carry_out(form: DecisionForm, update: Update, by: User) -> str:
    """Do what the coordinator decided, and say so."""
    said = form.cleaned_data
    version, comment = said["version"], said["comment"]
    match said["decision"]:
        case DecisionForm.ACCEPT:
            actions.accept(update=update, version=version, comment=comment, by=by)
            return _("Accepted: it is the Bureau’s status report now.")
        case DecisionForm.SEND_BACK:
            actions.send_back(update=update, version=version, comment=comment, by=by)
            return _("Sent back to the focal points, with your comment.")
        case DecisionForm.REASSIGN:
            actions.reassign(update=update, version=version, officers=said["officers"], by=by)
            return _("The posts that answer are changed.")
        case _other:
            actions.comment_on(update=update, comment=comment, by=by)
            return _("Your comment is recorded.")


@dataclass
class AnswerPage:
    """One request for the answers on some recommendations of one report."""

    request: HttpRequest
    call: Call
    set: RecommendationSet
    found: QuerySet[Update]
    updates: list[Update] = field(init=False)

    template = "jiu/answer_set.html"

    def __post_init__(self) -> None:
        self.updates = list(self.found.order_by("recommendation__number"))
        if not self.updates:
            raise Http404
        items = [update.recommendation for update in self.updates]
        reports = bureau_standing(self.call.as_at).filter(recommendation__in=items)
        self.standing = {report.recommendation_id: report for report in reports}

    def form(self, data: object = None) -> AnswerForm:
        return AnswerForm(data, updates=self.updates, standing=self.standing)

    def may_answer(self) -> bool:
        return self.call.is_open() and policies.may_answer(self.request.user)

    def respond(self) -> HttpResponse:
        if self.request.method == "POST":
            return self.post()
        return self.render(self.form(held.give_back(self.request)), status=HTTPStatus.OK)

    def post(self) -> HttpResponse:
        form = self.form(self.request.POST)
        if not policies.may_answer(self.request.user):
            raise PermissionDenied
        if not form.is_valid():
            return self.render(form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            changed = actions.answer_updates(call=self.call, answers=form.answers, by=person_of(self.request))
        except actions.StaleUpdates as error:
            return self.conflict(error, form=form)
        except Refused as error:
            messages.error(self.request, str(error))
            return self.render(form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        self.tell(len(changed))
        return redirect(self.request.path)

    def tell(self, count: int) -> None:
        if not count:
            messages.info(self.request, _("Nothing is new: what you sent is recorded already."))
            return
        sentence = ngettext("%(count)d answer is recorded.", "%(count)d answers are recorded.", count)
        messages.success(self.request, sentence % {"count": count})

    def conflict(self, error: actions.StaleUpdates, form: AnswerForm | None = None, **context: object) -> HttpResponse:
        """Both texts side by side; what was typed stays in the form, on top of what is saved now."""
        answers = form.answers if form else []
        self.updates = list(self.found.order_by("recommendation__number"))
        opened = self.form()
        found = [one for answer, saved in error.pairs for one in differences(answer, saved, opened)]
        versions = {update.pk: update.version for update in self.updates}
        data = {name: value for name, value in opened.initial.items() if value is not False}
        again = self.form(data | typed_again(answers, versions)) if form else opened
        context |= {"conflict": error.current, "differences": found}
        return self.render(again, status=HTTPStatus.CONFLICT, **context)

    def render(self, form: AnswerForm, *, status: int, **context: object) -> HttpResponse:
        context = {
            "call": self.call,
            "set": self.set,
            "form": form,
            "may_answer": self.may_answer(),
            **self.more(),
            **context,
        }
        return render(self.request, self.template, context, status=status)

    def more(self) -> dict[str, object]:
        """What this page shows besides the form."""
        return {}


class OneAnswerPage(AnswerPage):
    """The page of one recommendation, with its log and the coordinator's part."""

    template = "jiu/answer.html"

    def decide_anew(self, form: DecisionForm, error: actions.StaleUpdates) -> HttpResponse:
        """The answer is another by now: it is shown, and what the coordinator typed stays."""
        (saved,) = error.current
        data = form.data.copy()  # type: ignore[attr-defined]  # a bound form's data is a QueryDict
        data["version"] = str(saved.version)
        return self.render(self.form(), status=HTTPStatus.CONFLICT, decision=DecisionForm(data), is_decided_on=saved)

    def more(self) -> dict[str, object]:
        (update,) = self.updates
        officers = list(update.officers.all())
        initial = {"version": update.version, "officers": officers}
        return {
            "update": update,
            "recommendation": update.recommendation,
            "officers": officers,
            "steps": update.steps.order_by("pk"),
            "decision": DecisionForm(initial=initial),
            "decides": self.call.is_open() and policies.may_run_calls(self.request.user),
        }


def differences(answer: actions.Answer, saved: Update, form: AnswerForm) -> Iterator[Difference]:
    """The fields in which the two differ, in words; at least the state, which somebody else moved."""
    theirs, of = actions.words_of(saved), str(saved.recommendation)
    for name in actions.FIELDS:
        both = getattr(theirs, name), getattr(answer.words, name)
        if both[0] != both[1]:
            field = form.fields[f"{saved.recommendation.number}.{name}"]
            labels = {str(value): str(label) for value, label in getattr(field, "choices", [])}
            yield Difference(str(field.label), *(labels.get(value, value) for value in both), of=of)
    if saved.state != answer.update.state:
        yield Difference(_("state"), saved.get_state_display(), answer.update.get_state_display(), of=of)


# What these pages have in common


def get_call(day: str) -> Call:
    as_at = iso_day(day)
    if as_at is None:
        raise Http404
    return get_object_or_404(Call, as_at=as_at)


def visible(request: HttpRequest, found: Call) -> QuerySet[Update]:
    updates = Update.objects.visible_to(request.user).filter(call=found)
    return updates.select_related("call", "recommendation__recommendation_set")
