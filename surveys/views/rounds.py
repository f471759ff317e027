"""Rounds: the list, and one round as everybody who signs in sees it."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from surveys import policies
from surveys.models import Survey
from surveys.overview import office_places, rounds_with_places
from surveys.questionnaire import Questionnaire


def find_survey(request: HttpRequest, key: str) -> Survey:
    visible = Survey.objects.visible_to(request.user).select_related("recommendation_set")
    return get_object_or_404(visible, key=key)


def check_reader(request: HttpRequest) -> None:
    if not policies.may_read_results(request.user):
        raise PermissionDenied(_("Results that are not published are for the secretariat."))


@require_safe
@login_required
def survey_list(request: HttpRequest) -> HttpResponse:
    rounds = rounds_with_places(Survey.objects.visible_to(request.user), request.user)
    context = {
        "rounds": rounds,
        "may_manage": policies.may_manage(request.user),
        "may_read_results": policies.may_read_results(request.user),
        "may_follow": policies.may_follow(request.user),
    }
    return render(request, "surveys/list.html", context)


@require_safe
@login_required
def survey_detail(request: HttpRequest, survey: str) -> HttpResponse:
    found = find_survey(request, survey)
    return render(
        request,
        "surveys/detail.html",
        {
            "survey": found,
            "questionnaire": Questionnaire.of(found),
            "places": office_places(found, request.user),
            "may_read_results": policies.may_read_results(request.user),
        },
    )
