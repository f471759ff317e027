"""The filters of the list of sets, and what those of other lists share with them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation, RecommendationSet

# Of a search: each word costs a look into every text.
MOST_CHARACTERS = 100

SAID_OF_A_RECOMMENDATION = ("label", "summary", "official_text")


class SetFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """`known` are the sets to choose issuers and years from."""

    search = django_filters.CharFilter(label=_("Words"), method="find", max_length=MOST_CHARACTERS)
    issuer = django_filters.ChoiceFilter(label=_("Issuer"), empty_label=_("all issuers"))
    year = django_filters.ChoiceFilter(label=_("Year"), method="of_year", empty_label=_("all years"))

    class Meta:
        model = RecommendationSet
        fields = ["search", "issuer", "year"]

    def __init__(self, *args: Any, known: Iterable[RecommendationSet], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = list(known)
        issuers = sorted({item.issuer for item in self.known})
        self.filters["issuer"].extra["choices"] = [(issuer, issuer) for issuer in issuers]
        self.filters["year"].extra["choices"] = year_choices(self.known)

    def find(self, queryset: QuerySet[RecommendationSet], _name: str, value: str) -> QuerySet[RecommendationSet]:
        """Each word in the title or symbol, or in what the set recommends."""
        for word in value.split():
            items = Recommendation.objects.filter(
                holds(word, *SAID_OF_A_RECOMMENDATION), recommendation_set=OuterRef("pk")
            )
            queryset = queryset.filter(holds(word, "title", "symbol") | Exists(items))
        return queryset

    def of_year(self, queryset: QuerySet[RecommendationSet], _name: str, value: str) -> QuerySet[RecommendationSet]:
        return queryset.filter(pk__in=keys_of_year(self.known, value))


def holds(word: str, *fields: str) -> Q:
    """That a word stands in any of the fields, whatever its case."""
    return reduce(or_, (Q(**{f"{field}__icontains": word}) for field in fields))


def year_choices(sets: Iterable[RecommendationSet]) -> list[tuple[str, str]]:
    """The years that sets are of, the latest first."""
    years = {item.year for item in sets if item.year}
    return [(str(year), str(year)) for year in sorted(years, reverse=True)]


def keys_of_year(sets: Iterable[RecommendationSet], year: str) -> list[int]:
    return [item.pk for item in sets if str(item.year) == year]
