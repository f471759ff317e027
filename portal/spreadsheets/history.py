"""What an import wrote into rows that keep a history: read back from that history, and undone by it.

An import marks the history rows that it writes with its record. So the row before them says what
was there, a row after them that somebody changed it since, and nothing else has to be kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, models
from django.db.models import DO_NOTHING, Exists, OuterRef, Q, Subquery
from django.db.models.deletion import Collector
from django.utils.translation import gettext as _

from portal.models import ImportRecord
from portal.spreadsheets.changes import KEPT, Changes, RowChange
from portal.spreadsheets.tables import Table

if TYPE_CHECKING:
    from portal.spreadsheets.resources import SheetResource

BATCH = 1_000
NAMED = 20


def reason_of(record: ImportRecord | None) -> str:
    """How the history names an import."""
    return f"import {record.pk}" if record else "import"


def reason_of_undo(record: ImportRecord) -> str:
    return f"undo {record.pk}"


class UndoRefused(Exception):
    """The import stays as it is; `obstacles` are sentences that name the rows in the way."""

    def __init__(self, obstacles: list[str]) -> None:
        super().__init__(" ".join(obstacles))
        self.obstacles = obstacles


def obstacle(sentence: str, names: Iterable[str]) -> Iterator[str]:
    """The sentence with the first names behind it; nothing where there is no name."""
    listed = list(names)
    if listed:
        more = _(" and %(count)d more") % {"count": len(listed) - NAMED} if len(listed) > NAMED else ""
        yield f"{sentence} {'; '.join(listed[:NAMED])}{more}."


def changed_since(names: Iterable[str]) -> Iterator[str]:
    return obstacle(_("Somebody changed these rows since:"), names)


def rests_on_it(names: Iterable[str]) -> Iterator[str]:
    return obstacle(_("Other rows rest on what the import added:"), names)


class Written:
    """The rows that one import wrote, of a kind whose model keeps a history."""

    def __init__(self, resource: SheetResource, record: ImportRecord) -> None:
        self.resource = resource
        self.record = record
        self.model: Any = resource._meta.model
        self.history: Any = self.model.history.model._default_manager
        self.rows: Any = self.history.filter(history_change_reason=reason_of(record)).order_by("history_id")
        self.added: Any = self.rows.filter(history_type="+")
        # What a kind does not say, such as when an office first opened its form, is not its to put back.
        columns = [resource.fields[name] for name in resource.column_names()]
        self.said = [self.model._meta.get_field(column.attribute) for column in columns if not column.derived]
        self.fields: list[str] = [field.attname for field in self.said]

    # Reading

    def earlier(self, rows: Any) -> dict[Any, Any]:
        """The history row before each of these, by the id of the row it tells of."""
        before = self.history.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id")).order_by("-history_id")
        found = rows.order_by().annotate(before=Subquery(before.values("history_id")[:1])).values("before")
        return {entry.id: entry for entry in self.history.filter(history_id__in=found)}

    def changes(self) -> Changes:
        changes = Changes(self.resource.column_names(), self.resource.key_names)
        added, changed = list(self.added[:KEPT]), list(self.rows.filter(history_type="~")[:KEPT])
        before = self.earlier(self.history.filter(pk__in=[entry.pk for entry in changed]))
        told = [*added, *changed, *before.values()]
        cells = dict(zip([entry.pk for entry in told], self.cells([entry.instance for entry in told]), strict=True))
        changes.added = [RowChange(None, None, cells[entry.pk]) for entry in added]
        changes.changed = [
            RowChange(None, cells[before[entry.id].pk], cells[entry.pk]) for entry in changed if entry.id in before
        ]
        return changes

    def cells(self, instances: list[Any]) -> list[tuple[str, ...]]:
        """The cells of instances that may be gone, or refer to what is gone."""
        columns = [self.resource.fields[name] for name in self.resource.column_names()]
        paths = [column.attribute for column in columns if self.is_reference(column.attribute)]
        models.prefetch_related_objects(instances, *paths)
        return [
            tuple(str(column.widget.render(column.get_value(instance))) for column in columns) for instance in instances
        ]

    def is_reference(self, path: str) -> bool:
        return bool(self.model._meta.get_field(path.partition("__")[0]).is_relation)

    def names(self, instances: list[Any]) -> list[str]:
        """Rows by their natural keys; a name more than are ever listed is as good as all of them."""
        changes = Changes(self.resource.column_names(), self.resource.key_names)
        shown = self.cells(instances[:NAMED])
        named = [changes.key_of(RowChange(None, None, cells)) for cells in shown]
        return named + [""] * (len(instances) - len(named))

    # Obstacles

    def check(self) -> None:
        """Make other writers of these rows wait, then see whether all is as the import left it."""
        standing = self.model._default_manager.filter(pk__in=self.rows.order_by().values("id"))
        now = {row.pk: row for row in standing.order_by("pk").select_for_update()}
        touched = self.touched_since()
        moved = [
            entry.instance
            for entry in self.rows
            if entry.id in touched or not (row := now.get(entry.id)) or self.differs(row, entry)
        ]
        changed = self.rows.filter(history_type="~")
        before = self.earlier(changed)
        lost = [entry.instance for entry in changed if entry.id not in before]
        restored = [entry.instance for entry in before.values()]
        obstacles = [
            *changed_since(self.names(moved)),
            *obstacle(_("The rules refuse what these rows said before:"), self.refused(restored)),
            *obstacle(_("It is not known what these rows said before:"), self.names(lost)),
            *rests_on_it(self.resting()),
        ]
        if obstacles:
            raise UndoRefused(obstacles)

    def refused(self, instances: list[Any]) -> list[str]:
        """Rows that an import could not bring to what they said before: answers rest on what they say now."""
        table = Table(
            self.resource.column_names(),
            [list(cells) for cells in self.cells(instances)],
            list(range(len(instances))),
        )
        trial = type(self.resource)()
        result = trial.import_data(table, dry_run=True, raise_errors=True, rollback_on_validation_errors=True)
        places = sorted({fault.row for fault in result.faults})
        return self.names([instances[place] for place in places])

    def touched_since(self) -> set[Any]:
        """Rows with a later entry; that of an import which was itself undone is none."""
        undone = ImportRecord.objects.filter(undone_at__isnull=False)
        settled = [reason for record in undone for reason in (reason_of(record), reason_of_undo(record))]
        ours = self.rows.order_by().filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id"))
        # A form leaves no reason, and NULL is in no list.
        later = self.history.filter(Exists(ours)).filter(
            Q(history_change_reason__isnull=True) | ~Q(history_change_reason__in=settled)
        )
        return set(later.order_by().values_list("id", flat=True))

    def differs(self, row: Any, entry: Any) -> bool:
        """Not every write leaves a history row; what the row says now counts."""
        return any(getattr(row, name) != getattr(entry, name) for name in self.fields)

    def resting(self) -> Iterator[str]:
        """What refers to the added rows, itself not added by the import."""
        added = self.added.order_by().values("id")
        for relation in self.model._meta.get_fields(include_hidden=True):
            if is_real_reference(relation):
                referring = relation.related_model._default_manager.filter(**{f"{relation.field.name}__in": added})
                if relation.related_model is self.model:
                    referring = referring.exclude(pk__in=added)
                yield from name_rows(referring)
        for queryset in self.resource.resting_on(self.model._default_manager.filter(pk__in=added)):
            yield from name_rows(queryset)

    # Writing

    def undo(self, *, by: AbstractBaseUser | None) -> dict[str, Any]:
        self.check()
        restored = [entry.instance for entry in self.earlier(self.rows.filter(history_type="~")).values()]
        self.restore(restored, by=by)
        removed = list(self.model._default_manager.filter(pk__in=self.added.order_by().values("id")))
        self.remove(removed, by=by)
        connection.check_constraints(table_names=[self.model._meta.db_table])
        return {"restored": len(restored), "removed": len(removed)}

    def restore(self, instances: list[Any], *, by: AbstractBaseUser | None) -> None:
        if instances:
            self.model._default_manager.bulk_create(
                instances,
                batch_size=BATCH,
                update_conflicts=True,
                unique_fields=["id"],
                update_fields=[field.name for field in self.said],
            )
            self.model.history.bulk_history_create(
                instances,
                batch_size=BATCH,
                update=True,
                default_user=by,
                default_change_reason=reason_of_undo(self.record),
            )

    def remove(self, instances: list[Any], *, by: AbstractBaseUser | None) -> None:
        """Delete rows on which nothing rests; each leaves the last entry of its history."""
        if not instances:
            return
        # Rows of one import may refer to each other.
        for field in self.model._meta.concrete_fields:
            if field.remote_field and field.related_model is self.model:
                self.model._default_manager.filter(pk__in=self.added.order_by().values("id")).update(
                    **{field.name: None}
                )
        for instance in instances:
            instance._change_reason = reason_of_undo(self.record)  # noqa: SLF001 # simple-history asks for it
            instance._history_user = by  # noqa: SLF001 # and for this
        collector = Collector(using=connection.alias)
        collector.collect(instances)
        collector.delete()


def is_real_reference(relation: Any) -> bool:
    """Whether a relation leads here from a row that would not stand without this one."""
    return (
        relation.auto_created
        and relation.is_relation
        and not relation.concrete
        and not relation.related_model._meta.auto_created
        and getattr(relation, "on_delete", None) is not DO_NOTHING  # the history, which outlives its rows
    )


def name_rows(queryset: Any) -> Iterator[str]:
    """Each row with what it is; a few by name, the rest for their number."""
    count = queryset.count()
    for instance in queryset[:NAMED]:
        yield f"{instance._meta.verbose_name} {instance}"
    yield from [""] * max(0, count - NAMED)
