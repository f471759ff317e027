"""The page of docs/ that says who may what: the policies asked for everybody, and the table of the routes."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from assistance.models import Status
from offices.models import User
from tests.factories.matrix import FOREIGN, PERSONAS, Persona, World
from tests.matrix import cells
from tests.matrix.cells import ELSEWHERE, OK, REAL, REFUSED, SIGN_IN, Policy, kind_of
from tests.matrix.guards import DOORS, guard_functions
from tests.matrix.routes import all_routes
from tests.matrix.table import TABLE

HEAD = """# Who may what

This page is made from the `policies.py` modules and from the table of routes in `tests/matrix/table`; a test compares
it with what they say, and writes it anew into `var/`. Every cell of it is tried by `tests/matrix`: each
route, as everybody, by every method, for objects of one's own and of others, for missing ones, and for those of others
under a parent of one's own.

Roles of an office are viewer, contributor (fills) and coordinator (submits, invites colleagues). At the office `IB`
they are the Bureau's focal points and its coordinator. Secretariat, administrators and auditors act for no office.
Somebody whose access was ended is a visitor without an account from the next request on; somebody whose last role was
removed keeps an account that sees what every account does, and no office.
"""
COLUMNS = {
    "viewer": "viewer",
    "contributor": "contributor",
    "coordinator": "coordinator",
    "focal_point": "focal point (`IB`)",
    "bureau_coordinator": "coordinator of `IB`",
    "secretariat": "secretariat",
    "administrator": "administrator",
    "auditor": "auditor",
    "anonymous": "nobody signed in",
}
WHO = [
    (cells.EVERYBODY, "everybody"),
    (cells.SIGNED_IN, "all who have signed in"),
    (cells.MEMBERS, "people of an office"),
    (cells.FILLERS, "contributors and coordinators"),
    (cells.COORDINATORS, "coordinators"),
    (cells.BUREAU, "people of the Bureau"),
    (cells.READERS, "secretariat, administrators, auditors"),
    (cells.SECRETARIAT, "secretariat, administrators"),
    (cells.ADMINISTRATOR, "administrators"),
    (frozenset({"bureau_coordinator"}), "the Bureau’s coordinator"),
    (frozenset({"auditor"}), "auditors"),
]
STATUS = {403: "403", 404: "404", SIGN_IN: "sign-in", 405: "405", REFUSED: "refused", 422: "refused"}


def page(world: World) -> str:
    return "\n".join([HEAD, *functions(world), *doors(world), *routes(world)]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---' for _name in head)} |"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


# The policies


def functions(world: World) -> Iterator[str]:
    yield "## The policies\n"
    yield "“own” is for one’s own office (its people, its invitations) only.\n"
    modules: dict[str, list[Any]] = {}
    for function in guard_functions():
        modules.setdefault(function.__module__, []).append(function)
    for module, found in modules.items():
        yield f"### {module}\n"
        rows = ([f"`{f.__name__}`", sentence(f), *(cell(world, f, name) for name in COLUMNS)] for f in found)
        yield from table(["function", "says", *COLUMNS.values()], rows)


def sentence(function: Any) -> str:
    return (inspect.getdoc(function) or "").partition("\n")[0]


def person(world: World, name: str) -> Any:
    return User.objects.get(pk=world.people[name].pk) if name in world.people else AnonymousUser()


def cell(world: World, function: Any, name: str) -> str:
    """What a policy says of somebody: asked about their own office, and about another."""
    persona = next(item for item in PERSONAS if item.name == name)
    user, asked = person(world, name), list(inspect.signature(function).parameters)[1:]
    if function.__annotations__["user"] is User and not isinstance(user, User):
        return "–"
    answers = [
        function(user, **{parameter: sample(world, parameter, code) for parameter in asked})
        for code in ([persona.office] if persona.office else []) + [FOREIGN[persona.office]]
    ]
    if not asked:
        return in_words(answers[0])
    if persona.office and answers[0] and not answers[1]:
        return "own" if answers[0] is True else f"own: {in_words(answers[0])}"
    return in_words(answers[-1])


def sample(world: World, parameter: str, code: str) -> Any:
    return {
        "office": world.offices[code],
        "offices": [world.offices[code]],
        "portal_role": "",
        "somebody": world.people[f"colleague {code}"],
        "invitation": world.invitations[code],
        "status": Status.AGREED,
    }[parameter]


def in_words(answer: Any) -> str:
    if isinstance(answer, QuerySet):
        found, every = answer.count(), answer.model._base_manager.count()
        return "all" if found == every else "own" if found else "–"
    if isinstance(answer, list):
        return ", ".join(answer) or "–"
    if isinstance(answer, bool):
        return "yes" if answer else "–"
    return str(answer) or "–"


def doors(world: World) -> Iterator[str]:
    """Which rows each gets through `visible_to`, the only door to them."""
    yield "## The doors to rows\n"
    rows = []
    for model in apps.get_models():
        for door in DOORS:
            if door in vars(type(model._default_manager.all())):
                method = getattr(model._default_manager, door)
                says = sentence(getattr(type(model._default_manager.all()), door))
                seen = [in_words(method(person(world, name))) for name in COLUMNS]
                rows.append([f"`{model.__name__}.objects.{door}`", says, *seen])
    yield from table(["door", "says", *COLUMNS.values()], sorted(rows))


# The routes


def routes(world: World) -> Iterator[str]:
    yield "## The routes\n"
    yield "What is not listed as read or sent is refused: with the page to sign in, 403, or 404, as if there were no"
    yield "such thing. The admin pages (`/admin/`) are for administrators; all others are led to sign in.\n"
    head = ["address", "read by", "sent by", "refused with"]
    named = {name: policy for name, policy in TABLE.items() if name in all_routes()}
    rows = ([f"`/{all_routes()[name].pattern}`", *row(world, policy)] for name, policy in named.items())
    yield from table(head, sorted(rows))


def row(world: World, policy: Policy) -> list[str]:
    refused = {
        STATUS[answer]
        for persona in PERSONAS
        for method in ("GET", "POST")
        for relation in relations(world, policy, persona)
        if not (method == "POST" and policy.post is None)
        if (answer := policy.expected(persona.name, method, relation)) in STATUS
    }
    read = who(world, policy, "GET", {OK})
    sent = "–" if policy.post is None else who(world, policy, "POST", {OK, ELSEWHERE})
    if policy.stated:
        read, sent = (words if words == "–" else policy.stated for words in (read, sent))
    return [read, sent, ", ".join(sorted(refused - {"405"})) or "–"]


def relations(world: World, policy: Policy, persona: Persona) -> list[str]:
    return [name for name in policy.objects(world, persona) if kind_of(name) in REAL]


def as_tuple(answer: Any) -> tuple[Any, ...]:
    return answer if isinstance(answer, tuple) else (answer,)


def who(world: World, policy: Policy, method: str, passing: set[Any]) -> str:
    """Everybody who gets through, and those who do only for what is theirs."""
    own, every = set(), set()
    for persona in PERSONAS:
        passed = {
            kind_of(relation)
            for relation in relations(world, policy, persona)
            if passing & set(as_tuple(policy.expected(persona.name, method, relation)))
        }
        if passed:
            (own if passed == {"own"} else every).add(persona.name)
    parts = [*people(every), *(f"{words} (own)" for words in people(own))]
    return "; ".join(parts) or "–"


def people(names: set[str]) -> Iterator[str]:
    """The fewest words that name just these."""
    left = set(names)
    for group, words in WHO:
        if group <= left:
            left -= group
            yield words
    yield from sorted(left)
