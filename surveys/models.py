"""Survey rounds: what is asked, who is asked, what they answered."""

from __future__ import annotations

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from offices.models import Office
from offices.policies import reads_everything, type_of_person
from portal.fields import KeyField
from portal.models import ImportRecord
from recommendations.models import Recommendation, RecommendationSet

# The levels a round asks for, in the order of its tables (a part of `Implementation`).
LEVELS = {
    "implemented": _("Implemented"),
    "in_progress": _("In progress"),
    "planned": _("Planned"),
    "under_consideration": _("Under consideration"),
    "not_planned": _("Not planned"),
}


class SurveyQuerySet(models.QuerySet["Survey"]):
    def visible_to(self, user: type_of_person) -> Self:
        """Rounds that have opened are known to all who sign in; earlier, to those invited."""
        if not user.is_authenticated:
            return self.none()
        if reads_everything(user):
            return self.all()
        invited = Invitation.objects.filter(office_id__in=user.office_roles).values("survey_id")
        return self.filter(Q(opens_on__lte=timezone.localdate()) | Q(pk__in=invited))


class Survey(models.Model):
    """One round on one set; open from the first to the end of the last day, by the dates alone."""

    class State(models.TextChoices):
        UPCOMING = "upcoming", _("not open yet")
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    key = KeyField(_("key"), unique=True)
    title = models.CharField(_("title"), max_length=200)
    recommendation_set = models.ForeignKey(
        RecommendationSet, models.PROTECT, related_name="surveys", verbose_name=_("set")
    )
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes on"))
    is_sample = models.BooleanField(_("sample"), default=False, help_text=_("Invented, for demonstration."))

    history = HistoricalRecords()
    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["-opens_on", "key"]
        constraints = [
            models.CheckConstraint(condition=Q(closes_on__gte=models.F("opens_on")), name="survey_closes_after_opening")
        ]

    def __str__(self) -> str:
        return self.title

    def state_on(self, day: datetime.date) -> Survey.State:
        if day < self.opens_on:
            return self.State.UPCOMING
        return self.State.OPEN if day <= self.closes_on else self.State.CLOSED

    @property
    def state(self) -> Survey.State:
        """The state today, in TIME_ZONE."""
        return self.state_on(timezone.localdate())


