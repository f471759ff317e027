"""Writes to a round itself: its days, its questionnaire, who is invited and on which terms."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from offices.models import Office, User
from portal import audit
from portal.models import AuditEntry
from surveys import policies
from surveys.models import Answer, Invitation, Question, QuestionOption, Response, Section, Survey

ROUND_FIELDS = ("title", "recommendation_set", "opens_on", "closes_on", "is_sample")
QUESTION_FIELDS = ("order", "kind", "text", "exclusive_option")
TERMS = ("closes_on", "declined_on", "note")


class Stale(Exception):
    """Somebody else saved since the form was opened; `current` is the row that stands now."""

    def __init__(self, current: models.Model) -> None:
        super().__init__(current)
        self.current = current


class KeyTaken(Exception):
    """The key belongs to another row, which says something else; `existing` is that row."""

    def __init__(self, existing: models.Model) -> None:
        super().__init__(existing)
        self.existing = existing


class Refused(Exception):
    """The rules forbid it: `faults` are pairs of a field, or None, and a reason."""

    def __init__(self, *faults: tuple[str | None, str]) -> None:
        super().__init__(*faults)
        self.faults = faults


@dataclass(frozen=True)
class OptionValues:
    key: str
    order: int
    label: str
    needs_explanation: bool


# Versions: what a form was opened with


def version_of(row: models.Model | None) -> str:
    """The number of the row's last history entry; empty for a row that is not there yet."""
    if row is None or row.pk is None:
        return ""
    history: Any = type(row).history  # type: ignore[attr-defined]  # every model here keeps one
    return str(history.filter(id=row.pk).aggregate(last=models.Max("history_id"))["last"] or 0)


def question_version(question: Question | None) -> str:
    """Of a question with its options, also those that are gone."""
    if question is None:
        return ""
    options = QuestionOption.history.filter(question_id=question.pk).aggregate(last=models.Max("history_id"))
    return f"{version_of(question)}-{options['last'] or 0}"


# The round


def create_round(
    *, key: str, values: Mapping[str, Any], by: User, source: Survey | None = None, with_invitations: bool = False
) -> Survey:
    """A new round, with the questionnaire of an earlier one and, if asked, its invitations; never its answers.

    The key guards against repetition: the same again leads to the round that stands. Raises KeyTaken
    where that says something else, Refused where the rules forbid it.
    """
    if key == "new":
        raise Refused(("key", _("stands for the page of new rounds: choose another key")))
    refuse(policies.round_faults(values, None, answered=False, invited=False, first_day=_("the first day")))
    try:
        with transaction.atomic():
            survey = Survey.objects.create(key=key, **values)
            copied = copy_questionnaire(source, survey, by=by) if source else 0
            offices = Office.objects.filter(invitations__survey=source) if source and with_invitations else []
            invited = add_invitations(survey, offices, by=by)
            record(
                "create round",
                survey,
                by=by,
                **in_json(values),
                copied_from=source.key if source else "",
                questions=copied,
                invited=len(invited),
            )
            return survey
    except IntegrityError:
        existing = Survey.objects.filter(key=key).first()
        if existing is None:
            raise
        if not says(existing, values) or (source and questions_of(existing) != questions_of(source)):
            raise KeyTaken(existing) from None
        return existing


def update_round(*, survey: Survey, values: Mapping[str, Any], version: str, by: User) -> Survey:
    """Other values for a round, as far as the import would take them. Raises Stale or Refused."""
    with transaction.atomic():
        current = lock_round(survey)
        if says(current, values):
            return current
        check_version(current, version_of(current), version)
        refuse(
            policies.round_faults(
                values,
                current,
                answered=Answer.objects.filter(response__survey=current).exists(),
                invited=current.invitations.exists(),
                first_day=_("the first day"),
            )
        )
        changes = assign(current, values)
        current.save()
        record("change round", current, by=by, changes=changes)
        return current


