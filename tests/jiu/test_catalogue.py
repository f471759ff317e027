"""The catalogue of the JIU's recommendations: words, filters, and the status for those who may read it."""

import datetime
import time
from http import HTTPStatus
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from jiu import overview
from offices.models import Membership
from recommendations.models import Officer, Recommendation, RecommendationSet, StatusReport
from tests.conftest import member
from tests.factories.jiu import (
    CallFactory,
    EndorsementFactory,
    UpdateFactory,
    make_bureau,
    make_jiu_recommendation,
    state,
)
from tests.factories.recommendations import OfficerFactory, RecommendationFactory, StatusReportFactory

pytestmark = pytest.mark.django_db

URL = "/jiu/"
READERS = ["secretariat", "administrator", "auditor"]
OTHERS = ["viewer", "contributor", "coordinator", "other_coordinator", "anonymous"]


@pytest.fixture
def recommendations():
    """2021/6: R1 in progress past its date, R2 implemented, R3 silent; 2020/7: R1 under way without a date."""
    first = make_jiu_recommendation("JIU/REP/2021/6", 1, "EH")
    second = make_jiu_recommendation("JIU/REP/2021/6", 2, "LB")
    third = make_jiu_recommendation("JIU/REP/2021/6", 3, "")
    old = make_jiu_recommendation("JIU/REP/2020/7", 1, "EH")
    older = make_jiu_recommendation("JIU/REP/2016/9", 6, "EH")
    RecommendationFactory(recommendation_set__key="ten", recommendation_set__symbol="CWS/12/22", label="Cloud")
    for item, texts in (
        (first, {"label": "Cloud continuity", "due_on": datetime.date(2022, 12, 31), "due_text": "by the end of 2022"}),
        (second, {"label": "", "summary": "Use Blockchain.", "due_on": datetime.date(2021, 12, 31)}),
        (third, {"label": "Later", "due_on": datetime.date(2999, 12, 31)}),
        (old, {"label": "Register", "official_text": "The heads should weigh blockchain."}),
        (older, {"label": "Safety", "due_text": "with immediate effect"}),
    ):
        Recommendation.objects.filter(pk=item.pk).update(**texts)
    RecommendationSet.objects.filter(symbol="JIU/REP/2020/7").update(issued_on="2021-03")
    cio, cso = OfficerFactory(key="cio", title="Information"), OfficerFactory(key="cso", title="Security")
    state(first, "2021-03-31", "planned")
    state(first, "2022-03-31", "in_progress").responsible_officers.set([cio, cso])
    state(second, "2022-03-31", "implemented").responsible_officers.set([cso])
    state(old, "2022-03-31", "in_progress").responsible_officers.set([cio])
    state(older, "2022-03-31", "", "not_relevant")
    # Another office says nothing about where the Bureau stands.
    StatusReportFactory(recommendation=third, implementation="implemented", acceptance="accepted")
    return SimpleNamespace(first=first, second=second, third=third, old=old, older=older)


@pytest.fixture
def focal_point(recommendations):
    """Holds the post that answers for 2021/6 R1 and 2020/7 R1."""
    person = member(make_bureau(), Membership.Role.CONTRIBUTOR)
    Officer.objects.get(key="cio").holders.add(person)
    return person


def names(answer):
    assert answer.status_code == HTTPStatus.OK
    return [str(row.recommendation).removeprefix("JIU/REP/") for row in answer.context["rows"]]


ALL = ["2021/6 R1", "2021/6 R2", "2021/6 R3", "2020/7 R1", "2016/9 R6"]