class Question(models.Model):
    """One question of a round."""

    class Kind(models.TextChoices):
        LEVELS = "levels", _("one level per recommendation")
        SELECT = "select", _("any number of recommendations")
        CHOICE = "choice", _("one of several options")
        TEXT = "text", _("free text")
        COMMENTS = "comments", _("one text per recommendation")

    class Exclusive(models.TextChoices):
        NONE = "none", _("None of the recommendations")
        NA = "na", _("Not applicable (N/A)")

    PER_RECOMMENDATION = frozenset({Kind.LEVELS, Kind.COMMENTS})
    FREE_TEXT = frozenset({Kind.TEXT, Kind.COMMENTS})

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="questions", verbose_name=_("survey"))
    key = KeyField(_("key"))
    order = models.PositiveSmallIntegerField(_("order"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    text = models.TextField(_("text"))
    exclusive_option = models.CharField(_("exclusive option"), max_length=4, choices=Exclusive, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["survey__key", "order", "key"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "key"], name="question_key_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["levels", "select", "choice", "text", "comments"]),
                name="question_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(exclusive_option="") | Q(kind="select", exclusive_option__in=["none", "na"]),
                name="question_exclusive_option_of_select",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey.key}: {self.key}"


class QuestionOption(models.Model):
    """One option of a `choice` question."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="options", verbose_name=_("question"))
    key = KeyField(_("key"))
    order = models.PositiveSmallIntegerField(_("order"))
    label = models.CharField(_("label"), max_length=200)
    needs_explanation = models.BooleanField(_("needs an explanation"), default=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")
        ordering = ["question__survey__key", "question__order", "question__key", "order", "key"]
        constraints = [models.UniqueConstraint(fields=["question", "key"], name="questionoption_key_once")]

    def __str__(self) -> str:
        return f"{self.question}: {self.label}"


class Invitation(models.Model):
    """An office asked to take part in a round, and its own terms. Also the row that writers of its response lock."""

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="invitations", verbose_name=_("survey"))
    office = models.ForeignKey(Office, models.PROTECT, related_name="invitations", verbose_name=_("office"))
    closes_on = models.DateField(
        _("extended to"), null=True, blank=True, help_text=_("This office's own last day, where it differs.")
    )
    declined_on = models.DateField(_("declined on"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    opened_at = models.DateTimeField(_("first opened at"), null=True, blank=True, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["survey__key", "office__code"]
        constraints = [models.UniqueConstraint(fields=["survey", "office"], name="invitation_once")]

    def __str__(self) -> str:
        return f"{self.survey}: {self.office}"

    @property
    def last_day(self) -> datetime.date:
        """Until the end of which day the office can answer; an extension may also shorten."""
        return self.closes_on or self.survey.closes_on

    def state_on(self, day: datetime.date) -> Survey.State:
        """The state of the round for this office."""
        if day < self.survey.opens_on:
            return Survey.State.UPCOMING
        return Survey.State.OPEN if day <= self.last_day else Survey.State.CLOSED

    @property
    def state(self) -> Survey.State:
        return self.state_on(timezone.localdate())


class ResponseQuerySet(models.QuerySet["Response"]):
    def visible_to(self, user: type_of_person) -> Self:
        """An office's answers are for its own people and for those who read everything."""
        if reads_everything(user):
            return self.all()
        return self.filter(office_id__in=user.office_roles) if user.is_authenticated else self.none()

    def standing(self) -> Self:
        """Drafts and submitted responses; what was superseded or discarded is kept, but past."""
        return self.filter(state__in=[Response.State.DRAFT, Response.State.SUBMITTED])

    def untouched(self) -> Self:
        """Drafts with what was carried over from an earlier round, of which nobody has said anything yet."""
        return self.filter(state=Response.State.DRAFT, origin=Response.Origin.CARRIED)

    def next_version(self) -> int:
        """One more than any version there was, of these responses of one office in one round."""
        latest: int | None = self.aggregate(latest=models.Max("version"))["latest"]
        return (latest or 0) + 1

    def submitted(self) -> Self:
        """Those that count: the last submission of each office, whether or not reopened since."""
        return self.filter(state=Response.State.SUBMITTED)

    def of(self, survey: Survey, office: Office) -> Self:
        return self.filter(survey=survey, office=office)


class Response(models.Model):
    """One version of one office's reply to a round.

    An office has at most one draft and at most one submitted response. Submitting a draft again
    supersedes the submission before it, which stays as it was.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("in hand")
        SUBMITTED = "submitted", _("submitted")
        SUPERSEDED = "superseded", _("replaced by a later submission")
        DISCARDED = "discarded", _("discarded unsubmitted")

    class Origin(models.TextChoices):
        FORM = "form", _("the office")
        SECRETARIAT = "secretariat", _("the secretariat, on behalf of the office")
        IMPORT = "import", _("import")
        CARRIED = "carried", _("carried over from an earlier round")

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="responses", verbose_name=_("survey"))
    office = models.ForeignKey(Office, models.PROTECT, related_name="responses", verbose_name=_("office"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(
        _("version"),
        default=1,
        help_text=_("Counts the saves of this office in this round, all its responses together."),
    )
    origin = models.CharField(_("entered by"), max_length=11, choices=Origin, default=Origin.FORM)
    saved_at = models.DateTimeField(_("saved at"), default=timezone.now)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("saved by"),
    )
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    # As it was when submitted: closing a round early makes nobody late who was not.
    is_late = models.BooleanField(
        _("late"), default=False, help_text=_("Submitted after the round's last day, by an extension.")
    )
    imported_in = models.ForeignKey(
        ImportRecord, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("imported in")
    )
    # An import that is undone takes its responses along, also where a later round began from them.
    carried_from = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("carried over from"),
        help_text=_("The submission to an earlier round with whose answers this one began."),
    )

    objects = ResponseQuerySet.as_manager()

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        ordering = ["survey__key", "office__code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "office"], condition=Q(state="draft"), name="response_one_draft"),
            models.UniqueConstraint(
                fields=["survey", "office"], condition=Q(state="submitted"), name="response_one_submitted"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "discarded"], submitted_at__isnull=True)
                | Q(state__in=["submitted", "superseded"], submitted_at__isnull=False),
                name="response_submitted_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey}: {self.office.code}"


class Section(models.Model):
    """One question's part of a response, which one person at a time changes: its version.

    The version is that of the response when the section was saved last, so that none comes twice.
    """

    response = models.ForeignKey(Response, models.CASCADE, related_name="sections", verbose_name=_("response"))
    question = models.ForeignKey(Question, models.PROTECT, related_name="sections", verbose_name=_("question"))
    version = models.PositiveIntegerField(_("version"))
    saved_at = models.DateTimeField(_("saved at"))
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("saved by")
    )

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["response", "question__order"]
        constraints = [models.UniqueConstraint(fields=["response", "question"], name="section_once")]

    def __str__(self) -> str:
        return f"{self.response}: {self.question.key}"


class Answer(models.Model):
    """One part of a response.

    `value` is a level, `yes` for a selected recommendation, an option's key, or text; the exclusive
    option of a `select` question stands in a row of its own, without recommendation.
    """

    SELECTED = "yes"

    response = models.ForeignKey(Response, models.CASCADE, related_name="answers", verbose_name=_("response"))
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers", verbose_name=_("question"))
    recommendation = models.ForeignKey(
        Recommendation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="answers",
        verbose_name=_("recommendation"),
    )
    value = models.TextField(_("value"))
    comment = models.TextField(_("comment"), blank=True)
    is_carried_over = models.BooleanField(
        _("carried over, not confirmed"),
        default=False,
        help_text=_("As the office answered in an earlier round; it has not said yet whether this is still so."),
    )
    # Blank for imported answers, whose response says who imported them.
    changed_at = models.DateTimeField(_("changed at"), null=True, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("changed by")
    )

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["response", "question__order", "recommendation__number"]
        constraints = [
            models.UniqueConstraint(
                fields=["response", "question", "recommendation"],
                condition=Q(recommendation__isnull=False),
                name="answer_once_per_recommendation",
            ),
            models.UniqueConstraint(
                fields=["response", "question"], condition=Q(recommendation__isnull=True), name="answer_once"
            ),
            models.CheckConstraint(condition=~Q(value=""), name="answer_has_a_value"),
        ]

    def __str__(self) -> str:
        return f"{self.question}: {self.value}"
