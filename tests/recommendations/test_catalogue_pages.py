"""The pages of what was recommended: the list of sets, a set, a recommendation with all that was stated on it."""

import datetime
from http import HTTPStatus

import pytest

from jiu.models import Endorsement
from offices.models import Membership
from recommendations.models import Recommendation, RecommendationSet, StatusReport
from tests.conftest import member
from tests.factories.jiu import EndorsementFactory, make_bureau, make_jiu_recommendation, state
from tests.factories.offices import MembershipFactory, OfficeFactory
from tests.factories.recommendations import (
    OfficerFactory,
    RecommendationFactory,
    RecommendationSetFactory,
    SetDocumentFactory,
    StatusReportFactory,
)

pytestmark = pytest.mark.django_db

LIST = "/recommendations/"
JIU_SET = "/recommendations/jiu-rep-2021-6/"
JIU_ONE = f"{JIU_SET}1/"


def page_of(client, url):
    answer = client.get(url)
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


class TestList:
    @pytest.fixture(autouse=True)
    def sets(self):
        RecommendationSetFactory(key="old", symbol="CWS/11/18", issued_on="2023", title="First draft")
        new = RecommendationSetFactory(key="ten", symbol="CWS/12/22", issued_on="2024", title="Ten of them")
        RecommendationFactory(recommendation_set=new, label="Cloud", summary="Weigh the offers of Providers.")
        RecommendationFactory(recommendation_set=new, number=2, label="", official_text="Consider blockchain.")
        # Issued the year after that of its symbol, which is its year.
        for number in (3, 10):
            RecommendationSetFactory(
                key=f"jiu-rep-2021-{number}",
                issuer="JIU",
                symbol=f"JIU/REP/2021/{number}",
                issued_on="2022-01-31",
                title="Cybersecurity",
                is_relevant=number == 3,
            )

    def keys(self, client, query=""):
        answer = client.get(LIST + query)
        assert answer.status_code == HTTPStatus.OK
        return [(issuer, [item.key for item in sets]) for issuer, sets in answer.context["issuers"]]

    def test_by_issuer_the_latest_first(self, client):
        assert self.keys(client) == [("CWS", ["ten", "old"]), ("JIU", ["jiu-rep-2021-10", "jiu-rep-2021-3"])]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("?search=ten", ["ten"]),
            ("?search=11/18", ["old"]),
            ("?search=cLOUD", ["ten"]),
            ("?search=providers", ["ten"]),
            ("?search=blockchain", ["ten"]),
            # Each word, wherever it stands.
            ("?search=cloud+blockchain+12/22", ["ten"]),
            ("?search=cloud+11/18", []),
            ("?search=%25", []),
            ("?issuer=JIU", ["jiu-rep-2021-10", "jiu-rep-2021-3"]),
            ("?issuer=JIU&search=2021/3", ["jiu-rep-2021-3"]),
            ("?year=2021", ["jiu-rep-2021-10", "jiu-rep-2021-3"]),
            ("?year=2023", ["old"]),
            ("?year=2024&issuer=JIU", []),
        ],
    )
    def test_filters(self, client, query, found):
        assert [key for _issuer, keys in self.keys(client, query) for key in keys] == found

    def test_the_count_is_of_all(self, client):
        assert "2 of 4 sets" in page_of(client, f"{LIST}?issuer=JIU")
        assert "No set fits these filters." in page_of(client, f"{LIST}?search=nothing")

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ("?year=1066", "Year: Select a valid choice. 1066 is not one of the available choices."),
            ("?issuer=<b>", "Issuer: Select a valid choice. &lt;b&gt; is not one of the available choices."),
            (f"?search={'a' * 101}", "Words: Ensure this value has at most 100 characters (it has 101)."),
        ],
    )
    def test_a_filter_that_cannot_be_read_is_named(self, client, query, sentence):
        page = page_of(client, LIST + query)
        assert sentence in page
        assert "0 of 4 sets" in page

    def test_what_is_said_of_a_set(self, client):
        page = page_of(client, LIST)
        assert "2 recommendations" in page
        assert page.count("its recommendations are not recorded here") == 3
        assert page.count("not relevant to WIPO") == 1

    def test_the_part_that_filters_replace(self, client):
        part = client.get(f"{LIST}?issuer=CWS", headers={"HX-Request": "true"})
        assert "<h1>" not in part.content.decode()
        assert "Ten of them" in part.content.decode()
        assert "HX-Request" in part.headers["Vary"]

    def test_nothing_recorded(self, client):
        Recommendation.objects.all().delete()
        RecommendationSet.objects.all().delete()
        assert "No set of recommendations is recorded yet." in page_of(client, LIST)


