"""Second factors: who needs one, how they are set up, and what signs in."""

import json
import os
import subprocess
import sys
import time
from http import HTTPStatus

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings as settings_of_this_process
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AuthenticatorData

from offices.accounts import codes, encryption
from offices.actions import people
from offices.models import User
from portal import held
from portal.models import AuditEntry
from tests.factories.matrix import credential as made
from tests.races import race

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def required(settings):
    settings.MFA_REQUIRED = True


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def sign_in(client, person):
    return client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})


def is_signed_in(client) -> bool:
    """Whether the next request is still that of somebody."""
    return client.get(reverse("account")).status_code == HTTPStatus.OK


def show_factor(client, person, kind: str) -> None:
    """As after signing in with a second factor of this kind."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": kind, "at": time.time()}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()


# Who needs one

PAGES = [
    "home",
    "dashboard",
    "surveys:list",
    "offices:list",
    "people",
    "people_invite",
    "account",
    "usersessions_list",
    "account_change_password",
    "admin:index",
    "admin:offices_user_changelist",
]


@pytest.mark.parametrize("persona", ["secretariat", "administrator"])
@pytest.mark.parametrize("page", PAGES)
def test_who_runs_the_portal_sets_one_up_before_anything_else(personas, client_of, required, persona, page):
    client = client_of(personas[persona])
    for method in (client.get, client.post):
        answer = method(reverse(page))
        assert (answer.status_code, answer["Location"]) == (HTTPStatus.FOUND, reverse("mfa_index"))
    assert "Your role needs a second factor" in client.get(reverse("mfa_index")).content.decode()


@pytest.mark.parametrize("kind", ["totp", "webauthn"])
@pytest.mark.parametrize("persona", ["secretariat", "administrator"])
def test_with_one_everything_opens(personas, client_of, required, persona, kind):
    Authenticator.objects.create(user=personas[persona], type=kind, data={})
    client = client_of(personas[persona])
    show_factor(client, personas[persona], kind)
    assert client.get(reverse("people")).status_code == HTTPStatus.OK


WAYS = {"totp": "mfa_reauthenticate", "webauthn": "mfa_reauthenticate_webauthn"}


@pytest.mark.parametrize("kind", WAYS)
def test_a_session_that_showed_none_is_led_to_where_it_shows_one(client_of, administrator, required, kind):
    Authenticator.objects.create(user=administrator, type=kind, data={})
    client = client_of(administrator)
    for page in ("people", "trail", "admin:index"):
        answer = client.get(reverse(page))
        assert (answer.status_code, answer["Location"]) == (
            HTTPStatus.FOUND,
            f"{reverse(WAYS[kind])}?next={reverse(page)}",
        )


def test_and_goes_on_from_there(client_of, administrator, required):
    TOTP.activate(administrator, SECRET)
    client = client_of(administrator)
    path = client.get(reverse("trail"))["Location"]
    assert "Your role needs a second factor: show it before you go on." in client.get(path).content.decode()
    assert client.post(path, {"code": code_of(SECRET)})["Location"] == reverse("trail")
    assert client.get(reverse("trail")).status_code == HTTPStatus.OK


def test_one_that_was_shown_and_is_gone_is_none(client_of, administrator, required):
    client = client_of(administrator)
    show_factor(client, administrator, "totp")
    assert client.get(reverse("people"))["Location"] == reverse("mfa_index")


def test_recovery_codes_alone_are_none(client_of, secretariat, required):
    Authenticator.objects.create(user=secretariat, type="recovery_codes", data={})
    assert client_of(secretariat).get(reverse("people"))["Location"] == reverse("mfa_index")


@pytest.mark.parametrize("persona", ["viewer", "contributor", "coordinator", "auditor"])
def test_others_choose_freely(personas, client_of, required, persona):
    assert client_of(personas[persona]).get(reverse("account")).status_code == HTTPStatus.OK


def test_where_it_is_not_required_nobody_is_sent(client_of, secretariat):
    assert client_of(secretariat).get(reverse("people")).status_code == HTTPStatus.OK


def test_an_unknown_visitor_is_not_held_up(client_of, required, office):
    client = client_of(AnonymousUser())
    assert client.get(reverse("offices:list")).status_code == HTTPStatus.OK
    assert client.get(reverse("healthz")).status_code == HTTPStatus.OK


def test_signing_out_stays_possible(client_of, secretariat, required):
    client = client_of(secretariat)
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


def test_what_was_typed_when_it_became_required_is_kept(client_of, secretariat, required):
    client = client_of(secretariat)
    data = {"email": "typed@example.org", "role": "viewer", held.MARK: held.mark_of(secretariat)}
    assert client.post(reverse("people_invite"), data)["Location"] == reverse("mfa_index")
    Authenticator.objects.create(user=secretariat, type="totp", data={})
    show_factor(client, secretariat, "totp")
    assert "typed@example.org" in client.get(reverse("people_invite")).content.decode()


# Setting one up


@pytest.fixture
def person(db) -> User:
    return User.objects.create_user("somebody@example.org", PASSWORD, role="secretariat")


def set_up_app(client, person) -> str:
    """By the pages: password, code, recovery codes; the secret of the app."""
    if not is_signed_in(client):
        sign_in(client, person)
    asked = client.get(reverse("mfa_activate_totp"))
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    client.post(asked["Location"], {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    return secret


@pytest.mark.django_db(transaction=True)
def test_an_app_is_set_up_by_its_pages(person, required):
    client = Client()
    set_up_app(client, person)
    assert client.get(reverse("people")).status_code == HTTPStatus.OK
    page = client.get(reverse("mfa_view_recovery_codes"))
    assert len(page.context["unused_codes"]) == 10
    assert all(code in page.content.decode() for code in page.context["unused_codes"])
    entries = AuditEntry.objects.order_by("pk").values_list("action", "subject", "details")
    assert list(entries) == [
        ("add second factor", person.email, {"kind_of_factor": "totp"}),
        ("add second factor", person.email, {"kind_of_factor": "recovery_codes"}),
    ]
    (message,) = mail.outbox
    assert message.to == [person.email]
    assert "http://127.0.0.1:8000" in message.body


def test_a_wrong_code_sets_nothing_up(person):
    client = Client()
    sign_in(client, person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.get(reverse("mfa_activate_totp"))
    client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert not Authenticator.objects.exists()
    assert not AuditEntry.objects.exists()


def set_up_passkey(client, person, monkeypatch) -> None:
    """As if the device had signed what it was asked to."""
    monkeypatch.setattr(webauthn, "parse_registration_response", lambda credential: None)
    monkeypatch.setattr(webauthn, "complete_registration", lambda credential: None)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("mfa_add_webauthn"), {"name": "Key", "credential": json.dumps({"id": "of-this-key"})})


@pytest.mark.parametrize("kind", ["totp", "webauthn"])
def test_the_first_ends_every_other_session(person, required, monkeypatch, kind):
    own, other, waiting = Client(), Client(), Client()
    for client in (own, other):
        sign_in(client, person)
        assert client.get(reverse("people"))["Location"] == reverse("mfa_index")
    before = own.session.session_key
    if kind == "totp":
        set_up_app(own, person)
    else:
        set_up_passkey(own, person, monkeypatch)
    assert own.session.session_key != before
    assert [client.get(reverse("people")).status_code for client in (own, other)] == [HTTPStatus.OK, HTTPStatus.FOUND]
    assert "_auth_user_id" not in other.session
    assert sign_in(waiting, person)["Location"] == reverse("mfa_authenticate")
    # Who set it up has shown it, and sees the codes at once.
    assert own.get(reverse("mfa_view_recovery_codes")).status_code == HTTPStatus.OK


def test_a_second_one_ends_no_session(person, monkeypatch):
    own, other = Client(), Client()
    sign_in(own, person)
    set_up_app(own, person)
    sign_in(other, person)
    unused = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    other.post(reverse("mfa_authenticate"), {"code": unused[0]})
    set_up_passkey(own, person, monkeypatch)
    assert Authenticator.objects.filter(type="webauthn").count() == 1
    assert [is_signed_in(client) for client in (own, other)] == [True, True]


def test_a_form_that_waited_while_another_session_set_up_the_first_sets_up_none(person, monkeypatch):
    client = Client()
    sign_in(client, person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    whole = people.lock_person

    def lock_later(waiting):
        User.objects.get(pk=waiting.pk).end_sessions()
        return whole(waiting)

    monkeypatch.setattr(people, "lock_person", lock_later)
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert not Authenticator.objects.exists()


def test_the_password_alone_removes_none(protected):
    RecoveryCodes.activate(protected)
    client = Client()
    sign_in(client, protected)
    client.post(reverse("mfa_authenticate"), {"code": code_of(SECRET)})
    asked = client.post(reverse("mfa_deactivate_totp"))
    assert asked["Location"].startswith(reverse("mfa_reauthenticate"))
    assert "Use your password" not in client.get(asked["Location"]).content.decode()
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer["Location"].startswith(reverse("mfa_reauthenticate"))
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(type="totp").exists()
    unused = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    client.post(asked["Location"], {"code": unused[0]})
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists()


# Signing in


@pytest.fixture
def protected(person) -> User:
    TOTP.activate(person, SECRET)
    return person


def test_the_password_alone_opens_nothing(protected):
    client = Client()
    assert sign_in(client, protected)["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    assert client.get(reverse("account"))["Location"].startswith(reverse("account_login"))
    answer = client.post(reverse("mfa_authenticate"), {"code": code_of(SECRET)})
    assert answer["Location"] == "/"
    assert client.session["_auth_user_id"] == str(protected.pk)


def test_a_code_works_once(protected):
    code = code_of(SECRET)
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, protected)
        client.post(reverse("mfa_authenticate"), {"code": code})
    assert ["_auth_user_id" in client.session for client in (first, second)] == [True, False]


@pytest.fixture
def at(monkeypatch):
    """Sets the clock to so many seconds after the beginning of this half minute."""
    begin = int(time.time()) // 30 * 30

    def set_clock(seconds: int) -> None:
        monkeypatch.setattr(time, "time", lambda: begin + seconds)

    set_clock(0)
    return set_clock


def is_let_in(person, code: str) -> bool:
    client = Client()
    sign_in(client, person)
    client.post(reverse("mfa_authenticate"), {"code": code})
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("seconds", [0, 29, 31, 41, 59])
def test_a_used_code_is_refused_as_long_as_it_is_valid(protected, at, seconds):
    code = code_of(SECRET)
    assert is_let_in(protected, code)
    at(seconds)
    assert not is_let_in(protected, f" {code[:3]}-{code[3:]}")
    at(61)
    assert is_let_in(protected, code_of(SECRET))


def test_after_a_later_code_an_earlier_one_is_refused(protected, at):
    earlier = code_of(SECRET)
    at(30)
    assert is_let_in(protected, code_of(SECRET))
    assert not is_let_in(protected, earlier)


def test_the_code_that_set_an_app_up_signs_nobody_in(person, at):
    client = Client()
    secret = set_up_app(client, person)
    code = code_of(secret)
    assert not is_let_in(person, code)
    at(31)
    assert not is_let_in(person, code)
    assert is_let_in(person, code_of(secret))


def test_a_used_code_shows_nothing_again(protected, at):
    client = Client()
    sign_in(client, protected)
    code = code_of(SECRET)
    client.post(reverse("mfa_authenticate"), {"code": code})
    at(31)
    asked = client.get(reverse("mfa_deactivate_totp"))["Location"]
    assert "This code was used already" in client.post(asked, {"code": code}).content.decode()
    assert client.get(reverse("mfa_deactivate_totp")).status_code == HTTPStatus.FOUND
    client.post(asked, {"code": code_of(SECRET)})
    assert client.get(reverse("mfa_deactivate_totp")).status_code == HTTPStatus.OK


def test_a_used_code_counts_as_a_wrong_one(protected, at):
    code = code_of(SECRET)
    assert is_let_in(protected, code)
    at(31)
    client = Client()
    sign_in(client, protected)
    answers = [client.post(reverse("mfa_authenticate"), {"code": code}) for _time in range(8)]
    assert ["Too many attempts" in answer.content.decode() for answer in answers] == [False] * 5 + [True] * 3


def racing_codes(monkeypatch) -> list[object]:
    """Four browsers that send the same code; which of them it lets in. The cache remembers nothing."""
    monkeypatch.setattr(TOTP, "_mark_code_used", lambda app, code: True)
    person = User.objects.create_user("somebody@example.org", PASSWORD)
    TOTP.activate(person, SECRET)
    clients = [Client() for _writer in range(4)]
    for client in clients:
        sign_in(client, person)
    code = code_of(SECRET)
    race(lambda n: clients[n].post(reverse("mfa_authenticate"), {"code": code}), len(clients))
    return [client for client in clients if "_auth_user_id" in client.session]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_who_send_one_code_at_the_same_moment_one_gets_in(monkeypatch):
    assert len(racing_codes(monkeypatch)) == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_without_the_statement_that_compares_more_would_get_in(monkeypatch):
    monkeypatch.setattr(codes, "keep_step", lambda app, step: not app.data.get("step"))
    assert len(racing_codes(monkeypatch)) > 1


def change_password(person):
    person.set_password("another password 1")
    person.save()


CHANGES = {
    "the password": change_password,
    "the role": lambda person: people.set_portal_role(
        person=person,
        role="auditor",
        seen="secretariat",
        by=User.objects.create_user("a@example.org", role="administrator"),
    ),
    "all sessions": lambda person: person.end_sessions(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_ends_sessions_ends_a_sign_in_that_waits_for_its_second_step(protected, change):
    client = Client()
    sign_in(client, protected)
    change(protected)
    answer = client.post(reverse("mfa_authenticate"), {"code": code_of(SECRET)}, follow=True)
    assert answer.redirect_chain[0][0] == reverse("account_login")
    assert "has changed meanwhile. Sign in again." in answer.content.decode()
    assert "_auth_user_id" not in client.session
    # And nothing of it counts for the next.
    assert "account_authentication_methods" not in client.session


def test_what_codes_are_checked_against_is_encrypted(protected):
    assert SECRET not in str(Authenticator.objects.get(user=protected).data)
    RecoveryCodes.activate(protected)
    seed = Authenticator.objects.get(user=protected, type=Authenticator.Type.RECOVERY_CODES).data["seed"]
    assert encryption.decrypt(seed) != seed


def test_codes_outlive_a_change_of_the_secret_key_that_names_the_one_before(protected, settings):
    """And without that name a page says what happened, and nobody gets in."""
    before, settings.SECRET_KEY = settings.SECRET_KEY, "another " * 8
    client = Client()
    sign_in(client, protected)
    answer = client.post(reverse("mfa_authenticate"), {"code": code_of(SECRET)})
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "secret key was changed" in answer.content.decode()
    assert "_auth_user_id" not in client.session
    settings.SECRET_KEY_FALLBACKS = [before]
    client.post(reverse("mfa_authenticate"), {"code": code_of(SECRET)})
    assert client.session["_auth_user_id"] == str(protected.pk)


def test_codes_cannot_be_guessed_at_speed(protected):
    client = Client()
    sign_in(client, protected)
    answers = [client.post(reverse("mfa_authenticate"), {"code": f"{n:06}"}) for n in range(20)]
    slowed = ["Too many attempts" in answer.content.decode() for answer in answers]
    assert (slowed.count(False), slowed.count(True)) == (5, 15)


def test_a_device_is_known_only_after_the_second_factor(protected):
    client = Client()
    sign_in(client, protected)
    assert "known_device" not in client.cookies
    client.post(reverse("mfa_authenticate"), {"code": code_of(SECRET)})
    assert "known_device" in client.cookies


def test_a_reset_password_does_not_go_around_the_second_factor(protected):
    client = Client()
    client.post(reverse("account_reset_password"), {"email": protected.email})
    path = mail.outbox[0].body.split("http://127.0.0.1:8000")[1].split()[0]
    form_url = client.get(path)["Location"]
    answer = client.post(form_url, {"password1": "another password 1", "password2": "another password 1"})
    assert answer["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session


def test_passkeys_are_made_for_the_host_of_the_setting(person, settings):
    settings.SITE_URL = "https://portal.example.org"
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(headers={"Host": "evil.example.com"})
    answer = client.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})
    assert answer.json()["request_options"]["publicKey"]["rpId"] == "portal.example.org"


# Credentials that no browser made

PLACE = websafe_encode(b"a" * 16)


def told(kind: str, **said: object) -> str:
    """What a device tells of the request that it answers."""
    return websafe_encode(json.dumps({"type": f"webauthn.{kind}", "challenge": "YWE", "origin": 1, **said}).encode())


def credential(**response: object) -> str:
    return json.dumps({"id": PLACE, "rawId": PLACE, "type": "public-key", "response": response})


UNREADABLE = {
    "no JSON": "x",
    "null": "null",
    "a list": "[]",
    "a text": '"x"',
    "nothing in it": "{}",
    "an id alone": '{"id":1}',
    "an id that is none": '{"id":{"a":1}}',
    "a null character": '{"id":"\\u0000"}',
    "half a character": '{"id":"\\ud800"}',
    "no base64": '{"id":"a","rawId":"a","response":{}}',
    "too deep": "[" * 100_000,
    "no response": json.dumps({"id": PLACE, "rawId": PLACE}),
    "an empty response": credential(),
    "an origin that is no text, to sign in": credential(
        clientDataJSON=told("get"), authenticatorData=websafe_encode(bytes(37)), signature="YWE", userHandle="MQ"
    ),
    "an origin that is no text, to add": credential(
        clientDataJSON=told("create"),
        attestationObject=websafe_encode(AttestationObject.create("none", AuthenticatorData(bytes(37)), {})),
    ),
    "extensions that are none": json.dumps({"id": PLACE, "rawId": PLACE, "clientExtensionResults": 1}),
    "no map of bytes": credential(clientDataJSON=told("create"), attestationObject="o2NmbXQ"),
}
SENTENCE = "This passkey cannot be read."


@pytest.fixture
def in_production(settings):
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False


@pytest.mark.parametrize("sent", UNREADABLE.values(), ids=UNREADABLE)
def test_a_credential_that_cannot_be_read_signs_nobody_in(person, in_production, sent):
    User.objects.get_or_create(pk=1, defaults={"email": "first@example.org"})  # whom the credentials name
    client = Client()
    client.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})
    page = client.post(reverse("mfa_login_webauthn"), {"credential": sent}, follow=True)
    assert SENTENCE in page.content.decode() or "Incorrect code" in page.content.decode()


def test_who_tries_passkeys_from_the_owners_network_keeps_no_owner_out(db):
    answers = [Client().post(reverse("mfa_login_webauthn"), {"credential": "x"}) for _time in range(30)]
    assert {answer.status_code for answer in answers} == {HTTPStatus.FOUND}


@pytest.mark.parametrize("sent", UNREADABLE.values(), ids=UNREADABLE)
def test_a_credential_that_cannot_be_read_is_not_added(person, in_production, sent):
    client = Client()
    sign_in(client, person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.get(reverse("mfa_add_webauthn"))
    page = client.post(reverse("mfa_add_webauthn"), {"credential": sent, "name": "Key"})
    assert page.status_code == HTTPStatus.OK
    assert SENTENCE in page.content.decode() or "Incorrect code" in page.content.decode()
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("sent", UNREADABLE.values(), ids=UNREADABLE)
def test_a_credential_that_cannot_be_read_proves_nothing(person, in_production, sent):
    client = Client()
    sign_in(client, person)
    Authenticator.objects.create(user=person, type="webauthn", data={"name": "Key", "credential": made(1)})
    client.get(reverse("mfa_reauthenticate_webauthn"))
    answer = client.post(reverse("mfa_reauthenticate_webauthn"), {"credential": sent})
    assert answer.status_code == HTTPStatus.FOUND
    said = [str(message) for message in get_messages(answer.wsgi_request)]
    assert any(SENTENCE in text or "Incorrect code" in text for text in said)


@pytest.mark.parametrize("sent", UNREADABLE.values(), ids=UNREADABLE)
def test_nor_is_it_a_second_factor(protected, in_production, sent):
    client = Client()
    sign_in(client, protected)
    client.get(reverse("mfa_authenticate"))
    assert client.post(reverse("mfa_authenticate"), {"credential": sent}).status_code == HTTPStatus.OK
    assert "_auth_user_id" not in client.session


# By default


@pytest.mark.parametrize(
    ("environment", "required"),
    [
        ({"DEBUG": "1"}, False),
        ({"DEBUG": "0", "ALLOWED_HOSTS": "127.0.0.1,localhost"}, False),
        ({"DEBUG": "0", "ALLOWED_HOSTS": "portal.example.org"}, True),
        ({"DEBUG": "0", "ALLOWED_HOSTS": "portal.example.org", "SITE_URL": "http://portal.example.org"}, True),
        ({"DEBUG": "0", "ALLOWED_HOSTS": "portal.example.org", "MFA_REQUIRED": "0"}, False),
        ({"DEBUG": "1", "MFA_REQUIRED": "1"}, True),
    ],
)
def test_it_is_required_where_others_are_served(environment, required):
    """A fresh process with this environment alone."""
    code = "from portal import settings; print(settings.MFA_REQUIRED)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], "SECRET_KEY": "k" * 50, **environment},
        cwd=settings_of_this_process.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(required)