def set_last_day(*, survey: Survey, day: datetime.date, end_extensions: bool, version: str, by: User) -> Survey:
    """Close a round early, or reopen it until a later day.

    With `end_extensions`, no office keeps a later day of its own. Raises Stale or Refused.
    """
    with transaction.atomic():
        current = lock_round(survey)
        longer = current.invitations.filter(closes_on__gt=day) if end_extensions else current.invitations.none()
        extensions = list(longer.order_by("pk"))
        if current.closes_on == day and not extensions:
            return current
        check_version(current, version_of(current), version)
        refuse(
            policies.round_faults(
                {"opens_on": current.opens_on, "closes_on": day},
                None,
                answered=True,
                invited=True,
                first_day=_("the first day"),
            )
        )
        earlier, current.closes_on = current.closes_on, day
        current.save()
        for invitation in extensions:
            invitation.closes_on = None
        write_terms(extensions, by=by)
        record(
            "close round" if day < earlier else "reopen round",
            current,
            by=by,
            closed_on=[earlier.isoformat(), day.isoformat()],
            extensions_ended=len(extensions),
        )
        return current


def lock_round(survey: Survey) -> Survey:
    """Make other writers of the round and of all its responses wait, then read what stands.

    Whoever writes a response holds its invitation; the round's own row is locked so that responses,
    which only refer to it, may still be added: they would wait for each other otherwise.
    """
    current = Survey.objects.select_for_update(no_key=True).get(pk=survey.pk)
    list(Invitation.objects.filter(survey=survey).order_by("pk").select_for_update().values_list("pk"))
    return current


# The questionnaire


def is_answered(survey: Survey) -> bool:
    """Whether any office has begun to answer: from then on nothing is asked more or less."""
    sections = Section.objects.filter(response__survey=survey)
    return Answer.objects.filter(response__survey=survey).exists() or sections.exists()


def add_question(
    *, survey: Survey, key: str, values: Mapping[str, Any], options: Sequence[OptionValues], by: User
) -> Question:
    """One more question. The same again has no effect; raises KeyTaken, or Refused."""
    with transaction.atomic():
        current = lock_round(survey)
        existing = current.questions.filter(key=key).first()
        if existing is not None:
            if says(existing, values) and options_of(existing) == by_key(options):
                return existing
            raise KeyTaken(existing)
        if is_answered(current):
            raise Refused((None, _("The round has answers: no question can be added or removed.")))
        refuse(policies.question_faults(values, None, answered=False))
        question = Question.objects.create(survey=current, key=key, **values)
        write_options(question, options)
        record("add question", current, by=by, question=key, **in_json(values), options=[o.key for o in options])
        return question


def update_question(
    *, question: Question, values: Mapping[str, Any], options: Sequence[OptionValues], version: str, by: User
) -> Question:
    """Other words, order, kind or options; what is answered keeps its kind and its options' keys.

    Raises Stale or Refused.
    """
    with transaction.atomic():
        lock_round(question.survey)
        current = Question.objects.select_related("survey").get(pk=question.pk)
        if says(current, values) and options_of(current) == by_key(options):
            return current
        check_version(current, question_version(current), version)
        answered = current.answers.exists() or current.sections.exists()
        refuse(policies.question_faults(values, current, answered=answered))
        if answered and frozen(options_of(current).values()) != frozen(options):
            raise Refused((None, _("The question has answers: its options can be reworded and reordered only.")))
        changes = assign(current, values)
        current.save()
        write_options(current, options)
        record("change question", current.survey, by=by, question=current.key, changes=changes)
        return current


def remove_question(*, survey: Survey, key: str, by: User) -> None:
    """Take a question out of a round without answers; none of that key: no effect. Raises Refused."""
    with transaction.atomic():
        current = lock_round(survey)
        question = current.questions.filter(key=key).first()
        if question is None:
            return
        if is_answered(current):
            raise Refused((None, _("The round has answers: no question can be added or removed.")))
        for option in question.options.all():
            option.delete()  # one by one: each leaves its history
        question.delete()
        record("remove question", current, by=by, question=key)


