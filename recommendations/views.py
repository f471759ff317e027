"""Pages of what was recommended, and of where one office stands."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from itertools import groupby
from operator import attrgetter

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Exists, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from offices.models import Office, User
from offices.policies import reads_everything, type_of_person
from portal.forms import Difference
from portal.held import give_back
from portal.views import form_page, swaps_part, wants_part
from recommendations import policies, rules
from recommendations.actions import Change, OfficeStatuses, Past, StaleStatuses, Words, change_statuses
from recommendations.filters import SetFilter
from recommendations.forms import Line, StatusForm, typed_again
from recommendations.models import Recommendation, RecommendationSet, StatusReport

STATEMENTS_A_PAGE = 50


@require_safe
@swaps_part
def set_list(request: HttpRequest) -> HttpResponse:
    """All sets on one page, by issuer, the latest first."""
    known = list(RecommendationSet.objects.order_by("issuer"))
    sets = SetFilter(request.GET, RecommendationSet.objects.annotate(size=Count("recommendations")), known=known)
    found = sorted(sets.qs, key=in_list) if sets.is_valid() else []
    context = {
        "filter": sets,
        "found": len(found),
        "all": len(known),
        "issuers": [(issuer, list(of_issuer)) for issuer, of_issuer in groupby(found, key=attrgetter("issuer"))],
    }
    template = "recommendations/_results.html" if wants_part(request) else "recommendations/list.html"
    return render(request, template, context)


def in_list(item: RecommendationSet) -> tuple[str, int, int, str]:
    """By issuer, the latest first; the year of a JIU report is that of its symbol."""
    year, number = item.place_in_time
    return item.issuer, -year, -number, item.key


@require_safe
def set_detail(request: HttpRequest, key: str) -> HttpResponse:
    """A set: its recommendations, its documents, what it supersedes, and what happened to it, in order."""
    found = get_object_or_404(RecommendationSet.objects.select_related("supersedes"), key=key)
    return render(
        request,
        "recommendations/set.html",
        {
            "set": found,
            "superseded_by": found.superseded_by.all(),
            "recommendations": found.recommendations.order_by("number"),
            "documents": found.documents.order_by("title"),
            "events": sorted(found.events.order_by("pk"), key=attrgetter("sort_key")),
            "own_offices": answering(request.user, found),
        },
    )


@require_safe
def recommendation_detail(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """What is recommended, where offices stand, and all that they stated before, as far as one may read it."""
    recommendation = get_object_or_404(
        Recommendation.objects.select_related("recommendation_set"), recommendation_set__key=key, number=number
    )
    of_set = recommendation.recommendation_set
    return render(
        request,
        "recommendations/detail.html",
        {
            "recommendation": recommendation,
            "set": of_set,
            "actions": recommendation.actions.order_by("order"),
            "documents": of_set.documents.order_by("title"),
            "previous": of_set.recommendations.filter(number__lt=number).order_by("-number").first(),
            "next": of_set.recommendations.filter(number__gt=number).order_by("number").first(),
            "decisions": decisions_on(recommendation),
            **what_was_stated(request, recommendation),
            "own_offices": answering(request.user, of_set, recommendation),
        },
    )


def what_was_stated(request: HttpRequest, recommendation: Recommendation) -> dict[str, object]:
    """Where offices stand today, and a page of all that they stated, as far as this person may read it."""
    reports = StatusReport.objects.visible_to(request.user).filter(
        recommendation=recommendation, office__is_sample=False
    )
    statuses = reports.standing_at(timezone.localdate()).select_related("office").order_by("office__code")
    statuses = statuses.prefetch_related("responsible_officers")
    page = Paginator(every_statement(reports), STATEMENTS_A_PAGE).get_page(request.GET.get("page"))
    standing = {report.pk for report in statuses}
    current = set(reports.current().filter(pk__in=[report.pk for report in page]).values_list("pk", flat=True))
    history = [Past(report, report.pk in standing, report.pk not in current) for report in page]
    sees_all = reads_everything(request.user)
    return {"statuses": statuses, "page": page, "history": history, "reads_everything": sees_all}


def answering(
    user: type_of_person, recommendation_set: RecommendationSet, recommendation: Recommendation | None = None
) -> QuerySet[Office]:
    """The person's own offices, of those that say where they stand on this set, or on one recommendation of it."""
    own, follow_up = policies.own_offices(user), rules.follow_up_of(recommendation_set)
    if follow_up is None or not isinstance(user, User):
        return own
    items = follow_up.answered_by(user).filter(recommendation_set=recommendation_set)
    if recommendation is not None:
        items = items.filter(pk=recommendation.pk)
    return own.filter(Exists(items), code=follow_up.office_code)


