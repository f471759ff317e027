"""One cell into a value and back, for each type of column.

`clean` gets the cell's text and raises ValueError with a reason that completes "column C: …";
`render` gives the text that `clean` reads back to the same value.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Model
from django.utils.translation import gettext as _
from import_export.widgets import Widget

from portal.text import UNSTORABLE, iso_day, validate_text

SEPARATOR = "; "
type_of_validator = Callable[[Any], None]


class SheetWidget(Widget):  # type: ignore[misc]  # import-export ships no types
    """The base: says whether a blank cell is a fault, and learns what the file refers to."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__()
        self.required = required

    def prepare(self, cells: Iterable[str]) -> None:
        """Look up, once for the whole file, what its cells in this column refer to."""

    def clean(self, value: str, row: Mapping[str, str] | None = None, **kwargs: Any) -> Any:
        if not value.strip():
            if self.required:
                raise ValueError(_("is required"))
            return self.blank()
        return self.parse(value)

    def blank(self) -> Any:
        """The value that a blank cell means."""
        return ""

    def parse(self, value: str) -> Any:
        return value

    def render(self, value: Any, obj: Model | None = None, **kwargs: Any) -> str | int:
        return "" if value is None else str(value)


class TextWidget(SheetWidget):
    """Text as it is, spaces and line breaks included."""

    def __init__(
        self,
        *,
        max_length: int | None = None,
        validators: Sequence[type_of_validator] = (),
        required: bool = False,
    ) -> None:
        super().__init__(required=required)
        self.max_length = max_length
        self.validators = validators

    def parse(self, value: str) -> str:
        try:
            validate_text(value)
            for validate in self.validators:
                validate(value)
        except ValidationError as error:
            raise ValueError(error.messages[0]) from error
        if self.max_length and len(value) > self.max_length:
            limits = {"length": len(value), "most": self.max_length}
            raise ValueError(_("is %(length)d characters long; at most %(most)d fit") % limits)
        return value

    def blank(self) -> str:
        return ""


class KeyWidget(TextWidget):
    """A key: spaces around it are not part of it."""

    def parse(self, value: str) -> str:
        return super().parse(value.strip())


class CodeWidget(SheetWidget):
    """One of a few codes."""

    def __init__(self, codes: Sequence[str], *, required: bool = False) -> None:
        super().__init__(required=required)
        self.codes = codes

    def parse(self, value: str) -> str:
        code = value.strip()
        if code not in self.codes:
            raise ValueError(_("is not one of %(codes)s") % {"codes": ", ".join(self.codes)})
        return code


class FlagWidget(SheetWidget):
    """`1` or `0`; empty is 0."""

    def blank(self) -> bool:
        return False

    def parse(self, value: str) -> bool:
        if value.strip() not in {"0", "1"}:
            raise ValueError(_("is not 1, 0 or empty"))
        return value.strip() == "1"

    def render(self, value: Any, obj: Model | None = None, **kwargs: Any) -> int:
        return int(value)


class DayWidget(SheetWidget):
    """A full ISO date."""

    def blank(self) -> None:
        return None

    def parse(self, value: str) -> datetime.date:
        day = iso_day(value.strip())
        if day is None:
            raise ValueError(_("is not a date: write it like 2025-05-02"))
        return day

    def render(self, value: Any, obj: Model | None = None, **kwargs: Any) -> str:
        return value.isoformat() if value else ""


class NumberWidget(SheetWidget):
    """A whole number."""

    def __init__(self, *, lowest: int = 0, highest: int = 32_767, required: bool = False) -> None:
        super().__init__(required=required)
        self.lowest = lowest
        self.highest = highest

    def blank(self) -> None:
        return None

    def parse(self, value: str) -> int:
        text = value.strip()
        if not (text.isascii() and text.isdigit()):
            raise ValueError(_("is not a whole number"))
        # The length first: int() of a million digits takes minutes.
        if len(text) > 9 or not self.lowest <= int(text) <= self.highest:
            raise ValueError(
                _("is not between %(lowest)d and %(highest)d") % {"lowest": self.lowest, "highest": self.highest}
            )
        return int(text)

    def render(self, value: Any, obj: Model | None = None, **kwargs: Any) -> str | int:
        return "" if value is None else int(value)


class ReferenceWidget(SheetWidget):
    """A row of another kind, by its key."""

    def __init__(self, model: type[Model], key: str = "key", *, required: bool = False) -> None:
        super().__init__(required=required)
        self.model = model
        self.key = key
        self.found: dict[str, Model] = {}

    def prepare(self, cells: Iterable[str]) -> None:
        keys = {cell.strip() for cell in cells} - {""}
        self.found = fetch_by(self.model._default_manager.all(), self.key, keys)

    def blank(self) -> None:
        return None

    def parse(self, value: str) -> Model:
        try:
            return self.found[value.strip()]
        except KeyError:
            raise ValueError(_("there is no such %(kind)s") % {"kind": self.model._meta.verbose_name}) from None

    def render(self, value: Any, obj: Model | None = None, **kwargs: Any) -> str:
        return "" if value is None else str(getattr(value, self.key))


