"""The same form sent by 20 browsers at the same moment, as by an impatient finger or a proxy that tries again.

Every way to write that `tests.portal.writes` knows is sent so, and what it leaves is compared with what one leaves.
"""

import itertools
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core import mail
from django.core.cache import cache
from django.core.signals import request_finished
from django.db import close_old_connections, connection, models, transaction
from django.db.models import QuerySet
from django.test import RequestFactory

from assistance import actions
from offices.models import Membership
from portal import audit
from portal.models import AuditEntry
from tests.concurrency.browsers import Recorder, Sent, Server
from tests.concurrency.more_writes import ADDED, MAKE_NOTHING, MORE
from tests.factories import jiu, offices
from tests.html_forms import send
from tests.portal.test_audit_everywhere import FOREIGN, routes, takes_post
from tests.portal.writes import CASES
from tests.portal.writes.cases import Case, Row, Scene
from tests.races import WRITERS, race

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

# A command is no form, nor is looking at one for the first time (tests/surveys/test_round_races.py).
FORMS = {**{name: case for name, case in CASES.items() if case.persona and name != "surveys:respond opened"}, **MORE}


@pytest.fixture
def bureau_coordinator():
    return offices.MembershipFactory(office=jiu.make_bureau(), role=Membership.Role.COORDINATOR).user


@pytest.fixture
def server():
    cache.clear()
    yield Server()
    request_finished.connect(close_old_connections)


class RacingScene(Scene):
    """As the scene of one write, in a browser that keeps its form."""

    def __init__(self, request, persona: str) -> None:
        super().__init__(request, persona)
        self.client = Recorder()
        if self.user:
            self.client.force_login(self.user)

    def form(self, case: Case) -> Sent:
        act = case.prepare(self)
        with self.client.keeping() as kept:
            act()
        [form] = kept
        return form


@dataclass(frozen=True)
class Left:
    """What a form left behind: rows more or fewer by table, audit rows, mails."""

    rows: dict[str, int]
    audited: list[Row]
    mails: int


def tables() -> list[type[models.Model]]:
    """The portal's own and those of second factors; sessions are no effect of a form."""
    own = [config for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR]
    foreign = [apps.get_app_config("mfa"), apps.get_app_config("account")]
    return [model for config in own + foreign for model in config.get_models(include_auto_created=True)]


class Before:
    """What is there before a form is sent."""

    def __init__(self) -> None:
        self.counts = self.count()
        self.mails = len(mail.outbox)
        self.last = AuditEntry.objects.aggregate(last=models.Max("pk"))["last"] or 0

    @staticmethod
    def count() -> Counter:
        return Counter({model._meta.label: model._base_manager.count() for model in tables()})

    def left(self) -> Left:
        now = self.count()
        rows = {label: now[label] - self.counts[label] for label in now if now[label] != self.counts[label]}
        entries = AuditEntry.objects.filter(pk__gt=self.last).order_by("pk")
        audited = [Row(entry.action, entry.path, entry.office_code) for entry in entries]
        return Left(rows, audited, len(mail.outbox) - self.mails)


def sent_once(server: Server, scene: Scene, form: Sent) -> Left:
    """What the form leaves when it is sent once; taken back then."""
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        # What is left until the commit is done at once, as there is none.
        patch.setattr(connection, "on_commit", lambda work, *_options, **_more: work())
        before = Before()
        server.send(scene.client.cookies, form)
        left = before.left()
        transaction.set_rollback(True)
    cache.clear()
    del mail.outbox[before.mails :]
    return left


def sent_by_all(server: Server, scene: Scene, form: Sent) -> tuple[Left, Counter]:
    """What it leaves when 20 send it at the same moment, and how these were answered."""
    before = Before()
    answers = race(lambda _n: server.send(scene.client.cookies, form).status_code)
    return before.left(), Counter(answers)


@pytest.mark.parametrize("name", FORMS)
def test_twenty_of_the_same_form_have_one_effect(request, server, name):
    case = FORMS[name]
    scene = RacingScene(request, case.persona)
    form = scene.form(case)
    once = sent_once(server, scene, form)
    assert (once.audited, once.mails <= 1) == (case.expected, True)
    left, answers = sent_by_all(server, scene, form)
    assert left == once
    assert (answers.total(), [answer for answer in answers if answer >= 500]) == (WRITERS, [])


def test_each_page_of_administrators_adds_one_row(request, server):
    """One after the other: they share a class, and differ in what the database holds to be the same row."""
    scene = RacingScene(request, "administrator")
    outcomes = {}
    for model in admin.site._registry:
        label = model._meta.label
        if label in ADDED:
            address = scene.url(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
            case = Case("administrator", [], lambda one, to=address, of=label: adding(one, to, ADDED[of]()))
            left, answers = sent_by_all(server, scene, scene.form(case))
            audited = [row.action for row in left.audited]
            outcomes[label] = left.rows[label], audited, max(answers) < 500, answers[HTTPStatus.FOUND]
    assert outcomes == {label: (1, [f"add {label.partition('.')[2].lower()}"], True, 1) for label in ADDED}


def adding(scene: Scene, address: str, fields: dict[str, object]):
    return lambda: send(scene.client, address, _save="1", **fields)


# Nothing is forgotten


def test_every_page_that_adds_rows_is_among_them(client_of, administrator):
    request = RequestFactory().get("/")
    request.user = administrator
    pages = {model._meta.label for model, page in admin.site._registry.items() if page.has_add_permission(request)}
    assert pages == set(ADDED)


def test_every_route_that_takes_a_form_is_among_them(client_of, administrator):
    client = client_of(administrator)
    named = {name.partition(" ")[0].partition(",")[0] for name in FORMS} - {"admin"}
    taking = {name for name, route in routes() if name.startswith(FOREIGN) or takes_post(client, name, route)}
    assert taking == named | set(MAKE_NOTHING)
    assert named & set(MAKE_NOTHING) == set()


# The controls: without what keeps it so, the proof finds more than one effect, or an error


def found_by_the_proof(request, server, name: str) -> bool:
    case = FORMS[name]
    scene = RacingScene(request, case.persona)
    form = scene.form(case)
    once = sent_once(server, scene, form)
    left, answers = sent_by_all(server, scene, form)
    return left != once or max(answers) >= 500


@pytest.fixture
def slow_trail(monkeypatch):
    """Whoever writes takes their time before the commit."""
    whole = audit.record

    def record(**entry):
        time.sleep(0.1)
        return whole(**entry)

    monkeypatch.setattr(audit, "record", record)


UNLOCKED = ["jiu:decide comment", "assistance:activity", "people_invite", "admin delete several", "mfa_activate_totp"]


@pytest.mark.parametrize("name", UNLOCKED)
def test_without_locks_it_is_found(request, server, slow_trail, monkeypatch, name):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows.all())
    assert found_by_the_proof(request, server, name)


def test_with_a_token_of_its_own_for_each_form_it_is_found(request, server, monkeypatch):
    """As many requests as forms."""
    tokens = map(uuid.UUID, map("{:032x}".format, itertools.count(1)))
    whole = actions.ask
    monkeypatch.setattr(actions, "ask", lambda **said: whole(**{**said, "token": next(tokens)}))
    assert found_by_the_proof(request, server, "assistance:ask")
