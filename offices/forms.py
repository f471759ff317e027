"""What forms of all apps ask about offices."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offices import policies
from offices.models import Membership, Office, OfficeGroup, Region, User, validate_name
from offices.narrowing import Narrowing
from portal.admin.forms import VersionedForm


class NarrowingForm(forms.Form):
    """The filters of figures by group and region."""

    group = forms.ModelChoiceField(
        label=gettext_lazy("Group"),
        queryset=OfficeGroup.objects.all(),
        to_field_name="key",
        required=False,
        empty_label=gettext_lazy("all groups"),
    )
    region = forms.ChoiceField(
        label=gettext_lazy("Region"), choices=[("", gettext_lazy("all regions")), *Region.choices], required=False
    )

    @property
    def narrowing(self) -> Narrowing:
        region = self.cleaned_data["region"]
        return Narrowing(self.cleaned_data["group"], Region(region) if region else None)


class InviteForm(forms.Form):
    """Whom to let in, with which role; what can be chosen depends on who invites."""

    email = forms.EmailField(
        label=gettext_lazy("Email address"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    offices = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Offices"),
        queryset=Office.objects.none(),
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        offices = Office.objects.by_name()
        if not policies.is_secretariat(by):
            offices = offices.filter(pk__in=by.coordinated_offices)
        self.fields["offices"].queryset = offices  # type: ignore[attr-defined]  # as declared above
        choices: list[Any] = [(_("For offices"), Membership.Role.choices)]
        if by.is_administrator:
            choices.append((_("For the whole portal"), User.Role.choices))
        self.fields["role"].widget.choices = self.fields["role"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        role, offices = cleaned.get("role"), list(cleaned.get("offices", ()))
        if not role or "offices" in self.errors:
            return cleaned
        if role in User.Role and offices:
            self.add_error("offices", _("A role for the whole portal names no office."))
        if role in Membership.Role and not offices:
            self.add_error("offices", _("Choose at least one office."))
        self.refuse_members(cleaned.get("email", ""), offices)
        return cleaned

    def refuse_members(self, email: str, offices: list[Office]) -> None:
        """Whoever invites sees these people anyway; of other accounts nothing is said."""
        if email.lower() == self.by.email:
            self.add_error("email", _("This is your own address."))
            return
        members = Membership.objects.filter(user__email=email.lower(), office__in=offices).select_related("office")
        for member in members:
            sentence = _("Belongs to %(office)s already: change the role on the page of people.")
            self.add_error("email", sentence % {"office": member.office.code})

    @property
    def offer(self) -> dict[str, Any]:
        """What `actions.invitations.invite` is told."""
        role = self.cleaned_data["role"]
        return {
            "email": self.cleaned_data["email"],
            "offices": list(self.cleaned_data["offices"]),
            "office_role": role if role in Membership.Role else "",
            "portal_role": role if role in User.Role else "",
        }


class JoinForm(forms.Form):
    """Name and password of a new account."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=150,
        validators=[validate_name],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        help_text=gettext_lazy("At least eight characters; none that everybody uses."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("Password, once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        password = cleaned.get("password", "")
        if password and cleaned.get("again") and password != cleaned["again"]:
            self.add_error("again", _("The two passwords are not the same."))
        try:
            password_validation.validate_password(password, User(email=self.email, name=cleaned.get("name", "")))
        except ValidationError as error:
            self.add_error("password", error)
        return cleaned


class NameForm(VersionedForm):
    """One's own name."""

    class Meta:
        model = User
        fields = ["name"]

    def versioned_values(self) -> list[Any]:
        return [self.instance.name]


class OfficeRoleForm(forms.Form):
    """What a colleague does for an office; blank removes them from it. `seen` is what the page showed."""

    role = forms.ChoiceField(choices=[("", ""), *Membership.Role.choices], required=False)
    seen = forms.ChoiceField(choices=Membership.Role.choices)


class PortalRoleForm(forms.Form):
    role = forms.ChoiceField(choices=[("", ""), *User.Role.choices], required=False)
    seen = forms.ChoiceField(choices=[("", ""), *User.Role.choices], required=False)
