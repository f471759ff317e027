"""2,000 saves of forms that several people have open at once: what is accepted stays, and all others are told.

Twenty people open the same form, add a line of their own to what they find there, and press the button at the same
moment; then they open it anew, and so on. A save that is accepted and lost would be missing in the last text, since
whoever saves next has all lines before them.
"""

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

import pytest
from django import forms
from django.core.signals import request_finished
from django.db import close_old_connections
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assistance.models import Programme
from jiu.models import Update
from offices.models import Membership, Office, User
from portal import audit
from portal.models import AuditEntry
from recommendations.models import Recommendation, StatusReport
from surveys.forms.response import ResponseForm
from surveys.models import Answer
from tests.concurrency.browsers import Server
from tests.factories.assistance import ProgrammeFactory
from tests.factories.jiu import CallFactory, UpdateFactory, make_bureau, make_jiu_recommendation
from tests.factories.offices import MembershipFactory, OfficeFactory, UserFactory
from tests.factories.recommendations import RecommendationFactory
from tests.factories.surveys import InvitationFactory, QuestionFactory, SurveyFactory
from tests.html_forms import Forms
from tests.races import WRITERS, race

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

ROUNDS = 20


@dataclass(frozen=True)
class Shared:
    """A form that several people may save: where it stands, its field of text, and what the database keeps of it."""

    people: list[User]
    address: str
    name: str
    saved: Callable[[], str]
    # Every text that was ever saved, in order, where the database keeps them; else how many saves it counts.
    kept: Callable[[], list[str] | int]
    others: dict[str, str] = field(default_factory=dict)


def colleagues(office: Office, role: str) -> list[User]:
    return [MembershipFactory(office=office, role=role).user for _number in range(WRITERS)]


def answers_to_a_round() -> Shared:
    survey, office = SurveyFactory(open_now=True), OfficeFactory()
    QuestionFactory(survey=survey, key="proposals")
    InvitationFactory(survey=survey, office=office)
    return Shared(
        colleagues(office, Membership.Role.CONTRIBUTOR),
        reverse("surveys:respond", args=[survey.key, office.code]),
        "q.proposals",
        lambda: Answer.objects.get().value,
        lambda: Answer.objects.get().response.version,
        {"save": "1"},
    )


def status_of_an_office() -> Shared:
    office, item = OfficeFactory(), RecommendationFactory()
    reports = StatusReport.objects.order_by("revision").values_list("assessment", flat=True)
    return Shared(
        colleagues(office, Membership.Role.CONTRIBUTOR),
        reverse("status:set", args=[office.code, item.recommendation_set.key]),
        "1.assessment",
        lambda: reports.last() or "",
        lambda: list(reports.all()),
        {"1.acceptance": "accepted"},
    )


def answer_to_a_call() -> Shared:
    item = make_jiu_recommendation()
    update = UpdateFactory(call=CallFactory(as_at=timezone.localdate()), recommendation=item)
    return Shared(
        colleagues(make_bureau(), Membership.Role.COORDINATOR),
        reverse("jiu:answer", args=[str(update.call), item.recommendation_set.key, item.number]),
        "1.assessment",
        lambda: Update.objects.get().assessment,
        lambda: Update.objects.get().steps.filter(kind="answered").count(),
        {"1.acceptance": "accepted", "1.implementation": "in_progress"},
    )


def programme_of_the_menu() -> Shared:
    programme = ProgrammeFactory(number=1)
    history = Programme.history.filter(history_type="~").order_by("history_id")
    return Shared(
        [UserFactory(role=User.Role.SECRETARIAT) for _number in range(WRITERS)],
        reverse("assistance:programme_edit", args=[1]),
        "objectives",
        lambda: Programme.objects.get(pk=programme.pk).objectives,
        lambda: list(history.values_list("objectives", flat=True)),
    )


def row_of_the_administration() -> Shared:
    item = RecommendationFactory()
    history = Recommendation.history.filter(history_type="~").order_by("history_id")
    return Shared(
        [UserFactory(role=User.Role.ADMINISTRATOR) for _number in range(WRITERS)],
        reverse("admin:recommendations_recommendation_change", args=[item.pk]),
        "official_text",
        lambda: Recommendation.objects.get().official_text,
        lambda: list(history.values_list("official_text", flat=True)),
        {"_save": "1"},
    )


FORMS = [
    answers_to_a_round,
    status_of_an_office,
    answer_to_a_call,
    programme_of_the_menu,
    row_of_the_administration,
]


# The race


