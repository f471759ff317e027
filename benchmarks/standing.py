"""What stands at a date, of 1,000,000 status reports, against the bare SQL.

Once counted over all offices, as the dashboard does, and once as rows of one office, which a progress
report is made of. At the last date all that was ever stated has to be passed over, at one in the middle half.
"""

import datetime
from functools import partial
from typing import Any

from django.db import connection

from benchmarks.data import make_offices, make_set, write_history
from benchmarks.harness import Comparison
from jiu.models import BUREAU, ISSUER
from jiu.reports import bureau_standing
from offices.models import Office
from recommendations.models import StatusReport
from recommendations.reports import Selection, count_reports

RECOMMENDATIONS, OFFICES, YEARS = 2_000, 25, 20
DATES = {"the last date": datetime.date(2025, 12, 31), "a date in the middle": datetime.date(2015, 12, 31)}

# The fastest way that was found. One look into the index a pair, where a window function, DISTINCT ON, or
# GROUP BY with max() walk all million entries: 2 to 20 times slower on the same data. Which shape does that
# best differs: SQLite finds keys in its index alone, PostgreSQL takes the row that the index leads to.
COUNTS = {
    "sqlite": """
        WITH office AS MATERIALIZED (
            SELECT id FROM offices_office
            WHERE NOT is_sample AND EXISTS (
                SELECT 1 FROM recommendations_statusreport WHERE office_id = offices_office.id
            )
        )
        SELECT recommendation_id, implementation, COUNT(*)
        FROM recommendations_statusreport
        WHERE id IN (
            SELECT (
                SELECT id FROM recommendations_statusreport
                WHERE recommendation_id = item.id AND office_id = office.id AND as_at <= %(as_at)s
                ORDER BY as_at DESC, revision DESC LIMIT 1
            )
            FROM recommendations_recommendation item CROSS JOIN office
            WHERE item.recommendation_set_id = %(recommendation_set)s
        )
        GROUP BY 1, 2
    """,
    "postgresql": """
        SELECT report.recommendation_id, report.implementation, COUNT(*)
        FROM recommendations_recommendation item CROSS JOIN offices_office office
        CROSS JOIN LATERAL (
            SELECT recommendation_id, implementation FROM recommendations_statusreport
            WHERE recommendation_id = item.id AND office_id = office.id AND as_at <= %(as_at)s
            ORDER BY as_at DESC, revision DESC LIMIT 1
        ) report
        WHERE item.recommendation_set_id = %(recommendation_set)s AND NOT office.is_sample
          AND EXISTS (SELECT 1 FROM recommendations_statusreport WHERE office_id = office.id)
        GROUP BY 1, 2
    """,
}
ROWS = {
    "sqlite": """
        SELECT report.*
        FROM recommendations_recommendationset of_set
        CROSS JOIN recommendations_recommendation item CROSS JOIN offices_office office
        CROSS JOIN recommendations_statusreport report
        WHERE of_set.issuer = %(issuer)s AND item.recommendation_set_id = of_set.id AND office.code = %(bureau)s
          AND report.id = (
              SELECT id FROM recommendations_statusreport
              WHERE recommendation_id = item.id AND office_id = office.id AND as_at <= %(as_at)s
              ORDER BY as_at DESC, revision DESC LIMIT 1
          )
    """,
    "postgresql": """
        SELECT report.*
        FROM recommendations_recommendationset of_set
        JOIN recommendations_recommendation item ON item.recommendation_set_id = of_set.id
        JOIN offices_office office ON office.code = %(bureau)s
        CROSS JOIN LATERAL (
            SELECT * FROM recommendations_statusreport
            WHERE recommendation_id = item.id AND office_id = office.id AND as_at <= %(as_at)s
            ORDER BY as_at DESC, revision DESC LIMIT 1
        ) report
        WHERE of_set.issuer = %(issuer)s
    """,
}


def bare_counts(selection: Selection) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"recommendation_set": selection.recommendation_set.pk, "as_at": selection.as_at}
        cursor.execute(COUNTS[connection.vendor], values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def portal_counts(selection: Selection) -> list[tuple[int, str, int]]:
    return count_reports(selection)


def bare_rows(as_at: datetime.date) -> list[StatusReport]:
    """Whatever the statement, who goes on with the rows needs them as objects: both sides make the same."""
    values = {"issuer": ISSUER, "bureau": BUREAU, "as_at": as_at}
    return list(StatusReport.objects.raw(ROWS[connection.vendor], values))


def portal_rows(as_at: datetime.date) -> list[StatusReport]:
    return list(bureau_standing(as_at))


def check_same(selection: Selection) -> None:
    """A floor that found something else would be no floor."""
    counts = sorted(bare_counts(selection))
    assert counts == sorted(portal_counts(selection))
    assert sum(count for _item, _value, count in counts) == RECOMMENDATIONS * OFFICES
    rows = {report.pk for report in bare_rows(selection.as_at)}
    assert rows == {report.pk for report in portal_rows(selection.as_at)}
    assert len(rows) == RECOMMENDATIONS


def measure() -> list[Comparison]:
    # What another measurement left.
    StatusReport.objects.all().delete()
    recommendation_set = make_set("standing", ISSUER, range(1, RECOMMENDATIONS + 1))
    bureau = Office.objects.create(code=BUREAU, name="Bureau", kind=Office.Kind.INTERNATIONAL)
    written = write_history(recommendation_set, [bureau, *make_offices("S", OFFICES - 1)], YEARS)
    comparisons = []
    for name, as_at in DATES.items():
        selection = Selection(recommendation_set, as_at)
        check_same(selection)
        comparisons += [
            Comparison(
                f"what stands at {name}, of {written:,} status reports, counted",
                "bare SQL",
                partial(bare_counts, selection),
                partial(portal_counts, selection),
                bound=1.5,
            ),
            Comparison(
                f"what stands of the Bureau at {name}, of {written:,} status reports, as rows",
                "bare SQL into the same objects",
                partial(bare_rows, as_at),
                partial(portal_rows, as_at),
                bound=1.5,
            ),
        ]
    return comparisons
