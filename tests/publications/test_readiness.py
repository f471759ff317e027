"""What stands before the button: every open point is named, counted, and leads to the page where it can be seen."""

import datetime
from http import HTTPStatus

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from jiu.models import Update
from jiu.reports import progress_report
from offices.models import OfficeGroup
from offices.narrowing import Narrowing
from publications.actions import decide_comments, publish_progress_report, publish_results
from publications.models import Publication
from publications.readiness import points_of_report, points_of_results, published_results
from surveys.models import Invitation
from surveys.results import Base, compute_results
from tests.factories.jiu import CallFactory, UpdateFactory, make_jiu_recommendation
from tests.factories.offices import GroupMemberFactory, OfficeFactory, OfficeGroupFactory
from tests.factories.publications import ClaimFactory
from tests.factories.surveys import ResponseFactory, make_tiny_round
from tests.publications.conftest import sent, words

pytestmark = pytest.mark.django_db

REPORT = "/publications/new/progress-report/?as_at=2023-03-31&since=2022-03-31"


def found(points) -> dict[str, int]:
    return {point.code: point.count for point in points}


def follow(client, address: str, code: str):
    """Press the link of one point on the page before the button."""
    page = client.get(address)
    point = next(point for point in page.context["points"] if point.code == code)
    assert f'href="{point.url.replace("&", "&amp;")}"' in page.content.decode()
    answer = client.get(point.url)
    assert answer.status_code == HTTPStatus.OK
    return answer


@pytest.fixture
def client(client_of, secretariat):
    return client_of(secretariat)


class TestResults:
    address = "/publications/new/results/tiny/"

    def test_where_all_is_ready_nothing_is_listed(self, client):
        assert points_of_results(compute_results(round_of(5).survey)) == []
        assert "Nothing is open" in client.get(self.address).content.decode()

    def test_an_open_round(self, round_of_three, client):
        round_of_three.survey.closes_on = timezone.localdate()
        round_of_three.survey.save()
        assert found(points_of_results(compute_results(round_of_three.survey)))["open"] == 1
        follow(client, self.address, "open")

    def test_extensions_that_run_when_the_round_is_closed(self, round_of_three, results, client):
        today = timezone.localdate()
        invited = Invitation.objects.filter(survey=round_of_three.survey)
        invited.filter(office__code="AU").update(closes_on=today - datetime.timedelta(days=1))
        assert "open" not in found(points_of_results(results))
        invited.filter(office__code="NO").update(closes_on=today)
        (point,) = (point for point in points_of_results(results) if point.code == "open")
        assert point.sentence == f"1 office has an extension until {date_format(today)}: its response can still change."
        invited.filter(office__code="NA").update(closes_on=today + datetime.timedelta(days=9))
        assert found(points_of_results(results))["open"] == 2
        follow(client, self.address, "open")

    def test_extensions_of_offices_that_are_not_counted(self, round_of_three):
        Invitation.objects.filter(office__code="NO").update(closes_on=timezone.localdate())
        group = OfficeGroupFactory(key="few")
        GroupMemberFactory(group=group, office=round_of_three.offices[0])
        narrowed = compute_results(round_of_three.survey, narrowing=Narrowing(group))
        assert "open" not in found(points_of_results(narrowed))

    def test_what_is_published_already(self, published, results, round_of_three, secretariat, client):
        assert published_results(results) == [published]
        answered = compute_results(round_of_three.survey, base=Base.ANSWERED)
        group = OfficeGroupFactory(key="few")
        GroupMemberFactory(group=group, office=round_of_three.offices[0])
        narrowed = compute_results(round_of_three.survey, narrowing=Narrowing(group))
        assert (published_results(answered), published_results(narrowed)) == ([], [])
        second = publish_results(results=results, words=words("A slip."), corrects=published, by=secretariat)
        assert published_results(results) == [second]
        assert follow(client, self.address, "published").context["publication"] == second
        # Whoever corrects it knows.
        assert found(client.get(f"{self.address}?corrects=1").context["points"]) == {"few": 2}

    def test_responses_in_hand(self, round_of_three, results, client):
        ResponseFactory(survey=round_of_three.survey, office=round_of_three.offices[2])
        assert found(points_of_results(results))["in_hand"] == 1
        assert "NO" in follow(client, self.address, "in_hand").content.decode()

    def test_responses_in_hand_of_offices_that_are_not_counted(self, round_of_three):
        ResponseFactory(survey=round_of_three.survey, office=round_of_three.offices[2])
        group = OfficeGroupFactory(key="few")
        GroupMemberFactory(group=group, office=round_of_three.offices[0])
        narrowed = compute_results(round_of_three.survey, narrowing=Narrowing(group))
        assert "in_hand" not in found(points_of_results(narrowed))

    def test_comments_that_nobody_decided_on(self, results, secretariat, client):
        decide_comments(survey=results.survey, decisions={results.texts[0]: False}, by=secretariat)
        assert found(points_of_results(results)) == {"comments": 5, "few": 2}
        assert len(follow(client, self.address, "comments").context["form"].lines) == 5

    def test_claims_that_differ(self, results, client):
        of_round = {"measure": "survey.count", "document": "Mine"}
        ClaimFactory(subject="tiny progress 1 implemented", value="7", **of_round)
        ClaimFactory(subject="tiny progress 2 in_progress", value="2", **of_round)  # as the data say
        # Another round whose key begins alike.
        ClaimFactory(subject="tiny-2 progress 1 implemented", value="7", **of_round)
        assert found(points_of_results(results))["claims"] == 1
        listed = follow(client, self.address, "claims").context["documents"]
        assert [item.claim.subject for group in listed for item in group.comparisons] == ["tiny progress 1 implemented"]


