"""Writes of where offices stand: statements appended, never altered."""

from __future__ import annotations

import datetime
from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from offices.models import Office, User
from portal import audit
from portal.models import AuditEntry, ImportRecord
from portal.text import says_something, with_lf
from portal.writes import Stale
from recommendations.models import Officer, Recommendation, RecommendationSet, StatusReport

BATCH = 1_000
TEXTS = ("acceptance", "implementation", "assessment", "summary", "evidence_url")


@dataclass(frozen=True, slots=True)
class Statement:
    """What an office says about one recommendation as at one date. None is what it does not say.

    What is not said is copied from what stands at that date. The last three are this statement's own:
    they are never copied, and of them only a stated change is a reason to record again what stands already.
    """

    recommendation: Recommendation
    office: Office
    as_at: datetime.date
    acceptance: str | None = None
    implementation: str | None = None
    assessment: str | None = None
    summary: str | None = None
    evidence_url: str | None = None
    responsible_officers: frozenset[Officer] | None = None
    source: str = ""
    as_at_assumed: bool = False
    stated_change: str = ""


class Whole(NamedTuple):
    """A whole statement as it stands, in the order of time."""

    as_at: datetime.date
    revision: int
    texts: tuple[str, ...] = ("",) * len(TEXTS)
    officers: frozenset[int] = frozenset()
    stated_change: str = ""

    def when_said(self, statement: Statement) -> Whole:
        """The statement, whole: what it says, and the rest as here."""
        said = (getattr(statement, name) for name in TEXTS)
        texts = tuple(old if new is None else new for new, old in zip(said, self.texts, strict=True))
        officers = statement.responsible_officers
        linked = self.officers if officers is None else frozenset(officer.pk for officer in officers)
        revision = self.revision + 1 if self.as_at == statement.as_at else 1
        return Whole(statement.as_at, revision, texts, linked, statement.stated_change)

    def says_the_same(self, other: Whole) -> bool:
        """Whether the other adds nothing; who says nothing of a change takes none back."""
        same_change = other.stated_change in {"", self.stated_change}
        return same_change and (self.texts, self.officers) == (other.texts, other.officers)


NOTHING = Whole(datetime.date.min, 0)
type_of_place = tuple[int, int]


def record_statuses(
    statements: Sequence[Statement], *, by: User | None, path: str | None, imported_in: ImportRecord | None = None
) -> list[StatusReport]:
    """Append the statements, and return the reports that were written.

    One that equals the current revision of its date adds nothing, nor does a blank one where
    nothing stands. Each office gets one audit row, but where `path` is None or `imported_in` is
    given: then whoever calls leaves the row, in the same transaction. The number of queries is the
    same for one statement and for thousands (inserts go in the batches of the database).
    """
    if not statements:
        return []
    with transaction.atomic():
        lock_offices({statement.office.pk for statement in statements})
        held = read_held(statements)
        written = []
        for statement in sorted(statements, key=lambda statement: statement.as_at):
            history = held[statement.recommendation.pk, statement.office.pk]
            place = bisect_right(history, statement.as_at, key=lambda whole: whole.as_at)
            before = history[place - 1] if place else NOTHING
            whole = before.when_said(statement)
            if before.says_the_same(whole) and before.as_at in {whole.as_at, NOTHING.as_at}:
                continue
            history.insert(place, whole)
            written.append((statement, whole))
        reports = write_reports(written, by=by, imported_in=imported_in)
        if path is not None and imported_in is None:
            record_audit(reports, by=by, path=path)
        return reports


def lock_offices(offices: Collection[int]) -> None:
    """Make other writers of these offices' statuses wait; in one order, so that no two wait for each other."""
    rows = Office.objects.filter(pk__in=offices).order_by("pk").select_for_update(no_key=True)
    list(rows.values_list("pk"))


