"""Inviting people: who may, what the mail holds, and that a link works once."""

import datetime
import re
from http import HTTPStatus

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from offices.actions import invitations
from offices.models import Membership, PersonInvitation, User
from portal import held
from portal.models import AuditEntry
from portal.writes import Refused
from tests.conftest import member
from tests.factories.offices import MembershipFactory, OfficeFactory, UserFactory
from tests.races import race

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"
NEW = "new@example.org"


@pytest.fixture
def invite(client_of, django_capture_on_commit_callbacks):
    """Sends the form as somebody; the answer. Mails are in the outbox."""

    def send(by, email=NEW, role="contributor", offices=("AU",), client=None):
        with django_capture_on_commit_callbacks(execute=True):
            data = {"email": email, "role": role, "offices": list(offices)}
            return (client or client_of(by)).post(reverse("people_invite"), data)

    return send


def link_in(message) -> str:
    (path,) = re.findall(r"http://127\.0\.0\.1:8000(/accounts/invitation/\S+)", message.body)
    return path


def join(path, client=None, **data):
    typed = {"name": "New Person", "password": PASSWORD, "again": PASSWORD, **data}
    return (client or Client()).post(path, typed)


def roles_of(email) -> dict[str, str]:
    return dict(Membership.objects.filter(user__email=email).values_list("office__code", "role"))


# The way of an invitation


def test_a_coordinator_invites_and_the_link_lets_in_once(coordinator, office, invite):
    assert invite(coordinator).status_code == HTTPStatus.FOUND
    (message,) = mail.outbox
    assert message.to == [NEW]
    path = link_in(message)
    client = Client()
    page = client.get(path)
    assert page.status_code == HTTPStatus.OK
    assert "contributor" in page.content.decode()
    answer = join(path, client)
    assert (answer.status_code, answer["Location"]) == (HTTPStatus.FOUND, "/")
    person = User.objects.get(email=NEW)
    assert client.session["_auth_user_id"] == str(person.pk)
    assert (person.name, person.role, roles_of(NEW)) == ("New Person", "", {"AU": "contributor"})
    assert EmailAddress.objects.get(user=person).verified
    # Anybody else, with the same link:
    assert join(path).status_code == HTTPStatus.NOT_FOUND
    assert Client().get(path).status_code == HTTPStatus.NOT_FOUND


def test_looking_at_the_page_uses_nothing_up(coordinator, office, invite):
    invite(coordinator)
    path = link_in(mail.outbox[0])
    assert [Client().get(path).status_code for _time in range(3)] == [HTTPStatus.OK] * 3
    assert join(path).status_code == HTTPStatus.FOUND


def test_only_a_hash_of_the_link_is_kept(coordinator, office, invite):
    invite(coordinator)
    token = link_in(mail.outbox[0]).split("/")[-2]
    row = PersonInvitation.objects.values().get()
    assert row["token_hash"] == invitations.hash_of(token)
    assert token not in str(row)
    assert token not in str(list(AuditEntry.objects.values()))


def test_the_link_comes_from_the_setting_not_from_the_host(
    coordinator, office, client_of, settings, django_capture_on_commit_callbacks
):
    settings.SITE_URL = "https://portal.example.org"
    settings.ALLOWED_HOSTS = ["*"]
    with django_capture_on_commit_callbacks(execute=True):
        data = {"email": NEW, "role": "viewer", "offices": ["AU"]}
        client_of(coordinator).post(reverse("people_invite"), data, headers={"Host": "evil.example.com"})
    (message,) = mail.outbox
    assert "https://portal.example.org/accounts/invitation/" in message.body
    assert "evil" not in message.subject + message.body


def test_a_link_works_for_two_weeks(coordinator, office, invite):
    invite(coordinator)
    invitation = PersonInvitation.objects.get()
    days = invitation.expires_at - invitation.created_at
    assert days.total_seconds() == pytest.approx(14 * 24 * 3600, abs=5)
    PersonInvitation.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    assert join(link_in(mail.outbox[0])).status_code == HTTPStatus.NOT_FOUND
    assert not User.objects.filter(email=NEW).exists()


