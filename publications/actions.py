"""Publishing, correcting, and deciding which texts become public."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jiu.reports import ProgressReport
from offices.models import Office, User
from portal import audit
from portal.models import AuditEntry
from portal.version import software
from portal.writes import Refused, Stale
from publications.contents import framed, progress_content, results_content
from publications.freezing import canonical, digest, seal_of
from publications.models import CommentDecision, Publication
from publications.verification import entries_by_place
from recommendations.models import Recommendation
from surveys.models import Question, Survey
from surveys.results import Results, Text

TRIES = 20


@dataclass(frozen=True)
class Words:
    """What the person says: the title, why although something is open, and the mark of the form."""

    title: str
    reason: str
    token: uuid.UUID


def publish_results(*, results: Results, words: Words, corrects: Publication | None = None, by: User) -> Publication:
    """Freeze the results of a round. The same form sent twice publishes once. Raises Refused or Stale."""
    if results.held_elsewhere or not results.responded:
        raise Refused(_("There is nothing to publish: of the offices counted none has responded."))
    content = results_content(results, words.title)
    if len(content["respondents"]) != results.responded:
        raise Refused(_("Responses came in at this moment. Look at the figures again."))
    kind, subject = Publication.Kind.RESULTS, results.survey.key
    return publish(kind, subject, content, words, corrects, is_sample=results.survey.is_sample, by=by)


def publish_progress_report(
    *, report: ProgressReport, words: Words, corrects: Publication | None = None, by: User
) -> Publication:
    """Freeze a progress report. The same form sent twice publishes once. Raises Refused or Stale."""
    if not report.listed:
        raise Refused(_("There is nothing to publish: this report would list no recommendation."))
    if report.silent and not words.reason:
        raise Refused(
            _("Say why it is published although no update was received on %(count)d recommendations.")
            % {"count": len(report.silent)}
        )
    content = progress_content(report)
    kind, subject = Publication.Kind.PROGRESS_REPORT, f"{report.as_at}/{report.since}"
    return publish(kind, subject, content, words, corrects, is_sample=False, by=by)


def publish(
    kind: str,
    subject: str,
    content: dict[str, Any],
    words: Words,
    corrects: Publication | None,
    *,
    is_sample: bool,
    by: User,
) -> Publication:
    """Write the row, with the next number or the next version of the one that it corrects."""
    if corrects and not words.reason:
        raise Refused(_("Say what is corrected: whoever cites the earlier version needs to know."))
    if corrects and (corrects.kind, corrects.subject) != (kind, subject):
        raise Refused(_("A correction is of the same round or report as what it corrects."))
    for _try in range(TRIES):
        if done := Publication.objects.filter(token=words.token).first():
            return done
        try:
            return write(kind, subject, content, words, corrects, is_sample=is_sample, by=by)
        except IntegrityError:  # somebody else took the number by a moment
            continue
    raise Refused(_("Others publish at this moment. Try again."))


@contextmanager
def alone() -> Iterator[None]:
    """One at a time: whoever waited here sees what was published meanwhile, before publishing the same again."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # Readers go on. SQLite lets one write at a time anyway.
                table = connection.ops.quote_name(Publication._meta.db_table)
                cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        yield


@transaction.atomic
def write(
    kind: str,
    subject: str,
    content: dict[str, Any],
    words: Words,
    corrects: Publication | None,
    *,
    is_sample: bool,
    by: User,
) -> Publication:
    number, version = next_place(corrects)
    at = timezone.now()
    frame: dict[str, Any] = {
        "number": number,
        "version": version,
        "kind": kind,
        "title": words.title,
        "is_sample": is_sample,
        "reason": words.reason,
        "software": software(),
    }
    text = canonical(framed(content, frame, at))
    publication = Publication(
        **frame,
        subject=subject,
        content=text,
        sha256=digest(text),
        published_at=at,
        published_by=by,
        published_by_name=audit.named(by),
        token=words.token,
    )
    publication.seal = seal_of(publication)
    publication.save(force_insert=True)
    audit.record(
        by=by,
        path=AuditEntry.Path.FORM,
        action="publish",
        subject=publication,
        number=number,
        version=version,
        sha256=publication.sha256,
        seal=publication.seal,
        token=str(publication.token),
        reason=words.reason,
    )
    return publication


