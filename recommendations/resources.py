"""The spreadsheet kinds of sets, recommendations, officers and status reports."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from import_export.results import RowResult

from offices.models import Office, User
from portal.models import ImportRecord
from portal.spreadsheets.changes import KEPT, Changes, RowChange
from portal.spreadsheets.history import UndoRefused, changed_since, rests_on_it
from portal.spreadsheets.resources import BATCH, Column, Mode, SheetResource
from portal.spreadsheets.tables import Fault, Table
from portal.spreadsheets.widgets import (
    ChildReferenceWidget,
    LinesWidget,
    NumberWidget,
    ReferencesWidget,
    ReferenceWidget,
    widget_for,
)
from recommendations.actions import lock_offices
from recommendations.models import (
    Officer,
    Recommendation,
    RecommendationSet,
    RecommendedAction,
    SetDocument,
    SetEvent,
    StatusReport,
)


def set_column(attribute: str = "recommendation_set", *, derived: bool = False) -> Column:
    """The column `set`: a set by its key."""
    return Column(
        attribute,
        column_name="set",
        widget=ReferenceWidget(RecommendationSet, required=True),
        derived=derived,
    )


def number_column() -> Column:
    """The column `number`, which together with `set` names a recommendation."""
    widget = ChildReferenceWidget(
        Recommendation, NumberWidget(required=True), parent="recommendation_set", parent_column="set"
    )
    return Column("recommendation", column_name="number", widget=widget)


class SetKeyWidget(ReferenceWidget):
    """A set by its key: one that is there, or a new one of the same file."""

    in_file: frozenset[str] = frozenset()

    def parse(self, value: str) -> Model:
        key = value.strip()
        if key not in self.found and key in self.in_file:
            # Replaced by the saved row before it is written (RecommendationSetResource.write_new).
            self.found[key] = RecommendationSet(key=key)
        return super().parse(value)


class RecommendationSetResource(SheetResource):
    kind = "recommendation_sets"

    set = Column("key", column_name="set", widget=widget_for(RecommendationSet._meta.get_field("key")))
    supersedes = Column("supersedes", column_name="supersedes", widget=SetKeyWidget(RecommendationSet))

    class Meta:
        model = RecommendationSet
        fields = [
            "set",
            "issuer",
            "symbol",
            "title",
            "issued_on",
            "stage",
            "supersedes",
            "is_relevant",
            "source",
        ]
        import_id_fields = ["set"]

    def get_queryset(self) -> QuerySet[RecommendationSet]:
        return RecommendationSet.objects.select_related("supersedes").order_by("key")

    def prepare(self, table: Table) -> None:
        place = table.headers.index("set")
        self.fields["supersedes"].widget.in_file = frozenset(row[place].strip() for row in table.rows)

    def check(self, values: Mapping[str, Any], existing: Model | None) -> Iterator[tuple[str, str]]:
        supersedes = values.get("supersedes")
        if supersedes and supersedes.key == values.get("set"):
            yield "supersedes", _("a set cannot supersede itself")

    def check_together(self) -> None:
        """No circle of sets that supersede each other."""
        earlier: dict[str, str | None] = dict(RecommendationSet.objects.values_list("key", "supersedes__key"))
        changed = self.create_instances + self.update_instances
        earlier |= {item.key: item.supersedes.key if item.supersedes else None for item in changed}
        for item in changed:
            if item.supersedes and self.leads_to(item.key, item.supersedes.key, earlier):
                reason = _("the sets supersede each other in a circle")
                number = self.first_seen[(item.key,)]
                self.result.faults.append(Fault(number, "supersedes", reason, item.supersedes.key))

    def leads_to(self, target: str, key: str | None, earlier: Mapping[str, str | None]) -> bool:
        """Whether one comes to `target`, going back from `key` to what it supersedes."""
        seen: set[str] = set()
        while key and key not in seen:
            if key == target:
                return True
            seen.add(key)
            key = earlier.get(key)
        return False

    def write(self) -> None:
        """New sets first, the superseded before those that supersede them."""
        waiting: list[RecommendationSet] = self.create_instances
        saved = {item.key: item for item in self.existing.values() if isinstance(item, RecommendationSet)}
        while waiting:
            ready = [
                item for item in waiting if not item.supersedes or item.supersedes.pk or item.supersedes.key in saved
            ]
            self.link(ready, saved)
            self.write_new(ready)
            saved |= {item.key: item for item in ready}
            waiting = [item for item in waiting if item.pk is None]
        self.create_instances = []
        self.link(self.update_instances, saved)
        super().write()

    def link(self, items: list[RecommendationSet], saved: dict[str, RecommendationSet]) -> None:
        for item in items:
            if item.supersedes and not item.supersedes.pk:
                item.supersedes = saved[item.supersedes.key]


class SetEventResource(SheetResource):
    kind = "set_events"

    set = set_column()

    class Meta:
        model = SetEvent
        fields = ["set", "date", "label", "document", "source"]
        import_id_fields = ["set", "date", "label"]

    def get_queryset(self) -> QuerySet[SetEvent]:
        return SetEvent.objects.select_related("recommendation_set")


class SetDocumentResource(SheetResource):
    kind = "set_documents"

    set = set_column()

    class Meta:
        model = SetDocument
        fields = ["set", "title", "kind", "state", "url"]
        import_id_fields = ["set", "title"]

    def get_queryset(self) -> QuerySet[SetDocument]:
        return SetDocument.objects.select_related("recommendation_set")


class RecommendationResource(SheetResource):
    kind = "recommendations"

    set = set_column()
    number = Column("number", column_name="number", widget=NumberWidget(lowest=1, required=True))

    class Meta:
        model = Recommendation
        fields = [
            "set",
            "number",
            "addressee",
            "label",
            "summary",
            "official_text",
            "due_on",
            "due_text",
            "source",
        ]
        import_id_fields = ["set", "number"]

    def get_queryset(self) -> QuerySet[Recommendation]:
        return Recommendation.objects.select_related("recommendation_set")


class RecommendedActionResource(SheetResource):
    kind = "recommended_actions"

    set = set_column("recommendation__recommendation_set", derived=True)
    number = number_column()

    class Meta:
        model = RecommendedAction
        fields = ["set", "number", "order", "text", "source"]
        import_id_fields = ["set", "number", "order"]

    def get_queryset(self) -> QuerySet[RecommendedAction]:
        return RecommendedAction.objects.select_related("recommendation__recommendation_set")


class OfficerResource(SheetResource):
    kind = "officers"

    officer = Column("key", column_name="officer", widget=widget_for(Officer._meta.get_field("key")))
    aliases = Column("aliases", column_name="aliases", widget=LinesWidget())

    class Meta:
        model = Officer
        fields = ["officer", "title", "abbreviation", "aliases"]
        import_id_fields = ["officer"]

    def get_queryset(self) -> QuerySet[Officer]:
        return Officer.objects.order_by("key")

    def resting_on(self, added: QuerySet[Any]) -> Iterator[QuerySet[Any]]:
        yield User.objects.filter(posts__in=added).distinct()


class StatusReportResource(SheetResource):
    """Append-only: a row that differs from the current revision of its date becomes a new revision."""

    kind = "status_reports"

    set = set_column("recommendation__recommendation_set", derived=True)
    number = number_column()
    office = Column("office", column_name="office", widget=ReferenceWidget(Office, "code", required=True))
    responsible_officers = Column(
        "responsible_officers", column_name="responsible_officers", widget=ReferencesWidget(Officer)
    )

    class Meta:
        model = StatusReport
        fields = [
            "set",
            "number",
            "office",
            "as_at",
            "acceptance",
            "implementation",
            "assessment",
            "summary",
            "responsible_officers",
            "evidence_url",
            "as_at_assumed",
            "stated_change",
            "source",
        ]
        import_id_fields = ["set", "number", "office", "as_at"]

    def get_queryset(self) -> QuerySet[StatusReport]:
        reports = StatusReport.objects.current().select_related("recommendation__recommendation_set", "office")
        return reports.prefetch_related("responsible_officers").order_by(
            "recommendation__recommendation_set__key", "recommendation__number", "office__code", "as_at"
        )

    def prepare(self, table: Table) -> None:
        # As every writer of statuses does, so that no undo comes between reading and writing.
        lock_offices([office.pk for office in self.fields["office"].widget.found.values()])

    def find_existing(self, table: Table) -> Iterable[Model]:
        reports = StatusReport.objects.current().select_related("recommendation", "office")
        return self.narrow(reports.prefetch_related("responsible_officers"), table)

    def take(self, number: int, values: Mapping[str, Any], existing: Model | None) -> str:
        if existing is not None and (self.mode is Mode.FILL or self.same(existing, values)):
            return str(RowResult.IMPORT_TYPE_SKIP)
        self.note(number, existing, values)
        report = StatusReport(
            recorded_by_id=self.by.pk if self.by else None, imported_in_id=self.record.pk if self.record else None
        )
        for column in self.columns:
            if not column.derived and column.attribute != "responsible_officers":
                setattr(report, column.attribute, values[column.column_name])
        report.officers_to_link = values["responsible_officers"]  # type: ignore[attr-defined]
        self.create_instances.append(report)
        if isinstance(existing, StatusReport):
            report.revision = existing.revision + 1
            return str(RowResult.IMPORT_TYPE_UPDATE)
        return str(RowResult.IMPORT_TYPE_NEW)

    def same(self, report: Any, values: Mapping[str, Any]) -> bool:
        return frozenset(report.responsible_officers.all()) == values["responsible_officers"] and all(
            column.get_value(report) == values[column.column_name]
            for column in self.columns
            if not column.derived and column.attribute != "responsible_officers"
        )

    def write_new(self, instances: list[Any]) -> None:
        append_reports(instances)

    # What an import did, and its undoing

    def written(self, record: ImportRecord) -> Changes:
        """The reports that the import appended; nothing once it is undone."""
        changes = Changes(self.column_names(), self.key_names)
        if record.undone_at is None:
            reports = StatusReport.objects.filter(imported_in=record).prefetch_related("responsible_officers")
            ordered = reports.select_related("recommendation__recommendation_set", "office").order_by("pk")
            rows = self.export_rows(ordered[:KEPT])
            changes.written = [RowChange(None, None, tuple(map(str, row))) for row in rows]
            changes.written_total = reports.count()
        return changes

    def undo(self, record: ImportRecord) -> dict[str, Any]:
        if obstacles := check_reports(record):
            raise UndoRefused(obstacles)
        return undo_reports(record, by=self.by)


# The undoing of reports, whether they were imported themselves or follow from imported levels


def check_reports(record: ImportRecord) -> list[str]:
    """Why the reports of an import must stay; call it in the transaction of `undo_reports`."""
    written = StatusReport.objects.filter(imported_in=record)
    lock_offices(set(written.order_by().values_list("office_id", flat=True).distinct()))
    same = {"recommendation": OuterRef("recommendation"), "office": OuterRef("office"), "pk__lt": OuterRef("pk")}
    # What an import wrote that was itself undone changes nothing.
    others = StatusReport.objects.filter(Q(imported_in=None) | Q(imported_in__undone_at=None)).exclude(
        imported_in=record
    )
    others = others.select_related("recommendation__recommendation_set", "office")
    revised = others.filter(Exists(written.filter(**same, as_at=OuterRef("as_at"))))
    followed = others.filter(Exists(written.filter(**same, as_at__lt=OuterRef("as_at"))))
    return [*changed_since(map(str, revised)), *rests_on_it(map(str, followed))]


def undo_reports(record: ImportRecord, *, by: AbstractBaseUser | None) -> dict[str, Any]:
    """Put the statements back that stood before the import.

    Where there was one of the same date, it is said again as a further revision. Where there was none,
    what the import added is removed, its text kept in the audit row: a blank statement in its place
    would hide the earlier ones, and would count as one that the office made.
    """
    same_statement = {name: OuterRef(name) for name in ("recommendation", "office", "as_at")}
    ours = StatusReport.objects.filter(imported_in=record, **same_statement)
    revisions: dict[Any, list[StatusReport]] = defaultdict(list)
    reports = StatusReport.objects.filter(Exists(ours)).prefetch_related("responsible_officers").order_by("revision")
    for report in reports:
        revisions[report.recommendation_id, report.office_id, report.as_at].append(report)
    restored: list[StatusReport] = []
    removed: list[int] = []
    for statement in revisions.values():
        first = next(place for place, report in enumerate(statement) if report.imported_in_id == record.pk)
        if first:
            restored.append(said_again(statement[first - 1], statement[-1].revision + 1, record, by=by))
        else:
            removed += [report.pk for report in statement]
    append_reports(restored)
    gone = StatusReport.objects.filter(pk__in=removed).prefetch_related("responsible_officers")
    rows = gone.select_related("recommendation__recommendation_set", "office").order_by("pk")
    kept = [list(row) for row in StatusReportResource().export_rows(rows)]
    gone.delete()
    return {"restored_reports": len(restored), "removed_reports": kept}


def said_again(
    earlier: StatusReport, revision: int, record: ImportRecord, *, by: AbstractBaseUser | None
) -> StatusReport:
    """The earlier statement, whole, as a further revision."""
    own = {"id", "revision", "recorded_at", "recorded_by_id", "imported_in_id"}
    names = [field.attname for field in StatusReport._meta.concrete_fields if field.attname not in own]
    report = StatusReport(
        revision=revision,
        recorded_by_id=by.pk if by else None,
        imported_in_id=record.pk,
        **{name: getattr(earlier, name) for name in names},
    )
    report.officers_to_link = list(earlier.responsible_officers.all())  # type: ignore[attr-defined]
    return report


def append_reports(reports: list[Any]) -> None:
    """Write reports, each with the officers noted on it."""
    StatusReport.objects.bulk_create(reports, batch_size=BATCH)
    link = StatusReport.responsible_officers.through
    link._default_manager.bulk_create(
        [
            link(statusreport_id=report.pk, officer_id=officer.pk)
            for report in reports
            for officer in report.officers_to_link
        ],
        batch_size=BATCH,
    )