def place_question(*, survey: Survey, key: str, place: int, by: User) -> None:
    """Put a question at a place, counted from 1, and number all from 1 in their order."""
    with transaction.atomic():
        current = lock_round(survey)
        questions = list(current.questions.order_by("order", "key"))
        moved = next((question for question in questions if question.key == key), None)
        if moved is None or not 1 <= place <= len(questions) or questions[place - 1] == moved:
            return
        questions.remove(moved)
        questions.insert(place - 1, moved)
        renumbered = [question for order, question in enumerate(questions, start=1) if question.order != order]
        for order, question in enumerate(questions, start=1):
            question.order = order
        bulk_update_with_history(renumbered, Question, ["order"], default_user=by)
        record("order questions", current, by=by, question=key, place=place)


def copy_questionnaire(source: Survey, survey: Survey, *, by: User) -> int:
    """The questions and options of one round into another that has none; returns how many questions."""
    questions = list(source.questions.order_by("order", "key"))
    copies = {
        question.pk: Question(
            survey=survey, key=question.key, **{name: getattr(question, name) for name in QUESTION_FIELDS}
        )
        for question in questions
    }
    create_with_history(list(copies.values()), by=by)
    options = QuestionOption.objects.filter(question__survey=source).order_by("order", "key")
    create_with_history(
        [
            QuestionOption(
                question=copies[option.question_id],
                key=option.key,
                order=option.order,
                label=option.label,
                needs_explanation=option.needs_explanation,
            )
            for option in options
        ],
        by=by,
    )
    return len(questions)


def write_options(question: Question, options: Sequence[OptionValues]) -> None:
    """Make the options those given; a question of another kind has none. Raises Refused."""
    if options and question.kind != Question.Kind.CHOICE:
        raise Refused(("kind", _("only questions of the kind choice have options: remove them first")))
    wanted = by_key(options)
    if len(wanted) != len(options):
        raise Refused((None, _("Two options have the same key.")))
    standing = {option.key: option for option in question.options.all()}
    for key, option in standing.items():
        if key not in wanted:
            option.delete()
    for key, values in wanted.items():
        option = standing.get(key) or QuestionOption(question=question, key=key)
        fields = {"order": values.order, "label": values.label, "needs_explanation": values.needs_explanation}
        if option.pk is None or not says(option, fields):
            assign(option, fields)
            option.save()


def options_of(question: Question) -> dict[str, OptionValues]:
    return by_key(OptionValues(o.key, o.order, o.label, o.needs_explanation) for o in question.options.all())


def by_key(options: Iterable[OptionValues]) -> dict[str, OptionValues]:
    return {option.key: option for option in options}


def frozen(options: Iterable[OptionValues]) -> set[tuple[str, bool]]:
    """What of the options answers rely on."""
    return {(option.key, option.needs_explanation) for option in options}


def questions_of(survey: Survey) -> set[tuple[object, ...]]:
    """The questionnaire as plain values, to be compared with another."""
    questions = survey.questions.values_list("key", *QUESTION_FIELDS)
    options = QuestionOption.objects.filter(question__survey=survey)
    return {*questions, *options.values_list("question__key", "key", "order", "label", "needs_explanation")}


# Invitations


def invite(*, survey: Survey, offices: Iterable[Office], by: User) -> list[Office]:
    """Ask offices to take part; returns those not asked before. Raises Refused where one cannot."""
    with transaction.atomic():
        current = lock_round(survey)
        invited = add_invitations(current, offices, by=by)
        if invited:
            record("invite offices", current, by=by, offices=[office.code for office in invited])
        return invited


def add_invitations(survey: Survey, offices: Iterable[Office], *, by: User) -> list[Office]:
    chosen = {office.pk: office for office in offices}
    reasons = {office: policies.sample_fault(survey, office) for office in chosen.values()}
    faults = [(None, f"{office}: {reason}.") for office, reason in reasons.items() if reason]
    if faults:
        raise Refused(*faults)
    there = set(survey.invitations.values_list("office_id", flat=True))
    invited = sorted((office for pk, office in chosen.items() if pk not in there), key=lambda office: office.code)
    create_with_history([Invitation(survey=survey, office=office) for office in invited], by=by)
    return invited