class TestEverybody:
    @pytest.fixture(autouse=True)
    def rows(self, recommendations):
        return recommendations

    @pytest.mark.parametrize("who", [*READERS, *OTHERS])
    def test_all_of_the_jiu_and_nothing_else_the_latest_report_first(self, client_of, personas, who):
        answer = client_of(personas[who]).get(URL)
        assert names(answer) == ALL
        assert "5 of 5 recommendations" in answer.content.decode()

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("search=cLOUD", ["2021/6 R1"]),
            ("search=blockchain", ["2021/6 R2", "2020/7 R1"]),
            ("search=blockchain+heads", ["2020/7 R1"]),
            ("search=2020/7", ["2020/7 R1"]),
            # The title of the set.
            ("search=rep-2016-9", ["2016/9 R6"]),
            ("search=%25", []),
            ("search=+", ALL),
            # The year is that of the symbol, whenever it was issued.
            ("year=2020", ["2020/7 R1"]),
            ("year=2021", ["2021/6 R1", "2021/6 R2", "2021/6 R3"]),
            ("report=jiu-rep-2016-9", ["2016/9 R6"]),
            ("report=jiu-rep-2016-9&year=2021", []),
            ("addressee=EH", ["2021/6 R1", "2020/7 R1", "2016/9 R6"]),
            ("addressee=LB", ["2021/6 R2"]),
            ("addressee=EH&year=2021&search=cloud", ["2021/6 R1"]),
        ],
    )
    def test_words_and_filters(self, client, query, found):
        assert names(client.get(f"{URL}?{query}")) == found

    def test_what_a_row_says(self, client):
        page = " ".join(client.get(URL).content.decode().split())
        assert '<span class="code">JIU/REP/2021/6 R1</span>' in page
        assert 'href="/recommendations/jiu-rep-2021-6/1/">Cloud continuity</a>' in page
        assert 'href="/recommendations/jiu-rep-2021-6/2/">Recommendation 2</a>' in page
        assert '<bdi>by the end of 2022</bdi> (<time datetime="2022-12-31">31 December 2022</time>)' in page
        assert "no date named" in page
        assert "executive head" in page

    def test_nothing_found_and_nothing_held(self, client):
        page = client.get(f"{URL}?search=nothing").content.decode()
        assert "0 of 5 recommendations" in page
        assert "No recommendation fits these filters." in page
        StatusReport.objects.all().delete()
        Recommendation.objects.all().delete()
        assert "No recommendation of the JIU is recorded yet." in client.get(URL).content.decode()

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ("year=1066", "Year: Select a valid choice. 1066 is not one of the available choices."),
            ("report=ten", "JIU report: Select a valid choice. ten is not one of the available choices."),
            ("addressee=<i>", "Addressed to: Select a valid choice. &lt;i&gt; is not one of the available choices."),
            (f"search={'a' * 101}", "Words: Ensure this value has at most 100 characters (it has 101)."),
            # Fifty words, the most that fit.
            (f"search={'+'.join('q' * 50)}", "0 of 5 recommendations"),
            ("page=x&year=2020", "1 of 5 recommendations"),
            ("page=99&unknown=1", "5 of 5 recommendations"),
        ],
    )
    def test_what_cannot_be_read_gets_a_sentence(self, client, query, sentence):
        answer = client.get(f"{URL}?{query}")
        assert answer.status_code == HTTPStatus.OK
        assert sentence in answer.content.decode()

    def test_the_part_that_filters_replace(self, client):
        answer = client.get(f"{URL}?year=2020", headers={"HX-Request": "true"})
        assert "<h1>" not in answer.content.decode()
        assert "Register" in answer.content.decode()
        back = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
        assert "<h1>" in client.get(URL, headers=back).content.decode()


