"""Who may do what in a round, and what of a round may change when: for pages, admin and import alike."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from offices.models import Office
from offices.policies import fills_for, is_secretariat, reads_everything, submits_for, type_of_person
from surveys.models import Question, Survey

type_of_faults = Iterator[tuple[str, str]]


def may_read_results(user: type_of_person) -> bool:
    """Unpublished results are for the secretariat, administrators and auditors."""
    return reads_everything(user)


def may_fill(user: type_of_person, office: Office) -> bool:
    """Save answers for the office, without making them final; the secretariat does so on its behalf."""
    return fills_for(user, office) or is_secretariat(user)


def may_submit(user: type_of_person, office: Office) -> bool:
    """Make the office's answers final; the secretariat does so on its behalf."""
    return submits_for(user, office) or is_secretariat(user)


def may_follow(user: type_of_person) -> bool:
    """Read where a round stands: who was invited, who answered, what they wrote."""
    return reads_everything(user)


def may_manage(user: type_of_person) -> bool:
    """Build a round, invite, extend and close."""
    return is_secretariat(user)


# What may change. Each yields (field, reason); `values` may lack fields that could not be read.


def round_faults(
    values: Mapping[str, Any],
    existing: Survey | None,
    *,
    answered: bool,
    invited: bool,
    first_day: str = "opens_on",
) -> type_of_faults:
    """What keeps a round from having these values; `first_day` is what the reader calls `opens_on`."""
    opens_on, closes_on = values.get("opens_on"), values.get("closes_on")
    if opens_on and closes_on and closes_on < opens_on:
        yield "closes_on", _("is before %(first_day)s") % {"first_day": first_day}
    if values.get("key") == "new":
        yield "key", _("is the address of the page for new rounds; take another key")
    if existing is None:
        return
    if answered and values.get("recommendation_set", existing.recommendation_set) != existing.recommendation_set:
        yield "recommendation_set", _("cannot change: the round has answers on its set")
    if invited and values.get("is_sample", existing.is_sample) != existing.is_sample:
        yield "is_sample", _("cannot change: offices are invited to the round")


def question_faults(values: Mapping[str, Any], existing: Question | None, *, answered: bool) -> type_of_faults:
    """What keeps a question from having these values; `answered` is whether this question is."""
    if values.get("exclusive_option") and values.get("kind", Question.Kind.SELECT) != Question.Kind.SELECT:
        yield "exclusive_option", _("is for questions of the kind select only")
    if existing is not None and answered:
        for name in ("kind", "exclusive_option"):
            if values.get(name, getattr(existing, name)) != getattr(existing, name):
                yield name, _("cannot change: the question has answers")


def terms_faults(closes_on: datetime.date | None, survey: Survey) -> type_of_faults:
    """What keeps an office from having this last day of its own."""
    if closes_on and closes_on < survey.opens_on:
        yield "closes_on", _("is before the round opens")


def sample_fault(survey: Survey, office: Office) -> str:
    """Why this office cannot take part: sample and real data never mix. Empty if it can."""
    if office.is_sample and not survey.is_sample:
        return _("is a sample office, and the round is real")
    if survey.is_sample and not office.is_sample:
        return _("is a real office, and the round is a sample")
    return ""
