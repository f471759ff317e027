"""An auditor reads everything and changes nothing: roles for offices rest while somebody is auditor."""

from http import HTTPStatus

import pytest
from django.urls import reverse

from jiu import policies as jiu_policies
from notices.reports import addresses_of
from offices import policies
from offices.models import Membership, User
from surveys.models import Response
from tests.factories.jiu import make_bureau
from tests.factories.offices import MembershipFactory

pytestmark = pytest.mark.django_db

ROLES = [role.value for role in Membership.Role]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("policy", ["belongs_to", "fills_for", "submits_for", "manages_people_of"])
def test_no_role_for_an_office_lets_an_auditor_write(auditor, office, policy, role):
    MembershipFactory(user=auditor, office=office, role=role)
    assert getattr(policies, policy)(auditor, office) is False
    assert not policies.may_invite(auditor)


def test_an_auditor_who_is_coordinator_reads_and_saves_nothing(client_of, auditor, office, tiny_round):
    MembershipFactory(user=auditor, office=office, role="coordinator")
    client, url = client_of(auditor), reverse("surveys:respond", args=[tiny_round.survey.key, "AU"])
    assert client.get(url).status_code == HTTPStatus.OK
    assert client.post(url, {"save": "1", "q.proposals": "x"}).status_code == HTTPStatus.FORBIDDEN
    assert not Response.objects.exists()


def test_a_coordinator_who_becomes_auditor_writes_again_afterwards(client_of, administrator, coordinator, office):
    def become(role: str) -> User:
        seen = User.objects.get(pk=coordinator.pk).role
        client_of(administrator).post(reverse("person_role", args=[coordinator.pk]), {"role": role, "seen": seen})
        return User.objects.get(pk=coordinator.pk)

    assert not policies.submits_for(become("auditor"), office)
    assert policies.submits_for(become(""), office)


def test_the_page_of_a_person_says_so(client_of, administrator, auditor, office):
    sentence = "An auditor changes nothing: roles for offices rest meanwhile."
    client, url = client_of(administrator), reverse("person", args=[auditor.pk])
    assert sentence not in client.get(url).content.decode()
    MembershipFactory(user=auditor, office=office)
    assert sentence in client.get(url).content.decode()


def test_an_auditor_is_no_coordinator_who_is_left(client_of, coordinator, auditor, office):
    MembershipFactory(user=auditor, office=office, role="coordinator")
    to = reverse("person_office", args=[coordinator.pk, office.code])
    client = client_of(coordinator)
    answer = client.post(to, {"role": "viewer", "seen": "coordinator"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "last coordinator" in answer.content.decode()


@pytest.mark.parametrize("role", ["contributor", "coordinator"])
def test_an_auditor_answers_for_no_post_and_runs_no_call(auditor, role):
    bureau = make_bureau()
    MembershipFactory(user=auditor, office=bureau, role=role)
    colleague = MembershipFactory(office=bureau, role=role).user
    assert not jiu_policies.may_run_calls(auditor)
    assert not jiu_policies.may_answer(auditor)
    assert list(jiu_policies.who_answers()) == [colleague]


def test_no_reminder_goes_to_an_auditor(auditor, office):
    MembershipFactory(user=auditor, office=office, role="coordinator")
    colleague = MembershipFactory(office=office, role="contributor").user
    assert addresses_of([office.pk]) == {office.pk: [colleague.email]}
