"""Guessing passwords is slow, from wherever and against whomever, and the owner gets in all the same."""

import os
import re
import subprocess
import sys
from collections import Counter
from contextlib import nullcontext
from http import HTTPStatus

import pytest
from allauth.core.internal import ratelimit
from django.conf import settings as settings_of_this_process
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from offices.accounts import devices
from offices.models import User
from tests.races import race

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"
GUESSES = 200


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner@example.org", PASSWORD)


def address(n: int) -> str:
    return f"198.51.{n // 250}.{n % 250}"


def attempt(client, email, password, **extra):
    return client.post(reverse("account_login"), {"login": email, "password": password}, **extra)


def gets_in(client, email="owner@example.org", password=PASSWORD, **extra) -> bool:
    attempt(client, email, password, **extra)
    return "_auth_user_id" in client.session


def guess(*, addresses: int, accounts: int, times: int = GUESSES) -> Counter[int]:
    """Wrong passwords from so many addresses against so many accounts; how often which status."""
    names = ["owner@example.org", *(f"somebody{n}@example.org" for n in range(accounts - 1))]
    return Counter(
        attempt(Client(), names[n % accounts], f"wrong {n}", REMOTE_ADDR=address(n % addresses)).status_code
        for n in range(times)
    )


@pytest.mark.parametrize(
    ("addresses", "accounts", "checked"),
    [(1, 1, 10), (1, 200, 20), (200, 1, 10), (200, 200, 100)],
    ids=["one address, one account", "one address, many", "many addresses, one account", "many, many"],
)
def test_200_guesses_are_slowed_and_the_owner_gets_in(owner, addresses, accounts, checked):
    at_home, new_device = Client(REMOTE_ADDR=address(0)), Client(REMOTE_ADDR=address(0))
    assert gets_in(at_home)
    at_home.post(reverse("account_logout"))
    assert guess(addresses=addresses, accounts=accounts) == {200: checked, 429: GUESSES - checked}
    # From the very address of the attack, at a device that signed in before: at once.
    assert gets_in(at_home)
    # At a device that never did: by the link of a mail.
    assert not gets_in(new_device)
    assert gets_in_by_mail(new_device)
    # And from then on that device is known, too.
    new_device.post(reverse("account_logout"))
    assert gets_in(new_device, password="another password 1")


def gets_in_by_mail(client, email="owner@example.org") -> bool:
    mail.outbox.clear()
    client.post(reverse("account_reset_password"), {"email": email})
    return gets_in_by(mail.outbox[0], client)


def gets_in_by(message, client) -> bool:
    path = re.search(r"http://127\.0\.0\.1:8000(/\S+)", message.body)[1]
    data = {"password1": "another password 1", "password2": "another password 1"}
    client.post(client.get(path)["Location"], data)
    return "_auth_user_id" in client.session


def test_the_refusal_says_what_to_do_and_when(owner):
    guess(addresses=1, accounts=1, times=12)
    answer = attempt(Client(), owner.email, PASSWORD)
    assert (answer.status_code, answer["Retry-After"]) == (HTTPStatus.TOO_MANY_REQUESTS, "600")
    assert "Forgot your password?" in answer.content.decode()


def at_full_speed(address: str) -> None:
    """Guesses and requests for links, more than any limit takes: against the owner, and against others."""
    for n in range(25):
        attempt(Client(), "owner@example.org", f"wrong {n}", REMOTE_ADDR=address)
        for email in ("owner@example.org", f"somebody{n}@example.org"):
            answer = Client(REMOTE_ADDR=address).post(reverse("account_reset_password"), {"email": email})
            assert answer["Location"] == reverse("account_reset_password_done")


def test_who_guesses_and_asks_for_links_from_the_owners_network_keeps_no_owner_out(owner):
    at_full_speed("198.51.100.7")
    # At a device that never signed in: each link that the owner was mailed meanwhile works, and no more come.
    assert {message.to[0] for message in mail.outbox} == {owner.email}
    assert len(mail.outbox) == 5
    client = Client(REMOTE_ADDR="198.51.100.7")
    assert not gets_in(client)
    assert gets_in_by(mail.outbox[0], client)


def test_at_a_known_device_the_owner_is_mailed_whatever_others_ask_for(owner):
    client = Client(REMOTE_ADDR="198.51.100.7")
    assert gets_in(client)
    client.post(reverse("account_logout"))
    at_full_speed("198.51.100.7")
    assert gets_in_by_mail(client)
    client.post(reverse("account_logout"))
    mail.outbox.clear()
    for _time in range(8):
        client.post(reverse("account_reset_password"), {"email": owner.email})
    assert len(mail.outbox) == 4


