"""The reference menu and the sample requests: what they hold, and that they obey the rules of the portal."""

import csv
import re

import pytest
from django.conf import settings
from django.core.management import call_command

from assistance import policies
from assistance.models import Activity, Programme, Request, RequestStep, Status
from tests.factories.portal import export_csv

pytestmark = pytest.mark.django_db

FIXTURES = settings.BASE_DIR / "fixtures"

INSTITUTIONS = {
    "academic institutions": [9, 10, 11, 12],
    "business incubators": [8],
    "business support institutions": [10],
    "businesses": [9],
    "chambers of commerce": [8],
    "collective management organizations": [6],
    "creative industry support institutions": [8],
    "government institutions": [1, 2, 3, 4, 5, 7],
    "government institutions that support SMEs": [8],
    "industry associations": [6],
    "innovation centers": [8],
    "IP offices": [6, 7, 8],
    "policy-makers": [1, 2, 3],
    "research institutions": [6, 9, 10, 11],
    "science parks": [8],
    "SME support institutions": [8],
    "technology transfer offices": [8],
    "universities": [8, 9, 10, 11, 12],
}
LIMITS = {
    "countries with economies in transition": [2],
    "developing countries": [2, 9, 11],
    "least developed countries": [2],
}


@pytest.fixture
def loaded(db) -> None:
    call_command("load_reference", sample=True, verbosity=0)


def numbers_by_term(field: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for programme in Programme.objects.order_by("number"):
        for term in getattr(programme, field).splitlines():
            found.setdefault(term, []).append(programme.number)
    return dict(sorted(found.items(), key=lambda item: item[0].casefold()))


def test_the_menu_has_the_twelve_programmes_of_the_source(loaded):
    rows = Programme.objects.order_by("number")
    assert [programme.number for programme in rows] == list(range(1, 13))
    assert {str(programme.recommendation) for programme in rows} == {str(rows[0].recommendation)}
    recommendation = rows[0].recommendation
    assert (recommendation.recommendation_set.key, recommendation.number) == ("development-agenda", 10)
    assert {(programme.as_of, programme.is_active) for programme in rows} == {("2008", True)}
    assert all("CDIP" in programme.source and "Annex" in programme.source for programme in rows)


def test_the_vocabulary_is_that_of_the_source_with_the_footnote_of_programme_8(loaded):
    assert numbers_by_term("institutions") == INSTITUTIONS
    assert list(numbers_by_term("institutions")) == list(INSTITUTIONS)
    assert numbers_by_term("limited_to") == LIMITS


def test_only_programme_4_expects_no_outcomes(loaded):
    assert list(Programme.objects.filter(expected_outcomes="").values_list("number", flat=True)) == [4]
    assert not Programme.objects.filter(objectives="").exists()
    assert not Programme.objects.filter(activities="").exists()


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        ("programmes", "programmes.csv"),
        ("requests", "sample/requests.csv"),
        ("request_steps", "sample/request_steps.csv"),
        ("activities", "sample/activities.csv"),
    ],
)
def test_the_files_are_what_an_export_gives(loaded, kind, file):
    assert export_csv(kind).replace(b"\r\n", b"\n") == (FIXTURES / file).read_bytes()


def test_loading_a_second_time_changes_nothing(loaded, capsys):
    call_command("load_reference", sample=True)
    lines = [line for line in capsys.readouterr().out.splitlines() if re.match("programmes|request|activities", line)]
    assert len(lines) == 4
    assert all(" 0 added, 0 changed," in line for line in lines)


def test_sample_requests_are_of_sample_offices_and_say_so(loaded):
    assert not Request.objects.filter(office__is_sample=False).exists()
    texts = [
        *Request.objects.values_list("purpose", flat=True),
        *Request.objects.exclude(institution="").values_list("institution", flat=True),
        *RequestStep.objects.exclude(note="").values_list("note", flat=True),
        *Activity.objects.exclude(outcome="").values_list("outcome", flat=True),
    ]
    assert [text for text in texts if not text.startswith("Sample: ")] == []


def test_sample_requests_stand_in_every_state(loaded):
    counted = {status: Request.objects.with_status().filter(status=status).count() for status in Status}
    assert counted == {
        Status.REQUESTED: 2,
        Status.UNDER_DISCUSSION: 2,
        Status.AGREED: 1,
        Status.ONGOING: 2,
        Status.COMPLETED: 7,
        Status.DECLINED: 1,
        Status.WITHDRAWN: 2,
    }


def test_sample_steps_go_along_the_allowed_transitions(loaded):
    for request in Request.objects.all():
        steps = list(request.steps.order_by("date", "pk").values_list("date", "status"))
        assert policies.chain_faults(steps) == []
        assert [step for step in request.steps.all() if policies.note_fault(step.status, step.note)] == []


def test_the_menu_is_in_single_entries_without_full_stops():
    with (FIXTURES / "programmes.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    entries = [
        entry
        for row in rows
        for column in ("institutions", "limited_to", "activities", "expected_outcomes")
        for entry in row[column].split("; ")
    ]
    assert [entry for entry in entries if entry != entry.strip() or entry.endswith(".") or ";" in entry] == []
