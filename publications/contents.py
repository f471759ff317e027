"""What a publication freezes: figures, base, filters, texts, questionnaire, respondents, and its document."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from jiu.documents import progress_document
from jiu.reports import ProgressReport
from offices.models import Office
from publications.annex import annex_document
from publications.freezing import canonical, digest
from publications.models import CommentDecision
from surveys.models import Response
from surveys.questionnaire import Questionnaire
from surveys.results import Results, Text

# Grows when the shape of a content changes; old publications keep theirs.
FORM = "publication/1"


def results_content(results: Results, title: str) -> dict[str, Any]:
    """The public content of a round's results; of what offices wrote only the released texts."""
    survey = results.survey
    respondents = responding(results)
    texts = released(results)
    return {
        "survey": {
            "key": survey.key,
            "title": survey.title,
            "set": survey.recommendation_set.key,
            "set_title": str(survey.recommendation_set),
            "opens_on": survey.opens_on.isoformat(),
            "closes_on": survey.closes_on.isoformat(),
        },
        "results": results.as_json() | {"texts": [text._asdict() for text in texts]},
        "labels": {table.question: dict(table.columns) for table in results.tables},
        "questions": questions(Questionnaire.of(survey)),
        "respondents": [{"code": office.code, "name": office.name} for office in respondents],
        "document": annex_document(results, respondents, texts, title).as_json(),
    }


def questions(questionnaire: Questionnaire) -> list[dict[str, Any]]:
    return [
        {
            "question": question.key,
            "kind": question.kind,
            "text": question.text,
            "exclusive_option": question.exclusive_option,
            "options": [
                {"option": option.key, "label": option.label, "needs_explanation": option.needs_explanation}
                for option in questionnaire.options[question.pk]
            ],
        }
        for question in questionnaire.questions
    ]


def responding(results: Results) -> list[Office]:
    """The offices whose responses are counted."""
    submitted = Response.objects.submitted().filter(survey=results.survey)
    selected = Office.objects.filter(results.narrowing.condition(), pk__in=submitted.values("office"))
    return list(selected.order_by("code"))


def mark_of(content: Mapping[str, Any]) -> str:
    """What tells one set of figures, texts and respondents from another."""
    return digest(canonical(dict(content)))


def progress_content(report: ProgressReport) -> dict[str, Any]:
    return {"report": report.as_json(), "document": progress_document(report).as_json()}


def framed(content: Mapping[str, Any], frame: Mapping[str, Any], published_at: datetime.datetime) -> dict[str, Any]:
    """The whole public content of one version; `frame` is its number, title and so on. Nobody's name is in it."""
    return {
        "form": FORM,
        "language": content["document"]["language"],
        "published_at": published_at.isoformat(timespec="seconds"),
        **frame,
        **content,
    }


# Which texts become public


def decisions_on(results: Results) -> dict[tuple[str, str, str | None, str], bool]:
    """What was decided about texts of this round: by question, office, recommendation and digest."""
    rows = CommentDecision.objects.filter(question__survey=results.survey).values_list(
        "question__key", "office__code", "recommendation__number", "digest", "is_public"
    )
    return {
        (question, office, None if number is None else str(number), of_text): is_public
        for question, office, number, of_text, is_public in rows
    }


def key_of(text: Text) -> tuple[str, str, str | None, str]:
    return text.question, text.office, text.recommendation, digest(text.text)


def released(results: Results) -> list[Text]:
    decisions = decisions_on(results)
    return [text for text in results.texts if decisions.get(key_of(text))]


def undecided(results: Results) -> Sequence[Text]:
    decisions = decisions_on(results)
    return [text for text in results.texts if key_of(text) not in decisions]