class NoSuchChild(ValueError):
    """A key that its parent does not have; where the parent itself is at fault, nothing is said of it."""


class ChildReferenceWidget(SheetWidget):
    """A row whose key is unique only below its parent, which another column of the same row names."""

    def __init__(self, model: type[Model], inner: SheetWidget, *, parent: str, parent_column: str) -> None:
        """`inner` reads the key's own cell, `parent` is the field that leads to the parent."""
        super().__init__(required=True)
        self.model = model
        self.inner = inner
        self.parent = parent
        self.parent_column = parent_column
        self.key = "number" if isinstance(inner, NumberWidget) else "key"
        self.found: dict[tuple[str, Any], Model] = {}

    def prepare(self, cells: Iterable[str]) -> None:
        keys = set()
        for cell in cells:
            with contextlib.suppress(ValueError):
                keys.add(self.inner.clean(cell))
        children = self.model._default_manager.select_related(self.parent).filter(**{f"{self.key}__in": keys})
        self.found = {(getattr(child, self.parent).key, getattr(child, self.key)): child for child in children}

    def clean(self, value: str, row: Mapping[str, str] | None = None, **kwargs: Any) -> Model:
        key = self.inner.clean(value)
        parent = (row or {})[self.parent_column].strip()
        try:
            return self.found[parent, key]
        except KeyError:
            raise NoSuchChild(
                _("there is no such %(kind)s in %(parent)s") % {"kind": self.model._meta.verbose_name, "parent": parent}
            ) from None

    def render(self, value: Any, obj: Model | None = None, **kwargs: Any) -> str | int:
        return self.inner.render(getattr(value, self.key)) if value is not None else ""


class ReferencesWidget(ReferenceWidget):
    """Several rows of another kind, by their keys, separated by `; `."""

    def prepare(self, cells: Iterable[str]) -> None:
        super().prepare(part for cell in cells for part in cell.split(";"))

    def blank(self) -> frozenset[Model]:  # type: ignore[override]
        return frozenset()

    def parse(self, value: str) -> frozenset[Model]:  # type: ignore[override]
        parts = [part.strip() for part in value.split(";")]
        if missing := [part for part in parts if part not in self.found]:
            raise ValueError(
                _("there is no such %(kind)s: %(missing)s")
                % {"kind": self.model._meta.verbose_name, "missing": ", ".join(missing)}
            )
        return frozenset(self.found[part] for part in parts)

    def render(self, value: Any, obj: Model | None = None, **kwargs: Any) -> str:
        related = value.all() if isinstance(value, models.Manager) else value
        return SEPARATOR.join(sorted(str(getattr(item, self.key)) for item in related))


class LinesWidget(TextWidget):
    """A list kept one a line, in a cell separated by `; `."""

    def parse(self, value: str) -> str:
        return super().parse("\n".join(part.strip() for part in value.split(";") if part.strip()))

    def render(self, value: Any, obj: Model | None = None, **kwargs: Any) -> str:
        return SEPARATOR.join(value.splitlines())


def fetch_by(queryset: models.QuerySet[Any], key: str, values: Iterable[Any]) -> dict[Any, Any]:
    """Rows of a queryset by a unique key, in a few queries however many values there are."""
    # A value that no database holds cannot be looked up either.
    wanted = [value for value in values if not UNSTORABLE.search(str(value))]
    found: dict[Any, Any] = {}
    for start in range(0, len(wanted), 5_000):
        for item in queryset.filter(**{f"{key}__in": wanted[start : start + 5_000]}):
            found[getattr(item, key)] = item
    return found


def widget_for(field: models.Field[Any, Any]) -> SheetWidget:
    """The widget of a model field that is no relation."""
    required = not field.blank
    if field.choices:
        return CodeWidget([str(code) for code, _label in field.flatchoices if code != ""], required=required)
    if isinstance(field, models.BooleanField):
        return FlagWidget()
    if isinstance(field, models.DateField):
        return DayWidget(required=required)
    if isinstance(field, models.PositiveSmallIntegerField):
        return NumberWidget(required=required)
    validators = [validate for validate in field.validators if not isinstance(validate, MaxLengthValidator)]
    if field.unique or (not isinstance(field, models.TextField) and field.default_validators):
        return KeyWidget(max_length=field.max_length, validators=validators, required=required)
    return TextWidget(max_length=field.max_length, validators=validators, required=required)
