"""The forms by which the secretariat runs a round."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offices.forms import NarrowingForm
from offices.models import Office, OfficeGroup
from portal.text import validate_text
from surveys.actions.rounds import OptionValues, options_of
from surveys.models import Invitation, Question, QuestionOption, Survey
from surveys.progress import Stage


def day_field(**options: Any) -> forms.DateField:
    # Browsers show their own calendar for it, and send and expect ISO dates whatever the language.
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


@dataclass(frozen=True)
class Difference:
    """Where what stands and what was typed are different."""

    label: str
    theirs: str
    yours: str


class Refusable:
    """Mixed into a form whose action may refuse it."""

    def take(self: Any, faults: Iterable[tuple[str | None, str]]) -> None:
        """Show what the rules forbid."""
        for name, reason in faults:
            self.add_error(name if name in self.fields else None, f"{capfirst(reason.rstrip('.'))}.")


class Versioned(Refusable):
    """Mixed into a form with a hidden `version`: what was changed since it was opened is shown in it."""

    conflict: Sequence[Difference] = ()

    def meet(self: Any, standing: models.Model, version: str) -> None:
        """Show both texts. Saving again is then a decision, not an accident."""
        self.conflict = list(self.differences(standing))
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = version


class RowForm(Versioned, forms.ModelForm):  # type: ignore[type-arg]  # of any model
    """The values of a row, and the version that the form was opened with; an action saves them."""

    version = forms.CharField(widget=forms.HiddenInput, required=False)

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
        # Browsers send CRLF for a line break.
        return {name: v.replace("\r\n", "\n") if isinstance(v, str) else v for name, v in cleaned.items()}

    @property
    def values(self) -> dict[str, Any]:
        """What the row is to hold, without its key."""
        own = set(self._meta.fields or ()) - {"key"}
        return {name: value for name, value in self.cleaned_data.items() if name in own}

    def differences(self, standing: models.Model) -> Iterator[Difference]:
        """Both texts, field by field."""
        for name, yours in self.values.items():
            theirs = getattr(standing, name)
            if theirs != yours:
                field = standing._meta.get_field(name)
                label = capfirst(str(self.fields[name].label))
                yield Difference(label, in_words(field, theirs), in_words(field, yours))


def in_words(field: Any, value: Any) -> str:
    """A value as a person reads it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime.date):
        return date_format(value)
    labels = dict(field.flatchoices)
    return str(labels.get(value, "" if value is None else value))


class RoundForm(RowForm):
    """A round's title, set and days."""

    opens_on = day_field(label=gettext_lazy("First day"))
    closes_on = day_field(
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
        help_text=gettext_lazy("Answers are never copied."),
    )

    class Meta(RoundForm.Meta):
        fields = ["key", *RoundForm.Meta.fields]
        help_texts = {
            **RoundForm.Meta.help_texts,
            "key": gettext_lazy("Stands in addresses and spreadsheets, as in cws-ict-2027; it stays."),
        }


