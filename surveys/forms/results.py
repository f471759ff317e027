"""The switch of the base and the filters of the results page."""

from django import forms
from django.utils.translation import gettext_lazy

from offices.models import OfficeGroup, Region
from surveys.results import Base, Narrowing


class ResultsForm(forms.Form):
    """The switch of the base, and the filters by group and region."""

    base = forms.ChoiceField(
        label=gettext_lazy("Percentages of"),
        choices=[
            (Base.RESPONDING.value, gettext_lazy("responding offices")),
            (Base.ANSWERED.value, gettext_lazy("offices that answered the question")),
        ],
        required=False,
    )
    group = forms.ModelChoiceField(
        label=gettext_lazy("Group"),
        queryset=OfficeGroup.objects.all(),
        to_field_name="key",
        required=False,
        empty_label=gettext_lazy("all groups"),
    )
    region = forms.ChoiceField(
        label=gettext_lazy("Region"),
        choices=[("", gettext_lazy("all regions")), *Region.choices],
        required=False,
    )

    @property
    def chosen_base(self) -> Base:
        return Base(self.cleaned_data["base"] or Base.RESPONDING)

    @property
    def narrowing(self) -> Narrowing:
        region = self.cleaned_data["region"]
        return Narrowing(self.cleaned_data["group"], Region(region) if region else None)
