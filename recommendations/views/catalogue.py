"""What was recommended: the sets, one set, one recommendation."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from django.core.paginator import Paginator
from django.db.models import Count, Exists, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from offices.models import Office, User
from offices.policies import reads_everything, type_of_person
from portal.views import swaps_part, wants_part
from recommendations import followups, policies
from recommendations.actions import Past
from recommendations.filters import SetFilter
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
    own, follow_up = policies.own_offices(user), followups.follow_up_of(recommendation_set)
    if follow_up is None or not isinstance(user, User):
        return own
    items = follow_up.answered_by(user).filter(recommendation_set=recommendation_set)
    if recommendation is not None:
        items = items.filter(pk=recommendation.pk)
    return own.filter(Exists(items), code=follow_up.office_code)


def decisions_on(recommendation: Recommendation) -> Iterable[followups.Decision]:
    follow_up = followups.follow_up_of(recommendation.recommendation_set)
    return follow_up.decisions(recommendation) if follow_up else ()


def every_statement(reports: QuerySet[StatusReport]) -> QuerySet[StatusReport]:
    """Every revision of every statement, by office, the latest first."""
    known = reports.select_related("office", "recorded_by", "imported_in").prefetch_related("responsible_officers")
    return known.order_by("office__code", "-as_at", "-revision")
