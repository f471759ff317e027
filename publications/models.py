"""What was published and never changes; what official documents print, kept to be compared with the data."""

from __future__ import annotations

import uuid
from typing import Any, NoReturn, Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from offices.models import Office
from recommendations.models import Recommendation
from surveys.models import Question


class Claim(models.Model):
    """A figure as an official document prints it. It is never bent to agree with the data.

    `measure` names what would have to be counted (`portal.measures`), `subject` of what. A document
    that prints a range has `low` and `high` instead of a value.
    """

    document = models.CharField(_("document"), max_length=100)
    paragraph = models.CharField(_("paragraph"), max_length=60)
    measure = models.CharField(_("measure"), max_length=60)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    value = models.CharField(_("value"), max_length=200, blank=True)
    low = models.IntegerField(_("lowest"), null=True, blank=True)
    high = models.IntegerField(_("highest"), null=True, blank=True)
    as_at = models.DateField(_("as at"), null=True, blank=True)
    since = models.DateField(_("since"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ["document", "paragraph", "measure", "subject"]
        constraints = [
            models.UniqueConstraint(fields=["document", "paragraph", "measure", "subject"], name="claim_once")
        ]

    def __str__(self) -> str:
        return f"{self.document}, {self.paragraph}: {self.measure} {self.subject}".strip()


class FrozenError(Exception):
    """Somebody tried to change what was published."""


class PublicationQuerySet(models.QuerySet["Publication"]):
    def latest_versions(self) -> Self:
        """Of each number what stands; what it replaced is left out."""
        later = Publication.objects.filter(number=OuterRef("number")).order_by("-version")
        return self.filter(pk=Subquery(later.values("pk")[:1]))

    def update(self, **kwargs: Any) -> NoReturn:
        raise FrozenError

    def delete(self) -> NoReturn:
        raise FrozenError

    # As Django's own: for query sets, not for the manager.
    delete.queryset_only = True  # type: ignore[attr-defined]  # an attribute that Django reads


class Publication(models.Model):
    """One version of results or of a report, frozen: figures, texts, who answered, when, by which software.

    `content` is canonical JSON (`publications.freezing`), kept as text so that no database reorders it;
    `sha256` is that of its UTF-8 bytes. `seal` covers this row as a whole, the person included, whom the
    content must not name. A correction is a further version of the same number.

    The database refuses to change a row too, but for the link to an account that is deleted: a migration
    that alters this table on SQLite makes the trigger of 0003 anew.
    """

    class Kind(models.TextChoices):
        RESULTS = "results", _("results of a round")
        PROGRESS_REPORT = "progress_report", _("progress report")

    number = models.PositiveIntegerField(_("number"))
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    kind = models.CharField(_("kind"), max_length=15, choices=Kind)
    # The key of the round, or the two dates of the report: what a correction is made from again.
    subject = models.CharField(_("subject"), max_length=100)
    title = models.CharField(_("title"), max_length=300)
    is_sample = models.BooleanField(_("sample"), default=False)
    content = models.TextField(_("content"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    seal = models.CharField(_("seal"), max_length=64)
    # Why it corrects the version before, or why it appeared although something was open.
    reason = models.TextField(_("reason"), blank=True)
    software = models.CharField(_("software"), max_length=60)
    published_at = models.DateTimeField(_("published at"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("published by")
    )
    published_by_name = models.CharField(_("name of the person"), max_length=254)
    # Made with the empty form: the same form sent twice makes one publication.
    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering = ["-number", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["number", "version"], name="publication_once"),
            models.CheckConstraint(condition=Q(kind__in=["results", "progress_report"]), name="publication_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.number}.{self.version}: {self.title}"

    @property
    def replaces(self) -> int | None:
        """The version that stood before; None for the first."""
        return self.version - 1 or None

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise FrozenError
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise FrozenError


class CommentDecision(models.Model):
    """Whether one text of one office becomes public. It holds for this text: another one asks anew."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="+", verbose_name=_("question"))
    office = models.ForeignKey(Office, models.CASCADE, related_name="+", verbose_name=_("office"))
    recommendation = models.ForeignKey(
        Recommendation, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("recommendation")
    )
    digest = models.CharField(_("SHA-256 of the text"), max_length=64)
    is_public = models.BooleanField(_("becomes public"))
    decided_at = models.DateTimeField(_("decided at"), auto_now=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by")
    )

    class Meta:
        verbose_name = _("decision on a comment")
        verbose_name_plural = _("decisions on comments")
        ordering = ["question", "office__code", "recommendation__number"]
        constraints = [
            models.UniqueConstraint(
                fields=["question", "office", "recommendation", "digest"],
                condition=Q(recommendation__isnull=False),
                name="commentdecision_once_per_recommendation",
            ),
            models.UniqueConstraint(
                fields=["question", "office", "digest"],
                condition=Q(recommendation__isnull=True),
                name="commentdecision_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office.code}, {self.question.key}"
