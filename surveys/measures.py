"""The figures of survey rounds by name, to hold them against what a document prints.

They are read from `surveys.results`. A subject names the round, the question, the rows and, where a
question has several columns, which of them together: `cws-ict-2025 focus 2-4, 6-8`,
`cws-ict-2025 challenges na`, `cws-ict-2025 implementation 1-10 implemented + in_progress`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.figures import in_per_cent, percent_of
from portal.measures import Asked, CannotTell, Figure, as_list, register
from portal.measures import Row as FigureRow
from surveys.models import Question, Survey
from surveys.results import Results, Row, Table, compute_results

SUBJECT = re.compile(
    r"\A(?P<survey>[-\w]+) (?P<question>[-\w]+) (?P<rows>[0-9]+(?:-[0-9]+)?(?:, [0-9]+(?:-[0-9]+)?)*|[a-z_]+)"
    r"(?: (?P<columns>[-\w]+(?: \+ [-\w]+)*))?\Z",
    re.ASCII,
)
RANKS = {"highest": 0, "second": 1, "lowest": -1}
SELECTED = "selected"


# What is asked


def find_survey(asked: Asked, key: str) -> Survey:
    surveys = asked.once(
        "surveys", lambda: {survey.key: survey for survey in Survey.objects.select_related("recommendation_set")}
    )
    if key not in surveys:
        raise CannotTell(_("The portal knows no survey round %(key)s.") % {"key": key or "–"})
    return surveys[key]


def find_results(asked: Asked, key: str) -> Results:
    """The results of a round, computed once. Raises CannotTell where there are no responses to count."""
    survey = find_survey(asked, key)
    results = asked.once(("surveys.results", key), lambda: compute_results(survey))
    if results.held_elsewhere:
        raise CannotTell(_("The round was held elsewhere and the portal holds no responses."))
    if not results.responded:
        raise CannotTell(_("Nobody has responded to the round yet."))
    return results


def find_table(results: Results, question: str) -> Table:
    for table in results.tables:
        if table.question == question:
            return table
    raise CannotTell(_("The round has no question %(question)s.") % {"question": question})


def no_subject(asked: Asked) -> CannotTell:
    return CannotTell(_("The measure does not know the subject “%(subject)s”.") % {"subject": asked.subject})


@dataclass(frozen=True)
class Counted:
    """One row of a table: how many of n gave one of the answers asked for."""

    row: Row
    count: int

    @property
    def percent(self) -> int | None:
        return percent_of(self.count, self.row.n)


def counted_rows(asked: Asked) -> tuple[Table, list[Counted]]:
    """The rows that the subject names, in the order of the questionnaire."""
    found = SUBJECT.match(asked.subject)
    if not found:
        raise no_subject(asked)
    table = find_table(find_results(asked, found["survey"]), found["question"])
    columns = found["columns"].split(" + ") if found["columns"] else [SELECTED]
    names = set(names_of(found["rows"]))
    rows = [row for row in table.rows if (row.recommendation or row.code or "all") in names]
    if not names or len(rows) != len(names) or not set(columns) <= set(table.columns):
        raise no_subject(asked)
    return table, [Counted(row, sum(row.cells[column].count for column in columns)) for row in rows]


def names_of(rows: str) -> Iterator[str]:
    """`2-4, 6` as 2, 3, 4 and 6; a code, such as `na`, as it is."""
    for part in rows.split(", "):
        first, _dash, last = part.partition("-")
        if first.isdigit() and last:
            # No set has so many recommendations: a subject costs no time.
            yield from map(str, range(int(first[:4]), min(int(last[:4]), 1000) + 1))
        else:
            yield part


# Figures


def responded(asked: Asked) -> Figure:
    results = find_results(asked, asked.subject)
    row = FigureRow(_("Offices that submitted a response"), results_url(results.survey))
    return Figure(str(results.responded), rows=(row,), is_sample=results.survey.is_sample)


def count(asked: Asked) -> Figure:
    return ends(asked, lambda counted: counted.count)


def percent(asked: Asked) -> Figure:
    return ends(asked, lambda counted: counted.percent)


def ends(asked: Asked, measure: Callable[[Counted], int | None]) -> Figure:
    """The figure of the row asked for; of several rows the lowest and the highest."""
    table, found = counted_rows(asked)
    figures = [figure for figure in map(measure, found) if figure is not None]
    if not figures:
        raise CannotTell(_("There are no percentages of nobody."))
    survey = find_survey(asked, asked.subject.partition(" ")[0])
    rows = tuple(row_of(survey, table, counted) for counted in found)
    if len(found) == 1:
        return Figure(str(figures[0]), rows=rows, is_sample=survey.is_sample)
    return Figure(low=min(figures), high=max(figures), rows=rows, is_sample=survey.is_sample)


def rank(asked: Asked) -> Figure:
    """Which recommendations were selected most, second most or least (`cws-ict-2025 focus highest`)."""
    key, question, place = [*asked.subject.split(" "), "", ""][:3]
    results = find_results(asked, key)
    table = find_table(results, question)
    if table.kind != Question.Kind.SELECT or place not in RANKS or asked.subject.count(" ") != 2:
        raise no_subject(asked)
    found = [Counted(row, row.cells[SELECTED].count) for row in table.rows if row.recommendation]
    steps = sorted({counted.count for counted in found}, reverse=True)
    if len(steps) <= RANKS[place]:
        raise CannotTell(_("All recommendations were selected equally often."))
    meant = [counted for counted in found if counted.count == steps[RANKS[place]]]
    return Figure(
        as_list(int(counted.row.recommendation or 0) for counted in meant),
        rows=tuple(row_of(results.survey, table, counted, is_counted=counted in meant) for counted in found),
        is_sample=results.survey.is_sample,
    )


def opens_on(asked: Asked) -> Figure:
    return day_figure(find_survey(asked, asked.subject), "opens_on")


def closes_on(asked: Asked) -> Figure:
    return day_figure(find_survey(asked, asked.subject), "closes_on")


def day_figure(survey: Survey, name: str) -> Figure:
    row = FigureRow(survey.title, reverse("surveys:detail", args=[survey.key]))
    return Figure(getattr(survey, name).isoformat(), rows=(row,), is_sample=survey.is_sample)


def row_of(survey: Survey, table: Table, counted: Counted, *, is_counted: bool = True) -> FigureRow:
    row = counted.row
    name = f"{row.recommendation}. {row.label}" if row.recommendation else row.label
    label = _("%(name)s: %(count)d of %(n)d (%(percent)s)") % {
        "name": name,
        "count": counted.count,
        "n": row.n,
        "percent": in_per_cent(counted.percent),
    }
    return FigureRow(label, f"{results_url(survey)}#table-{table.question}", is_counted)


def results_url(survey: Survey) -> str:
    return reverse("surveys:results", args=[survey.key])


MEASURES = {
    "survey.opens_on": (gettext_lazy("First day of a survey round"), opens_on),
    "survey.closes_on": (gettext_lazy("Last day of a survey round"), closes_on),
    "survey.responded": (gettext_lazy("Offices that responded to a round"), responded),
    "survey.count": (gettext_lazy("Number of offices that gave an answer"), count),
    "survey.percent": (gettext_lazy("Share of the responding offices, in per cent"), percent),
    "survey.rank": (gettext_lazy("Recommendations selected most, second most or least"), rank),
}


def register_all() -> None:
    for name, (title, measure) in MEASURES.items():
        register(name, title, measure)
