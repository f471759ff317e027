"""What a way to write is: who does it, how, and which audit rows it leaves."""

import datetime
from collections.abc import Callable
from typing import NamedTuple

from django.urls import reverse

from surveys.models import Survey
from tests.html_forms import send

DAY = datetime.timedelta(days=1)


class Row(NamedTuple):
    """One audit row: what it says it was, by which path, for which office."""

    action: str
    path: str
    office_code: str = ""


class Case(NamedTuple):
    """One way to write: who does it, the rows it leaves, and what makes it ready and returns the write itself."""

    persona: str
    expected: list[Row]
    prepare: Callable[..., Callable[[], object]]


CASES: dict[str, Case] = {}


def case(name: str, persona: str, *expected: Row):
    """`name` is that of the route, and after a space which of its writes."""

    def keep(prepare):
        CASES[name] = Case(persona, list(expected), prepare)
        return prepare

    return keep


def form(action: str, office_code: str = "") -> Row:
    return Row(action, "form", office_code)


class Scene:
    """What a case finds: the fixtures of the tests, and a browser of its person."""

    def __init__(self, request, persona: str) -> None:
        self.get = request.getfixturevalue
        self.user = self.get(persona) if persona else None
        self.client = self.get("client_of")(self.user) if self.user else None

    @property
    def survey(self) -> Survey:
        """An open round that asks AU and NA everything."""
        return self.get("tiny_round").survey

    def url(self, name: str, *args: object) -> str:
        return reverse(name, args=args)

    def post(self, name: str, *args: object, data: dict[str, object] | None = None):
        return lambda: self.client.post(self.url(name, *args), data or {})

    def sent(self, name: str, *args: object, query: str = "", **changes: object):
        """The form of a page, changed and sent."""
        return lambda: send(self.client, self.url(name, *args) + query, **changes)
