"""The people of the offices: who sees whom, who changes what, and that it holds from the next request on."""

import re
import threading
from http import HTTPStatus

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from offices.actions import invitations, people
from offices.models import Membership, User
from portal import held
from portal.models import AuditEntry
from portal.writes import Refused
from tests.conftest import member
from tests.factories.offices import MembershipFactory, OfficeFactory, PersonInvitationFactory, UserFactory
from tests.races import race

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"


def role_of(person, office) -> str:
    return Membership.objects.filter(user=person, office=office).values_list("role", flat=True).first() or ""


def change_role(client, person, office, role, seen=None):
    data = {"role": role, "seen": role_of(person, office) if seen is None else seen}
    return client.post(reverse("person_office", args=[person.pk, office.code]), data)


# Who sees whom


@pytest.mark.parametrize(
    ("persona", "sees"),
    [
        ("coordinator", {"viewer@au", "contributor@au", "coordinator@au"}),
        ("other_coordinator", {"coordinator@na"}),
        *(
            (everything, {"viewer@au", "contributor@au", "coordinator@au", "coordinator@na"})
            for everything in ("secretariat", "administrator", "auditor")
        ),
    ],
)
def test_the_page_shows_whom_one_may_see(personas, client_of, persona, sees):
    page = client_of(personas[persona]).get(reverse("people")).content.decode()
    everybody = {"viewer@au", "contributor@au", "coordinator@au", "coordinator@na"}
    assert {who for who in everybody if f">{who}.example.org</td>" in page} == sees


@pytest.mark.parametrize("persona", ["viewer", "contributor"])
def test_those_who_coordinate_nothing_see_nobody(personas, client_of, persona):
    client = client_of(personas[persona])
    assert client.get(reverse("people")).status_code == HTTPStatus.FORBIDDEN
    assert client.get(reverse("person", args=[personas["viewer"].pk])).status_code == HTTPStatus.NOT_FOUND


def test_a_coordinator_learns_nothing_of_other_offices(client_of, coordinator, viewer, other_office):
    MembershipFactory(user=viewer, office=other_office, role="coordinator")
    client = client_of(coordinator)
    for url in (reverse("people"), reverse("person", args=[viewer.pk])):
        page = client.get(url).content.decode()
        assert viewer.email in page
        assert "NA</span>" not in page
        assert "Namibia" not in page
    filtered = client.get(reverse("people"), {"office": "NA"}).content.decode()
    assert "Select a valid choice" in filtered


def test_the_person_of_another_office_answers_as_a_missing_one(client_of, coordinator, other_coordinator, office):
    client = client_of(coordinator)
    pages = [client.get(reverse("person", args=[pk])) for pk in (other_coordinator.pk, 999_999)]
    assert [page.status_code for page in pages] == [HTTPStatus.NOT_FOUND] * 2
    assert pages[0].content == pages[1].content
    for name in ("person_role", "person_access", "person_factors"):
        answers = [client.post(reverse(name, args=[pk])) for pk in (other_coordinator.pk, 999_999)]
        assert [answer.status_code for answer in answers] == [HTTPStatus.NOT_FOUND] * 2
    for code in ("NA", "XX", "AU"):
        answer = client.post(
            reverse("person_office", args=[other_coordinator.pk, code]), {"role": "", "seen": "viewer"}
        )
        assert answer.status_code == HTTPStatus.NOT_FOUND
    assert role_of(other_coordinator, other_coordinator.memberships.get().office) == "coordinator"


def test_names_and_addresses_are_searched_and_offices_filtered(client_of, secretariat, viewer, other_coordinator):
    User.objects.filter(pk=viewer.pk).update(name="Álvaro Núñez")
    client = client_of(secretariat)
    shown = {
        query: [person.email for person in client.get(reverse("people"), query).context["page"]]
        for query in ((("search", "núñez"),), (("search", "@NA."),), (("office", "AU"),))
    }
    # SQLite folds the case of ASCII only.
    assert list(shown.values())[1:] == [["coordinator@na.example.org"], ["viewer@au.example.org"]]


