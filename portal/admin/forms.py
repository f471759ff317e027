"""The forms of admin pages: of one row, which overwrites nothing unseen; and of a file to import."""

from __future__ import annotations

import copy
import zlib
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.models import construct_instance, model_to_dict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.admin.words import told
from portal.spreadsheets.importing import import_table
from portal.spreadsheets.resources import Mode, SheetResource
from portal.spreadsheets.tables import Fault, Table
from portal.text import with_lf

STALE = "stale"


class VersionedForm(forms.ModelForm):  # type: ignore[type-arg]  # of any model
    """A form that knows which version of the row it was opened with, and refuses to overwrite a later one."""

    opened_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.standing_version = self.read_version() if self.instance.pk else None
        self.fields["opened_version"].initial = self.standing_version
        self.standing = model_to_dict(self.instance) if self.instance.pk else {}

    def read_version(self) -> int:
        """A number that changes with every save: that of the last history entry, else a mark of the values."""
        if hasattr(self.instance, "history"):
            latest = self.instance.history.order_by("-history_id").values_list("history_id", flat=True).first()
            return int(latest or 0)
        return zlib.crc32(repr(self.versioned_values()).encode())

    def versioned_values(self) -> list[Any]:
        """What the form shows of a row without history."""
        return sorted(model_to_dict(self.instance).items(), key=str)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name, value in cleaned.items():
            # Browsers send CRLF for a line break, which is kept as LF.
            if isinstance(value, str):
                cleaned[name] = with_lf(value)
        if self.standing_version is not None and cleaned.get("opened_version") != self.standing_version:
            raise ValidationError(self.differences(cleaned), code=STALE)
        return cleaned

    def differences(self, cleaned: dict[str, Any]) -> list[ValidationError]:
        """Both texts, field by field."""
        sentence = _(
            "Somebody else saved this in the meantime. Nothing of yours was saved; compare, and save again to"
            " put your version in its place."
        )
        both = [
            _("%(field)s: saved now “%(theirs)s”, yours “%(yours)s”")
            % {
                "field": self.fields[name].label or name,
                "theirs": told(self.instance, name, theirs),
                "yours": told(self.instance, name, yours),
            }
            for name, theirs in self.standing.items()
            if name in cleaned and compared(yours := cleaned[name]) != compared(theirs)
        ]
        # Saving again is then a decision, not an accident.
        self.data = self.data.copy()  # type: ignore[attr-defined]  # a bound form's data is a QueryDict
        self.data[self.add_prefix("opened_version")] = str(self.standing_version)  # type: ignore[index]
        return [ValidationError(text, code=STALE) for text in [sentence, *both]]


def compared(value: Any) -> Any:
    """A form's value as two of them are compared: a row by its primary key, as `model_to_dict` gives it."""
    if isinstance(value, models.QuerySet | list):
        return {item.pk for item in value}
    return getattr(value, "pk", value)


class SheetForm(VersionedForm):
    """The form of a kind's admin page: it obeys the rules of the kind's import, by asking it."""

    resource_class: ClassVar[type[SheetResource]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            attributes = {name: column.attribute for name, column in self.resource_class.fields.items()}
            for fault in self.faults():
                field = attributes.get(fault.column)
                self.add_error(field if field in self.fields else None, f"{capfirst(fault.reason)}.")
        return cleaned

    def faults(self) -> tuple[Fault, ...]:
        """What an import of this one row would find at fault."""
        resource = self.resource_class()
        changed = construct_instance(self, copy.copy(self.instance))
        # A row is recognized by the key that it has now, even if the form renames it.
        standing = type(self.instance)._default_manager.filter(pk=self.instance.pk).first() or changed
        keys = set(resource.key_names)
        cells = [
            str(resource.fields[name].export(standing if name in keys else changed)) for name in resource.column_names()
        ]
        table = Table(resource.column_names(), [cells], [1])
        return import_table(resource.kind, table, by=None, dry_run=True, mode=Mode.REPLACE).faults


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV or XLSX file"), widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"})
    )
