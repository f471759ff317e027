"""The audit trail to read and to export. Part of the roof: which rows somebody may read follows from offices.

The secretariat, administrators and auditors read all of it; a coordinator the rows of their own office.
For everybody else there is no such page. Nothing here writes.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.apps import apps
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Case, F, JSONField, TextField, When
from django.db.models.functions import Cast, Length
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_lazy, gettext_noop, pgettext_lazy
from django.views.decorators.http import require_safe

from offices.models import Office, User
from offices.policies import reads_everything, type_of_person
from portal.downloads import send_csv
from portal.forms import NOT_A_DAY, DayField
from portal.models import AuditEntry, AuditEntryQuerySet
from portal.spreadsheets.writing import csv_lines
from portal.views import swaps_part, wants_part

ENTRIES_A_PAGE = 50
# Characters of details, as JSON: an undone import keeps in them all that it removed.
SHOWN_IN_LIST = 2_000
SHOWN_ON_PAGE = 500_000
ITEMS_SHOWN = 100

COLUMNS = ["at", "person", "office", "path", "action", "subject", "details"]

# What is written into the trail as an action, so that each can be translated.
ACTIONS = [
    gettext_noop("import"),
    gettext_noop("undo import"),
    gettext_noop("create account"),
    gettext_noop("renew password"),
    gettext_noop("invite person"),
    gettext_noop("send invitation again"),
    gettext_noop("revoke invitation"),
    gettext_noop("accept invitation"),
    gettext_noop("change membership"),
    gettext_noop("remove membership"),
    gettext_noop("activate person"),
    gettext_noop("deactivate person"),
    gettext_noop("change portal role"),
    gettext_noop("add second factor"),
    gettext_noop("remove second factor"),
    gettext_noop("rename second factor"),
    gettext_noop("remove second factors"),
    gettext_noop("change name"),
    gettext_noop("set password"),
    gettext_noop("record statuses"),
    gettext_noop("create round"),
    gettext_noop("change round"),
    gettext_noop("close round"),
    gettext_noop("reopen round"),
    gettext_noop("add question"),
    gettext_noop("change question"),
    gettext_noop("remove question"),
    gettext_noop("order questions"),
    gettext_noop("invite offices"),
    gettext_noop("withdraw invitation"),
    gettext_noop("change invitation"),
    gettext_noop("extend deadline"),
    gettext_noop("carry over answers"),
    gettext_noop("open questionnaire"),
    gettext_noop("save response"),
    gettext_noop("submit response"),
    gettext_noop("discard draft"),
    gettext_noop("send reminder"),
    gettext_noop("send reminder again"),
    gettext_noop("reminder failed"),
    gettext_noop("reminder unknown"),
    gettext_noop("confirm reminder"),
    gettext_noop("open call"),
    gettext_noop("close call"),
    gettext_noop("answer call"),
    gettext_noop("comment on update"),
    gettext_noop("send update back"),
    gettext_noop("accept update"),
    gettext_noop("reassign update"),
    gettext_noop("reword sentence"),
    gettext_noop("ask for assistance"),
    gettext_noop("step of a request"),
    gettext_noop("record activity"),
    gettext_noop("change activity"),
    gettext_noop("add programme"),
    gettext_noop("change programme"),
    gettext_noop("publish"),
    gettext_noop("release comments"),
]
# Those of the admin pages are a verb and the name of a model.
VERBS = {"add": gettext_lazy("add"), "change": gettext_lazy("change"), "delete": gettext_lazy("delete")}


# Who reads what


def visible_entries(user: type_of_person) -> AuditEntryQuerySet:
    """All rows for those who read everything; for a coordinator those of the offices they coordinate."""
    entries: AuditEntryQuerySet = AuditEntry.objects.all()
    if reads_everything(user):
        return entries
    coordinated = user.coordinated_offices if isinstance(user, User) else set()
    codes = Office.objects.filter(pk__in=coordinated).values_list("code", flat=True) if coordinated else []
    return entries.of_offices(codes)


def may_read(user: type_of_person) -> bool:
    return reads_everything(user) or (isinstance(user, User) and bool(user.coordinated_offices))


def entries_for(request: HttpRequest) -> AuditEntryQuerySet:
    """What this visitor may read. Raises 404 for those who may read nothing."""
    if not may_read(request.user):
        raise Http404
    return visible_entries(request.user)


# What is asked for


class TrailForm(forms.Form):
    """Which rows; blank stands for all."""

    person = forms.CharField(label=gettext_lazy("Person"), max_length=254, required=False)
    office = forms.CharField(label=gettext_lazy("Office (code)"), max_length=8, required=False)
    path = forms.ChoiceField(
        label=pgettext_lazy("by which path", "By"),
        choices=[("", gettext_lazy("every path")), *AuditEntry.Path.choices],
        required=False,
    )
    action = forms.ChoiceField(label=gettext_lazy("Action"), required=False)
    since = DayField(label=gettext_lazy("From"), required=False, error_messages=NOT_A_DAY)
    until = DayField(label=gettext_lazy("Until"), required=False, error_messages=NOT_A_DAY)
    words = forms.CharField(label=gettext_lazy("Words in the subject"), max_length=250, required=False)

    def __init__(self, data: Any, entries: AuditEntryQuerySet) -> None:
        super().__init__(data)
        self.entries = entries
        known = sorted(
            (label_of(action), action) for action in entries.order_by().values_list("action", flat=True).distinct()
        )
        choices = [("", gettext("every action")), *((action, label) for label, action in known)]
        self.fields["action"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField has them

    @property
    def found(self) -> AuditEntryQuerySet:
        """The rows that fit, the latest first; none if the form cannot be read."""
        if not self.is_valid():
            return self.entries.none()
        given = self.cleaned_data
        exact = {"office_code": given["office"].upper(), "path": given["path"], "action": given["action"]}
        conditions: dict[str, Any] = {name: value for name, value in exact.items() if value}
        if given["since"]:
            conditions["at__gte"] = midnight(given["since"])
        if given["until"]:
            conditions["at__lt"] = midnight(given["until"] + datetime.timedelta(days=1))
        found = self.entries.filter(**conditions)
        for word in given["person"].split():
            found = found.filter(actor_name__icontains=word)
        for word in given["words"].split():
            found = found.filter(subject__icontains=word)
        return found


def midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


# Pages


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


def cells(entry: AuditEntry) -> list[str]:
    at = timezone.localtime(entry.at).isoformat(timespec="seconds")
    details = json.dumps(entry.details, ensure_ascii=False) if entry.details else ""
    return [at, entry.actor_name, entry.office_code, entry.path, entry.action, entry.subject, details]


def with_details(entries: AuditEntryQuerySet, most: int) -> Any:
    """The rows with `size`, the characters of their details, and `shown`, the details where they are not too long."""
    sized = entries.defer("details").annotate(size=Length(Cast("details", TextField())))
    return sized.annotate(shown=Case(When(size__lte=most, then=F("details")), output_field=JSONField()))


# In words


@dataclass(frozen=True)
class Line:
    """One detail: a value, or what it was before and what it became."""

    label: str
    value: str
    before: str = ""
    is_change: bool = False


@dataclass(frozen=True)
class Row:
    """One entry as a person reads it."""

    entry: AuditEntry
    action: str
    lines: list[Line]
    is_too_long: bool

    @classmethod
    def of(cls, entry: Any) -> Row:
        """`entry` as `with_details` gives it."""
        return cls(entry, label_of(entry.action), list(lines_of(entry.shown or {})), entry.shown is None)

    @property
    def changes(self) -> list[Line]:
        return [line for line in self.lines if line.is_change]

    @property
    def facts(self) -> list[Line]:
        return [line for line in self.lines if not line.is_change]


def label_of(action: str) -> str:
    """The action in the reader's language; as it is written where nobody named it."""
    if action in ACTIONS:
        return gettext(action)
    verb, _space, name = action.partition(" ")
    models = {model._meta.model_name: model._meta.verbose_name for model in apps.get_models()}
    if verb in VERBS and name in models:
        return f"{VERBS[verb]}: {models[name]}"
    return action