def test_lists_are_paged_and_cost_the_same_whatever_their_length(client_of, secretariat, office):
    PersonInvitationFactory(office_role="viewer", portal_role="").offices.add(office)
    client, counts = client_of(secretariat), {}
    for size in (1, 20, 200):
        while Membership.objects.count() < size:
            MembershipFactory(office=OfficeFactory() if Membership.objects.count() % 2 else office)
            PersonInvitationFactory(office_role="viewer", portal_role="", invited_by=secretariat).offices.add(office)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = client.get(reverse("people"))
        counts[size] = len(queries)
    assert counts == {1: 9, 20: 9, 200: 9}
    assert len(page.context["page"]) == 50
    assert "page=2" in page.content.decode()


# Changing roles


@pytest.mark.parametrize(
    ("persona", "status", "after"),
    [
        ("coordinator", 302, "contributor"),
        ("secretariat", 302, "contributor"),
        ("administrator", 302, "contributor"),
        ("auditor", 403, "viewer"),
        ("contributor", 404, "viewer"),
        ("viewer", 404, "viewer"),
        ("other_coordinator", 404, "viewer"),
        ("anonymous", 302, "viewer"),
    ],
)
def test_who_changes_a_role(personas, client_of, office, persona, status, after):
    viewer = personas["viewer"]
    answer = change_role(client_of(personas[persona]), viewer, office, "contributor")
    assert (answer.status_code, role_of(viewer, office)) == (status, after)


@pytest.mark.parametrize("persona", ["contributor", "viewer", "other_coordinator", "auditor"])
def test_the_action_asks_the_policy_by_itself(personas, office, persona):
    with pytest.raises(Refused):
        people.set_office_role(person=personas["viewer"], office=office, role="", seen="viewer", by=personas[persona])
    assert role_of(personas["viewer"], office) == "viewer"


def test_nobody_raises_themselves(client_of, secretariat, office):
    MembershipFactory(user=secretariat, office=office, role="viewer")
    answer = change_role(client_of(secretariat), secretariat, office, "coordinator")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Nobody raises their own role" in answer.content.decode()
    assert role_of(secretariat, office) == "viewer"


@pytest.mark.parametrize(("role", "seen"), [("", "coordinator"), ("viewer", "coordinator")])
def test_the_last_coordinator_leaves_by_the_secretariat_only(client_of, coordinator, secretariat, office, role, seen):
    inactive = UserFactory(is_active=False)
    MembershipFactory(user=inactive, office=office, role="coordinator")
    answer = change_role(client_of(coordinator), coordinator, office, role)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "last coordinator" in answer.content.decode()
    assert role_of(coordinator, office) == "coordinator"
    assert change_role(client_of(secretariat), coordinator, office, role).status_code == HTTPStatus.FOUND
    assert role_of(coordinator, office) == role


def test_of_two_coordinators_one_may_leave_and_stays_signed_in(client_of, coordinator, office):
    MembershipFactory(office=office, role="coordinator")
    client = client_of(coordinator)
    answer = change_role(client, coordinator, office, "viewer")
    assert answer["Location"] == reverse("account")
    assert client.get(reverse("account")).status_code == HTTPStatus.OK
    assert client.get(reverse("people")).status_code == HTTPStatus.FORBIDDEN


def test_a_role_that_changed_meanwhile_shows_both(client_of, coordinator, viewer, office):
    client = client_of(coordinator)
    Membership.objects.filter(user=viewer).update(role="contributor")
    answer = change_role(client, viewer, office, "coordinator", seen="viewer")
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Saved now: “contributor”; yours: “coordinator”" in answer.content.decode()
    assert role_of(viewer, office) == "contributor"
    # The page now carries what stands, so that choosing again is a decision.
    assert 'name="seen" value="contributor"' in answer.content.decode()


def test_the_same_again_has_no_effect(client_of, coordinator, viewer, office):
    client = client_of(coordinator)
    for _click in range(3):
        assert change_role(client, viewer, office, "", seen="viewer").status_code in {HTTPStatus.FOUND, 404}
    entries = AuditEntry.objects.values_list("action", "office_code", "subject", "actor_name", "details")
    assert list(entries) == [
        ("remove membership", "AU", viewer.email, coordinator.email, {"role": ["viewer", ""]}),
    ]


def test_a_role_that_there_is_not(client_of, coordinator, viewer, office):
    answer = change_role(client_of(coordinator), viewer, office, "king")
    assert (answer.status_code, role_of(viewer, office)) == (HTTPStatus.UNPROCESSABLE_ENTITY, "viewer")


# From the very next request on


