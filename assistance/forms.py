"""The forms by which offices ask, the secretariat answers, and the menu is kept."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assistance import policies
from assistance.models import Activity, Programme, Status
from assistance.overview import OPEN, Selection
from assistance.policies import MOST_PARTICIPANTS
from offices.forms import NarrowingForm
from offices.models import Office, OfficeQuerySet
from offices.narrowing import Narrowing
from portal.forms import DayField, Difference, Refusable, RowForm, TextField, Versioned
from recommendations.models import Recommendation

# What the database holds of a number.
MOST = 32_767

LISTS = ("institutions", "limited_to", "activities", "expected_outcomes")


class RequestForm(Versioned, forms.Form):
    """What is written on a request, with its version: what was written since it was opened is shown beside it."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Several forms share a page, and ids are told apart by the form.
        super().__init__(*args, **{"auto_id": f"{type(self).__name__.lower()}_%s", **kwargs})

    def clean(self) -> dict[str, Any]:
        if "version" in self.errors:
            self.add_error(None, _("The form is incomplete: load the page again."))
        return super().clean() or self.cleaned_data

    @property
    def values(self) -> dict[str, Any]:
        """What a valid form says."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


def in_words(value: Any) -> str:
    """A value as a person reads it."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime.date):
        return date_format(value)
    return str(Status(value).label) if value in Status.values else str(value)


# Asking


