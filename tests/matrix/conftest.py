"""One world for all tests of a file, taken back at its end; every route of the portal as a parameter."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test.utils import override_settings

from tests.factories.matrix import make_world
from tests.matrix.asking import fingerprint
from tests.matrix.cells import Ground
from tests.matrix.routes import all_routes
from tests.matrix.table import policies

QUICK = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with `route` is asked for every route of the area that its file is named after."""
    if "route" in metafunc.fixturenames:
        area = metafunc.module.__name__.rpartition("test_")[2]
        metafunc.parametrize("route", [name for name, route in all_routes().items() if route.area == area])


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker) -> Iterator[Ground]:
    """The world, what the database holds then, and who may what."""
    with django_db_blocker.unblock(), override_settings(**QUICK), transaction.atomic():
        yield Ground(make_world(), fingerprint(), policies(), all_routes())
        transaction.set_rollback(True)


@pytest.fixture
def red(ground, route, record_property) -> list[str]:
    """What is wrong at the route; how many cells were asked goes into the report of the test."""
    before = ground.cells
    found = ground.red(route)
    record_property("cells", ground.cells - before)
    return found
