from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.figures import percent_of


@pytest.mark.parametrize(
    ("count", "base", "percent"),
    [
        (1, 8, 13),
        (3, 8, 38),
        (5, 8, 63),
        (7, 8, 88),
        (1, 200, 1),
        (1, 201, 0),
        (199, 200, 100),
        (0, 21, 0),
        (21, 21, 100),
        (14, 21, 67),
        (1, 3, 33),
        (2, 3, 67),
    ],
)
def test_halves_are_rounded_up(count, base, percent):
    assert percent_of(count, base) == percent


def test_a_base_of_0_has_no_percentage():
    assert percent_of(0, 0) is None


@given(st.integers(1, 10**12).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base))))
def test_every_share_is_the_exact_one_rounded_half_up(share):
    count, base = share

    assert percent_of(count, base) == floor(Fraction(100 * count, base) + Fraction(1, 2))


@given(st.integers(1, 10**12).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base))))
def test_a_percentage_is_a_whole_number_from_0_to_100(share):
    percent = percent_of(*share)

    assert type(percent) is int
    assert 0 <= percent <= 100