def test_the_list_is_one_page_of_200_sets_for_the_same_queries(client, django_assert_num_queries):
    for many in (1, 20, 200):
        while RecommendationSet.objects.count() < many:
            RecommendationFactory(recommendation_set__issuer="JIU", recommendation_set__issued_on="2020")
        with django_assert_num_queries(2):
            assert page_of(client, f"{LIST}?year=2020&search=title").count("card-item") == many


class TestSet:
    def test_year_relevance_documents_and_deadlines(self, client):
        item = make_jiu_recommendation()
        of_set = item.recommendation_set
        RecommendationSet.objects.filter(pk=of_set.pk).update(issued_on="2022-01", is_relevant=False)
        SetDocumentFactory(
            recommendation_set=of_set, title="CEB comments", kind="comments", url="https://example.org/ceb"
        )
        SetDocumentFactory(recommendation_set=of_set, title="Highlights", state="not yet available")
        Recommendation.objects.filter(pk=item.pk).update(
            label="", due_on=datetime.date(2023, 12, 31), due_text="by the end of 2023"
        )

        page = " ".join(page_of(client, JIU_SET).split())

        assert "<dt>Year</dt><dd>2021</dd>" in page
        assert "<dt>Issued</dt><dd>2022-01</dd>" in page
        assert "<dt>Relevant to WIPO</dt><dd>no</dd>" in page
        assert '<a href="https://example.org/ceb" rel="noopener noreferrer">CEB comments</a>' in page
        assert "Highlights" in page
        assert "not yet available" in page
        assert f'<a href="{JIU_ONE}">Recommendation 1</a>' in page
        assert '<bdi>by the end of 2023</bdi> (<time datetime="2023-12-31">31 December 2023</time>)' in page

    def test_documents_are_listed_where_there_are_any(self, client):
        make_jiu_recommendation()
        assert "Documents" not in page_of(client, JIU_SET)


class TestRecommendation:
    def test_without_a_label_its_number_is_its_name(self, client):
        of_set = make_jiu_recommendation().recommendation_set
        RecommendationFactory(recommendation_set=of_set, number=4, label="")
        RecommendationFactory(recommendation_set=of_set, number=7, label="Cloud")
        page = " ".join(page_of(client, f"{JIU_SET}4/").split())
        assert "<title>JIU/REP/2021/6 R4 ·" in page
        assert "<h1> Recommendation 4 </h1>" in page
        assert "← 1. Recommendation 1</a>" in page
        assert "7. Cloud →</a>" in page
        assert "Recommendation 4 →</a>" in " ".join(page_of(client, JIU_ONE).split())

    def test_every_revision_is_shown_the_latest_first_with_who_when_and_how(
        self, client_of, secretariat, administrator
    ):
        item = make_jiu_recommendation()
        state(item, "2021-03-31", "planned", as_at_assumed=True, stated_change="no_change")
        state(item, "2022-03-31", "in_progress", assessment="Begun.", source="WO/PBC/34/6")
        last = state(item, "2022-03-31", "implemented", assessment="Done.", revision=2, recorded_by=administrator)
        last.responsible_officers.add(OfficerFactory(title="Chief Information Officer"))

        answer = client_of(secretariat).get(JIU_ONE)

        assert [
            (str(past.report.as_at), past.report.revision, past.stands, past.is_replaced)
            for past in answer.context["history"]
        ] == [("2022-03-31", 2, True, False), ("2022-03-31", 1, False, True), ("2021-03-31", 1, False, False)]
        page = " ".join(answer.content.decode().split())
        assert f"Recorded by {administrator} on" in page
        assert "<dd> Chief Information Officer </dd>" in page
        assert "Source: WO/PBC/34/6" in page
        assert "date assumed" in page
        assert '<a href="/offices/IB/status/jiu-rep-2021-6/1/">' in page

    @pytest.mark.parametrize("who", ["viewer", "contributor", "coordinator", "other_coordinator", "anonymous"])
    def test_what_the_bureau_states_is_not_for_others(self, client_of, personas, who):
        item = make_jiu_recommendation()
        state(item, "2022-03-31", "implemented", assessment="Not for everybody.")
        page = page_of(client_of(personas[who]), JIU_ONE)
        assert "Not for everybody." not in page
        assert "History" not in page
        assert "/offices/IB/" not in page

    def test_an_office_sees_its_own_statements_only(self, client_of, coordinator, office, other_office):
        item = RecommendationFactory(recommendation_set__key="ten")
        StatusReportFactory(recommendation=item, office=office, assessment="Ours.")
        StatusReportFactory(recommendation=item, office=other_office, assessment="Theirs.")
        page = page_of(client_of(coordinator), "/recommendations/ten/1/")
        assert "Ours." in page
        assert "Theirs." not in page

    def test_a_long_history_comes_in_pages(self, client_of, secretariat):
        item, office = RecommendationFactory(recommendation_set__key="ten"), OfficeFactory()
        StatusReport.objects.bulk_create(
            StatusReport(recommendation=item, office=office, as_at=datetime.date(2020, 1, 1), revision=number)
            for number in range(1, 52)
        )
        client = client_of(secretariat)
        first, second = (client.get(f"/recommendations/ten/1/?page={number}") for number in (1, 2))
        assert [len(answer.context["history"]) for answer in (first, second)] == [50, 1]
        assert 'href="?page=2#history"' in first.content.decode()
        assert [past.is_replaced for past in first.context["history"]] == [False] + [True] * 49
        assert second.context["history"][0].is_replaced

    def test_that_nothing_was_stated_is_said_to_those_who_would_read_it(self, client_of, secretariat, client):
        make_jiu_recommendation()
        assert "No office has stated anything about it yet." in page_of(client_of(secretariat), JIU_ONE)
        assert "No office has stated anything" not in page_of(client, JIU_ONE)

    def test_documents_and_decisions(self, client):
        item = make_jiu_recommendation()
        SetDocumentFactory(recommendation_set=item.recommendation_set, title="CEB comments")
        for year, decision in ((2021, "refused"), (2022, "endorsed")):
            EndorsementFactory(
                recommendation=item, decided_on=datetime.date(year, 7, 1), decision=decision, document=f"D/{year}"
            )
        EndorsementFactory(recommendation=make_jiu_recommendation(number=2))
        page = " ".join(page_of(client, JIU_ONE).split())
        assert "CEB comments" in page
        shown = [part.partition("</li>")[0] for part in page.split("<time ")[1:]]
        assert shown == [
            'datetime="2022-07-01">1 July 2022</time>: endorsed · <span class="code">D/2022</span> ',
            'datetime="2021-07-01">1 July 2021</time>: refused · <span class="code">D/2021</span> ',
        ]
        assert Endorsement.objects.count() == 3


