"""The switch of the base and the filters of the results page."""

from django import forms
from django.utils.translation import gettext_lazy

from offices.forms import NarrowingForm
from surveys.results import Base


class ResultsForm(NarrowingForm):
    """The switch of the base, and the filters by group and region."""

    field_order = ("base", "group", "region")

    base = forms.ChoiceField(
        label=gettext_lazy("Percentages of"),
        choices=[
            (Base.RESPONDING.value, gettext_lazy("responding offices")),
            (Base.ANSWERED.value, gettext_lazy("offices that answered the question")),
        ],
        required=False,
    )

    @property
    def chosen_base(self) -> Base:
        return Base(self.cleaned_data["base"] or Base.RESPONDING)
