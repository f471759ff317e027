"""Publishing: what still speaks against it, the button, and which texts become public."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from jiu.forms.dates import DatesForm
from jiu.reports import ProgressReport, progress_report
from jiu.reports.sentences import LANGUAGE
from offices.models import User
from portal.held import give_back
from portal.views import form_page
from portal.writes import Refused, Stale
from publications import policies
from publications.actions import (
    Words,
    alone,
    decide_comments,
    publish_progress_report,
    publish_results,
)
from publications.contents import decisions_on, mark_of, progress_content, released, results_content, undecided
from publications.forms import CommentsForm, PublishForm, name_of
from publications.models import Publication
from publications.readiness import (
    Point,
    points_of_published,
    points_of_report,
    points_of_results,
    published_results,
    standing,
)
from surveys.forms.results import ResultsForm
from surveys.models import Survey
from surveys.results import Results, Text, compute_results

PAGE = 50


@form_page
def new_results(request: HttpRequest, survey: str) -> HttpResponse:
    """Publish the results of a round, with the base and the filters that the query string names."""
    by = publisher(request)
    with one_by_one(request):
        results = read_results(request, survey)
        page = PublishPage(
            request,
            title=_("Results of %(title)s") % {"title": results.survey.title},
            open_points=points_of_results(results),
            corrects=corrected(request, Publication.Kind.RESULTS, results.survey.key),
            published=published_results(results),
            standing=standing(Publication.Kind.RESULTS, results.survey.key),
            seen=mark_of(results_content(results, "")),
            publish=lambda words, corrects: publish_results(results=results, words=words, corrects=corrects, by=by),
            context={"results": results, "released": len(released(results)), "texts": len(results.texts)},
        )
        return page.respond()


@form_page
def new_progress_report(request: HttpRequest) -> HttpResponse:
    """Publish the progress report for the two dates that the query string names."""
    by = publisher(request)
    with one_by_one(request):
        form = DatesForm(request.GET)
        if not form.is_valid():
            raise Http404(_("A progress report is for two dates, the earlier one before the later."))
        report = progress_report(**form.cleaned_data)
        subject = f"{report.as_at}/{report.since}"
        published = standing(Publication.Kind.PROGRESS_REPORT, subject)
        page = PublishPage(
            request,
            title=title_of(report),
            open_points=points_of_report(report),
            corrects=corrected(request, Publication.Kind.PROGRESS_REPORT, subject),
            published=published,
            standing=published,
            seen=mark_of(progress_content(report)),
            publish=lambda words, corrects: publish_progress_report(
                report=report, words=words, corrects=corrects, by=by
            ),
            context={"report": report},
        )
        return page.respond()


@override(LANGUAGE)
def title_of(report: ProgressReport) -> str:
    """In the language of the document."""
    return _("Progress report on JIU recommendations as at %(as_at)s") % {"as_at": date_format(report.as_at)}


def one_by_one(request: HttpRequest) -> AbstractContextManager[None]:
    """What is read to decide whether to publish stays so until it is done."""
    return alone() if request.method == "POST" else nullcontext()


def publisher(request: HttpRequest) -> User:
    """Who may publish; to others these pages do not exist."""
    if not policies.may_publish(request.user) or not isinstance(request.user, User):
        raise Http404
    return request.user


def read_results(request: HttpRequest, key: str) -> Results:
    survey = get_object_or_404(Survey.objects.select_related("recommendation_set"), key=key)
    form = ResultsForm(request.GET)
    if not form.is_valid():
        raise Http404(_("There is no such group, region or base."))
    return compute_results(survey, base=form.chosen_base, narrowing=form.narrowing)


def corrected(request: HttpRequest, kind: str, subject: str) -> Publication | None:
    """The publication that is to be corrected, if the query string names one of this round or report."""
    number = request.GET.get("corrects", "")
    if not number:
        return None
    if not number.isdecimal() or len(number) > 9:
        raise Http404
    found = Publication.objects.filter(number=int(number), kind=kind, subject=subject).order_by("-version").first()
    if found is None:
        raise Http404
    return found


@dataclass
class PublishPage:
    """One request to publish something."""

    request: HttpRequest
    title: str
    open_points: Sequence[Point]
    corrects: Publication | None
    published: Sequence[Publication]  # what stands of the same figures
    standing: Sequence[Publication]  # what stands of the same round or report, whatever its base and filters
    seen: str  # which figures the page shows (`contents.mark_of`)
    publish: Callable[[Words, Publication | None], Publication]
    context: dict[str, object]

    def respond(self) -> HttpResponse:
        if self.request.method != "POST":
            return self.render(self.form(give_back(self.request)), HTTPStatus.OK)
        form = self.form(self.request.POST)
        # Sent again, what it published is there already, whatever is open by now.
        if done := published_by(form):
            return redirect("publications:version", done.number, done.version)
        is_valid = form.is_valid()
        if changed := self.changed_since(form):
            return self.conflict(form, changed)
        if not is_valid:
            return self.render(form, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            found = self.publish(form.words, self.corrects)
        except Stale:
            return self.conflict(form, published_meanwhile())
        except Refused as error:
            form.add_error(None, str(error))
            return self.render(form, HTTPStatus.UNPROCESSABLE_ENTITY)
        messages.success(self.request, _("Published. This page will not change any more."))
        return redirect("publications:version", found.number, found.version)

    def form(self, data: QueryDict | None) -> PublishForm:
        title = self.corrects.title if self.corrects else self.title
        return PublishForm(data, title=title, needs_reason=bool(self.points or self.corrects), shown=self.shown)

    @property
    def points(self) -> list[Point]:
        """What a correction replaces is meant to be published already."""
        replaced = self.corrects.number if self.corrects else None
        return [*self.open_points, *points_of_published(p for p in self.published if p.number != replaced)]

    @property
    def shown(self) -> dict[str, str]:
        """What the person decides upon: the figures, and what stands beside them."""
        beside = {*self.standing, *filter(None, [self.corrects])}
        return {"seen": self.seen, "standing": " ".join(sorted(f"{p.number}.{p.version}" for p in beside))}

    def changed_since(self, form: PublishForm) -> str:
        """What is not as it was when the page was shown."""
        then = form.cleaned_data
        if then.get("standing") != self.shown["standing"]:
            return published_meanwhile()
        if then.get("seen") != self.seen:
            return _("The figures changed since this page was shown. Look at them, then publish.")
        return ""

    def conflict(self, form: PublishForm, sentence: str) -> HttpResponse:
        form.add_error(None, sentence)
        form.show_anew(self.shown)
        return self.render(form, HTTPStatus.CONFLICT)

    def render(self, form: PublishForm, status: int) -> HttpResponse:
        context = {"form": form, "points": self.points, "corrects": self.corrects, **self.context}
        return render(self.request, "publications/new.html", context, status=status)


def published_meanwhile() -> str:
    return _("Somebody else published this meanwhile. Look at what stands now, then publish.")


def published_by(form: PublishForm) -> Publication | None:
    try:
        token = uuid.UUID(str(form.data.get("token", "")))
    except ValueError:
        return None
    return Publication.objects.filter(token=token).first()


# Which texts become public


@form_page
def comments(request: HttpRequest, survey: str) -> HttpResponse:
    """Every text of a round, or those that nobody decided on, and whether each becomes public."""
    by = publisher(request)
    results = read_results(request, survey)
    if request.method == "POST":
        return save_comments(request, results, by)
    only_open = request.GET.get("show") == "undecided"
    page = Paginator(undecided(results) if only_open else results.texts, PAGE).get_page(request.GET.get("page"))
    return show_comments(request, results, comments_form(results, page.object_list, give_back(request)), page)


def comments_form(results: Results, texts: Iterable[Text], data: QueryDict | None) -> CommentsForm:
    return CommentsForm(data, texts=texts, decisions=decisions_on(results))


def save_comments(request: HttpRequest, results: Results, by: User) -> HttpResponse:
    """The texts are those that the form names: the list may be another by now."""
    form = comments_form(results, [text for text in results.texts if name_of(text) in request.POST], request.POST)
    if not form.is_valid():
        return show_comments(request, results, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        count = decide_comments(survey=results.survey, decisions=form.decisions, seen=form.seen, by=by)
    except Stale as error:
        form.meet(error.current)
        return show_comments(request, results, form, status=HTTPStatus.CONFLICT)
    sentence = ngettext("%(count)d decision is recorded.", "%(count)d decisions are recorded.", count)
    messages.success(request, sentence % {"count": count})
    return redirect(request.get_full_path())


def show_comments(
    request: HttpRequest,
    results: Results,
    form: CommentsForm,
    page: Page[Text] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = {
        "survey": results.survey,
        "form": form,
        "page": page,
        "only_open": request.GET.get("show") == "undecided",
        "total": len(results.texts),
        "released": len(released(results)),
        "undecided": len(undecided(results)),
    }
    return render(request, "publications/comments.html", context, status=status)
