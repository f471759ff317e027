"""The yearly call: opened, answered, sent back, accepted. Each step is logged with who and when."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from jiu.models import BUREAU, ISSUER, Call, Endorsement, Update, UpdateStep
from jiu.reports import bureau_standing, last_decisions
from offices.models import Office, User
from portal import audit
from portal.models import AuditEntry
from portal.writes import Refused, Stale
from recommendations.actions import Statement, Words, record_statuses
from recommendations.models import OUTSTANDING, Officer, Recommendation, StatedChange, StatusReport

WORDS = ("acceptance", "implementation", "assessment")
FIELDS = (*WORDS, "evidence_url")


@dataclass(frozen=True)
class Answer:
    """What a focal point says about one recommendation, and the version of the update they had before them."""

    update: Update
    version: int
    words: Words
    is_unchanged: bool = False

    def is_said_by(self, update: Update) -> bool:
        """Whether the update says this already: the same form sent twice has one effect."""
        answered = update.state in {Update.State.ANSWERED, Update.State.ACCEPTED}
        return answered and update.is_unchanged == self.is_unchanged and words_of(update) == self.words


class StaleUpdates(Stale[list[Update]]):
    """Somebody else changed these updates since the form was opened; the pairs are (answer, what is saved)."""

    def __init__(self, pairs: list[tuple[Answer, Update]]) -> None:
        super().__init__([saved for _answer, saved in pairs])
        self.pairs = pairs


def words_of(said: Update | StatusReport | None) -> Words:
    return Words() if said is None else Words(**{name: getattr(said, name) for name in FIELDS})


# Opening and closing


def asked_about(as_at: datetime.date) -> QuerySet[Recommendation]:
    """What a call as at this date asks about.

    What is outstanding then, what no report is held on, and what the committee last refused to endorse.
    """
    held = bureau_standing(as_at)
    refused = [pk for pk, found in last_decisions(as_at).items() if found.decision == Endorsement.Decision.REFUSED]
    asked = (
        Q(pk__in=held.filter(OUTSTANDING).values("recommendation"))
        | ~Q(pk__in=held.values("recommendation"))
        | Q(pk__in=refused)
    )
    return Recommendation.objects.filter(asked, recommendation_set__issuer=ISSUER, recommendation_set__is_relevant=True)


@transaction.atomic
def open_call(*, as_at: datetime.date, closes_on: datetime.date, note: str, by: User) -> Call:
    """Ask about every recommendation that is not done with. The same call opened twice is one call.

    Raises Refused where another call is as at this day.
    """
    call, is_new = Call.objects.get_or_create(
        as_at=as_at, defaults={"closes_on": closes_on, "note": note, "opened_by": by}
    )
    if not is_new:
        if (call.closes_on, call.note, call.is_open()) != (closes_on, note, True):
            raise Refused(_("There is a call as at this day already: go on with that one."))
        return call
    updates = Update.objects.bulk_create(
        [Update(call=call, recommendation=item) for item in asked_about(as_at)], batch_size=1_000
    )
    of_recommendation = {update.recommendation_id: update.pk for update in updates}
    through = StatusReport.responsible_officers.through._default_manager
    standing = bureau_standing(as_at).filter(recommendation__in=of_recommendation)
    links = through.filter(statusreport__in=standing).values_list("statusreport__recommendation", "officer")
    link = Update.officers.through
    link._default_manager.bulk_create(
        [link(update_id=of_recommendation[item], officer_id=officer) for item, officer in links], batch_size=1_000
    )
    record(call, "open call", by=by, closes_on=str(closes_on), asked=len(updates))
    return call


@transaction.atomic
def close_call(*, call: Call, by: User) -> None:
    """Take no further answers; what was not answered stays silent."""
    call = Call.objects.select_for_update().get(pk=call.pk)
    if call.closed_at is None:
        call.closed_at = timezone.now()
        call.save(update_fields=["closed_at"])
        record(call, "close call", by=by)


# Answering


@transaction.atomic
def answer_updates(*, call: Call, answers: Sequence[Answer], by: User) -> list[Update]:
    """Save answers, all or none, and return the updates that changed.

    Raises StaleUpdates where somebody else changed one since, Refused where the call is closed or
    an answer is accepted already.
    """
    saved = locked(call, [answer.update.pk for answer in answers])
    new = [answer for answer in answers if not answer.is_said_by(saved[answer.update.pk])]
    stale = [(answer, saved[answer.update.pk]) for answer in new if answer.version != saved[answer.update.pk].version]
    if stale:
        raise StaleUpdates(stale)
    for answer in new:
        update = saved[answer.update.pk]
        if update.state == Update.State.ACCEPTED:
            raise Refused(refused_since_accepted(update))
        for name in FIELDS:
            setattr(update, name, getattr(answer.words, name))
        update.is_unchanged = answer.is_unchanged
        update.answered_beside = standing_of(update)
        move(update, Update.State.ANSWERED, UpdateStep.Kind.ANSWERED, by=by)
    if new:
        record(call, "answer call", by=by, recommendations=[str(saved[answer.update.pk]) for answer in new])
    return [saved[answer.update.pk] for answer in new]


# The coordinator's part


@transaction.atomic
def comment_on(*, update: Update, comment: str, by: User) -> Update:
    """Say something about an update without moving it. The same again, with nothing in between, has no effect."""
    found = locked(update.call, [update.pk])[update.pk]
    last = found.steps.order_by("pk").last()
    if last and (last.kind, last.by_id, last.comment) == (UpdateStep.Kind.COMMENTED, by.pk, comment):
        return found
    UpdateStep.objects.create(update=found, kind=UpdateStep.Kind.COMMENTED, by=by, by_name=str(by), comment=comment)
    record(found.call, "comment on update", by=by, recommendation=str(found))
    return found


@transaction.atomic
def send_back(*, update: Update, version: int, comment: str, by: User) -> Update:
    """Ask again, and say why. An accepted answer can be sent back too: its report stays until it is revised."""
    found = latest(update, version, goal=Update.State.SENT_BACK)
    if found.state == Update.State.SENT_BACK:
        return found
    if found.state not in {Update.State.ANSWERED, Update.State.ACCEPTED}:
        raise Refused(_("There is no answer yet that could be sent back."))
    move(found, Update.State.SENT_BACK, UpdateStep.Kind.SENT_BACK, by=by, comment=comment)
    record(found.call, "send update back", by=by, recommendation=str(found))
    return found


@transaction.atomic
def accept(*, update: Update, version: int, comment: str = "", by: User) -> Update:
    """Make the answer the Bureau's status report as at the date of the call."""
    found = latest(update, version, goal=Update.State.ACCEPTED)
    if found.state == Update.State.ACCEPTED:
        return found
    if found.state != Update.State.ANSWERED:
        raise Refused(_("There is no answer yet that could be accepted."))
    if found.call.as_at > timezone.localdate():
        raise Refused(_("An answer can be accepted from the date of the call on: until then it may still change."))
    if found.answered_beside != (before := standing_of(found)):
        raise Refused(_("The Bureau’s status was recorded otherwise since this answer: send it back."))
    reports = record_statuses([statement_of(found, before)], by=by, path=AuditEntry.Path.FORM)
    found.report = reports[0] if reports else found.report
    move(found, Update.State.ACCEPTED, UpdateStep.Kind.ACCEPTED, by=by, comment=comment)
    record(found.call, "accept update", by=by, recommendation=str(found))
    return found


