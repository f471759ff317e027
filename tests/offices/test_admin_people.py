"""The administration page of people: an administrator stays, and offices find in the trail what concerns them."""

import threading
import time
from http import HTTPStatus

import pytest
from django.core.management import CommandError, call_command
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client
from django.urls import reverse

from offices import policies
from offices.actions import people
from offices.models import Membership, User
from portal.models import AuditEntry
from portal.writes import Refused
from tests.factories.offices import MembershipFactory, UserFactory
from tests.html_forms import send
from tests.races import race

pytestmark = pytest.mark.django_db

LIST = "admin:offices_user_changelist"


def page_of(person) -> str:
    return reverse("admin:offices_user_change", args=[person.pk])


def delete(client, person):
    return client.post(reverse("admin:offices_user_delete", args=[person.pk]), {"post": "yes"})


def delete_several(client, *several):
    chosen = [person.pk for person in several]
    return client.post(reverse(LIST), {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})


def rows() -> list[tuple]:
    found = AuditEntry.objects.order_by("pk").values_list("action", "path", "office_code", "subject", "details")
    return [(*row, details.get("role")) for *row, details in found]


# An administrator stays

TAKING = {"role": "", "another role": "secretariat", "access": []}


def fields_of(what: str) -> dict[str, object]:
    return {"is_active" if what == "access" else "role": TAKING[what], "_save": "1"}


@pytest.mark.parametrize("what", TAKING)
def test_the_last_administrator_keeps_role_and_access(client_of, administrator, what):
    UserFactory(role="administrator", is_active=False)
    answer = send(client_of(administrator), page_of(administrator), **fields_of(what))
    assert answer.status_code == HTTPStatus.OK
    assert str(people.LAST_ADMINISTRATOR) in answer.content.decode()
    assert User.objects.administrators().get() == administrator
    assert rows() == []


@pytest.mark.parametrize("remove", [delete, delete_several])
def test_the_last_administrator_is_not_deleted(client_of, administrator, remove):
    answer = remove(client_of(administrator), administrator)
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert str(people.LAST_ADMINISTRATOR) in answer.content.decode()
    assert User.objects.administrators().get() == administrator
    assert rows() == []


def test_neither_are_all_at_once(client_of, administrator):
    other = UserFactory(role="administrator")
    assert delete_several(client_of(administrator), administrator, other).status_code == HTTPStatus.FORBIDDEN
    assert User.objects.administrators().count() == 2


@pytest.mark.parametrize("what", TAKING)
def test_where_there_is_another_one_may_go(client_of, administrator, what):
    other = UserFactory(role="administrator")
    assert send(client_of(administrator), page_of(administrator), **fields_of(what)).status_code == HTTPStatus.FOUND
    assert User.objects.administrators().get() == other


@pytest.mark.parametrize("remove", [delete, delete_several])
@pytest.mark.parametrize("by_themselves", [True, False])
def test_and_be_deleted(client_of, administrator, remove, by_themselves):
    other = UserFactory(role="administrator")
    client = client_of(administrator if by_themselves else other)
    assert remove(client, administrator).status_code == HTTPStatus.FOUND
    assert User.objects.administrators().get() == other


# Addresses


def test_an_address_that_is_taken_is_so_whatever_its_case(client_of, administrator):
    UserFactory(email="taken@example.org")
    client, person = client_of(administrator), UserFactory(email="person@example.org")
    for page in (page_of(person), reverse("admin:offices_user_add")):
        answer = send(client, page, email="Taken@Example.org", _save="1")
        assert answer.status_code == HTTPStatus.OK
        assert "Person with this Email address already exists." in answer.content.decode()
    assert User.objects.filter(email__iexact="taken@example.org").count() == 1


# The trail


