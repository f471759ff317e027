"""The home page. Part of the roof: it shows each visitor what the apps have for them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from recommendations.models import RecommendationSet
from surveys.models import Survey
from surveys.overview import rounds_with_places


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is asked of whom, by when; for visitors without an account, what the portal is."""
    today = timezone.localdate()
    current = Survey.objects.visible_to(request.user).filter(closes_on__gte=today)
    return render(
        request,
        "home.html",
        {
            "rounds": rounds_with_places(current.order_by("closes_on"), request.user),
            "sets": RecommendationSet.objects.filter(stage=RecommendationSet.Stage.ADOPTED)[:6],
        },
    )
