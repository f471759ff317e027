"""The menu of programmes: what is found, by whom, in how many clicks; and the page of one programme."""

import html
import re
from http import HTTPStatus

import pytest
from django.core.management import call_command
from django.urls import reverse

from assistance.models import Programme, Request, RequestStep, Status
from tests.factories.assistance import ProgrammeFactory, RequestFactory, RequestStepFactory
from tests.factories.offices import MembershipFactory, OfficeFactory
from tests.factories.recommendations import RecommendationFactory

pytestmark = pytest.mark.django_db

MENU = "/assistance/"


@pytest.fixture
def small_menu() -> list[Programme]:
    """Three programmes on offer and one retired, two of them under a recommendation."""
    item = RecommendationFactory(recommendation_set__title="The Agenda", number=10, label="Stronger institutions")
    return [
        ProgrammeFactory(
            number=1,
            title="First",
            recommendation=item,
            institutions="IP offices\nresearch institutions",
            limited_to="developing countries",
            objectives="To learn.",
            activities="Seminars on Zebras\nStudy visits",
            as_of="2008",
            source="The document, Annex",
        ),
        ProgrammeFactory(number=2, title="Second", recommendation=item, institutions="IP offices", as_of="2008"),
        ProgrammeFactory(
            number=3,
            title="Third",
            institutions="institutions",
            limited_to="least developed countries\ndeveloping countries",
            expected_outcomes="Fewer giraffes",
            as_of="2026",
        ),
        ProgrammeFactory(number=9, title="Ninth", institutions="IP offices\nmuseums", is_active=False),
    ]


def shown(text: str) -> list[int]:
    """The numbers of the programmes listed, in their order."""
    return [int(number) for number in re.findall(r'<span class="number">(\d+)</span>', text)]


def found(client, **query) -> list[int]:
    answer = client.get(MENU, query)
    assert answer.status_code == HTTPStatus.OK
    return shown(answer.content.decode())


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, [1, 2, 3, 9]),
        ({"institution": "IP offices"}, [1, 2, 9]),
        ({"institution": "institutions"}, [3]),  # and not what only ends with the word
        ({"institution": "research institutions"}, [1]),
        ({"limit": "developing countries"}, [1, 3]),
        ({"limit": "least developed countries"}, [3]),
        ({"limit": "none"}, [2, 9]),
        ({"search": "second"}, [2]),
        ({"search": "learn"}, [1]),
        ({"search": "zebras"}, [1]),
        ({"search": "giraffes"}, [3]),
        ({"search": "seminars visits"}, [1]),
        ({"search": "seminars giraffes"}, []),
        ({"institution": "IP offices", "limit": "none", "search": "second"}, [2]),
    ],
    ids=str,
)
def test_filters_and_search_find_what_the_programmes_say(client, small_menu, query, numbers):
    assert found(client, **query) == numbers


def test_an_institution_like_mine_takes_two_clicks(client):
    """The menu itself, then the link with the institution; what it counts is what it leads to."""
    call_command("load_reference", verbosity=0)
    page = client.get(MENU).content.decode()
    links = re.findall(r'href="([^"]*\?institution=[^"]*)">([^<]*)</a> <span class="hint">\((\d+)\)', page)
    assert len(links) == 18
    counted = {html.unescape(term): (int(count), shown(client.get(url).content.decode())) for url, term, count in links}
    assert {term: count for term, (count, numbers) in counted.items() if count != len(numbers)} == {}
    assert counted["universities"] == (5, [8, 9, 10, 11, 12])
    assert counted["policy-makers"] == (3, [1, 2, 3])


def test_each_programme_stands_under_its_recommendation(client, small_menu):
    page = client.get(MENU).content.decode()
    recommendation = small_menu[0].recommendation
    heading = page.index("The Agenda, recommendation 10: Stronger institutions")
    assert reverse("recommendations:detail", args=[recommendation.recommendation_set.key, 10]) in page
    assert heading < page.index("First") < page.index("Second") < page.index("Under no recommendation")
    assert page.index("Under no recommendation") < page.index("Third")


def test_the_menu_names_its_date_and_its_source(client, small_menu):
    page = client.get(MENU).content.decode()
    assert "As of 2008. Source: The document, Annex" in page
    assert "As of 2026." in page


def test_what_is_no_longer_offered_stands_apart_and_is_marked(client, small_menu):
    page = client.get(MENU).content.decode()
    offered, retired = page.split('<h2 id="retired">')
    assert (shown(offered), shown(retired)) == ([1, 2, 3], [9])
    assert "no longer offered" in retired
    # Its institution is not counted: nothing can be asked for there.
    assert "museums" not in re.findall(r'institution=[^"]*">([^<]*)</a> <span class="hint">', page)
    assert "3 programmes" in page


def test_empty_menus_say_why(client, small_menu):
    assert "No programme on offer fits these filters." in client.get(MENU, {"search": "lions"}).content.decode()
    Programme.objects.update(is_active=False)
    assert "No programme is on offer at present." in client.get(MENU).content.decode()
    Programme.objects.all().delete()
    assert "No programme is recorded yet." in client.get(MENU).content.decode()


