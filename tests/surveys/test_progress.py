"""Where a round stands: who counts as what, over time, in a fixed number of queries."""

import datetime
from http import HTTPStatus

import pytest
from django.urls import reverse
from django.utils import timezone

from offices.models import Region
from offices.narrowing import Narrowing
from surveys.models import Invitation, Response
from surveys.progress import Day, Stage, Totals, compute_progress, texts
from surveys.results import compute_results
from tests.factories.offices import GroupMemberFactory, OfficeFactory
from tests.factories.surveys import AnswerFactory, InvitationFactory, ResponseFactory, SurveyFactory, make_tiny_round

pytestmark = pytest.mark.django_db


def at(day: int, month: int = 5) -> datetime.datetime:
    return datetime.datetime(2025, month, day, 12, tzinfo=timezone.get_current_timezone())


@pytest.fixture
def standing_round():
    """A round of 2 May to 7 July 2025, with an office in every state."""
    tiny = make_tiny_round()
    survey = tiny.survey

    def invite(code: str, region: str = "europe", **fields: object) -> Invitation:
        return InvitationFactory(survey=survey, office__code=code, office__region=region, **fields)

    def submit(invitation: Invitation, when: datetime.datetime, **fields: object) -> Response:
        response = ResponseFactory(
            survey=survey, office=invitation.office, submitted=True, submitted_at=when, saved_at=when, **fields
        )
        AnswerFactory(response=response, question=tiny.by_kind["text"])
        return response

    invite("INV")
    invite("OPENED", opened_at=at(3))
    draft = ResponseFactory(survey=survey, office=invite("DRAFT", opened_at=at(3)).office, saved_at=at(4))
    AnswerFactory(response=draft, question=tiny.by_kind["choice"], value="yes")
    submit(invite("NA", "africa", opened_at=at(3)), at(5))
    submit(invite("NO", closes_on=datetime.date(2025, 7, 20), opened_at=at(3)), at(8, 7), is_late=True)
    submit(invite("IMPORT"), at(1, 9), origin="import")
    invite("DECL", declined_on=datetime.date(2025, 5, 6))
    # Declined first, and took part all the same.
    submit(invite("BOTH", declined_on=datetime.date(2025, 5, 6)), at(5))
    again = invite("AGAIN", opened_at=at(3))
    Response.objects.filter(pk=submit(again, at(5)).pk).update(state="superseded")
    submit(again, at(9), version=2)
    reopened = ResponseFactory(survey=survey, office=again.office, version=3, saved_at=at(10))
    AnswerFactory(response=reopened, question=tiny.by_kind["choice"], value="yes")
    AnswerFactory(response=reopened, question=tiny.by_kind["levels"], recommendation=tiny.recommendations[0], value="x")
    AnswerFactory(response=reopened, question=tiny.by_kind["levels"], recommendation=tiny.recommendations[1], value="x")
    return tiny


def progress_of(tiny, **options):
    return compute_progress(tiny.survey, **{"narrowing": Narrowing(), **options})


def test_the_totals(standing_round):
    assert progress_of(standing_round).totals == Totals(invited=9, opened=5, started=6, submitted=5, late=1, declined=1)
    africa = progress_of(standing_round, narrowing=Narrowing(region=Region.AFRICA)).totals
    assert africa == Totals(invited=1, opened=1, started=1, submitted=1, late=0, declined=0)
    assert africa.submitted_percent == 100


def test_an_empty_round_has_zeros_and_no_share():
    progress = compute_progress(SurveyFactory(), narrowing=Narrowing())
    assert progress.totals == Totals(0, 0, 0, 0, 0, 0)
    assert (progress.totals.submitted_percent, progress.offices, progress.days, progress.curve) == (None, [], [], None)


def test_each_office_has_one_state(standing_round):
    stages = {row.office.code: row.stage.value for row in progress_of(standing_round).offices}
    assert stages == {
        "AGAIN": "submitted",
        "BOTH": "submitted",
        "DECL": "declined",
        "DRAFT": "started",
        "IMPORT": "submitted",
        "INV": "invited",
        "NA": "submitted",
        "NO": "submitted",
        "OPENED": "opened",
    }


def test_what_is_late_and_what_was_reopened(standing_round):
    rows = {row.office.code: row for row in progress_of(standing_round).offices}
    assert [code for code, row in rows.items() if row.is_late] == ["NO"]
    assert [code for code, row in rows.items() if row.is_reopened] == ["AGAIN"]
    assert [code for code, row in rows.items() if row.is_extended] == ["NO"]
    assert {r.office.code for r in Response.objects.submitted() if r.is_late} == {"NO"}


def test_what_an_office_has_not_answered_yet(standing_round):
    """Of the five questions: in the draft where there is one, else in the submission."""
    missing = {row.office.code: row.missing for row in progress_of(standing_round).offices}
    assert missing["INV"] == (1, 2, 3, 4, 5)
    assert missing["DRAFT"] == (1, 2, 4, 5)
    assert missing["NA"] == (1, 2, 3, 5)
    assert missing["AGAIN"] == (2, 4, 5)


