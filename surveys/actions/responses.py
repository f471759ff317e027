"""Writes to a response: saved as a draft, or submitted; all or nothing, with their audit row."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from offices.models import Office, User
from portal import audit
from portal.models import AuditEntry
from surveys.models import Answer, Invitation, Response, Survey
from surveys.rules import Given


class RoundNotOpen(Exception):
    """The round does not take answers today."""

    def __init__(self, survey: Survey) -> None:
        super().__init__(survey)
        self.survey = survey


class StaleVersion(Exception):
    """Somebody else saved since the form was opened; `current` is what stands now."""

    def __init__(self, current: Response) -> None:
        super().__init__(current)
        self.current = current


class EmptyResponse(Exception):
    """A response without any answer cannot be submitted."""


def save_draft(*, invitation: Invitation, answers: Sequence[Given], version: int, by: User) -> Response:
    """Keep the answers without submitting them; what was submitted before still counts.

    `version` is the one the form was opened with, 0 where there was no response. The same save
    again has no effect. Raises RoundNotOpen or StaleVersion.
    """
    with transaction.atomic():
        current = lock(invitation)
        if current and is_repeated(current, answers, version):
            return current
        response = write(invitation, current, answers, by=by)
        record("save response", response, answers, by=by)
        return response


def submit(*, invitation: Invitation, answers: Sequence[Given], version: int, by: User) -> Response:
    """Make the answers the office's response; the submission before it is superseded, not altered.

    As `save_draft`; raises EmptyResponse too.
    """
    if not answers:
        raise EmptyResponse
    with transaction.atomic():
        current = lock(invitation)
        if current and is_repeated(current, answers, version) and current.state == Response.State.SUBMITTED:
            return current
        response = write(invitation, current, answers, by=by)
        earlier = Response.objects.of(invitation.survey, invitation.office).submitted()
        earlier.update(state=Response.State.SUPERSEDED)
        response.state = Response.State.SUBMITTED
        response.submitted_at = response.saved_at
        response.save()
        record("submit response", response, answers, by=by)
        return response


def current_response(survey: Survey, office: Office) -> Response | None:
    """The office's response as its people see it: the draft, else what was submitted."""
    standing = Response.objects.filter(survey=survey, office=office).exclude(state=Response.State.SUPERSEDED)
    return standing.select_related("saved_by").order_by("-version").first()


def given_answers(response: Response | None) -> list[Given]:
    """The answers of a response as plain values."""
    if response is None:
        return []
    answers = response.answers.select_related("question", "recommendation")
    return [Given(answer.question, answer.recommendation, answer.value, answer.comment) for answer in answers]


def lock(invitation: Invitation) -> Response | None:
    """Make other writers of this response wait, then read what stands. Raises RoundNotOpen."""
    Invitation.objects.select_for_update().get(pk=invitation.pk)
    # The round's days may have been changed since the form was opened.
    survey = Survey.objects.get(pk=invitation.survey_id)
    if survey.state != Survey.State.OPEN:
        raise RoundNotOpen(survey)
    return current_response(survey, invitation.office)


def is_repeated(current: Response, answers: Sequence[Given], version: int) -> bool:
    """Whether these answers stand already. Raises StaleVersion if others were saved meanwhile."""
    same = set(given_answers(current)) == set(answers)
    if current.version != version and not same:
        raise StaleVersion(current)
    return same


def write(invitation: Invitation, current: Response | None, answers: Sequence[Given], *, by: User) -> Response:
    """Put the answers into the draft, a new one where there is none."""
    if current is not None and current.state == Response.State.DRAFT:
        response = current
        response.answers.all().delete()
    else:
        response = Response(survey=invitation.survey, office=invitation.office)
    response.version = current.version + 1 if current else 1
    response.saved_at = timezone.now()
    response.saved_by = by
    response.save()
    Answer.objects.bulk_create(
        Answer(
            response=response,
            question=answer.question,
            recommendation=answer.recommendation,
            value=answer.value,
            comment=answer.comment,
        )
        for answer in answers
    )
    return response


def record(action: str, response: Response, answers: Sequence[Given], *, by: User) -> None:
    audit.record(
        by=by,
        path=AuditEntry.Path.FORM,
        action=action,
        subject=response.survey.key,
        office_code=response.office.code,
        version=response.version,
        answers=len(answers),
    )
