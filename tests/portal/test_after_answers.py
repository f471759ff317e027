"""What is left to be done after an answer: the connection does not tell how long it takes, and it is done."""

import http.client
import os
import re
import subprocess
import sys
import threading
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings as settings_of_this_process
from django.core import mail
from django.core.cache import cache
from django.db import connections
from django.http import HttpResponse

from offices.accounts.forms import ResetPasswordForm
from offices.models import User
from portal import middleware

PATH = "/accounts/password/reset/"


def wait_for_work() -> None:
    middleware.worker.submit(lambda: None).result(timeout=30)


def ask_for_link(server, email: str) -> int:
    """In French; returns when the server has let go of the connection."""
    host = urlsplit(server.url).netloc
    headers = {"Accept-Language": "fr"}
    page = http.client.HTTPConnection(host, timeout=10)
    page.request("GET", PATH, headers=headers)
    answer = page.getresponse()
    cookie = answer.headers["Set-Cookie"].split(";")[0]
    token = re.search(r'csrfmiddlewaretoken" value="([^"]*)"', answer.read().decode())[1]
    page.close()
    form = http.client.HTTPConnection(host, timeout=10)
    form.connect()
    data = urlencode({"email": email, "csrfmiddlewaretoken": token}).encode()
    told = {**headers, "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded", "Connection": "close"}
    form.request("POST", PATH, data, told)
    with form.sock.makefile("rb") as stream:
        everything = stream.read()
    form.close()
    return int(everything.split()[1])


@pytest.mark.django_db(transaction=True)
def test_a_slow_mail_server_holds_up_nobody(live_server, settings, monkeypatch):
    cache.clear()
    settings.WORK_IN_THREADS = True
    User.objects.create_user("owner@example.org", "correct horse battery staple")
    mail_server, send = threading.Event(), ResetPasswordForm.mail

    def send_slowly(*args: object) -> None:
        mail_server.wait(20)
        send(*args)

    monkeypatch.setattr(ResetPasswordForm, "mail", send_slowly)
    try:
        for email in ("owner@example.org", "nobody@example.org"):
            assert ask_for_link(live_server, email) == 302
        assert mail.outbox == []
    finally:
        mail_server.set()
        wait_for_work()
    (message,) = mail.outbox
    assert message.to == ["owner@example.org"]
    assert "mot de passe" in message.body


@pytest.mark.django_db(transaction=True)
def test_what_fails_is_logged_and_its_connection_closed(rf, settings, caplog):
    settings.WORK_IN_THREADS = True
    opened = []

    def work() -> None:
        opened.append(connections["default"])
        User.objects.exists()
        raise OSError("no mail server")

    def view(request):
        middleware.after_answer(request, work)
        return HttpResponse()

    middleware.after_answers(view)(rf.get("/somewhere/")).close()
    wait_for_work()
    assert "after the answer to /somewhere/ failed" in caplog.text
    assert "no mail server" in caplog.text
    assert opened[0] is not connections["default"]
    assert opened[0].connection is None


ENDS = """
import time
import django
django.setup()
from django.http import HttpResponse
from django.test import RequestFactory
from portal import middleware

def view(request):
    middleware.after_answer(request, lambda: (time.sleep(0.5), print("done")))
    return HttpResponse()

middleware.after_answers(view)(RequestFactory().get("/")).close()
print("answered")
"""


def test_a_process_that_ends_does_first_what_is_left(tmp_path):
    """A process of its own, with the settings that servers have."""
    without = {name: value for name, value in os.environ.items() if name != "PYTEST_VERSION"}
    done = subprocess.run(
        [sys.executable, "-c", ENDS],
        env={**without, "DJANGO_SETTINGS_MODULE": "portal.settings", "DATABASE_URL": f"sqlite:///{tmp_path}/none"},
        cwd=settings_of_this_process.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["answered", "done"]
