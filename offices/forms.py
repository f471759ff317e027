"""What forms of all apps ask about offices."""

from django import forms
from django.utils.translation import gettext_lazy

from offices.models import OfficeGroup, Region
from offices.narrowing import Narrowing


class NarrowingForm(forms.Form):
    """The filters of figures by group and region."""

    group = forms.ModelChoiceField(
        label=gettext_lazy("Group"),
        queryset=OfficeGroup.objects.all(),
        to_field_name="key",
        required=False,
        empty_label=gettext_lazy("all groups"),
    )
    region = forms.ChoiceField(
        label=gettext_lazy("Region"), choices=[("", gettext_lazy("all regions")), *Region.choices], required=False
    )

    @property
    def narrowing(self) -> Narrowing:
        region = self.cleaned_data["region"]
        return Narrowing(self.cleaned_data["group"], Region(region) if region else None)
