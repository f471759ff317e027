"""The addresses of admin pages, which may hold anything: none feels out a secret, and none is answered with a 500."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.urls import get_resolver, reverse

from offices.models import User
from tests.factories.portal import load
from tests.portal.writes.admin import OFFICES

pytestmark = pytest.mark.django_db

# Takes pages of libraries out of the administration.
get_resolver().url_patterns  # noqa: B018
PAGES = [pytest.param(page, id=page.opts.label) for page in admin.site._registry.values()]
SECRET_COLUMNS = {
    "mfa.Authenticator.data",
    "offices.PersonInvitation.token_hash",
    "offices.User.password",
    "offices.User.session_serial",
    "sessions.Session.session_data",
    "sessions.Session.session_key",
    "usersessions.UserSession.session_key",
}
# Numbers of more bits than a row's, digits of other scripts; and years that no calendar or no database has.
ODD = [str(2**63), "9" * 400, "²", ""]
ODD_DAYS = [*ODD, "0", "1", "9999", "99999999999", "١٢"]
PARTS_OF_A_DAY = ["year", "iso_year", "day", "gte"]


@pytest.fixture
def client(client_of, administrator):
    client = client_of(administrator)
    client.raise_request_exception = False
    return client


def address(page, part: str, *arguments) -> str:
    return reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_{part}", args=arguments)


def paths_to(model, column: str, before: str = "", depth: int = 3) -> list[str]:
    """The lookups that lead from a row of this model to this column, across relations either way."""
    label, name = column.rsplit(".", 1)
    found = [before + name] if model._meta.label == label else []
    for field in model._meta.get_fields() if depth else ():
        if field.is_relation and field.related_model:
            found += paths_to(field.related_model, column, f"{before}{field.name}__", depth - 1)
    return found


def test_every_column_that_sounds_secret_is_known():
    words = ("password", "secret", "session_", "token", "hash")
    columns = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if any(word in field.name for word in words)
    }
    # Those by which a form is not taken twice.
    assert columns - SECRET_COLUMNS == {"assistance.Request.token", "publications.Publication.token"}


@pytest.mark.parametrize("page", PAGES)
def test_no_filter_feels_out_a_secret(rf, administrator, page):
    request = rf.get("/")
    request.user = administrator
    lookups = [path for column in sorted(SECRET_COLUMNS) for path in paths_to(page.model, column)]
    allowed = [path for path in lookups if page.lookup_allowed(f"{path}__startswith", "a", request)]
    assert allowed == []


@pytest.mark.parametrize("lookup", ["password__startswith", "password", "session_serial", "session_serial__gte"])
def test_a_password_is_not_felt_out(client, lookup):
    answer = client.get(reverse("admin:offices_user_changelist"), {lookup: "0"})
    assert answer.status_code == HTTPStatus.BAD_REQUEST


def test_other_filters_stay(client, viewer):
    found = client.get(reverse("admin:offices_user_changelist"), {"email__startswith": viewer.email[:3]})
    assert list(found.context["cl"].queryset) == [viewer]


@pytest.mark.parametrize("page", PAGES)
def test_no_odd_value_of_a_filter_is_answered_with_a_500(client, tiny_round, page):
    load("offices", OFFICES)
    failed = [
        query[:80]
        for query in odd_queries(page)
        if client.get(f"{address(page, 'changelist')}?{query}").status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    ]
    assert failed == []


def odd_queries(page) -> Iterator[str]:
    for field in page.opts.concrete_fields:
        if isinstance(field, models.DateField):
            parts = [*PARTS_OF_A_DAY, "year=2026&{0}__month", "year=2026&{0}__month=1&{0}__day"]
            yield from (f"{field.name}__{part}={odd}".format(field.name) for part in parts for odd in ODD_DAYS)
        yield from (f"{field.attname}={odd}" for odd in ODD)
    for name in ("pk__in", "pk__gt", "q", "p", "o", "e", "_facets", "_popup", "_to_field", "nothing"):
        yield from (f"{name}={odd}" for odd in ODD)


@pytest.mark.parametrize("page", PAGES)
def test_a_list_is_filtered_by_no_null_character(client, page):
    for query in ("q=%00", "pk=a%00"):
        assert client.get(f"{address(page, 'changelist')}?{query}").status_code == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("part", ["change", "delete"])
@pytest.mark.parametrize("page", PAGES)
def test_no_odd_row_or_field_to_refer_to_is_answered_with_a_500(client, tiny_round, page, part):
    load("offices", OFFICES)
    row = page.model._default_manager.first()
    failed = [
        (key, field)
        for key in (row.pk if row else 1, 2**63, "²")
        for field in ("", "id", "x")
        if client.get(address(page, part, key), {"_to_field": field}).status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    ]
    assert failed == []


def test_a_far_year_leads_to_the_whole_list(client):
    url = reverse("admin:portal_auditentry_changelist")
    answer = client.get(url, {"at__year": "99999999999"})
    assert (answer.status_code, answer["Location"]) == (HTTPStatus.FOUND, f"{url}?e=1")


def test_an_empty_field_to_refer_to_is_none(client):
    person = User.objects.create_user("p@example.org")
    page = client.get(reverse("admin:offices_user_change", args=[person.pk]), {"_to_field": ""})
    assert page.context["original"] == person
