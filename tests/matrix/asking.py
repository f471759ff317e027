"""One request as one persona: what comes back, what it tells, and what it changed."""

from __future__ import annotations

import copy
import hashlib
import io
import re
import traceback
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from allauth.core.context import request_context
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache as portal_cache
from django.db import connection, transaction
from django.test import Client, TestCase
from django.utils.html import escape

from tests.factories.matrix import MARK

BYTES_MARK = re.compile(MARK.pattern.encode())
TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]*')
# A GET as a script of a page sends it, which may be answered by a part of the page.
PART = "GET by script"
READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "PRAGMA", "BEGIN", "EXPLAIN", "SHOW")
# Every visit may write its own session: of these tables only what ended or began for whom is looked at.
OF_SESSIONS = {"django_session", "usersessions_usersession"}
OWN_SESSIONS, SESSIONS_OF_OTHERS = "one's own sessions", "the sessions of others"


@dataclass
class Answer:
    status: int
    url: str
    location: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    mails: list[str] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    error: str = ""
    sent: str = ""

    def marks(self) -> set[str]:
        """The scopes of which something is told that whoever asked did not say themselves."""
        said = {found.group() for found in MARK.finditer(f"{self.url} {self.sent}")}
        told = [self.body, *unpacked(self.body), str([self.headers, self.cookies, self.mails]).encode()]
        found = {match.group().decode() for part in told for match in BYTES_MARK.finditer(part)}
        return {MARK.fullmatch(word)[1] for word in found - said}  # type: ignore[index]

    def normal(self) -> tuple[Any, ...]:
        """The same for two addresses that are answered alike: without the address, and what is new each time."""
        path = self.url.partition("?")[0]
        texts = {path, self.url, quote(path, safe="/"), quote(path, safe=""), quote(self.url), escape(self.url)}
        body = TOKEN.sub(rb"\1", self.body)
        headers = {name: value for name, value in self.headers.items() if name not in {"Expires", "Content-Length"}}
        location = self.location
        for text in sorted(texts, key=len, reverse=True):
            body = body.replace(text.encode(), b"PATH")
            headers = {name: value.replace(text, "PATH") for name, value in headers.items()}
            location = location.replace(text, "PATH")
        return self.status, location, headers, sorted(self.cookies), body, self.mails, self.changed, self.error


def unpacked(body: bytes) -> Iterator[bytes]:
    """The parts of a workbook or a Word file, which are compressed."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield archive.read(name)


# The database


def fingerprint() -> dict[str, str]:
    """Of each table what it holds; of each session whose it is."""
    found = dict(sessions())
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names(cursor)) - OF_SESSIONS):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # a name that the database itself gave
            rows = sorted(map(repr, cursor.fetchall()))
            found[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


@cache
def owner_of(data: str) -> str:
    return str(SessionStore().decode(data).get("_auth_user_id", ""))


def sessions() -> Iterator[tuple[str, str]]:
    """Those of people who have signed in; any other is nobody's."""
    for pk, data in Session.objects.values_list("pk", "session_data"):
        if owner := owner_of(data):
            yield f"session {pk}", owner
    for pk, owner in UserSession.objects.values_list("session_key", "user"):
        yield f"listed session {pk}", str(owner)


def by_owner(names: set[str], sides: Sequence[Mapping[str, str]], asker: str) -> set[str]:
    """The names of tables, and in place of those of sessions whose they are."""
    found = set()
    for name in names:
        owner = next((side[name] for side in sides if name in side), "")
        ended = OWN_SESSIONS if owner == asker else SESSIONS_OF_OTHERS
        found.add(ended if "session " in name else name)
    return found


@dataclass
class Watch:
    """Sees every statement that may write."""

    wrote: bool = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.wrote |= not sql.lstrip(" (").upper().startswith(READS)
        return execute(sql, params, many, context)


@contextmanager
def undone(before: Mapping[str, str], changed: set[str], asker: str = "") -> Iterator[None]:
    """Takes back what is written within, and says in `changed` in which tables it was; sessions are the asker's."""
    watch, place = Watch(), transaction.savepoint()
    with connection.execute_wrapper(watch):
        try:
            yield
        finally:
            transaction.set_rollback(False)
    if watch.wrote:
        after = fingerprint()
        names = {name for name in after.keys() | before.keys() if after.get(name) != before.get(name)}
        changed |= by_owner(names, [before, after], asker)
        transaction.savepoint_rollback(place)
    else:
        transaction.savepoint_commit(place)


# The request


def ask(
    client: Client,
    method: str,
    url: str,
    *,
    before: Mapping[str, str],
    data: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """What the portal answers; everything is as before afterwards, the browser's cookies too."""
    answer = Answer(0, url)
    cookies = copy.deepcopy(client.cookies)
    mail.outbox.clear()
    portal_cache.clear()
    with undone(before, answer.changed, before.get(f"session {session_key(client)}", "")):
        try:
            with TestCase.captureOnCommitCallbacks() as left_to_do:
                response = send(client, method, url, data or {}, headers or {}, answer)
            with request_context(response.wsgi_request):
                for work in left_to_do:
                    work()
        except Exception as error:  # what nobody caught is an answer, too
            answer.status, answer.error = 500, f"{error!r} at {place_of(error)}"
        else:
            answer.status = response.status_code
            answer.headers = dict(response.items())
            answer.location = response.get("Location", "")
            if "HX-Redirect" in response:
                # Of the whole page, by htmx, what a browser does with a Location.
                answer.status, answer.location = HTTPStatus.FOUND, response["HX-Redirect"]
            answer.cookies = {name: morsel.value for name, morsel in response.cookies.items()}
            answer.body = response.getvalue()
    answer.mails = [f"{message.to} {message.subject} {message.body} {message.extra_headers}" for message in mail.outbox]
    client.cookies = cookies
    return answer


def session_key(client: Client) -> str:
    return client.cookies["sessionid"].value if "sessionid" in client.cookies else ""


def place_of(error: BaseException) -> str:
    """The last line of the portal's own that it came through."""
    frames = traceback.extract_tb(error.__traceback__)
    last = [frame for frame in frames if "/.venv/" not in frame.filename][-1]
    return f"{last.filename}:{last.lineno}"


def send(
    client: Client, method: str, url: str, data: Mapping[str, Any], headers: Mapping[str, str], answer: Answer
) -> Any:
    if method == PART:
        return client.get(url, headers={**headers, "HX-Request": "true"})
    if method in {"GET", "HEAD"}:
        return getattr(client, method.lower())(url, headers=headers)
    if method == "OPTIONS":
        return client.options(url, headers=headers)
    said = {name: value() if callable(value) else value for name, value in data.items()}
    answer.sent = str(said)
    if method == "POST":
        return client.post(url, said, headers=headers)
    body = urlencode({name: value for name, value in said.items() if not hasattr(value, "read")}, doseq=True)
    kind = "application/x-www-form-urlencoded"
    return client.generic(method, url, body, content_type=kind, headers=headers)