def test_htmx_gets_the_part_and_a_browser_the_page(client, small_menu):
    page, part = client.get(MENU), client.get(MENU, headers={"HX-Request": "true"})
    assert "<html" in page.content.decode()
    assert "<html" not in part.content.decode()
    assert shown(part.content.decode()) == shown(page.content.decode())
    assert "HX-Request" in page["Vary"]


def test_everybody_reads_the_menu_and_nobody_posts_to_it(client_of, personas, small_menu):
    for path in (MENU, f"{MENU}1/"):
        status = {name: client_of(user).get(path).status_code for name, user in personas.items()}
        assert status == dict.fromkeys(personas, 200)
        assert client_of(personas["secretariat"]).post(path).status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_only_those_who_keep_the_menu_are_led_to_do_so(client_of, personas, small_menu):
    pages = {name: client_of(user) for name, user in personas.items()}
    adding = {name for name, client in pages.items() if "Add a programme" in client.get(MENU).content.decode()}
    changing = {
        name for name, client in pages.items() if "Change or retire" in client.get("/assistance/1/").content.decode()
    }
    assert (adding, changing) == ({"secretariat", "administrator"}, {"secretariat", "administrator"})


# One programme


def page_of(client, number: int) -> str:
    answer = client.get(reverse("assistance:programme", args=[number]))
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


def test_the_page_of_a_programme_shows_all_of_it(client, small_menu):
    page = page_of(client, 1)
    for text in (
        "IP offices",
        "developing countries",
        "To learn.",
        "Seminars on Zebras",
        "2008",
        "The document, Annex",
    ):
        assert text in page
    assert "The Agenda, recommendation 10: Stronger institutions" in page
    assert 'rel="prev"' not in page
    assert re.search(r'rel="next"\s+href="/assistance/2/"', page)
    assert re.search(r'rel="prev"\s+href="/assistance/2/"', page_of(client, 3))


def test_programme_4_of_the_source_states_no_outcomes(client):
    call_command("load_reference", verbosity=0)
    outcomes = {number: page_of(client, number).partition('id="outcomes"')[2] for number in (4, 5)}
    assert "none stated in the source" in outcomes[4]
    assert "none stated in the source" not in outcomes[5]


def test_what_is_not_there_is_not_found(client, small_menu):
    assert client.get("/assistance/77/").status_code == HTTPStatus.NOT_FOUND


def test_those_who_fill_in_for_an_office_are_led_to_ask(client_of, personas, small_menu):
    asking = {name for name, user in personas.items() if "/assistance/1/request/" in page_of(client_of(user), 1)}
    assert asking == {"contributor", "coordinator", "other_coordinator"}


def test_nobody_is_led_to_ask_for_what_is_no_longer_offered(client_of, coordinator, small_menu):
    page = page_of(client_of(coordinator), 9)
    assert "/assistance/9/request/" not in page
    assert "no longer offered" in page


def test_an_office_sees_its_own_requests_for_the_programme_and_no_others(
    client_of, personas, office, other_office, small_menu
):
    for key, whose, programme in [("ours", office, 0), ("theirs", other_office, 0), ("ours-elsewhere", office, 1)]:
        RequestStepFactory(request=RequestFactory(key=key, office=whose, programme=small_menu[programme]))
    seen = {
        name: set(re.findall(r"/assistance/requests/([\w-]+)/", page_of(client_of(user), 1)))
        for name, user in personas.items()
    }
    assert seen == {
        "viewer": {"ours"},
        "contributor": {"ours"},
        "coordinator": {"ours"},
        "other_coordinator": {"theirs"},
        "secretariat": set(),
        "administrator": set(),
        "auditor": set(),
        "anonymous": set(),
    }
    queue = {name for name, user in personas.items() if "/requests/?programme=1" in page_of(client_of(user), 1)}
    assert queue == {"secretariat", "administrator", "auditor"}


def test_sample_requests_are_marked(client_of, viewer, small_menu):
    sample = OfficeFactory(is_sample=True)
    MembershipFactory(user=viewer, office=sample)
    RequestStepFactory(request=RequestFactory(office=sample, programme=small_menu[0]))
    assert "state-sample" in page_of(client_of(viewer), 1)


@pytest.mark.parametrize("requests", [0, 20_000])
def test_the_menu_costs_the_same_queries_with_any_number_of_requests(
    client_of, coordinator, office, small_menu, requests, django_assert_num_queries
):
    for number in range(20, 28):
        ProgrammeFactory(number=number)
    other = OfficeFactory()
    made = Request.objects.bulk_create(
        [Request(key=f"r{n}", programme=small_menu[0], office=other, purpose="x") for n in range(requests)],
        batch_size=5_000,
    )
    steps = [RequestStep(request=item, date="2026-01-05", status=Status.REQUESTED) for item in made]
    RequestStep.objects.bulk_create(steps, batch_size=5_000)
    client = client_of(coordinator)
    with django_assert_num_queries(5):
        assert len(found(client)) == 12
    with django_assert_num_queries(8):
        page_of(client, 1)
