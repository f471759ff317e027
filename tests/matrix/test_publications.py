"""Every route of the area, as everybody, by every method, for every kind of object."""

import pytest

pytestmark = pytest.mark.django_db


def test_a_route_answers_everybody_as_the_table_says(red):
    assert red == []
