"""Where one office stands: recorded on one page or one by one, read by those who may, nothing typed lost."""

import datetime
from http import HTTPStatus

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import timezone

from portal import held
from portal.models import AuditEntry
from recommendations.models import StatusReport
from tests.factories.offices import OfficeFactory
from tests.factories.recommendations import (
    OfficerFactory,
    RecommendationFactory,
    RecommendationSetFactory,
    StatusReportFactory,
)

pytestmark = pytest.mark.django_db

SET = "/offices/AU/status/ten/"
ONE = "/offices/AU/status/ten/1/"


@pytest.fixture(autouse=True)
def items(office):
    group = RecommendationSetFactory(key="ten", symbol="CWS/12/22")
    return [RecommendationFactory(recommendation_set=group, number=number) for number in (1, 2, 3)]


@pytest.fixture
def today():
    return timezone.localdate()


def filled(client, url=SET):
    """What a browser would send back from the page as it is."""
    form = client.get(url).context["form"]
    return {name: form[name].value() for name in form.fields} | {"as_at": form["as_at"].value().isoformat()}


def said():
    rows = StatusReport.objects.order_by("recommendation__number", "as_at", "revision")
    return list(
        rows.values_list("recommendation__number", "acceptance", "implementation", "assessment", "evidence_url")
    )


class TestRecording:
    def test_a_whole_set_on_one_page_writes_what_was_changed(self, client_of, contributor, office, today, items):
        StatusReportFactory(recommendation=items[2], office=office, implementation="planned", assessment="Old.")
        client = client_of(contributor)
        data = filled(client) | {
            "1.acceptance": "accepted",
            "1.implementation": "implemented",
            "1.assessment": "Two\r\nlines, عربي 中文",
            "1.evidence_url": "https://example.org/a",
        }
        answer = client.post(SET, data, follow=True)
        assert answer.redirect_chain == [(SET, HTTPStatus.FOUND)]
        assert "The status of 1 recommendation is recorded as at" in answer.content.decode()
        assert said() == [
            (1, "accepted", "implemented", "Two\nlines, عربي 中文", "https://example.org/a"),
            (3, "", "planned", "Old.", ""),
        ]
        report = StatusReport.objects.get(recommendation=items[0])
        assert (report.as_at, report.recorded_by, report.revision) == (today, contributor, 1)
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.path, entry.action, entry.subject, entry.office_code) == (
            contributor,
            "form",
            "record statuses",
            "ten",
            "AU",
        )

    def test_what_stands_is_filled_in(self, client_of, coordinator, office, today, items):
        place = {"recommendation": items[0], "office": office}
        StatusReportFactory(**place, as_at=today - datetime.timedelta(days=2), implementation="planned")
        latest = StatusReportFactory(**place, as_at=today, implementation="implemented", assessment="Done.")
        StatusReportFactory(**place, as_at=today + datetime.timedelta(days=1), implementation="not_planned")
        data = filled(client_of(coordinator))
        assert (data["as_at"], data["1.implementation"], data["1.assessment"]) == (
            today.isoformat(),
            "implemented",
            "Done.",
        )
        assert data["1.version"] == latest.pk + 1
        assert data["2.version"] == 0

    def test_one_by_one(self, client_of, coordinator, items):
        client = client_of(coordinator)
        data = filled(client, ONE) | {"1.implementation": "planned", "2.implementation": "implemented"}
        assert client.post(ONE, data).url == ONE
        assert said() == [(1, "", "planned", "", "")]

    def test_a_day_in_the_past_leaves_what_stands_and_says_so(self, client_of, coordinator, office, today, items):
        StatusReportFactory(recommendation=items[0], office=office, as_at=today, implementation="implemented")
        client = client_of(coordinator)
        data = filled(client) | {"as_at": "2025-01-31", "1.implementation": "planned"}
        answer = client.post(SET, data, follow=True)
        assert "A later statement still stands for today" in answer.content.decode()
        standing = StatusReport.objects.standing_at
        assert standing(today).get().implementation == "implemented"
        assert standing(datetime.date(2025, 12, 31)).get().implementation == "planned"

    def test_a_form_sent_as_it_is_records_nothing(self, client_of, coordinator, office, items):
        StatusReportFactory(recommendation=items[0], office=office, assessment="a\r\nb\r", acceptance="accepted")
        client = client_of(coordinator)
        answer = client.post(SET, filled(client), follow=True)
        assert "Nothing is new" in answer.content.decode()
        assert StatusReport.objects.count() == 1
        assert not AuditEntry.objects.exists()

    def test_the_same_post_twice_has_one_effect(self, client_of, coordinator):
        client = client_of(coordinator)
        data = filled(client) | {"1.implementation": "planned", "2.acceptance": "accepted"}
        for _attempt in range(2):
            assert client.post(SET, data).status_code == HTTPStatus.FOUND
        assert StatusReport.objects.count() == 2
        assert AuditEntry.objects.count() == 1

    def test_officers_and_summary_that_the_form_does_not_ask_stay(self, client_of, coordinator, office, items):
        report = StatusReportFactory(recommendation=items[0], office=office, summary="Ours.", source="WO/PBC/34/6")
        officer = OfficerFactory()
        report.responsible_officers.add(officer)
        client = client_of(coordinator)
        client.post(ONE, filled(client, ONE) | {"1.implementation": "planned"})
        new = StatusReport.objects.exclude(pk=report.pk).get()
        assert (new.summary, list(new.responsible_officers.all()), new.source) == ("Ours.", [officer], "")


