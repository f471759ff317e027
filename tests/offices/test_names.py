"""A name stands in mails and in the trail: on one line, and without what turns the text beside it."""

from http import HTTPStatus

import pytest
from django.core import mail
from django.urls import reverse

from offices.actions import invitations
from offices.models import User
from tests.html_forms import send

pytestmark = pytest.mark.django_db

LINK = "Bob\n\nOpen this link to accept:\n\nhttps://evil.example/"
BAD = [LINK, "Bob\r\nX", "Bob\tX", "Bob\x85X", "Bob\u2028X", "Bob\u2029X", "Bob\u202egro.elpmaxe", "Bob\u2066X"]
PASSWORD = "correct horse battery staple"


@pytest.mark.parametrize("name", BAD, ids=ascii)
def test_ones_own_page_refuses_it(client_of, viewer, name):
    answer = send(client_of(viewer), reverse("account"), name=name)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "holds the control character" in answer.content.decode()
    assert User.objects.get(pk=viewer.pk).name == ""


@pytest.mark.parametrize("name", BAD, ids=ascii)
def test_the_administration_page_refuses_it(client_of, administrator, viewer, name):
    client = client_of(administrator)
    for page in (reverse("admin:offices_user_change", args=[viewer.pk]), reverse("admin:offices_user_add")):
        answer = send(client, page, email="x@example.org", name=name, _save="1")
        assert "holds the control character" in answer.content.decode()
    assert not User.objects.exclude(name="").exists()


@pytest.mark.parametrize("name", BAD, ids=ascii)
def test_who_accepts_an_invitation_is_refused_it(client, coordinator, office, name, monkeypatch):
    monkeypatch.setattr(invitations.secrets, "token_urlsafe", lambda _n: "the-token")
    invitations.invite(email="new@example.org", offices=[office], office_role="viewer", portal_role="", by=coordinator)
    data = {"name": name, "password": PASSWORD, "again": PASSWORD}
    answer = client.post(reverse("invitation", args=["the-token"]), data)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not User.objects.filter(email="new@example.org").exists()


@pytest.mark.parametrize("name", ["Zoë O’Brien-Núñez", "سارا می\u200cنویسد", "\u200fרות", "क्\u200dष"])
def test_names_of_all_writings_stand(client_of, viewer, name):
    assert send(client_of(viewer), reverse("account"), name=name).status_code == HTTPStatus.FOUND
    assert User.objects.get(pk=viewer.pk).name == name


def test_a_mail_of_an_invitation_holds_one_link(client_of, coordinator, office, django_capture_on_commit_callbacks):
    client = client_of(coordinator)
    send(client, reverse("account"), name=LINK)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("people_invite"), {"email": "n@example.org", "role": "viewer", "offices": ["AU"]})
    assert mail.outbox[0].body.count("://") == 1
