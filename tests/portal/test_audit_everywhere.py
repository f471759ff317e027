"""Every write leaves its audit row, whichever way it comes; and where it fails, neither stays.

Each case of `tests.portal.writes` is driven twice: once whole, once broken off right after its audit row.
The lists at the end are compared with the portal itself, so that a new way to write needs a case there.
"""

import io
from http import HTTPStatus
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from offices.models import Membership, User
from portal import audit
from portal.admin.pages import PortalAdmin, ReadOnly
from portal.models import AuditEntry, ImportRecord, PendingImport
from portal.spreadsheets.kinds import all_kinds, resource_for
from portal.spreadsheets.writing import csv_lines
from portal.trail.labels import ACTIONS, label_of
from tests.factories import jiu, offices
from tests.factories.portal import load
from tests.portal.writes import CASES
from tests.portal.writes.cases import Row, Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def bureau_coordinator():
    return offices.MembershipFactory(office=jiu.make_bureau(), role=Membership.Role.COORDINATOR).user


def left(before: int) -> list[tuple[Row, User | None]]:
    """The audit rows since then, each with whose it is."""
    entries = AuditEntry.objects.filter(pk__gt=before).select_related("actor").order_by("pk")
    return [(Row(entry.action, entry.path, entry.office_code), entry.actor) for entry in entries]


def last_row() -> int:
    return AuditEntry.objects.aggregate(last=models.Max("pk"))["last"] or 0


def everything() -> dict[str, list[tuple]]:
    """All rows of the portal's own tables, but files that wait for confirmation."""
    own = [config for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR]
    tables = [model for config in own for model in config.get_models(include_auto_created=True)]
    return {
        model._meta.label: sorted(map(repr, model._base_manager.values_list()))
        for model in tables
        if model is not PendingImport
    }


@pytest.mark.parametrize("name", CASES)
def test_a_write_leaves_its_rows(request, name):
    persona, expected, prepare = CASES[name]
    scene = Scene(request, persona)
    act = prepare(scene)
    before = last_row()
    act()
    assert left(before) == [(row, scene.user) for row in expected]


class BrokenOff(Exception):
    pass


@pytest.mark.parametrize("name", CASES)
def test_a_write_that_fails_leaves_nothing(request, name, monkeypatch):
    """Broken off as late as can be: after its last audit row."""
    scene = Scene(request, CASES[name].persona)
    act = CASES[name].prepare(scene)
    before = everything()
    whole, still = audit.record, [len(CASES[name].expected)]

    def record_and_break(**entry):
        whole(**entry)
        still[0] -= 1
        if not still[0]:
            raise BrokenOff

    monkeypatch.setattr(audit, "record", record_and_break)
    with pytest.raises(BrokenOff):
        act()
    assert everything() == before


def test_a_row_outside_the_transaction_of_its_write_is_found(request, office, monkeypatch):
    """The control: a write that commits before its audit row stays when that fails."""

    def in_two_transactions():
        offices.OfficeFactory(code="XX")
        audit.record(by=None, path="form", action="add", subject="XX")
        raise BrokenOff

    before = everything()
    with pytest.raises(BrokenOff):
        in_two_transactions()
    assert everything() != before


# Every kind, every command, every route


def test_every_kind_leaves_one_row_a_file_and_none_where_nothing_changes():
    folders = [settings.BASE_DIR / "fixtures", settings.BASE_DIR / "fixtures" / "sample"]
    imported = set()
    for folder in folders:
        for kind in all_kinds():
            file = folder / f"{kind}.csv"
            for expected in [[(Row("import", "command"), None)], []] if file.exists() else []:
                before = last_row()
                load(kind, file.read_bytes())
                assert left(before) == expected, file
                imported.add(kind)
    rest = set(all_kinds()) - imported
    for kind in sorted(rest):
        resource = resource_for(kind)
        assert "".join(csv_lines(resource.column_names(), resource().export_rows())).count("\r\n") == 1, kind
    assert rest == {"endorsements", "invitation_terms", "questionnaires"}


def test_load_reference_leaves_a_row_for_each_file_that_writes():
    call_command("load_reference", sample=True, stdout=io.StringIO())
    assert {row for row, _who in left(0)} == {Row("import", "command")}
    assert AuditEntry.objects.count() == ImportRecord.objects.count()
    before = last_row()
    call_command("load_reference", sample=True, stdout=io.StringIO())
    assert left(before) == []


READING_COMMANDS = {"export_csv", "survey_results", "progress_report", "verify_publications"}
# In the place of a library's: tests/portal/test_refused_commands.py.
REFUSED_COMMANDS = {"import", "export", "clean_old_history", "clean_duplicate_history", "populate_history"}
# Tested where they stand.
OTHER_COMMANDS = {"load_reference": "above", "remove_second_factors": "tests/offices/test_people.py"}


def test_every_command_has_a_case_or_only_reads():
    own = {path.stem for path in settings.BASE_DIR.glob("*/management/commands/*.py")} - {"__init__"}
    assert own - set(CASES) - READING_COMMANDS - REFUSED_COMMANDS == set(OTHER_COMMANDS)


# Routes that take a POST and have no case: why not.
WITHOUT_CASE = {
    "jiu:import": "keeps the file for its preview, and writes nothing else",
    "set_language": "writes a cookie",
    "invitation": "tests/offices/test_invitations.py",
    "person_factors": "tests/offices/test_people.py",
    "usersessions_list": "ends sessions",
}
# django-allauth's own pages: tests/offices/ has those that change an account.
FOREIGN = ("account_", "mfa_")


def routes(patterns=None, namespaces=()):
    for found in patterns or get_resolver().url_patterns:
        if isinstance(found, URLResolver) and found.app_name != "admin":
            inner = (*namespaces, found.namespace) if found.namespace else namespaces
            yield from routes(found.url_patterns, inner)
        elif isinstance(found, URLPattern):
            yield ":".join([*namespaces, found.name or "?"]), found


SAMPLES = {"IntConverter": 1, "UUIDConverter": "0" * 8 + "-0000-0000-0000-" + "0" * 12}


def takes_post(client, name: str, route: URLPattern) -> bool:
    if not hasattr(route.pattern, "converters") or name.startswith(FOREIGN):
        return False
    kinds = {key: type(converter).__name__ for key, converter in route.pattern.converters.items()}
    address = reverse(name, kwargs={key: SAMPLES.get(kind, "x") for key, kind in kinds.items()})
    answer = client.options(address)
    return answer.status_code != HTTPStatus.METHOD_NOT_ALLOWED or "POST" in answer["Allow"]


def test_every_route_that_takes_a_post_has_a_case(client_of, administrator):
    client = client_of(administrator)
    taking = {name for name, route in routes() if takes_post(client, name, route)}
    covered = {name.partition(" ")[0] for name in CASES}
    assert taking - covered == set(WITHOUT_CASE)
    assert WITHOUT_CASE.keys() & covered == set()


def test_every_action_has_its_words_in_the_trail():
    actions = {row.action for item in CASES.values() for row in item.expected}
    assert {action for action in actions if action not in ACTIONS and label_of(action) == action} == set()


def test_every_admin_page_that_writes_leaves_rows():
    """They inherit it, or nobody can write there."""
    bare = [page for page in admin.site._registry.values() if not isinstance(page, PortalAdmin | ReadOnly)]
    assert bare == []
