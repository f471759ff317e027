"""The reports of the JIU and their recommendations as rows."""

from __future__ import annotations

from typing import Any

from jiu.actions.importing.outcome import Part
from jiu.actions.importing.run import Run, type_of_rows
from jiu.models import ISSUER
from jiu.reading.dates import find_deadline, read_deadline
from recommendations.models import RecommendationSet

MAX_WORDS = 300


def take_sets(run: Run) -> Part:
    return run.fill("recommendation_sets", set_rows(run))


def take_recommendations(run: Run) -> Part:
    """Those of sets that are held by now."""
    return run.fill("recommendations", recommendation_rows(run))


def set_rows(run: Run) -> type_of_rows:
    reports = run.reading.reports
    held = {item.key: item for item in RecommendationSet.objects.filter(key__in=[report.key for report in reports])}
    rows = []
    for report in reports:
        said = {
            "issuer": ISSUER,
            "symbol": report.symbol,
            "title": report.title,
            "issued_on": report.issued_on.isoformat() if report.issued_on else "",
        }
        if there := held.get(report.key):
            for name, value in said.items():
                run.compare(report.line, report.symbol, there, name, value)
        fixed = {"set": report.key, "stage": RecommendationSet.Stage.ADOPTED.value, "is_relevant": "1"}
        rows.append((report.line, {**said, **fixed, "source": run.source}))
    return rows


def recommendation_rows(run: Run) -> type_of_rows:
    held = {(row.recommendation_set.key, row.number): row for row in run.recommendations()}
    rows = []
    for item in run.reading.items:
        deadline = read_deadline(item.deadline) or find_deadline(item.text)
        said: dict[str, Any] = {
            "addressee": item.addressee,
            "summary": item.summary,
            "official_text": item.text,
            "due_on": deadline.day if deadline else None,
        }
        if there := held.get((item.key, item.number)):
            for name, value in said.items():
                run.compare(item.line, item.name, there, name, value)
        said["due_text"] = deadline.words[:MAX_WORDS] if deadline else ""
        fixed = {"set": item.key, "number": str(item.number), "source": f"{run.source}, {item.annex}"}
        rows.append((item.line, {**{name: str(value or "") for name, value in said.items()}, **fixed}))
    return rows