def test_a_right_guess_is_not_told_either_while_slowed(owner):
    guess(addresses=12, accounts=1, times=12)
    wrong, right = (attempt(Client(), owner.email, password) for password in ("wrong", PASSWORD))
    stripped = [re.sub(rb'(csrfmiddlewaretoken|held_for)" value="[^"]*"', b"", page.content) for page in (wrong, right)]
    assert stripped[0] == stripped[1]


def test_a_known_device_has_an_allowance_of_its_own_and_no_more(owner):
    client = Client()
    assert gets_in(client)
    client.post(reverse("account_logout"))
    answers = Counter(attempt(client, owner.email, f"wrong {n}").status_code for n in range(15))
    assert answers == {200: 10, 429: 5}
    # It is the device's for this person: for others it is a stranger, and it spends nothing of the strangers'.
    other = User.objects.create_user("other@example.org", PASSWORD)
    assert gets_in(Client(), other.email)


def test_a_device_is_known_for_those_only_who_signed_in_with_it(owner):
    other = User.objects.create_user("other@example.org", PASSWORD)
    client = Client()
    assert gets_in(client, other.email)
    client.post(reverse("account_logout"))
    guess(addresses=12, accounts=1, times=12)
    assert not gets_in(client)


def test_an_invented_cookie_makes_no_device_known(owner):
    guess(addresses=12, accounts=1, times=12)
    client = Client()
    for value in ("invented", "e30:1abcde:xyz"):
        client.cookies[devices.COOKIE] = value
        assert not gets_in(client)


def test_what_succeeds_is_not_counted(owner):
    for _time in range(30):
        assert gets_in(Client())


def test_a_signed_in_person_who_shows_the_password_again_is_not_held_up(owner):
    client = Client()
    assert gets_in(client)
    del client.cookies[devices.COOKIE]
    guess(addresses=12, accounts=1, times=12)
    client.post(reverse("account_reauthenticate") + "?next=/accounts/", {"password": PASSWORD})
    assert client.get(reverse("mfa_activate_totp")).status_code == HTTPStatus.OK


