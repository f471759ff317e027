"""The directory of offices."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from offices.filters import OfficeFilter
from offices.models import Office
from portal.views import swaps_part, wants_part


@require_safe
@swaps_part
def office_list(request: HttpRequest) -> HttpResponse:
    """All offices, filtered; real ones and invented ones are never counted together."""
    offices = OfficeFilter(request.GET, Office.objects.visible_to(request.user))
    found = list(offices.qs)
    context = {
        "filter": offices,
        "offices": [office for office in found if not office.is_sample],
        "sample_offices": [office for office in found if office.is_sample],
    }
    template = "offices/_results.html" if wants_part(request) else "offices/list.html"
    return render(request, template, context)


@require_safe
def office_detail(request: HttpRequest, code: str) -> HttpResponse:
    office = get_object_or_404(Office.objects.visible_to(request.user), code=code)
    return render(request, "offices/detail.html", {"office": office, "groups": office.groups.order_by("title")})