class TestStatus:
    @pytest.fixture(autouse=True)
    def rows(self, recommendations):
        return recommendations

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("acceptance=accepted", ["2021/6 R1", "2021/6 R2", "2020/7 R1"]),
            ("acceptance=not_relevant", ["2016/9 R6"]),
            ("acceptance=not_stated", []),
            # What stands today, not what stood before.
            ("implementation=planned", []),
            ("implementation=in_progress", ["2021/6 R1", "2020/7 R1"]),
            ("implementation=not_stated", ["2016/9 R6"]),
            ("implementation=no_report", ["2021/6 R3"]),
            ("implementation=no_report&acceptance=accepted", []),
            ("officer=cio", ["2021/6 R1", "2020/7 R1"]),
            ("officer=cso", ["2021/6 R1", "2021/6 R2"]),
            ("officer=cso&implementation=in_progress", ["2021/6 R1"]),
            # Outstanding and past its date: implemented is not, nor one with a date to come.
            ("overdue=past", ["2021/6 R1"]),
            ("overdue=undated", ["2020/7 R1"]),
            ("overdue=past&year=2020", []),
        ],
    )
    def test_filters_for_those_who_may_read_it(self, client_of, secretariat, query, found):
        assert names(client_of(secretariat).get(f"{URL}?{query}")) == found

    @pytest.mark.parametrize("who", READERS)
    def test_the_status_that_stands_today_is_shown(self, client_of, personas, who):
        page = " ".join(client_of(personas[who]).get(f"{URL}?search=continuity").content.decode().split())
        assert "acceptance: accepted" in page
        assert "as at 31 March 2022" in page
        assert "Information; Security" in page
        assert 'href="/offices/IB/status/jiu-rep-2021-6/1/">in progress' in page
        assert ">overdue</span>" in page

    @pytest.mark.parametrize("who", OTHERS)
    @pytest.mark.parametrize(
        "query", ["acceptance=not_relevant", "implementation=planned", "officer=cio", "overdue=past", "officer=nobody"]
    )
    def test_who_may_not_read_it_learns_nothing_by_asking(self, client_of, personas, who, query):
        answer = client_of(personas[who]).get(f"{URL}?{query}")
        assert names(answer) == ALL
        page = answer.content.decode()
        for leak in ("acceptance: ", "31 March 2022", "Information", ">overdue<", "/offices/IB/", "id_officer"):
            assert leak not in page

    def test_focal_points_see_the_status_of_their_posts_only(self, client_of, focal_point):
        client = client_of(focal_point)
        answer = client.get(URL)
        assert names(answer) == ALL
        shown = {str(row.recommendation): row.report is not None for row in answer.context["rows"]}
        assert [name for name, is_shown in shown.items() if is_shown] == ["JIU/REP/2021/6 R1", "JIU/REP/2020/7 R1"]
        page = answer.content.decode()
        assert page.count("not of your posts") == 3
        assert "not relevant" not in page.partition('id="found"')[2]
        assert [option[0] for option in answer.context["filter"].form.fields["officer"].choices][1:] == ["cio", "cso"]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("acceptance=not_relevant", []),
            ("implementation=implemented", []),
            ("implementation=no_report", []),
            ("officer=cso", ["2021/6 R1"]),
            ("overdue=past", ["2021/6 R1"]),
            ("overdue=undated", ["2020/7 R1"]),
        ],
    )
    def test_filters_of_focal_points_find_only_what_they_may_read(self, client_of, focal_point, query, found):
        assert names(client_of(focal_point).get(f"{URL}?{query}")) == found

    def test_the_coordinator_of_the_bureau_sees_all_and_its_viewer_none(self, client_of):
        coordinator = member(make_bureau(), Membership.Role.COORDINATOR)
        viewer = member(make_bureau(), Membership.Role.VIEWER)
        Officer.objects.get(key="cio").holders.add(viewer)
        assert names(client_of(coordinator).get(f"{URL}?acceptance=not_relevant")) == ["2016/9 R6"]
        assert names(client_of(viewer).get(f"{URL}?acceptance=not_relevant")) == ALL

    @pytest.mark.parametrize("query", ["acceptance=yes", "implementation=done", "officer=nobody", "overdue=1"])
    def test_what_cannot_be_read_gets_a_sentence(self, client_of, secretariat, query):
        answer = client_of(secretariat).get(f"{URL}?{query}")
        assert names(answer) == []
        assert "Nothing is listed, because a filter cannot be read:" in answer.content.decode()
        assert "Select a valid choice." in answer.content.decode()

    def test_the_last_decision_stands_beside_the_status(self, client_of, secretariat, recommendations):
        for year, decision in ((2023, "endorsed"), (2022, "refused")):
            EndorsementFactory(
                recommendation=recommendations.second, decided_on=datetime.date(year, 7, 1), decision=decision
            )
        page = client_of(secretariat).get(URL).content.decode()
        assert "endorsed, 1 July 2023" in page
        assert "refused" not in page

    def test_what_is_due_longest_or_issued_first_comes_first(self, client_of, secretariat, recommendations):
        state(recommendations.older, "2023-03-31", "in_progress")
        state(recommendations.second, "2023-03-31", "in_progress")
        client = client_of(secretariat)
        assert names(client.get(f"{URL}?overdue=past")) == ["2021/6 R2", "2021/6 R1"]
        assert names(client.get(f"{URL}?overdue=undated")) == ["2016/9 R6", "2020/7 R1"]


