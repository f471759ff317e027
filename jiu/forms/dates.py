"""The two dates that a progress report compares, and which of its rows are shown."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from jiu.reports import ADDRESSEES, PLACES, Group, Line
from jiu.reports.lines import CLOSED, CLOSED_OTHERWISE
from portal.forms import DayField
from portal.text import iso_day

YEAR = datetime.timedelta(days=365)


class HeldDayField(DayField):
    """A day; those for which the portal holds what stood are offered."""

    def __init__(self, **options: Any) -> None:
        errors = {
            "invalid": gettext_lazy("Write the date as year-month-day, such as 2022-03-31."),
            "required": gettext_lazy("Both dates are needed."),
        }
        super().__init__(attrs={"list": "dates-held"}, error_messages=errors, **options)


class DatesForm(forms.Form):
    """Where all stands, and beside which earlier date."""

    as_at = HeldDayField(label=pgettext_lazy("date", "As at"))
    since = HeldDayField(label=pgettext_lazy("date", "Compared with"))

    def clean_since(self) -> datetime.date:
        since: datetime.date = self.cleaned_data["since"]
        as_at: datetime.date | None = self.cleaned_data.get("as_at")
        if as_at and since >= as_at:
            raise forms.ValidationError(_("The date to compare with must be before the date of the report."))
        return since

    @property
    def query(self) -> str:
        """The dates as the query string of a link."""
        return urlencode({name: self.cleaned_data[name].isoformat() for name in ("as_at", "since")})


def proposed(data: Mapping[str, str], held: Sequence[datetime.date]) -> dict[str, str]:
    """The dates asked for; those left out are the latest that the portal holds, and the one before it."""
    found = {name: data.get(name, "").strip() for name in ("as_at", "since")}
    if not found["as_at"] and held:
        found["as_at"] = held[0].isoformat()
    if not found["since"] and held:
        found["since"] = before(found["as_at"], held).isoformat()
    return found


def before(as_at: str, held: Iterable[datetime.date]) -> datetime.date:
    """The last of these dates before that one; where there is none, a year earlier."""
    date = iso_day(as_at) or datetime.date.max
    earlier = next((day for day in held if day < date), None)
    return earlier or max(date, datetime.date.min + YEAR) - YEAR


# Places that are figures together.
TOGETHER = {
    "closed": (gettext_lazy("closed"), tuple(CLOSED)),
    "closed_otherwise": (gettext_lazy("closed without implementation"), CLOSED_OTHERWISE),
}


@dataclass(frozen=True)
class Choice:
    """Which rows are behind a figure: each part is blank where it narrows nothing."""

    group: Group
    addressee: str = ""
    year: int | None = None
    place: str = ""
    set: str = ""

    @property
    def places(self) -> tuple[str, ...]:
        return TOGETHER[self.place][1] if self.place in TOGETHER else (self.place,)

    @property
    def place_label(self) -> str:
        return str(TOGETHER[self.place][0] if self.place in TOGETHER else PLACES[self.place])

    def takes(self, line: Line) -> bool:
        found = line.recommendation.recommendation_set
        return (
            self.addressee in {"", line.recommendation.addressee}
            and self.year in {None, found.year or 0}
            and (not self.place or line.place in self.places)
            and self.set in {"", found.key}
        )


class RowsForm(forms.Form):
    """Of which figure the rows are shown; nothing chosen: the report as a whole."""

    group = forms.ChoiceField(choices=Group.choices, required=False)
    addressee = forms.ChoiceField(choices=[(name, name) for name in ADDRESSEES], required=False)
    year = forms.IntegerField(min_value=0, max_value=9999, required=False)
    place = forms.ChoiceField(choices=[(place, place) for place in (*PLACES, *TOGETHER)], required=False)
    set = forms.SlugField(required=False)

    @property
    def choice(self) -> Choice | None:
        """None where the report as a whole is asked for."""
        group = self.cleaned_data["group"]
        narrowed = {name: self.cleaned_data[name] for name in ("addressee", "year", "place", "set")}
        if not group and not any(value not in {"", None} for value in narrowed.values()):
            return None
        return Choice(Group(group or Group.HELD), **narrowed)
