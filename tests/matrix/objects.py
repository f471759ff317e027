"""The objects that each route is asked for, by how they stand to whoever asks.

What is missing is called by a name as long as that of what exists: nothing but the name may differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from allauth.account.utils import user_pk_to_url_str

from tests.factories.matrix import FOREIGN, Persona, World
from tests.matrix.cells import type_of_objects

type_of_kwargs = Mapping[str, Any]
MISSING_PK = 987_654
NO_OFFICE = "ZZ"
NO_UUID = UUID(int=7)


def of_office(
    make: Callable[[World, str], type_of_kwargs],
    missing: type_of_kwargs,
    *,
    shared: Callable[[World], type_of_kwargs] | None = None,
    crossed: Callable[[World, str, str], type_of_kwargs] | None = None,
    missing_child: Callable[[World, str], type_of_kwargs] | None = None,
) -> type_of_objects:
    """Objects that belong to an office; `make` and the others get the codes of one's own and of the foreign one."""

    def objects(world: World, persona: Persona) -> Mapping[str, type_of_kwargs]:
        own, foreign = persona.office, FOREIGN[persona.office]
        found = {"own": make(world, own)} if own else {}
        found |= {"shared": shared(world)} if shared else {}
        found |= {"foreign": make(world, foreign)}
        found |= {"crossed": crossed(world, own or "NA", foreign)} if crossed else {}
        found |= {"missing child": missing_child(world, own or "NA")} if missing_child else {}
        return {**found, "missing": missing}

    return objects


def shared(make: Callable[[World], type_of_kwargs], missing: type_of_kwargs) -> type_of_objects:
    """Objects that belong to no office."""
    return lambda world, persona: {"shared": make(world), "missing": missing}


# Rounds

round_of = of_office(
    lambda world, code: {"survey": world.next[code].key}, {"survey": "next-zz"}, shared=lambda w: {"survey": w.open.key}
)


def question_of(question: str) -> type_of_objects:
    return of_office(
        lambda world, code: {"survey": world.next[code].key, "question": question},
        {"survey": "next-zz", "question": question},
        shared=lambda world: {"survey": world.open.key, "question": question},
    )


place_of = of_office(
    lambda world, code: {"survey": world.open.key, "code": code},
    {"survey": "open", "code": NO_OFFICE},
    crossed=lambda world, own, foreign: {"survey": world.next[foreign].key, "code": own},
    missing_child=lambda world, own: {"survey": "next-zz", "code": own},
)
invitation_of = of_office(
    lambda world, code: {"survey": world.next[code].key, "code": code},
    {"survey": "next-zz", "code": NO_OFFICE},
    shared=lambda world: {"survey": world.open.key, "code": "NA"},
)

# Statuses

sets = shared(lambda world: {"key": world.set.key}, {"key": "xyz"})
items: type_of_objects = lambda world, persona: {  # noqa: E731
    "shared": {"key": "ict", "number": 1},
    "shared:jiu": {"key": world.jiu_set.key, "number": 2},
    "missing": {"key": "ict", "number": 9},
}
directory = shared(lambda world: {"code": "NA"}, {"code": NO_OFFICE})
statuses_of_office = of_office(
    lambda world, code: {"code": code, "key": world.set.key},
    {"code": NO_OFFICE, "key": "ict"},
    missing_child=lambda world, own: {"code": own, "key": "xyz"},
)
status_of_office = of_office(
    lambda world, code: {"code": code, "key": world.set.key, "number": 1},
    {"code": NO_OFFICE, "key": "ict", "number": 1},
    missing_child=lambda world, own: {"code": own, "key": "ict", "number": 9},
)


def statuses_of(world: World, persona: Persona) -> Mapping[str, type_of_kwargs]:
    """Also what the Bureau alone states, for its own people."""
    more = {"own:jiu": {"code": "IB", "key": world.jiu_set.key}} if persona.office == "IB" else {}
    return {**statuses_of_office(world, persona), **more}