def test_over_time_each_office_counts_once_when_it_submitted_first(standing_round):
    progress = progress_of(standing_round)
    assert progress.days == [
        Day(datetime.date(2025, 5, 5), 3, 3),
        Day(datetime.date(2025, 7, 8), 1, 4),
        Day(datetime.date(2025, 9, 1), 1, 5),
    ]
    curve = progress.curve
    assert (curve.first, curve.last) == (datetime.date(2025, 5, 2), datetime.date(2025, 9, 1))
    assert curve.view_box == "0 0 123 9"
    assert curve.points == "0,9 3,9 3,6 67,6 67,5 122,5 122,4 123,4"


def test_the_figures_are_those_of_the_results(standing_round):
    norway = Invitation.objects.get(office__code="NO").office
    group = GroupMemberFactory(group__key="north", office=norway).group
    for narrowing in (Narrowing(), Narrowing(region=Region.EUROPE), Narrowing(group=group)):
        results = compute_results(standing_round.survey, narrowing=narrowing)
        progress = progress_of(standing_round, narrowing=narrowing)
        assert (progress.totals.invited, progress.totals.submitted) == (results.invited, results.responded)
        assert (progress.days[-1].total if progress.days else 0) == results.responded


def test_the_list_is_narrowed_by_state_and_search_the_totals_are_not(standing_round):
    found = progress_of(standing_round, stage=Stage.SUBMITTED.value, search="no")
    assert [row.office.code for row in found.offices] == ["NO"]
    assert found.totals == progress_of(standing_round).totals


def test_texts_are_those_of_the_results(standing_round):
    tiny = standing_round
    response = Response.objects.submitted().get(office__code="NA")
    AnswerFactory(response=response, question=tiny.by_kind["choice"], value="no", comment="Because.")
    AnswerFactory(
        response=response,
        question=tiny.by_kind["comments"],
        recommendation=tiny.recommendations[1],
        value="On the second.",
    )
    written = [(a.question.key, a.response.office.code, a.comment or a.value) for a in texts(tiny.survey)]
    results = compute_results(tiny.survey)
    assert written == [(text.question, text.office, text.text) for text in results.texts]
    assert len(written) == 7
    of_one = texts(tiny.survey, question=tiny.by_kind["text"], office=response.office)
    assert [(a.question.key, a.response.office.code) for a in of_one] == [("proposals", "NA")]


# Pages


PAGES = ["manage", "manage_texts", "manage_questions", "manage_preview", "manage_invitations"]


@pytest.mark.parametrize("name", PAGES)
def test_who_follows_a_round(client_of, personas, tiny_round, name):
    url = reverse(f"surveys:{name}", args=[tiny_round.survey.key])
    assert {persona: client_of(user).get(url).status_code for persona, user in personas.items()} == {
        "viewer": 403,
        "contributor": 403,
        "coordinator": 403,
        "other_coordinator": 403,
        "secretariat": 200,
        "administrator": 200,
        "auditor": 200,
        "anonymous": 302,
    }


def test_a_round_that_office_staff_may_not_know_of_is_missing(client_of, coordinator):
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    survey = SurveyFactory(opens_on=tomorrow, closes_on=tomorrow)
    client = client_of(coordinator)
    statuses = {client.get(f"/surveys/{key}/manage/").status_code for key in (survey.key, "nowhere")}
    assert statuses == {HTTPStatus.NOT_FOUND}


def test_the_page_filters_and_htmx_gets_the_part(client_of, auditor, standing_round):
    client, url = client_of(auditor), reverse("surveys:manage", args=[standing_round.survey.key])
    part = client.get(url, {"stage": "submitted", "region": "africa"}, headers={"HX-Request": "true"})
    assert [row.office.code for row in part.context["progress"].offices] == ["NA"]
    assert "<html" not in part.content.decode()
    assert "manage/invitations/NA" not in part.content.decode()
    for query in ("stage=asleep", "region=moon", "group=nobody"):
        assert client.get(f"{url}?{query}").status_code == HTTPStatus.NOT_FOUND


def test_texts_are_filtered_and_paged(client_of, secretariat, standing_round):
    client, url = client_of(secretariat), reverse("surveys:manage_texts", args=[standing_round.survey.key])
    assert client.get(url, {"office": "NA", "question": "proposals"}).context["texts"].paginator.count == 1
    for query in ("office=XX", "question=other"):
        assert client.get(f"{url}?{query}").status_code == HTTPStatus.NOT_FOUND
    for number in range(120):
        office = InvitationFactory(survey=standing_round.survey, office__code=f"M{number:03}").office
        response = ResponseFactory(survey=standing_round.survey, office=office, submitted=True)
        AnswerFactory(response=response, question=standing_round.by_kind["text"])
    assert len(client.get(url).context["texts"]) == 100
    assert len(client.get(url, {"page": "2"}).context["texts"]) == 25


QUERIES = {"manage": 9, "manage_texts": 7, "manage_questions": 7, "manage_preview": 6, "manage_invitations": 9}


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_run_the_same_queries_for_any_number_of_offices(
    client_of, secretariat, tiny_round, django_assert_num_queries, name
):
    client, url = client_of(secretariat), reverse(f"surveys:{name}", args=[tiny_round.survey.key])
    for added in (1, 19, 180):
        for office in OfficeFactory.create_batch(added):
            OfficeFactory()
            InvitationFactory(survey=tiny_round.survey, office=office)
            response = ResponseFactory(survey=tiny_round.survey, office=office, submitted=True)
            AnswerFactory(response=response, question=tiny_round.by_kind["text"])
        with django_assert_num_queries(QUERIES[name]):
            assert client.get(url).status_code == HTTPStatus.OK
