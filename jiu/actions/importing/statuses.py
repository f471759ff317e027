"""What a document states of each recommendation as a status report of the Bureau."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from jiu.actions.importing.outcome import Part, part_of
from jiu.actions.importing.posts import type_of_officers
from jiu.actions.importing.run import Run, verbose
from jiu.models import BUREAU
from jiu.reading.shapes import Earlier, Item, Notice
from offices.models import Office
from portal.spreadsheets.changes import KEPT, Changes, RowChange
from recommendations.actions import Statement, lock_offices, record_statuses
from recommendations.models import Officer, Recommendation, StatusReport
from recommendations.resources import StatusReportResource

# What a document that states a status says nothing of.
BLANK = {"acceptance": "", "implementation": "", "assessment": "", "summary": "", "evidence_url": ""}
# A recommendation and a date.
type_of_place = tuple[int, datetime.date]


@dataclass(frozen=True)
class Said:
    """One status as the document says it."""

    line: int
    row: Recommendation
    as_at: datetime.date
    texts: Mapping[str, str]
    officers: frozenset[Officer] = frozenset()
    source: str = ""
    stated_change: str = ""
    as_at_assumed: bool = False

    @property
    def place(self) -> type_of_place:
        return self.row.pk, self.as_at


def take_statuses(run: Run, officers: type_of_officers) -> Part:
    """The recommendations and the Bureau are held by now."""
    bureau = Office.objects.get(code=BUREAU)
    lock_offices([bureau.pk])
    rows = {(row.recommendation_set.key, row.number): row for row in run.recommendations()}
    said: list[Said] = []
    for item in run.reading.items:
        place = item.key, item.number
        said += said_of(run, item, rows[place], officers[place])
    held = held_reports(bureau, said)
    statements = [statement(run, bureau, each, held.get(each.place)) for each in said]
    written = record_statuses(statements, by=run.by, path=None)
    added = sum(report.revision == 1 for report in written)
    changes = status_changes(written, held, {each.place: each.line for each in said})
    return part_of("status_reports", added, len(written) - added, len(said) - len(written), changes)


def said_of(run: Run, item: Item, row: Recommendation, officers: frozenset[Officer]) -> Iterator[Said]:
    """What the document states of a recommendation, and what it says stood before, if its date is given."""
    source = f"{run.source}, {item.annex}"
    if run.previous and (earlier := item.earlier):
        texts = {"acceptance": earlier.acceptance, "implementation": earlier.implementation}
        # The source does not date it.
        yield Said(earlier.line, row, run.previous, texts, source=source, as_at_assumed=True)
    if item.as_at is None or item.is_silent:
        return
    if not (item.acceptance or item.implementation):
        run.tell(item.line, _("%(name)s states no status that can be read: none is written") % {"name": item.name})
        return
    texts = {
        "acceptance": item.acceptance,
        "implementation": item.implementation,
        "assessment": item.assessment,
        "summary": item.assessment_summary,
    }
    yield Said(item.line, row, item.as_at, texts, officers, source, item.stated_change)


def held_reports(bureau: Office, said: Iterable[Said]) -> dict[type_of_place, StatusReport]:
    """The current revisions of the same recommendations as at the same dates."""
    rows, dates = {each.row.pk for each in said}, {each.as_at for each in said}
    reports = StatusReport.objects.current().filter(office=bureau, recommendation__in=rows, as_at__in=dates)
    related = reports.select_related("recommendation__recommendation_set", "office")
    found = related.prefetch_related("responsible_officers").order_by()
    return {(report.recommendation_id, report.as_at): report for report in found}


def statement(run: Run, bureau: Office, said: Said, there: StatusReport | None) -> Statement:
    """What the document says, whole; beside a report of that date, only what is blank there."""
    if there is None:
        return Statement(
            said.row,
            bureau,
            said.as_at,
            responsible_officers=said.officers,
            source=said.source,
            as_at_assumed=said.as_at_assumed,
            stated_change=said.stated_change,
            **{**BLANK, **said.texts},
        )
    compare(run, said, there)
    own: dict[str, Any] = {"source": said.source, "as_at_assumed": there.as_at_assumed}
    if contradict(there, said.texts):
        return Statement(said.row, bureau, said.as_at, **own)
    blank: dict[str, Any] = {name: value for name, value in said.texts.items() if value and not getattr(there, name)}
    if said.officers and not there.responsible_officers.all():
        blank["responsible_officers"] = said.officers
    change = there.stated_change or said.stated_change
    return Statement(said.row, bureau, said.as_at, stated_change=change, **own, **blank)


def compare(run: Run, said: Said, there: StatusReport) -> None:
    name = f"{said.row}, {said.as_at}"
    for column, value in {**said.texts, "stated_change": said.stated_change}.items():
        run.compare(said.line, name, there, column, value)
    officers = verbose(there, "responsible_officers")
    run.differs(said.line, name, officers, listed(there.responsible_officers.all()), listed(said.officers))


def contradict(there: StatusReport, texts: Mapping[str, str]) -> bool:
    """Whether a report that is held says of the status something else; then nothing is mixed into it."""
    both = [(getattr(there, name), texts[name]) for name in ("acceptance", "implementation")]
    return any(held and said and held != said for held, said in both)


def listed(officers: Iterable[Officer]) -> str:
    return "; ".join(sorted(officer.key for officer in officers))


# Earlier statuses for which nobody gave a date


def undated(run: Run) -> Iterator[Notice]:
    if run.previous is None:
        for item in run.reading.items:
            if item.earlier:
                yield Notice(item.earlier.line, _("%(name)s, earlier: %(status)s") % named(item, item.earlier))


def named(item: Item, earlier: Earlier) -> dict[str, str]:
    values = (earlier.acceptance, earlier.implementation)
    return {"name": item.name, "status": ", ".join(value for value in values if value)}


# What was written, as a page shows it


def status_changes(
    written: Sequence[StatusReport],
    held: Mapping[type_of_place, StatusReport],
    lines: Mapping[type_of_place, int],
) -> Changes:
    """The first reports that were written, each beside the revision that stood before."""
    resource = StatusReportResource()
    changes = Changes(resource.column_names(), resource.key_names)
    reports = StatusReport.objects.filter(pk__in=[report.pk for report in written[:KEPT]])
    related = reports.select_related("recommendation__recommendation_set", "office").order_by("pk")
    for report in related.prefetch_related("responsible_officers"):
        at = (report.recommendation_id, report.as_at)
        after, line = cells_of(resource, report), lines[at]
        if report.revision == 1:
            changes.added.append(RowChange(line, None, after))
        else:
            changes.changed.append(RowChange(line, cells_of(resource, held[at]), after))
    return changes


def cells_of(resource: StatusReportResource, report: StatusReport) -> tuple[str, ...]:
    return tuple(str(resource.fields[name].export(report)) for name in resource.column_names())