class TestAge:
    """Where no date is named, one sees how old a recommendation is."""

    TODAY = datetime.date(2026, 3, 15)

    @pytest.mark.parametrize(
        ("date", "years"),
        [
            ("", None),
            ("2020", 6),
            ("2026", 0),
            ("2027", 0),
            ("2020-03", 6),
            ("2020-04", 5),
            ("2020-03-15", 6),
            ("2020-03-16", 5),
            ("2025-12-31", 0),
        ],
    )
    def test_full_years_since_a_date_of_which_not_all_is_known(self, date, years):
        assert overview.years_since(date, self.TODAY) == years

    def row(self, item, **fields):
        item.refresh_from_db()
        return overview.Row(item, self.TODAY, **fields)

    def test_it_counts_from_the_issue_or_else_the_year_of_the_symbol(self, recommendations):
        assert self.row(recommendations.old).age == 5
        assert self.row(recommendations.older).age == 10

    def test_what_has_a_date_or_is_closed_has_none(self, recommendations):
        assert self.row(recommendations.first).age is None
        closed = StatusReport.objects.get(recommendation=recommendations.older)
        assert self.row(recommendations.older, report=closed).age is None
        outstanding = StatusReport.objects.get(recommendation=recommendations.old)
        assert self.row(recommendations.old, report=outstanding).age == 5

    def test_a_date_of_today_is_not_past(self, recommendations):
        report = StatusReport.objects.filter(recommendation=recommendations.first).latest("as_at")
        recommendations.first.due_on = self.TODAY
        assert not overview.Row(recommendations.first, self.TODAY, report=report).is_overdue
        tomorrow = self.TODAY + datetime.timedelta(days=1)
        assert overview.Row(recommendations.first, tomorrow, report=report).is_overdue
        assert not overview.Row(recommendations.first, tomorrow).is_overdue

    def test_it_is_printed(self, client, recommendations):
        years = timezone.localdate().year - 2016
        assert f"issued {years} years ago" in client.get(f"{URL}?year=2016").content.decode()


class TestLinks:
    @pytest.mark.parametrize("who", READERS)
    def test_to_the_work_for_those_who_may_see_it(self, client_of, personas, who):
        page = client_of(personas[who]).get(URL).content.decode()
        assert all(f'href="/jiu/{part}/"' in page for part in ("progress-report", "reviews", "calls"))

    @pytest.mark.parametrize("who", OTHERS)
    def test_to_nothing_for_others(self, client_of, personas, who):
        page = client_of(personas[who]).get(URL).content.decode()
        assert not any(f'href="/jiu/{part}/"' in page for part in ("progress-report", "reviews", "calls"))

    def test_to_the_calls_for_focal_points_who_are_asked(self, client_of, focal_point, recommendations):
        client = client_of(focal_point)
        # Also before the first: that there is none is no secret to the Bureau's people.
        assert 'href="/jiu/calls/"' in client.get(URL).content.decode()
        assert "No call was opened yet." in client.get("/jiu/calls/").content.decode()
        UpdateFactory(call=CallFactory(), recommendation=recommendations.first).officers.set(
            Officer.objects.filter(key="cio")
        )
        page = client.get(URL).content.decode()
        assert 'href="/jiu/calls/"' in page
        assert 'href="/jiu/reviews/"' not in page