def test_a_membership_is_read_with_every_request(client_of, contributor, tiny_round, office):
    client = client_of(contributor)
    url = reverse("surveys:respond", args=[tiny_round.survey.key, office.code])
    assert client.get(url).status_code == HTTPStatus.OK
    # As it stands in the database, whoever took it away, and with a session that lives on.
    Membership.objects.filter(user=contributor).delete()
    assert client.get(url).status_code == HTTPStatus.NOT_FOUND
    assert client.post(url, {}).status_code == HTTPStatus.NOT_FOUND
    assert client.get(reverse("account")).status_code == HTTPStatus.OK


@pytest.mark.parametrize("role", ["", "viewer", "coordinator"])
def test_a_change_of_role_ends_the_sessions_of_the_person(client_of, coordinator, contributor, office, role):
    theirs, ours = [client_of(contributor), client_of(contributor)], client_of(coordinator)
    change_role(ours, contributor, office, role)
    for client in theirs:
        answer = client.get(reverse("account"))
        assert answer["Location"].startswith(reverse("account_login"))
    assert ours.get(reverse("account")).status_code == HTTPStatus.OK


@pytest.mark.parametrize("role", ["", "auditor", "administrator"])
def test_a_change_of_the_portal_role_ends_sessions_too(client_of, administrator, secretariat, role):
    theirs = client_of(secretariat)
    data = {"role": role, "seen": "secretariat"}
    answer = client_of(administrator).post(reverse("person_role", args=[secretariat.pk]), data)
    assert answer.status_code == HTTPStatus.FOUND
    assert User.objects.get(pk=secretariat.pk).role == role
    assert theirs.get(reverse("account")).status_code == HTTPStatus.FOUND


def test_an_ended_access_is_ended_at_once_and_given_back_without_its_sessions(client_of, secretariat, contributor):
    theirs, ours = client_of(contributor), client_of(secretariat)
    url = reverse("person_access", args=[contributor.pk])
    ours.post(url, {"deactivate": "1"})
    assert theirs.get(reverse("account")).status_code == HTTPStatus.FOUND
    # Not even by a session that the database still holds.
    ours.post(url, {"activate": "1"})
    assert User.objects.get(pk=contributor.pk).is_active
    assert theirs.get(reverse("account")).status_code == HTTPStatus.FOUND
    actions = AuditEntry.objects.order_by("pk").values_list("action", "subject")
    assert list(actions) == [("deactivate person", contributor.email), ("activate person", contributor.email)]


@pytest.mark.parametrize("fields", [{"role": "auditor"}, {"is_active": ""}, {"memberships-0-role": "viewer"}])
def test_the_administration_pages_end_sessions_too(client_of, administrator, contributor, office, fields):
    theirs = client_of(contributor)
    page, url = client_of(administrator), reverse("admin:offices_user_change", args=[contributor.pk])
    form = page.get(url).context["adminform"].form
    place = contributor.memberships.get()
    data = {
        "email": contributor.email,
        "name": "",
        "role": "",
        "is_active": "on",
        "opened_version": form["opened_version"].value(),
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": place.pk,
        "memberships-0-user": contributor.pk,
        "memberships-0-office": office.pk,
        "memberships-0-role": "contributor",
    }
    assert page.post(url, data).status_code == HTTPStatus.FOUND
    assert theirs.get(reverse("account")).status_code == HTTPStatus.OK
    data["opened_version"] = page.get(url).context["adminform"].form["opened_version"].value()
    assert page.post(url, data | fields).status_code == HTTPStatus.FOUND
    assert theirs.get(reverse("account")).status_code == HTTPStatus.FOUND


def test_an_invitation_that_is_accepted_rotates_the_session(coordinator, office, client_of, monkeypatch):
    monkeypatch.setattr(invitations.secrets, "token_urlsafe", lambda _n: "the-token")
    person = User.objects.create_user("both@example.org", PASSWORD)
    here, elsewhere = client_of(person), client_of(person)
    key = here.session.session_key
    invitations.invite(email=person.email, offices=[office], office_role="viewer", portal_role="", by=coordinator)
    assert here.post(reverse("invitation", args=["the-token"]))["Location"] == "/"
    assert here.session["_auth_user_id"] == str(person.pk)
    assert here.session.session_key != key
    assert elsewhere.get(reverse("account")).status_code == HTTPStatus.FOUND
    assert [session.session_key for session in UserSession.objects.purge_and_list(person)] == [here.session.session_key]


# Access and roles in the portal


