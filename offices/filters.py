"""The filters of the directory of offices."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from offices.models import Membership, Office, OfficeGroup, Region, User


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


class PeopleFilter(django_filters.FilterSet):  # type: ignore[misc]
    """The filter of the page of people; it offers the offices that whoever looks may see people of."""

    search = django_filters.CharFilter(label=_("Name or address"), method="find")
    office = django_filters.ModelChoiceFilter(
        label=_("Office"),
        queryset=Office.objects.none(),
        to_field_name="code",
        empty_label=_("all offices"),
        method="of_office",
    )

    class Meta:
        model = User
        fields = ["search", "office"]

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        with_people = Membership.objects.visible_to(viewer).values("office")
        self.filters["office"].queryset = Office.objects.filter(pk__in=with_people).order_by("code")

    def find(self, queryset: QuerySet[User], _name: str, value: str) -> QuerySet[User]:
        return queryset.filter(Q(name__icontains=value) | Q(email__icontains=value))

    def of_office(self, queryset: QuerySet[User], _name: str, value: Office) -> QuerySet[User]:
        members = Membership.objects.visible_to(self.viewer).of_office(value)
        return queryset.filter(pk__in=members.values("user"))