class AskForm(Refusable, forms.Form):
    """What an office asks of one programme. The token tells the same form, sent twice, from two requests."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    office = forms.ModelChoiceField(label=gettext_lazy("Office"), queryset=Office.objects.none(), to_field_name="code")
    institution = TextField(
        label=gettext_lazy("Institution"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Whom it is for. Leave it empty if it is the office itself."),
    )
    purpose = TextField(
        label=gettext_lazy("Purpose"),
        rows=5,
        help_text=gettext_lazy("What you want to achieve, and what you have in mind."),
    )
    contact = TextField(
        label=gettext_lazy("Contact"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Whom the secretariat should write to."),
    )
    wanted_by = DayField(label=gettext_lazy("Wanted by"), required=False)

    def __init__(self, data: Any = None, *, offices: OfficeQuerySet, contact: str = "") -> None:
        super().__init__(data, initial={"token": uuid.uuid4(), "contact": contact})
        choice: Any = self.fields["office"]
        choice.queryset = offices.by_name()
        only = list(offices[:2])
        self.only_office = only[0] if len(only) == 1 else None
        if self.only_office:
            choice.widget, choice.initial = forms.HiddenInput(), self.only_office.code
        self.fields["wanted_by"].widget.attrs["min"] = timezone.localdate().isoformat()

    def clean_wanted_by(self) -> datetime.date | None:
        day: datetime.date | None = self.cleaned_data["wanted_by"]
        if fault := policies.wanted_fault(day, timezone.localdate()):
            raise forms.ValidationError(fault)
        return day

    def clean(self) -> dict[str, Any]:
        if "token" in self.errors:
            self.add_error(None, _("The form is incomplete: load the page again."))
        return super().clean() or self.cleaned_data

    @property
    def values(self) -> dict[str, Any]:
        """Of a valid form, without office and token."""
        return {name: self.cleaned_data[name] for name in ("institution", "purpose", "contact", "wanted_by")}

    def renew(self) -> None:
        """Another token: sending it again then makes a second request."""
        self.data = self.data.copy()  # type: ignore[attr-defined]  # a bound form's data is a QueryDict
        self.data["token"] = str(uuid.uuid4())  # type: ignore[index]


class SelectionForm(NarrowingForm):
    """Which requests are listed."""

    field_order = ("search", "status", "programme", "office", "region", "group", "overdue")

    search = forms.CharField(label=gettext_lazy("Search"), required=False, max_length=200)
    status = forms.ChoiceField(
        label=gettext_lazy("State"),
        choices=[("", gettext_lazy("all states")), (OPEN, gettext_lazy("open")), *Status.choices],
        required=False,
    )
    programme = forms.ModelChoiceField(
        label=gettext_lazy("Programme"),
        queryset=Programme.objects.all(),
        to_field_name="number",
        required=False,
        empty_label=gettext_lazy("all programmes"),
    )
    office = forms.ModelChoiceField(
        label=gettext_lazy("Office"),
        queryset=Office.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=gettext_lazy("all offices"),
    )
    overdue = forms.BooleanField(label=gettext_lazy("Past the day it was wanted by"), required=False)

    def __init__(self, data: Any, *, offices: OfficeQuerySet, of_all: bool) -> None:
        """`of_all` is whether the requests of all offices are listed."""
        super().__init__(data)
        self.fields["office"].queryset = offices.by_name()  # type: ignore[attr-defined]
        if not of_all:
            del self.fields["region"], self.fields["group"]
            if len(offices[:2]) < 2:
                del self.fields["office"]

    @property
    def selection(self) -> Selection:
        given = self.cleaned_data
        return Selection(
            search=given["search"],
            status=given["status"],
            programme=given["programme"],
            office=given.get("office"),
            narrowing=super().narrowing if "region" in self.fields else Narrowing(),
            overdue=given["overdue"],
        )


# Answering


class StepForm(RequestForm):
    """The next step of a request: `steps` are those that the person may take."""

    status = forms.CharField(label=gettext_lazy("Next step"), widget=forms.Select)
    date = DayField(label=gettext_lazy("Date"))
    note = TextField(
        label=gettext_lazy("Note"),
        rows=3,
        required=False,
        help_text=gettext_lazy("The office reads it. Whoever declines says why."),
    )

    def __init__(self, data: Any = None, *, steps: Sequence[Status], version: int) -> None:
        today = timezone.localdate()
        super().__init__(data, initial={"version": version, "date": today})
        choices = [("", _("choose")), *((status.value, status.label) for status in steps)]
        self.fields["status"].widget.choices = choices
        self.fields["date"].widget.attrs["max"] = today.isoformat()

    def clean_status(self) -> str:
        """Any status, also one that may not follow: the action says why it may not."""
        status: str = self.cleaned_data["status"]
        if status not in Status.values:
            raise forms.ValidationError(_("There is no such state."))
        return status

    def differences(self, standing: Mapping[str, Any]) -> Iterator[Difference]:
        """The last step beside the one that was typed."""
        labels = {"status": _("State"), "date": _("Date"), "note": _("Note")}
        for name, label in labels.items():
            yield Difference(label, in_words(standing.get(name)), in_words(self.cleaned_data[name]))


class WithdrawForm(RequestForm):
    note = TextField(label=gettext_lazy("Why, if you like"), rows=2, required=False)

    def __init__(self, data: Any = None, *, version: int) -> None:
        super().__init__(data, initial={"version": version})

    def differences(self, standing: Mapping[str, Any]) -> Iterator[Difference]:
        yield Difference(_("State"), in_words(standing.get("status")), str(Status.WITHDRAWN.label))
        yield Difference(_("Note"), in_words(standing.get("note")), self.cleaned_data["note"])


class ActivityForm(RequestForm):
    """What was delivered; `activity` is one to be changed."""

    date = DayField(label=gettext_lazy("Date"))
    kind = TextField(
        label=gettext_lazy("Kind"), max_length=200, help_text=gettext_lazy("As in “training” or “expert mission”.")
    )
    participants = forms.IntegerField(
        label=gettext_lazy("Participants"), min_value=0, max_value=MOST_PARTICIPANTS, required=False
    )
    outcome = TextField(
        label=gettext_lazy("Outcome"),
        rows=4,
        required=False,
        help_text=gettext_lazy("Held against what the programme expects; it can be added later."),
    )

    def __init__(self, data: Any = None, *, version: int, activity: Activity | None = None) -> None:
        standing = activity_values(activity) if activity else {}
        super().__init__(data, initial={"version": version, **standing})
        self.fields["date"].widget.attrs["max"] = timezone.localdate().isoformat()
        self.fields["kind"].widget.attrs["list"] = "kinds"

    def differences(self, standing: Mapping[str, Any]) -> Iterator[Difference]:
        """What is recorded now beside what was typed."""
        for name, yours in self.values.items():
            yield Difference(str(self.fields[name].label), in_words(standing.get(name)), in_words(yours))


def activity_values(activity: Activity) -> dict[str, Any]:
    return {name: getattr(activity, name) for name in ("date", "kind", "participants", "outcome")}


# The menu


class ProgrammeForm(RowForm):
    """A programme of the menu, in our own words."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, initial=0)
    key = "number"

    class Meta:
        model = Programme
        fields = [
            "number",
            "title",
            "recommendation",
            "institutions",
            "limited_to",
            "objectives",
            "activities",
            "expected_outcomes",
            "as_of",
            "source",
        ]
        widgets = {name: forms.Textarea(attrs={"rows": 4}) for name in ("objectives", *LISTS)}
        help_texts = {
            "number": gettext_lazy("Stands in addresses and spreadsheets; it stays."),
            "institutions": gettext_lazy("One a line, in the words that people filter by."),
            "limited_to": gettext_lazy("One a line; empty if it is for all."),
            "activities": gettext_lazy("One a line."),
            "expected_outcomes": gettext_lazy("One a line; empty where the source names none."),
            "as_of": gettext_lazy("The year, month or day of what the source says, as in 2008 or 2008-03."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["recommendation"].queryset = Recommendation.objects.select_related(  # type: ignore[attr-defined]
            "recommendation_set"
        )
        for field in self.fields.values():
            if isinstance(field, forms.CharField):
                field.widget.attrs["dir"] = "auto"
        if self.instance.pk:
            del self.fields["number"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name in LISTS:
            if name in cleaned:
                # As an import reads a list: no blank lines, no spaces around.
                lines = (line.strip() for line in cleaned[name].splitlines())
                cleaned[name] = "\n".join(line for line in lines if line)
        return cleaned

    def clean_number(self) -> int:
        number: int = self.cleaned_data["number"]
        if not 1 <= number <= MOST:
            raise forms.ValidationError(_("Programmes are numbered from 1 to %(most)d.") % {"most": MOST})
        return number