@pytest.mark.parametrize(
    ("persona", "whom", "status"),
    [
        ("secretariat", "viewer", 302),
        ("secretariat", "auditor", 403),
        ("secretariat", "administrator", 403),
        ("secretariat", "secretariat", 403),
        ("administrator", "secretariat", 302),
        ("administrator", "administrator", 403),
        ("auditor", "viewer", 403),
        ("coordinator", "viewer", 403),
        ("viewer", "viewer", 404),
        ("anonymous", "viewer", 302),
    ],
)
def test_who_ends_whose_access(personas, client_of, persona, whom, status):
    answer = client_of(personas[persona]).post(reverse("person_access", args=[personas[whom].pk]), {"deactivate": 1})
    ended = not User.objects.get(pk=personas[whom].pk).is_active
    assert (answer.status_code, ended) == (status, status == 302 and persona != "anonymous")


@pytest.mark.parametrize(
    ("persona", "whom", "status"),
    [
        ("administrator", "viewer", 302),
        ("administrator", "administrator", 403),
        ("secretariat", "viewer", 403),
        ("secretariat", "secretariat", 403),
        ("coordinator", "viewer", 403),
        ("auditor", "auditor", 403),
    ],
)
def test_who_gives_roles_in_the_portal(personas, client_of, persona, whom, status):
    somebody = personas[whom]
    data = {"role": "secretariat" if somebody.role != "secretariat" else "administrator", "seen": somebody.role}
    answer = client_of(personas[persona]).post(reverse("person_role", args=[somebody.pk]), data)
    changed = User.objects.get(pk=somebody.pk).role != somebody.role
    assert (answer.status_code, changed) == (status, status == 302)


def test_a_portal_role_that_changed_meanwhile_shows_both(client_of, administrator, auditor):
    answer = client_of(administrator).post(
        reverse("person_role", args=[auditor.pk]), {"role": "secretariat", "seen": ""}
    )
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Saved now: “auditor”; yours: “secretariat”" in answer.content.decode()


@pytest.mark.parametrize("name", ["set_access", "set_portal_role", "remove_second_factors"])
def test_the_actions_ask_the_policies_by_themselves(name, coordinator, viewer):
    more = {"set_access": {"is_active": False}, "set_portal_role": {"role": "auditor", "seen": ""}}.get(name, {})
    with pytest.raises(Refused):
        getattr(people, name)(person=viewer, by=coordinator, **more)


def test_an_administrator_removes_lost_second_factors(client_of, administrator, secretariat):
    for kind in ("totp", "recovery_codes"):
        Authenticator.objects.create(user=secretariat, type=kind, data={})
    theirs = client_of(secretariat)
    client_of(administrator).post(reverse("person_factors", args=[secretariat.pk]))
    assert not Authenticator.objects.exists()
    assert theirs.get(reverse("account")).status_code == HTTPStatus.FOUND
    assert AuditEntry.objects.get().action == "remove second factors"


def test_the_server_removes_those_of_the_only_administrator(administrator, capsys):
    Authenticator.objects.create(user=administrator, type="totp", data={})
    call_command("remove_second_factors", "Administrator@example.org")
    assert capsys.readouterr().out == "administrator@example.org: 1 removed\n"
    entry = AuditEntry.objects.get()
    assert (entry.path, entry.actor_name) == ("command", "")
    with pytest.raises(CommandError, match=re.escape("There is no account nobody@example.org")):
        call_command("remove_second_factors", "nobody@example.org")


def test_addresses_that_only_take_forms_lead_back(client_of, coordinator, viewer, office):
    client = client_of(coordinator)
    for name in ("person_role", "person_access", "person_factors"):
        assert client.get(reverse(name, args=[viewer.pk]))["Location"] == reverse("person", args=[viewer.pk])
    assert client.get(reverse("people_invitation", args=[1]))["Location"] == reverse("people")


# One's own account


def test_the_account_page_tells_who_i_am(client_of, coordinator, other_office):
    MembershipFactory(user=coordinator, office=other_office, role="viewer")
    page = client_of(coordinator).get(reverse("account")).content.decode()
    for text in (coordinator.email, "IP Australia", "Namibia", "Choose a password", reverse("people")):
        assert text in page