# Where a list of two is what was and what is.
PAIRS = {"status", "closed_on", "role", "name"}


def lines_of(details: dict[str, Any]) -> Iterator[Line]:
    for key, value in details.items():
        if key in {"changes", "values"} and isinstance(value, dict):
            yield from (changed(name, pair) for name, pair in value.items())
        elif key == "changes" and isinstance(value, list):
            yield from (said_by_admin(item) for item in value if "values" not in details or "changed" not in item)
        elif key in PAIRS:
            yield changed(key, value)
        else:
            yield Line(named(key), in_words(value))


def changed(name: str, pair: Any) -> Line:
    if isinstance(pair, list) and len(pair) == 2:  # before and after
        return Line(named(name), in_words(pair[1]), in_words(pair[0]), is_change=True)
    return Line(named(name), in_words(pair))


def said_by_admin(item: Any) -> Line:
    """A part of Django's own note of a change: {"added": {"name": …, "object": …}}, {"changed": {"fields": […]}}."""
    if not isinstance(item, dict) or len(item) != 1:
        return Line("", in_words(item))
    [(verb, what)] = item.items()
    return Line(named(verb), in_words(list(what.values()) if isinstance(what, dict) and what else "✓"))


def named(key: str) -> str:
    return key.replace("_", " ")


def in_words(value: Any) -> str:
    """A value of JSON, a list line by line, no longer than a page bears."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if not value and value != 0:
        return "–"
    if isinstance(value, int):
        return number_format(value)
    if isinstance(value, dict):
        return in_lines(f"{named(str(key))}: {on_one_line(item)}" for key, item in value.items())
    if isinstance(value, list):
        return in_lines(map(on_one_line, value))
    return str(value)


def on_one_line(value: Any) -> str:
    if isinstance(value, list):
        return " · ".join(map(on_one_line, value))
    return in_words(value).replace("\n", "; ")


def in_lines(parts: Iterable[str]) -> str:
    told = list(parts)
    more = len(told) - ITEMS_SHOWN
    further = [gettext("… and %(count)d more") % {"count": more}] if more > 0 else []
    return "\n".join([*told[:ITEMS_SHOWN], *further])
