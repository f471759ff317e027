"""What forms of several apps share: days, texts, rows with a version, and what was refused or is stale."""

from __future__ import annotations

import copy
import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.text import as_sentence, says_something, validate_text, with_lf
from portal.writes import Refused, Stale, type_of_fault, type_of_row, version_of

ISO = "%Y-%m-%d"
# Days beyond these are slips of the keyboard, and the first and last of the calendar have no midnight everywhere.
FIRST_DAY, LAST_DAY = datetime.date(1900, 1, 1), datetime.date(2999, 12, 31)
# What a filter says of a date that it cannot read.
NOT_A_DAY = {"invalid": gettext_lazy("Write the date as year-month-day, such as 2026-06-30.")}


class DayField(forms.DateField):
    """A day. Browsers show their own calendar for it, and send and expect ISO dates whatever the language."""

    def __init__(self, *, attrs: Mapping[str, str] | None = None, **options: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date", **(attrs or {})}, format=ISO)
        super().__init__(input_formats=[ISO], widget=widget, **options)

    def validate(self, value: datetime.date | None) -> None:
        super().validate(value)
        if value and not FIRST_DAY <= value <= LAST_DAY:
            raise ValidationError(
                _("Write a date from %(first)s to %(last)s.") % {"first": FIRST_DAY, "last": LAST_DAY}, code="invalid"
            )


class TextField(forms.CharField):
    """Text as typed, on one line or on several `rows`, with LF for a line break; what nobody could read is blank."""

    default_validators = [validate_text]

    def __init__(self, *, rows: int = 0, attrs: dict[str, str] | None = None, **options: Any) -> None:
        attrs = {"dir": "auto"} if attrs is None else attrs
        widget = forms.Textarea({"rows": rows, **attrs}) if rows else forms.TextInput(attrs)
        super().__init__(widget=widget, **options)

    def to_python(self, value: Any) -> str:
        text = with_lf(super().to_python(value) or "")
        return text if says_something(text) else ""


@dataclass(frozen=True)
class Difference:
    """Where what stands and what was typed are different; `of` what, where a page tells of several things."""

    label: str
    theirs: str
    yours: str
    _: KW_ONLY
    of: str = ""


class Refusable:
    """Mixed into a form whose action may refuse it."""

    def take(self: Any, faults: Iterable[type_of_fault]) -> None:
        """Show what the rules forbid; a reason that an import adds to a column's name becomes a sentence."""
        for name, reason in faults:
            self.add_error(name if name in self.fields else None, as_sentence(reason))


class Versioned(Refusable):
    """Mixed into a form with a hidden `version`: what was changed since it was opened is shown in it."""

    conflict: Sequence[Difference] = ()

    def meet(self: Any, standing: Any, version: object) -> None:
        """Show both texts. Saving again is then a decision, not an accident."""
        self.conflict = list(self.differences(standing))
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = str(version)


def attempt(form: Any, save: Callable[[], Any], version: Callable[[Any], object] = version_of) -> tuple[int, Any]:
    """Let an action save what a valid form holds; what it refuses, or what is stale, is shown in the form.

    Returns the HTTP status, and what the action returned.
    """
    try:
        if form.is_valid():
            return HTTPStatus.OK, save()
    except Refused as error:
        form.take(error.faults)
    except Stale as error:
        form.meet(error.current, version(error.current))
        return HTTPStatus.CONFLICT, None
    return HTTPStatus.UNPROCESSABLE_ENTITY, None


def twin(row: type_of_row) -> type_of_row:
    """A copy that lends a form its values; what the form holds reaches the row itself by an action only."""
    return copy.copy(row)


class RowForm(Versioned, forms.ModelForm):  # type: ignore[type-arg]  # of any model
    """The values of a row, and the version that the form was opened with; an action saves them."""

    version: forms.Field = forms.CharField(widget=forms.HiddenInput, required=False)
    # The field that names the row; it stays as it was given first.
    key = "key"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The action refuses what the constraints would, and says why.
        self.instance.validate_constraints = lambda **_options: None
        for field in self.fields.values():
            if isinstance(field, forms.CharField):
                field.validators.append(validate_text)

    def validate_unique(self) -> None:
        """The action tells a repeated form from a key that is taken."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        return {name: with_lf(value) if isinstance(value, str) else value for name, value in cleaned.items()}

    @property
    def values(self) -> dict[str, Any]:
        """What the row is to hold, without its key."""
        own = set(self._meta.fields or ()) - {self.key}
        return {name: value for name, value in self.cleaned_data.items() if name in own}

    def differences(self, standing: models.Model) -> Iterator[Difference]:
        """Both texts, field by field."""
        for name, yours in self.values.items():
            theirs = getattr(standing, name)
            if theirs != yours:
                column = standing._meta.get_field(name)
                label = capfirst(str(self.fields[name].label))
                yield Difference(label, in_words(column, theirs), in_words(column, yours))


def in_words(column: Any, value: Any) -> str:
    """A value as a person reads it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime.date):
        return date_format(value)
    labels = dict(column.flatchoices)
    return str(labels.get(value, "" if value is None else value))
