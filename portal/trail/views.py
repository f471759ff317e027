"""The pages of the audit trail."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from offices.policies import reads_everything
from portal.downloads import send_csv
from portal.models import AuditEntryQuerySet
from portal.spreadsheets.writing import csv_lines
from portal.trail.forms import TrailForm
from portal.trail.policies import may_read, visible_entries
from portal.trail.rows import COLUMNS, SHOWN_IN_LIST, SHOWN_ON_PAGE, Row, cells, with_details
from portal.views import swaps_part, wants_part

ENTRIES_A_PAGE = 50


@require_safe
@login_required
@swaps_part
def trail(request: HttpRequest) -> HttpResponse:
    """The rows that fit the filters, with what each changed."""
    form = TrailForm(request.GET, entries_for(request))
    page = Paginator(with_details(form.found, SHOWN_IN_LIST), ENTRIES_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": [Row.of(entry) for entry in page.object_list],
        "reads_everything": reads_everything(request.user),
    }
    return render(request, "trail/_results.html" if wants_part(request) else "trail/list.html", context)


@require_safe
@login_required
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One row with all its details."""
    found = get_object_or_404(with_details(entries_for(request), SHOWN_ON_PAGE), pk=pk)
    return render(request, "trail/entry.html", {"row": Row.of(found), "most": SHOWN_ON_PAGE})


@require_safe
@login_required
def trail_csv(request: HttpRequest) -> HttpResponseBase:
    """All rows that fit the filters, as they are read from the database."""
    form = TrailForm(request.GET, entries_for(request))
    if not form.is_valid():
        raise Http404(gettext("There are no such rows: look at the filters."))
    lines = csv_lines(COLUMNS, map(cells, form.found.iterator(chunk_size=200)))
    return send_csv(lines, "audit")


def entries_for(request: HttpRequest) -> AuditEntryQuerySet:
    """What this visitor may read. Raises 404 for those who may read nothing."""
    if not may_read(request.user):
        raise Http404
    return visible_entries(request.user)
