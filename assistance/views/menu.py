"""The menu of programmes: open to everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from assistance import policies
from assistance.filters import ProgrammeFilter
from assistance.models import Programme, Request, Status
from portal.views import swaps_part, wants_part


@require_safe
@swaps_part
def menu(request: HttpRequest) -> HttpResponse:
    """All programmes, filtered; those no longer offered stand apart."""
    lists = list(Programme.objects.order_by("number").values_list("institutions", "limited_to", "is_active"))
    offered = Counter(term for institutions, _limits, active in lists if active for term in institutions.splitlines())
    filtered = ProgrammeFilter(
        request.GET,
        programmes_by_recommendation(),
        institutions=terms(institutions for institutions, _limits, _active in lists),
        limits=terms(limits for _institutions, limits, _active in lists),
    )
    found = list(filtered.qs)
    context = {
        "filter": filtered,
        "chosen": filtered.form.cleaned_data if filtered.form.is_valid() else {},
        "institutions": sorted(offered.items(), key=lambda item: item[0].casefold()),
        "offered": [item for item in found if item.is_active],
        "retired": [item for item in found if not item.is_active],
        "editions": sorted({(item.as_of, item.source) for item in found if item.is_active}),
        "recorded": bool(lists),
        "may_keep_menu": policies.may_keep_menu(request.user),
        "may_see_figures": policies.may_see_figures(request.user),
    }
    template = "assistance/_menu_results.html" if wants_part(request) else "assistance/menu.html"
    return render(request, template, context)


def programmes_by_recommendation() -> Iterable[Programme]:
    return Programme.objects.select_related("recommendation__recommendation_set").order_by(
        F("recommendation__recommendation_set__key").asc(nulls_last=True), "recommendation__number", "number"
    )


def terms(lists: Iterable[str]) -> list[str]:
    """Every entry of these lists once, by alphabet."""
    return sorted({term for text in lists for term in text.splitlines()}, key=str.casefold)


@require_safe
def programme(request: HttpRequest, number: int) -> HttpResponse:
    """One programme, and what one's own offices asked for of it."""
    found = get_object_or_404(Programme.objects.select_related("recommendation__recommendation_set"), number=number)
    sees_queue = policies.sees_queue(request.user)
    own = Request.objects.none() if sees_queue else Request.objects.visible_to(request.user).filter(programme=found)
    context = {
        "programme": found,
        "previous": Programme.objects.filter(number__lt=number).order_by("-number").first(),
        "next": Programme.objects.filter(number__gt=number).order_by("number").first(),
        "may_ask": found.is_active and policies.may_ask_for(request.user).exists(),
        "may_keep_menu": policies.may_keep_menu(request.user),
        "sees_queue": sees_queue,
        "statuses": dict(Status.choices),
        "own_requests": own.with_status().select_related("office").order_by(F("status_on").desc(), "key"),
    }
    return render(request, "assistance/programme.html", context)
