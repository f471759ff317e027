"""The cells of the matrix: who asks how for which object, what may come back, and what is wrong with what did."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import lxml.html
from django.apps import apps
from django.urls import reverse

from tests.factories.matrix import FOREIGN, PERSONAS, Persona, World
from tests.matrix.asking import OWN_SESSIONS, PART, SESSIONS_OF_OTHERS, Answer, ask
from tests.matrix.routes import Route

LINK = re.compile(rb'href="(/[^"#]*)')
ACTION = re.compile(rb'method="post"\s+action="(/[^"?]*)')
GETS = ("GET", PART, "HEAD")
METHODS = [*GETS, "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

# Who

EVERYBODY = frozenset(persona.name for persona in PERSONAS)
OUTSIDE = frozenset({"anonymous", "deactivated"})
SIGNED_IN = EVERYBODY - OUTSIDE
MEMBERS = frozenset(persona.name for persona in PERSONAS if persona.office)
COORDINATORS = frozenset({"coordinator", "other_coordinator", "bureau_coordinator"})
FILLERS = MEMBERS - {"viewer"}
BUREAU = frozenset({"focal_point", "bureau_coordinator"})
ADMINISTRATOR = frozenset({"administrator"})
SECRETARIAT = frozenset({"secretariat", "administrator"})
READERS = SECRETARIAT | {"auditor"}
RUNS_CALLS = SECRETARIAT | {"bureau_coordinator"}

# What: how an object stands to whoever asks. `shared` is everybody's, or nobody's; `crossed` somebody else's under
# a parent of one's own; `held` everybody's that others rest on; `nothing` a page without parameters.

ANY = frozenset({"nothing", "own", "shared", "held", "foreign", "crossed", "missing", "missing child"})
REAL = ANY - {"missing", "missing child"}
OWN = frozenset({"own"})
NEAR = frozenset({"own", "shared", "nothing"})
GONE = ANY - REAL
OPENABLE = frozenset({"own", "shared", "nothing", "foreign"})

# What is changed: by the labels of models, and of sessions by whose they are. The log of the admin pages is no aim.

SESSIONS = frozenset({OWN_SESSIONS, SESSIONS_OF_OTHERS})
LOG = "admin.LogEntry"
# What no row of the trail is about: sessions, and files that wait to be confirmed.
UNTOLD = SESSIONS | {"portal_pendingimport", "sqlite_sequence"}

# What comes back

SIGN_IN, ELSEWHERE = "the page to sign in", "another page"
REFUSED = "a refusal"  # the page with the form again, and why
AGAIN = "the page again"  # the same, as 200: nothing was done
OK, DENIED, NOT_FOUND, NO_METHOD = 200, 403, 404, 405

type_of_objects = Callable[[World, Persona], Mapping[str, Mapping[str, Any]]]
type_of_body = Callable[[World, Persona], Mapping[str, Any]]
type_of_row = tuple[frozenset[str], frozenset[str], Any]


def nothing(_world: World, _persona: Persona) -> Mapping[str, Mapping[str, Any]]:
    return {"nothing": {}}


@dataclass(frozen=True)
class Form:
    """What a POST sends: the form that the page `page` has for this address, as `by` gets it, with `extra`.

    `by` is a persona, "coordinator" of the office that the object belongs to, or "self"; `fill` changes
    what the form holds.
    """

    page: str = ""
    by: str = "coordinator"
    extra: Mapping[str, Any] = field(default_factory=dict)
    fill: Callable[[dict[str, Any]], dict[str, Any]] = dict


@dataclass(frozen=True)
class Policy:
    """Who may what at a route. Of the rows for a method the first that fits holds; where none does, it is 404.

    Where there are no rows for a method, nobody can use it; `asks_first` is whether somebody without a session is
    led to sign in even so. `writes` are the models of which a POST changes rows, with `OWN_SESSIONS` and
    `SESSIONS_OF_OTHERS` if it ends or begins any: some POST of the matrix must. `notes` are the models of which a GET
    by `noted_for` changes rows. `bodies` are other things to POST, each with rows of its own.
    """

    get: Sequence[type_of_row] | None = None
    post: Sequence[type_of_row] | None = None
    put: Sequence[type_of_row] | None = None
    options: Sequence[type_of_row] | None = None
    rest: Sequence[type_of_row] | None = None
    objects: type_of_objects = nothing
    form: Form | None = None
    writes: frozenset[str] = frozenset()
    notes: frozenset[str] = frozenset()
    noted_for: frozenset[str] = EVERYBODY
    asks_first: bool = False
    query: str | Callable[[], str] = ""
    queries: Sequence[tuple[str, str]] = ()
    bodies: Sequence[tuple[type_of_body, Sequence[type_of_row]]] = ()
    # Whether what is written has its row in the trail.
    is_told: bool = True
    # Who gets there, in the words of docs/, where it does not hang on a role.
    stated: str = ""

    def expected(self, persona: str, method: str, relation: str) -> Any:
        by_method = {
            "GET": self.get,
            PART: self.get,
            "HEAD": self.get,
            "POST": self.post,
            "PUT": self.put,
            "OPTIONS": self.options,
        }
        rows = by_method.get(method, self.rest)
        if rows is not None:
            return first_fitting(rows, persona, kind_of(relation))
        return SIGN_IN if self.asks_first and persona in OUTSIDE else NO_METHOD

    def may_write(self, method: str, persona: str) -> frozenset[str]:
        """By a POST what the route is for; by any other method nothing but what a GET notes."""
        if method == "POST":
            return self.writes
        return self.notes if method in GETS and persona in self.noted_for else frozenset()

    @property
    def asked(self) -> str:
        return self.query() if callable(self.query) else self.query


def kind_of(relation: str) -> str:
    """Several objects of one kind are told apart by a word after a colon."""
    return relation.partition(":")[0]


def first_fitting(rows: Sequence[type_of_row], persona: str, relation: str) -> Any:
    for who, what, answer in rows:
        if persona in who and relation in what:
            return answer
    return NOT_FOUND


def fits(answer: Answer, expected: Any) -> bool:
    """Whether the answer is what is expected: a status, several, or one of the words above."""
    if isinstance(expected, tuple):
        return any(fits(answer, one) for one in expected)
    ways_in = (reverse("account_login"), reverse("admin:login"))
    to_sign_in = answer.status == 302 and answer.location.startswith(ways_in)
    if expected == SIGN_IN:
        return to_sign_in
    if expected == ELSEWHERE:
        return answer.status == 302 and not to_sign_in
    if expected == AGAIN:
        return answer.status == OK
    if expected == REFUSED:
        return answer.status in {DENIED, 409, 422}
    return bool(answer.status == expected)


NOTHING_TO_GET = {DENIED, NOT_FOUND, REFUSED}

# The ground on which they stand


@dataclass
class Ground:
    world: World
    before: Mapping[str, str]
    policies: Mapping[str, Policy]
    routes: Mapping[str, Route]
    forms: dict[Any, Mapping[str, Any]] = field(default_factory=dict)
    refused: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    cells: int = 0

    def ask(self, persona: str, method: str, url: str, **options: Any) -> Answer:
        self.cells += 1
        return ask(self.world.clients[persona], method, url, before=self.before, **options)

    def red(self, name: str) -> list[str]:
        """Everything that is wrong at a route."""
        return list(red_cells(self, self.routes[name], self.policies[name]))

    def first_red(self, name: str) -> str:
        """Something that is wrong at a route, by the methods of browsers; empty if nothing is."""
        return next(red_cells(self, self.routes[name], self.policies[name], methods=["GET", PART, "POST"]), "")

    def refused_to(self, persona: Persona, method: str) -> set[str]:
        """The addresses that this person gets nothing from by GET, or nothing done at by POST."""
        if (persona.name, method) not in self.refused:
            self.refused[persona.name, method] = {
                self.routes[name].url(**kwargs)
                for name, policy in self.policies.items()
                for relation, kwargs in policy.objects(self.world, persona).items()
                if kind_of(relation) in REAL and policy.expected(persona.name, method, relation) in NOTHING_TO_GET
            }
        return self.refused[persona.name, method]

    def sent(self, route: Route, policy: Policy, persona: Persona, relation: str, kwargs: Mapping[str, Any]) -> Any:
        """What a POST for this object sends; for one that does not exist, what it would send for a foreign one."""
        form = policy.form
        if form is None:
            return {}
        objects = policy.objects(self.world, persona)
        # What nobody could open is sent what a foreign one would be.
        stands_in = objects.get("foreign") or next((objects[name] for name in objects if kind_of(name) in REAL), kwargs)
        real = kwargs if kind_of(relation) in OPENABLE else stands_in
        key = (route.name, str(sorted(real.items())), persona.name if form.by == "self" else persona.office)
        if key not in self.forms:
            self.forms[key] = self.read(route, form, persona, relation, real, policy.asked)
        return self.forms[key]

    def read(
        self, route: Route, form: Form, persona: Persona, relation: str, kwargs: Mapping[str, Any], query: str
    ) -> Any:
        code = persona.office if kind_of(relation) in NEAR else FOREIGN[persona.office]
        keepers = {"AU": "coordinator", "NA": "other_coordinator", "IB": "bureau_coordinator"}
        by = {"coordinator": keepers[code or "AU"], "self": persona.name}.get(form.by, form.by)
        target = route.url(**kwargs)
        extra = {name: value(self.world) if callable(value) else value for name, value in form.extra.items()}
        page = target
        if form.page:
            names = self.routes[form.page].parameters
            page = self.routes[form.page].url(**{name: value for name, value in kwargs.items() if name in names})
        client = self.world.clients[by]
        answer = ask(client, "GET", page + query, before=self.before)
        return {**form.fill(form_on(answer, target, page)), **extra}


def form_on(answer: Answer, target: str, page: str) -> dict[str, Any]:
    """What the form of this page that is sent to `target` holds, as a browser would send it."""
    if answer.status >= 300:
        return {}
    sent: dict[str, Any] = {}
    for form in lxml.html.fromstring(answer.body).forms:
        if form.method == "POST" and urlsplit(form.action or page).path == target and not sent:
            for field in form.inputs:
                for value in values_of(field):
                    sent.setdefault(field.name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in sent.items() if name}


def values_of(field: Any) -> list[str]:
    if field.tag == "textarea":
        return [field.text_content().removeprefix("\n")]
    if field.tag == "select":
        return list(field.value) if field.multiple else [field.value or ""]
    kind = field.get("type", "text")
    if kind in {"radio", "checkbox"} and field.get("checked") is None:
        return []
    return [] if kind in {"submit", "button", "file"} else [field.get("value", "on" if kind == "checkbox" else "")]


def aim(models: frozenset[str]) -> set[str]:
    """Where the rows of these models stand, and what is called so of sessions."""
    found = set(models & SESSIONS)
    for model in map(apps.get_model, models - SESSIONS - {LOG}):
        found |= {model._meta.db_table, *(field.m2m_db_table() for field in model._meta.many_to_many)}
    return found


def tables(models: frozenset[str]) -> set[str]:
    """The same, with what was said before, and the trail."""
    if not models:
        return set()
    histories = (getattr(apps.get_model(label), "history", None) for label in models - SESSIONS)
    said = {history.model._meta.db_table for history in histories if history is not None}
    log = {"django_admin_log"} if LOG in models else set()
    return {"portal_auditentry", "sqlite_sequence", *aim(models), *said, *log}


# Walking a route


def red_cells(ground: Ground, route: Route, policy: Policy, *, methods: Sequence[str] = METHODS) -> Iterator[str]:
    """Everything that is wrong at a route, a line each."""
    changed: set[str] = set()
    for persona in PERSONAS:
        yield from red_cells_of(ground, route, policy, persona, methods, changed)
    if "POST" in methods and policy.writes and not changed & aim(policy.writes):
        yield f"{route.name}: no POST changed what it is for, so that nothing is told about who may"


def red_cells_of(
    ground: Ground, route: Route, policy: Policy, persona: Persona, methods: Sequence[str], all_changed: set[str]
) -> Iterator[str]:
    objects = policy.objects(ground.world, persona)
    whole: dict[str, Answer] = {}
    for method in methods:
        answers: dict[str, Answer] = {}
        for relation, kwargs in objects.items():
            if method == PART and is_file(whole.get(relation)):
                continue
            url = route.url(**kwargs) + policy.asked
            bare = method in {*GETS, "OPTIONS"}
            data = {} if bare else ground.sent(route, policy, persona, relation, kwargs)
            answer = answers[relation] = ground.ask(persona.name, method, url, data=data)
            expected = policy.expected(persona.name, method, relation)
            where = f"{method} {route.name} as {persona.name}, {relation} ({url})"
            yield from (f"{where}: {fault}" for fault in faults(answer, persona, method, policy, expected))
            yield from (f"{where}: offers {path}, which is refused" for path in offered(ground, answer, persona))
            all_changed |= answer.changed if method == "POST" else set()
            if method == "GET":
                whole[relation] = answer
            elif method == PART and differs_unsaid(whole.get(relation), answer):
                yield f"{where}: is not the whole page, and does not say so (Vary)"
        yield from unlike(answers, f"{method} {route.name} as {persona.name}", policy, persona, method)
    yield from red_queries(ground, route, policy, persona)
    yield from red_bodies(ground, route, policy, persona)


def red_bodies(ground: Ground, route: Route, policy: Policy, persona: Persona) -> Iterator[str]:
    """What is done when something else is sent than what the page offers."""
    relation, kwargs = next(iter(policy.objects(ground.world, persona).items()))
    for body, rows in policy.bodies:
        data = {**ground.sent(route, policy, persona, relation, kwargs), **body(ground.world, persona)}
        answer = ground.ask(persona.name, "POST", route.url(**kwargs), data=data)
        expected = first_fitting(rows, persona.name, kind_of(relation))
        where = f"POST {body(ground.world, persona)} to {route.name} as {persona.name}"
        yield from (f"{where}: {fault}" for fault in faults(answer, persona, "POST", policy, expected))


def red_queries(ground: Ground, route: Route, policy: Policy, persona: Persona) -> Iterator[str]:
    """What a query string tells: pairs of which the first names something foreign, the second something missing."""
    for pair in policy.queries:
        urls = [route.url() + query.format(foreign=FOREIGN[persona.office]) for query in pair]
        for method in ("GET", PART):
            answers = [ground.ask(persona.name, method, url) for url in urls]
            for answer in answers:
                where = f"{method} {answer.url} as {persona.name}"
                yield from (f"{where}: {fault}" for fault in faults_of_any(answer, persona))
            if persona.name not in READERS and plain(answers[0]) != plain(answers[1]):
                yield f"{method} {urls[0]} as {persona.name} is answered otherwise than {urls[1]}"


def plain(answer: Answer) -> tuple[Any, ...]:
    """Without what was asked for, which a form shows again."""
    for _name, value in parse_qsl(urlsplit(answer.url).query):
        answer.body = answer.body.replace(f'value="{value}"'.encode(), b"ASKED")
    return answer.normal()


def faults(answer: Answer, persona: Persona, method: str, policy: Policy, expected: Any) -> Iterator[str]:
    yield from faults_of_any(answer, persona)
    if not fits(answer, expected):
        yield f"answered {answer.status} {answer.location} {answer.error}, not {expected}"
    allowed = tables(policy.may_write(method, persona.name)) if lets_pass(expected) else set()
    if answer.changed - allowed:
        yield f"changed {sorted(answer.changed - allowed)}"
    if policy.is_told and answer.changed - UNTOLD and "portal_auditentry" not in answer.changed:
        yield f"changed {sorted(answer.changed)}, of which the trail knows nothing"


def is_file(answer: Answer | None) -> bool:
    """What no script of a page asks for."""
    return answer is not None and answer.status == OK and not answer.headers["Content-Type"].startswith("text/html")


def differs_unsaid(whole: Answer | None, part: Answer) -> bool:
    """Whether a script gets something else than a browser, without a word about it to caches."""
    if whole is None or part.status != OK or "HX-Request" in part.headers.get("Vary", ""):
        return False
    return whole.status != part.status or (b"<html" in whole.body) != (b"<html" in part.body)


def offered(ground: Ground, answer: Answer, persona: Persona) -> Iterator[str]:
    """What a page leads to, and has forms for, although it is refused to whoever sees it."""
    if answer.status == OK and answer.headers.get("Content-Type", "").startswith("text/html"):
        links = {link.partition(b"?")[0].decode() for link in LINK.findall(answer.body)}
        actions = {action.decode() for action in ACTION.findall(answer.body)}
        yield from sorted(links & ground.refused_to(persona, "GET"))
        yield from sorted(actions & ground.refused_to(persona, "POST"))


def faults_of_any(answer: Answer, persona: Persona) -> Iterator[str]:
    """What is wrong wherever it happens."""
    if answer.status >= 500:
        yield f"failed: {answer.status} {answer.error}"
    if strange := answer.marks() - persona.scopes:
        yield f"tells texts of {sorted(strange)}"
    signed_in = persona.name in SIGNED_IN and OWN_SESSIONS not in answer.changed
    if signed_in and answer.body and not answer.error and "no-store" not in answer.headers.get("Cache-Control", ""):
        yield "may be kept by a cache"
    if not answer.error and "Content-Security-Policy" not in answer.headers:
        yield "has no Content-Security-Policy"


def lets_pass(expected: Any) -> bool:
    every = expected if isinstance(expected, tuple) else (expected,)
    return any(one in {OK, ELSEWHERE} for one in every)


def unlike(answers: Mapping[str, Answer], where: str, policy: Policy, persona: Persona, method: str) -> Iterator[str]:
    """A foreign object that is told from a missing one."""
    for hidden, missing in (("foreign", "missing"), ("crossed", "missing child")):
        if hidden not in answers or missing not in answers:
            continue
        expected = policy.expected(persona.name, method, hidden)
        if expected != policy.expected(persona.name, method, missing) or lets_pass(expected):
            continue
        if answers[hidden].normal() != answers[missing].normal():
            yield f"{where}: {hidden} ({answers[hidden].url}) is answered otherwise than {missing}"
