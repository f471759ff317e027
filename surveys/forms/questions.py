"""The forms of a question and its options."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.forms import Difference, RowForm
from portal.text import validate_text
from surveys.actions.questions import OPTION_FIELDS, OptionValues, options_of
from surveys.models import Question, QuestionOption


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
            OptionValues(**{name: line[name] for name in OPTION_FIELDS})
            for line in filled
            if line and not line["remove"]
        ]


def option_formset(data: Any, question: Question | None) -> OptionFormSet:
    made = forms.formset_factory(OptionForm, formset=OptionFormSet, extra=4, max_num=200, absolute_max=200)
    standing = question.options.order_by("order", "key") if question else QuestionOption.objects.none()
    initial = list(standing.values(*OPTION_FIELDS))
    return made(data, initial=initial, prefix="options")  # type: ignore[return-value]


class QuestionForm(RowForm):
    """A question, with the lines of its options."""

    class Meta:
        model = Question
        fields = ["key", "order", "kind", "text", "exclusive_option"]
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "key": gettext_lazy("Stands in spreadsheets and results; it stays."),
            "order": gettext_lazy("Questions are asked from the lowest number up."),
            "exclusive_option": gettext_lazy("For questions on any number of recommendations."),
        }

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.lines = option_formset(data, self.instance if self.instance.pk else None)
        if self.instance.pk:
            del self.fields["key"]

    def is_valid(self) -> bool:
        return super().is_valid() and self.lines.is_valid()

    def differences(self, standing: models.Model) -> Iterator[Difference]:
        yield from super().differences(standing)
        if isinstance(standing, Question):
            theirs, yours = in_lines(options_of(standing).values()), in_lines(self.lines.options)
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