class TestFewOffices:
    """What tells of an office is named: official documents print it, but nobody shall by oversight."""

    address = "/publications/new/results/tiny/"

    @pytest.mark.parametrize(
        ("count", "begins"),
        [
            (1, "Only 1 office responded among those counted: the figures are its answers."),
            (4, "Only 4 offices responded among those counted: the figures come near to"),
            (5, None),
        ],
    )
    def test_too_few_that_responded(self, client, count, begins):
        points = points_of_results(compute_results(round_of(count).survey))
        assert found(points) == ({"few": count} if begins else {})
        for point in points:
            assert point.sentence.startswith(begins)
            follow(client, self.address, "few")

    def test_too_few_of_a_group_lead_to_the_figures_of_the_group(self, client):
        tiny = round_of(6)
        group_of(tiny, "solo", 1)
        page = follow(client, f"{self.address}?group=solo&base=answered", "few")
        assert page.wsgi_request.get_full_path() == "/surveys/tiny/results/?base=answered&group=solo"
        answer = client.post(f"{self.address}?group=solo", sent(client.get(f"{self.address}?group=solo")))
        assert (answer.status_code, [*answer.context["form"].errors]) == (HTTPStatus.UNPROCESSABLE_ENTITY, ["reason"])

    @pytest.mark.parametrize("first", [5, 6, 9], ids="of {}".format)
    def test_groups_that_hardly_differ(self, secretariat, client, first):
        tiny = round_of(11)
        group_of(tiny, "first", first)
        group_of(tiny, "others", 10)
        publish_results(results=results_of(tiny, "first"), words=words(), by=secretariat)
        near = {"near": 10 - first} if first > 5 else {}
        assert found(points_of_results(results_of(tiny, "others"))) == near
        if near:
            page = follow(client, f"{self.address}?group=others", "near")
            assert page.context["publication"] == Publication.objects.get()

    def test_the_sentence_names_the_publication_and_how_many_differ(self, secretariat):
        tiny = round_of(7)
        group_of(tiny, "six", 6)
        publish_results(results=results_of(tiny, "six"), words=words(), by=secretariat)
        (point,) = points_of_results(compute_results(tiny.survey))
        assert point.sentence.startswith(
            "Its respondents differ by 1 office from those of number 1, version 1: whoever"
        )
        assert point.url == "/publications/1/1/"

    def test_the_same_offices_tell_nothing_new(self, secretariat):
        tiny = round_of(5)
        group_of(tiny, "all", 5)
        publish_results(results=results_of(tiny, "all"), words=words(), by=secretariat)
        assert points_of_results(compute_results(tiny.survey)) == []

    def test_a_correction_that_counts_one_office_more_tells_of_it(self, secretariat, client):
        tiny = round_of(5, silent=1)
        published = publish_results(results=compute_results(tiny.survey), words=words(), by=secretariat)
        ResponseFactory(survey=tiny.survey, office=tiny.offices[5], submitted=True)
        page = client.get(f"{self.address}?base=responding&corrects={published.number}")
        assert found(page.context["points"]) == {"near": 1}

    def test_of_another_round(self, secretariat):
        publish_results(results=compute_results(round_of(5).survey), words=words(), by=secretariat)
        assert points_of_results(compute_results(round_of(6, key="other").survey)) == []