class TestStale:
    def test_a_stale_save_answers_409_with_both_texts_and_keeps_what_was_typed(
        self, client_of, contributor, coordinator
    ):
        mine, theirs = client_of(contributor), client_of(coordinator)
        opened = filled(mine)
        theirs.post(SET, opened | {"1.assessment": "Theirs.", "1.acceptance": "accepted", "3.assessment": "Third."})
        answer = mine.post(
            SET, opened | {"1.assessment": "Mine.", "1.implementation": "planned", "2.assessment": "Second."}
        )
        assert answer.status_code == HTTPStatus.CONFLICT
        assert [(d.of[:2], d.label, d.theirs, d.yours) for d in answer.context["differences"]] == [
            ("1.", "Acceptance", "accepted", "not stated"),
            ("1.", "Implementation", "not stated", "planned"),
            ("1.", "Note, in your office's own words", "Theirs.", "Mine."),
        ]
        assert StatusReport.objects.count() == 2
        form = answer.context["form"]
        merged = {name: form[name].value() for name in form.fields}
        # Typed texts stay; what was not touched is what stands now, so that nobody's text is taken back unseen.
        assert (merged["1.assessment"], merged["1.implementation"], merged["1.acceptance"]) == (
            "Mine.",
            "planned",
            "accepted",
        )
        assert (merged["2.assessment"], merged["3.assessment"]) == ("Second.", "Third.")
        answer = mine.post(SET, merged | {"1.assessment": "Theirs. Mine."})
        assert answer.status_code == HTTPStatus.FOUND
        assert [row[:4] for row in said()] == [
            (1, "accepted", "", "Theirs."),
            (1, "accepted", "planned", "Theirs. Mine."),
            (2, "", "", "Second."),
            (3, "", "", "Third."),
        ]

    def test_two_people_at_different_recommendations_do_not_collide(self, client_of, contributor, coordinator):
        mine, theirs = client_of(contributor), client_of(coordinator)
        opened = filled(mine)
        theirs.post(SET, opened | {"1.assessment": "Theirs."})
        assert mine.post(SET, opened | {"2.assessment": "Mine."}).status_code == HTTPStatus.FOUND
        assert [row[3] for row in said()] == ["Theirs.", "Mine."]

    def test_one_by_one_too(self, client_of, contributor, coordinator):
        mine, theirs = client_of(contributor), client_of(coordinator)
        opened = filled(mine, ONE)
        theirs.post(SET, filled(theirs) | {"1.assessment": "Theirs."})
        answer = mine.post(ONE, opened | {"1.assessment": "Mine."})
        assert answer.status_code == HTTPStatus.CONFLICT
        text = answer.content.decode()
        assert "Theirs." in text
        assert answer.context["form"]["1.assessment"].value() == "Mine."


TYPED = {"1.assessment": "Typed for an hour.", "1.implementation": "planned"}


