"""Which rows of the trail are asked for."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from portal.forms import NOT_A_DAY, DayField
from portal.models import AuditEntry, AuditEntryQuerySet
from portal.trail.labels import label_of


class TrailForm(forms.Form):
    """Which rows; blank stands for all."""

    person = forms.CharField(label=gettext_lazy("Person"), max_length=254, required=False)
    office = forms.CharField(label=gettext_lazy("Office (code)"), max_length=8, required=False)
    path = forms.ChoiceField(
        label=pgettext_lazy("by which path", "By"),
        choices=[("", gettext_lazy("every path")), *AuditEntry.Path.choices],
        required=False,
    )
    action = forms.ChoiceField(label=gettext_lazy("Action"), required=False)
    since = DayField(label=gettext_lazy("From"), required=False, error_messages=NOT_A_DAY)
    until = DayField(label=gettext_lazy("Until"), required=False, error_messages=NOT_A_DAY)
    words = forms.CharField(label=gettext_lazy("Words in the subject"), max_length=250, required=False)

    def __init__(self, data: Any, entries: AuditEntryQuerySet) -> None:
        super().__init__(data)
        self.entries = entries
        known = sorted(
            (label_of(action), action) for action in entries.order_by().values_list("action", flat=True).distinct()
        )
        choices = [("", gettext("every action")), *((action, label) for label, action in known)]
        self.fields["action"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField has them

    @property
    def found(self) -> AuditEntryQuerySet:
        """The rows that fit, the latest first; none if the form cannot be read."""
        if not self.is_valid():
            return self.entries.none()
        given = self.cleaned_data
        exact = {"office_code": given["office"].upper(), "path": given["path"], "action": given["action"]}
        conditions: dict[str, Any] = {name: value for name, value in exact.items() if value}
        if given["since"]:
            conditions["at__gte"] = midnight(given["since"])
        if given["until"]:
            conditions["at__lt"] = midnight(given["until"] + datetime.timedelta(days=1))
        found = self.entries.filter(**conditions)
        for word in given["person"].split():
            found = found.filter(actor_name__icontains=word)
        for word in given["words"].split():
            found = found.filter(subject__icontains=word)
        return found


def midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