def decisions_on(recommendation: Recommendation) -> Iterable[rules.Decision]:
    follow_up = rules.follow_up_of(recommendation.recommendation_set)
    return follow_up.decisions(recommendation) if follow_up else ()


def every_statement(reports: QuerySet[StatusReport]) -> QuerySet[StatusReport]:
    """Every revision of every statement, by office, the latest first."""
    known = reports.select_related("office", "recorded_by", "imported_in").prefetch_related("responsible_officers")
    return known.order_by("office__code", "-as_at", "-revision")


# Where one office stands


@form_page
def office_statuses(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """All recommendations of a set on one page: recorded by the office, read by others."""
    office = get_object_or_404(Office.objects.served_by(request.user), code=code)
    found = get_object_or_404(RecommendationSet, key=key)
    page = StatusPage(request, office, found, followed_by(request.user, office, found))
    return page.post() if request.method == "POST" else page.get()


@form_page
def office_status(request: HttpRequest, code: str, key: str, number: int) -> HttpResponse:
    """One recommendation: the same form, and all that the office ever stated."""
    office = get_object_or_404(Office.objects.served_by(request.user), code=code)
    found = get_object_or_404(RecommendationSet, key=key)
    every = followed_by(request.user, office, found)
    items = [item for item in every if item.number == number]
    if not items:
        raise Http404
    page = HistoryPage(request, office, found, items, every)
    return page.post() if request.method == "POST" else page.get()


def followed_by(user: type_of_person, office: Office, of_set: RecommendationSet) -> list[Recommendation]:
    """The recommendations of a set whose status this person sees at the office: all, but where posts answer."""
    items, follow_up = of_set.recommendations.order_by("number"), rules.follow_up_of(of_set)
    if follow_up is None or follow_up.office_code != office.code or reads_everything(user):
        return list(items)
    return list(items.filter(pk__in=follow_up.answered_by(user))) if isinstance(user, User) else []


@dataclass
class StatusPage:
    """One request for the statuses of one office, for some recommendations of one set."""

    request: HttpRequest
    office: Office
    set: RecommendationSet
    recommendations: list[Recommendation]

    template = "recommendations/office_set.html"

    def __post_init__(self) -> None:
        self.statuses = OfficeStatuses(self.reports())

    def reports(self) -> QuerySet[StatusReport]:
        reports = StatusReport.objects.visible_to(self.request.user)
        return reports.filter(office=self.office, recommendation__in=self.recommendations)

    def form(self, data: object = None) -> StatusForm:
        return StatusForm(data, recommendations=self.recommendations, statuses=self.statuses)

    def refusal(self) -> str:
        """Why this person can record nothing here, as a sentence; empty if they can."""
        follow_up = rules.follow_up_of(self.set)
        if follow_up and follow_up.office_code != self.office.code:
            return _("The status of these recommendations is stated by the office %(code)s alone.") % {
                "code": follow_up.office_code
            }
        if policies.may_record_statuses(self.request.user, self.office):
            return ""
        return _("You can read what this office stated, but not record anything for it.")

    def get(self) -> HttpResponse:
        return self.render(self.form(give_back(self.request)), status=HTTPStatus.OK)

    def post(self) -> HttpResponse:
        form, user = self.form(self.request.POST), self.request.user
        if self.refusal() or not isinstance(user, User):
            return self.render(form, status=HTTPStatus.FORBIDDEN)
        if not form.is_valid():
            return self.render(form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        as_at: datetime.date = form.cleaned_data["as_at"]
        try:
            written = change_statuses(office=self.office, as_at=as_at, changes=form.changes, by=user)
        except StaleStatuses as error:
            return self.conflict(form, error)
        self.tell(written, as_at)
        return redirect(self.request.path)

    def conflict(self, form: StatusForm, error: StaleStatuses) -> HttpResponse:
        """Both texts side by side; what was typed stays in the form, on top of what stands now."""
        as_at, today = form.cleaned_data["as_at"], timezone.localdate()
        self.statuses = OfficeStatuses(self.reports())
        merged = [change.merged(self.statuses, today) for change in form.changes]
        lines = {line.recommendation: line for line in form.lines}
        theirs = [self.statuses.standing(change.recommendation, as_at) for change in error.changes]
        return self.render(
            self.form(typed_again(as_at, merged)),
            status=HTTPStatus.CONFLICT,
            conflict=[report for report in theirs if report],
            differences=[
                difference
                for change, report in zip(error.changes, theirs, strict=True)
                for difference in differences(lines[change.recommendation], report, change)
            ],
        )

    def tell(self, written: list[StatusReport], as_at: datetime.date) -> None:
        if not written:
            messages.info(self.request, _("Nothing is new: what you sent is recorded already."))
            return
        sentence = ngettext(
            "The status of %(count)d recommendation is recorded as at %(day)s.",
            "The status of %(count)d recommendations is recorded as at %(day)s.",
            len(written),
        )
        messages.success(self.request, sentence % {"count": len(written), "day": date_format(as_at)})
        today = timezone.localdate()
        before = [self.statuses.standing(report.recommendation, today) for report in written]
        if any(report is not None and report.as_at > as_at for report in before):
            messages.warning(self.request, _("A later statement still stands for today; the history shows both."))

    def render(self, form: StatusForm, *, status: int, **context: object) -> HttpResponse:
        refusal = self.refusal()
        return render(
            self.request,
            self.template,
            {
                "office": self.office,
                "set": self.set,
                "form": form,
                "refusal": refusal,
                "shows_form": not refusal or form.is_bound,
                **self.more(),
                **context,
            },
            status=status,
        )

    def more(self) -> dict[str, object]:
        """What this page shows besides the form."""
        return {}


@dataclass
class HistoryPage(StatusPage):
    """The page of one recommendation; `siblings` are all of its set."""

    siblings: list[Recommendation]

    template = "recommendations/office_detail.html"

    def reports(self) -> QuerySet[StatusReport]:
        return super().reports().select_related("recorded_by", "imported_in").prefetch_related("responsible_officers")

    def more(self) -> dict[str, object]:
        (item,) = self.recommendations
        number = item.number
        return {
            "recommendation": item,
            "history": self.statuses.history(item, timezone.localdate()),
            "previous": next((other for other in reversed(self.siblings) if other.number < number), None),
            "next": next((other for other in self.siblings if other.number > number), None),
        }


def differences(line: Line, theirs: StatusReport | None, yours: Change) -> Iterator[Difference]:
    """The fields of one recommendation in which the two differ, in words."""
    of = f"{line.recommendation.number}. {line.recommendation.name}"
    for bound in line.fields:
        name = bound.html_name.partition(".")[2]
        both = [getattr(words, name) for words in (Words.of(theirs), yours.words)]
        if both[0] != both[1]:
            labels = dict(getattr(bound.field, "choices", []))
            yield Difference(str(bound.label), *(str(labels.get(value, value)) for value in both), of=of)