def test_the_address_behind_a_trusted_proxy_counts(owner, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    statuses = Counter(
        attempt(
            Client(), f"a{n}@example.org", "wrong", headers={"X-Forwarded-For": f"203.0.113.{n}, 198.51.100.1"}
        ).status_code
        for n in range(40)
    )
    assert statuses == {200: 20, 429: 20}


@pytest.fixture
def shared_cache(settings, transactional_db):
    """A cache in the database, as processes share it: each thread has its own connection."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "race_cache"}}
    call_command("createcachetable", verbosity=0)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE race_cache")


def racing_guesses() -> Counter[object]:
    User.objects.create_user("owner@example.org", PASSWORD)
    return Counter(race(lambda n: attempt(Client(), "owner@example.org", f"wrong {n}").status_code, 20))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_guesses_at_the_same_moment_are_counted_one_by_one(shared_cache):
    statuses = racing_guesses()
    # One that waits too long for its turn is refused, too.
    assert set(statuses) == {200, 429}
    assert statuses[200] <= 10


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_without_their_turn_more_would_come_through(shared_cache, monkeypatch):
    monkeypatch.setattr(ratelimit, "cache_lock", lambda _key: nullcontext(enter_result=True))
    assert racing_guesses()[200] > 10


# The same answer and the same work for whoever there is and is not


def answers_to(path, name, emails, **data):
    pages = {email: Client().post(path, {name: email, **data}) for email in emails}
    stripped = {
        email: re.sub(r'csrfmiddlewaretoken" value="[^"]*"', "", page.content.decode()).replace(email, "X")
        for email, page in pages.items()
    }
    return {(page.status_code, page.get("Location", ""), stripped[email]) for email, page in pages.items()}


@pytest.fixture
def emails(owner) -> list[str]:
    User.objects.create_user("ended@example.org", PASSWORD, is_active=False)
    User.objects.create_user("without@example.org", None)
    return ["owner@example.org", "nobody@example.org", "ended@example.org", "without@example.org"]


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(emails):
    assert len(answers_to(reverse("account_login"), "login", emails, password="wrong")) == 1


def test_signing_in_hashes_once_whoever_asks(emails, monkeypatch):
    hashed, encode = [], MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: hashed.append(1) or encode(*args))
    work = {}
    for email in emails:
        hashed.clear()
        attempt(Client(), email, "wrong")
        work[email] = len(hashed)
    assert work == dict.fromkeys(emails, 1)


def test_asking_for_a_new_password_is_answered_alike(emails):
    path = reverse("account_reset_password")
    assert answers_to(path, "email", emails) == {(302, reverse("account_reset_password_done"), "")}
    assert sorted(message.to[0] for message in mail.outbox) == ["owner@example.org", "without@example.org"]


def test_asking_for_a_new_password_is_the_same_work_until_the_answer_is_out(emails, monkeypatch):
    """What is left to be done afterwards is cut off here, as an impatient client would."""
    monkeypatch.setattr("offices.accounts.forms.after_answer", lambda request, work: None)
    work = {}
    for email in emails:
        client = Client()
        with CaptureQueriesContext(connection) as queries:
            client.post(reverse("account_reset_password"), {"email": email})
        work[email] = len(queries)
    assert work == dict.fromkeys(emails, 0)
    assert mail.outbox == []


def test_mails_with_links_are_few_and_asking_stays_possible(owner):
    for n in range(8):
        answer = Client(REMOTE_ADDR=address(n)).post(reverse("account_reset_password"), {"email": owner.email})
        assert answer["Location"] == reverse("account_reset_password_done")
    assert len(mail.outbox) == 5


# Where signing in leads, and which session it is


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/surveys/", "/surveys/"),
        ("https://evil.example.com/", "/"),
        ("//evil.example.com/", "/"),
        ("/\\evil.example.com/", "/"),
        ("javascript:alert(1)", "/"),
        ("http:evil.example.com", "/"),
    ],
)
def test_next_leads_nowhere_else(owner, wanted, leads_to):
    data = {"login": owner.email, "password": PASSWORD, "next": wanted}
    assert Client().post(reverse("account_login"), data)["Location"] == leads_to


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/surveys/", "/surveys/"),
        ("https://testserver/surveys/", "https://testserver/surveys/"),
        ("http://testserver/surveys/", "/"),
        (" HTTP://testserver/surveys/", "/"),
        ("http:\\\\testserver/surveys/", "/"),
        ("http://[", "/"),
    ],
)
def test_from_a_guarded_page_next_leads_to_no_unguarded_one(owner, wanted, leads_to):
    data = {"login": owner.email, "password": PASSWORD, "next": wanted}
    answer = Client().post(reverse("account_login"), data, secure=True)
    assert answer["Location"] == leads_to


def test_without_tls_next_may_be_a_whole_address(owner):
    data = {"login": owner.email, "password": PASSWORD, "next": "http://testserver/surveys/"}
    assert Client().post(reverse("account_login"), data)["Location"] == data["next"]


COOKIES = ["SESSION", "CSRF", "LANGUAGE"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_cookie_is_guarded_where_there_is_tls(scheme):
    """A fresh process with this environment alone."""
    names = ", ".join(f"settings.{name}_COOKIE_SECURE" for name in COOKIES)
    done = subprocess.run(
        [sys.executable, "-c", f"from portal import settings; print({names})"],
        env={
            "PATH": os.environ["PATH"],
            "SECRET_KEY": "k" * 50,
            "DEBUG": "0",
            "ALLOWED_HOSTS": "portal.example.org",
            "SITE_URL": f"{scheme}://portal.example.org",
        },
        cwd=settings_of_this_process.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [str(scheme == "https")] * len(COOKIES)


FORMS = ["account_login", "account_reset_password", "account_signup"]


@pytest.mark.parametrize("page", FORMS)
def test_no_cache_keeps_a_form_of_the_way_in(db, page):
    assert "no-store" in Client().get(reverse(page))["Cache-Control"]


def test_signing_in_begins_a_new_session_with_guarded_cookies(owner, settings):
    settings.SESSION_COOKIE_SECURE = True
    client = Client()
    client.get(reverse("account_login"))
    session = client.session
    session["kept"] = "what was typed"
    session.save()
    client.cookies["sessionid"] = session.session_key
    assert gets_in(client)
    assert client.session.session_key != session.session_key
    assert client.session["kept"] == "what was typed"
    for name in ("sessionid", devices.COOKIE):
        cookie = client.cookies[name]
        assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")


def test_wrong_links_from_the_owners_own_address_keep_no_owner_out(owner):
    """Whoever shares the address with the owner can guess at links, and the owner's own still works."""
    client = Client()
    client.post(reverse("account_reset_password"), {"email": owner.email})
    path = mail.outbox[0].body.split("http://127.0.0.1:8000")[1].split()[0]
    form = client.get(path)["Location"]
    for _time in range(25):
        Client().post(form, {"password1": "x", "password2": "y"})
    answer = client.post(form, {"password1": "another password 1", "password2": "another password 1"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
