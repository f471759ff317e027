"""Which texts become public: one by one, by whoever decides first, and undone only knowingly."""

import time
from http import HTTPStatus

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet

from portal.writes import Stale
from publications import actions
from publications.actions import decide_comments
from publications.contents import released, undecided
from publications.models import CommentDecision
from surveys.models import Answer
from surveys.results import compute_results
from tests.publications.conftest import ARABIC
from tests.races import race

pytestmark = pytest.mark.django_db

ADDRESS = "/publications/comments/tiny/"


@pytest.fixture
def client(client_of, secretariat):
    return client_of(secretariat)


def fields(client, address=ADDRESS) -> dict[str, dict[str, str]]:
    """By text, what its two fields send if nobody touches them."""
    form = client.get(address).context["form"]
    return {
        line.text.text: {line.field.html_name: line.field.value(), line.then.html_name: line.then.value()}
        for line in form.lines
    }


def chosen(of_text: dict[str, str], decision: str) -> dict[str, str]:
    name = next(iter(of_text))
    return of_text | {name: decision}


def test_texts_are_chosen_one_by_one(client, round_of_three):
    shown = fields(client)
    assert len(shown) == 6
    client.post(ADDRESS, chosen(shown[ARABIC], "public") | chosen(shown["Call Ms Smith."], "private"))

    page = client.get(ADDRESS)
    assert (page.context["released"], page.context["undecided"]) == (1, 4)
    assert client.post(ADDRESS, chosen(shown[ARABIC], "perhaps")).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_those_that_nobody_decided_on_are_found(client, round_of_three, results, secretariat):
    first, *others = results.texts
    decide_comments(survey=results.survey, decisions=dict.fromkeys(others, True), by=secretariat)
    assert list(fields(client, f"{ADDRESS}?show=undecided")) == [first.text]

    decide_comments(survey=results.survey, decisions={first: False}, by=secretariat)
    assert "There is a decision on every text." in client.get(f"{ADDRESS}?show=undecided").content.decode()


def test_what_nobody_touched_is_not_decided_anew(client, round_of_three, results, secretariat):
    """Somebody has the page open while another person takes a text back: saving must not bring it out again."""
    text = next(text for text in results.texts if text.text == ARABIC)
    decide_comments(survey=results.survey, decisions={text: True}, by=secretariat)
    opened = fields(client)
    decide_comments(survey=results.survey, decisions={text: False}, by=secretariat)

    answer = client.post(ADDRESS, opened[ARABIC] | chosen(opened["AU explains."], "public"))

    assert answer.status_code == HTTPStatus.FOUND
    assert [found.text for found in released(compute_results(results.survey))] == ["AU explains."]


def test_two_who_decide_otherwise_see_each_other(client, round_of_three, results, secretariat):
    opened = fields(client)
    text = next(text for text in results.texts if text.text == ARABIC)
    decide_comments(survey=results.survey, decisions={text: False}, by=secretariat)

    refused = client.post(ADDRESS, chosen(opened[ARABIC], "public") | chosen(opened["AU explains."], "public"))

    assert refused.status_code == HTTPStatus.CONFLICT
    assert "Somebody else decided meanwhile: does not." in refused.content.decode()
    assert released(compute_results(results.survey)) == []
    # Nothing chosen is lost, and sent again it is a decision.
    lines = {line.text.text: line for line in refused.context["form"].lines}
    assert [line.field.value() for line in lines.values()] == ["public", "public"]
    data = {bound.html_name: bound.value() for line in lines.values() for bound in (line.field, line.then)}
    assert client.post(ADDRESS, data).status_code == HTTPStatus.FOUND
    assert len(released(compute_results(results.survey))) == 2


def test_two_who_decide_the_same_agree(client, round_of_three, results, secretariat):
    opened = fields(client)
    text = next(text for text in results.texts if text.text == ARABIC)
    decide_comments(survey=results.survey, decisions={text: True}, by=secretariat)
    assert client.post(ADDRESS, chosen(opened[ARABIC], "public")).status_code == HTTPStatus.FOUND


def test_a_text_that_changed_meanwhile_is_not_decided_unseen(client, round_of_three, results):
    opened = fields(client)
    Answer.objects.filter(value=ARABIC).update(value="Another text.")
    client.post(ADDRESS, chosen(opened[ARABIC], "public"))
    assert released(compute_results(results.survey)) == []
    assert "Another text." in {text.text for text in undecided(compute_results(results.survey))}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
class TestRace:
    def test_of_two_opposite_decisions_one_is_refused(self, results, secretariat):
        text = results.texts[0]

        def decide(number: int) -> int:
            return decide_comments(
                survey=results.survey, decisions={text: number % 2 == 0}, seen={text: None}, by=secretariat
            )

        outcomes = race(decide)

        refused = [outcome for outcome in outcomes if isinstance(outcome, Stale)]
        assert len(refused) == 10
        assert sorted(outcome for outcome in outcomes if isinstance(outcome, int)) == [0] * 9 + [1]
        assert CommentDecision.objects.count() == 1

    def test_the_control_shows_the_race(self, results, secretariat, monkeypatch):
        """Without the lock, two first decisions on one text meet in the database."""
        monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
        # Between reading and writing; longer than the threads take to start.
        monkeypatch.setattr(actions, "check_seen", lambda *places: time.sleep(0.3))
        text = results.texts[0]

        def decide(number: int) -> int:
            return decide_comments(
                survey=results.survey, decisions={text: number % 2 == 0}, seen={text: None}, by=secretariat
            )

        refused = [outcome for outcome in race(decide) if isinstance(outcome, IntegrityError)]
        assert len(refused) > 0
