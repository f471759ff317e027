"""Rules that hold for every text of the portal, wherever it comes from."""

import datetime
import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _

# Control characters but tab, line feed and carriage return, and lone surrogates: PostgreSQL, XML or
# UTF-8 cannot hold one or the other, so they are refused where they come in.
UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
MAX_TEXT = 100_000
# By Unicode's general categories: what controls, formats, separates, or stands upon a letter.
UNSEEN = {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Me"}
# Fillers of Hangul syllables and the Braille cell without dots: letters and signs by category, blank to the eye.
BLANK_LETTERS = set("\u115f\u1160\u3164\uffa0\u2800")
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def validate_text(value: str) -> None:
    """Refuse what a database or a spreadsheet cannot hold.

    Raises ValidationError with a sentence that names the character or the length.
    """
    if found := UNSTORABLE.search(value):
        raise ValidationError(_("holds the control character U+%(code)04X; remove it") % {"code": ord(found.group())})
    if len(value) > MAX_TEXT:
        raise ValidationError(
            _("is %(length)d characters long; at most %(most)d are kept") % {"length": len(value), "most": MAX_TEXT}
        )


def with_lf(text: str) -> str:
    """The text with LF for every line break: browsers send CRLF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def says_something(text: str) -> bool:
    """Whether there is a character that somebody can read; of those that Unicode will still assign, all can."""
    return any(unicodedata.category(char) not in UNSEEN and char not in BLANK_LETTERS for char in text)


def as_sentence(reason: str) -> str:
    """A reason, which an import adds to a column's name, as it stands alone."""
    return f"{capfirst(reason.rstrip('.'))}."


def iso_day(text: str) -> datetime.date | None:
    """A day written like 2025-05-02; None for anything else."""
    try:
        # The shape first: fromisoformat also reads 20250502 and week dates.
        return datetime.date.fromisoformat(text) if ISO_DAY.fullmatch(text) else None
    except ValueError:
        return None


def one_line(value: str, most: int = 60) -> str:
    """A value as a message can show it: on one line, shortened, without characters that act on it."""
    flat = "".join(" " if char.isspace() else visible(char) for char in value[: most + 1])
    return flat if len(value) <= most else flat[:most] + "…"


def visible(char: str) -> str:
    """The character, or a mark in the place of one that controls, formats or is half of a pair."""
    return "\N{REPLACEMENT CHARACTER}" if unicodedata.category(char) in {"Cc", "Cf", "Cs"} else char
