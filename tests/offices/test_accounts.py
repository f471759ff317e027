"""Getting in: what signs in, what a mail links to, and what a stale form says."""

import re
from http import HTTPStatus

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse

from offices.models import User
from surveys.models import Response

PASSWORD = "correct horse battery staple"


@pytest.fixture
def person(db) -> User:
    return User.objects.create_user("old@example.org", PASSWORD, name="Somebody")


def sign_in(email: str, password: str = PASSWORD):
    client = Client()
    answer = client.post(reverse("account_login"), {"login": email, "password": password})
    return answer.status_code == HTTPStatus.FOUND


def test_the_address_signs_in_whatever_its_case(person):
    assert sign_in("Old@Example.org")
    assert not sign_in("old@example.org", "wrong")


def test_a_deactivated_person_does_not_get_in(person):
    person.is_active = False
    person.save()
    client = Client()
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_nobody_signs_up_or_changes_an_address_alone(client, person):
    assert "Accounts are made by invitation" in client.get(reverse("account_signup")).content.decode()
    with pytest.raises(NoReverseMatch):
        reverse("account_email")


def test_an_earlier_address_neither_signs_in_nor_resets(client_of, administrator, person):
    assert sign_in("old@example.org")
    EmailAddress.objects.get_or_create(user=person, email="old@example.org", defaults={"primary": True})
    page = client_of(administrator)
    url = reverse("admin:offices_user_change", args=[person.pk])
    form = page.get(url).context["adminform"].form
    page.post(
        url,
        {
            "email": "new@example.org",
            "name": "Successor",
            "role": "",
            "is_active": "on",
            "opened_version": form["opened_version"].value() or "",
            "memberships-TOTAL_FORMS": "0",
            "memberships-INITIAL_FORMS": "0",
        },
    )
    assert User.objects.get(pk=person.pk).email == "new@example.org"
    assert not sign_in("old@example.org")
    assert sign_in("new@example.org")
    Client().post(reverse("account_reset_password"), {"email": "old@example.org"})
    assert mail.outbox == []


def test_the_link_of_a_mail_comes_from_the_setting_not_from_the_host(person, settings):
    settings.SITE_URL = "https://portal.example.org"
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(headers={"Host": "evil.example.com"})
    client.post(reverse("account_reset_password"), {"email": person.email})
    (message,) = mail.outbox
    assert "evil" not in message.subject + message.body
    link = re.search(r"https://portal\.example\.org(/\S+)", message.body)
    page = Client().get(link[1], follow=True)
    assert page.status_code == HTTPStatus.OK
    form_url = page.redirect_chain[-1][0]
    assert "key" in form_url


def test_a_stale_form_is_told_and_shows_what_was_typed(tiny_round, office, coordinator):
    client = Client(enforce_csrf_checks=True)
    client.force_login(coordinator)
    url = reverse("surveys:respond", args=[tiny_round.survey.key, office.code])
    answer = client.post(url, {"q.proposals": "a long text", "csrfmiddlewaretoken": "stale"})
    assert answer.status_code == HTTPStatus.FORBIDDEN
    text = answer.content.decode()
    assert "This form is out of date" in text
    assert "a long text" in text
    assert "stale" not in text
    assert not Response.objects.exists()


def test_a_password_is_never_shown_again(db):
    client = Client(enforce_csrf_checks=True)
    answer = client.post(reverse("account_login"), {"login": "a@example.org", "password": "geheim"})
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "geheim" not in answer.content.decode()


def test_going_back_asks_for_the_whole_page(client, office):
    url = reverse("offices:list")
    part = client.get(url, headers={"HX-Request": "true"})
    back = client.get(url, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" not in part.content.decode()
    assert "<html" in back.content.decode()
