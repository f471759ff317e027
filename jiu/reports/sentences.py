"""The running text of a progress report: sentences that people may reword, with figures that they may not.

A figure stands in a sentence as a placeholder, `{outstanding_eh}`. Whoever rewords a sentence keeps its
placeholders in their order and types no number of their own, in digits or in words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from jiu.overview import pipeline, timeliness
from jiu.reports import Group, ProgressReport
from portal.figures import in_per_cent, percent_of
from recommendations.models import Implementation

# The committee gets one document, in English: in any other language its labels would not be read back.
LANGUAGE = "en"
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# WO/PBC/34/6, A/59, COVID-19. All other digits are numbers.
SYMBOL = re.compile(r"\b(?!(?:LB|EH)\b)(?:[A-Z][A-Z0-9]*(?:/[A-Z0-9-]+)+|[A-Z]{2,}-[0-9]+)\b")
# Counts in words. Ordinals are none (“the third annex”, “the thirty-fourth session”), but as parts of a whole
# (“a third of them”); nor are words that count nothing out, such as “all”, “both” and “none”.
SMALL = (
    *("zero", "nil", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
LARGE = ("half", "halves", "dozens?", "hundreds?", "thousands?", "millions?", "billions?")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
PARTS = ("quarter", *ORDINALS[2:], "tenth")
NUMBER_IN_WORDS = re.compile(
    rf"\b(?:(?:{'|'.join(TENS)})(?!-(?:{'|'.join(ORDINALS)})\b)|{'|'.join((*SMALL, *LARGE))})+\b"
    rf"|\ban?\s+(?:{'|'.join(PARTS)})\s+of\b",
    re.IGNORECASE,
)
COUNTING_NOTHING = re.compile(r"\b(?:no one|one another|(?:the|any|every|some) one|one hand)\b", re.IGNORECASE)
# As they stand in sentences that come from a word processor.
HYPHENS = str.maketrans("\u2010\u2011", "--")


@dataclass(frozen=True)
class Sentence:
    """One paragraph of the report as the portal words it; `depth` is that of its number."""

    name: str
    text: str | Promise
    depth: int = 1

    @cached_property
    def words(self) -> str:
        """As the portal words it, in the language of the document."""
        with override(LANGUAGE):
            return str(self.text)

    @property
    def placeholders(self) -> list[str]:
        """In the order in which they stand, each once."""
        return PLACEHOLDER.findall(self.words)


OVERVIEW = Sentence(
    "overview",
    _(
        "This document shows how far the recommendations of the Joint Inspection Unit (JIU) to the World Intellectual"
        " Property Organization (WIPO) are implemented as at {as_at}, and what has changed since {since}. Its figures"
        " are those of the {held} recommendations on record, from JIU reports of {first_year} to {last_year}."
    ),
)
ANNEXES = Sentence(
    "annexes",
    _(
        "Annex I lists what is addressed to the legislative bodies, Annex II what is addressed to the executive head."
        " Each shows the Secretariat’s own assessment, for Member States to consider. Annex III names the JIU reports"
        " in which something is outstanding."
    ),
)
NEW = Sentence(
    "new",
    _(
        "New in the period: {new} recommendations from {new_reports} JIU reports. Addressed to legislative bodies:"
        " {new_lb}; to the executive head: {new_eh}."
    ),
)
CLOSED = Sentence(
    "closed",
    _(
        "Closed in the period, because implemented or because not accepted or not relevant: {closed} recommendations."
        " Addressed to legislative bodies: {closed_lb}; to the executive head: {closed_eh}."
    ),
)
OUTSTANDING = Sentence(
    "outstanding",
    _(
        "Outstanding as at {as_at}: {outstanding} recommendations from {active_reports} JIU reports. Addressed to"
        " legislative bodies: {outstanding_lb}; to the executive head: {outstanding_eh}. The closing of the others is"
        " subject to the endorsement of Member States."
    ),
)
OVERALL = Sentence(
    "overall",
    _(
        "Of the {held} recommendations held, {implemented} ({implemented_percent}) are implemented, {otherwise}"
        " ({otherwise_percent}) are closed as not accepted or not relevant, and {outstanding} ({outstanding_percent})"
        " are outstanding."
    ),
)
SILENT = Sentence(
    "silent",
    _("On {silent} of the {listed} recommendations listed no update was received since {since}; each is marked so."),
)
REVIEWS = Sentence(
    "reviews",
    _(
        "Reviews that concern WIPO, as they stand on {today}: {planned} planned, {ongoing} under way. They are listed"
        " below."
    ),
)
TIMELINESS = Sentence(
    "timeliness",
    _(
        "Questionnaires of the JIU that were due by {as_at}: {due}. Answered: {answered}, of these {on_time} by their"
        " date and {late} later."
    ),
)
PROPOSAL = Sentence("proposal", _("The following decision is proposed."))
DECISION = Sentence("decision", _("The Program and Budget Committee:"))
NOTED = Sentence("noted", _("took note of this report;"), 2)
ENDORSED = Sentence(
    "endorsed",
    _("welcomed and endorsed how the Secretariat assesses the implementation of these recommendations:"),
    2,
)
CALLED_ON = Sentence(
    "called-on",
    _("called on the Secretariat to propose assessments of the recommendations that are still open."),
    2,
)
SENTENCES = {
    sentence.name: sentence
    for sentence in (
        OVERVIEW,
        ANNEXES,
        NEW,
        CLOSED,
        OUTSTANDING,
        OVERALL,
        SILENT,
        REVIEWS,
        TIMELINESS,
        PROPOSAL,
        DECISION,
        NOTED,
        ENDORSED,
        CALLED_ON,
    )
}


@override(LANGUAGE)
def figures_of(report: ProgressReport) -> dict[str, str]:
    """What the placeholders stand for, as printed: all of the report's own figures, no other."""
    whole = report.charts[0].whole
    years = [str(spread.year) for spread in report.charts[0].years if spread.year] or ["–"]
    found = {name: str(len(report.of_group(Group(name)))) for name in ("held", "new", "closed", "outstanding")}
    for group in (Group.NEW, Group.CLOSED, Group.OUTSTANDING):
        found |= {f"{group.value}_{name.lower()}": str(n) for name, n in report.figure(group).counts.items()}
    stages = {stage.code: stage.count for stage in pipeline()}
    answers = timeliness(report.as_at).total
    return found | {
        "as_at": date_format(report.as_at),
        "since": date_format(report.since),
        "today": date_format(timezone.localdate()),
        "first_year": years[0],
        "last_year": years[-1],
        "new_reports": str(len(report.new_sets)),
        "active_reports": str(len(report.active_reports)),
        "implemented": str(whole.shares[Implementation.IMPLEMENTED].count),
        "implemented_percent": in_per_cent(whole.shares[Implementation.IMPLEMENTED].percent),
        "otherwise": str(whole.closed_otherwise.count),
        "otherwise_percent": in_per_cent(whole.closed_otherwise.percent),
        "outstanding_percent": in_per_cent(percent_of(len(report.outstanding), len(report.lines))),
        "silent": str(len(report.silent)),
        "listed": str(len(report.listed)),
        "planned": str(stages["planned"]),
        "ongoing": str(stages["ongoing"]),
        "due": str(answers.due),
        "answered": str(answers.answered),
        "on_time": str(answers.on_time or 0),
        "late": str(answers.late or 0),
    }


