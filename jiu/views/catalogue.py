"""All recommendations of the JIU, searched and filtered."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jiu import overview, policies
from jiu.filters import CatalogueFilter, StatusFilter
from jiu.models import BUREAU, Update
from portal.views import swaps_part, wants_part
from recommendations.models import RecommendationSet

A_PAGE = 50


@require_safe
@swaps_part
def index(request: HttpRequest) -> HttpResponse:
    """Open to everybody; what the Bureau states of them, and filters by it, only to those who may read it."""
    sets, today = overview.sets_of_jiu(), timezone.localdate()
    readable = overview.readable_by(request.user, today)
    catalogue = make_filter(request, sets, readable)
    page = Paginator(found_by(catalogue, sets), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": catalogue,
        "page": page,
        "all": overview.recommendations_of_jiu().count(),
        "rows": overview.make_rows(list(page), sets, readable, today),
        "readable": readable,
        "bureau": BUREAU,
        "may_read_progress": policies.may_read_progress(request.user),
        "may_import": policies.may_import_document(request.user),
        "follows_calls": policies.follows_calls(request.user) or Update.objects.visible_to(request.user).exists(),
    }
    return render(request, "jiu/_results.html" if wants_part(request) else "jiu/index.html", context)


def make_filter(
    request: HttpRequest, sets: Sequence[RecommendationSet], readable: overview.Readable | None
) -> CatalogueFilter:
    every = overview.recommendations_of_jiu()
    if readable is None:
        return CatalogueFilter(request.GET, every, sets=sets)
    return StatusFilter(request.GET, every, sets=sets, readable=readable)


def found_by(catalogue: CatalogueFilter, sets: Sequence[RecommendationSet]) -> list[int]:
    """The keys of what was found, in order; nothing where a filter cannot be read."""
    if not catalogue.is_valid():
        return []
    oldest_first = bool(catalogue.form.cleaned_data.get("overdue"))
    return overview.places(catalogue.qs, sets, oldest_first=oldest_first)
