"""Roman numerals: there and back, and what is none."""

import pytest

from portal.numerals import MOST, arabic, roman


@pytest.mark.parametrize(
    ("number", "numeral"),
    [
        (1, "I"),
        (4, "IV"),
        (9, "IX"),
        (11, "XI"),
        (14, "XIV"),
        (40, "XL"),
        (90, "XC"),
        (444, "CDXLIV"),
        (1999, "MCMXCIX"),
        (2026, "MMXXVI"),
        (3888, "MMMDCCCLXXXVIII"),
        (3999, "MMMCMXCIX"),
    ],
)
def test_a_number_as_a_numeral(number, numeral):
    assert roman(number) == numeral


def test_every_number_comes_back():
    assert [arabic(roman(number)) for number in range(1, MOST + 1)] == list(range(1, MOST + 1))


@pytest.mark.parametrize("number", [-1, 0, 4000])
def test_other_numbers_have_no_numeral(number):
    with pytest.raises(ValueError, match=rf"\A{number} has no Roman numeral"):
        roman(number)


@pytest.mark.parametrize(
    "text", ["", "A", "IIII", "IM", "VX", "IXI", "MMMM", "iv", "11", " I", "I\n", "Ⅳ", "M" * 100_000]
)
def test_what_is_no_numeral(text):
    with pytest.raises(ValueError, match="is no Roman numeral"):
        arabic(text)
