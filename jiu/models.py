"""The yearly work on the recommendations of the Joint Inspection Unit: reviews, calls, decisions."""

from __future__ import annotations

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from offices.models import Membership, User
from offices.policies import reads_everything, type_of_person
from portal.fields import KeyField
from recommendations.models import Acceptance, Implementation, Officer, Recommendation, StatusReport

# The issuer of the sets whose recommendations the JIU made, and the office that answers them.
ISSUER = "JIU"
BUREAU = "IB"


class Review(models.Model):
    """A review that the JIU plans, carries out or has completed.

    The JIU's reference does not name one review alone: A460 stands for two in WO/PBC/34/6, Table 2.
    """

    class Stage(models.TextChoices):
        PLANNED = "planned", _("planned")
        ONGOING = "ongoing", _("ongoing")
        COMPLETED = "completed", _("completed")

    reference = models.CharField(_("reference"), max_length=20)
    title = models.CharField(_("title"), max_length=300)
    programme_of_work = models.PositiveSmallIntegerField(_("programme of work"), null=True, blank=True)
    stage = models.CharField(_("stage"), max_length=9, choices=Stage)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["reference", "title"]
        constraints = [
            models.UniqueConstraint(fields=["reference", "title"], name="review_once"),
            models.CheckConstraint(
                condition=Q(stage__in=["planned", "ongoing", "completed"]), name="review_stage_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.title}"


class Questionnaire(models.Model):
    """What the JIU asked of the organization, by when, and when it was answered.

    It goes with a review by the reference, which can stand for two: hence no foreign key.
    """

    reference = models.CharField(_("reference"), max_length=20)
    title = models.CharField(_("title"), max_length=300)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    answered_on = models.DateField(_("answered on"), null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("questionnaire")
        verbose_name_plural = _("questionnaires")
        ordering = ["reference", "title"]
        constraints = [models.UniqueConstraint(fields=["reference", "title"], name="questionnaire_once")]

    def __str__(self) -> str:
        return f"{self.reference}: {self.title}"

    @property
    def days_late(self) -> int | None:
        """Days after its date, negative if earlier; None if it is not answered or had no date."""
        return (self.answered_on - self.due_on).days if self.answered_on and self.due_on else None


class Endorsement(models.Model):
    """What the committee decided on the proposed closing of a recommendation."""

    class Decision(models.TextChoices):
        ENDORSED = "endorsed", _("endorsed")
        REFUSED = "refused", _("refused")

    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, related_name="endorsements", verbose_name=_("recommendation")
    )
    decided_on = models.DateField(_("decided on"))
    decision = models.CharField(_("decision"), max_length=8, choices=Decision)
    document = models.CharField(_("document"), max_length=100, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("endorsement")
        verbose_name_plural = _("endorsements")
        ordering = ["recommendation__recommendation_set__key", "recommendation__number", "decided_on"]
        constraints = [
            models.UniqueConstraint(fields=["recommendation", "decided_on"], name="endorsement_once"),
            models.CheckConstraint(
                condition=Q(decision__in=["endorsed", "refused"]), name="endorsement_decision_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recommendation}, {self.decided_on}"


class Call(models.Model):
    """A call for updates: where does each outstanding recommendation stand as at this date?"""

    as_at = models.DateField(_("as at"), unique=True)
    closes_on = models.DateField(_("answers by"))
    note = models.TextField(_("note to the focal points"), blank=True)
    opened_at = models.DateTimeField(_("opened at"), auto_now_add=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("opened by")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("call for updates")
        verbose_name_plural = _("calls for updates")
        ordering = ["-as_at"]

    def __str__(self) -> str:
        return f"{self.as_at:%Y-%m-%d}"

    def is_open(self) -> bool:
        return self.closed_at is None

    def is_overdue(self, today: datetime.date) -> bool:
        return self.is_open() and self.closes_on < today


def at_bureau(user: User, of_own_posts: Q) -> Q:
    """To the Bureau's coordinator everything, to its other people what this says, to everybody else nothing."""
    places = Membership.objects.filter(user=user, office__code=BUREAU)
    coordinates = Exists(places.filter(role=Membership.Role.COORDINATOR))
    return Q(coordinates) | (Q(Exists(places)) & of_own_posts)


class UpdateQuerySet(models.QuerySet["Update"]):
    def visible_to(self, user: type_of_person) -> Self:
        """The Bureau's coordinator and who reads everything see all, its other people those of their posts."""
        if reads_everything(user):
            return self.all()
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        named = Update.officers.through._default_manager.filter(officer__in=user.posts.all())
        return self.filter(at_bureau(user, Q(pk__in=named.values("update"))))


class Update(models.Model):
    """What one call asks about one recommendation, and what was answered; changed in place, each step logged.

    Once it is accepted, what it says is a status report as at the date of the call.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("not answered")
        ANSWERED = "answered", _("answered")
        SENT_BACK = "sent_back", _("sent back")
        ACCEPTED = "accepted", _("accepted")

    call = models.ForeignKey(Call, models.PROTECT, related_name="updates", verbose_name=_("call"))
    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, related_name="updates", verbose_name=_("recommendation")
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.ASKED)
    # Everything is as it stood: said, not inferred.
    is_unchanged = models.BooleanField(_("no change"), default=False)
    acceptance = models.CharField(_("acceptance"), max_length=19, choices=Acceptance, blank=True)
    implementation = models.CharField(_("implementation"), max_length=19, choices=Implementation, blank=True)
    assessment = models.TextField(_("assessment"), blank=True)
    evidence_url = models.URLField(_("evidence"), max_length=500, blank=True)
    # The posts that answer: those that stood when the call was opened, until the coordinator names others.
    officers = models.ManyToManyField(
        Officer, blank=True, related_name="updates", verbose_name=_("responsible officers")
    )
    # Grows with every write; a form carries it.
    version = models.PositiveIntegerField(_("version"), default=1)
    # What stood when it was answered: what the Bureau records otherwise is not overwritten unseen.
    answered_beside = models.ForeignKey(
        StatusReport, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    report = models.OneToOneField(
        StatusReport, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("status report")
    )

    objects = UpdateQuerySet.as_manager()

    class Meta:
        verbose_name = _("update")
        verbose_name_plural = _("updates")
        ordering = ["call", "recommendation__recommendation_set__key", "recommendation__number"]
        constraints = [
            models.UniqueConstraint(fields=["call", "recommendation"], name="update_once"),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "answered", "sent_back", "accepted"]), name="update_state_known"
            ),
            models.CheckConstraint(
                condition=Q(acceptance="") | Q(acceptance__in=Acceptance.values), name="update_acceptance_known"
            ),
            models.CheckConstraint(
                condition=Q(implementation="") | Q(implementation__in=Implementation.values),
                name="update_implementation_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recommendation}, {self.call}"


class UpdateStep(models.Model):
    """Who did what to an update, when. Append-only."""

    class Kind(models.TextChoices):
        ANSWERED = "answered", _("answered")
        COMMENTED = "commented", _("commented")
        REASSIGNED = "reassigned", _("given to other posts")
        SENT_BACK = "sent_back", _("sent back")
        ACCEPTED = "accepted", _("accepted")

    update = models.ForeignKey(Update, models.CASCADE, related_name="steps", verbose_name=_("update"))
    kind = models.CharField(_("step"), max_length=10, choices=Kind)
    at = models.DateTimeField(_("at"), auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    # Kept beside the link, as in the audit trail.
    by_name = models.CharField(_("name of the person"), max_length=254)
    comment = models.TextField(_("comment"), blank=True)

    class Meta:
        verbose_name = _("step of an update")
        verbose_name_plural = _("steps of updates")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["answered", "commented", "reassigned", "sent_back", "accepted"]),
                name="updatestep_kind_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.update}: {self.kind}"


class ReportSentence(models.Model):
    """A sentence of a progress report as somebody reworded it; its figures stay placeholders."""

    as_at = models.DateField(_("as at"))
    since = models.DateField(_("since"))
    name = KeyField(_("place in the report"))
    text = models.TextField(_("text"))
    version = models.PositiveIntegerField(_("version"), default=1)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("changed by")
    )

    class Meta:
        verbose_name = _("sentence of a report")
        verbose_name_plural = _("sentences of reports")
        ordering = ["-as_at", "-since", "name"]
        constraints = [models.UniqueConstraint(fields=["as_at", "since", "name"], name="reportsentence_once")]

    def __str__(self) -> str:
        return f"{self.as_at}, {self.since}: {self.name}"
