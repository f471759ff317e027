"""The page of rounds beside each other: who reads it, what it says of moves, how much it asks the database."""

import random
import re
from http import HTTPStatus

import pytest
from django.urls import reverse

from tests.factories.comparisons import make_items, spoken_round
from tests.factories.offices import OfficeFactory
from tests.factories.recommendations import RecommendationSetFactory
from tests.factories.surveys import AnswerFactory, InvitationFactory, ResponseFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["compare", "compare_json", "compare_csv", "compare_xlsx"])
def test_who_reads_a_comparison(client_of, personas, three_rounds, name):
    url = reverse(f"surveys:{name}") + "?rounds=first&rounds=second"
    status = {persona: client_of(user).get(url).status_code for persona, user in personas.items()}
    assert status == {
        "viewer": 403,
        "contributor": 403,
        "coordinator": 403,
        "other_coordinator": 403,
        "secretariat": 200,
        "administrator": 200,
        "auditor": 200,
        "anonymous": 302,
    }


def test_where_no_office_responded_in_both_one_sentence_says_so(get, three_tiny_rounds):
    sentence = "No office responded in both rounds."
    page = get("compare", rounds=["a", "b"]).content.decode()
    assert (page.count(sentence), "Offices that moved" in page, "flow" in classes(page)) == (1, False, False)
    page = get("compare", rounds=["a", "b", "c"]).content.decode()
    assert '<span class="code">a</span> → <span class="code">b</span>:' in page
    assert (page.count(sentence), page.count("b → c:"), page.count("a → b:")) == (1, page.count("of the 1 that"), 0)
    assert sentence not in get("compare", rounds=["b", "c"]).content.decode()


def test_only_a_line_where_somebody_moved_can_be_opened(get, three_tiny_rounds):
    found = get("compare_json", rounds=["b", "c"]).json()
    page = get("compare", rounds=["b", "c"]).content.decode()
    flows = [flow for question in found["questions"] for row in question["rows"] for flow in row["flows"]]
    assert [flow["in_both"] for flow in flows] == [1] * len(flows)
    assert len(re.findall(r'<details class="flow', page)) == sum(flow["moved"] for flow in flows) == 1
    assert len(re.findall(r'<p class="flow', page)) == len(flows) - 1
    # With two rounds no line needs to name them.
    assert "b → c" not in page


def classes(page: str) -> set[str]:
    return {name for names in re.findall(r'class="([^"]*)"', page) for name in names.split()}


def test_the_page_runs_the_same_queries_for_any_number_of_offices_and_rounds(
    get, django_assert_num_queries, secretariat
):
    of_set = RecommendationSetFactory()
    make_items(of_set, {1: "One", 2: "Two"})
    rounds = [spoken_round(random.Random(n), f"r{n}", [], of_set, year=2020 + n) for n in range(6)]
    for added in (1, 19, 180):
        for office in OfficeFactory.create_batch(added):
            for spoken in rounds:
                InvitationFactory(survey=spoken.survey, office=office)
                response = ResponseFactory(survey=spoken.survey, office=office, submitted=True)
                AnswerFactory(response=response, question=spoken.survey.questions.get(key="proposals"))
        for count in (2, 6):
            with django_assert_num_queries(13):
                answer = get("compare", rounds=[spoken.survey.key for spoken in rounds[:count]])
            assert answer.status_code == HTTPStatus.OK


def test_the_results_page_leads_to_the_comparison(client_of, secretariat, three_rounds):
    page = client_of(secretariat).get(reverse("surveys:results", args=["first"])).content.decode()
    assert f'href="{reverse("surveys:compare")}?rounds=first"' in page
