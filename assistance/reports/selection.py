"""Whose requests are counted, and of which year."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.db.models.functions import ExtractYear

from assistance.models import Request
from assistance.reports.dimensions import first_step
from offices.narrowing import Narrowing


@dataclass(frozen=True)
class Selection:
    """Whose requests, and of which year: that of the first step."""

    sample: bool = False
    narrowing: Narrowing = field(default_factory=Narrowing)
    year: int | None = None

    def condition(self, to_office: str = "") -> Q:
        sample = f"{to_office}__is_sample" if to_office else "is_sample"
        return Q(**{sample: self.sample}) & self.narrowing.condition(to_office)

    def requests(self) -> QuerySet[Request]:
        found = Request.objects.filter(self.condition("office")).order_by()
        if self.year is None:
            return found
        return found.annotate(first_year=ExtractYear(first_step("pk"))).filter(first_year=self.year)
