"""Reading the Secretariat's own document in, after a look at what it would do."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jiu import policies
from jiu.actions.importing import KIND, import_progress_report
from jiu.actions.importing.outcome import Outcome, Part
from jiu.forms.importing import ImportForm
from jiu.reading.shapes import DocumentRefused
from offices.models import User
from offices.views.common import person_of
from portal.models import AuditEntry, PendingImport
from portal.spreadsheets.changes import Changes
from portal.spreadsheets.importing import SeenOtherwise
from portal.spreadsheets.kinds import resource_for
from portal.text import iso_day

SHOWN_NOTICES = 200


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def upload(request: HttpRequest) -> HttpResponse:
    """Upload a document and see what it would do; nothing is written yet."""
    user = importer(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method != "POST":
        return page(request, form=form)
    if not form.is_valid():
        return page(request, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    file, previous = form.cleaned_data["file"], form.cleaned_data["previous_as_at"]
    data = file.read()
    try:
        outcome = run(data, file.name, previous, by=user)
    except DocumentRefused as refusal:
        form.add_error("file", str(refusal))
        unread = refusal.notices[:SHOWN_NOTICES]
        return page(request, form=form, unread=unread, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if not outcome.writes:
        return page(request, form=ImportForm(), outcome=outcome)
    pending = PendingImport.objects.keep(kind=KIND, filename=file.name, content=data, by=user.pk)
    query = f"?{urlencode({'previous': previous.isoformat()})}" if previous else ""
    return redirect(reverse("jiu:import_confirm", args=[pending.pk]) + query)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def confirm(request: HttpRequest, pending: uuid.UUID) -> HttpResponse:
    """Show what the uploaded document would do now, and do it on confirmation, once."""
    user = importer(request)
    with transaction.atomic():
        waiting = PendingImport.objects.select_for_update().filter(pk=pending, kind=KIND, uploaded_by=user)
        file = waiting.first()
        if file is None:
            messages.info(request, _("This file was imported or dropped already."))
            return redirect("jiu:import")
        if request.method == "POST" and "confirm" not in request.POST:
            waiting.delete()
            messages.info(request, _("Nothing was imported."))
            return redirect("jiu:import")
        return preview(request, file, by=user)


def preview(request: HttpRequest, file: PendingImport, *, by: User) -> HttpResponse:
    confirmed, previous = request.method == "POST", iso_day(request.GET.get("previous", ""))
    seen = request.POST.get("seen", "") if confirmed else None
    context: dict[str, Any] = {"file": file, "previous": previous}
    try:
        outcome = run(bytes(file.content), file.filename, previous, by=by, seen=seen)
    except DocumentRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("jiu:import")
    except SeenOtherwise as otherwise:
        # Confirming again is then a decision about what the page shows now.
        context |= {"outcome": otherwise.outcome, "seen_otherwise": True}
        return page(request, "jiu/import_confirm.html", status=HTTPStatus.CONFLICT, **context)
    if not confirmed:
        return page(request, "jiu/import_confirm.html", outcome=outcome, **context)
    file.delete()
    counts = {name: sum(getattr(part, name) for part in outcome.parts) for name in ("added", "filled")}
    messages.success(request, _("The document was imported: %(added)d rows added, %(filled)d filled.") % counts)
    return redirect("jiu:index")


def importer(request: HttpRequest) -> User:
    if not policies.may_import_document(request.user):
        raise PermissionDenied
    return person_of(request)


def run(data: bytes, filename: str, previous: datetime.date | None, *, by: User, seen: str | None = None) -> Outcome:
    """What the document would do; or, where `seen` is given, its import, if it still does that."""
    return import_progress_report(
        data,
        filename=filename,
        by=by,
        path=AuditEntry.Path.IMPORT,
        previous_as_at=previous,
        dry_run=seen is None,
        seen=seen,
    )


def page(
    request: HttpRequest, template: str = "jiu/import.html", *, status: int = HTTPStatus.OK, **context: Any
) -> HttpResponse:
    if outcome := context.get("outcome"):
        context["parts"] = [shown(part) for part in outcome.parts]
        context["unread"] = outcome.notices[:SHOWN_NOTICES]
    return render(request, template, context, status=status)


# What a document does to a kind, as a page shows it


@dataclass(frozen=True)
class Shown:
    """The columns that say something, and the rows: the line, and a cell for each column."""

    part: Part
    label: str
    columns: list[str]
    added: list[tuple[int | None, list[str]]]
    # The line, the key, the column, before and after.
    filled: list[tuple[int | None, str, str, str, str]]


def shown(part: Part) -> Shown:
    changes, labels = part.changes, labels_of(part)
    rows = [change.cells for change in changes.added]
    told = [place for place in range(len(changes.columns)) if any(cells[place] for cells in rows)]
    return Shown(
        part,
        capfirst(part.label),
        [labels[changes.columns[place]] for place in told],
        [(change.row, [change.cells[place] for place in told]) for change in changes.added],
        list(filled_cells(changes, labels)),
    )


def filled_cells(changes: Changes, labels: dict[str, str]) -> Any:
    for change, key, cells in changes.cell_changes():
        for cell in cells:
            yield change.row, key, labels[cell.column], cell.before, cell.after


def labels_of(part: Part) -> dict[str, str]:
    """The columns of a kind, in words."""
    resource = resource_for(part.kind)()
    names = {"set": _("set"), "number": _("number")}
    model = resource._meta.model
    return {
        column.column_name: capfirst(
            names.get(column.column_name) or str(model._meta.get_field(column.attribute).verbose_name)
        )
        for column in resource.columns
    }