def test_used_revoked_expired_and_invented_links_answer_alike(coordinator, office, invite):
    bodies = set()
    invite(coordinator)
    used = link_in(mail.outbox[0])
    join(used)
    bodies.add(Client().get(used).content)
    for number, change in enumerate([{"revoked_at": timezone.now()}, {"expires_at": timezone.now()}]):
        invite(coordinator, email=f"other{number}@example.org")
        PersonInvitation.objects.filter(email=f"other{number}@example.org").update(**change)
        bodies.add(Client().get(link_in(mail.outbox[-1])).content)
    bodies.add(Client().get(reverse("invitation", args=["invented"])).content)
    stripped = {re.sub(rb'(csrfmiddlewaretoken" value="|name="next" value=")[^"]*', b"", body) for body in bodies}
    assert len(stripped) == 1


def test_the_page_of_a_link_is_kept_by_no_cache(coordinator, office, invite):
    invite(coordinator)
    answer = Client().get(link_in(mail.outbox[0]))
    assert {"private", "no-store"} <= {part.strip() for part in answer["Cache-Control"].split(",")}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"password": "password", "again": "password"}, "too common"),
        ({"password": "short1!", "again": "short1!"}, "too short"),
        ({"password": "new@example.org", "again": "new@example.org"}, "too similar"),
        ({"again": "something else"}, "are not the same"),
        ({"name": ""}, "required"),
    ],
)
def test_a_poor_password_is_refused_and_the_link_still_works(coordinator, office, invite, typed, sentence):
    invite(coordinator)
    path = link_in(mail.outbox[0])
    answer = join(path, **typed)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert sentence in answer.content.decode()
    assert not User.objects.filter(email=NEW).exists()
    assert join(path).status_code == HTTPStatus.FOUND


# Who has an account already


def test_an_account_gets_the_membership_and_keeps_its_password(coordinator, office, other_office, invite):
    person = User.objects.create_user(NEW, PASSWORD, name="Somebody")
    MembershipFactory(user=person, office=other_office, role="coordinator")
    invite(coordinator)
    path = link_in(mail.outbox[0])
    page = Client().get(path)
    assert "You have an account already" in page.content.decode()
    answer = join(path, password="another password 1", again="another password 1", name="Hacked")
    assert answer["Location"] == reverse("account_login")
    person.refresh_from_db()
    assert (person.name, person.check_password(PASSWORD)) == ("Somebody", True)
    assert roles_of(NEW) == {"AU": "contributor", "NA": "coordinator"}


def test_the_action_too_leaves_a_password_alone(coordinator, office, invite):
    person = User.objects.create_user(NEW, PASSWORD)
    invite(coordinator)
    token = link_in(mail.outbox[0]).split("/")[-2]
    assert invitations.accept(token=token, name="Hacked", password="another password 1") == person
    assert User.objects.get(pk=person.pk).check_password(PASSWORD)


def test_the_answer_to_whoever_invites_is_the_same_with_and_without_an_account(
    coordinator, office, other_office, invite, client_of
):
    MembershipFactory(user=UserFactory(email="known@example.org"), office=other_office)
    client = client_of(coordinator)
    pages = []
    for email in ("known@example.org", "nobody@example.org"):
        answer = invite(coordinator, email=email, client=client)
        assert (answer.status_code, answer["Location"]) == (HTTPStatus.FOUND, reverse("people"))
        page = client.get(reverse("people")).content.decode()
        row = page[page.index("Invitations that wait") :]
        PersonInvitation.objects.all().delete()
        pages.append(re.sub(r'(csrfmiddlewaretoken"|_for"|next") value="[^"]*"|/\d+/', "", row.replace(email, "X")))
        assert f"{email} is invited" in page
    assert pages[0] == pages[1]
    assert [message.body.split("http")[0] for message in mail.outbox[:1]] == [
        message.body.split("http")[0] for message in mail.outbox[1:]
    ]


