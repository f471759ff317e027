"""All tables of a round with 10,000 responses, against the bare SQL that they need."""

from functools import partial
from typing import Any

from django.db import connection

from benchmarks.data import Round, invent_answers, make_offices, make_round, make_set, write_answers
from benchmarks.harness import Comparison
from surveys.results import NO_ANSWER, compute_results

RESPONSES = 10_000

INVITED = "SELECT COUNT(*) FROM surveys_invitation WHERE survey_id = %(survey)s"
RESPONDED = "SELECT COUNT(*) FROM surveys_response WHERE survey_id = %(survey)s AND state = 'submitted'"
QUESTIONS = (
    'SELECT id, key, kind, text, exclusive_option FROM surveys_question WHERE survey_id = %(survey)s ORDER BY "order"'
)
OPTIONS = """
    SELECT o.question_id, o.key, o.label
    FROM surveys_questionoption o JOIN surveys_question q ON q.id = o.question_id
    WHERE q.survey_id = %(survey)s ORDER BY o."order"
"""
RECOMMENDATIONS = """
    SELECT id, number, label FROM recommendations_recommendation
    WHERE recommendation_set_id = %(recommendation_set)s ORDER BY number
"""
# One group for all texts of a question: nobody counts them apart.
COUNTS = """
    SELECT a.question_id, a.recommendation_id,
           CASE WHEN q.kind IN ('text', 'comments') THEN '' ELSE a.value END, COUNT(*)
    FROM surveys_answer a
    JOIN surveys_response r ON r.id = a.response_id
    JOIN surveys_question q ON q.id = a.question_id
    WHERE r.survey_id = %(survey)s AND r.state = 'submitted'
    GROUP BY 1, 2, 3
"""
ANSWERED = """
    SELECT question_id, COUNT(*)
    FROM (
        SELECT DISTINCT question_id, response_id FROM surveys_answer
        WHERE question_id IN (SELECT id FROM surveys_question WHERE survey_id = %(survey)s AND kind = 'select')
          AND response_id IN (
              SELECT id FROM surveys_response WHERE survey_id = %(survey)s AND state = 'submitted'
          )
    ) answered
    GROUP BY question_id
"""
TEXTS = """
    SELECT q.key, q.kind, o.code, n.number, a.value, a.comment
    FROM surveys_answer a
    JOIN surveys_response r ON r.id = a.response_id
    JOIN surveys_question q ON q.id = a.question_id
    JOIN offices_office o ON o.id = r.office_id
    LEFT JOIN recommendations_recommendation n ON n.id = a.recommendation_id
    WHERE r.survey_id = %(survey)s AND r.state = 'submitted'
      AND (q.kind IN ('text', 'comments') OR a.comment <> '')
    ORDER BY q."order", o.code, n.number
"""
STATEMENTS = (INVITED, RESPONDED, QUESTIONS, OPTIONS, RECOMMENDATIONS, COUNTS, ANSWERED, TEXTS)

type_of_rows = list[tuple[Any, ...]]


def bare_sql(round_: Round) -> list[type_of_rows]:
    """Every count and text of the tables, and nothing made of them."""
    parameters = {"survey": round_.survey.pk, "recommendation_set": round_.survey.recommendation_set_id}
    with connection.cursor() as cursor:
        return [fetch(cursor, statement, parameters) for statement in STATEMENTS]


def fetch(cursor: Any, statement: str, parameters: dict[str, int]) -> type_of_rows:
    cursor.execute(statement, parameters)
    rows: type_of_rows = cursor.fetchall()
    return rows


def check_same(round_: Round) -> None:
    """A floor that found something else would be no floor."""
    bare = dict(zip(STATEMENTS, bare_sql(round_), strict=True))
    portal = compute_results(round_.survey)
    assert bare[RESPONDED] == [(portal.responded,)]
    assert len(bare[TEXTS]) == len(portal.texts)
    coded = sum(count for _question, _recommendation, value, count in bare[COUNTS] if value)
    assert coded == sum(
        cell.count
        for table in portal.tables
        if table.kind in {"levels", "select", "choice"}
        for row in table.rows
        for column, cell in row.cells.items()
        if NO_ANSWER not in {row.code, column}
    )


def measure() -> list[Comparison]:
    round_ = make_round("results", make_set("results"), make_offices("R", RESPONSES))
    responses, answers = write_answers(round_, invent_answers(round_.offices))
    check_same(round_)
    return [
        Comparison(
            f"all tables of a round, {responses:,} responses with {answers:,} answers",
            "bare SQL",
            partial(bare_sql, round_),
            partial(compute_results, round_.survey),
            bound=1.5,
        )
    ]
