"""Where one office stands on the recommendations of a set: recorded by it, read by others."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from offices.models import Office, User
from offices.policies import reads_everything, type_of_person
from portal.forms import Difference
from portal.held import give_back
from portal.views import form_page
from recommendations import followups, policies
from recommendations.actions import Change, OfficeStatuses, StaleStatuses, Words, change_statuses
from recommendations.forms import Line, StatusForm, typed_again
from recommendations.models import Recommendation, RecommendationSet, StatusReport


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
    items, follow_up = of_set.recommendations.order_by("number"), followups.follow_up_of(of_set)
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
        follow_up = followups.follow_up_of(self.set)
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