def read_held(statements: Sequence[Statement]) -> dict[type_of_place, list[Whole]]:
    """What stands at the statements' dates, by recommendation and office, in the order of time."""
    dates = {statement.as_at for statement in statements}
    reports = StatusReport.objects.filter(
        office__in={statement.office.pk for statement in statements},
        recommendation__in={statement.recommendation.pk for statement in statements},
    ).order_by()
    needed = reports.standing_at(min(dates))
    if len(dates) > 1:
        needed |= reports.filter(as_at__gt=min(dates), as_at__lte=max(dates))
    links = StatusReport.responsible_officers.through._default_manager
    officers: dict[int, set[int]] = defaultdict(set)
    for report_id, officer_id in links.filter(statusreport__in=needed).values_list("statusreport_id", "officer_id"):
        officers[report_id].add(officer_id)
    held: dict[type_of_place, list[Whole]] = defaultdict(list)
    for pk, recommendation, office, as_at, revision, change, *texts in needed.values_list(
        "pk", "recommendation_id", "office_id", "as_at", "revision", "stated_change", *TEXTS
    ):
        whole = Whole(as_at, revision, tuple(texts), frozenset(officers.get(pk, ())), change)
        insort(held[recommendation, office], whole, key=lambda whole: whole[:2])
    return held


def write_reports(
    written: Iterable[tuple[Statement, Whole]], *, by: User | None, imported_in: ImportRecord | None
) -> list[StatusReport]:
    pairs = [
        (
            StatusReport(
                recommendation=statement.recommendation,
                office=statement.office,
                as_at=whole.as_at,
                revision=whole.revision,
                source=statement.source,
                as_at_assumed=statement.as_at_assumed,
                stated_change=statement.stated_change,
                recorded_by_id=by.pk if by else None,
                imported_in_id=imported_in.pk if imported_in else None,
                **dict(zip(TEXTS, whole.texts, strict=True)),
            ),
            whole.officers,
        )
        for statement, whole in written
    ]
    reports = StatusReport.objects.bulk_create([report for report, _officers in pairs], batch_size=BATCH)
    link = StatusReport.responsible_officers.through
    links = [
        link(statusreport_id=report.pk, officer_id=officer)
        for report, officers in pairs
        for officer in sorted(officers)
    ]
    if links:
        link._default_manager.bulk_create(links, batch_size=BATCH)
    return reports


def record_audit(reports: Sequence[StatusReport], *, by: User | None, path: str) -> None:
    sets = {report.recommendation.recommendation_set_id for report in reports}
    keys = dict(RecommendationSet.objects.filter(pk__in=sets).values_list("pk", "key"))
    of_office: dict[int, list[StatusReport]] = defaultdict(list)
    for report in reports:
        of_office[report.office_id].append(report)
    for written in of_office.values():
        names = {keys[report.recommendation.recommendation_set_id]: None for report in written}
        audit.record(
            by=by,
            path=path,
            action="record statuses",
            subject=", ".join(names),
            office_code=written[0].office.code,
            statuses=[
                [keys[r.recommendation.recommendation_set_id], r.recommendation.number, str(r.as_at), r.revision]
                for r in written
            ],
        )


# The pages of one office's statuses


@dataclass(frozen=True)
class Words:
    """What the form asks about one recommendation."""

    acceptance: str = ""
    implementation: str = ""
    assessment: str = ""
    evidence_url: str = ""

    @classmethod
    def of(cls, report: StatusReport | None) -> Words:
        """As a browser gives the texts back, so that a form sent as it was opened changes nothing."""
        if report is None:
            return cls()
        return cls(report.acceptance, report.implementation, plain_text(report.assessment), report.evidence_url.strip())


def plain_text(text: str) -> str:
    """A text with LF for every line break; blank if nothing is written."""
    text = with_lf(text)
    return text if says_something(text) else ""