def round_of(count: int, *, silent: int = 0, key: str = "tiny"):
    """A closed round in which as many offices responded, without a text."""
    dates = {"opens_on": datetime.date(2025, 5, 2), "closes_on": datetime.date(2025, 7, 7)}
    tiny = make_tiny_round(*OfficeFactory.create_batch(count + silent), key=key, **dates)
    for office in tiny.offices[:count]:
        ResponseFactory(survey=tiny.survey, office=office, submitted=True)
    return tiny


def group_of(tiny, key: str, count: int) -> None:
    """The first so many offices of the round."""
    group = OfficeGroupFactory(key=key)
    for office in tiny.offices[:count]:
        GroupMemberFactory(group=group, office=office)


def results_of(tiny, key: str):
    return compute_results(tiny.survey, narrowing=Narrowing(OfficeGroup.objects.get(key=key)))


class TestReport:
    def test_silent_recommendations(self, progress, client):
        assert found(points_of_report(progress)) == {"silent": 1}
        page = follow(client, REPORT, "silent")
        assert [str(line.recommendation.number) for line in page.context["rows"]] == ["2"]
        assert 'id="rows"' in page.content.decode()

    def test_answers_to_the_call_that_are_not_accepted(self, progress, client):
        call = CallFactory(as_at=datetime.date(2023, 3, 31))
        for number, state in enumerate(Update.State.values, start=11):
            UpdateFactory(call=call, recommendation=make_jiu_recommendation(number=number), state=state)
        other = CallFactory(as_at=datetime.date(2024, 3, 31))
        UpdateFactory(call=other, recommendation=make_jiu_recommendation(number=20), state=Update.State.ANSWERED)
        assert found(points_of_report(progress))["updates"] == 2
        follow(client, REPORT, "updates")

    def test_claims_that_differ(self, progress, client):
        of_report = {"measure": "jiu.outstanding", "as_at": "2023-03-31", "document": "Mine"}
        ClaimFactory(subject="EH", value="7", since="2022-03-31", **of_report)
        ClaimFactory(subject="LB", value="0", **of_report)  # as the data say
        ClaimFactory(subject="LB", value="7", **of_report | {"as_at": "2022-03-31"})
        ClaimFactory(subject="LB", value="7", since="2021-03-31", **of_report)
        assert found(points_of_report(progress))["claims"] == 1
        follow(client, REPORT, "claims")

    def test_what_is_published_already(self, progress, secretariat, client):
        publication = publish_progress_report(report=progress, words=words("Why."), by=secretariat)
        assert follow(client, REPORT, "published").context["publication"] == publication
        other = REPORT.replace("2022-03-31", "2022-04-30")
        assert "published" not in found(client.get(other).context["points"])
        assert found(client.get(f"{REPORT}&corrects=1").context["points"]) == {"silent": 1}

    def test_where_all_is_ready_nothing_is_listed(self):
        report = progress_report(as_at=datetime.date(2023, 3, 31), since=datetime.date(2022, 3, 31))
        assert points_of_report(report) == []
