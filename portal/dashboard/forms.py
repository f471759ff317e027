"""What is asked of the dashboard: which set, as at which date, which offices."""

from __future__ import annotations

from typing import TypeVar

from django import forms
from django.db.models import F, Max, Q
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from offices.forms import NarrowingForm
from portal.forms import NOT_A_DAY, DayField
from recommendations import reports
from recommendations.models import RecommendationSet
from surveys import overview


class SetForm(forms.Form):
    """Which set; blank stands for the one asked about last."""

    set = forms.ModelChoiceField(
        label=gettext_lazy("Recommendations"),
        queryset=RecommendationSet.objects.all(),
        to_field_name="key",
        empty_label=None,
        required=False,
    )


class DashboardForm(NarrowingForm, SetForm):
    """Which set, as at which date, which offices."""

    field_order = ("set", "as_at", "group", "region", "sample")

    as_at = DayField(label=pgettext_lazy("date", "As at"), required=False, error_messages=NOT_A_DAY)
    sample = forms.ChoiceField(
        label=gettext_lazy("Data"),
        choices=[("", gettext_lazy("real offices")), ("1", gettext_lazy("sample offices"))],
        required=False,
    )

    @property
    def is_sample(self) -> bool:
        return bool(self.cleaned_data["sample"])

    @property
    def selection(self) -> reports.Selection | None:
        """None where no set is recorded."""
        chosen, as_at = self.cleaned_data["set"], self.cleaned_data["as_at"]
        if chosen is None:
            return None
        asked = overview.offices_asked(chosen, as_at)
        return reports.Selection(chosen, as_at, self.is_sample, self.narrowing, asked)


class GridForm(DashboardForm):
    """Also on which recommendation the offices shown stand where."""

    recommendation = forms.IntegerField(
        label=gettext_lazy("Recommendation number"), required=False, min_value=1, max_value=32_767
    )
    standing = forms.ChoiceField(
        label=gettext_lazy("Where they stand"),
        choices=[("", gettext_lazy("anywhere")), *reports.STANDINGS.items()],
        required=False,
    )


# What a person types may be mended on the page; the other fields are chosen from lists.
TYPED = {"as_at", "recommendation"}

type_of_form = TypeVar("type_of_form", bound=SetForm)


def read_form(kind: type[type_of_form], request: HttpRequest) -> type_of_form:
    """The form of the query string, with what it leaves out filled in. Raises 404 for what no list offers."""
    data = request.GET.copy()
    if not data.get("set") and (chosen := default_set()):
        data["set"] = chosen.key
    if not data.get("as_at", "").strip():
        data["as_at"] = timezone.localdate().isoformat()
    form = kind(data)
    if not form.is_valid() and set(form.errors) - TYPED:
        raise Http404(gettext("There is no such set, group or region."))
    return form


def default_set() -> RecommendationSet | None:
    """The set in force that offices were asked about last."""
    asked = Max("surveys__opens_on", filter=Q(surveys__opens_on__lte=timezone.localdate()))
    in_force = RecommendationSet.objects.exclude(stage=RecommendationSet.Stage.SUPERSEDED)
    return in_force.annotate(asked=asked).order_by(F("asked").desc(nulls_last=True), "-issued_on", "key").first()
