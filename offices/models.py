"""Who reports, and who may do so on their behalf."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from portal import audit
from portal.fields import KeyField
from portal.models import AuditEntry

type_of_visitor = AbstractBaseUser | AnonymousUser

validate_office_code = RegexValidator(
    r"\A[A-Z0-9]{2,8}\Z", _("is not an office code: 2 to 8 capital letters or digits")
)

# What cannot be stored, ends a line, or turns the direction of what follows.
UNNAMED = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def validate_name(value: str) -> None:
    """Refuse control characters in the name of a person, which stands in mails, and in the trail beside an address."""
    if found := UNNAMED.search(value):
        sentence = gettext("holds the control character U+%(code)04X; remove it")
        raise ValidationError(sentence % {"code": ord(found.group())})


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

    def by_name(self) -> Self:
        """As people look for an office in a list to choose from, where its name is read first."""
        return self.order_by("name", "code")


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


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: type_of_visitor) -> Self:
        """Oneself; the people of the offices that one coordinates; everybody for those who read everything."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if user.reads_everything:
            return self.all()
        members = Membership.objects.filter(office__in=user.coordinated_offices).values("user")
        return self.filter(Q(pk=user.pk) | Q(pk__in=members))

    def administrators(self) -> Self:
        """Those who can sign in."""
        return self.filter(role=User.Role.ADMINISTRATOR, is_active=True)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """An administrator, made by a command on the server."""
        with transaction.atomic(using=self._db):
            user = self.create_user(email, password, role=User.Role.ADMINISTRATOR, **fields)
            path = AuditEntry.Path.COMMAND
            audit.record(by=None, path=path, action="create account", subject=user.email, role=user.role)
        return user

    def get_by_natural_key(self, email: str | None) -> User:
        return self.get(email=(email or "").lower())


class User(AbstractBaseUser):
    """A person with an account. What they may do follows from `role` and from their memberships."""

    class Role(models.TextChoices):
        SECRETARIAT = "secretariat", _("secretariat")
        ADMINISTRATOR = "administrator", _("administrator")
        AUDITOR = "auditor", _("auditor")

    email = models.EmailField(_("email address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True, validators=[validate_name])
    role = models.CharField(
        _("role"),
        max_length=13,
        choices=Role,
        blank=True,
        help_text=_("Blank for people who act only for an office."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), auto_now_add=True)
    # Part of what a session is valid for: a higher number ends all sessions of the person.
    session_serial = models.PositiveIntegerField(_("serial number of sessions"), default=0, editable=False)

    objects = UserManager.from_queryset(UserQuerySet)()

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

    @property
    def needs_second_factor(self) -> bool:
        """Whether this person holds the keys to what all offices said (`MFA_REQUIRED`)."""
        return self.is_active and self.role in {self.Role.SECRETARIAT, self.Role.ADMINISTRATOR}

    @property
    def acts_for_offices(self) -> bool:
        """Whether roles for offices count: those of auditors, who change nothing, rest while they are auditors."""
        return self.is_active and self.role != self.Role.AUDITOR

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
        """The person's role by office id, where it counts; one query a request."""
        if not self.acts_for_offices:
            return {}
        return dict(self.memberships.values_list("office_id", "role"))

    @property
    def coordinated_offices(self) -> set[int]:
        return {office for office, role in self.office_roles.items() if role == Membership.Role.COORDINATOR}

    def end_sessions(self) -> None:
        """Sign the person out everywhere, from the next request on."""
        User.objects.filter(pk=self.pk).update(session_serial=F("session_serial") + 1)
        self.refresh_from_db(fields=["session_serial"])

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # Django's own, which ends sessions with a change of password, and the number that ends them without.
        said = f"{self.password} {self.session_serial}"
        return salted_hmac("offices.models.User.session", said, secret=secret, algorithm="sha256").hexdigest()


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, user: type_of_visitor) -> Self:
        """One's own; those in the offices that one coordinates; all for those who read everything."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if user.reads_everything:
            return self.all()
        return self.filter(Q(user=user) | Q(office__in=user.coordinated_offices))

    def of_office(self, office: Office) -> Self:
        return self.filter(office=office)

    def that_act(self, *roles: str) -> Self:
        """With one of these roles, of people who can sign in and are no auditors (`User.acts_for_offices`)."""
        return self.filter(role__in=roles, user__is_active=True).exclude(user__role=User.Role.AUDITOR)


class Membership(models.Model):
    """What a person may do for one office."""

    class Role(models.TextChoices):
        VIEWER = "viewer", _("viewer")
        CONTRIBUTOR = "contributor", _("contributor")
        COORDINATOR = "coordinator", _("coordinator")

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("person"))
    office = models.ForeignKey(Office, models.PROTECT, related_name="memberships", verbose_name=_("office"))
    role = models.CharField(_("role"), max_length=11, choices=Role)

    objects = MembershipQuerySet.as_manager()

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


class PersonInvitationQuerySet(models.QuerySet["PersonInvitation"]):
    def visible_to(self, user: type_of_visitor) -> Self:
        """Those to the offices that one coordinates; all for those who read everything."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if user.reads_everything:
            return self.all()
        return self.filter(pk__in=self.model.objects.filter(offices__in=user.coordinated_offices).values("pk"))

    def unanswered(self) -> Self:
        return self.filter(used_at=None, revoked_at=None)

    def open(self, at: datetime.datetime) -> Self:
        """Those whose link still works."""
        return self.unanswered().filter(expires_at__gt=at)


def expiry() -> datetime.datetime:
    return timezone.now() + PersonInvitation.VALID_FOR


class PersonInvitation(models.Model):
    """A link that makes somebody a member of offices, or gives them a role in the portal; it works once.

    Not to be confused with an office's invitation to a round (`surveys.Invitation`).
    """

    VALID_FOR = datetime.timedelta(days=14)

    email = models.EmailField(_("email address"), db_index=True)
    offices = models.ManyToManyField(Office, blank=True, related_name="+", verbose_name=_("offices"))
    office_role = models.CharField(_("role"), max_length=11, choices=Membership.Role, blank=True)
    portal_role = models.CharField(_("role in the portal"), max_length=13, choices=User.Role, blank=True)
    # The link itself is in the mail and nowhere else.
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    times_sent = models.PositiveSmallIntegerField(_("times sent"), default=1)
    invited_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("invited by")
    )
    created_at = models.DateTimeField(_("invited at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("works until"), default=expiry)
    used_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    objects = PersonInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation of a person")
        verbose_name_plural = _("invitations of people")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(office_role__in=["viewer", "contributor", "coordinator"], portal_role="")
                | Q(office_role="", portal_role__in=["secretariat", "administrator", "auditor"]),
                name="personinvitation_one_role",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.get_office_role_display() or self.get_portal_role_display()}"

    @property
    def is_open(self) -> bool:
        return not self.used_at and not self.revoked_at and self.expires_at > timezone.now()

    def offers(self, *, email: str, offices: Iterable[Office], office_role: str, portal_role: str) -> bool:
        """Whether it is just this invitation; asks for the offices."""
        same = (self.email, self.office_role, self.portal_role) == (email, office_role, portal_role)
        return same and {office.pk for office in self.offices.all()} == {office.pk for office in offices}
