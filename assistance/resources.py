"""The spreadsheet kinds of the menu, of requests with their steps, and of what was delivered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from import_export.results import RowResult

from assistance import policies
from assistance.actions import touch
from assistance.models import Activity, Programme, Request, RequestStep
from offices.models import Office
from portal.models import ImportRecord
from portal.spreadsheets.changes import KEPT, Changes, RowChange
from portal.spreadsheets.history import UndoRefused, Written, rests_on_it
from portal.spreadsheets.resources import BATCH, Column, Mode, SheetResource
from portal.spreadsheets.tables import Fault, Table
from portal.spreadsheets.widgets import (
    ChildReferenceWidget,
    LinesWidget,
    NumberWidget,
    ReferenceWidget,
    fetch_by,
    widget_for,
)
from recommendations.models import Recommendation, RecommendationSet

AT_ONCE = 5_000


def lock_requests(requests: Collection[int]) -> None:
    """Make other writers of these requests wait; in one order, so that no two wait for each other."""
    pks = sorted(requests)
    for start in range(0, len(pks), AT_ONCE):
        rows = Request.objects.filter(pk__in=pks[start : start + AT_ONCE]).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk"))


def held_steps(requests: Collection[int]) -> dict[int, list[RequestStep]]:
    """The steps of these requests, in their order, by request."""
    steps: dict[int, list[RequestStep]] = defaultdict(list)
    pks = sorted(requests)
    for start in range(0, len(pks), AT_ONCE):
        for step in RequestStep.objects.filter(request__in=pks[start : start + AT_ONCE]).order_by("date", "pk"):
            steps[step.request_id].append(step)
    return steps


def plain(steps: Iterable[RequestStep]) -> list[policies.type_of_step]:
    return [(step.date, step.status) for step in steps]


# The menu


class RecommendationWidget(ChildReferenceWidget):
    """The number of a recommendation of the set beside it; both may be blank."""

    def __init__(self) -> None:
        super().__init__(Recommendation, NumberWidget(required=True), parent="recommendation_set", parent_column="set")

    def clean(self, value: str, row: Mapping[str, str] | None = None, **kwargs: Any) -> Any:
        of_set = (row or {})[self.parent_column].strip()
        if not value.strip():
            if of_set:
                raise ValueError(_("is required beside a set"))
            return None
        if not of_set:
            raise ValueError(_("is the number of a recommendation: name its set too"))
        return super().clean(value, row, **kwargs)


class ProgrammeWidget(ReferenceWidget):
    """A programme by its number."""

    def __init__(self) -> None:
        super().__init__(Programme, "number", required=True)
        self.inner = NumberWidget(lowest=1)

    def prepare(self, cells: Iterable[str]) -> None:
        numbers = set()
        for cell in cells:
            with suppress(ValueError):
                numbers.add(self.inner.clean(cell))
        self.found = fetch_by(Programme.objects.all(), "number", numbers - {None})

    def parse(self, value: str) -> Model:
        number: Any = self.inner.parse(value)
        try:
            return self.found[number]
        except KeyError:
            raise ValueError(_("there is no such %(kind)s") % {"kind": self.model._meta.verbose_name}) from None


class ProgrammeResource(SheetResource):
    kind = "programmes"

    number = Column("number", column_name="number", widget=NumberWidget(lowest=1, required=True))
    set = Column(
        "recommendation__recommendation_set",
        column_name="set",
        widget=ReferenceWidget(RecommendationSet),
        derived=True,
    )
    recommendation = Column("recommendation", column_name="recommendation", widget=RecommendationWidget())
    institutions = Column("institutions", column_name="institutions", widget=LinesWidget())
    limited_to = Column("limited_to", column_name="limited_to", widget=LinesWidget())
    activities = Column("activities", column_name="activities", widget=LinesWidget())
    expected_outcomes = Column("expected_outcomes", column_name="expected_outcomes", widget=LinesWidget())

    class Meta:
        model = Programme
        fields = [
            "number",
            "title",
            "set",
            "recommendation",
            "institutions",
            "limited_to",
            "objectives",
            "activities",
            "expected_outcomes",
            "as_of",
            "is_active",
            "source",
        ]
        import_id_fields = ["number"]

    def get_queryset(self) -> QuerySet[Programme]:
        return Programme.objects.select_related("recommendation__recommendation_set").order_by("number")

    def find_existing(self, table: Table) -> Iterable[Model]:
        return self.get_queryset()


# Requests


def request_column() -> Column:
    """The column `request`: a request by its key."""
    return Column("request", column_name="request", widget=ReferenceWidget(Request, required=True))


class RequestResource(SheetResource):
    kind = "requests"

    request = Column("key", column_name="request", widget=widget_for(Request._meta.get_field("key")))
    programme = Column("programme", column_name="programme", widget=ProgrammeWidget())
    office = Column("office", column_name="office", widget=ReferenceWidget(Office, "code", required=True))

    class Meta:
        model = Request
        fields = ["request", "programme", "office", "institution", "purpose", "contact", "wanted_by"]
        import_id_fields = ["request"]

    def get_queryset(self) -> QuerySet[Request]:
        return Request.objects.select_related("programme", "office").order_by("key")

    def find_existing(self, table: Table) -> Iterable[Model]:
        place = table.headers.index("request")
        keys = {row[place].strip() for row in table.rows}
        # Locked, as every writer does: their versions grow with every write.
        rows = self.get_queryset().order_by("pk").select_for_update(of=("self",), no_key=True)
        found = fetch_by(rows, "key", keys)
        self.with_steps = {pk for pk, steps in held_steps([row.pk for row in found.values()]).items() if steps}
        return found.values()

    def check(self, values: Mapping[str, Any], existing: Model | None) -> Iterator[tuple[str, str]]:
        if not isinstance(existing, Request):
            return
        for name in ("programme", "office"):
            if name in values and values[name] != getattr(existing, name) and existing.pk in self.with_steps:
                yield name, _("cannot change: the request has steps")
            elif name == "office" and name in values and values[name].is_sample != existing.office.is_sample:
                yield name, _("cannot change: what is invented stays so, and what is real")

    def take(self, number: int, values: Mapping[str, Any], existing: Model | None) -> str:
        did = super().take(number, values, existing)
        if did == RowResult.IMPORT_TYPE_NEW and self.record:
            self.create_instances[-1].imported_in_id = self.record.pk
        elif did == RowResult.IMPORT_TYPE_UPDATE:
            self.update_instances[-1].version += 1
        return did

    def undo(self, record: ImportRecord) -> dict[str, Any]:
        requests = list(Written(self, record).rows.order_by().values_list("id", flat=True))
        lock_requests(requests)
        done = super().undo(record)
        touch(requests)
        return done


class RequestStepResource(SheetResource):
    """Append-only: the steps of a file, together with those held, follow each other as they may."""

    kind = "request_steps"

    request = request_column()

    class Meta:
        model = RequestStep
        fields = ["request", "date", "status", "note"]
        import_id_fields = ["request", "date", "status"]

    def get_queryset(self) -> QuerySet[RequestStep]:
        return RequestStep.objects.select_related("request").order_by("request__key", "date", "pk")

    def prepare(self, table: Table) -> None:
        requests = [request.pk for request in self.fields["request"].widget.found.values()]
        lock_requests(requests)
        self.held = held_steps(requests)
        self.today = timezone.localdate()
        # The row of each step that the file says, by request.
        self.said: dict[int, dict[policies.type_of_step, int]] = defaultdict(dict)
        self.unclear: set[int] = set()

    def find_existing(self, table: Table) -> Iterable[Model]:
        return [step for steps in self.held.values() for step in steps]

    def check(self, values: Mapping[str, Any], existing: Model | None) -> Iterator[tuple[str, str]]:
        request, date, status, note = (values.get(name) for name in self.column_names())
        if self.mode is Mode.FILL and request and existing is None and self.held.get(request.pk):
            yield "status", _("the request went another way")
            return
        if date and date > self.today:
            yield "date", policies.date_fault(date, None, self.today)
        if status and note is not None and (fault := policies.note_fault(status, note)):
            yield "note", fault
        if isinstance(existing, RequestStep) and note is not None and note != existing.note:
            yield "note", _("is held with another note, and steps are never changed")
        if request and date and status:
            self.said[request.pk].setdefault((date, status), self.number)
        elif request:
            # Nobody can tell what the other steps follow.
            self.unclear.add(request.pk)

    def take(self, number: int, values: Mapping[str, Any], existing: Model | None) -> str:
        if existing is not None:
            return str(RowResult.IMPORT_TYPE_SKIP)
        self.note(number, None, values)
        step = RequestStep(
            recorded_by_id=self.by.pk if self.by else None, imported_in_id=self.record.pk if self.record else None
        )
        self.assign(step, values)
        self.create_instances.append(step)
        return str(RowResult.IMPORT_TYPE_NEW)

    def check_together(self) -> None:
        for request, said in self.said.items():
            if request not in self.unclear:
                self.result.faults += self.chain_faults(self.held[request], said)

    def chain_faults(self, held: list[RequestStep], said: Mapping[policies.type_of_step, int]) -> Iterator[Fault]:
        """The rows of steps that cannot stand where they would; where a held one could not, the new one before it."""
        before = plain(held)
        new = policies.in_order(said.keys() - set(before))
        # By day alone, as the sort keeps the order: of one day, those held come first, as they are stored.
        steps = sorted([*before, *new], key=lambda step: step[0])
        for place, sentence in policies.chain_faults(steps):
            blamed = next((step for step in reversed(steps[: place + 1]) if step in new), None)
            if blamed:
                yield Fault(said[blamed], "status", sentence, blamed[1])

    def write_new(self, instances: list[Any]) -> None:
        # Of one day, a later step has the higher number: so they are read.
        places = {id(step): (step.request_id, step.date, policies.ORDER[step.status]) for step in instances}
        RequestStep.objects.bulk_create(sorted(instances, key=lambda step: places[id(step)]), batch_size=BATCH)
        touch({step.request_id for step in instances})

    # What an import did, and its undoing

    def written(self, record: ImportRecord) -> Changes:
        """The steps that the import appended; nothing once it is undone."""
        changes = Changes(self.column_names(), self.key_names)
        steps = self.get_queryset().filter(imported_in=record)
        changes.written = [RowChange(None, None, tuple(map(str, row))) for row in self.export_rows(steps[:KEPT])]
        changes.written_total = steps.count()
        return changes

    def undo(self, record: ImportRecord) -> dict[str, Any]:
        """Remove the steps; what they said stays in the audit row."""
        imported = self.get_queryset().filter(imported_in=record)
        requests = set(imported.order_by().values_list("request_id", flat=True))
        lock_requests(requests)
        if obstacles := [*rests_on_it(self.resting_on_steps(requests, record))]:
            raise UndoRefused(obstacles)
        said = [list(row) for row in self.export_rows(imported)]
        RequestStep.objects.filter(imported_in=record).delete()
        touch(requests)
        return {"removed_steps": said}

    def resting_on_steps(self, requests: Collection[int], record: ImportRecord) -> Iterator[str]:
        """Steps that would follow nothing they may follow, and activities of days on which nothing was agreed."""
        others = RequestStep.objects.filter(request__in=requests).exclude(imported_in=record)
        staying: dict[int, list[RequestStep]] = defaultdict(list)
        for step in others.select_related("request").order_by("date", "pk"):
            staying[step.request_id].append(step)
        for steps in staying.values():
            yield from (str(steps[place]) for place, _sentence in policies.chain_faults(plain(steps)))
        today = timezone.localdate()
        for activity in Activity.objects.filter(request__in=requests).select_related("request"):
            if policies.delivery_fault(plain(staying[activity.request_id]), activity.date, today):
                yield str(activity)


class ActivityResource(SheetResource):
    kind = "activities"

    request = request_column()
    participants = Column(
        "participants", column_name="participants", widget=NumberWidget(highest=policies.MOST_PARTICIPANTS)
    )

    class Meta:
        model = Activity
        fields = ["request", "date", "kind", "participants", "outcome"]
        import_id_fields = ["request", "date", "kind"]

    def get_queryset(self) -> QuerySet[Activity]:
        return Activity.objects.select_related("request").order_by("request__key", "date", "kind")

    def prepare(self, table: Table) -> None:
        requests = [request.pk for request in self.fields["request"].widget.found.values()]
        lock_requests(requests)
        self.steps = {pk: plain(steps) for pk, steps in held_steps(requests).items()}
        self.today = timezone.localdate()

    def check(self, values: Mapping[str, Any], existing: Model | None) -> Iterator[tuple[str, str]]:
        request, date = values.get("request"), values.get("date")
        if request and date:
            fault = policies.delivery_fault(self.steps.get(request.pk, []), date, self.today)
            if fault:
                yield "date", fault

    def write(self) -> None:
        super().write()
        touch({activity.request_id for activity in [*self.create_instances, *self.update_instances]})

    def undo(self, record: ImportRecord) -> dict[str, Any]:
        requests = set(Written(self, record).rows.order_by().values_list("request_id", flat=True))
        lock_requests(requests)
        done = super().undo(record)
        touch(requests)
        return done
