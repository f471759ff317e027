"""Cross-tables of a round with 10,000 responses, against the bare SQL that they need."""

from functools import partial
from typing import Any

from django.db import connection

from benchmarks.data import Round, invent_answers, make_offices, make_round, make_set, write_answers
from benchmarks.harness import Comparison, gather_statistics
from benchmarks.results import INVITED, OPTIONS, QUESTIONS, RECOMMENDATIONS
from surveys.questionnaire import Questionnaire
from surveys.results import Crosstable, compute_crosstable, find_axis

RESPONSES = 10_000

# A line of each response for both questions, in the fastest way that was found: joined where the line is what
# was said, looked up in a list where it is whether something was. Of a question with several answers the
# second line is "any", without which there would be no totals and no base.
JOINED = """
    LEFT JOIN surveys_answer {name} ON {name}.response_id = responded.id AND {name}.question_id = %({question})s
"""
LINES = {
    "implementation:1": [(f"{JOINED} AND {{name}}.recommendation_id = %(first)s", "{name}.value")],
    "sdlc": [(f"{JOINED} AND {{name}}.recommendation_id IS NULL", "{name}.value")],
    "focus": [
        (JOINED, "{name}.recommendation_id, {name}.value"),
        ("", "CASE WHEN responded.id IN (SELECT response_id FROM surveys_answer WHERE question_id = %({question})s)"
             " THEN '' END"),
    ],
    "challenges:1": [("", """
        CASE WHEN responded.id IN (SELECT response_id FROM surveys_answer
                                   WHERE question_id = %({question})s AND recommendation_id = %(first)s) THEN 'selected'
             WHEN responded.id IN (SELECT response_id FROM surveys_answer
                                   WHERE question_id = %({question})s AND recommendation_id IS NULL) THEN 'na'
             WHEN responded.id IN (SELECT response_id FROM surveys_answer
                                   WHERE question_id = %({question})s) THEN 'not_selected' END
    """)],
}  # fmt: skip
PAIRS = (("implementation:1", "sdlc"), ("focus", "implementation:1"), ("challenges:1", "focus"), ("focus", "focus"))
TABLE = """
    SELECT {lines}, COUNT(*) FROM surveys_response responded {joins}
    WHERE responded.survey_id = %(survey)s AND responded.state = 'submitted' GROUP BY {places}
"""

type_of_rows = list[tuple[Any, ...]]


def statements(rows: str, columns: str) -> list[str]:
    """The counts first, then how many were invited and what the lines are called."""
    counts = [
        statement_of([(rows, "down", *down), (columns, "across", *across)])
        for down in LINES[rows]
        for across in LINES[columns]
    ]
    return [*counts, INVITED, QUESTIONS, OPTIONS, RECOMMENDATIONS]


def statement_of(axes: list[tuple[str, str, str, str]]) -> str:
    """Of (axis, name, join, line) of both questions."""
    named = [({"name": name, "question": axis.partition(":")[0]}, join, line) for axis, name, join, line in axes]
    lines = ", ".join(line.format(**names) for names, _join, line in named)
    joins = " ".join(join.format(**names) for names, join, _line in named)
    places = sum(2 if "recommendation_id, " in line else 1 for _names, _join, line in named)
    return TABLE.format(lines=lines, joins=joins, places=", ".join(map(str, range(1, places + 1))))


def bare_sql(round_: Round, rows: str, columns: str) -> list[type_of_rows]:
    """The counts of each pair of lines and their names, and nothing made of them."""
    parameters = {
        **round_.questions,
        "survey": round_.survey.pk,
        "recommendation_set": round_.survey.recommendation_set_id,
        "first": round_.recommendations[1],
    }
    with connection.cursor() as cursor:
        return [fetch(cursor, statement, parameters) for statement in statements(rows, columns)]


def fetch(cursor: Any, statement: str, parameters: dict[str, Any]) -> type_of_rows:
    cursor.execute(statement, parameters)
    rows: type_of_rows = cursor.fetchall()
    return rows


def portal(round_: Round, rows: str, columns: str) -> Crosstable:
    """As the page does: the questionnaire, what the address names, the table."""
    questionnaire = Questionnaire.of(round_.survey)
    return compute_crosstable(round_.survey, find_axis(questionnaire, rows), find_axis(questionnaire, columns))


def check_same(round_: Round, rows: str, columns: str) -> None:
    """A floor that found something else would be no floor."""
    first = bare_sql(round_, rows, columns)[0]
    cells = portal(round_, rows, columns).cells.values()
    assert sorted(row[-1] for row in first) == sorted(cell.count for cell in cells if cell.count)


def measure() -> list[Comparison]:
    round_ = make_round("crosstable", make_set("crosstable"), make_offices("X", RESPONSES))
    responses, answers = write_answers(round_, invent_answers(round_.offices))
    gather_statistics()
    for rows, columns in PAIRS:
        check_same(round_, rows, columns)
    return [
        Comparison(
            f"{rows} x {columns} of a round, {responses:,} responses with {answers:,} answers",
            "bare SQL",
            partial(bare_sql, round_, rows, columns),
            partial(portal, round_, rows, columns),
            bound=1.5,
        )
        for rows, columns in PAIRS
    ]
