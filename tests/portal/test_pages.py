"""What holds for all pages: odd addresses, headers, the sign of life."""

from http import HTTPStatus

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from surveys import policies
from tests.factories.surveys import InvitationFactory, SurveyFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path", ["/offices/A%00/", "/recommendations/%00/", "/offices/?search=%00", "/surveys/x/respond/A%00/"]
)
def test_a_null_character_in_an_address_is_refused_in_a_sentence(client, path):
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "This request cannot be read" in answer.content.decode()


@pytest.mark.parametrize("setting", ["DATA_UPLOAD_MAX_MEMORY_SIZE", "DATA_UPLOAD_MAX_NUMBER_FIELDS"])
def test_a_form_that_is_too_large_is_told_the_limits(client_of, viewer, settings, setting):
    setattr(settings, setting, 3)
    answer = client_of(viewer).post("/accounts/sessions/", dict.fromkeys("abcdef", "typed"))
    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    told = " ".join(answer.content.decode().split())
    limits = "3 bytes and 5000 fields" if setting.endswith("SIZE") else "10.0 MB and 3 fields"
    assert f"The portal takes at most {limits} at once. Nothing was saved." in told.replace("\xa0", " ")
    assert "no-store" in answer["Cache-Control"]


def test_what_a_signed_in_person_sees_is_kept_by_no_cache(client_of, viewer):
    for path in ("/", "/surveys/", "/nowhere/"):
        cache = client_of(viewer).get(path)["Cache-Control"]
        assert {"private", "no-store"} <= {part.strip() for part in cache.split(",")}


def refused(kind: str) -> HttpResponse:
    """As a visitor whom nobody knows is refused."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    if kind == "405":
        return Client().post("/offices/")
    if kind == "403":
        return client.post("/accounts/login/", {"login": "typed"})
    if kind == "400 of the host":
        return client.get("/", headers={"Host": "evil.example.com"})
    return client.get({"404": "/nowhere/", "404 of a file": "/static/nothing.css", "400": "/offices/?search=%00"}[kind])


@pytest.mark.parametrize("kind", ["400", "400 of the host", "403", "404", "404 of a file", "405"])
def test_what_is_refused_is_kept_by_no_cache(kind):
    answer = refused(kind)
    assert answer.status_code == int(kind.split()[0])
    assert {"private", "no-store"} <= {part.strip() for part in answer.get("Cache-Control", "").split(",")}


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


@pytest.mark.parametrize("page", ["home", "surveys:list"])
@pytest.mark.parametrize(
    ("policy", "link"), [("may_read_results", "surveys:results"), ("may_follow", "surveys:manage")]
)
def test_a_round_in_a_list_leads_where_its_reader_may_go(
    client_of, viewer, secretariat, office, monkeypatch, page, policy, link
):
    survey = InvitationFactory(office=office, survey=SurveyFactory(closes_on=timezone.localdate())).survey
    target = f'href="{reverse(link, args=[survey.key])}"'
    shown = {user: target in client_of(user).get(reverse(page)).content.decode() for user in (viewer, secretariat)}
    assert shown == {viewer: False, secretariat: True}
    monkeypatch.setattr(policies, policy, lambda user: False)
    assert target not in client_of(secretariat).get(reverse(page)).content.decode()


def test_a_part_that_leads_elsewhere_leads_the_whole_page(client):
    part = {"HX-Request": "true"}
    answer = client.get("/audit/?words=x", headers=part)
    assert (answer.status_code, answer.content) == (HTTPStatus.OK, b"")
    assert answer["HX-Redirect"] == "/accounts/login/?next=/audit/%3Fwords%3Dx"
    # Going back, htmx fetches the page itself, and follows as a browser does.
    again = client.get("/audit/", headers={**part, "HX-History-Restore-Request": "true"})
    assert (again.status_code, again["Location"]) == (HTTPStatus.FOUND, "/accounts/login/?next=/audit/")
