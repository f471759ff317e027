"""The note on what changed since the report before, and the values of a status in words."""

import re
from typing import NamedTuple

ACCEPTANCES = {
    "not accepted": "not_accepted",
    "not relevant": "not_relevant",
    "under consideration": "under_consideration",
    "accepted": "accepted",
}
IMPLEMENTATIONS = {
    "implemented": "implemented",
    "in progress": "in_progress",
    "under consideration": "under_consideration",
    "not planned": "not_planned",
    "not started": "not_started",
    "planned": "planned",
}
NOTHING = {"-", "–", "—"}
SAME, UPDATED, SILENT = "no change from previous status", "assessment has been updated", "no update received"
EARLIER = r'previously ?"([^"]*)"(?:,? (?:and )?"([^"]*)")?'
WHOLE = re.compile(rf"(?:({SAME}))?(?:(?:^| ){EARLIER})?(?:(?:^| )({UPDATED}))?")
BEGUN = re.compile(r'previously(?: ?"[^"]{0,40}(?:",?(?: (?:and )?(?:"[^"]{0,40})?)?)?)?')
QUOTES = str.maketrans(dict.fromkeys("“”„‟«»‹›‘’‚″'`", '"'))


class Note(NamedTuple):
    """What a note states; `earlier` are the words for what stood before, where it says them."""

    is_unchanged: bool = False
    is_updated: bool = False
    is_silent: bool = False
    earlier: tuple[str, ...] = ()


class Value(NamedTuple):
    """A value in words as its code, None if it is not known; and what stood behind it in the same cell."""

    code: str | None
    rest: str = ""


def plainly(text: str) -> str:
    """For comparing: one sort of quotes, small letters, no full stops."""
    words = " ".join(re.sub("[.;:]", " ", text.translate(QUOTES)).split()).lower()
    # Between an odd and an even quotation mark stands what is quoted.
    parts = [part.strip() if place % 2 else part for place, part in enumerate(words.split('"'))]
    return '"'.join(parts).replace(" ,", ",")


def is_begun(words: str) -> bool:
    return "previously".startswith(words) or bool(BEGUN.fullmatch(words))


def could_be_note(text: str) -> bool:
    """Whether a note begins like this, or is this."""
    words = plainly(text)
    if not words:
        return False
    if read_note(words) or SILENT.startswith(words):
        return True
    # What goes on after a part that is whole.
    rest = re.sub(rf"^(?:{SAME})?(?: ?{EARLIER})? ?", "", words)
    first = re.sub(rf"^{SAME} ", "", words)
    return bool(f"{SAME} {UPDATED}".startswith(words) or UPDATED.startswith(rest) or is_begun(first))


def read_note(text: str) -> Note | None:
    """A whole note; None if it is not one."""
    words = plainly(text)
    if words == SILENT:
        return Note(is_silent=True)
    if words == "new in this report":
        return Note()
    match = WHOLE.fullmatch(words) if words else None
    if match is None:
        return None
    earlier = tuple(value.strip() for value in match.groups()[1:3] if value)
    return Note(bool(match[1]), bool(match[4]), earlier=earlier)


def earlier_codes(values: tuple[str, ...]) -> tuple[str, str] | None:
    """Acceptance and implementation that stood before; None if a value is not known.

    One value alone is an implementation where it can be one: an earlier acceptance stands beside it.
    """
    if len(values) == 2:
        acceptance, implementation = ACCEPTANCES.get(values[0]), IMPLEMENTATIONS.get(values[1])
        return (acceptance, implementation) if acceptance and implementation else None
    (value,) = values
    if value in IMPLEMENTATIONS:
        return "", IMPLEMENTATIONS[value]
    return (ACCEPTANCES[value], "") if value in ACCEPTANCES else None


def read_value(text: str, codes: dict[str, str]) -> Value:
    """The value at the beginning of a cell; what follows must be a note, else nothing is known."""
    text = " ".join(text.split())
    if not text or text in NOTHING:
        return Value("")
    for words, code in codes.items():
        if text.lower().startswith(words):
            rest = text[len(words) :].lstrip(" .;,–-")
            return Value(code, rest) if not rest or could_be_note(rest) else Value(None)
    return Value("", text) if could_be_note(text) else Value(None)
