"""Who may do what in a round, and what of a round may change when: for pages, admin and import alike."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offices.models import Office
from offices.policies import fills_for, is_secretariat, reads_everything, submits_for, type_of_person
from surveys.models import Question, Survey

type_of_faults = Iterator[tuple[str, str]]

# Each has a column of its own in every table, and a phone has to scroll through them.
MOST_COMPARED = 6

# Keys that no round can have, as pages stand at their addresses.
RESERVED_ROUNDS = {
    "new": gettext_lazy("is the address of the page for new rounds; take another key"),
    "compare": gettext_lazy("is the address of the page that compares rounds; take another key"),
}

# Tables count under these, beside the keys of a question's options, the offices that chose none of them. Their other
# codes stand where no option does.
RESERVED_OPTIONS = frozenset({"no_answer", "no_response"})


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
    existing: Survey | None = None,
    *,
    answered: bool = False,
    invited: bool = False,
    first_day: str = "opens_on",
) -> type_of_faults:
    """What keeps a round from having these values; `first_day` is what the reader calls `opens_on`."""
    opens_on, closes_on = values.get("opens_on"), values.get("closes_on")
    if opens_on and closes_on and closes_on < opens_on:
        yield "closes_on", _("is before %(first_day)s") % {"first_day": first_day}
    if values.get("key") in RESERVED_ROUNDS:
        yield "key", str(RESERVED_ROUNDS[values["key"]])
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


def option_fault(key: str) -> str:
    """Why no option of a question can have this key; empty if one can."""
    return _("is a word of the results' own tables; take another key") if key in RESERVED_OPTIONS else ""


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


def carry_over_fault(survey: Survey, source: Survey) -> str:
    """Why offices cannot begin this round with their answers to that one; empty if they can."""
    sets = (source.recommendation_set_id, survey.recommendation_set_id)
    if source == survey:
        return _("A round cannot begin with its own answers.")
    if source.is_sample != survey.is_sample:
        return _("Answers of sample rounds are never taken for those of real ones, nor the reverse.")
    if sets[0] not in {sets[1], survey.recommendation_set.supersedes_id}:
        return _("That round is neither on the same set nor on the one that it supersedes.")
    if survey.state == Survey.State.CLOSED:
        return _("This round is closed.")
    return ""


def comparison_fault(surveys: Sequence[Survey]) -> str:
    """Why these rounds cannot stand beside each other; empty if they can. Needs their sets, already read."""
    sets = {survey.recommendation_set_id: survey.recommendation_set for survey in surveys}
    if len(surveys) < 2:
        return _("Choose at least two rounds.")
    if len(surveys) > MOST_COMPARED:
        return _("At most %(most)d rounds fit beside each other.") % {"most": MOST_COMPARED}
    if len({survey.is_sample for survey in surveys}) > 1:
        return _("Sample rounds and real ones never stand beside each other.")
    if sum(of_set.supersedes_id not in sets for of_set in sets.values()) > 1:
        return _("These rounds are on different sets, of which none supersedes the other.")
    return ""
