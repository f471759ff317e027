"""What was written to offices about the rounds that ask them: at most once of each kind."""

from __future__ import annotations

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from offices.models import Office
from offices.policies import reads_everything, type_of_person
from surveys.models import Survey

# Nobody sends one mail for as long: whoever claimed it is gone.
STALE_AFTER = datetime.timedelta(hours=1)


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def visible_to(self, user: type_of_person) -> Self:
        """For those who read everything."""
        return self.all() if reads_everything(user) else self.none()

    def at(self, survey: Survey, office: Office) -> Self:
        return self.filter(survey=survey, office=office)

    def perhaps_sent(self) -> Self:
        """Sent, being sent, or nobody knows: not to be sent again by itself."""
        return self.exclude(state=Reminder.State.FAILED)

    def failed(self) -> Self:
        return self.filter(state=Reminder.State.FAILED)

    def unknown(self, now: datetime.datetime) -> Self:
        """Claimed by a sender that never told how it went."""
        return self.filter(Reminder.untold(now), state=Reminder.State.CLAIMED)

    def with_outcome(self, outcome: str, now: datetime.datetime) -> Self:
        if outcome == Reminder.Outcome.UNKNOWN:
            return self.unknown(now)
        if outcome == Reminder.Outcome.SENDING:
            return self.filter(~Reminder.untold(now), state=Reminder.State.CLAIMED)
        return self.filter(state=outcome)


class Reminder(models.Model):
    """One mail to the people of one office about one round.

    The row is written before the mail goes out, and says afterwards how it went. It is what keeps a
    second sender from sending the same: a mail is rather not sent than sent twice.
    """

    class Kind(models.TextChoices):
        INVITATION = "invitation", _("invitation")
        CLOSING = "closing", _("before closing")
        OVERDUE = "overdue", _("overdue")

    class State(models.TextChoices):
        CLAIMED = "claimed", _("claimed")
        SENT = "sent", _("sent")
        FAILED = "failed", _("not sent")

    class Outcome(models.TextChoices):
        """The state as people are told it."""

        SENT = "sent", _("sent")
        SENDING = "sending", _("being sent")
        FAILED = "failed", _("not sent")
        UNKNOWN = "unknown", _("unknown whether sent")

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="reminders", verbose_name=_("survey"))
    office = models.ForeignKey(Office, models.PROTECT, related_name="reminders", verbose_name=_("office"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.CLAIMED)
    claimed_at = models.DateTimeField(_("claimed at"), default=timezone.now)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sent by"),
        help_text=_("Blank for the command."),
    )
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    recipients = models.PositiveSmallIntegerField(_("people written to"))
    # Of the attempt that did not go well; with the state `claimed`, nobody knows whether the mail went out.
    error = models.TextField(_("error"), blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["-claimed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "office", "kind"], name="reminder_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["invitation", "closing", "overdue"]), name="reminder_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | Q(state__in=["claimed", "failed"], sent_at__isnull=True),
                name="reminder_sent_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey.key}, {self.office.code}: {self.kind}"

    @staticmethod
    def untold(now: datetime.datetime) -> Q:
        """Of those claimed: they will not be told of any more."""
        return ~Q(error="") | Q(claimed_at__lt=now - STALE_AFTER)

    @property
    def outcome(self) -> Reminder.Outcome:
        if self.state != self.State.CLAIMED:
            return self.Outcome(self.state)
        untold = self.error or self.claimed_at < timezone.now() - STALE_AFTER
        return self.Outcome.UNKNOWN if untold else self.Outcome.SENDING

    @property
    def can_be_sent_again(self) -> bool:
        return self.outcome in {self.Outcome.FAILED, self.Outcome.UNKNOWN}