def test_who_comes_and_who_goes_is_told_with_their_roles(client_of, administrator, office, other_office):
    client = client_of(administrator)
    place = {"memberships-0-office": office.pk, "memberships-0-role": "coordinator"}
    send(
        client,
        reverse("admin:offices_user_add"),
        email="Boss@Example.org",
        name="Boss",
        role="administrator",
        _save="1",
        **place,
    )
    boss = User.objects.get(email="boss@example.org")
    added = [
        ("add membership", "admin", "AU", boss.email, ["", "coordinator"]),
        ("add user", "admin", "", boss.email, "administrator"),
    ]
    assert rows() == added
    MembershipFactory(user=boss, office=other_office, role="viewer")
    delete(client, boss)
    assert rows()[2:] == [
        ("remove membership", "admin", "AU", boss.email, ["coordinator", ""]),
        ("remove membership", "admin", "NA", boss.email, ["viewer", ""]),
        ("delete user", "admin", "", boss.email, "administrator"),
    ]


def test_each_office_reads_of_its_own_people_only(client_of, administrator, office, other_office, coordinator):
    person = MembershipFactory(office=office, role="viewer").user
    place = {"memberships-1-office": other_office.pk, "memberships-1-role": "contributor"}
    send(client_of(administrator), page_of(person), **{"memberships-0-role": "contributor", "_save": "1"}, **place)
    assert rows()[:2] == [
        ("change membership", "admin", "AU", person.email, ["viewer", "contributor"]),
        ("add membership", "admin", "NA", person.email, ["", "contributor"]),
    ]
    page = client_of(coordinator).get("/audit/")
    assert {row.entry.office_code for row in page.context["rows"]} == {"AU"}
    seen = page.content.decode()
    assert "change membership" in seen
    assert "Namibia" not in seen


def test_each_office_finds_that_its_person_was_switched_off(client_of, secretariat, office, other_office):
    person = MembershipFactory(office=office, role="viewer").user
    MembershipFactory(user=person, office=other_office)
    client_of(secretariat).post(reverse("person_access", args=[person.pk]), {"deactivate": "1"})
    assert rows() == [("deactivate person", "form", code, person.email, None) for code in ("AU", "NA")]


def test_also_on_the_administration_page(client_of, administrator, office):
    person = MembershipFactory(office=office, role="viewer").user
    person.is_active = False
    person.save()
    send(client_of(administrator), page_of(person), is_active="on", _save="1")
    assert rows()[0] == ("activate person", "admin", "AU", person.email, None)


@pytest.fixture
def typed(monkeypatch):
    """What is typed where the server asks for a password."""

    def answers(*passwords: str) -> None:
        left = iter(passwords)
        monkeypatch.setattr("getpass.getpass", lambda _prompt: next(left))

    return answers


def test_a_password_that_the_server_sets_is_in_the_trail(administrator, typed, capsys):
    typed("another password 1", "another password 1")
    call_command("changepassword", "Administrator@Example.org")
    assert capsys.readouterr().out == "administrator@example.org: the password is changed\n"
    assert User.objects.get().check_password("another password 1")
    assert rows() == [("set password", "command", "", administrator.email, None)]


@pytest.mark.parametrize(
    ("email", "passwords", "said"),
    [
        ("nobody@example.org", [], "There is no account nobody@example.org."),
        ("administrator@example.org", ["one password 1", "two passwords 2"], "not the same"),
        ("administrator@example.org", ["password", "password"], "too common"),
    ],
)
def test_one_that_it_refuses_is_not(administrator, typed, email, passwords, said):
    typed(*passwords)
    with pytest.raises(CommandError, match=said):
        call_command("changepassword", email)
    assert rows() == []


# Races

WAYS = ["access", "role", "page", "deletion", "deletion of several"]


@pytest.fixture
def two(db) -> list[User]:
    return [UserFactory(role="administrator") for _n in range(2)]


@pytest.fixture
def remove_each_other(two, client_of):
    """Each takes from the other what makes an administrator, at the same moment; how many are left, and what broke."""
    # As in `tests.races`, a connection of each thread ends with it.
    request_finished.disconnect(close_old_connections)
    clients = [client_of(person) for person in two]

    def go(way: str) -> tuple[int, list[object]]:
        forms = [kept_form(clients[n], page_of(two[1 - n])) for n in range(2)] if way == "page" else []

        def remove(n: int) -> object:
            by, other = two[n], two[1 - n]
            if way == "access":
                return people.set_access(person=other, is_active=False, by=by)
            if way == "role":
                return people.set_portal_role(person=other, role="", seen="administrator", by=by)
            if way == "page":
                return clients[n].post(page_of(other), forms[n])
            return (delete if way == "deletion" else delete_several)(clients[n], other)

        broken = [one for one in race(remove, 2) if isinstance(one, Exception) and not isinstance(one, Refused)]
        return User.objects.administrators().count(), broken

    yield go
    request_finished.connect(close_old_connections)