def next_place(corrects: Publication | None) -> tuple[int, int]:
    """The next number, or the next version of one. Neither is given twice: the trail knows of rows that are gone.

    Raises Stale with the latest version, where that is later than what is corrected.
    """
    # The trail first: whoever publishes between the two is then in what is held, and met.
    told = set(entries_by_place())
    held = set(Publication.objects.values_list("number", "version"))
    taken = held | told
    if corrects is None:
        return max((number for number, _version in taken), default=0) + 1, 1
    latest = max((version for number, version in held if number == corrects.number), default=corrects.version)
    if latest > corrects.version:
        raise Stale(latest)
    return corrects.number, max(version for number, version in taken if number == corrects.number) + 1


# Which texts become public


@transaction.atomic
def decide_comments(
    *, survey: Survey, decisions: Mapping[Text, bool], seen: Mapping[Text, bool | None] | None = None, by: User
) -> int:
    """Say of each text whether it becomes public; returns how many decisions are new or other than before.

    `seen` is what was decided on each when the person chose. Raises Stale, and writes nothing, where somebody
    else decided otherwise since: `current` says how, by text.
    """
    # One at a time for each round: else two first decisions on one text would meet.
    Survey.objects.select_for_update(no_key=True).get(pk=survey.pk)
    places = Places.of(survey)
    held = {
        (row.question_id, row.office_id, row.recommendation_id, row.digest): row
        for row in CommentDecision.objects.filter(question__survey=survey)
    }
    if seen is not None:
        check_seen(places, held, decisions, seen)
    new, changed = [], []
    for text, is_public in decisions.items():
        place = places.of_text(text)
        row = held.get(place)
        if row is None:
            question, office, recommendation, text_hash = place
            new.append(
                CommentDecision(
                    question_id=question,
                    office_id=office,
                    recommendation_id=recommendation,
                    digest=text_hash,
                    is_public=is_public,
                    decided_by=by,
                )
            )
        elif row.is_public != is_public:
            row.is_public, row.decided_by, row.decided_at = is_public, by, timezone.now()
            changed.append(row)
    CommentDecision.objects.bulk_create(new, batch_size=1_000)
    CommentDecision.objects.bulk_update(changed, ["is_public", "decided_by", "decided_at"], batch_size=1_000)
    if new or changed:
        audit.record(
            by=by,
            path=AuditEntry.Path.FORM,
            action="release comments",
            subject=survey.key,
            public=[list(text[:3]) for text, is_public in decisions.items() if is_public],
            private=[list(text[:3]) for text, is_public in decisions.items() if not is_public],
        )
    return len(new) + len(changed)


type_of_place = tuple[int, int, int | None, str]


def check_seen(
    places: Places,
    held: Mapping[type_of_place, CommentDecision],
    decisions: Mapping[Text, bool],
    seen: Mapping[Text, bool | None],
) -> None:
    """Raises Stale."""
    now = {text: row.is_public for text in decisions if (row := held.get(places.of_text(text)))}
    other = {text: public for text, public in now.items() if public not in {seen[text], decisions[text]}}
    if other:
        raise Stale(other)


@dataclass(frozen=True)
class Places:
    """The keys that texts name, as ids."""

    questions: dict[str, int]
    offices: dict[str, int]
    recommendations: dict[str, int]

    @classmethod
    def of(cls, survey: Survey) -> Places:
        items = Recommendation.objects.filter(recommendation_set=survey.recommendation_set_id)
        offices = Office.objects.filter(responses__survey=survey)
        return cls(
            dict(Question.objects.filter(survey=survey).values_list("key", "pk")),
            dict(offices.values_list("code", "pk")),
            {str(number): pk for number, pk in items.values_list("number", "pk")},
        )

    def of_text(self, text: Text) -> type_of_place:
        recommendation = self.recommendations[text.recommendation] if text.recommendation else None
        return self.questions[text.question], self.offices[text.office], recommendation, digest(text.text)