def fill(text: str, figures: Mapping[str, str]) -> str:
    """The sentence with its figures."""
    return PLACEHOLDER.sub(lambda found: figures.get(found[1], found[0]), text)


def faults_of(sentence: Sentence, text: str) -> Iterator[str]:
    """Why a rewording is refused, each reason a sentence."""
    own, said = sentence.placeholders, PLACEHOLDER.findall(text)
    missing = [name for name in own if name not in said]
    unknown = [name for name in said if name not in own]
    if missing:
        yield gettext("Keep the figures of this sentence: {names} is missing.").format(names=named(missing))
    if unknown:
        yield gettext("This sentence has no such figures: {names}.").format(names=named(unknown))
    if not (missing or unknown) and said != own:
        yield gettext("Keep the figures in their order, once each: {names}.").format(names=named(own))
    if number := number_in(text):
        yield gettext(
            "Type no number, as “{number}” is: a figure comes from the data, or it is not in the report."
        ).format(number=number)


def number_in(text: str) -> str:
    """The first number that somebody typed, in any script's digits or in words; blank if there is none."""
    rest = SYMBOL.sub(" ", PLACEHOLDER.sub(" ", text.translate(HYPHENS)))
    rest = COUNTING_NOTHING.sub(" ", rest)
    written = (word for word in rest.split() if any(unicodedata.numeric(sign, None) is not None for sign in word))
    in_words = NUMBER_IN_WORDS.search(rest)
    return next(written, in_words[0] if in_words else "")


def named(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
