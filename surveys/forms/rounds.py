"""The forms that make a round, change it, close and reopen it."""

import datetime
from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.forms import DayField, Difference, RowForm, Versioned
from surveys.models import Survey


class RoundForm(RowForm):
    """A round's title, set and days."""

    opens_on = DayField(label=gettext_lazy("First day"))
    closes_on = DayField(
        label=gettext_lazy("Last day"), help_text=gettext_lazy("The round is open until the end of this day.")
    )

    class Meta:
        model = Survey
        fields = ["title", "recommendation_set", "opens_on", "closes_on", "is_sample"]
        help_texts = {
            "is_sample": gettext_lazy("Invented, for demonstration: only sample offices take part, and nothing counts.")
        }


class NewRoundForm(RoundForm):
    """A round that is not there yet, empty or after an earlier one."""

    source = forms.ModelChoiceField(
        label=gettext_lazy("Copy the questionnaire of"),
        queryset=Survey.objects.all(),
        to_field_name="key",
        required=False,
        empty_label=gettext_lazy("none: begin empty"),
    )
    with_invitations = forms.BooleanField(
        label=gettext_lazy("Invite the same offices"),
        required=False,
    )
    with_answers = forms.BooleanField(
        label=gettext_lazy("Let them begin with their last answers"),
        required=False,
        help_text=gettext_lazy(
            "Each office finds what it submitted to that round, to confirm or to change. From then on no question"
            " can be added or removed; if you have questions to change, do this later, on the page of invitations."
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("with_answers") and not (cleaned.get("source") and cleaned.get("with_invitations")):
            self.add_error("with_answers", _("Needs a round to copy, and its invitations."))
        return cleaned

    class Meta(RoundForm.Meta):
        fields = ["key", *RoundForm.Meta.fields]
        help_texts = {
            **RoundForm.Meta.help_texts,
            "key": gettext_lazy("Stands in addresses and spreadsheets, as in cws-ict-2027; it stays."),
        }


class LastDayForm(Versioned, forms.Form):
    """Another last day for the round."""

    version = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Several forms share a page, and ids are told apart by the form.
        kwargs["auto_id"] = f"{type(self).__name__.lower()}_%s"
        super().__init__(*args, **kwargs)

    @property
    def chosen(self) -> datetime.date:
        raise NotImplementedError

    def differences(self, standing: Survey) -> Iterator[Difference]:
        yield Difference(_("Last day"), date_format(standing.closes_on), date_format(self.chosen))


class CloseForm(LastDayForm):
    """Earlier than planned, but not before the round opened."""

    end_extensions = forms.BooleanField(label=gettext_lazy("Also end the later days of single offices"), required=False)

    def __init__(self, *args: Any, survey: Survey, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        ends = {
            "yesterday": (today - datetime.timedelta(days=1), _("at once: its last day was %(day)s")),
            "today": (today, _("at the end of today, %(day)s")),
        }
        self.days = {code: day for code, (day, _label) in ends.items() if day >= survey.opens_on}
        choices = [(code, ends[code][1] % {"day": date_format(day)}) for code, day in self.days.items()]
        self.fields["when"] = forms.ChoiceField(label=_("Close the round"), choices=choices, widget=forms.RadioSelect)
        self.order_fields(["version", "when", "end_extensions"])

    @property
    def chosen(self) -> datetime.date:
        return self.days[self.cleaned_data["when"]]


class ReopenForm(LastDayForm):
    """Later than planned."""

    day = DayField(label=gettext_lazy("Open until the end of"))

    def clean_day(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["day"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("This day is over: choose today or a later one."))
        return day

    @property
    def chosen(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["day"]
        return day
