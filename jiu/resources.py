"""The spreadsheet kinds of reviews, questionnaires and the committee's decisions."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from jiu.models import ISSUER, Endorsement, Questionnaire, Review
from portal.spreadsheets.resources import Column, SheetResource
from portal.spreadsheets.widgets import KeyWidget
from recommendations.resources import number_column, set_column


def reference_column() -> Column:
    """The column `reference`: how the JIU names a review; spaces around it are not part of it."""
    length = Review._meta.get_field("reference").max_length
    return Column("reference", column_name="reference", widget=KeyWidget(max_length=length, required=True))


class ReviewResource(SheetResource):
    kind = "reviews"

    reference = reference_column()

    class Meta:
        model = Review
        fields = ["reference", "title", "programme_of_work", "stage"]
        import_id_fields = ["reference", "title"]

    def get_queryset(self) -> QuerySet[Review]:
        return Review.objects.all()


class QuestionnaireResource(SheetResource):
    kind = "questionnaires"

    reference = reference_column()

    class Meta:
        model = Questionnaire
        fields = ["reference", "title", "due_on", "answered_on"]
        import_id_fields = ["reference", "title"]

    def get_queryset(self) -> QuerySet[Questionnaire]:
        return Questionnaire.objects.all()


class EndorsementResource(SheetResource):
    kind = "endorsements"

    set = set_column("recommendation__recommendation_set", derived=True)
    number = number_column()

    class Meta:
        model = Endorsement
        fields = ["set", "number", "decided_on", "decision", "document"]
        import_id_fields = ["set", "number", "decided_on"]

    def check(self, values: Mapping[str, Any], existing: Model | None) -> Iterator[tuple[str, str]]:
        of_set, decided_on = values.get("set"), values.get("decided_on")
        if of_set and of_set.issuer != ISSUER:
            yield "set", _("is no report of the JIU, whose recommendations alone are endorsed")
        if decided_on and decided_on > timezone.localdate():
            yield "decided_on", _("is still to come")

    def get_queryset(self) -> QuerySet[Endorsement]:
        return Endorsement.objects.select_related("recommendation__recommendation_set")
