"""Writes to an office's response: sections saved, submitted, or a draft discarded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from offices.models import Office, User
from offices.policies import belongs_to
from portal import audit
from portal.models import AuditEntry
from portal.writes import Stale, check_version
from surveys.actions.statuses import report_levels
from surveys.models import Answer, Invitation, Question, Response, Section, Survey
from surveys.rules import Given
from surveys.standing import Standing, line_of


class RoundNotOpen(Exception):
    """The round takes no answers of this office today."""

    def __init__(self, invitation: Invitation) -> None:
        super().__init__(invitation)
        self.invitation = invitation


class StaleSections(Stale[Standing]):
    """Somebody else saved the sections of these questions since the form was opened."""

    def __init__(self, current: Standing, questions: list[Question]) -> None:
        super().__init__(current)
        self.questions = questions


class EmptyResponse(Exception):
    """A response without any answer cannot be submitted."""


class Unconfirmed(Exception):
    """Answers that were carried over wait for the office to say whether they are still so."""


@dataclass(frozen=True)
class SectionChange:
    """What somebody wants one section to say, and its version when they opened it.

    `confirmed` are the lines (`line_of`) whose carried-over answers they say are still so.
    """

    question: Question
    answers: Sequence[Given]
    version: int
    confirmed: Collection[int | None] = ()

    def has_effect(self, standing: Standing) -> bool:
        confirms = any(line_of(answer) in self.confirmed for answer in standing.carried(self.question))
        return confirms or set(standing.given(self.question)) != set(self.answers)


def note_opening(*, invitation: Invitation, by: User) -> None:
    """The office's own people have the questionnaire before them; only the first time counts."""
    with transaction.atomic():
        first = Invitation.objects.filter(pk=invitation.pk, opened_at=None).update(opened_at=timezone.now())
        if first:
            audit.record(
                by=by,
                path=AuditEntry.Path.FORM,
                action="open questionnaire",
                subject=invitation.survey.key,
                office_code=invitation.office.code,
            )


def save_sections(*, invitation: Invitation, changes: Sequence[SectionChange], by: User) -> Response | None:
    """Keep the sections in the office's draft, a new one where there is none; nothing is submitted.

    Sections that say what is there already have no effect, so that a repeated save has none.
    Returns the response that stands. Raises RoundNotOpen, or StaleSections with nothing saved.
    """
    with transaction.atomic():
        invitation = lock(invitation)
        standing = Standing.of(invitation.survey, invitation.office)
        changes = [change for change in changes if change.has_effect(standing)]
        stale = [change.question for change in changes if standing.version_of(change.question) != change.version]
        if stale:
            raise StaleSections(standing, stale)
        if not changes:
            return standing.response
        draft = open_draft(invitation, standing, by=by)
        write_sections(draft, changes, by=by)
        record("save response", draft, by=by, sections=[change.question.key for change in changes])
        return draft


def submit(*, invitation: Invitation, version: int, by: User) -> Response:
    """Make the draft the office's response; the submission before it is superseded, not altered.

    `version` is that of the response the person looked at. The same submit again has no effect.
    Raises RoundNotOpen, Stale, EmptyResponse or Unconfirmed.
    """
    with transaction.atomic():
        invitation = lock(invitation)
        standing = Standing.of(invitation.survey, invitation.office)
        response = standing.response
        if response is None or not standing.answers:
            raise EmptyResponse
        check_version(response, response.version, version)
        if response.state == Response.State.SUBMITTED:
            return response
        if standing.carried():
            raise Unconfirmed
        if standing.submitted:
            standing.submitted.state = Response.State.SUPERSEDED
            standing.submitted.save()
        response.state = Response.State.SUBMITTED
        response.origin = origin_of(by, invitation.office)
        response.submitted_at = response.saved_at = timezone.now()
        response.is_late = timezone.localdate() > invitation.survey.closes_on
        response.saved_by = by
        response.save()
        reports = report_levels([response], as_at=timezone.localdate(), by=by, path=None)
        details = {"answers": len(standing.answers), "late": response.is_late, "status_reports": len(reports)}
        record("submit response", response, by=by, **details)
        return response