class QuestionForm(RowForm):
    """A question; its options stand in a formset beside it, and are put here before both are saved."""

    options: Sequence[OptionValues] = ()

    class Meta:
        model = Question
        fields = ["key", "order", "kind", "text", "exclusive_option"]
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "key": gettext_lazy("Stands in spreadsheets and results; it stays."),
            "order": gettext_lazy("Questions are asked from the lowest number up."),
            "exclusive_option": gettext_lazy("For questions on any number of recommendations."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["key"]

    def differences(self, standing: models.Model) -> Iterator[Difference]:
        yield from super().differences(standing)
        if isinstance(standing, Question):
            theirs, yours = in_lines(options_of(standing).values()), in_lines(self.options)
            if theirs != yours:
                yield Difference(_("Options"), theirs, yours)


def in_lines(options: Iterable[OptionValues]) -> str:
    """The options as a person reads them."""
    ordered = sorted(options, key=lambda option: (option.order, option.key))
    return "\n".join(
        f"{option.order}. {option.key}: {option.label}"
        + (f" ({_('needs an explanation')})" if option.needs_explanation else "")
        for option in ordered
    )


class OptionForm(forms.ModelForm):  # type: ignore[type-arg]
    """One option of a question; a line left empty is none."""

    remove = forms.BooleanField(label=gettext_lazy("Remove"), required=False)

    class Meta:
        model = QuestionOption
        fields = ["order", "key", "label", "needs_explanation"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.CharField):
                field.validators.append(validate_text)
            if isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs["class"] = "form-check-input"
            else:
                field.widget.attrs["class"] = "form-control"

    def validate_unique(self) -> None:
        """The action compares all options of the question."""


class OptionFormSet(forms.BaseFormSet):  # type: ignore[type-arg]
    """The options of a question, with lines for more."""

    @property
    def options(self) -> list[OptionValues]:
        """What is to stand; in a valid formset."""
        filled = [form.cleaned_data for form in self.forms if form.has_changed() or form.initial]
        return [
            OptionValues(line["key"], line["order"], line["label"], line["needs_explanation"])
            for line in filled
            if line and not line["remove"]
        ]


def option_formset(data: Any, question: Question | None) -> OptionFormSet:
    made = forms.formset_factory(OptionForm, formset=OptionFormSet, extra=4, max_num=200, absolute_max=200)
    standing = question.options.order_by("order", "key") if question else QuestionOption.objects.none()
    initial = list(standing.values("order", "key", "label", "needs_explanation"))
    return made(data, initial=initial, prefix="options")  # type: ignore[return-value]


class TermsForm(RowForm):
    """One office's own terms in a round."""

    closes_on = day_field(
        label=gettext_lazy("Own last day"),
        required=False,
        help_text=gettext_lazy("Empty: the round's last day. What comes after that one is marked as late."),
    )
    declined_on = day_field(label=gettext_lazy("Declined to take part on"), required=False)

    class Meta:
        model = Invitation
        fields = ["closes_on", "declined_on", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"note": gettext_lazy("Read by the secretariat, administrators and auditors.")}


class OfficesForm(Refusable, forms.Form):
    """Some offices, one by one or by groups."""

    offices = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Offices"),
        queryset=Office.objects.all(),
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    groups = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Groups"),
        queryset=OfficeGroup.objects.all(),
        to_field_name="key",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, survey: Survey, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.survey = survey
        offices = self.choosable()
        groups = OfficeGroup.objects.filter(offices__in=offices.values("pk")).distinct()
        self.fields["offices"].queryset = offices  # type: ignore[attr-defined]
        self.fields["groups"].queryset = groups  # type: ignore[attr-defined]

    def choosable(self) -> models.QuerySet[Office]:
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned["offices"] and not cleaned["groups"]:
            self.add_error(None, _("Choose at least one office or group."))
        return cleaned

    @property
    def chosen(self) -> models.QuerySet[Office]:
        picked = self.cleaned_data["offices"].values("pk")
        in_groups = Office.objects.filter(groups__in=self.cleaned_data["groups"]).values("pk")
        return Office.objects.filter(models.Q(pk__in=picked) | models.Q(pk__in=in_groups))


class InviteForm(OfficesForm):
    """Who else is asked; those already invited are no choice."""

    def choosable(self) -> models.QuerySet[Office]:
        there = Invitation.objects.filter(survey=self.survey).values("office")
        return Office.objects.filter(is_sample=self.survey.is_sample).exclude(pk__in=there)


class ExtendForm(OfficesForm):
    closes_on = day_field(label=gettext_lazy("New last day"))

    def choosable(self) -> models.QuerySet[Office]:
        return Office.objects.filter(invitations__survey=self.survey)


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

    day = day_field(label=gettext_lazy("Open until the end of"))

    def clean_day(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["day"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("This day is over: choose today or a later one."))
        return day

    @property
    def chosen(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["day"]
        return day


class ProgressForm(NarrowingForm):
    """Which offices the progress page counts and lists."""

    field_order = ("search", "stage", "region", "group")

    search = forms.CharField(label=gettext_lazy("Name or code"), required=False, max_length=200)
    stage = forms.ChoiceField(
        label=gettext_lazy("State"), choices=[("", gettext_lazy("all states")), *Stage.choices], required=False
    )


class TextsForm(forms.Form):
    """Which texts are shown."""

    question = forms.ModelChoiceField(
        label=gettext_lazy("Question"),
        queryset=Question.objects.none(),
        to_field_name="key",
        required=False,
        empty_label=gettext_lazy("all questions"),
    )
    office = forms.ModelChoiceField(
        label=gettext_lazy("Office"),
        queryset=Office.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=gettext_lazy("all offices"),
    )

    def __init__(self, *args: Any, survey: Survey, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        questions, offices = self.fields["question"], self.fields["office"]
        questions.queryset = survey.questions.order_by("order", "key")  # type: ignore[attr-defined]
        questions.label_from_instance = lambda question: question.text  # type: ignore[attr-defined]
        offices.queryset = Office.objects.filter(invitations__survey=survey)  # type: ignore[attr-defined]