def test_who_belongs_to_the_office_already_is_named(coordinator, viewer, office, invite):
    answer = invite(coordinator, email=viewer.email.upper())
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Belongs to AU already" in answer.content.decode()
    assert mail.outbox == []


def test_an_invitation_lowers_nobody(secretariat, coordinator, administrator, office, invite):
    invite(secretariat, email="both@example.org", role="viewer")
    first = link_in(mail.outbox[0])
    person = User.objects.create_user("both@example.org", PASSWORD)
    MembershipFactory(user=person, office=office, role="coordinator")
    join(first)
    assert roles_of("both@example.org") == {"AU": "coordinator"}
    invite(administrator, email="both@example.org", role="auditor", offices=())
    User.objects.filter(pk=person.pk).update(role="secretariat")
    join(link_in(mail.outbox[1]))
    assert User.objects.get(pk=person.pk).role == "secretariat"


def test_a_person_whose_access_was_ended_does_not_come_back_by_an_invitation(coordinator, office, invite):
    person = User.objects.create_user(NEW, PASSWORD, is_active=False)
    invite(coordinator)
    answer = join(link_in(mail.outbox[0]))
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "Your access was ended" in answer.content.decode()
    person.refresh_from_db()
    assert (person.is_active, roles_of(NEW)) == (False, {})


def test_an_account_without_a_password_chooses_one(coordinator, office, invite):
    User.objects.create_user(NEW, None, name="Made by an administrator")
    invite(coordinator)
    client = Client()
    assert join(link_in(mail.outbox[0]), client)["Location"] == "/"
    assert User.objects.get(email=NEW).check_password(PASSWORD)


