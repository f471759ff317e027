"""Who reports, and who may do so on their behalf."""

from __future__ import annotations

from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AnonymousUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portal.fields import KeyField

type_of_visitor = AbstractBaseUser | AnonymousUser

validate_office_code = RegexValidator(
    r"\A[A-Z0-9]{2,8}\Z", _("is not an office code: 2 to 8 capital letters or digits")
)


class Region(models.TextChoices):
    """The continental regions of the UN's M49 standard."""

    AFRICA = "africa", _("Africa")
    AMERICAS = "americas", _("Americas")
    ASIA = "asia", _("Asia")
    EUROPE = "europe", _("Europe")
    OCEANIA = "oceania", _("Oceania")


class OfficeQuerySet(models.QuerySet["Office"]):
    def visible_to(self, user: type_of_visitor) -> Self:
        """The directory of offices is public; what they reported is not."""
        return self.all()

    def served_by(self, user: type_of_visitor) -> Self:
        """The offices whose answers this person may see: their own, or all."""
        if not isinstance(user, User):
            return self.none()
        return self.all() if user.reads_everything else self.filter(pk__in=user.office_roles)


class Office(models.Model):
    """A national or regional IP office, or an organization; the code is that of WIPO ST.3."""

    class Kind(models.TextChoices):
        NATIONAL = "national", _("national")
        REGIONAL = "regional", _("regional")
        INTERNATIONAL = "international", _("international")

    code = models.CharField(_("code"), max_length=8, unique=True, validators=[validate_office_code])
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=13, choices=Kind)
    region = models.CharField(_("region"), max_length=8, choices=Region, blank=True)
    is_sample = models.BooleanField(_("sample"), default=False, help_text=_("Invented, for demonstration."))
    source = models.CharField(_("source"), max_length=300, blank=True)

    history = HistoricalRecords()
    objects = OfficeQuerySet.as_manager()

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["national", "regional", "international"]), name="office_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(region__in=["", "africa", "americas", "asia", "europe", "oceania"]),
                name="office_region_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class OfficeGroup(models.Model):
    """A named, dated set of offices: a task force, LDCs, the respondents of a round."""

    class Kind(models.TextChoices):
        TASK_FORCE = "task_force", _("task force")
        DEVELOPMENT = "development", _("development")
        RESPONDENTS = "respondents", _("respondents")
        OTHER = "other", _("other")

    key = KeyField(_("key"), unique=True)
    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    as_of = models.DateField(_("as of"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    offices = models.ManyToManyField(Office, through="GroupMember", related_name="groups", verbose_name=_("offices"))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("group of offices")
        verbose_name_plural = _("groups of offices")
        ordering = ["title", "key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["task_force", "development", "respondents", "other"]),
                name="officegroup_kind_known",
            )
        ]

    def __str__(self) -> str:
        return self.title


class GroupMember(models.Model):
    """An office's place in a group."""

    group = models.ForeignKey(OfficeGroup, models.CASCADE, related_name="members", verbose_name=_("group"))
    office = models.ForeignKey(Office, models.PROTECT, related_name="group_places", verbose_name=_("office"))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("group member")
        verbose_name_plural = _("group members")
        ordering = ["group__key", "office__code"]
        constraints = [models.UniqueConstraint(fields=["group", "office"], name="groupmember_once")]

    def __str__(self) -> str:
        return f"{self.group}: {self.office}"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, role=User.Role.ADMINISTRATOR, **fields)

    def get_by_natural_key(self, email: str | None) -> User:
        return self.get(email=(email or "").lower())


class User(AbstractBaseUser):
    """A person with an account. What they may do follows from `role` and from their memberships."""

    class Role(models.TextChoices):
        SECRETARIAT = "secretariat", _("secretariat")
        ADMINISTRATOR = "administrator", _("administrator")
        AUDITOR = "auditor", _("auditor")

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    role = models.CharField(
        _("role"),
        max_length=13,
        choices=Role,
        blank=True,
        help_text=_("Blank for people who act only for an office."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=["", "secretariat", "administrator", "auditor"]), name="user_role_known"
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_administrator(self) -> bool:
        return self.is_active and self.role == self.Role.ADMINISTRATOR

    @property
    def reads_everything(self) -> bool:
        """Secretariat, administrators and auditors see what every office reported."""
        return self.is_active and self.role in {self.Role.SECRETARIAT, self.Role.ADMINISTRATOR, self.Role.AUDITOR}

    # The admin pages ask these four; the role is the only answer.
    @property
    def is_staff(self) -> bool:
        return self.is_administrator

    @property
    def is_superuser(self) -> bool:
        return self.is_administrator

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_administrator

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_administrator

    @cached_property
    def office_roles(self) -> dict[int, str]:
        """The person's role by office id; one query a request."""
        if not self.is_active:
            return {}
        return dict(self.memberships.values_list("office_id", "role"))


class Membership(models.Model):
    """What a person may do for one office."""

    class Role(models.TextChoices):
        VIEWER = "viewer", _("viewer")
        CONTRIBUTOR = "contributor", _("contributor")
        COORDINATOR = "coordinator", _("coordinator")

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("person"))
    office = models.ForeignKey(Office, models.PROTECT, related_name="memberships", verbose_name=_("office"))
    role = models.CharField(_("role"), max_length=11, choices=Role)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = [F("office__code").asc(), F("user__email").asc()]
        constraints = [
            models.UniqueConstraint(fields=["user", "office"], name="membership_once"),
            models.CheckConstraint(
                condition=Q(role__in=["viewer", "contributor", "coordinator"]), name="membership_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}, {self.office}"
