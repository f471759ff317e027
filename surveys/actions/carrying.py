"""Drafts with what offices answered in an earlier round, for them to confirm or to change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from offices.models import User
from portal.writes import Refused
from surveys import policies, rules
from surveys.actions import common, rounds
from surveys.models import Answer, Question, Response, Section, Survey
from surveys.questionnaire import Questionnaire, counterparts
from surveys.rules import Given

BATCH = 1_000


def carry_over(*, survey: Survey, source: Survey, by: User) -> int:
    """Let each invited office begin with its last submission to an earlier round; returns for how many.

    An office that has said anything in this round, or was given a draft before, keeps what it has, and
    one that declined gets none: the same again has no effect. Raises Refused.
    """
    with transaction.atomic():
        current = common.lock_round(survey)
        if fault := policies.carry_over_fault(current, source):
            raise Refused(("source", fault))
        given = still_valid(Questionnaire.of_all([source, current]), waiting(current, source))
        now = timezone.now()
        drafts = Response.objects.bulk_create(
            [
                Response(
                    survey=current,
                    office_id=earlier.office_id,
                    origin=Response.Origin.CARRIED,
                    carried_from=earlier,
                    saved_at=now,
                )
                for earlier in given
            ],
            batch_size=BATCH,
        )
        write(drafts, list(given.values()))
        if drafts:
            common.record(
                "carry over answers",
                current,
                by=by,
                source=source.key,
                offices=sorted(earlier.office.code for earlier in given),
                answers=sum(map(len, given.values())),
            )
        return len(drafts)


def create_round(*, key: str, with_answers: bool, by: User, source: Survey | None = None, **options: Any) -> Survey:
    """As `rounds.create_round`; with `with_answers`, its offices begin with those they gave to the source."""
    with transaction.atomic():
        survey = rounds.create_round(key=key, source=source, by=by, **options)
        if source and with_answers:
            carry_over(survey=survey, source=source, by=by)
        return survey


def waiting(survey: Survey, source: Survey) -> dict[int, Response]:
    """By id, what the invited offices submitted to the earlier round that have no response in this one."""
    invited = survey.invitations.filter(office=OuterRef("office"), declined_on=None)
    responses = Response.objects.filter(survey=survey, office=OuterRef("office"))
    submitted = Response.objects.submitted().filter(Exists(invited), ~Exists(responses), survey=source)
    return {response.pk: response for response in submitted.select_related("office").order_by("office__code")}


def still_valid(questionnaires: list[Questionnaire], earlier: Mapping[int, Response]) -> dict[Response, list[Given]]:
    """What of these submissions is an answer in the later round too; those of which nothing is are left out.

    The same question has the same key and kind; the same recommendation of another set the same label.
    """
    source, target = questionnaires
    asked = {(question.key, question.kind): question for question in target.questions}
    questions = {question.pk: asked.get((question.key, question.kind)) for question in source.questions}
    same = counterparts({item.pk: item for part in questionnaires for item in part.recommendations}.values())
    stands = {same[item.pk]: item for item in target.recommendations}
    found: dict[Response, list[Given]] = defaultdict(list)
    answers = Answer.objects.filter(response__in=list(earlier)).order_by("pk")
    for response, pk, item, value, comment in answers.values_list(
        "response_id", "question_id", "recommendation_id", "value", "comment"
    ):
        question = questions[pk]
        recommendation = stands.get(same[item]) if item else None
        if question is None or (item and recommendation is None):
            continue
        answer = Given(question, recommendation, value, comment)
        if not any(rules.check_answer(question, recommendation, value, comment, target.explanations(question))):
            found[earlier[response]].append(answer)
    return found


def write(drafts: list[Response], given: list[list[Given]]) -> None:
    """The sections and answers of the drafts, in bulk."""
    questions: list[Question] = list(drafts[0].survey.questions.all()) if drafts else []
    Section.objects.bulk_create(
        [
            Section(response=draft, question=question, version=draft.version, saved_at=draft.saved_at)
            for draft in drafts
            for question in questions
        ],
        batch_size=BATCH,
    )
    Answer.objects.bulk_create(
        [
            Answer(
                response=draft,
                question=answer.question,
                recommendation=answer.recommendation,
                value=answer.value,
                comment=answer.comment,
                is_carried_over=True,
            )
            for draft, answers in zip(drafts, given, strict=True)
            for answer in answers
        ],
        batch_size=BATCH,
    )