class TestRefused:
    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"as_at": "2999-01-01"}, "as_at"),
            ({"as_at": ""}, "as_at"),
            ({"as_at": "31.12.2025"}, "as_at"),
            ({"2.acceptance": "maybe"}, "2.acceptance"),
            ({"2.evidence_url": "javascript:alert(1)"}, "2.evidence_url"),
            ({"2.evidence_url": "https://example.org/" + "x" * 500}, "2.evidence_url"),
            ({"2.assessment": "bell \x07"}, "2.assessment"),
            ({"2.version": ""}, "2.version"),
            ({"2.version": "-1"}, "2.version"),
        ],
        ids=str,
    )
    def test_a_fault_is_named_and_nothing_is_recorded(self, client_of, coordinator, wrong, field):
        client = client_of(coordinator)
        answer = client.post(SET, filled(client) | TYPED | wrong)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert list(answer.context["form"].errors) == [field]
        assert "Typed for an hour." in answer.content.decode()
        assert not StatusReport.objects.exists()

    @pytest.mark.parametrize("persona", ["viewer", "secretariat", "administrator", "auditor"])
    def test_those_who_read_do_not_write(self, client_of, personas, persona):
        client = client_of(personas[persona])
        answer = client.post(SET, filled(client) | TYPED)
        assert answer.status_code == HTTPStatus.FORBIDDEN
        text = answer.content.decode()
        assert "You can read what this office stated" in text
        assert "Typed for an hour." in text
        assert not StatusReport.objects.exists()

    def test_what_stands_is_confirmed_as_at_a_day_and_only_once(self, client_of, coordinator, items, office):
        client = client_of(coordinator)
        client.post(SET, filled(client) | {"1.implementation": "planned", "as_at": "2025-01-01"})
        assert list(StatusReport.objects.values_list("implementation", flat=True)) == ["planned"]
        client.post(SET, filled(client) | {"as_at": "2025-02-01"})
        assert StatusReport.objects.count() == 1
        for _time in range(2):
            client.post(SET, filled(client) | {"1.confirmed": "on", "as_at": "2025-02-01"})
        dates = StatusReport.objects.order_by("as_at").values_list("as_at", "implementation", "revision")
        assert [(str(day), *rest) for day, *rest in dates] == [
            ("2025-01-01", "planned", 1),
            ("2025-02-01", "planned", 1),
        ]

    def test_a_session_that_ended_loses_nothing(self, client_of, coordinator, client):
        data = filled(client_of(coordinator)) | TYPED | {held.MARK: held.mark_of(coordinator)}
        answer = client.post(SET, data)
        assert (answer.status_code, answer.url) == (HTTPStatus.FOUND, f"/accounts/login/?next={SET}")
        client.force_login(coordinator)
        page = client.get(SET)
        assert "it is not saved yet" in page.content.decode()
        assert page.context["form"]["1.assessment"].value() == "Typed for an hour."
        assert not StatusReport.objects.exists()


class TestWhoSees:
    @pytest.mark.parametrize("url", [SET, ONE])
    @pytest.mark.parametrize("persona", ["viewer", "contributor", "coordinator", "secretariat", "auditor"])
    def test_the_office_and_those_who_read_everything(self, client_of, personas, office, items, persona, url):
        StatusReportFactory(recommendation=items[0], office=office, assessment="Confidential.")
        answer = client_of(personas[persona]).get(url)
        text = answer.content.decode()
        assert answer.status_code == HTTPStatus.OK
        assert "Confidential." in text
        assert ("<textarea" in text) == (persona in {"contributor", "coordinator"})

    @pytest.mark.parametrize("url", [SET, ONE])
    def test_a_foreign_office_answers_exactly_as_a_missing_one(self, client_of, other_coordinator, url):
        client = client_of(other_coordinator)
        missing = url.replace("/AU/", "/ZZ/")
        for method in ("get", "post"):
            foreign, absent = getattr(client, method)(url), getattr(client, method)(missing)
            assert foreign.status_code == absent.status_code == HTTPStatus.NOT_FOUND
            assert foreign.content == absent.content.replace(b"/ZZ/", b"/AU/")

    @pytest.mark.parametrize("url", ["/offices/AU/status/none/", "/offices/AU/status/ten/9/"])
    def test_what_is_not_recommended_is_missing(self, client_of, coordinator, url):
        assert client_of(coordinator).get(url).status_code == HTTPStatus.NOT_FOUND

    def test_a_visitor_signs_in_first(self, client):
        assert client.get(ONE).url == f"/accounts/login/?next={ONE}"

    def test_an_office_is_not_filled_in_with_what_another_said(self, client_of, coordinator, other_office, items):
        StatusReportFactory(recommendation=items[0], office=other_office, assessment="Theirs.")
        assert filled(client_of(coordinator))["1.assessment"] == ""

    def test_a_set_without_recommendations_says_so(self, client_of, coordinator):
        RecommendationSetFactory(key="bare")
        answer = client_of(coordinator).get("/offices/AU/status/bare/")
        assert "The recommendations of this set are not recorded here." in answer.content.decode()


