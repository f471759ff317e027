"""The menu of technical assistance, what offices asked for, and what was delivered."""

from __future__ import annotations

import datetime
import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from offices.models import Office
from offices.policies import reads_everything, type_of_person
from portal.fields import KeyField, PartialDateField, validate_no_semicolon
from portal.models import ImportRecord
from recommendations.models import Recommendation


class Programme(models.Model):
    """One programme of the menu, in our own words. Lists have one entry a line.

    The terms of `institutions` and `limited_to` are the vocabulary that people filter by.
    """

    number = models.PositiveSmallIntegerField(_("number"), unique=True)
    title = models.CharField(_("title"), max_length=300)
    recommendation = models.ForeignKey(
        Recommendation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="programmes",
        verbose_name=_("recommendation"),
    )
    institutions = models.TextField(_("for institutions"), blank=True, validators=[validate_no_semicolon])
    limited_to = models.TextField(_("limited to"), blank=True, validators=[validate_no_semicolon])
    objectives = models.TextField(_("objectives"), blank=True)
    activities = models.TextField(_("types of activities"), blank=True, validators=[validate_no_semicolon])
    expected_outcomes = models.TextField(_("expected outcomes"), blank=True, validators=[validate_no_semicolon])
    as_of = PartialDateField(_("as of"), blank=True)
    is_active = models.BooleanField(_("offered"), default=True)
    source = models.CharField(_("source"), max_length=300, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["number"]
        constraints = [models.CheckConstraint(condition=Q(number__gte=1), name="programme_number_from_1")]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"


class Status(models.TextChoices):
    """Where a request stands; `policies.TRANSITIONS` says which may follow which."""

    REQUESTED = "requested", _("requested")
    UNDER_DISCUSSION = "under_discussion", _("under discussion")
    AGREED = "agreed", _("agreed")
    ONGOING = "ongoing", _("ongoing")
    COMPLETED = "completed", _("completed")
    DECLINED = "declined", pgettext_lazy("request", "declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


class RequestQuerySet(models.QuerySet["Request"]):
    def visible_to(self, user: type_of_person) -> Self:
        """What an office asks for is for its own people and for those who read everything."""
        if reads_everything(user):
            return self.all()
        return self.filter(office_id__in=user.office_roles) if user.is_authenticated else self.none()

    def with_status(self, at: datetime.date | None = None) -> Self:
        """With `status`, that of the last step (by the day `at`), and `status_on`, its day; None without a step."""
        steps = RequestStep.objects.filter(request=OuterRef("pk")).order_by("-date", "-pk")
        if at is not None:
            steps = steps.filter(date__lte=at)
        return self.annotate(status=Subquery(steps.values("status")[:1]), status_on=Subquery(steps.values("date")[:1]))


class Request(models.Model):
    """One office's request for one programme. Two requests for one programme are two requests."""

    key = KeyField(_("request"), unique=True)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="requests", verbose_name=_("programme"))
    office = models.ForeignKey(Office, models.PROTECT, related_name="assistance_requests", verbose_name=_("office"))
    institution = models.CharField(_("institution"), max_length=300, blank=True)
    purpose = models.TextField(_("purpose"))
    contact = models.CharField(_("contact"), max_length=300, blank=True)
    wanted_by = models.DateField(_("wanted by"), null=True, blank=True)
    # Made with the empty form: the same form sent twice makes one request.
    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    # Grows with every step and activity; a form carries it.
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    imported_in = models.ForeignKey(
        ImportRecord,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("imported in"),
    )

    history = HistoricalRecords(excluded_fields=["token", "version", "imported_in"])
    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering = ["key"]

    def __str__(self) -> str:
        return str(self.key)


class RequestStep(models.Model):
    """A step of a request along the allowed transitions. Append-only."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="steps", verbose_name=_("request"))
    date = models.DateField(_("date"))
    status = models.CharField(_("status"), max_length=16, choices=Status)
    note = models.TextField(_("note"), blank=True)
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    imported_in = models.ForeignKey(
        ImportRecord, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("imported in")
    )

    class Meta:
        verbose_name = _("step of a request")
        verbose_name_plural = _("steps of requests")
        ordering = ["request__key", "date", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "date", "status"], name="requeststep_once"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="requeststep_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.request}, {self.date}: {self.status}"


class Activity(models.Model):
    """What was delivered on a request: a training, an expert mission, advice on a draft."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="activities", verbose_name=_("request"))
    date = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=200)
    participants = models.PositiveIntegerField(_("participants"), null=True, blank=True)
    outcome = models.TextField(_("outcome"), blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ["request__key", "date", "kind"]
        constraints = [models.UniqueConstraint(fields=["request", "date", "kind"], name="activity_once")]

    def __str__(self) -> str:
        return f"{self.request}, {self.date}: {self.kind}"
