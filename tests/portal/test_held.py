"""What is held of a form whose writer was signed out: theirs alone, no secrets, and of nobody whom we do not know."""

from http import HTTPStatus
from importlib import import_module

import pytest
from django import forms
from django.conf import settings as settings_of_this_process
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.session import SessionStorage
from django.contrib.sessions.models import Session
from django.core import signing
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver, reverse

from offices.actions.people import set_office_role
from offices.models import Membership, User
from portal import held
from tests.factories import jiu, offices
from tests.factories.offices import UserFactory
from tests.portal.writes import CASES
from tests.portal.writes.cases import Scene

pytestmark = pytest.mark.django_db
# Where a form is sent that stands on another page, and whoever comes otherwise finds nothing to fill in.
WITHOUT_A_FORM = {"assistance:programme_offer", "jiu:close_call"}


@pytest.fixture(autouse=True)
def nothing_counted():
    """Each test starts with nobody having been held anything of."""
    cache.clear()


def kinds_of(base: type[forms.BaseForm]) -> set[type[forms.BaseForm]]:
    return {base}.union(*map(kinds_of, base.__subclasses__()))


def test_strangers_get_no_room():
    for mark in ("", "x", signing.dumps(1, salt="another"), held.mark_of(AnonymousUser())):
        Client().post(reverse("people_invite"), {held.MARK: mark, "note": "a" * 900_000})
        assert not Session.objects.exists()


def test_a_mark_is_good_for_as_long_as_a_session(viewer, monkeypatch):
    data = {held.MARK: held.mark_of(viewer), "note": "typed"}
    later = signing.time.time() + settings_of_this_process.SESSION_COOKIE_AGE + 60
    monkeypatch.setattr(signing.time, "time", lambda: later)
    Client().post(reverse("people_invite"), data)
    assert not Session.objects.exists()


def leave(person):
    """Without an end of sessions, so that it is the person's standing that tells."""
    User.objects.filter(pk=person.pk).update(is_active=False)


def get_another_role(person):
    office, by = person.memberships.get().office, UserFactory(role="administrator")
    set_office_role(person=person, office=office, role="contributor", seen="viewer", by=by)


def choose_a_password(person):
    person.set_password("another horse battery staple")
    person.save()


@pytest.mark.parametrize("end", [leave, get_another_role, choose_a_password], ids=lambda end: end.__name__)
def test_a_mark_ends_with_the_sessions_of_its_person(viewer, end):
    data = {held.MARK: held.mark_of(viewer), "note": "typed"}
    end(viewer)
    answer = Client().post(reverse("people_invite"), data)
    page = answer.content.decode()
    assert not Session.objects.exists()
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "what you typed cannot be kept here" in page
    assert '<dd dir="auto">typed</dd>' in "".join(line.strip() for line in page.splitlines())
    assert "no-store" in answer["Cache-Control"]


def test_a_mark_opens_few_sessions(viewer):
    data = {held.MARK: held.mark_of(viewer), "note": "a" * 900_000}
    answers = [Client().post(reverse("people_invite"), data, follow=True).content.decode() for _ in range(12)]
    assert ["what you typed cannot be kept here" in page for page in answers] == [False] * 10 + [True] * 2
    assert Session.objects.count() == 10


def test_a_long_questionnaire_is_held(viewer):
    """200 comments of 2,000 letters in French."""
    comment = ("L’office a étudié la recommandation, et l’a acceptée à l’été. " * 40)[:2000]
    data = {held.MARK: held.mark_of(viewer), **{f"comment-{number}": comment for number in range(200)}}
    client = Client()
    client.post(reverse("people_invite"), data)
    text = client.session["held"][reverse("people_invite")]
    assert text.count("comment-") == 200
    assert 500_000 < len(text) < held.MOST


def test_whoever_chose_a_new_password_to_sign_in_gets_what_is_held(viewer):
    client, path = Client(), reverse("account")
    client.post(path, {held.MARK: held.mark_of(viewer), "name": "Typed"})
    choose_a_password(viewer)
    client.force_login(viewer)
    assert "Typed" in client.get(path).content.decode()


def test_what_is_held_is_for_its_writer(viewer, coordinator, rf):
    client = Client()
    client.post(reverse("people_invite"), {held.MARK: held.mark_of(coordinator), "email": "typed@example.org"})
    request = rf.get(reverse("people_invite"))
    request.session = client.session
    for person, sees in ((coordinator, True), (viewer, False), (AnonymousUser(), False)):
        request.user, request._messages = person, SessionStorage(request)
        assert (held.give_back(request) is not None) == sees
        assert len(request._messages) == sees


@pytest.fixture
def bureau_coordinator():
    return offices.MembershipFactory(office=jiu.make_bureau(), role=Membership.Role.COORDINATOR).user


@pytest.mark.parametrize(
    "name", [name for name, case in CASES.items() if case.persona and not name.startswith("admin")]
)
def test_a_page_that_fills_its_form_again_says_that_nothing_is_saved(request, name):
    """Every form of the portal, sent after the session has ended."""
    scene = Scene(request, CASES[name].persona)
    act, post, sent = CASES[name].prepare(scene), scene.client.post, []

    def post_signed_out(path, data):
        scene.client.logout()
        sent.append(path)
        return post(path, data | {held.MARK: held.mark_of(scene.user)})

    scene.client.post = post_signed_out
    act()
    for path in sent:
        is_held = path.partition("?")[0] in scene.client.session.get("held", {})
        scene.client.force_login(scene.user)
        page = scene.client.get(path)
        has_form = is_held and name.partition(" ")[0] not in WITHOUT_A_FORM
        assert ("it is not saved yet" in page.content.decode()) == has_form
        assert page.status_code == HTTPStatus.OK or not has_form


def test_no_secret_is_held(viewer):
    client = Client()
    data = {"password": "topsecret", "oldpassword": "topsecret", "again": "topsecret", "code": "topsecret", "note": "a"}
    client.post(reverse("people_invite"), {held.MARK: held.mark_of(viewer), **data})
    assert "note=a" in client.session["held"][reverse("people_invite")]
    assert "topsecret" not in client.session["held"][reverse("people_invite")]


def test_the_page_of_a_stale_form_shows_no_secret():
    path = "/accounts/invitation/abc/"
    data = {"name": "Typed", "password": "topsecret", "again": "topsecret", held.MARK: "mark"}
    page = Client(enforce_csrf_checks=True).post(path, data).content.decode()
    assert "Typed" in page
    assert "topsecret" not in page
    assert held.MARK not in page


def test_every_field_of_a_password_or_a_code_is_known_as_one():
    """Of the portal's own forms, those of the admin pages and those of the library."""
    # All forms there are, those too that no test has asked for yet.
    get_resolver().url_patterns  # noqa: B018
    import_module("allauth.mfa.base.forms")
    fields = {
        name
        for kind in kinds_of(forms.BaseForm)
        for name, field in {**getattr(kind, "base_fields", {}), **getattr(kind, "declared_fields", {})}.items()
        if isinstance(field.widget, forms.PasswordInput) or field.widget.attrs.get("autocomplete") == "one-time-code"
    }
    assert {"again", "password", "oldpassword", "password1", "password2", "code"} <= fields
    assert [name for name in sorted(fields) if not held.is_secret(name)] == []
