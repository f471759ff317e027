"""Asking, and the list: an office sees its own, the secretariat a queue, nobody what is foreign."""

import uuid
from http import HTTPStatus

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from assistance.models import Programme, Request, RequestStep
from offices.models import Membership
from portal import held
from portal.models import AuditEntry
from tests.assistance.walks import ASK, LIST, ONE, days_ago, form_of, sent, standing_at, text_of
from tests.factories.assistance import ActivityFactory, ProgrammeFactory, RequestFactory, RequestStepFactory
from tests.factories.offices import GroupMemberFactory, MembershipFactory, OfficeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme():
    return ProgrammeFactory(number=1, title="Training", expected_outcomes="Skills grow\nBacklogs shrink")


@pytest.fixture
def asked(office, programme):
    """A request of the office that is `requested` since yesterday."""
    return standing_at("requested", key="r1", office=office, programme=programme)


class TestAsking:
    def test_the_form_makes_a_request_and_leads_to_it(self, client_of, contributor, office, programme):
        client = client_of(contributor)
        data = sent(form_of(client, "form", ASK), purpose="Two\r\nlines, عربي", wanted_by=timezone.localdate())
        answer = client.post(ASK, data, follow=True)
        made = Request.objects.get()
        assert answer.redirect_chain == [(f"/assistance/requests/{made.key}/", HTTPStatus.FOUND)]
        assert (made.office, made.programme, made.purpose, made.contact) == (
            office,
            programme,
            "Two\nlines, عربي",
            contributor.email,
        )
        assert made.key == f"AU-{made.token.hex[:8].upper()}"
        assert f"The request {made.key} is with the secretariat." in text_of(answer)

    def test_the_same_form_twice_leads_to_the_same_page(self, client_of, contributor, programme):
        client = client_of(contributor)
        data = sent(form_of(client, "form", ASK), purpose="To learn.")
        first, second = client.post(ASK, data), client.post(ASK, data)
        assert first.url == second.url
        assert (Request.objects.count(), RequestStep.objects.count(), AuditEntry.objects.count()) == (1, 1, 1)

    def test_the_form_opened_twice_makes_two_requests(self, client_of, contributor, programme):
        client = client_of(contributor)
        for _time in range(2):
            client.post(ASK, sent(form_of(client, "form", ASK), purpose="To learn."))
        assert Request.objects.count() == 2

    def test_the_same_form_in_other_words_is_asked_about(self, client_of, contributor, programme):
        client = client_of(contributor)
        data = sent(form_of(client, "form", ASK), purpose="To learn.")
        client.post(ASK, data)
        answer = client.post(ASK, data | {"purpose": "To teach."})
        assert answer.status_code == HTTPStatus.CONFLICT
        assert "To teach." in text_of(answer)
        assert f"The request made with it: {Request.objects.get().key}" in text_of(answer)
        client.post(ASK, sent(answer.context["form"]))
        assert sorted(Request.objects.values_list("purpose", flat=True)) == ["To learn.", "To teach."]

    def test_the_token_of_a_foreign_request_tells_nothing(self, client_of, contributor, other_office, programme):
        foreign = RequestFactory(key="NA-1", office=other_office, programme=programme, purpose="Secret.")
        client = client_of(contributor)
        answer = client.post(ASK, sent(form_of(client, "form", ASK), token=foreign.token, purpose="To learn."))
        assert answer.status_code == HTTPStatus.CONFLICT
        assert "NA-1" not in text_of(answer)
        assert "Secret." not in text_of(answer)

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"purpose": " "}, "This field is required."),
            ({"wanted_by": "2020-01-01"}, "This day is over: choose today or a later one."),
            ({"token": "x"}, "The form is incomplete: load the page again."),
            ({"office": "NA"}, "Select a valid choice. That choice is not one of the available choices."),
            ({"purpose": "a\x00b"}, "Null characters are not allowed."),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_typed_lost(
        self, client_of, contributor, other_office, programme, changes, sentence
    ):
        client = client_of(contributor)
        data = sent(form_of(client, "form", ASK), institution="Ministry", purpose="To learn.") | changes
        answer = client.post(ASK, data)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "Ministry" in text_of(answer)
        assert sentence in [str(error) for errors in answer.context["form"].errors.values() for error in errors]
        assert Request.objects.count() == 0

    def test_a_retired_programme_says_so(self, client_of, contributor, programme):
        client = client_of(contributor)
        data = sent(form_of(client, "form", ASK), purpose="To learn.")
        Programme.objects.update(is_active=False)
        sentence = "This programme is retired: it cannot be requested any more."
        answer = client.get(ASK)
        assert sentence in text_of(answer)
        assert "Send the request" not in text_of(answer)
        refused = client.post(ASK, data)
        assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert sentence in text_of(refused)
        assert "To learn." in text_of(refused)

    def test_who_acts_for_several_offices_chooses(self, client_of, contributor, programme):
        regional = OfficeFactory(code="AP", name="Zones of Africa", kind="regional")
        MembershipFactory(user=contributor, office=regional, role=Membership.Role.COORDINATOR)
        seen_only = OfficeFactory(code="OA")
        MembershipFactory(user=contributor, office=seen_only, role=Membership.Role.VIEWER)
        client = client_of(contributor)
        form = form_of(client, "form", ASK)
        assert [office.code for office in form.fields["office"].queryset] == ["AU", "AP"]
        client.post(ASK, sent(form, office="AP", purpose="To learn."))
        assert Request.objects.get().office == regional

    def test_who_may_open_and_send_the_form(self, client_of, personas, programme):
        data = {"token": str(uuid.uuid4()), "office": "AU", "purpose": "To learn."}
        opened = {name: client_of(user).get(ASK).status_code for name, user in personas.items()}
        posted = {name: client_of(user).post(ASK, data).status_code for name, user in personas.items()}
        assert opened == {
            "viewer": 403,
            "contributor": 200,
            "coordinator": 200,
            "other_coordinator": 200,
            "secretariat": 403,
            "administrator": 403,
            "auditor": 403,
            "anonymous": 302,
        }
        assert posted == opened | {"contributor": 302, "coordinator": 302, "other_coordinator": 422}

    def test_a_missing_programme_is_missing(self, client_of, contributor):
        assert client_of(contributor).get("/assistance/99/request/").status_code == HTTPStatus.NOT_FOUND

    def test_what_was_typed_while_signed_out_is_put_back(self, client_of, contributor, programme):
        client = client_of(contributor)
        data = sent(form_of(client, "form", ASK), purpose="Typed before.")
        client.logout()
        answer = client.post(ASK, data | {held.MARK: held.mark_of(contributor)})
        assert answer.url == f"/accounts/login/?next={ASK}"
        client.force_login(contributor)
        assert "Typed before." in text_of(client.get(ASK))
        assert Request.objects.count() == 0


