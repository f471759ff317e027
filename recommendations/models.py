"""What was recommended, how it came about, and where each office stands."""

from __future__ import annotations

import datetime
import re
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from offices.models import Office, User
from offices.policies import reads_everything, type_of_person
from portal.fields import KeyField, PartialDateField, validate_no_semicolon
from portal.models import ImportRecord
from recommendations import followups

# JIU/REP/2021/6, JIU/NOTE/2015/1, JIU/ML/2019/1
JIU_SYMBOL = re.compile(r"\AJIU/[A-Z]+/([0-9]{4})/([0-9]+)")


class RecommendationSet(models.Model):
    """What one document recommends. A set may supersede another."""

    class Stage(models.TextChoices):
        DRAFT = "draft", _("draft")
        ADOPTED = "adopted", _("adopted")
        SUPERSEDED = "superseded", _("superseded")

    key = KeyField(_("key"), unique=True)
    issuer = models.CharField(_("issuer"), max_length=100)
    symbol = models.CharField(_("symbol"), max_length=60, blank=True)
    title = models.CharField(_("title"), max_length=300)
    issued_on = PartialDateField(_("issued on"), blank=True)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage)
    supersedes = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="superseded_by",
        verbose_name=_("supersedes"),
    )
    is_relevant = models.BooleanField(_("relevant to WIPO"), default=True)
    source = models.CharField(_("source"), max_length=300, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("set of recommendations")
        verbose_name_plural = _("sets of recommendations")
        ordering = ["-issued_on", "key"]
        constraints = [
            models.CheckConstraint(condition=Q(stage__in=["draft", "adopted", "superseded"]), name="set_stage_known"),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True) | ~Q(supersedes=models.F("id")),
                name="set_not_its_own_successor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.symbol}: {self.title}" if self.symbol else self.title

    @property
    def place_in_time(self) -> tuple[int, int]:
        """Year and running number: those of the symbol of a JIU report, else the year of issue and 0."""
        if found := JIU_SYMBOL.search(self.symbol):
            return int(found[1]), int(found[2])
        return int(self.issued_on[:4] or 0), 0

    @property
    def year(self) -> int | None:
        """The year of a JIU report is that of its symbol, whenever it was issued; None if nothing tells it."""
        return self.place_in_time[0] or None


class SetEvent(models.Model):
    """A dated step in a set's life: drafted, commented on, adopted, surveyed."""

    recommendation_set = models.ForeignKey(
        RecommendationSet, models.CASCADE, related_name="events", verbose_name=_("set")
    )
    date = PartialDateField(_("date"))
    label = models.CharField(_("what happened"), max_length=300)
    document = models.CharField(_("document"), max_length=100, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["recommendation_set__key", "date", "pk"]
        constraints = [models.UniqueConstraint(fields=["recommendation_set", "date", "label"], name="setevent_once")]

    def __str__(self) -> str:
        return f"{self.date}: {self.label}"

    @property
    def sort_key(self) -> str:
        """In a timeline what is known by its year only stands after what that year's days are known of."""
        return f"{self.date}-99-99"[:10]


class SetDocument(models.Model):
    """A document that belongs to a set: the report itself, comments on it, its highlights."""

    recommendation_set = models.ForeignKey(
        RecommendationSet, models.CASCADE, related_name="documents", verbose_name=_("set")
    )
    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=60, blank=True, help_text=_("What it is, as in “CEB comments”."))
    state = models.CharField(
        _("state"), max_length=60, blank=True, help_text=_("As its source says, as in “not yet available”.")
    )
    url = models.URLField(_("address"), max_length=500, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["recommendation_set__key", "title"]
        constraints = [models.UniqueConstraint(fields=["recommendation_set", "title"], name="setdocument_once")]

    def __str__(self) -> str:
        return f"{self.recommendation_set.symbol or self.recommendation_set.key}: {self.title}"


class Recommendation(models.Model):
    """One numbered item of a set."""

    class Addressee(models.TextChoices):
        LEGISLATIVE_BODY = "LB", _("legislative body")
        EXECUTIVE_HEAD = "EH", _("executive head")

    recommendation_set = models.ForeignKey(
        RecommendationSet, models.PROTECT, related_name="recommendations", verbose_name=_("set")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    addressee = models.CharField(_("addressee"), max_length=2, choices=Addressee, blank=True)
    # Blank where a document names its recommendations by number only, and nobody found words yet.
    label = models.CharField(_("label"), max_length=200, blank=True)
    summary = models.TextField(_("summary"), blank=True, help_text=_("In our own words."))
    official_text = models.TextField(_("official text"), blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    due_text = models.CharField(_("deadline in words"), max_length=300, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        ordering = ["recommendation_set__key", "number"]
        constraints = [
            models.UniqueConstraint(fields=["recommendation_set", "number"], name="recommendation_number_once"),
            models.CheckConstraint(condition=Q(addressee__in=["", "LB", "EH"]), name="recommendation_addressee_known"),
            models.CheckConstraint(condition=Q(number__gte=1), name="recommendation_number_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.recommendation_set.symbol or self.recommendation_set.key} R{self.number}"

    @property
    def name(self) -> str:
        """What people call it within its set."""
        return self.label or gettext("Recommendation %(number)d") % {"number": self.number}

    @property
    def numbered_name(self) -> str:
        """Its name behind its number, which stands once where the name is no more than the number."""
        return f"{self.number}. {self.label}" if self.label else self.name


class RecommendedAction(models.Model):
    """What a recommendation says to do, point by point."""

    recommendation = models.ForeignKey(
        Recommendation, models.CASCADE, related_name="actions", verbose_name=_("recommendation")
    )
    order = models.PositiveSmallIntegerField(_("order"))
    text = models.TextField(_("text"))
    source = models.CharField(_("source"), max_length=300, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("recommended action")
        verbose_name_plural = _("recommended actions")
        ordering = ["recommendation__recommendation_set__key", "recommendation__number", "order"]
        constraints = [models.UniqueConstraint(fields=["recommendation", "order"], name="recommendedaction_order_once")]

    def __str__(self) -> str:
        return f"{self.recommendation}, {self.order}"


class Officer(models.Model):
    """A post that answers for recommendations, with or without an account."""

    key = KeyField(_("key"), unique=True)
    title = models.CharField(_("title"), max_length=200)
    abbreviation = models.CharField(_("abbreviation"), max_length=20, blank=True)
    aliases = models.TextField(
        _("aliases"),
        blank=True,
        validators=[validate_no_semicolon],
        help_text=_("Other names of the post, one a line."),
    )
    holders = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="posts",
        verbose_name=_("holders"),
        help_text=_("The people who answer for it here. Their accounts belong to the office that has the post."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("officer")
        verbose_name_plural = _("officers")
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class Acceptance(models.TextChoices):
    ACCEPTED = "accepted", _("accepted")
    NOT_ACCEPTED = "not_accepted", _("not accepted")
    NOT_RELEVANT = "not_relevant", _("not relevant")
    UNDER_CONSIDERATION = "under_consideration", _("under consideration")


class Implementation(models.TextChoices):
    IMPLEMENTED = "implemented", _("implemented")
    IN_PROGRESS = "in_progress", _("in progress")
    PLANNED = "planned", _("planned")
    UNDER_CONSIDERATION = "under_consideration", _("under consideration")
    NOT_PLANNED = "not_planned", _("not planned")
    NOT_STARTED = "not_started", _("not started")


class StatedChange(models.TextChoices):
    NO_CHANGE = "no_change", _("no change")
    UPDATED = "updated", _("assessment updated")


# What is accepted thus needs no implementation.
CLOSING_ACCEPTANCES = (Acceptance.NOT_ACCEPTED, Acceptance.NOT_RELEVANT)
# Not implemented, and still to be: the definition for the database; `StatusReport.is_outstanding` is that for a row.
OUTSTANDING = ~Q(implementation=Implementation.IMPLEMENTED) & ~Q(acceptance__in=CLOSING_ACCEPTANCES)


class StatusReportQuerySet(models.QuerySet["StatusReport"]):
    def visible_to(self, user: type_of_person) -> Self:
        """What an office stated is for its own people and for those who read everything."""
        if reads_everything(user):
            return self.all()
        if not isinstance(user, User):
            return self.none()
        reports = self.filter(office_id__in=user.office_roles)
        for issuer, follow_up in followups.all_follow_ups().items():
            followed_up = Q(recommendation__recommendation_set__issuer=issuer, office__code=follow_up.office_code)
            reports = reports.filter(~followed_up | Q(recommendation__in=follow_up.answered_by(user)))
        return reports

    def current(self) -> Self:
        """Of the revisions of one statement (recommendation, office, date), the highest."""
        later = StatusReport.objects.filter(
            recommendation=models.OuterRef("recommendation"),
            office=models.OuterRef("office"),
            as_at=models.OuterRef("as_at"),
            revision__gt=models.OuterRef("revision"),
        )
        return self.filter(~models.Exists(later))

    def standing_at(self, date: datetime.date) -> Self:
        """What stands at a date: per recommendation and office the latest statement up to it."""
        later = (
            StatusReport.objects.filter(
                recommendation=models.OuterRef("recommendation"),
                office=models.OuterRef("office"),
                as_at__lte=date,
            )
            .order_by("-as_at", "-revision")
            .values("pk")[:1]
        )
        return self.filter(pk=models.Subquery(later))


class StatusReport(models.Model):
    """What one office stated about one recommendation as at one date. Append-only.

    A correction is a further revision; what stands at a date is a whole statement, never put
    together field by field.
    """

    recommendation = models.ForeignKey(
        Recommendation, models.PROTECT, related_name="status_reports", verbose_name=_("recommendation")
    )
    office = models.ForeignKey(Office, models.PROTECT, related_name="status_reports", verbose_name=_("office"))
    as_at = models.DateField(_("as at"))
    revision = models.PositiveIntegerField(_("revision"), default=1)
    acceptance = models.CharField(_("acceptance"), max_length=19, choices=Acceptance, blank=True)
    implementation = models.CharField(_("implementation"), max_length=19, choices=Implementation, blank=True)
    assessment = models.TextField(_("assessment"), blank=True, help_text=_("In the office's own words."))
    summary = models.TextField(_("summary"), blank=True, help_text=_("In ours."))
    responsible_officers = models.ManyToManyField(
        Officer, blank=True, related_name="status_reports", verbose_name=_("responsible officers")
    )
    evidence_url = models.URLField(_("evidence"), max_length=500, blank=True)
    as_at_assumed = models.BooleanField(_("date assumed"), default=False)
    stated_change = models.CharField(_("stated change"), max_length=9, choices=StatedChange, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
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

    objects = StatusReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("status report")
        verbose_name_plural = _("status reports")
        ordering = [
            "recommendation__recommendation_set__key",
            "recommendation__number",
            "office__code",
            "-as_at",
            "-revision",
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation", "office", "as_at", "revision"], name="statusreport_revision_once"
            ),
            models.CheckConstraint(
                condition=Q(acceptance="") | Q(acceptance__in=Acceptance.values),
                name="statusreport_acceptance_known",
            ),
            models.CheckConstraint(
                condition=Q(implementation="") | Q(implementation__in=Implementation.values),
                name="statusreport_implementation_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recommendation}, {self.office.code}, {self.as_at}"

    @property
    def is_outstanding(self) -> bool:
        return self.implementation != Implementation.IMPLEMENTED and self.acceptance not in CLOSING_ACCEPTANCES
