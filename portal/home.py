"""The home page. Part of the roof: it shows each visitor what the apps have for them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jiu.progress import open_calls
from recommendations.models import RecommendationSet
from surveys import policies
from surveys.models import Survey
from surveys.overview import rounds_not_over, rounds_with_places


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is asked of whom, by when; for visitors without an account, what the portal is."""
    current = rounds_not_over(Survey.objects.visible_to(request.user), timezone.localdate())
    return render(
        request,
        "home.html",
        {
            "rounds": rounds_with_places(current.order_by("closes_on"), request.user),
            "calls": open_calls(request.user),
            "today": timezone.localdate(),
            "may_read_results": policies.may_read_results(request.user),
            "may_follow": policies.may_follow(request.user),
            "sets": RecommendationSet.objects.filter(stage=RecommendationSet.Stage.ADOPTED)[:6],
        },
    )
