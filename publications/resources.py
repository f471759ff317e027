"""The spreadsheet kind of claims."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from portal.spreadsheets.resources import Column, SheetResource
from portal.spreadsheets.widgets import NumberWidget
from publications.models import Claim

HIGHEST = 999_999_999


class ClaimResource(SheetResource):
    """A claim is kept as it is printed: that no measure has its name is shown, not refused.

    Measures come with the portal, and a document is read in whenever it comes out.
    """

    kind = "claims"

    low = Column("low", column_name="low", widget=NumberWidget(highest=HIGHEST))
    high = Column("high", column_name="high", widget=NumberWidget(highest=HIGHEST))

    class Meta:
        model = Claim
        fields = [
            "document",
            "paragraph",
            "measure",
            "subject",
            "value",
            "low",
            "high",
            "as_at",
            "since",
            "note",
        ]
        import_id_fields = ["document", "paragraph", "measure", "subject"]

    def get_queryset(self) -> QuerySet[Claim]:
        # As they were entered, which is the document's own order within a paragraph.
        return Claim.objects.order_by("document", "pk")

    def check(self, values: Mapping[str, Any], existing: Model | None) -> Iterator[tuple[str, str]]:
        yield from printed_faults(values)
        as_at, since = values.get("as_at"), values.get("since")
        if since and "as_at" in values and (as_at is None or since >= as_at):
            yield "since", _("is not before as_at")


def printed_faults(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A document prints a value or a range; `values` may lack cells that could not be read."""
    if not {"value", "low", "high"} <= set(values):
        return
    value, low, high = values["value"].strip(), values["low"], values["high"]
    if (low is None) != (high is None):
        yield "high" if high is None else "low", _("is missing: a range has two ends")
    elif low is not None and low > high:
        yield "high", _("is below low")
    elif low is not None and value:
        yield "value", _("stands beside a range: a document prints one or the other")
    elif low is None and not value:
        yield "value", _("is required where there is no range")
