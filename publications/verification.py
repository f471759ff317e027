"""Whether publications are what was published, and whether the data would still give the same figures."""

from __future__ import annotations

import datetime
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError
from django.utils.translation import override

from jiu.reports import progress_report
from offices.models import OfficeGroup, Region
from offices.narrowing import Narrowing
from portal.models import AuditEntry
from publications.contents import progress_content
from publications.freezing import canonical, faults_of
from publications.models import Publication
from surveys.models import Survey
from surveys.results import Base, compute_results

type_of_place = tuple[int, int]


@dataclass(frozen=True)
class Finding:
    """What was found about one version. `same_figures` is None where the data are no longer there."""

    name: str
    faults: tuple[str, ...]
    same_figures: bool | None = None

    @property
    def is_intact(self) -> bool:
        return not self.faults


def verify() -> Iterator[Finding]:
    """Every publication, the oldest first; then those that the audit trail knows and nobody finds."""
    trail = entries_by_place()
    for pk in [*Publication.objects.order_by("number", "version").values_list("pk", flat=True)]:
        yield finding_of(pk, trail)
    for place in sorted(trail):
        yield Finding(name_of(*place), ("It is missing: the audit trail says that it was published.",))


# What a cell of another type raises: SQLite keeps whatever is written into it.
UNREADABLE = (ArithmeticError, AttributeError, TypeError, ValueError, DatabaseError)


def finding_of(pk: int, trail: dict[type_of_place, list[AuditEntry]]) -> Finding:
    """What was found about one row; takes its entries out of the trail."""
    name = f"publication of row {pk}"
    try:
        place = Publication.objects.values_list("number", "version").get(pk=pk)
        name, entries = name_of(*place), trail.pop(place, [])
        publication = Publication.objects.get(pk=pk)
        faults = (*faults_of(publication), *faults_in_trail(publication, entries))
    except UNREADABLE:
        return Finding(name, ("The row cannot be read.",))
    return Finding(name, faults, figures_are_the_same(publication) if not faults else None)


def name_of(number: int, version: int) -> str:
    return f"publication {number}, version {version}"


def entries_by_place() -> dict[type_of_place, list[AuditEntry]]:
    """What the audit trail holds, which the database keeps as it was written, by number and version."""
    found: defaultdict[type_of_place, list[AuditEntry]] = defaultdict(list)
    for entry in AuditEntry.objects.filter(action="publish", details__has_keys=["number", "version"]):
        found[entry.details["number"], entry.details["version"]].append(entry)
    return dict(found)


def faults_in_trail(publication: Publication, entries: Sequence[AuditEntry]) -> Iterator[str]:
    """What the audit trail says otherwise. Who can write the row can seal it anew; what is told here stays."""
    if len(entries) > 1:
        yield f"The audit trail says {len(entries)} times that something was published here."
    told = [entry for entry in entries if entry.details.get("sha256") == publication.sha256]
    if not told:
        yield "Its SHA-256 is not the one in the audit trail."
        return
    # Rows of the trail from before the first release have no seal.
    if publication.seal not in {entry.details.get("seal", publication.seal) for entry in told}:
        yield "The row was altered: its seal is not the one in the audit trail."
    # Nor has what was published before the trail kept it the mark of its form.
    if str(publication.token) not in {entry.details.get("token", str(publication.token)) for entry in told}:
        yield "The row was altered: its token is not the one in the audit trail."
    if not any(is_by(publication, entry) for entry in told):
        yield "The row was altered: the person is not the one in the audit trail."


def is_by(publication: Publication, entry: AuditEntry) -> bool:
    """Whether both name the same person; an account that is deleted leaves its name."""
    same_account = (
        None in {publication.published_by_id, entry.actor_id} or publication.published_by_id == entry.actor_id
    )
    return same_account and publication.published_by_name == entry.actor_name


def figures_are_the_same(publication: Publication) -> bool | None:
    """Whether the data give the same figures today. Later answers and corrections are no fault."""
    content = json.loads(publication.content)
    # Labels stand beside the figures.
    with override(content["language"]):
        if publication.kind == Publication.Kind.RESULTS:
            return same_results(publication.subject, content["results"])
        return same_report(content)


def same_results(key: str, frozen: dict[str, Any]) -> bool | None:
    survey = Survey.objects.filter(key=key).select_related("recommendation_set").first()
    group_key, region = frozen["filters"]["group"], frozen["filters"]["region"]
    group = OfficeGroup.objects.filter(key=group_key).first() if group_key else None
    if survey is None or (group_key and group is None):
        return None
    narrowing = Narrowing(group, Region(region) if region else None)
    now = compute_results(survey, base=Base(frozen["base"]), narrowing=narrowing).as_json()
    return all(now[name] == frozen[name] for name in ("invited", "responded", "tables"))


def same_report(frozen: dict[str, Any]) -> bool | None:
    as_at, since = (datetime.date.fromisoformat(frozen["report"][name]) for name in ("as_at", "since"))
    report = progress_report(as_at=as_at, since=since)
    if not report.lines:
        return None
    now = json.loads(canonical(progress_content(report)))
    return bool(now["report"] == frozen["report"] and in_tables(now) == in_tables(frozen))


def in_tables(content: dict[str, Any]) -> list[Any]:
    """What stands in tables of the document only, as timeliness does; sentences may be reworded."""
    return [block["rows"] for block in content["document"]["blocks"] if block["type"] == "table"]