class TestWhoAnswers:
    """The International Bureau alone answers the JIU."""

    def test_only_its_people_are_sent_to_its_status(self, client_of, coordinator):
        item, post = make_jiu_recommendation(), OfficerFactory()
        state(item, "2022-03-31").responsible_officers.add(post)
        focal_point = member(make_bureau(), Membership.Role.CONTRIBUTOR)
        of_another_post = MembershipFactory(office=make_bureau(), role=Membership.Role.CONTRIBUTOR).user
        post.holders.add(focal_point)
        for url, status in ((JIU_SET, "/offices/IB/status/jiu-rep-2021-6/"), (JIU_ONE, "/offices/IB/status/")):
            assert f'href="{status}' in page_of(client_of(focal_point), url)
            for person in (of_another_post, coordinator):
                assert "/status/jiu-rep" not in page_of(client_of(person), url)

    def test_no_other_office_can_state_one(self, client_of, coordinator, office):
        make_jiu_recommendation()
        url = f"/offices/{office.code}/status/jiu-rep-2021-6/1/"
        assert "<select" not in page_of(client_of(coordinator), url).partition("<footer")[0]
        fields = {"as_at": "2024-01-01", "1.version": "0", "1.implementation": "implemented"}
        answer = client_of(coordinator).post(url, fields)
        assert answer.status_code == HTTPStatus.FORBIDDEN
        assert "stated by the office IB alone" in answer.content.decode()
        assert StatusReport.objects.count() == 0

    def test_the_bureau_can(self, client_of):
        make_jiu_recommendation()
        focal_point = member(make_bureau(), Membership.Role.COORDINATOR)
        url = "/offices/IB/status/jiu-rep-2021-6/1/"
        fields = {"as_at": "2024-01-01", "1.version": "0", "1.implementation": "implemented"}
        assert client_of(focal_point).post(url, fields).status_code == HTTPStatus.FOUND
        assert StatusReport.objects.get().implementation == "implemented"


def test_a_page_runs_the_same_queries_for_any_number_of_statements(client_of, secretariat, django_assert_num_queries):
    item = make_jiu_recommendation()
    SetDocumentFactory(recommendation_set=item.recommendation_set)
    officer = OfficerFactory()
    day = datetime.date(2000, 1, 1)
    for many in (1, 20, 200):
        for number in range(StatusReport.objects.count(), many):
            as_at = str(day + datetime.timedelta(days=number))
            state(item, as_at, recorded_by=secretariat).responsible_officers.add(officer)
        client = client_of(secretariat)
        with django_assert_num_queries(15):
            page_of(client, JIU_ONE)
        with django_assert_num_queries(8):
            page_of(client, JIU_SET)
