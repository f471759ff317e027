"""The table is whole: every route has a policy, every policy a route, and neither tells who is whose."""

import pathlib

import pytest

from tests.factories.matrix import (
    MARK,
    OFFICES,
    OWNERS,
    PERSONAS,
    SCOPES,
    UNSEEN,
    every_model,
    text_fields,
)
from tests.matrix.asking import fingerprint, undone
from tests.matrix.cells import METHODS, READERS, lets_pass
from tests.matrix.routes import all_routes
from tests.matrix.table import TABLE, policies

pytestmark = pytest.mark.django_db


def test_every_route_has_a_policy_and_every_policy_a_route():
    assert sorted(policies()) == sorted(all_routes())
    assert [name for name in TABLE if name.startswith("admin:")] == []


def test_every_route_is_asked_in_one_of_the_files():
    files = {path.stem.removeprefix("test_") for path in pathlib.Path(__file__).parent.glob("test_*.py")}
    assert {route.area for route in all_routes().values()} <= files


def test_every_parameter_is_filled(ground):
    unfilled = [
        f"{name} for {persona.name}, {relation}"
        for name, policy in policies().items()
        for persona in PERSONAS
        for relation, kwargs in policy.objects(ground.world, persona).items()
        if set(kwargs) != all_routes()[name].parameters
    ]
    assert unfilled == []


def test_routes_of_an_object_are_asked_for_one_that_is_missing(ground):
    persona = next(item for item in PERSONAS if item.name == "coordinator")
    lacking = [
        name
        for name, policy in policies().items()
        if all_routes()[name].parameters and "missing" not in policy.objects(ground.world, persona)
    ]
    assert lacking == []


def test_the_table_tells_nobody_of_a_foreign_object_more_than_of_a_missing_one(ground):
    """Who reads everything may be told why they cannot; all others learn nothing."""
    telling = [
        f"{method} {name} as {persona.name}: {hidden}"
        for name, policy in TABLE.items()
        for persona in PERSONAS
        if persona.name not in READERS
        for method in METHODS
        for hidden, missing in (("foreign", "missing"), ("crossed", "missing child"))
        if {hidden, missing} <= set(policy.objects(ground.world, persona))
        and not lets_pass(policy.expected(persona.name, method, hidden))
        and policy.expected(persona.name, method, hidden) != policy.expected(persona.name, method, missing)
    ]
    assert telling == []


# The world that is asked about


def test_of_every_model_it_is_said_whose_its_rows_are():
    labels = {model._meta.label for model in every_model()}
    assert sorted([*OWNERS, *SCOPES, *UNSEEN]) == sorted(labels)


@pytest.mark.parametrize("office", OFFICES)
def test_every_text_of_an_office_holds_a_mark(ground, office):
    bare = [
        f"{model._meta.label}.{field.name}"
        for model in every_model()
        if (owner := OWNERS.get(model._meta.label))
        for field in text_fields(model)
        if not any(
            MARK.search(str(value))
            for value in model._base_manager.filter(**{f"{owner}__code": office}).values_list(field.name, flat=True)
        )
    ]
    # What stands in addresses is no secret, and said again in the answer to whoever typed it.
    keys = {"assistance.Request.key", "surveys.Question.key", "surveys.QuestionOption.key", "surveys.Survey.key"}
    assert set(bare) <= keys


def test_the_watch_sees_a_write_and_takes_it_back(ground):
    changed: set[str] = set()
    with undone(ground.before, changed):
        ground.world.offices["AU"].name = "Another"
        ground.world.offices["AU"].save()

    assert changed == {"offices_office", "offices_historicaloffice"}
    assert fingerprint() == ground.before
