"""What holds for all pages: odd addresses, headers, the sign of life."""

from http import HTTPStatus

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path", ["/offices/A%00/", "/recommendations/%00/", "/offices/?search=%00", "/surveys/x/respond/A%00/"]
)
def test_a_null_character_in_an_address_is_refused_in_a_sentence(client, path):
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "This request cannot be read" in answer.content.decode()


def test_what_a_signed_in_person_sees_is_kept_by_no_cache(client_of, viewer):
    for path in ("/", "/surveys/", "/nowhere/"):
        cache = client_of(viewer).get(path)["Cache-Control"]
        assert {"private", "no-store"} <= {part.strip() for part in cache.split(",")}


def test_every_answer_carries_the_policy(client):
    for path in ("/", "/nowhere/", "/accounts/login/", "/healthz"):
        answer = client.get(path)
        policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
        assert (policy["default-src"], policy["frame-ancestors"]) == ("'self'", "'none'")
        assert "unsafe-inline" not in answer["Content-Security-Policy"]
        assert (answer["X-Frame-Options"], answer["X-Content-Type-Options"]) == ("DENY", "nosniff")


def test_the_sign_of_life(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (HTTPStatus.OK, b"ok")
