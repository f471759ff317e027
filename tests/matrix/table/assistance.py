"""Technical assistance, publications and claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.factories.matrix import FOREIGN, Persona, World
from tests.matrix import objects
from tests.matrix.cells import (
    DENIED,
    ELSEWHERE,
    FILLERS,
    MEMBERS,
    OK,
    OWN,
    READERS,
    REAL,
    REFUSED,
    SECRETARIAT,
    SIGNED_IN,
    Form,
    Policy,
)
from tests.matrix.table.rows import (
    DENIED_TO_THE_REST,
    FOR_ALL,
    FOR_SIGNED_IN,
    by_secretariat,
    dates,
    day,
    hidden_but_from,
    models,
    only,
    page,
    read_by_office,
    rows,
)

# Technical assistance


def for_a_foreign_office(_world: World, persona: Persona) -> Mapping[str, Any]:
    return {"office": FOREIGN[persona.office]}


PROGRAMMES = models("assistance.Programme")
REQUESTS = models("assistance.Request", "assistance.RequestStep", "assistance.Activity")
DELIVERED = rows(
    (SECRETARIAT, REAL - {"crossed"}, ELSEWHERE), (READERS, REAL - {"crossed"}, DENIED), (MEMBERS, OWN, DENIED)
)
TO_THE_REQUEST = rows((READERS, REAL, ELSEWHERE), (MEMBERS, OWN, ELSEWHERE))
ASSISTANCE: Mapping[str, Policy] = {
    "assistance:menu": page(FOR_ALL),
    "assistance:programme": page(FOR_ALL, objects.programmes),
    **{
        f"assistance:figures{suffix}": page(rows((READERS | MEMBERS, REAL, OK), DENIED_TO_THE_REST))
        for suffix in ("", "_json", "_csv", "_xlsx")
    },
    "assistance:programme_new": Policy(
        get=only(SECRETARIAT),
        post=only(SECRETARIAT, ELSEWHERE),
        form=by_secretariat(number="7", title="Another"),
        writes=PROGRAMMES,
    ),
    "assistance:programme_edit": Policy(
        get=only(SECRETARIAT),
        post=only(SECRETARIAT, ELSEWHERE),
        objects=objects.programmes,
        form=by_secretariat(title="Another"),
        writes=PROGRAMMES,
    ),
    "assistance:programme_offer": Policy(
        get=only(SECRETARIAT, ELSEWHERE),
        post=only(SECRETARIAT, ELSEWHERE),
        objects=objects.programmes,
        form=Form(extra={"is_active": "0"}),
        writes=PROGRAMMES,
    ),
    "assistance:requests": page(
        FOR_SIGNED_IN,
        queries=[("?office={foreign}", "?office=ZZ")],
    ),
    "assistance:request": page(read_by_office(), objects.request_of),
    "assistance:step": Policy(
        get=TO_THE_REQUEST,
        post=rows((SECRETARIAT, REAL, ELSEWHERE), (READERS, REAL, REFUSED), (MEMBERS, OWN, REFUSED)),
        objects=objects.request_of,
        form=Form(
            page="assistance:request",
            by="secretariat",
            extra={"status": "completed", "date": lambda world: day(0)},
        ),
        writes=REQUESTS,
    ),
    "assistance:activity": Policy(
        get=TO_THE_REQUEST,
        post=DELIVERED,
        objects=objects.request_of,
        form=Form(page="assistance:request", by="secretariat", extra={"kind": "Talk", "date": lambda world: day(-2)}),
        writes=REQUESTS,
    ),
    "assistance:activity_edit": Policy(
        get=[(who, what, OK if answer == ELSEWHERE else answer) for who, what, answer in DELIVERED],
        post=DELIVERED,
        objects=objects.activity_of,
        form=Form(by="secretariat", extra={"kind": "Talk"}),
        writes=REQUESTS,
    ),
    "assistance:withdraw": Policy(
        get=TO_THE_REQUEST,
        post=rows((FILLERS, OWN, ELSEWHERE), (READERS, REAL, REFUSED), (MEMBERS, OWN, REFUSED)),
        objects=objects.request_of,
        form=Form(page="assistance:request"),
        writes=REQUESTS,
    ),
    "assistance:ask": Policy(
        get=rows((FILLERS, REAL, OK), (SIGNED_IN, REAL, DENIED)),
        post=rows((FILLERS, REAL, ELSEWHERE), (SIGNED_IN, REAL, DENIED)),
        objects=objects.programmes,
        form=Form(extra={"purpose": "To learn"}),
        writes=REQUESTS,
        bodies=[(for_a_foreign_office, rows((FILLERS, REAL, REFUSED), (SIGNED_IN, REAL, DENIED)))],
    ),
}

# Publications


def made_public(held: dict[str, Any]) -> dict[str, Any]:
    """Every text that the form asks about."""
    asked = [name for name in held if f"{name}.then" in held]
    return {**held, **dict.fromkeys(asked, "public")}


PUBLICATIONS: Mapping[str, Policy] = {
    "publications:list": page(FOR_ALL),
    "publications:detail": page(FOR_ALL, objects.publications),
    **{f"publications:{name}": page(FOR_ALL, objects.versions) for name in ("version", "json", "csv", "xlsx", "docx")},
    "publications:new_results": Policy(
        get=hidden_but_from(SECRETARIAT),
        post=hidden_but_from(SECRETARIAT, (ELSEWHERE, REFUSED)),
        objects=objects.published_rounds,
        form=by_secretariat(title="Results", reason="As asked"),
        writes=models("publications.Publication"),
    ),
    "publications:new_progress_report": Policy(
        get=hidden_but_from(SECRETARIAT),
        post=hidden_but_from(SECRETARIAT, ELSEWHERE),
        form=by_secretariat(reason="As asked"),
        query=dates,
        writes=models("publications.Publication"),
    ),
    "publications:comments": Policy(
        get=hidden_but_from(SECRETARIAT),
        post=hidden_but_from(SECRETARIAT, ELSEWHERE),
        objects=objects.published_rounds,
        form=Form(by="secretariat", fill=made_public),
        writes=models("publications.CommentDecision"),
    ),
    "claims:list": page(only(READERS)),
    "claims:detail": page(only(READERS), objects.claims),
}

REQUESTED = {**ASSISTANCE, **PUBLICATIONS}
