"""Model fields that more than one app needs."""

import datetime
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

PARTIAL_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")

validate_key = RegexValidator(
    r"\A[-a-zA-Z0-9_]+\Z",
    gettext_lazy("is not a key: use letters without accents, digits, hyphen and underscore"),
)

# For texts with one entry a line, which stand in one cell of a spreadsheet.
validate_no_semicolon = RegexValidator(
    r"\A[^;]*\Z", gettext_lazy("holds a semicolon, which separates the entries in a spreadsheet")
)


def validate_partial_date(value: str) -> None:
    """Accept `2018`, `2018-05` and `2018-05-02`, if the calendar has them."""
    match = PARTIAL_DATE.fullmatch(value)
    if match:
        year, month, day = match.groups()
        try:
            datetime.date(int(year), int(month or 1), int(day or 1))
        except ValueError:
            pass
        else:
            return
    raise ValidationError(_("is not a date: write 2018, 2018-05 or 2018-05-02"))


class KeyField(models.CharField):  # type: ignore[type-arg]  # generic only for type checkers
    """A natural key: it stands in URLs and in spreadsheets, and people type it."""

    default_validators = [validate_key]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 60)
        super().__init__(*args, **kwargs)


class PartialDateField(models.CharField):  # type: ignore[type-arg]  # generic only for type checkers
    """A date of which only the year, or the year and month, may be known; sorts as text."""

    default_validators = [validate_partial_date]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 10
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs
