"""The filters of the directory of offices."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from offices.models import Office, OfficeGroup, Region


class OfficeFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    search = django_filters.CharFilter(label=_("Name or code"), method="find")
    region = django_filters.ChoiceFilter(label=_("Region"), choices=Region.choices, empty_label=_("all regions"))
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Office.Kind.choices, empty_label=_("all kinds"))
    group = django_filters.ModelChoiceFilter(
        label=_("Group"),
        field_name="groups",
        queryset=OfficeGroup.objects.all(),
        to_field_name="key",
        empty_label=_("all groups"),
    )

    class Meta:
        model = Office
        fields = ["search", "region", "kind", "group"]

    def find(self, queryset: QuerySet[Office], _name: str, value: str) -> QuerySet[Office]:
        return queryset.filter(Q(name__icontains=value) | Q(code__iexact=value))
