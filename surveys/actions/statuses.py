"""What follows from a submission: its levels, as the office's status reports."""

import datetime
from collections.abc import Sequence

from offices.models import Office, User
from portal.models import ImportRecord
from recommendations.actions import Statement, record_statuses
from recommendations.models import Recommendation, StatusReport
from surveys.models import Answer, Question, Response, Survey

type_of_levels = dict[int, dict[int, str]]


def as_at_of_import(survey: Survey, today: datetime.date) -> datetime.date:
    """The day that imported levels are as at: today, or the round's last day if that has passed."""
    return min(today, survey.closes_on)


def report_levels(
    responses: Sequence[Response],
    *,
    as_at: datetime.date,
    by: User | None,
    path: str | None,
    imported_in: ImportRecord | None = None,
) -> list[StatusReport]:
    """Write the levels of submitted responses as status reports as at a day, in the caller's transaction.

    A level that the submission before in the same round had, and this one has not, becomes a blank
    implementation. What the round does not ask is copied from what stands. With `path` None, or
    `imported_in`, the caller's audit row tells of it; else each office gets one. The number of
    queries does not depend on that of the responses.
    """
    if not responses:
        return []
    before = previous_submissions(responses)
    levels = read_levels([*(response.pk for response in responses), *before.values()])
    said = {
        response: taken_back(levels, before.get(response.pk)) | levels.get(response.pk, {}) for response in responses
    }
    offices = {office.pk: office for office in Office.objects.filter(pk__in={r.office_id for r in responses})}
    items = Recommendation.objects.filter(pk__in={pk for of_response in said.values() for pk in of_response})
    recommendations = {item.pk: item for item in items}
    titles = dict(Survey.objects.filter(pk__in={r.survey_id for r in responses}).values_list("pk", "title"))
    return record_statuses(
        [
            Statement(
                recommendations[recommendation],
                offices[response.office_id],
                as_at,
                implementation=level,
                source=titles[response.survey_id],
            )
            for response, of_response in said.items()
            for recommendation, level in of_response.items()
        ],
        by=by,
        path=path,
        imported_in=imported_in,
    )


def previous_submissions(responses: Sequence[Response]) -> dict[int, int]:
    """By response, the submission that the same office made before it in the same round."""
    current = {(response.survey_id, response.office_id): response for response in responses}
    superseded = Response.objects.filter(
        state=Response.State.SUPERSEDED,
        survey__in={survey for survey, _office in current},
        office__in={office for _survey, office in current},
    ).order_by("version")
    return {
        response.pk: pk
        for pk, survey, office, version in superseded.values_list("pk", "survey_id", "office_id", "version")
        if (response := current.get((survey, office))) and version < response.version
    }


def read_levels(responses: Sequence[int]) -> type_of_levels:
    """The levels of each response by recommendation; of two questions about levels the first one says it."""
    levels: type_of_levels = {}
    answers = Answer.objects.filter(response__in=responses, question__kind=Question.Kind.LEVELS)
    for response, recommendation, value in answers.order_by("question__order", "question__key").values_list(
        "response_id", "recommendation_id", "value"
    ):
        if recommendation is not None:
            levels.setdefault(response, {}).setdefault(recommendation, value)
    return levels


def taken_back(levels: type_of_levels, previous: int | None) -> dict[int, str]:
    """A blank for every level that the previous submission had."""
    return dict.fromkeys(levels.get(previous, {}) if previous else (), "")