def status_of(world: World, persona: Persona) -> Mapping[str, type_of_kwargs]:
    """Also what the Bureau alone states: the focal point answers for the first recommendation only."""
    first, second = ({"code": "IB", "key": world.jiu_set.key, "number": number} for number in (1, 2))
    more = {"focal_point": {"own:jiu": first, "crossed": second}, "bureau_coordinator": {"own:jiu": second}}
    return {**status_of_office(world, persona), **more.get(persona.name, {})}


# The JIU

NO_DAY = "1999-01-01"
calls = shared(lambda world: {"day": str(world.call)}, {"day": NO_DAY})
reports_of_call = shared(lambda w: {"day": str(w.call), "key": w.jiu_set.key}, {"day": NO_DAY, "key": "jiu-rep-2021-6"})


def updates(world: World, persona: Persona) -> Mapping[str, type_of_kwargs]:
    """The focal point answers for the first recommendation, another post for the second."""
    found = {"day": str(world.call), "key": world.jiu_set.key}
    own = {"focal_point": 1, "bureau_coordinator": 2}.get(persona.name)
    foreign = {1: {"foreign": {**found, "number": 2}}, None: {"foreign": {**found, "number": 1}}, 2: {}}[own]
    return {**({"own": {**found, "number": own}} if own else {}), **foreign, "missing": {**found, "number": 9}}


sentences = shared(lambda world: {"name": "overview"}, {"name": "overlook"})


def pending(kind: str, **more: Any) -> type_of_objects:
    return lambda world, persona: {
        "shared": {"pending": world.pending[kind], **more},
        "missing": {"pending": NO_UUID, **more},
    }


# Technical assistance

programmes = shared(lambda world: {"number": 1}, {"number": 9})
request_of = of_office(lambda world, code: {"key": world.requests[code].key}, {"key": "request-zz"})
activity_of = of_office(
    lambda world, code: {"key": world.requests[code].key, "pk": world.activities[code].pk},
    {"key": "request-zz", "pk": MISSING_PK},
    crossed=lambda world, own, foreign: {"key": world.requests[own].key, "pk": world.activities[foreign].pk},
    missing_child=lambda world, own: {"key": world.requests[own].key, "pk": MISSING_PK},
)

# Publications

publications = shared(lambda world: {"number": 1}, {"number": 9})
versions = shared(lambda world: {"number": 1, "version": 1}, {"number": 1, "version": 9})
published_rounds = shared(lambda world: {"survey": world.past.key}, {"survey": "zzzz"})
claims = shared(lambda world: {"pk": world.claim.pk}, {"pk": MISSING_PK})

# People

person_of = of_office(lambda world, code: {"pk": world.people[f"colleague {code}"].pk}, {"pk": MISSING_PK})
place_of_person = of_office(
    lambda world, code: {"pk": world.people[f"colleague {code}"].pk, "code": code},
    {"pk": MISSING_PK, "code": NO_OFFICE},
    crossed=lambda world, own, foreign: {"pk": world.people["both"].pk, "code": "NA" if own == "AU" else "AU"},
    missing_child=lambda world, own: {"pk": world.people["both"].pk, "code": NO_OFFICE},
)
invitations_of = of_office(
    lambda world, code: {"pk": world.invitations[code].pk},
    {"pk": MISSING_PK},
    shared=lambda world: {"pk": world.invitations["portal"].pk},
)
links = shared(lambda world: {"token": world.tokens["link"]}, {"token": "token-zzzz-" + "x" * 30})
# The first visit keeps the key of the link in the session, as that of everybody here.
reset_links = shared(
    lambda world: {"uidb36": user_pk_to_url_str(world.rows["silent"]), "key": "set-password"},
    {"uidb36": "zzzz", "key": "cx-0"},
)


# Reminders, and the trail

reminders = shared(lambda world: {"pk": world.rows["reminder"].pk}, {"pk": MISSING_PK})
entries = of_office(lambda world, code: {"pk": world.rows[f"entry {code}"].pk}, {"pk": MISSING_PK})


def keys(world: World, persona: Persona) -> Mapping[str, type_of_kwargs]:
    """A second factor belongs to a person, whatever their role."""
    own = {"own": {"pk": world.keys[persona.name].pk}} if persona.name in world.keys else {}
    stranger = world.keys["both"].pk
    return {**own, "foreign": {"pk": stranger}, "missing": {"pk": MISSING_PK}}