@dataclass
class Race:
    """People who save the same form round by round, all of them at the same moment."""

    server: Server
    shared: Shared
    rounds: int
    opened: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cookies = [cookies_of(person) for person in self.shared.people]
        # The last to arrive opens the form for all, before anybody sends it.
        self.start = threading.Barrier(WRITERS, action=self.open_form, timeout=60)
        self.end = threading.Barrier(WRITERS, timeout=60)

    def open_form(self) -> None:
        page = self.server.get(self.cookies[0], self.shared.address).content.decode()
        [found] = [form for form in Forms(page).found if self.shared.name in form.fields]
        self.opened = found.fields

    def run(self) -> "Found":
        every = race(self.save_round_by_round)
        return Found(self.shared, [one for some in every for one in told_apart(some)])

    def save_round_by_round(self, number: int) -> list["Save"]:
        saves = []
        for turn in range(self.rounds):
            self.start.wait()
            line = f"Turn {turn}, writer {number}."
            text = "\n".join([*self.opened[self.shared.name], line]).strip()
            fields = {**self.opened, **self.shared.others, self.shared.name: text}
            answer = self.server.post(self.cookies[number], self.shared.address, fields)
            saves.append(Save(turn, line, answer.status_code, is_shown(line, answer)))
            self.end.wait()
        return saves


def told_apart(saves: object) -> list["Save"]:
    if isinstance(saves, Exception):
        raise saves
    return saves


def cookies_of(person: User) -> SimpleCookie:
    client = Client()
    client.force_login(person)
    return client.cookies


def is_shown(line: str, answer: HttpResponseBase) -> bool:
    return line in answer.content.decode()


@dataclass(frozen=True)
class Save:
    turn: int
    line: str
    status: int
    comes_back: bool  # the line stands in the answer, so that nothing typed is lost


@dataclass(frozen=True)
class Found:
    shared: Shared
    saves: list[Save]

    @property
    def statuses(self) -> Counter[int]:
        return Counter(int(save.status) for save in self.saves)

    @property
    def accepted(self) -> list[str]:
        """The lines that were saved, as the answers say, in the order of the rounds."""
        return [save.line for save in sorted(self.saves, key=lambda save: save.turn) if save.status == 302]

    @property
    def lost(self) -> list[str]:
        standing = lines_of(self.shared.saved())
        return [line for line in self.accepted if line not in standing]


def lines_of(text: str) -> list[str]:
    return re.findall(r"Turn \d+, writer \d+\.", text)


@pytest.fixture
def server() -> Iterator[Server]:
    yield Server()
    request_finished.connect(close_old_connections)


@pytest.mark.parametrize("make", FORMS, ids=lambda make: make.__name__)
def test_no_accepted_save_is_lost_and_every_conflict_is_told(server, make):
    """Five forms, 20 rounds, 20 people: 2,000 saves."""
    assert len(FORMS) * ROUNDS * WRITERS == 2_000
    shared = make()
    found = Race(server, shared, ROUNDS).run()
    assert found.statuses == {302: ROUNDS, 409: ROUNDS * (WRITERS - 1)}
    assert Counter(save.turn for save in found.saves if save.status == 302) == Counter(range(ROUNDS))
    assert [save.line for save in found.saves if save.status == 409 and not save.comes_back] == []
    assert (found.lost, lines_of(shared.saved())) == ([], found.accepted)
    # That an office opened its questionnaire is a row of its own, the first time.
    assert AuditEntry.objects.exclude(action="open questionnaire").count() == ROUNDS
    every = [found.accepted[:count] for count in range(1, ROUNDS + 1)]
    kept = shared.kept()
    assert kept == ROUNDS if isinstance(kept, int) else [lines_of(text) for text in kept] == every


# The controls


class Wildcard(str):
    """A version as text, the same as any other."""

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str)

    def __ne__(self, other: object) -> bool:
        return not isinstance(other, str)


class Whatever(int):
    """A version that is the same as any other."""

    __hash__ = int.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int)

    def __ne__(self, other: object) -> bool:
        return not isinstance(other, int)

    def __str__(self) -> str:
        return Wildcard()


@pytest.mark.parametrize("make", FORMS, ids=lambda make: make.__name__)
def test_without_the_version_accepted_saves_are_lost(server, monkeypatch, make):
    read = forms.IntegerField.to_python
    monkeypatch.setattr(forms.IntegerField, "to_python", lambda self, value: Whatever(read(self, value) or 0))
    monkeypatch.setattr(ResponseForm, "opened_version", lambda form, question: Whatever())
    found = Race(server, make(), 1).run()
    assert (found.statuses, len(found.lost)) == ({302: WRITERS}, WRITERS - 1)


@pytest.mark.parametrize("make", FORMS, ids=lambda make: make.__name__)
def test_without_the_lock_the_race_is_not_what_it_should_be(server, monkeypatch, make):
    """Several are accepted or break off: the database then refuses the same row twice."""
    whole = audit.record

    def record(**entry):
        threading.Event().wait(0.2)  # the others look meanwhile at what stands
        return whole(**entry)

    monkeypatch.setattr(audit, "record", record)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows.all())
    found = Race(server, make(), 1).run()
    assert found.statuses != {302: 1, 409: WRITERS - 1}