class OfficeStatuses:
    """All that one office stated about some recommendations, read once; the latest first."""

    def __init__(self, reports: QuerySet[StatusReport]) -> None:
        self.reports: dict[int, list[StatusReport]] = defaultdict(list)
        for report in reports.order_by("-as_at", "-revision"):
            self.reports[report.recommendation_id].append(report)

    def version(self, recommendation: Recommendation) -> int:
        """What a form carries: it changes with every report, also one as at an earlier date."""
        return max((report.pk for report in self.reports[recommendation.pk]), default=0)

    def standing(
        self, recommendation: Recommendation, day: datetime.date, version: int | None = None
    ) -> StatusReport | None:
        """What stands at a day; with a version, what stood when a form carried it."""
        reports = self.reports[recommendation.pk]
        if version and version not in {report.pk for report in reports}:
            return None  # an import was undone in between: nobody can tell what the form showed
        known = (report for report in reports if version is None or report.pk <= version)
        return next((report for report in known if report.as_at <= day), None)

    def history(self, recommendation: Recommendation, day: datetime.date) -> list[Past]:
        """Every statement in every revision, the latest first."""
        reports = self.reports[recommendation.pk]
        standing = self.standing(recommendation, day)
        newest = {report.as_at: report.pk for report in reversed(reports)}
        return [Past(report, report is standing, newest[report.as_at] != report.pk) for report in reports]


@dataclass(frozen=True)
class Past:
    """A statement in the history of a status."""

    report: StatusReport
    stands: bool
    is_replaced: bool  # by a later revision of the same date


@dataclass(frozen=True)
class Change:
    """What somebody wants a recommendation's status to say, and the version they had before them."""

    recommendation: Recommendation
    version: int
    words: Words
    # That it is (or was) so on the day, also where it says what stands already.
    is_confirmed: bool = False

    def is_one(self, statuses: OfficeStatuses, day: datetime.date) -> bool:
        """Whether it is confirmed, or differs from what the form showed when it was opened."""
        return self.is_confirmed or self.words != Words.of(statuses.standing(self.recommendation, day, self.version))

    def merged(self, statuses: OfficeStatuses, day: datetime.date) -> Change:
        """On top of what stands now: fields that were not touched take its values, the others stay."""
        opened = Words.of(statuses.standing(self.recommendation, day, self.version))
        now = Words.of(statuses.standing(self.recommendation, day))
        untouched = {
            name: value for name, value in vars(now).items() if getattr(self.words, name) == getattr(opened, name)
        }
        words = replace(self.words, **untouched)
        return replace(self, version=statuses.version(self.recommendation), words=words)


class StaleStatuses(Stale[OfficeStatuses]):
    """Somebody else recorded the status of what these changes are about since the form was opened."""

    def __init__(self, current: OfficeStatuses, changes: list[Change]) -> None:
        super().__init__(current)
        self.changes = changes


def change_statuses(*, office: Office, as_at: datetime.date, changes: Sequence[Change], by: User) -> list[StatusReport]:
    """Record what differs from what the form showed; the same again has no effect.

    Raises StaleStatuses, with nothing recorded, where somebody else recorded something else meanwhile.
    """
    today = timezone.localdate()
    with transaction.atomic():
        lock_offices([office.pk])
        items = [change.recommendation for change in changes]
        statuses = OfficeStatuses(StatusReport.objects.filter(office=office, recommendation__in=items))
        new = [change for change in changes if change.is_one(statuses, today)]
        stale = [change for change in new if change.version != statuses.version(change.recommendation)]
        done = {id(c) for c in stale if c.words == Words.of(statuses.standing(c.recommendation, as_at))}
        if conflicts := [change for change in stale if id(change) not in done]:
            raise StaleStatuses(statuses, conflicts)
        return record_statuses(
            [
                Statement(change.recommendation, office, as_at, **vars(change.words))
                for change in new
                if id(change) not in done
            ],
            by=by,
            path=AuditEntry.Path.FORM,
        )