def discard_draft(*, invitation: Invitation, version: int, by: User) -> None:
    """Drop the draft; what was submitted before, if anything, stands as it was.

    What the draft said is kept, as a discarded response. Raises RoundNotOpen or Stale.
    """
    with transaction.atomic():
        invitation = lock(invitation)
        standing = Standing.of(invitation.survey, invitation.office)
        draft = standing.response
        if draft is None or draft.state != Response.State.DRAFT:
            return
        check_version(draft, draft.version, version)
        draft.state = Response.State.DISCARDED
        draft.save()
        record("discard draft", draft, by=by, answers=len(standing.answers))


def lock(invitation: Invitation) -> Invitation:
    """Make other writers of this response wait. Raises RoundNotOpen."""
    Invitation.objects.select_for_update().get(pk=invitation.pk)
    # The days may have been changed since the form was opened, also while waiting.
    invitation = Invitation.objects.select_related("survey", "office").get(pk=invitation.pk)
    if invitation.state != Survey.State.OPEN:
        raise RoundNotOpen(invitation)
    return invitation


def open_draft(invitation: Invitation, standing: Standing, *, by: User) -> Response:
    """The office's draft, one version on; a new one begins as what was submitted."""
    response = standing.response
    if response is None or response.state != Response.State.DRAFT:
        draft = Response(survey=invitation.survey, office=invitation.office)
    else:
        draft = response
    draft.version = Response.objects.of(invitation.survey, invitation.office).next_version()
    draft.saved_at = timezone.now()
    draft.saved_by = by
    draft.origin = origin_of(by, invitation.office)
    draft.save()
    if draft is not response:
        begin_sections(draft, standing)
    return draft


def begin_sections(draft: Response, standing: Standing) -> None:
    """Every section gets its row, so that a first save of one is no change of another."""
    now = timezone.now()
    Section.objects.bulk_create(
        Section(
            response=draft,
            question=question,
            version=standing.version_of(question),
            saved_at=earlier.saved_at if (earlier := standing.sections.get(question.pk)) else now,
            saved_by=earlier.saved_by if earlier else None,
        )
        for question in draft.survey.questions.all()
    )
    for answer in standing.answers:
        answer.pk = None
        answer.response = draft
    Answer.objects.bulk_create(standing.answers)


def write_sections(draft: Response, changes: Sequence[SectionChange], *, by: User) -> None:
    """Put the answers in place; those that stay as they were keep who changed them last.

    What was carried over is so no longer where it was confirmed or its line was changed.
    """
    now = timezone.now()
    questions = [change.question for change in changes]
    before = {
        (answer.question_id, answer.recommendation_id, answer.value): answer
        for answer in draft.answers.filter(question__in=questions).select_related("question", "recommendation")
    }
    draft.answers.filter(question__in=questions).delete()
    written = []
    for change in changes:
        kept = unconfirmed(change, [answer for answer in before.values() if answer.question_id == change.question.pk])
        for given in change.answers:
            item = given.recommendation.pk if given.recommendation else None
            old = before.get((change.question.pk, item, given.value))
            same = old is not None and old.comment == given.comment
            written.append(
                Answer(
                    response=draft,
                    question=change.question,
                    recommendation=given.recommendation,
                    value=given.value,
                    comment=given.comment,
                    is_carried_over=line_of(given) in kept,
                    changed_at=old.changed_at if old and same else now,
                    changed_by_id=old.changed_by_id if old and same else by.pk,
                )
            )
    Answer.objects.bulk_create(written)
    draft.sections.filter(question__in=questions).update(version=draft.version, saved_at=now, saved_by=by)


def unconfirmed(change: SectionChange, before: Sequence[Answer]) -> set[int | None]:
    """The lines whose carried-over answers stay as they are, and are not confirmed."""
    said = {(line_of(a), a.recommendation_id, a.value, a.comment) for a in before}
    says = {(line_of(a), a.recommendation.pk if a.recommendation else None, a.value, a.comment) for a in change.answers}
    changed = {line for line, *_rest in said ^ says}
    carried = {line_of(answer) for answer in before if answer.is_carried_over}
    return carried - changed - set(change.confirmed)


def origin_of(by: User, office: Office) -> str:
    """Whether the office speaks for itself, or the secretariat on its behalf."""
    return Response.Origin.FORM if belongs_to(by, office) else Response.Origin.SECRETARIAT


def record(action: str, response: Response, *, by: User, **details: object) -> None:
    audit.record(
        by=by,
        path=AuditEntry.Path.FORM,
        action=action,
        subject=response.survey.key,
        office_code=response.office.code,
        version=response.version,
        origin=response.origin,
        **details,
    )
