"""The filters of the list of reminders, and what its buttons send."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from notices.models import Reminder
from surveys.models import Survey


class ReminderFilterForm(forms.Form):
    """Blank stands for all."""

    survey = forms.ModelChoiceField(
        label=gettext_lazy("Round"),
        queryset=Survey.objects.none(),
        to_field_name="key",
        required=False,
        empty_label=gettext_lazy("all rounds"),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=[("", gettext_lazy("all kinds")), *Reminder.Kind.choices], required=False
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("State"),
        choices=[("", gettext_lazy("all states")), *Reminder.Outcome.choices],
        required=False,
    )

    def __init__(self, data: Any, surveys: QuerySet[Survey]) -> None:
        super().__init__(data)
        self.fields["survey"].queryset = surveys  # type: ignore[attr-defined]  # a ModelChoiceField has one


class SendForm(forms.Form):
    """Which of what is due: the round and the kind."""

    survey = forms.ModelChoiceField(queryset=Survey.objects.none(), to_field_name="key")
    kind = forms.ChoiceField(choices=Reminder.Kind.choices)

    def __init__(self, data: Any, surveys: QuerySet[Survey]) -> None:
        super().__init__(data)
        self.fields["survey"].queryset = surveys  # type: ignore[attr-defined]  # a ModelChoiceField has one
