"""Who may take which step, and the table of steps that everything else asks."""

import datetime
from pathlib import Path

import pytest

from assistance import policies
from assistance.models import Status
from assistance.policies import Side

DOCS = Path(__file__).resolve().parents[2] / "docs" / "assistance.md"
FROM = "<!-- transitions -->\n"
TO = "<!-- /transitions -->"
DAY = datetime.date(2026, 3, 2)
NEXT = datetime.date(2026, 3, 3)

EVERYBODY = [
    "viewer",
    "contributor",
    "coordinator",
    "other_coordinator",
    "secretariat",
    "administrator",
    "auditor",
    "anonymous",
]


def test_the_table_says_what_may_follow_what():
    assert {before and before.value: [after.value for after in following] for before, following in TABLE} == {
        None: ["requested"],
        "requested": ["under_discussion", "agreed", "declined", "withdrawn"],
        "under_discussion": ["agreed", "declined", "withdrawn"],
        "agreed": ["ongoing", "declined", "withdrawn"],
        "ongoing": ["completed", "withdrawn"],
        "completed": [],
        "declined": [],
        "withdrawn": [],
    }
    assert set(policies.TRANSITIONS) == {None, *Status}


TABLE = list(policies.TRANSITIONS.items())
STEPS = [(after, how) for _before, following in TABLE for after, how in following.items()]


def test_each_status_is_reached_by_one_side_only():
    sides = {status: {how.by for after, how in STEPS if after == status} for status in Status}
    assert sides == {
        Status.REQUESTED: {Side.OFFICE},
        Status.UNDER_DISCUSSION: {Side.SECRETARIAT},
        Status.AGREED: {Side.SECRETARIAT},
        Status.ONGOING: {Side.SECRETARIAT},
        Status.COMPLETED: {Side.SECRETARIAT},
        Status.DECLINED: {Side.SECRETARIAT},
        Status.WITHDRAWN: {Side.OFFICE},
    }


def test_only_declining_needs_a_reason():
    assert {after for after, how in STEPS if how.needs_note} == {Status.DECLINED}
    assert policies.note_fault("declined", " \n") == "A request can only become “declined” with a reason."
    assert policies.note_fault("declined", "No funds.") == policies.note_fault("agreed", "") == ""


def test_every_transition_goes_on_in_the_order_of_one_day():
    """Else steps of one day could not be put in order."""
    assert all(
        policies.ORDER[before] < policies.ORDER[after] for before, following in TABLE if before for after in following
    )


def test_the_ends_are_ends():
    assert {Status.COMPLETED, Status.DECLINED, Status.WITHDRAWN} == policies.ENDED


def test_the_docs_hold_the_diagram_of_the_table():
    written = DOCS.read_text().partition(FROM)[2].partition(TO)[0]
    assert written == policies.transitions_in_markdown()


def test_the_diagram_changes_with_the_table(monkeypatch):
    before = policies.transitions_in_markdown()
    changed = {**policies.TRANSITIONS, Status.DECLINED: {Status.REQUESTED: policies.ASKED}}
    monkeypatch.setattr(policies, "TRANSITIONS", changed)
    assert "    declined --> requested: office\n" in policies.transitions_in_markdown() != before


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("requested", "agreed", ""),
        (None, "requested", ""),
        (None, "agreed", "A request without a step cannot become “agreed”: it begins with “requested”."),
        (
            "agreed",
            "completed",
            "A request that is “agreed” cannot become “completed”: it may become “ongoing”, “declined”, “withdrawn”.",
        ),
        (
            "declined",
            "agreed",
            "A request that is “declined” cannot become “agreed”: nothing follows it.",
        ),
    ],
)
def test_a_refusal_names_both_and_what_is_allowed(before, after, sentence):
    assert policies.transition_fault(before, after) == sentence


def test_a_step_is_neither_before_the_last_nor_in_the_future():
    assert policies.date_fault(DAY, DAY, DAY) == ""
    assert policies.date_fault(NEXT, DAY, DAY) == "This day is still to come."
    assert policies.date_fault(DAY, NEXT, NEXT) == "This day is before the last step, which was on 3 March 2026."


def test_a_day_has_what_was_before_it_and_what_came_on_it():
    steps = [(DAY, "requested"), (DAY, "agreed"), (NEXT, "ongoing")]
    assert policies.stood_on(steps, DAY) == {"requested", "agreed"}
    assert policies.stood_on(steps, NEXT) == {"agreed", "ongoing"}
    assert policies.stood_on(steps, DAY - datetime.timedelta(days=1)) == set()


def test_steps_of_one_day_stand_as_one_leads_to_the_other():
    steps = [(NEXT, "requested"), (DAY, "agreed"), (DAY, "requested"), (DAY, "under_discussion")]
    assert policies.in_order(steps) == [
        (DAY, "requested"),
        (DAY, "under_discussion"),
        (DAY, "agreed"),
        (NEXT, "requested"),
    ]


@pytest.mark.django_db
def test_who_asks_and_who_answers(personas, office):
    asks = {name: policies.may_ask_for(user).filter(pk=office.pk).exists() for name, user in personas.items()}
    answers = {name: policies.may_answer(user) for name, user in personas.items()}
    keeps = {name: policies.may_keep_menu(user) for name, user in personas.items()}
    sees = {name: policies.sees_queue(user) for name, user in personas.items()}
    assert {name for name in EVERYBODY if asks[name]} == {"contributor", "coordinator"}
    assert {name for name in EVERYBODY if answers[name]} == {"secretariat", "administrator"}
    assert keeps == answers
    assert {name for name in EVERYBODY if sees[name]} == {"secretariat", "administrator", "auditor"}


@pytest.mark.django_db
def test_who_may_take_which_step(personas, office):
    steps = {name: policies.next_steps(user, office, Status.AGREED) for name, user in personas.items()}
    nobody: dict[str, list[Status]] = {name: [] for name in ("viewer", "other_coordinator", "auditor", "anonymous")}
    assert steps == {
        **nobody,
        "contributor": [Status.WITHDRAWN],
        "coordinator": [Status.WITHDRAWN],
        "secretariat": [Status.ONGOING, Status.DECLINED],
        "administrator": [Status.ONGOING, Status.DECLINED],
    }
