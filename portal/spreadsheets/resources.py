"""The base of every kind's Resource: the rules of the spreadsheet contract on django-import-export.

From the library come fields and widgets, the walk over the rows, the transaction that is rolled
back on a fault, and the export of an instance. Ours is what a row goes through (`import_row`): all
its cells are read before it is refused, so that one run names every fault; rows are matched by
natural keys held in memory; all is written in bulk at the end, history included.
"""

from __future__ import annotations

import enum
from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.results import Result, RowResult

from portal.models import AuditEntry, ImportRecord
from portal.spreadsheets import history
from portal.spreadsheets.changes import KEPT, Changes, RowChange
from portal.spreadsheets.tables import Fault, Table
from portal.spreadsheets.widgets import ChildReferenceWidget, NoSuchChild, ReferenceWidget, SheetWidget, widget_for

BATCH = 1_000
BLANK = ("", None)

type_of_key = tuple[Any, ...]


class Mode(enum.Enum):
    """What a row does to one that is there already."""

    REPLACE = "replace"
    # `load_reference`: blank values are filled, others stay.
    FILL = "fill"


class Column(Field):  # type: ignore[misc]  # import-export ships no types
    """A column of a kind.

    `derived` marks one that is read for another column's sake: the set of a recommendation number
    is checked and exported, but it is the recommendation that is stored.
    """

    widget: SheetWidget
    column_name: str
    attribute: str

    def __init__(self, *args: Any, derived: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.derived = derived


class SheetResult(Result):  # type: ignore[misc]  # import-export ships no types
    """The outcome of one import: the faults, or how many rows did what."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[Fault] = []
        self.removed = 0
        # Rows of another kind that follow from those of the file.
        self.derived = 0

    def has_validation_errors(self) -> bool:
        return bool(self.faults)

    @property
    def counts(self) -> dict[str, int]:
        return {
            "added": self.totals[RowResult.IMPORT_TYPE_NEW],
            "changed": self.totals[RowResult.IMPORT_TYPE_UPDATE],
            "unchanged": self.totals[RowResult.IMPORT_TYPE_SKIP],
            "removed": self.removed,
        }


class SheetResource(ModelResource):  # type: ignore[misc]  # import-export ships no types
    """One kind of the spreadsheet contract.

    A subclass names its `kind` and, in Meta, the model, the columns in order (`fields`) and the
    natural key (`import_id_fields`). Columns that are plain model fields need no more; others are
    declared with a `Column`. Rules beyond single cells go into `check` and `check_together`.
    """

    kind: ClassVar[str]

    class Meta:
        fields: ClassVar[list[str]] = []
        use_bulk = True
        use_transactions = True
        batch_size = None  # everything is written at the end, if nothing is at fault
        skip_diff = True
        report_skipped = False

    def __init__(
        self,
        *,
        by: AbstractBaseUser | None = None,
        mode: Mode = Mode.REPLACE,
        path: str = AuditEntry.Path.IMPORT,
        record: ImportRecord | None = None,
        keep_changes: bool = False,
    ) -> None:
        """`record` is what the rows written will refer to; it is saved with them, by the caller."""
        super().__init__()
        self.create_instances: list[Any] = []
        self.update_instances: list[Any] = []
        self.by = by
        self.mode = mode
        self.path = path
        self.record = record
        self.changes = Changes(self.column_names(), list(self._meta.import_id_fields)) if keep_changes else None
        self.columns: list[Column] = self.get_import_fields()
        self.key_names: list[str] = list(self._meta.import_id_fields)
        self.key_columns = [column for column in map(self.fields.get, self.key_names) if not column.derived]
        self.existing: dict[type_of_key, models.Model] = {}
        self.first_seen: dict[type_of_key, int] = {}
        self.result = SheetResult()
        self.number = 0

    @classmethod
    def column_names(cls) -> list[str]:
        return list(cls._meta.fields)

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: models.Field[Any, Any], readonly: bool) -> Column:
        return Column(attribute=field_name, column_name=field_name, widget=widget_for(django_field))

    def get_result_class(self) -> Any:
        """The library makes the result by calling this; the resource keeps the one that it fills."""
        return lambda: self.result

    # Reading

    def before_import(self, dataset: Table, **kwargs: Any) -> None:
        self.numbers = dataset.numbers
        self.result.faults += dataset.faults
        for column in self.columns:
            if column.column_name in dataset.headers:
                place = dataset.headers.index(column.column_name)
                column.widget.prepare({row[place] for row in dataset.rows})
        self.prepare(dataset)
        self.existing = {self.key_of(item): item for item in self.find_existing(dataset)}

    def prepare(self, table: Table) -> None:
        """Look up what rules need that go beyond one column."""

    def find_existing(self, table: Table) -> Iterable[models.Model]:
        """The rows already there that this file may be about."""
        # What a row refers to is compared too, and must not be fetched row by row.
        references = [
            column.attribute
            for column in self.columns
            if isinstance(column.widget, ReferenceWidget | ChildReferenceWidget) and not column.derived
        ]
        return self.narrow(self._meta.model._default_manager.select_related(*references), table)

    def narrow(self, queryset: models.QuerySet[Any], table: Table) -> models.QuerySet[Any]:
        """Keep what has one of the file's references or keys, in each column of the natural key."""
        for column in self.key_columns:
            found = getattr(column.widget, "found", None)
            if found is not None and len(found) < BATCH:
                queryset = queryset.filter(**{f"{column.attribute}__in": list(found.values())})
        return queryset

    def key_of(self, instance: models.Model) -> type_of_key:
        """The natural key of an instance, as `key_from` makes it from the values of a row."""
        fields = [instance._meta.get_field(column.attribute) for column in self.key_columns]
        return tuple(getattr(instance, getattr(field, "attname", field.name)) for field in fields)

    def key_from(self, values: Mapping[str, Any]) -> type_of_key:
        return tuple(
            value.pk if isinstance(value, models.Model) else value
            for value in (values[column.column_name] for column in self.key_columns)
        )

    def import_row(self, row: dict[str, str], instance_loader: object, **kwargs: Any) -> RowResult:
        # Kept for rules that gather rows as they check them.
        number = self.number = self.numbers[kwargs["row_number"] - 1]
        values, faults = self.clean_row(row, number)
        existing = None
        if all(name in values for name in self.key_names):
            key = self.key_from(values)
            existing = self.existing.get(key)
            first = self.first_seen.setdefault(key, number)
            if first != number:
                faults.append(
                    self.key_fault(row, number, _("doubled key, the same as in row %(row)d") % {"row": first})
                )
        values = self.effective(values, existing)
        broken = [Fault(number, name, why, row[name]) for name, why in self.check(values, existing)]
        row_result = RowResult()
        if broken and not faults and self.mode is Mode.FILL:
            # What stands here went another way than the file: there is nothing to fill.
            row_result.import_type = RowResult.IMPORT_TYPE_SKIP
            return row_result
        faults += broken
        self.result.faults += faults
        row_result.import_type = RowResult.IMPORT_TYPE_INVALID if faults else self.take(number, values, existing)
        return row_result

    def clean_row(self, row: Mapping[str, str], number: int) -> tuple[dict[str, Any], list[Fault]]:
        """The values of the cells that can be read, and the faults of the others."""
        values: dict[str, Any] = {}
        faults: list[Fault] = []
        for column in self.columns:
            name = column.column_name
            try:
                values[name] = column.widget.clean(row[name], row)
            except NoSuchChild as error:
                if column.widget.parent_column in values:
                    faults.append(Fault(number, name, str(error), row[name]))
            except ValueError as error:
                faults.append(Fault(number, name, str(error), row[name]))
        return values, faults

    def key_fault(self, row: Mapping[str, str], number: int, reason: str) -> Fault:
        return Fault(number, ",".join(self.key_names), reason, ",".join(row[name] for name in self.key_names))

    def effective(self, values: dict[str, Any], existing: models.Model | None) -> dict[str, Any]:
        """The values that the row will have: in FILL mode what is there goes before the file."""
        if existing is None or self.mode is Mode.REPLACE:
            return values
        there = {column.column_name: column.get_value(existing) for column in self.columns}
        return {name: value if there[name] in BLANK else there[name] for name, value in values.items()}

    def check(self, values: Mapping[str, Any], existing: models.Model | None) -> Iterator[tuple[str, str]]:
        """Rules over the cells of one row: yields (column, reason).

        `values` lacks the cells that could not be read; what is said of the others counts all the same.
        """
        yield from ()

    def take(self, number: int, values: Mapping[str, Any], existing: models.Model | None) -> str:
        """Note what the row adds or changes; returns the library's name for it."""
        if existing is None:
            instance = self._meta.model()
            self.note(number, None, values)
            self.assign(instance, values)
            self.create_instances.append(instance)
            return str(RowResult.IMPORT_TYPE_NEW)
        if not self.differs(existing, values):
            return str(RowResult.IMPORT_TYPE_SKIP)
        self.note(number, existing, values)
        self.assign(existing, values)
        self.update_instances.append(existing)
        return str(RowResult.IMPORT_TYPE_UPDATE)

    def differs(self, instance: models.Model, values: Mapping[str, Any]) -> bool:
        return any(
            column.get_value(instance) != values[column.column_name] for column in self.columns if not column.derived
        )

    def assign(self, instance: models.Model, values: Mapping[str, Any]) -> None:
        for column in self.columns:
            if not column.derived:
                setattr(instance, column.attribute, values[column.column_name])

    # What somebody sees before it counts

    def note(self, number: int, existing: models.Model | None, values: Mapping[str, Any]) -> None:
        """Keep what a row adds or changes, if somebody asked to see it."""
        if self.changes is None:
            return
        kept = self.changes.added if existing is None else self.changes.changed
        if len(kept) < KEPT:
            before = None if existing is None else self.cells_from({**values, **self.values_of(existing)})
            kept.append(RowChange(number, before, self.cells_from(values)))

    def values_of(self, instance: models.Model) -> dict[str, Any]:
        """What a row says now, but for its key, which the file repeats."""
        return {
            column.column_name: column.get_value(instance)
            for column in self.columns
            if not column.derived and column.column_name not in self.key_names
        }

    def cells_from(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(str(self.fields[name].widget.render(values[name])) for name in self._meta.fields)

    # Writing, once all rows are read and none is at fault

    def bulk_create(self, *args: Any, **kwargs: Any) -> None:
        """The first of the library's three bulk steps: it stands for all of them."""
        self.check_together()
        if not self.result.faults:
            self.write()

    def bulk_update(self, *args: Any, **kwargs: Any) -> None:
        """Done by `bulk_create`."""

    def bulk_delete(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is deleted by an import."""

    def after_import(self, dataset: Table, result: Result, **kwargs: Any) -> None:
        """The library resets database sequences here, which natural keys never disturb."""

    def check_together(self) -> None:
        """Rules over several rows, of those that are right by themselves: append to `self.result.faults`."""

    def write(self) -> None:
        self.write_new(self.create_instances)
        if self.update_instances:
            model = self._meta.model
            model._default_manager.bulk_create(
                self.update_instances,
                batch_size=BATCH,
                update_conflicts=True,
                unique_fields=["id"],
                update_fields=[field.name for field in model._meta.concrete_fields if not field.primary_key],
            )
            self.write_history(self.update_instances, update=True)

    def write_new(self, instances: list[Any]) -> None:
        if instances:
            self._meta.model._default_manager.bulk_create(instances, batch_size=BATCH)
            self.write_history(instances, update=False)

    def write_history(self, instances: list[Any], *, update: bool) -> None:
        """Bulk writes bypass simple-history: what it would have kept is kept here."""
        if hasattr(self._meta.model, "history"):
            self._meta.model.history.bulk_history_create(
                instances,
                batch_size=BATCH,
                update=update,
                default_user=self.by,
                default_change_reason=history.reason_of(self.record),
            )

    # What an import did, and its undoing

    def written(self, record: ImportRecord) -> Changes:
        """What the import did, first rows first, read from the history that it left."""
        return history.Written(self, record).changes()

    def undo(self, record: ImportRecord) -> dict[str, Any]:
        """Take back what the import wrote; returns what the audit row should say of it.

        Call it in the transaction that marks the record. Raises UndoRefused.
        """
        return history.Written(self, record).undo(by=self.by)

    def resting_on(self, added: models.QuerySet[Any]) -> Iterator[models.QuerySet[Any]]:
        """What rests on these rows without a foreign key to them."""
        yield from ()

    # Export

    def export_rows(self, queryset: models.QuerySet[Any] | None = None) -> Generator[list[str | int], None, None]:
        """The rows of an export, one at a time, in the order of the natural key."""
        fields = [self.fields[name] for name in self._meta.fields]
        rows = self.get_queryset() if queryset is None else queryset
        for instance in self.iter_queryset(rows):
            yield [field.export(instance) for field in fields]