def kept_form(client: Client, page: str) -> dict[str, object]:
    form = client.get(page).context["adminform"].form
    return {
        "email": form.instance.email,
        "opened_version": form["opened_version"].value(),
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
        "is_active": "on",
        "role": "",
    }


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", WAYS)
def test_of_two_administrators_who_remove_each_other_one_is_left(remove_each_other, way):
    assert remove_each_other(way) == (1, [])


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", WAYS)
def test_without_the_lock_none_is_left(remove_each_other, monkeypatch, way):
    """The control: both find that they may, before either has written; the pages then wait for each other for ever."""
    barrier = threading.Barrier(2)

    def then_wait(ask):
        def asked(*args, **kwargs):
            answer = ask(*args, **kwargs)
            barrier.wait(timeout=10)
            return answer

        return asked

    monkeypatch.setattr(people, "lock_administrators", lambda: None)
    for module, name in [
        (policies, "may_switch_off"),
        (policies, "may_give_portal_role"),
        (people, "is_administrator_left"),
    ]:
        monkeypatch.setattr(module, name, then_wait(getattr(module, name)))
    left, broken = remove_each_other(way)
    assert left == 0 or "deadlock detected" in str(broken)


def test_who_finds_it_forbidden_on_the_way_is_told(client_of, secretariat, administrator, monkeypatch):
    """The rules that a page had asked were changed by somebody else, before the action asked them again."""
    person = UserFactory()
    asked = []

    def at_first(by, _somebody):
        asked.append(by)
        return len(asked) == 1

    monkeypatch.setattr(policies, "may_switch_off", at_first)
    answer = client_of(secretariat).post(reverse("person_access", args=[person.pk]), {"deactivate": "1"})
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "This access is not yours to change." in answer.content.decode()


def test_memberships_are_left_to_nobody(client_of, administrator, office):
    person = MembershipFactory(office=office).user
    delete(client_of(administrator), person)
    assert not Membership.objects.filter(office=office).exists()


@pytest.fixture
def meet_on_the_page(client_of, administrator, secretariat, office, coordinator, viewer, monkeypatch):
    """A colleague changes a role in the office while an administrator saves the page of the same person."""
    membership = viewer.memberships.get()
    url, client = reverse("admin:offices_user_change", args=[viewer.pk]), client_of(administrator)
    form = client.get(url).context["adminform"].form
    data = {
        "email": viewer.email, "name": "", "role": "", "is_active": "on",
        "opened_version": form["opened_version"].value(),
        "memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "1", "memberships-0-id": membership.pk,
        "memberships-0-user": viewer.pk, "memberships-0-office": office.pk, "memberships-0-role": "contributor",
    }  # fmt: skip
    begun, change = threading.Event(), people.change

    def change_slowly(*args):
        change(*args)
        begun.set()
        time.sleep(0.5)

    monkeypatch.setattr(people, "change", change_slowly)

    def set_role():
        people.set_office_role(person=viewer, office=office, role="contributor", seen="viewer", by=secretariat)

    def save_page():
        begun.wait(10)
        client.post(url, data)

    # As in `tests.races`, a connection of each thread ends with it.
    request_finished.disconnect(close_old_connections)
    yield lambda: [one for one in race(lambda n: (set_role, save_page)[n](), 2) if isinstance(one, Exception)]
    request_finished.connect(close_old_connections)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_role_and_the_page_of_the_same_person_wait_for_each_other(meet_on_the_page):
    assert meet_on_the_page() == []


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_without_the_order_of_locks_they_block_each_other(meet_on_the_page, monkeypatch):
    monkeypatch.setattr(people, "lock_person", lambda person: person)
    assert "deadlock detected" in str(meet_on_the_page())
