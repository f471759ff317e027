"""The filters of the menu of programmes, and of the figures."""

import django_filters
from django import forms
from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from assistance.models import Programme, RequestStep
from assistance.reports.selection import Selection
from offices.forms import NarrowingForm

NO_LIMIT = "none"


def has_term(field: str, term: str) -> Q:
    """Whether the list in this field, one entry a line, has exactly this entry. Needs `lines_of_<field>`."""
    return Q(**{f"lines_of_{field}__contains": f"\n{term}\n"})


def with_lines(programmes: QuerySet[Programme]) -> QuerySet[Programme]:
    """With the lists between line breaks, so that every entry stands between two."""
    line_break = Value("\n", TextField())
    return programmes.alias(
        lines_of_institutions=Concat(line_break, F("institutions"), line_break),
        lines_of_limited_to=Concat(line_break, F("limited_to"), line_break),
    )


class ProgrammeFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """Filters whose terms are those that the programmes name."""

    search = django_filters.CharFilter(label=_("Search in all texts"), method="find", max_length=200)
    institution = django_filters.ChoiceFilter(
        label=_("For institutions"), empty_label=_("all institutions"), method="for_institution"
    )
    limit = django_filters.ChoiceFilter(label=_("Limited to"), empty_label=_("with or without limit"), method="limited")

    class Meta:
        model = Programme
        fields: list[str] = []

    def __init__(self, *args: object, institutions: list[str], limits: list[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.filters["institution"].extra["choices"] = [(term, term) for term in institutions]
        self.filters["limit"].extra["choices"] = [*((term, term) for term in limits), (NO_LIMIT, _("no limit stated"))]

    def find(self, programmes: QuerySet[Programme], _name: str, value: str) -> QuerySet[Programme]:
        """Every word somewhere in the programme."""
        for word in value.split():
            condition = Q(title__icontains=word) | Q(objectives__icontains=word)
            programmes = programmes.filter(
                condition | Q(activities__icontains=word) | Q(expected_outcomes__icontains=word)
            )
        return programmes

    def for_institution(self, programmes: QuerySet[Programme], _name: str, value: str) -> QuerySet[Programme]:
        return with_lines(programmes).filter(has_term("institutions", value))

    def limited(self, programmes: QuerySet[Programme], _name: str, value: str) -> QuerySet[Programme]:
        if value == NO_LIMIT:
            return programmes.filter(limited_to="")
        return with_lines(programmes).filter(has_term("limited_to", value))


def years_with_steps() -> list[tuple[str, str]]:
    days = RequestStep.objects.dates("date", "year", order="DESC")
    return [("", str(_("all years"))), *((str(day.year), str(day.year)) for day in days)]


class FiguresForm(NarrowingForm):
    """Which requests are counted: of which year, whose, real or sample."""

    field_order = ("year", "group", "region", "sample")

    year = forms.TypedChoiceField(
        label=_("Year of the first step"), choices=years_with_steps, coerce=int, empty_value=None, required=False
    )
    sample = forms.ChoiceField(
        label=_("Data"), choices=[("", _("real offices")), ("1", _("sample offices"))], required=False
    )

    @property
    def selection(self) -> Selection:
        return Selection(bool(self.cleaned_data["sample"]), self.narrowing, self.cleaned_data["year"])