class TestVisibility:
    URLS = (ONE, f"{ONE}step/", f"{ONE}withdraw/", f"{ONE}activity/", f"{ONE}activity/1/")

    def test_who_sees_a_request(self, client_of, personas, asked):
        assert {name: client_of(user).get(ONE).status_code for name, user in personas.items()} == {
            "viewer": 200,
            "contributor": 200,
            "coordinator": 200,
            "other_coordinator": 404,
            "secretariat": 200,
            "administrator": 200,
            "auditor": 200,
            "anonymous": 302,
        }

    @pytest.mark.parametrize("url", URLS)
    @pytest.mark.parametrize("verb", ["get", "head", "post", "put", "patch", "delete", "options"])
    def test_a_foreign_request_answers_as_a_missing_one(self, client_of, other_coordinator, asked, url, verb):
        ActivityFactory(pk=1, request=asked)
        client = client_of(other_coordinator)
        version = Request.objects.get().version
        data = {"status": "withdrawn", "date": timezone.localdate(), "version": version} if verb == "post" else {}
        foreign = getattr(client, verb)(url, data)
        missing = getattr(client, verb)(url.replace("r1", "r2"), data)
        takes = {"get", "head"} if url == ONE else {"get", "head", "post"}
        assert foreign.status_code == missing.status_code == (404 if verb in takes else 405)
        assert foreign.content == missing.content.replace(b"r2", b"r1")
        assert RequestStep.objects.count() == 1

    def test_the_list_of_an_office_is_its_own(self, client_of, personas, asked, other_office):
        standing_at("agreed", key="r2", office=other_office, programme=asked.programme)
        pages = {name: client_of(user).get(LIST) for name, user in personas.items() if name != "anonymous"}
        assert {name: listed(page) for name, page in pages.items()} == {
            "viewer": ["r1"],
            "contributor": ["r1"],
            "coordinator": ["r1"],
            "other_coordinator": ["r2"],
            "secretariat": ["r2", "r1"],
            "administrator": ["r2", "r1"],
            "auditor": ["r2", "r1"],
        }
        assert client_of(AnonymousUser()).get(LIST).status_code == HTTPStatus.FOUND

    def test_a_filter_does_not_name_foreign_offices(self, client_of, contributor, asked, other_office):
        client = client_of(contributor)
        assert "Namibia" not in text_of(client.get(LIST))
        assert listed(client.get(LIST, {"office": "NA"})) == ["r1"]
        MembershipFactory(user=contributor, office=OfficeFactory(code="AP"), role=Membership.Role.VIEWER)
        answers = [client_of(contributor).get(LIST, {"office": code}) for code in ("NA", "ZZ")]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content


