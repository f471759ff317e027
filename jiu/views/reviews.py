"""Reviews that are planned and under way, and how timely questionnaires were answered."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jiu import overview, policies
from jiu.models import Questionnaire

QUESTIONNAIRES_A_PAGE = 50


@require_safe
@login_required
def review_list(request: HttpRequest) -> HttpResponse:
    if not policies.may_read_progress(request.user):
        raise PermissionDenied(_("The reviews of the JIU are for the secretariat and the coordinator of the Bureau."))
    latest_first = Questionnaire.objects.order_by(F("due_on").desc(nulls_first=True), "reference", "title")
    context = {
        "stages": overview.pipeline(),
        "timeliness": overview.timeliness(),
        "questionnaires": Paginator(latest_first, QUESTIONNAIRES_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "jiu/reviews.html", context)