def withdraw(*, invitation: Invitation, by: User) -> None:
    """Take an invitation back; none any more: no effect. Raises Refused where the office has begun to answer."""
    with transaction.atomic():
        current = Invitation.objects.select_for_update().filter(pk=invitation.pk).first()
        if current is None:
            return
        survey, office = invitation.survey, invitation.office
        if Response.objects.of(survey, office).exists():
            raise Refused((None, _("The office has answers in this round: its invitation stays.")))
        current.delete()
        record("withdraw invitation", survey, by=by, office_code=office.code)


def set_terms(*, invitation: Invitation, values: Mapping[str, Any], version: str, by: User) -> Invitation:
    """One office's own last day, its refusal to take part, a note. Raises Stale or Refused."""
    with transaction.atomic():
        Invitation.objects.select_for_update().get(pk=invitation.pk)
        current = Invitation.objects.select_related("survey", "office").get(pk=invitation.pk)
        if says(current, values):
            return current
        check_version(current, version_of(current), version)
        refuse(policies.terms_faults(values["closes_on"], current.survey))
        changes = assign(current, values)
        current.save()
        record("change invitation", current.survey, by=by, office_code=current.office.code, changes=changes)
        return current


def extend(*, survey: Survey, offices: QuerySet[Office], closes_on: datetime.date, by: User) -> int:
    """A later last day for those of these offices that are invited; returns for how many.

    An office whose last day is as late already keeps it. Raises Refused.
    """
    with transaction.atomic():
        current = lock_round(survey)
        refuse(policies.terms_faults(closes_on, current))
        if closes_on <= current.closes_on:
            raise Refused(("closes_on", _("is not after the round's own last day")))
        shorter = Q(closes_on__isnull=True) | Q(closes_on__lt=closes_on)
        extended = list(current.invitations.filter(shorter, office__in=offices).select_related("office").order_by("pk"))
        for invitation in extended:
            invitation.closes_on = closes_on
        write_terms(extended, by=by)
        if extended:
            codes = sorted(invitation.office.code for invitation in extended)
            record("extend deadline", current, by=by, closes_on=closes_on.isoformat(), offices=codes)
        return len(extended)


# What they share


def write_terms(invitations: list[Invitation], *, by: User) -> None:
    if invitations:
        bulk_update_with_history(invitations, Invitation, list(TERMS), default_user=by, batch_size=1_000)


def create_with_history(rows: list[Any], *, by: User) -> None:
    """All at once, each with its first history entry."""
    if rows:
        bulk_create_with_history(rows, type(rows[0]), batch_size=1_000, default_user=by)


def says(row: models.Model, values: Mapping[str, Any]) -> bool:
    """Whether the row has these values already."""
    return all(getattr(row, name) == value for name, value in values.items())


def assign(row: models.Model, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set the values; returns what was and what is, for the audit trail."""
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    changed = {name: value for name, value in values.items() if before[name] != value}
    return {name: [plain(before[name]), plain(value)] for name, value in changed.items()}


def in_json(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in values.items()}


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, models.Model):
        return str(getattr(value, "key", value.pk))
    return value.isoformat() if isinstance(value, datetime.date) else value


def check_version(current: models.Model, standing: str, opened: str) -> None:
    if standing != opened:
        raise Stale(current)


def refuse(faults: Iterable[tuple[str | None, str]]) -> None:
    found = list(faults)
    if found:
        raise Refused(*found)


def record(action: str, survey: Survey, *, by: User, office_code: str = "", **details: Any) -> None:
    audit.record(
        by=by, path=AuditEntry.Path.FORM, action=action, subject=survey.key, office_code=office_code, **details
    )
