"""The filters of the JIU's recommendations: those for everybody, and those for who may read the Bureau's status."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from jiu.overview import Readable
from recommendations.filters import MOST_CHARACTERS, holds, keys_of_year, year_choices
from recommendations.models import OUTSTANDING, Acceptance, Officer, Recommendation, RecommendationSet
from recommendations.reports import NO_REPORT, NOT_STATED, STANDINGS

SEARCHED = ("recommendation_set__title", "recommendation_set__symbol", "label", "summary", "official_text")
PAST, UNDATED = "past", "undated"


class CatalogueFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """What everybody can ask; `sets` are the JIU's."""

    search = django_filters.CharFilter(label=_("Words"), method="find", max_length=MOST_CHARACTERS)
    year = django_filters.ChoiceFilter(label=_("Year"), method="of_year", empty_label=_("all years"))
    report = django_filters.ChoiceFilter(
        label=_("JIU report"), field_name="recommendation_set__key", empty_label=_("all reports")
    )
    addressee = django_filters.ChoiceFilter(
        label=_("Addressed to"), choices=Recommendation.Addressee.choices, empty_label=_("anybody")
    )

    class Meta:
        model = Recommendation
        fields = ["search", "year", "report", "addressee"]

    def __init__(self, *args: Any, sets: Iterable[RecommendationSet], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sets = list(sets)
        self.filters["year"].extra["choices"] = year_choices(self.sets)
        self.filters["report"].extra["choices"] = [(item.key, str(item)) for item in self.sets]

    def find(self, queryset: QuerySet[Recommendation], _name: str, value: str) -> QuerySet[Recommendation]:
        for word in value.split():
            queryset = queryset.filter(holds(word, *SEARCHED))
        return queryset

    def of_year(self, queryset: QuerySet[Recommendation], _name: str, value: str) -> QuerySet[Recommendation]:
        return queryset.filter(recommendation_set__in=keys_of_year(self.sets, value))


class StatusFilter(CatalogueFilter):
    """Also by what stands today, of what the person may read: `readable`."""

    acceptance = django_filters.ChoiceFilter(
        label=_("Acceptance"),
        method="by_status",
        choices=[*Acceptance.choices, (NOT_STATED, STANDINGS[NOT_STATED])],
        empty_label=_("any"),
    )
    implementation = django_filters.ChoiceFilter(
        label=_("Implementation"), method="by_status", choices=list(STANDINGS.items()), empty_label=_("any")
    )
    officer = django_filters.ModelChoiceFilter(
        label=_("Responsible officer"),
        method="by_status",
        queryset=Officer.objects.all(),
        to_field_name="key",
        empty_label=_("anybody"),
    )
    overdue = django_filters.ChoiceFilter(
        label=_("Overdue"),
        method="by_status",
        choices=[(PAST, _("past their date")), (UNDATED, _("outstanding, no date named"))],
        empty_label=_("all"),
    )

    def __init__(self, *args: Any, readable: Readable, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.readable = readable
        self.filters["officer"].queryset = readable.officers()

    def by_status(self, queryset: QuerySet[Recommendation], _name: str, _value: object) -> QuerySet[Recommendation]:
        """All that is asked about the status is asked of one report, in `filter_queryset`."""
        return queryset

    def filter_queryset(self, queryset: QuerySet[Recommendation]) -> QuerySet[Recommendation]:
        found: QuerySet[Recommendation] = super().filter_queryset(queryset)
        asked = {name: self.form.cleaned_data.get(name) for name in ("acceptance", "officer", "overdue")}
        implementation = self.form.cleaned_data.get("implementation")
        if implementation == NO_REPORT:
            found = found.filter(pk__in=self.readable.recommendations.values("pk"))
            found = found.exclude(pk__in=self.readable.reports().values("recommendation"))
        elif implementation:
            asked["implementation"] = implementation
        if not any(asked.values()):
            return found
        reports = self.readable.reports().filter(*self.conditions(asked))
        return found.filter(pk__in=reports.values("recommendation"))

    def conditions(self, asked: dict[str, Any]) -> Iterable[Q]:
        """What the report that stands must say."""
        for name in ("acceptance", "implementation"):
            if value := asked.get(name):
                yield Q(**{name: "" if value == NOT_STATED else value})
        if asked["officer"]:
            yield Q(responsible_officers=asked["officer"])
        if asked["overdue"]:
            yield OUTSTANDING
            yield self.deadline(asked["overdue"])

    def deadline(self, overdue: str) -> Q:
        if overdue == PAST:
            return Q(recommendation__due_on__lt=self.readable.today)
        return Q(recommendation__due_on=None)
