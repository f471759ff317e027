"""What was published, for everybody, under addresses that last."""

from __future__ import annotations

import textwrap
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from offices.models import OfficeGroup
from portal.downloads import send_csv, send_docx, send_xlsx
from publications import policies
from publications.documents import (
    content_of,
    document_of,
    publication_csv,
    publication_docx,
    publication_xlsx,
)
from publications.models import Publication
from surveys.models import Survey

PAGE = 50


@require_safe
def publication_list(request: HttpRequest) -> HttpResponse:
    """The latest version of each, the newest first."""
    latest = Publication.objects.latest_versions().defer("content").order_by("-number")
    page = Paginator(latest, PAGE).get_page(request.GET.get("page"))
    return render(request, "publications/list.html", {"page": page})


@require_safe
def publication(request: HttpRequest, number: int, version: int | None = None) -> HttpResponse:
    """One version, the latest without its number; an earlier one says what replaced it."""
    versions = list(Publication.objects.filter(number=number).defer("content").order_by("version"))
    found = get_publication(number, version)
    later = [other for other in versions if other.version > found.version]
    content, may_publish = content_of(found), policies.may_publish(request.user)
    context = {
        "publication": found,
        # In parts, so that a phone can break it.
        "sha256_parts": textwrap.wrap(found.sha256, 16),
        "document": document_of(content),
        "versions": versions,
        "replaced_by": later[-1] if later else None,
        "may_publish": may_publish,
        "correction_url": correction_url(found, content) if may_publish and not later else "",
    }
    return render(request, "publications/detail.html", context)


def correction_url(publication: Publication, content: dict[str, Any]) -> str:
    """The page that publishes the same anew, as its correction; none without the round or group that it needs."""
    if publication.kind == Publication.Kind.RESULTS:
        results = content["results"]
        group = results["filters"]["group"]
        if not Survey.objects.filter(key=publication.subject).exists():
            return ""
        if group and not OfficeGroup.objects.filter(key=group).exists():
            return ""
        address = reverse("publications:new_results", args=[publication.subject])
        asked = {"base": results["base"], **results["filters"]}
    else:
        address = reverse("publications:new_progress_report")
        asked = {name: content["report"][name] for name in ("as_at", "since")}
    chosen = {name: value for name, value in asked.items() if value}
    return f"{address}?{urlencode(chosen | {'corrects': publication.number})}"


def get_publication(number: int, version: int | None) -> Publication:
    wanted = Publication.objects.filter(number=number).order_by("-version")
    if version is not None:
        return get_object_or_404(wanted, version=version)
    return get_object_or_404(wanted[:1])


@require_safe
def publication_json(request: HttpRequest, number: int, version: int) -> HttpResponse:
    """The canonical form, byte for byte: its SHA-256 is the one that is printed."""
    found = get_publication(number, version)
    response = HttpResponse(found.content.encode(), content_type="application/json; charset=utf-8")
    response["ETag"] = f'"{found.sha256}"'
    return response


@require_safe
def publication_csv_file(request: HttpRequest, number: int, version: int) -> StreamingHttpResponse:
    found = get_publication(number, version)
    return send_csv(publication_csv(found), file_name(found))


@require_safe
def publication_xlsx_file(request: HttpRequest, number: int, version: int) -> HttpResponse | FileResponse:
    found = get_publication(number, version)
    return send_xlsx(request, partial(publication_xlsx, found), file_name(found))


@require_safe
def publication_docx_file(request: HttpRequest, number: int, version: int) -> FileResponse:
    found = get_publication(number, version)
    return send_docx(partial(publication_docx, found), file_name(found))


def file_name(publication: Publication) -> str:
    return f"publication-{publication.number}-version-{publication.version}"
