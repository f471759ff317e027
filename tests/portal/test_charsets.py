"""A request that is said to be in anything but UTF-8 is refused, with all headers."""

import io
from http import HTTPStatus

import pytest
from django.test import RequestFactory

from portal.wsgi import application

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded; charset={}"
PARTS = "multipart/form-data; boundary=x; charset={}"
PART = '--x\r\nContent-Disposition: form-data; name="login"\r\n\r\nnürnberg\r\n--x--\r\n'
BODIES = {FORM: b"login=n%C3%BCrnberg", PARTS: PART.encode()}
HEADERS = ["Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy"]


def send(kind: str, charset: str, method: str = "POST"):
    """Through the server's own door, as a visitor who has the cookie of a page and not its token."""
    asked = RequestFactory().generic(method, "/accounts/login/?next=/%C3%A9", BODIES[kind]).environ
    # Not above, where the request is made at once, and by another class.
    asked |= {"CONTENT_TYPE": kind.format(charset), "HTTP_COOKIE": f"csrftoken={'a' * 32}"}
    asked["wsgi.input"] = io.BytesIO(BODIES[kind])
    said: list = []
    body = b"".join(application(asked, lambda status, headers: said.extend([status, dict(headers)])))
    return int(said[0].split()[0]), said[1], body.decode()


@pytest.mark.parametrize(
    "charset", ["iso-8859-1", "idna", "utf-16", "zip", "nothing", "", "x" * 5000], ids=lambda text: text[:12]
)
@pytest.mark.parametrize("kind", [FORM, PARTS], ids=["form", "parts"])
def test_another_charset_is_refused(kind, charset):
    status, headers, page = send(kind, charset)
    assert status == HTTPStatus.BAD_REQUEST
    assert "This request cannot be read" in page
    assert [name for name in HEADERS if name not in headers] == []
    assert "no-store" in headers["Cache-Control"]


def test_so_it_is_where_nothing_is_sent():
    assert send(FORM, "idna", "GET")[0] == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8", '"utf-8"'])
@pytest.mark.parametrize("kind", [FORM, PARTS], ids=["form", "parts"])
def test_utf_8_is_read_however_it_is_written(kind, charset):
    status, _headers, page = send(kind, charset)
    assert (status, "nürnberg" in page) == (HTTPStatus.FORBIDDEN, True)