# Much of it


def many_recommendations(sets, years):
    """Sets of ten recommendations, each stated once a year by the Bureau."""
    bureau = make_bureau()
    officers = [OfficerFactory() for _ in range(10)]
    made = RecommendationSet.objects.bulk_create(
        RecommendationSet(
            key=f"jiu-rep-{1990 + number // 9}-{number % 9}",
            issuer="JIU",
            symbol=f"JIU/REP/{1990 + number // 9}/{number % 9}",
            title=f"Review {number}",
            stage="adopted",
        )
        for number in range(sets)
    )
    items = Recommendation.objects.bulk_create(
        Recommendation(
            recommendation_set=of_set,
            number=number,
            addressee=("LB", "EH")[number % 2],
            label=f"Item {number}",
            due_on=datetime.date(2020, 12, 31) if number % 2 else None,
        )
        for of_set in made
        for number in range(1, 11)
    )
    reports = StatusReport.objects.bulk_create(
        [
            StatusReport(
                recommendation=item,
                office=bureau,
                as_at=datetime.date(2005 + year, 3, 31),
                acceptance="accepted",
                implementation="implemented" if item.number == 1 else "in_progress",
                assessment="As before. " * 20,
            )
            for item in items
            for year in range(years)
        ],
        batch_size=2_000,
    )
    link = StatusReport.responsible_officers.through
    link.objects.bulk_create(
        [link(statusreport=report, officer=officers[number % 10]) for number, report in enumerate(reports)],
        batch_size=5_000,
    )


QUERIES = {
    "anonymous": {"": 4, "?search=item+9&addressee=LB": 4},
    "secretariat": {
        "": 11,
        "?acceptance=accepted&implementation=in_progress": 11,
        "?overdue=past": 11,
        # Nothing is found, so that no row is asked for.
        "?implementation=no_report": 6,
    },
}


@pytest.mark.parametrize(("sets", "years"), [(5, 2), (200, 20)])
def test_the_catalogue_runs_the_same_queries_for_50_and_2000_recommendations_with_20_years_of_history(
    client_of, secretariat, django_assert_num_queries, sets, years
):
    many_recommendations(sets, years)
    for who, user in (("anonymous", AnonymousUser()), ("secretariat", secretariat)):
        client = client_of(user)
        for query, queries in QUERIES[who].items():
            begun = time.perf_counter()
            with django_assert_num_queries(queries):
                answer = client.get(URL + query)
            # Twenty times what it takes for 2,000: only another order of growth is caught.
            assert time.perf_counter() - begun < 5
            assert answer.status_code == HTTPStatus.OK
    assert f"{sets * 10} recommendations" in client.get(URL).content.decode()


def test_pages_of_50_keep_the_filters(client_of, secretariat):
    many_recommendations(12, 1)
    client = client_of(secretariat)
    first = client.get(f"{URL}?acceptance=accepted&search=item")
    page = first.content.decode()
    assert len(first.context["rows"]) == 50
    assert "120 of 120 recommendations" in page
    assert "page 1 of 3" in page
    assert 'href="?acceptance=accepted&amp;search=item&amp;page=2"' in page
    last = client.get(f"{URL}?acceptance=accepted&search=item&page=3")
    assert len(last.context["rows"]) == 20
    assert not set(names(first)) & set(names(last))
