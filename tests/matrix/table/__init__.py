"""Who may what, route by route. Where a route is asked by somebody whom no row fits, it answers 404.

A new page that everybody reads who has signed in, and a form that the secretariat sends there:

    "app:page": page(FOR_SIGNED_IN),
    "app:form": Policy(get=only(SECRETARIAT), post=only(SECRETARIAT, ELSEWHERE), form=by_secretariat(title="Another"),
                       writes=models("app.Model")),
"""

from __future__ import annotations

from tests.matrix.cells import Policy
from tests.matrix.table.accounts import ACCOUNTS
from tests.matrix.table.admin import pages
from tests.matrix.table.assistance import REQUESTED
from tests.matrix.table.notices import NOTICES
from tests.matrix.table.rounds import ROUNDS
from tests.matrix.table.statements import STATEMENTS

TABLE: dict[str, Policy] = {**STATEMENTS, **ROUNDS, **REQUESTED, **ACCOUNTS, **NOTICES}


def policies() -> dict[str, Policy]:
    """That of every route: its own, or for an admin page that of its kind."""
    return {**TABLE, **pages()}
