"""What an office says about where it stands."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.forms import DayField, TextField
from recommendations.actions import Change, OfficeStatuses, Words
from recommendations.models import Acceptance, Implementation, Recommendation, StatusReport


@dataclass(frozen=True)
class Line:
    """One recommendation of the form: what stands, and the fields for what is said now."""

    recommendation: Recommendation
    standing: StatusReport | None
    acceptance: BoundField
    implementation: BoundField
    assessment: BoundField
    evidence_url: BoundField
    version: BoundField
    confirmed: BoundField

    @property
    def fields(self) -> list[BoundField]:
        return [self.acceptance, self.implementation, self.assessment, self.evidence_url]


class StatusForm(forms.Form):
    """The status of some recommendations of a set as at one date. Fields are named `number.name`."""

    as_at = DayField(
        label=gettext_lazy("As at"),
        attrs={"class": "form-control"},
        help_text=gettext_lazy("The day on which it was so; today or earlier."),
    )

    def __init__(
        self, data: Any = None, *, recommendations: Sequence[Recommendation], statuses: OfficeStatuses
    ) -> None:
        """The fields are filled with what stands today."""
        self.recommendations = recommendations
        self.today = timezone.localdate()
        self.standing = {item.pk: statuses.standing(item, self.today) for item in recommendations}
        initial: dict[str, Any] = {"as_at": self.today}
        for item in recommendations:
            initial[f"{item.number}.version"] = statuses.version(item)
            words = vars(Words.of(self.standing[item.pk]))
            initial |= {f"{item.number}.{name}": value for name, value in words.items()}
        super().__init__(data, initial=initial)
        for item in recommendations:
            self.fields |= self.fields_of(item)
        self.fields["as_at"].widget.attrs["max"] = self.today.isoformat()

    def fields_of(self, item: Recommendation) -> dict[str, forms.Field]:
        blank = ("", _("not stated"))
        select = {"class": "form-select"}
        control = {"class": "form-control"}
        return {
            f"{item.number}.acceptance": forms.ChoiceField(
                label=_("Acceptance"),
                choices=[blank, *Acceptance.choices],
                required=False,
                widget=forms.Select(attrs=select),
            ),
            f"{item.number}.implementation": forms.ChoiceField(
                label=_("Implementation"),
                choices=[blank, *Implementation.choices],
                required=False,
                widget=forms.Select(attrs=select),
            ),
            f"{item.number}.assessment": TextField(
                label=_("Note, in your office's own words"),
                required=False,
                strip=False,
                rows=2,
                attrs=control | {"dir": "auto"},
            ),
            f"{item.number}.evidence_url": forms.URLField(
                label=_("Link to evidence"),
                required=False,
                max_length=500,
                assume_scheme="https",
                widget=forms.URLInput(attrs=control | {"placeholder": "https://"}),
            ),
            f"{item.number}.version": forms.IntegerField(widget=forms.HiddenInput, min_value=0),
            f"{item.number}.confirmed": forms.BooleanField(
                label=_("Record it as at this day, also if nothing is new"),
                required=False,
                initial=False,
                widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
            ),
        }

    def clean_as_at(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["as_at"]
        if day > self.today:
            raise ValidationError(_("This day is still to come: a status is as at today or earlier."))
        return day

    @cached_property
    def lines(self) -> list[Line]:
        """The recommendations with their bound fields, for the page."""
        names = ("acceptance", "implementation", "assessment", "evidence_url", "version", "confirmed")
        return [
            Line(item, self.standing[item.pk], *(self[f"{item.number}.{name}"] for name in names))
            for item in self.recommendations
        ]

    @property
    def changes(self) -> list[Change]:
        """What a valid form says, recommendation by recommendation, whether or not it was changed."""
        said = self.cleaned_data
        return [
            Change(
                item,
                said[f"{item.number}.version"],
                Words(**{name: said[f"{item.number}.{name}"] for name in Words.__dataclass_fields__}),
                is_confirmed=said[f"{item.number}.confirmed"],
            )
            for item in self.recommendations
        ]


def typed_again(as_at: datetime.date, changes: Sequence[Change]) -> dict[str, Any]:
    """The data of a form that says this."""
    data: dict[str, Any] = {"as_at": as_at.isoformat()}
    for change in changes:
        number = change.recommendation.number
        data[f"{number}.version"] = change.version
        data |= {f"{number}.{name}": value for name, value in vars(change.words).items()}
        if change.is_confirmed:
            data[f"{number}.confirmed"] = "on"
    return data
