"""The secretariat keeps the menu: programmes added, changed, retired and offered again."""

from http import HTTPStatus

import pytest

from assistance.models import Programme
from portal.models import AuditEntry
from tests.assistance.walks import form_of, sent, standing_at, text_of
from tests.factories.assistance import ProgrammeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme():
    return ProgrammeFactory(number=1, title="Training", expected_outcomes="Skills grow\nBacklogs shrink")


@pytest.fixture
def asked(office, programme):
    """A request of the office that is `requested` since yesterday."""
    return standing_at("requested", key="r1", office=office, programme=programme)


class TestMenu:
    EDIT = "/assistance/1/edit/"
    NEW = "/assistance/new/"

    def test_who_keeps_the_menu(self, client_of, personas, programme):
        expected = dict.fromkeys(personas, 403) | {"secretariat": 200, "administrator": 200, "anonymous": 302}
        for url in (self.EDIT, self.NEW):
            assert {name: client_of(user).get(url).status_code for name, user in personas.items()} == expected
        posted = {
            name: client_of(user).post("/assistance/1/offer/", {"is_active": "1"}).status_code
            for name, user in personas.items()
        }
        assert posted == expected | {"secretariat": 302, "administrator": 302}

    def test_a_programme_is_added(self, client_of, secretariat, programme):
        client = client_of(secretariat)
        form = form_of(client, "form", self.NEW)
        data = sent(form, title="New", institutions=" IP offices \r\n\r\nuniversities ", objectives="One\r\ntwo")
        assert client.post(self.NEW, data).url == "/assistance/2/"
        assert client.post(self.NEW, data).url == "/assistance/2/"
        added = Programme.objects.get(number=2)
        assert (added.title, added.institutions, added.objectives, added.is_active) == (
            "New",
            "IP offices\nuniversities",
            "One\ntwo",
            True,
        )
        taken = client.post(self.NEW, data | {"title": "Another"})
        assert taken.status_code == HTTPStatus.CONFLICT
        assert "Another programme has this number" in text_of(taken)

    @pytest.mark.parametrize(
        ("name", "value"), [("number", "0"), ("title", ""), ("activities", "a; b"), ("as_of", "x")]
    )
    def test_what_an_import_would_refuse_is_refused(self, client_of, secretariat, programme, name, value):
        client = client_of(secretariat)
        data = sent(form_of(client, "form", self.NEW), title="New") | {name: value}
        answer = client.post(self.NEW, data)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert list(answer.context["form"].errors) == [name]
        assert Programme.objects.count() == 1

    def test_a_programme_is_changed_and_a_stale_form_shows_both(self, client_of, secretariat, programme):
        client = client_of(secretariat)
        stale = sent(form_of(client, "form", self.EDIT), title="Mine")
        assert client.post(self.EDIT, stale | {"title": "Theirs"}).url == "/assistance/1/"
        answer = client.post(self.EDIT, stale)
        assert answer.status_code == HTTPStatus.CONFLICT
        assert [(d.label, d.theirs, d.yours) for d in answer.context["form"].conflict] == [("Title", "Theirs", "Mine")]
        assert Programme.objects.get().title == "Theirs"
        client.post(self.EDIT, sent(answer.context["form"]))
        assert Programme.objects.get().title == "Mine"

    def test_a_programme_is_retired_and_offered_again(self, client_of, secretariat, asked):
        client = client_of(secretariat)
        for flag in ("0", "0", "1"):
            assert client.post("/assistance/1/offer/", {"is_active": flag}).url == "/assistance/1/"
            assert Programme.objects.get().is_active is (flag == "1")
        assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == ["change programme"] * 2
        assert client.post("/assistance/1/offer/", {"is_active": "x"}).url == self.EDIT