@transaction.atomic
def reassign(*, update: Update, version: int, officers: Collection[Officer], by: User) -> Update:
    """Let other posts answer."""
    if set(officers) == set(update.officers.all()):
        return update
    found = latest(update, version)
    found.officers.set(officers)
    names = "; ".join(officer.title for officer in officers)
    move(found, found.state, UpdateStep.Kind.REASSIGNED, by=by, comment=names)
    record(found.call, "reassign update", by=by, recommendation=str(found), officers=names)
    return found


def standing_of(update: Update, day: datetime.date | None = None) -> StatusReport | None:
    """What the Bureau's reports say at a day, that of the call if no other is named."""
    return bureau_standing(day or update.call.as_at).filter(recommendation=update.recommendation_id).first()


def statement_of(update: Update, before: StatusReport | None) -> Statement:
    """What the answer says, with what it states of change."""
    return Statement(
        update.recommendation,
        Office.objects.get(code=BUREAU),
        update.call.as_at,
        responsible_officers=frozenset(update.officers.all()),
        stated_change=stated_change(update, before),
        **{name: getattr(update, name) for name in FIELDS},
    )


def stated_change(update: Update, before: StatusReport | None) -> str:
    """What the answer states of change since an earlier date; `before` is what stands on the day of the call."""
    earlier = earlier_of(update, before)
    if earlier is None or before is None:
        return ""
    if update.is_unchanged and before == earlier:
        return StatedChange.NO_CHANGE
    if before != earlier and before.stated_change and all(getattr(update, n) == getattr(before, n) for n in WORDS):
        return before.stated_change
    # As in the report: an earlier value that is not stated is no change.
    if any(getattr(earlier, name) not in {"", getattr(update, name)} for name in ("acceptance", "implementation")):
        return ""
    if update.is_unchanged and not (earlier.assessment and update.assessment):
        # Ticked beside what was recorded on that day: of the earlier date nobody said anything, and no text tells.
        return ""
    return StatedChange.UPDATED if update.assessment != earlier.assessment else StatedChange.NO_CHANGE


def earlier_of(update: Update, before: StatusReport | None) -> StatusReport | None:
    """What stood before the day of the call: another date, never another revision of that day."""
    day = update.call.as_at
    if before is None or before.as_at < day:
        return before
    return standing_of(update, day - datetime.timedelta(days=1))


# What all of them do


def locked(call: Call, updates: Iterable[int]) -> dict[int, Update]:
    """The updates as they are now, to be changed by nobody else meanwhile. Raises Refused on a closed call."""
    now = Call.objects.select_for_update(no_key=True).get(pk=call.pk)
    if now.closed_at is not None:
        raise Refused(_("This call is closed: it takes no more answers."))
    rows = Update.objects.select_for_update(no_key=True, of=("self",)).filter(call=now, pk__in=updates).order_by("pk")
    return {update.pk: update for update in rows.select_related("call", "recommendation__recommendation_set")}


def latest(update: Update, version: int, *, goal: str = "") -> Update:
    """The update as it is now. Raises StaleUpdates if it is another version, unless this step made it one."""
    found = locked(update.call, [update.pk])[update.pk]
    sent_twice = found.state == goal and found.version == version + 1
    if found.version != version and not sent_twice:
        raise StaleUpdates([(Answer(update, version, words_of(update), update.is_unchanged), found)])
    return found


def move(update: Update, state: str, kind: str, *, by: User, comment: str = "") -> None:
    update.state = state
    update.version += 1
    update.save()
    UpdateStep.objects.create(update=update, kind=kind, by=by, by_name=str(by), comment=comment)


def refused_since_accepted(update: Update) -> str:
    return _("The answer on %(recommendation)s is accepted already. Ask the coordinator to send it back.") % {
        "recommendation": update.recommendation
    }


def record(call: Call, action: str, *, by: User, **details: object) -> None:
    audit.record(by=by, path=AuditEntry.Path.FORM, action=action, subject=f"JIU {call}", office_code=BUREAU, **details)