def listed(answer, name="real") -> list[str]:
    return [line.request.key for line in answer.context[name]]


class TestList:
    def test_open_ones_stand_first_the_longest_waiting_on_top(self, client_of, secretariat, programme, office):
        for key, status, ages in [
            ("done", "completed", (40, 30, 20, 10)),
            ("old", "agreed", (30, 2)),
            ("new", "requested", (5,)),
            ("refused", "declined", (50, 4)),
        ]:
            request = RequestFactory(key=key, programme=programme, office=office)
            way = {"completed": ["requested", "agreed", "ongoing", "completed"], "requested": ["requested"]}
            for step, age in zip(way.get(status, ["requested", status]), ages, strict=True):
                RequestStepFactory(request=request, status=step, date=days_ago(age))
        RequestFactory(key="nothing", programme=programme, office=office)
        lines = list(client_of(secretariat).get(LIST).context["real"])
        assert [(line.request.key, line.age, line.age_of_status, line.is_open) for line in lines] == [
            ("old", 30, 2, True),
            ("new", 5, 5, True),
            ("nothing", None, None, True),
            ("refused", 50, 4, False),
            ("done", 40, 10, False),
        ]

    @pytest.fixture
    def several(self, asked, other_office, programme):
        law = ProgrammeFactory(number=2, title="Law")
        standing_at("agreed", key="r2", office=other_office, programme=law, institution="Ministry of 100%")
        standing_at("completed", key="r3", office=other_office, programme=programme, wanted_by="2026-01-01")
        Request.objects.filter(key="r2").update(wanted_by=days_ago(1))
        RequestFactory(key="r4", office=other_office, programme=law, wanted_by=timezone.localdate())
        GroupMemberFactory(group__key="few", office=other_office)

    @pytest.mark.parametrize(
        ("query", "keys"),
        [
            ("", ["r1", "r2", "r3", "r4"]),
            ("status=agreed", ["r2"]),
            ("status=open", ["r1", "r2", "r4"]),
            ("programme=2", ["r2", "r4"]),
            ("office=NA", ["r2", "r3", "r4"]),
            ("region=oceania", ["r1"]),
            ("group=few&status=completed", ["r3"]),
            ("overdue=on", ["r2"]),
            ("search=100%25", ["r2"]),
            ("search=100%25x", []),
            ("search=au", ["r1"]),
            ("search=R3", ["r3"]),
            ("search=training", ["r1", "r3"]),
        ],
    )
    def test_filters(self, client_of, secretariat, several, query, keys):
        assert sorted(listed(client_of(secretariat).get(f"{LIST}?{query}"))) == keys

    @pytest.mark.parametrize("query", ["status=x", "programme=99", "programme=x", "office=ZZ", "region=x", "group=x"])
    def test_an_unknown_filter_is_no_page(self, client_of, secretariat, query):
        assert client_of(secretariat).get(f"{LIST}?{query}").status_code == HTTPStatus.NOT_FOUND

    def test_real_and_invented_requests_are_apart(self, client_of, secretariat, asked):
        sample = OfficeFactory(code="SAMPLE01", is_sample=True)
        RequestFactory(key="s1", office=sample, programme=asked.programme)
        answer = client_of(secretariat).get(LIST)
        assert (listed(answer), listed(answer, "sample")) == (["r1"], ["s1"])
        assert text_of(answer).count("Sample data.") == 1
        assert "Sample data." in text_of(client_of(secretariat).get("/assistance/requests/s1/"))
        assert "Sample data." not in text_of(client_of(secretariat).get(ONE))

    def test_an_office_sees_the_history_of_each(self, client_of, viewer, office, programme):
        standing_at("declined", key="r1", office=office, programme=programme)
        page = text_of(client_of(viewer).get(LIST))
        assert page.index("requested <span") < page.index("declined <span")
        assert "Days since asked" not in page

    def test_an_empty_list_is_written_out(self, client_of, coordinator, secretariat):
        assert "Your office has not asked for a programme yet." in text_of(client_of(coordinator).get(LIST))
        assert "No real office has asked for a programme yet." in text_of(client_of(secretariat).get(LIST))
        filtered = f"{LIST}?status=completed"
        assert "None of your office’s requests fits these filters." in text_of(client_of(coordinator).get(filtered))
        assert "No request of a real office fits these filters." in text_of(client_of(secretariat).get(filtered))

    def test_htmx_gets_the_part_only(self, client_of, secretariat, asked):
        client = client_of(secretariat)
        assert "<html" not in text_of(client.get(LIST, headers={"HX-Request": "true"}))
        restored = client.get(LIST, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
        assert "<html" in text_of(restored)

    def test_pages_follow_each_other(self, client_of, secretariat, office, programme):
        for number in range(120):
            RequestFactory(key=f"r{number:03}", office=office, programme=programme)
        client = client_of(secretariat)
        found = [listed(client.get(LIST, {"page": page})) for page in (1, 2, 3, 99)]
        assert [len(keys) for keys in found] == [50, 50, 20, 20]
        assert found[2] == found[3]
        assert len({key for keys in found for key in keys}) == 120
        assert "?status=open&amp;page=2" in text_of(client.get(LIST, {"status": "open"}))

    def many(self, count, programme) -> None:
        office = OfficeFactory()
        first = Request.objects.count()
        requests = Request.objects.bulk_create(
            [
                Request(key=f"m{number}", programme=programme, office=office, purpose="To learn.")
                for number in range(first, first + count)
            ],
            batch_size=1_000,
        )
        RequestStep.objects.bulk_create(
            [
                RequestStep(request=request, date=days_ago(3 - place), status=status)
                for request in requests
                for place, status in enumerate(["requested", "agreed"])
            ],
            batch_size=1_000,
        )

    def test_so_many_queries_for_no_request_and_for_twenty_thousand(
        self, client_of, secretariat, programme, django_assert_num_queries
    ):
        client = client_of(secretariat)
        client.get(LIST)
        with django_assert_num_queries(10):
            assert listed(client.get(LIST)) == []
        self.many(20_000, programme)
        with django_assert_num_queries(10):
            assert len(listed(client.get(LIST))) == 50
        with django_assert_num_queries(10):
            assert client.get(LIST, {"status": "open", "page": "400"}).context["real"].paginator.count == 20_000

    def test_so_many_queries_for_one_request_of_an_office_as_for_two_hundred(
        self, client_of, viewer, asked, office, programme, django_assert_num_queries
    ):
        client = client_of(viewer)
        client.get(LIST)
        with django_assert_num_queries(10):
            client.get(LIST)
        for number in range(199):
            RequestStepFactory(request=RequestFactory(key=f"q{number}", office=office, programme=programme))
        with django_assert_num_queries(10):
            assert client.get(LIST).context["real"].paginator.count == 200


def test_real_and_sample_requests_are_turned_each_alone(client_of, secretariat, office):
    programme, sample = ProgrammeFactory(), OfficeFactory(is_sample=True)
    for number in range(51):
        RequestFactory(key=f"r{number}", office=office, programme=programme)
        RequestFactory(key=f"s{number}", office=sample, programme=programme)
    page = text_of(client_of(secretariat).get(LIST, {"page": 2, "status": "open"}))
    assert 'href="?page=1&amp;status=open"' in page
    assert 'href="?page=2&amp;status=open&amp;sample_page=2"' in page
