"""Sign-in through an OpenID Connect provider; run by test_sso.py in a process that has one configured."""

import json
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from offices.accounts.sso import SocialAccountAdapter
from offices.actions import invitations
from offices.models import Membership, PersonInvitation, User
from tests.conftest import member

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"
SERVER = "https://id.example.org"
ANSWERS = {
    "/.well-known/openid-configuration": {
        "issuer": SERVER,
        "authorization_endpoint": f"{SERVER}/authorize",
        "token_endpoint": f"{SERVER}/token",
        "userinfo_endpoint": f"{SERVER}/userinfo",
        "jwks_uri": f"{SERVER}/keys",
    },
    "/token": {"access_token": "a", "token_type": "Bearer"},
}


class Provider:
    """What the portal asks the provider over the network, answered here."""

    def __init__(self, claims) -> None:
        self.answers = {**ANSWERS, "/userinfo": claims}

    def __enter__(self):
        return self

    def __exit__(self, *_error) -> None:
        pass

    def request(self, _method, url, **_details):
        self.found = self.answers[urlsplit(url).path]
        self.text = json.dumps(self.found)
        return self

    def get(self, url, **details):
        return self.request("GET", url, **details)

    status_code = HTTPStatus.OK
    headers = {"content-type": "application/json"}

    def raise_for_status(self) -> None:
        pass

    def json(self):
        return self.found


@pytest.fixture
def come_back(monkeypatch):
    """Goes to the provider and comes back as whoever it says; the browser and the last answer."""

    def walk(email, *, verified=True, path="", client=None, name="From The Provider"):
        claims = {"sub": "1", "email": email, "email_verified": verified, "name": name}
        monkeypatch.setattr(SocialAccountAdapter, "get_requests_session", lambda self: Provider(claims))
        client = client or Client()
        sent = client.get(reverse("openid_connect_login", args=["sso"]) + path)
        assert sent["Location"].startswith(f"{SERVER}/authorize?")
        state = parse_qs(urlsplit(sent["Location"]).query)["state"][0]
        callback = reverse("openid_connect_callback", args=["sso"])
        return client, client.get(callback, {"code": "c", "state": state})

    return walk


def signed_in(client) -> str:
    return client.session.get("_auth_user_id", "")


def test_the_sign_in_page_leads_to_the_provider(client):
    page = client.get(reverse("account_login")).content.decode()
    assert "Sign in with Example ID" in page
    assert reverse("openid_connect_login", args=["sso"]) in page


def test_somebody_known_comes_in_and_keeps_their_password(come_back):
    person = User.objects.create_user("known@example.org", PASSWORD)
    client, answer = come_back("Known@example.org")
    assert (answer["Location"], signed_in(client)) == ("/", str(person.pk))
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("verified", [True, False])
def test_nobody_else_comes_in(come_back, verified):
    client, answer = come_back("stranger@example.org", verified=verified)
    assert "Accounts are made by invitation" in answer.content.decode()
    assert (signed_in(client), User.objects.count()) == ("", 0)
    assert client.get("/accounts/3rdparty/signup/").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("verified", [False, "false", "False", "no", "0", 1, None])
def test_an_address_that_the_provider_has_not_verified_is_nobodys(come_back, verified):
    User.objects.create_user("known@example.org", PASSWORD)
    client, _answer = come_back("known@example.org", verified=verified)
    assert signed_in(client) == ""


def test_some_providers_say_as_a_text_that_they_have_verified_it(come_back):
    person = User.objects.create_user("known@example.org", PASSWORD)
    client, _answer = come_back("known@example.org", verified="true")
    assert signed_in(client) == str(person.pk)


def test_somebody_invited_comes_in_and_the_invitation_is_used(come_back, office):
    by = member(office, "coordinator")
    invitations.invite(email="new@example.org", offices=[office], office_role="viewer", portal_role="", by=by)
    client, answer = come_back("new@example.org")
    person = User.objects.get(email="new@example.org")
    assert (answer["Location"], signed_in(client), person.name) == ("/", str(person.pk), "From The Provider")
    assert not person.has_usable_password()
    assert Membership.objects.get(user=person).role == "viewer"
    assert PersonInvitation.objects.get().used_at


def test_the_name_that_the_provider_says_stands_on_one_line(come_back, office):
    by = member(office, "coordinator")
    invitations.invite(email="new@example.org", offices=[office], office_role="viewer", portal_role="", by=by)
    come_back("new@example.org", name="Bo\nOpen this\u2028\u202elink" + "x" * 200)
    assert User.objects.get(email="new@example.org").name == "Bo Open this  link" + "x" * 132


def test_a_revoked_invitation_lets_nobody_in(come_back, office):
    by = member(office, "coordinator")
    found = invitations.invite(email="new@example.org", offices=[office], office_role="viewer", portal_role="", by=by)
    invitations.revoke(invitation=found, by=by)
    client, _answer = come_back("new@example.org")
    assert signed_in(client) == ""


def test_an_ended_access_stays_ended(come_back):
    User.objects.create_user("ended@example.org", PASSWORD, is_active=False)
    client, answer = come_back("ended@example.org")
    assert (answer["Location"], signed_in(client)) == (reverse("account_inactive"), "")


def test_the_second_factor_is_asked_for_all_the_same(come_back):
    person = User.objects.create_user("known@example.org", PASSWORD)
    Authenticator.objects.create(user=person, type="totp", data={"secret": "x"})
    client, answer = come_back("known@example.org")
    assert (answer["Location"], signed_in(client)) == (reverse("mfa_authenticate"), "")


@pytest.mark.parametrize("process", ["connect", "redirect"])
def test_what_is_no_sign_in_uses_no_invitation(come_back, office, process):
    person = member(office, "coordinator")
    invitations.invite(email="new@example.org", offices=[office], office_role="viewer", portal_role="", by=person)
    client = Client()
    client.force_login(person)
    come_back("new@example.org", path=f"?process={process}", client=client)
    assert PersonInvitation.objects.get().used_at is None
    assert not User.objects.filter(email="new@example.org").exists()


def test_no_account_is_tied_to_one_at_the_provider(come_back):
    person = User.objects.create_user("known@example.org", PASSWORD)
    client = Client()
    client.force_login(person)
    _client, answer = come_back("other@example.org", path="?process=connect", client=client)
    assert answer["Location"] == reverse("account")
    assert not SocialAccount.objects.exists()


def test_next_leads_nowhere_else(come_back):
    User.objects.create_user("known@example.org", PASSWORD)
    assert come_back("known@example.org", path="?next=https://evil.example.com/")[1]["Location"] == "/"
    assert come_back("known@example.org", path="?next=/surveys/")[1]["Location"] == "/surveys/"


def test_no_other_provider_is_added_by_the_administration_pages():
    assert [model for model in admin.site._registry if model._meta.app_label == "socialaccount"] == []
