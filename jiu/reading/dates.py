"""Days and deadlines as documents write them, in English."""

import calendar
import datetime
import re
from typing import NamedTuple

MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
MONTH = "|".join(MONTHS)
YEAR = r"(?P<year>(?:19|20)[0-9]{2})"
DAY = r"(?P<day>[0-9]{1,2})"
# March 31, 2022 · 31 March 2022 · 2022-03-31
FULL = [
    rf"(?P<month>{MONTH})\s+{DAY},?\s+{YEAR}",
    rf"{DAY}\s+(?P<month>{MONTH}),?\s+{YEAR}",
    rf"{YEAR}-(?P<number>[0-9]{{2}})-{DAY}",
]
MONTH_OF_YEAR = rf"(?P<month>{MONTH}),?\s+{YEAR}"
END_OF_MONTH = rf"(?:the\s+)?end(?:\s+of\s+|[-\s]){MONTH_OF_YEAR}"
LIMIT = (
    r"(?:at\s+the\s+latest\s+by|by\s+no\s+later\s+than|no\s+later\s+than|not\s+later\s+than|before\s+the\s+end\s+of|by)"
)
# The longer first. A month or a year alone ends with its last day.
UNTIL = [
    *(rf"{LIMIT}\s+{full}" for full in FULL),
    rf"{LIMIT}\s+{END_OF_MONTH}",
    rf"{LIMIT}\s+{MONTH_OF_YEAR}",
    rf"{LIMIT}\s+(?:(?:the\s+)?end\s+of\s+)?{YEAR}",
    # Only where the recommendation begins so is it when to act; elsewhere it may be anything.
    rf"\Ain\s+{YEAR}",
]
WITHOUT_DATE = re.compile(
    r"\b(?:with\s+immediate\s+effect|at\s+the\s+earliest\s+opportunity|as\s+soon\s+as\s+(?:possible|practicable))\b",
    re.IGNORECASE,
)


class Deadline(NamedTuple):
    """A deadline as it is written, and its day where the words name one."""

    words: str
    day: datetime.date | None = None


def compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![0-9A-Za-z]){pattern}(?![0-9A-Za-z/-])", re.IGNORECASE)


DAYS = [compiled(pattern) for pattern in [*FULL, END_OF_MONTH]]
DEADLINES = [compiled(pattern) for pattern in UNTIL]


def find_day(text: str) -> datetime.date | None:
    """The first day in a text: a full date, or the end of a month."""
    found = [match for pattern in DAYS if (match := pattern.search(text))]
    return day_of(min(found, key=lambda match: match.start())) if found else None


def find_deadline(text: str) -> Deadline | None:
    """The first deadline with a date, else words for one without; what begins at a date is none."""
    found = [match for pattern in DEADLINES if (match := pattern.search(text)) and day_of(match)]
    if found:
        first = min(found, key=lambda match: match.start())
        return Deadline(in_a_sentence(first[0]), day_of(first))
    words = WITHOUT_DATE.search(text)
    return Deadline(in_a_sentence(words[0])) if words else None


def read_deadline(cell: str) -> Deadline | None:
    """A deadline in a cell of its own: its words, and its day in parentheses behind them or as they say."""
    words, _open, behind = cell.partition("(")
    found = find_deadline(words)
    day = find_day(behind) or find_day(words) or (found.day if found else None)
    return Deadline(" ".join(words.split()), day) if words.strip() else None


def in_a_sentence(words: str) -> str:
    """On one line, and without the capital letter of a beginning."""
    return words[0].lower() + " ".join(words.split())[1:]


def day_of(match: re.Match[str]) -> datetime.date | None:
    """The day that was found, the last one where it is a month or a year; None if no calendar has it."""
    parts = match.groupdict()
    year = int(parts["year"])
    month = int(parts.get("number") or MONTHS.get((parts.get("month") or "").lower(), 12))
    try:
        return datetime.date(year, month, int(parts.get("day") or calendar.monthrange(year, month)[1]))
    except ValueError:
        return None
