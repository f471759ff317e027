"""Pages of what was recommended: all sets, one set with its timeline, one recommendation."""

from operator import attrgetter

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from recommendations.models import Recommendation, RecommendationSet, StatusReport


@require_safe
def set_list(request: HttpRequest) -> HttpResponse:
    sets = RecommendationSet.objects.select_related("supersedes").annotate(size=Count("recommendations"))
    return render(request, "recommendations/list.html", {"sets": sets})


@require_safe
def set_detail(request: HttpRequest, key: str) -> HttpResponse:
    """A set: its recommendations, what it supersedes, and what happened to it, in order."""
    found = get_object_or_404(RecommendationSet.objects.select_related("supersedes"), key=key)
    return render(
        request,
        "recommendations/set.html",
        {
            "set": found,
            "superseded_by": found.superseded_by.all(),
            "recommendations": found.recommendations.order_by("number"),
            "events": sorted(found.events.order_by("pk"), key=attrgetter("sort_key")),
        },
    )


@require_safe
def recommendation_detail(request: HttpRequest, key: str, number: int) -> HttpResponse:
    recommendation = get_object_or_404(
        Recommendation.objects.select_related("recommendation_set"), recommendation_set__key=key, number=number
    )
    siblings = recommendation.recommendation_set.recommendations
    statuses = (
        StatusReport.objects.visible_to(request.user)
        .filter(recommendation=recommendation, office__is_sample=False)
        .standing_at(timezone.localdate())
        .select_related("office")
        .prefetch_related("responsible_officers")
        .order_by("office__code")
    )
    return render(
        request,
        "recommendations/detail.html",
        {
            "recommendation": recommendation,
            "set": recommendation.recommendation_set,
            "actions": recommendation.actions.order_by("order"),
            "previous": siblings.filter(number__lt=number).order_by("-number").first(),
            "next": siblings.filter(number__gt=number).order_by("number").first(),
            "statuses": statuses,
        },
    )
