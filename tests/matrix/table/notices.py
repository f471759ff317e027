"""Reminders, and the audit trail."""

from __future__ import annotations

from collections.abc import Mapping

from tests.matrix import objects
from tests.matrix.cells import (
    COORDINATORS,
    DENIED,
    ELSEWHERE,
    GONE,
    NOT_FOUND,
    OK,
    OWN,
    READERS,
    REAL,
    SECRETARIAT,
    Form,
    Policy,
)
from tests.matrix.table.rows import hidden_but_from, models, page, rows

# The secretariat has them sent; those who only read are told so, and to all others there is no such page.
SENT = rows((SECRETARIAT, REAL, ELSEWHERE), (SECRETARIAT, GONE, NOT_FOUND), (READERS, REAL | GONE, DENIED))
REMINDERS = models("notices.Reminder")
NOTICES: Mapping[str, Policy] = {
    "notices:list": page(hidden_but_from(READERS)),
    "notices:send": Policy(
        get=SENT,
        post=SENT,
        form=Form(by="secretariat", extra={"survey": "open", "kind": "invitation"}),
        writes=REMINDERS,
    ),
    "notices:settle": Policy(
        get=SENT, post=SENT, objects=objects.reminders, form=Form(extra={"decision": "again"}), writes=REMINDERS
    ),
    "trail": page(hidden_but_from(READERS | COORDINATORS), queries=[("?office={foreign}", "?office=ZZ")]),
    "trail_csv": page(hidden_but_from(READERS | COORDINATORS), queries=[("?office={foreign}", "?office=ZZ")]),
    "trail_entry": page(rows((READERS, REAL, OK), (COORDINATORS, OWN, OK)), objects.entries),
}
