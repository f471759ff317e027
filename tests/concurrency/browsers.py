"""Forms that many browsers send at the same moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie

from django.core.handlers.base import BaseHandler
from django.core.signals import request_finished
from django.db import close_old_connections
from django.http import HttpResponse, HttpResponseBase
from django.test import Client, RequestFactory


@dataclass(frozen=True)
class Sent:
    """A form as it goes over the wire."""

    path: str
    body: bytes
    content_type: str


class Nothing(HttpResponse):
    """What stands for the answer to a form that is kept instead of sent."""


class Recorder(Client):
    """A browser that can keep the next form instead of sending it."""

    kept: list[Sent] | None = None

    def generic(self, method, path, data="", content_type="application/octet-stream", *args, **options):
        if self.kept is None or method != "POST":
            return super().generic(method, path, data, content_type, *args, **options)
        self.kept.append(Sent(path, data, content_type))
        return Nothing()

    @contextmanager
    def keeping(self) -> Iterator[list[Sent]]:
        self.kept = []
        try:
            yield self.kept
        finally:
            self.kept = None


class Server:
    """All that stands before a view and behind it, middleware included, asked from many threads.

    The test client is no browser for threads: each of its requests listens to the templates of all others.
    """

    def __init__(self) -> None:
        self.handler = BaseHandler()
        self.handler.load_middleware()

    def answer(self, cookies: SimpleCookie, request) -> HttpResponseBase:
        request.COOKIES = {name: morsel.value for name, morsel in cookies.items()}
        request._dont_enforce_csrf_checks = True
        answer = self.handler.get_response(request)
        # As the test client does it: what is done after an answer may stand in a transaction of the test.
        request_finished.disconnect(close_old_connections)
        answer.close()
        return answer

    def get(self, cookies: SimpleCookie, path: str) -> HttpResponseBase:
        return self.answer(cookies, RequestFactory().get(path))

    def send(self, cookies: SimpleCookie, form: Sent) -> HttpResponseBase:
        return self.answer(cookies, RequestFactory().generic("POST", form.path, form.body, form.content_type))

    def post(self, cookies: SimpleCookie, path: str, fields: dict[str, object]) -> HttpResponseBase:
        return self.answer(cookies, RequestFactory().post(path, fields))
