import unicodedata

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from offices.models import validate_office_code
from portal.fields import KeyField, PartialDateField, validate_key, validate_partial_date
from portal.forms import TextField
from portal.text import MAX_TEXT, one_line, validate_text

CONTROL = [chr(code) for code in [*range(0x20), *range(0x7F, 0xA0)] if chr(code) not in "\t\n\r"]


def is_refused(validate, value):
    try:
        validate(value)
    except ValidationError:
        return True
    return False


# Text


@pytest.mark.parametrize("char", [*CONTROL, "\ud800", chr(0xDFFF), "\ufffe", "\uffff"])
def test_what_a_database_or_a_spreadsheet_cannot_hold_is_refused_by_its_number(char):
    with pytest.raises(ValidationError) as refused:
        validate_text(f"before{char}after")

    assert refused.value.messages == [f"holds the control character U+{ord(char):04X}; remove it"]


@pytest.mark.parametrize(
    "text", ["", "tab\tline\nreturn\r", "\u00a0", "العربية", "中文", "\U0001f600", "e\u0301", "\u202e"]
)
def test_all_other_text_is_kept(text):
    assert not is_refused(validate_text, text)


def test_the_longest_text_and_one_character_more():
    assert not is_refused(validate_text, "x" * MAX_TEXT)
    with pytest.raises(ValidationError) as refused:
        validate_text("x" * (MAX_TEXT + 1))
    assert refused.value.messages == ["is 100001 characters long; at most 100000 are kept"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("short", "short"),
        ("a\r\nb\tc\u2028d", "a  b c d"),
        ("a\x1b[2Jb\u202ec\u200fd", "a\ufffd[2Jb\ufffdc\ufffdd"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 60 + "…"),
    ],
)
def test_a_value_in_a_message_stands_on_one_line(value, shown):
    assert one_line(value) == shown


def test_half_a_character_can_be_shown():
    assert ascii(one_line("a" + chr(0xD800))) == ascii("a\ufffd")


@given(st.text())
def test_no_value_acts_on_the_message_that_shows_it(value):
    shown = one_line(value)

    assert len(shown.splitlines()) <= 1
    assert not [char for char in shown if unicodedata.category(char) in {"Cc", "Cf"}]


@pytest.mark.parametrize(
    ("typed", "kept", "stripped"),
    [("a\r\nb\rc\nd", "a\nb\nc\nd", "a\nb\nc\nd"), ("  a \r\n", "  a \n", "a"), (" \r\n\t", "", ""), (None, "", "")],
)
def test_a_text_is_kept_as_typed_with_one_kind_of_line_break(typed, kept, stripped):
    assert TextField(strip=False, required=False).clean(typed) == kept
    assert TextField(required=False).clean(typed) == stripped


def test_a_text_field_refuses_what_cannot_be_kept():
    assert is_refused(TextField(rows=2).clean, "a\x07b")


# Dates of which only a part is known


@pytest.mark.parametrize("date", ["2018", "2018-05", "2018-05-02", "2024-02-29", "0001", "9999-12-31"])
def test_dates_may_be_a_year_or_a_year_and_a_month(date):
    assert not is_refused(validate_partial_date, date)


@pytest.mark.parametrize(
    "date",
    [
        "0000",
        "18",
        "20180502",
        "2018-5",
        "2018-13",
        "2018-00",
        "2025-02-29",
        "2018-05-02T00:00",
        "2018-",
        " 2018",
        "2018\n",
        "2018-W05",
        "02.05.2018",
    ],
)
def test_what_the_calendar_does_not_have_is_no_date(date):
    with pytest.raises(ValidationError) as refused:
        validate_partial_date(date)

    assert refused.value.messages == ["is not a date: write 2018, 2018-05 or 2018-05-02"]


@pytest.mark.parametrize("date", ["٢٠١٨", "２０１８", "२०१८-०५"])
def test_dates_are_written_in_the_digits_of_iso_8601(date):
    assert is_refused(validate_partial_date, date)


def test_partial_dates_sort_as_text_before_what_they_hold():
    dates = ["2018", "2018-05", "2018-05-02", "2018-12", "2019"]

    assert sorted(dates) == dates


def test_the_length_of_a_partial_date_is_no_part_of_migrations():
    _name, path, args, kwargs = PartialDateField("date", blank=True).deconstruct()

    assert (path, args, kwargs) == ("portal.fields.PartialDateField", [], {"verbose_name": "date", "blank": True})
    assert PartialDateField().max_length == 10


# Keys


@pytest.mark.parametrize("key", ["cws-12-22", "R1", "a_b", "-", "0"])
def test_keys_are_letters_digits_hyphens_and_underscores(key):
    assert not is_refused(validate_key, key)


@pytest.mark.parametrize("key", ["", "a b", "a/b", "é", "a\n", "a;b", "a.b", "٣"])
def test_other_characters_are_no_key(key):
    with pytest.raises(ValidationError) as refused:
        validate_key(key)

    assert refused.value.messages == ["is not a key: use letters without accents, digits, hyphen and underscore"]


def test_a_key_fits_60_characters_unless_said_otherwise():
    assert (KeyField().max_length, KeyField(max_length=5).max_length) == (60, 5)


@pytest.mark.parametrize("code", ["NA", "NO", "AU", "EP", "12", "SAMPLE01"])
def test_office_codes_are_2_to_8_capitals_or_digits(code):
    assert not is_refused(validate_office_code, code)


@pytest.mark.parametrize("code", ["", "A", "au", "SAMPLE001", "A-B", "ÄU", "AU\n", "A1 "])
def test_other_office_codes_are_refused(code):
    assert is_refused(validate_office_code, code)