def test_ones_own_name_is_changed_with_its_version(client_of, viewer):
    client = client_of(viewer)
    version = client.get(reverse("account")).context["form"]["opened_version"].value()
    data = {"name": "New Name", "opened_version": version}
    for _click in range(2):
        client.post(reverse("account"), data)
    assert User.objects.get(pk=viewer.pk).name == "New Name"
    answer = client.post(reverse("account"), {"name": "Newer", "opened_version": version})
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "saved now “New Name”, yours “Newer”" in answer.content.decode()
    assert [(entry.action, entry.details) for entry in AuditEntry.objects.all()] == [
        ("change name", {"name": ["", "New Name"]})
    ]


def test_a_name_that_was_typed_survives_an_ended_session(viewer):
    client = Client()
    client.post(reverse("account"), {"name": "Typed", "opened_version": "1", held.MARK: held.mark_of(viewer)})
    client.force_login(viewer)
    page = client.get(reverse("account")).content.decode()
    assert 'value="Typed"' in page
    assert "it is not saved yet" in page


def sign_in(person, **headers) -> Client:
    client = Client(**headers)
    answer = client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert answer.status_code == HTTPStatus.FOUND
    return client


def test_sessions_and_devices_are_listed_and_the_others_ended(db):
    person = User.objects.create_user("somebody@example.org", PASSWORD)
    here = sign_in(person, REMOTE_ADDR="192.0.2.1", headers={"User-Agent": "Firefox"})
    there = sign_in(person, REMOTE_ADDR="192.0.2.2", headers={"User-Agent": "Phone"})
    page = here.get(reverse("usersessions_list")).content.decode()
    for text in ("192.0.2.1", "Firefox", "192.0.2.2", "Phone", "End all others"):
        assert text in page
    here.post(reverse("usersessions_list"))
    assert here.get(reverse("account")).status_code == HTTPStatus.OK
    assert there.get(reverse("account")).status_code == HTTPStatus.FOUND
    assert "End all others" not in here.get(reverse("usersessions_list")).content.decode()


def test_a_new_password_ends_the_other_sessions_and_is_audited(db):
    person = User.objects.create_user("somebody@example.org", PASSWORD)
    here, there = sign_in(person), sign_in(person)
    data = {"oldpassword": PASSWORD, "password1": "another password 1", "password2": "another password 1"}
    here.post(reverse("account_change_password"), data)
    assert here.get(reverse("account")).status_code == HTTPStatus.OK
    assert there.get(reverse("account")).status_code == HTTPStatus.FOUND
    assert AuditEntry.objects.get().action == "set password"


# Races


def leave(office, coordinators) -> list[object]:
    """All coordinators remove the next one at the same moment."""

    def remove(n: int) -> object:
        other = coordinators[(n + 1) % len(coordinators)]
        return people.set_office_role(person=other, office=office, role="", seen="coordinator", by=coordinators[n])

    return race(remove, len(coordinators))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_coordinators_who_remove_each_other_leave_one():
    office = OfficeFactory()
    coordinators = [MembershipFactory(office=office, role="coordinator").user for _n in range(10)]
    leave(office, coordinators)
    assert Membership.objects.filter(office=office).count() >= 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_none_is_left(monkeypatch):
    office = OfficeFactory()
    coordinators = [MembershipFactory(office=office, role="coordinator").user for _n in range(2)]
    barrier, check = threading.Barrier(2), people.check_office_role

    def check_together(*args, **kwargs):
        check(*args, **kwargs)
        barrier.wait(timeout=10)

    monkeypatch.setattr(people, "lock_office", lambda _office: None)
    monkeypatch.setattr(people, "check_office_role", check_together)
    leave(office, coordinators)
    assert Membership.objects.filter(office=office).count() == 0


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_racing_changes_of_one_role_one_wins_and_the_others_see_it(secretariat):
    place = MembershipFactory(role="viewer")
    roles = ["contributor", "coordinator"] * 5
    outcomes = race(
        lambda n: people.set_office_role(
            person=place.user, office=place.office, role=roles[n], seen="viewer", by=secretariat
        ),
        10,
    )
    # Those who wanted what the winner wanted are content.
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType"] * 5 + ["Stale"] * 5
    assert AuditEntry.objects.count() == 1


def test_members_of_two_offices_keep_what_they_have(client_of, secretariat, office, other_office):
    person = member(office, "viewer")
    MembershipFactory(user=person, office=other_office, role="coordinator")
    change_role(client_of(secretariat), person, office, "")
    assert dict(person.memberships.values_list("office__code", "role")) == {"NA": "coordinator"}