def test_accepting_asks_for_the_second_factor_of_an_account(administrator, secretariat, office, invite):
    person = User.objects.create_user(NEW, None)
    Authenticator.objects.create(user=person, type="totp", data={"secret": "x"})
    invite(secretariat)
    client = Client()
    assert join(link_in(mail.outbox[0]), client)["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session


# Who may


@pytest.mark.parametrize(
    ("persona", "role", "offices", "status"),
    [
        ("viewer", "viewer", ["AU"], 403),
        ("contributor", "viewer", ["AU"], 403),
        ("auditor", "viewer", ["AU"], 403),
        ("anonymous", "viewer", ["AU"], 302),
        ("coordinator", "coordinator", ["AU"], 302),
        ("coordinator", "viewer", ["NA"], 422),
        ("coordinator", "viewer", ["AU", "NA"], 422),
        ("coordinator", "auditor", [], 422),
        ("coordinator", "viewer", [], 422),
        ("secretariat", "viewer", ["AU", "NA"], 302),
        ("secretariat", "secretariat", [], 422),
        ("administrator", "secretariat", [], 302),
        ("administrator", "administrator", [], 302),
        ("administrator", "auditor", ["AU"], 422),
    ],
)
def test_who_may_invite_to_what(personas, invite, persona, role, offices, status):
    answer = invite(personas[persona], role=role, offices=offices)
    made = PersonInvitation.objects.count()
    assert (answer.status_code, made) == (status, int(status == 302 and persona != "anonymous"))


@pytest.mark.parametrize(
    ("persona", "codes", "portal_role"),
    [
        ("coordinator", ["NA"], ""),
        ("coordinator", [], "auditor"),
        ("secretariat", [], "auditor"),
        ("viewer", ["AU"], ""),
    ],
)
def test_the_action_asks_the_policy_by_itself(personas, persona, codes, portal_role, other_office, office):
    offices = [place for place in (office, other_office) if place.code in codes]
    with pytest.raises(Refused):
        invitations.invite(
            email=NEW,
            offices=offices,
            office_role="" if portal_role else "viewer",
            portal_role=portal_role,
            by=personas[persona],
        )


def test_nobody_invites_themselves(secretariat, office, invite):
    answer = invite(secretariat, email=secretariat.email)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "This is your own address" in answer.content.decode()


def test_what_somebody_sent_ends_with_their_role(coordinator, office, invite):
    invite(coordinator)
    path = link_in(mail.outbox[0])
    Membership.objects.filter(user=coordinator).update(role="contributor")
    assert join(path).status_code == HTTPStatus.NOT_FOUND
    Membership.objects.filter(user=coordinator).update(role="coordinator")
    User.objects.filter(pk=coordinator.pk).update(is_active=False)
    assert join(path).status_code == HTTPStatus.NOT_FOUND
    assert not User.objects.filter(email=NEW).exists()


def test_the_same_again_has_no_effect(coordinator, office, invite):
    answers = [invite(coordinator) for _time in range(3)]
    assert [answer["Location"] for answer in answers] == [reverse("people")] * 3
    assert (PersonInvitation.objects.count(), len(mail.outbox)) == (1, 1)
    invite(coordinator, role="viewer")
    assert (PersonInvitation.objects.count(), len(mail.outbox)) == (2, 2)


def test_several_offices_with_one_link(secretariat, office, other_office, invite):
    invite(secretariat, role="coordinator", offices=["AU", "NA"])
    assert "IP Australia (AU)" in mail.outbox[0].body
    assert "Namibia (NA)" in mail.outbox[0].body
    join(link_in(mail.outbox[0]))
    assert roles_of(NEW) == {"AU": "coordinator", "NA": "coordinator"}


def test_a_role_in_the_portal(administrator, invite):
    invite(administrator, role="secretariat", offices=())
    join(link_in(mail.outbox[0]))
    assert User.objects.get(email=NEW).role == "secretariat"


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_cannot_be_sent_is_said_on_the_page(coordinator, office, client_of, monkeypatch):
    monkeypatch.setattr(invitations, "send_mail", lambda *args: (_ for _ in ()).throw(OSError("no server")))
    data = {"email": NEW, "role": "viewer", "offices": ["AU"]}
    page = client_of(coordinator).post(reverse("people_invite"), data, follow=True)
    assert "its mail could not be sent" in page.content.decode()
    assert PersonInvitation.objects.count() == 1


# Sending again, revoking


@pytest.fixture
def handle(client_of, django_capture_on_commit_callbacks):
    def post(by, invitation, **data):
        with django_capture_on_commit_callbacks(execute=True):
            return client_of(by).post(reverse("people_invitation", args=[invitation.pk]), data)

    return post


def test_sending_again_makes_a_new_link_and_the_old_one_works_no_more(coordinator, office, invite, handle):
    invite(coordinator)
    invitation = PersonInvitation.objects.get()
    PersonInvitation.objects.update(expires_at=timezone.now())
    for _click in range(2):
        handle(coordinator, invitation, times_sent=1)
    assert len(mail.outbox) == 2
    first, second = map(link_in, mail.outbox)
    assert join(first).status_code == HTTPStatus.NOT_FOUND
    assert join(second).status_code == HTTPStatus.FOUND


def test_a_revoked_link_works_no_more(coordinator, office, invite, handle):
    invite(coordinator)
    for _click in range(2):
        handle(coordinator, PersonInvitation.objects.get(), revoke=1)
    assert join(link_in(mail.outbox[0])).status_code == HTTPStatus.NOT_FOUND
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["revoke invitation", "invite person"]


def test_a_used_invitation_is_neither_sent_again_nor_revoked(coordinator, office, invite, handle):
    invite(coordinator)
    join(link_in(mail.outbox[0]))
    invitation = PersonInvitation.objects.get()
    for data in ({"times_sent": 1}, {"revoke": 1}):
        handle(coordinator, invitation, **data)
    invitation.refresh_from_db()
    assert (invitation.revoked_at, invitation.times_sent, len(mail.outbox)) == (None, 1, 1)


@pytest.mark.parametrize(
    ("persona", "status"),
    [("other_coordinator", 404), ("viewer", 404), ("auditor", 403), ("anonymous", 302), ("secretariat", 302)],
)
def test_who_may_handle_an_invitation(personas, office, invite, handle, persona, status):
    invite(personas["coordinator"])
    answer = handle(personas[persona], PersonInvitation.objects.get(), revoke=1)
    assert answer.status_code == status
    assert bool(PersonInvitation.objects.get().revoked_at) == (persona == "secretariat")


def test_an_invitation_to_another_office_too_is_not_a_coordinators_to_change(
    coordinator, secretariat, office, other_office, invite, handle, client_of
):
    invite(secretariat, offices=["AU", "NA"])
    page = client_of(coordinator).get(reverse("people")).content.decode()
    # Any two letters may stand in a token.
    row = re.sub('name="csrfmiddlewaretoken" value="[^"]+"', "", page[page.index("Invitations that wait") :])
    assert NEW in row
    assert "AU" in row
    assert "NA" not in row
    assert handle(coordinator, PersonInvitation.objects.get(), revoke=1).status_code == HTTPStatus.FORBIDDEN


# Audit, and what was typed


def test_each_office_finds_it_in_its_trail(secretariat, office, other_office, invite):
    invite(secretariat, offices=["AU", "NA"])
    join(link_in(mail.outbox[0]))
    entries = AuditEntry.objects.order_by("pk").values_list("action", "office_code", "subject", "actor_name")
    assert list(entries) == [
        ("invite person", "AU", NEW, "secretariat@example.org"),
        ("invite person", "NA", NEW, "secretariat@example.org"),
        ("accept invitation", "AU", NEW, f"New Person <{NEW}>"),
        ("accept invitation", "NA", NEW, f"New Person <{NEW}>"),
    ]


def test_what_is_typed_survives_an_ended_session(coordinator, office):
    client = Client()
    data = {"email": NEW, "role": "viewer", "offices": ["AU"], held.MARK: held.mark_of(coordinator)}
    answer = client.post(reverse("people_invite"), data)
    assert answer["Location"].startswith(reverse("account_login"))
    client.force_login(coordinator)
    assert NEW in client.get(reverse("people_invite")).content.decode()


# Races


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_twenty_identical_invitations_have_one_effect(coordinator, office):
    outcomes = race(
        lambda _n: invitations.invite(email=NEW, offices=[office], office_role="viewer", portal_role="", by=coordinator)
    )
    assert len({outcome.pk for outcome in outcomes}) == 1
    assert (PersonInvitation.objects.count(), len(mail.outbox)) == (1, 1)


def racing_acceptance(office, monkeypatch) -> list[object]:
    monkeypatch.setattr(invitations.secrets, "token_urlsafe", lambda _n: "the-token")
    by = member(office, "coordinator")
    invitations.invite(email=NEW, offices=[office], office_role="viewer", portal_role="", by=by)
    return race(lambda n: invitations.accept(token="the-token", name=f"Person {n}", password=f"{PASSWORD} {n}"))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_use_one_link_one_does(office, monkeypatch):
    outcomes = racing_acceptance(office, monkeypatch)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType"] * 19 + ["User"]
    (person,) = [outcome for outcome in outcomes if outcome]
    assert User.objects.get(email=NEW).name == person.name
    assert AuditEntry.objects.filter(action="accept invitation").count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_one_link_works_more_than_once(office, monkeypatch):
    real = PersonInvitation.objects.get_queryset().__class__
    monkeypatch.setattr(real, "select_for_update", lambda self, **options: self)
    monkeypatch.setattr(invitations, "lock_office", lambda _office: None)
    outcomes = racing_acceptance(office, monkeypatch)
    assert len([outcome for outcome in outcomes if isinstance(outcome, User)]) > 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_invitations_of_one_address_accepted_at_once_make_one_account(monkeypatch):
    offices = OfficeFactory.create_batch(10)
    by = UserFactory(role="secretariat")
    tokens = iter(f"token-{n}" for n in range(10))
    monkeypatch.setattr(invitations.secrets, "token_urlsafe", lambda _n: next(tokens))
    for place in offices:
        invitations.invite(email=NEW, offices=[place], office_role="viewer", portal_role="", by=by)
    outcomes = race(lambda n: invitations.accept(token=f"token-{n}", name="P", password=PASSWORD), 10)
    assert {type(outcome).__name__ for outcome in outcomes} == {"User"}
    assert len(roles_of(NEW)) == 10
