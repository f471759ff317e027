from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.figures import in_per_cent, percent_of, with_share


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


def test_a_share_is_printed_with_its_count_or_a_dash():
    assert [in_per_cent(57), in_per_cent(0), in_per_cent(None)] == ["57%", "0%", "–"]
    assert [with_share(12, 57), with_share(0, 0), with_share(0, None)] == ["12 (57%)", "0 (0%)", "0 (–)"]


@given(st.integers(1, 10**12).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base))))
def test_every_share_is_the_exact_one_rounded_half_up(share):
    count, base = share

    assert percent_of(count, base) == floor(Fraction(100 * count, base) + Fraction(1, 2))


@given(st.integers(1, 10**12).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base))))
def test_a_percentage_is_a_whole_number_from_0_to_100(share):
    percent = percent_of(*share)

    assert type(percent) is int
    assert 0 <= percent <= 100