class TestHistory:
    def test_every_revision_is_there_and_says_what_became_of_it(self, client_of, viewer, office, items, coordinator):
        place = {"recommendation": items[0], "office": office, "recorded_by": coordinator}
        for as_at, revision, words in [
            ("2024-06-30", 1, "first"),
            ("2025-06-30", 1, "second"),
            ("2025-06-30", 2, "third"),
            ("2999-06-30", 1, "fourth"),
        ]:
            StatusReportFactory(
                **place,
                as_at=datetime.date.fromisoformat(as_at),
                revision=revision,
                assessment=words,
                source="WO/PBC/34/6",
            )
        answer = client_of(viewer).get(ONE)
        history = [(past.report.assessment, past.stands, past.is_replaced) for past in answer.context["history"]]
        assert history == [
            ("fourth", False, False),
            ("third", True, False),
            ("second", False, True),
            ("first", False, False),
        ]
        text = answer.content.decode()
        for words in ("stands now", "replaced by a later revision", "revision 2", str(coordinator), "WO/PBC/34/6"):
            assert words in text


class TestWaysThere:
    def test_people_of_an_office_find_it_from_set_and_recommendation(self, client_of, viewer):
        assert f'href="{SET}"' in client_of(viewer).get("/recommendations/ten/").content.decode()
        assert f'href="{ONE}"' in client_of(viewer).get("/recommendations/ten/1/").content.decode()

    @pytest.mark.parametrize("persona", ["secretariat", "anonymous"])
    def test_others_have_no_office_of_their_own(self, client_of, personas, persona):
        for url in ("/recommendations/ten/", "/recommendations/ten/1/"):
            answer = client_of(personas[persona]).get(url)
            assert "Your office" not in answer.content.decode()

    def test_the_table_of_offices_leads_those_who_may_read_to_the_histories(
        self, client_of, secretariat, office, items
    ):
        StatusReportFactory(recommendation=items[0], office=office)
        url = "/recommendations/ten/1/"
        assert f'href="{ONE}"' in client_of(secretariat).get(url).content.decode()
        assert ONE not in client_of(AnonymousUser()).get(url).content.decode()


def test_what_sample_offices_state_is_labelled_and_in_no_list_of_real_ones(client_of, secretariat, items):
    sample = OfficeFactory(code="SAMPLE01", is_sample=True)
    StatusReportFactory(recommendation=items[0], office=sample)
    client = client_of(secretariat)
    page = client.get("/recommendations/ten/1/")
    assert list(page.context["statuses"]) == []
    for url in ("/offices/SAMPLE01/status/ten/", "/offices/SAMPLE01/status/ten/1/"):
        assert "Everything here is invented for demonstration" in client.get(url).content.decode()
    assert "invented for demonstration" not in client.get(SET).content.decode()


def test_the_pages_run_the_same_queries_for_any_number_of_offices_and_reports(
    client_of, contributor, secretariat, office, items, django_assert_num_queries
):
    pages = {
        (contributor, SET): 7,
        (contributor, ONE): 8,
        (secretariat, SET): 7,
        (secretariat, ONE): 8,
        (contributor, "/recommendations/ten/"): 9,
        (contributor, "/recommendations/ten/1/"): 15,
        (secretariat, "/recommendations/ten/1/"): 14,
    }
    day = datetime.date(2020, 1, 1)
    officer = OfficerFactory()
    for added in (1, 20, 200):
        for number, place in enumerate([office, *OfficeFactory.create_batch(added)]):
            for item in items[:2]:
                as_at = day + datetime.timedelta(days=added + number)
                report = StatusReportFactory(recommendation=item, office=place, as_at=as_at, recorded_by=contributor)
                report.responsible_officers.add(officer)
        for (user, page), queries in pages.items():
            client = client_of(user)
            with django_assert_num_queries(queries):
                assert client.get(page).status_code == HTTPStatus.OK


def test_the_save_runs_the_same_queries_for_one_change_and_for_all(client_of, contributor, django_assert_num_queries):
    client = client_of(contributor)
    for numbers in ((1,), (1, 2, 3)):
        data = filled(client) | {f"{number}.assessment": f"text {len(numbers)}" for number in numbers}
        with django_assert_num_queries(19):
            assert client.post(SET, data).status_code == HTTPStatus.FOUND


def test_the_addresses_are_those_of_the_site_map():
    assert reverse("status:set", args=["AU", "ten"]) == SET
    assert reverse("status:detail", args=["AU", "ten", 1]) == ONE
