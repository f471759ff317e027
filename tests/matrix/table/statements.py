"""Home, catalogue, statuses, dashboard, and the JIU."""

from __future__ import annotations

from collections.abc import Mapping

from tests.matrix import objects
from tests.matrix.cells import (
    ADMINISTRATOR,
    ANY,
    BUREAU,
    DENIED,
    ELSEWHERE,
    FILLERS,
    MEMBERS,
    NOT_FOUND,
    OK,
    OWN,
    READERS,
    REAL,
    RUNS_CALLS,
    Form,
    Policy,
    type_of_row,
)
from tests.matrix.table.rows import (
    DENIED_TO_THE_REST,
    FOR_ALL,
    FOR_SIGNED_IN,
    LED_ON,
    STATUS_REPORTS,
    TO_ALL,
    dates,
    hidden_but_from,
    models,
    only,
    page,
    read_by_office,
    rows,
)

# Home, catalogue, statuses, dashboard

# Of what the Bureau states, what another post answers for.
OTHER_POST: type_of_row = (BUREAU, frozenset({"crossed"}), NOT_FOUND)
STATUS_POST = rows(OTHER_POST, (FILLERS, OWN, ELSEWHERE), (MEMBERS, OWN, DENIED), (READERS, REAL, DENIED))
HOME: Mapping[str, Policy] = {
    "home": page(FOR_ALL),
    "healthz": page(FOR_ALL),
    "set_language": Policy(get=TO_ALL, post=TO_ALL, put=TO_ALL, options=TO_ALL, rest=TO_ALL),
    "recommendations:list": page(FOR_ALL),
    "recommendations:set": page(FOR_ALL, objects.sets),
    "recommendations:detail": page(FOR_ALL, objects.items),
    "offices:list": page(FOR_ALL),
    "offices:detail": page(FOR_ALL, objects.directory),
    "status:set": Policy(
        get=read_by_office(),
        post=STATUS_POST,
        objects=objects.statuses_of,
        form=Form(extra={"1.implementation": "implemented"}),
        writes=STATUS_REPORTS,
    ),
    "status:detail": Policy(
        get=[OTHER_POST, *read_by_office()],
        post=STATUS_POST,
        objects=objects.status_of,
        form=Form(extra={"1.implementation": "implemented", "2.implementation": "implemented"}),
        writes=STATUS_REPORTS,
    ),
    "dashboard": page(FOR_SIGNED_IN),
    "dashboard_grid": page(only(READERS)),
}

# The JIU

READS_PROGRESS = READERS | {"bureau_coordinator"}
SENTENCE = rows((RUNS_CALLS, REAL, OK), (READS_PROGRESS, ANY, NOT_FOUND), DENIED_TO_THE_REST)
UPDATES = models("jiu.Update", "jiu.UpdateStep", "recommendations.StatusReport")
JIU: Mapping[str, Policy] = {
    "jiu:index": page(FOR_ALL),
    "jiu:progress_report": page(only(READS_PROGRESS)),
    "jiu:progress_report_json": page(only(READS_PROGRESS)),
    "jiu:progress_report_docx": page(only(READS_PROGRESS), query=dates),
    "jiu:document": page(only(READS_PROGRESS), query=dates),
    "jiu:sentence": Policy(
        get=SENTENCE,
        post=[(who, what, ELSEWHERE if answer == OK else answer) for who, what, answer in SENTENCE],
        objects=objects.sentences,
        form=Form(by="secretariat", fill=lambda held: {**held, "text": f"Indeed: {held.get('text', '')}"}),
        query=dates,
        writes=models("jiu.ReportSentence"),
    ),
    "jiu:reviews": page(only(READS_PROGRESS)),
    "jiu:import": Policy(get=only(ADMINISTRATOR), post=only(ADMINISTRATOR, (ELSEWHERE, 422)), form=Form()),
    "jiu:import_confirm": Policy(
        get=rows((ADMINISTRATOR, ANY, ELSEWHERE), DENIED_TO_THE_REST),
        post=rows((ADMINISTRATOR, ANY, ELSEWHERE), DENIED_TO_THE_REST),
        objects=objects.pending("progress_report"),
        form=Form(),
        writes=models("portal.PendingImport"),
    ),
    "jiu:calls": page(hidden_but_from(READERS | BUREAU), asks_first=True),
    "jiu:open_call": Policy(
        get=hidden_but_from(RUNS_CALLS),
        post=hidden_but_from(RUNS_CALLS, ELSEWHERE),
        form=Form(by="secretariat"),
        writes=models("jiu.Call", "jiu.Update"),
    ),
    "jiu:call": page(hidden_but_from(READERS | BUREAU), objects.calls, asks_first=True),
    "jiu:close_call": Policy(
        get=LED_ON,
        post=hidden_but_from(RUNS_CALLS, ELSEWHERE),
        objects=objects.calls,
        form=Form(),
        writes=models("jiu.Call"),
    ),
    "jiu:answer_set": Policy(
        get=hidden_but_from(READERS | BUREAU),
        post=rows((BUREAU, REAL, ELSEWHERE), (READERS, REAL, DENIED)),
        objects=objects.reports_of_call,
        form=Form(by="self", extra={"1.implementation": "implemented"}),
        writes=UPDATES,
    ),
    "jiu:answer": Policy(
        get=rows((READERS, REAL, OK), (BUREAU, OWN, OK)),
        post=rows((BUREAU, OWN, ELSEWHERE), (READERS, REAL, DENIED)),
        objects=objects.updates,
        form=Form(
            by="bureau_coordinator", extra={"1.implementation": "implemented", "2.implementation": "implemented"}
        ),
        writes=UPDATES,
    ),
    "jiu:decide": Policy(
        get=hidden_but_from(RUNS_CALLS, ELSEWHERE),
        post=hidden_but_from(RUNS_CALLS, ELSEWHERE),
        objects=objects.updates,
        form=Form(page="jiu:answer", by="bureau_coordinator", extra={"decision": "accept"}),
        writes=UPDATES,
    ),
}

STATEMENTS = {**HOME, **JIU}
