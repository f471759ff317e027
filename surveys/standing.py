"""What an office has said in a round so far: read once, for form, review, receipt and the checks of a save."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from offices.models import Office
from portal.text import with_lf
from surveys.models import Answer, Question, Response, Section, Survey
from surveys.rules import Given


@dataclass(frozen=True)
class Standing:
    """The office's response as its people see it: the draft, else what was submitted."""

    response: Response | None = None
    submitted: Response | None = None
    answers: list[Answer] = field(default_factory=list)
    sections: dict[int, Section] = field(default_factory=dict)  # by question id

    @classmethod
    def of(cls, survey: Survey, office: Office) -> Standing:
        """Three queries, one where nothing was said."""
        responses = Response.objects.of(survey, office).standing()
        related = ("saved_by", "survey", "office", "carried_from__survey")
        by_state = {response.state: response for response in responses.select_related(*related)}
        submitted = by_state.get(Response.State.SUBMITTED)
        return cls.of_response(by_state.get(Response.State.DRAFT, submitted), submitted)

    @classmethod
    def of_response(cls, response: Response | None, submitted: Response | None) -> Standing:
        if response is None:
            return cls()
        answers = response.answers.select_related("question", "recommendation", "changed_by")
        sections = response.sections.select_related("saved_by")
        return cls(response, submitted, list(answers), {section.question_id: section for section in sections})

    @property
    def version(self) -> int:
        return self.response.version if self.response else 0

    def version_of(self, question: Question) -> int:
        """The version of one section; one that came by import has that of its response."""
        section = self.sections.get(question.pk)
        return section.version if section else self.version

    def given(self, question: Question | None = None) -> list[Given]:
        """The answers as plain values: all, or those to one question."""
        return [
            Given(answer.question, answer.recommendation, answer.value, answer.comment)
            for answer in self.answers
            if question is None or answer.question_id == question.pk
        ]

    def carried(self, question: Question | None = None) -> list[Answer]:
        """The answers that were carried over and are not confirmed: all, or those to one question."""
        return [a for a in self.answers if a.is_carried_over and (question is None or a.question_id == question.pk)]

    def answer_at(self, question: Question, recommendation_id: int | None) -> Answer | None:
        at = (question.pk, recommendation_id)
        return next((a for a in self.answers if (a.question_id, a.recommendation_id) == at), None)


def digest(answers: Iterable[Given]) -> str:
    """A short mark of what was said: two lines with the same mark say the same, line ends aside."""
    said = sorted(
        (
            answer.recommendation.number if answer.recommendation else 0,
            with_lf(answer.value),
            with_lf(answer.comment),
        )
        for answer in answers
    )
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]


def line_of(answer: Answer | Given) -> int | None:
    """The recommendation at whose line of the form an answer stands; a `select` question is one line."""
    at_item = answer.question.kind in Question.PER_RECOMMENDATION
    return answer.recommendation.pk if at_item and answer.recommendation else None
