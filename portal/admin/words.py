"""What a field of a row says, and said, in words."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.admin.utils import label_for_field
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from simple_history.models import ModelChange


def told(row: models.Model, name: str, value: Any) -> str:
    """What this field of the row says, in words: other rows by their names, also where only the key is given."""
    if value is None:
        return ""
    if isinstance(value, models.QuerySet | list):
        return "; ".join(sorted(map(str, value)))
    field = row._meta.get_field(name)
    if isinstance(field, models.ForeignKey) and not isinstance(value, models.Model):
        related = field.related_model._default_manager.filter(pk=value).first()
        # A history outlives the rows that it names.
        return str(related or _("deleted (%(key)s)") % {"key": value})
    return str(value)


def change_in_words(row: models.Model, change: ModelChange) -> dict[str, str]:
    return {
        "field": capfirst(str(label_for_field(change.field, type(row)))),
        "old": told(row, change.field, change.old),
        "new": told(row, change.field, change.new),
    }


def import_named_by(reason: str) -> str:
    """The primary key of the import that wrote a version of a row, or whose undoing did; blank without one."""
    found = re.fullmatch(r"(?:import|undo) ([0-9a-f-]{36})", reason)
    return found[1] if found else ""
