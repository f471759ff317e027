from django.contrib import admin

from portal.admin.pages import ReadOnly
from portal.admin.sheets import SheetAdmin
from recommendations import resources
from recommendations.models import (
    Officer,
    Recommendation,
    RecommendationSet,
    RecommendedAction,
    SetDocument,
    SetEvent,
    StatusReport,
)


@admin.register(RecommendationSet)
class RecommendationSetAdmin(SheetAdmin):
    resource_class = resources.RecommendationSetResource
    list_display = ["key", "symbol", "title", "issued_on", "stage"]
    list_filter = ["stage", "issuer", "is_relevant"]
    search_fields = ["key", "symbol", "title"]
    autocomplete_fields = ["supersedes"]


@admin.register(SetEvent)
class SetEventAdmin(SheetAdmin):
    resource_class = resources.SetEventResource
    keeps_key = False
    list_display = ["recommendation_set", "date", "label", "document"]
    list_filter = ["recommendation_set"]
    list_select_related = ["recommendation_set"]
    search_fields = ["label", "document"]
    autocomplete_fields = ["recommendation_set"]


@admin.register(SetDocument)
class SetDocumentAdmin(SheetAdmin):
    resource_class = resources.SetDocumentResource
    keeps_key = False
    list_display = ["recommendation_set", "title", "kind", "state"]
    list_filter = ["kind", "state", "recommendation_set"]
    list_select_related = ["recommendation_set"]
    search_fields = ["title", "kind", "recommendation_set__symbol"]
    autocomplete_fields = ["recommendation_set"]


@admin.register(Recommendation)
class RecommendationAdmin(SheetAdmin):
    resource_class = resources.RecommendationResource
    list_display = ["recommendation_set", "number", "label", "addressee", "due_on"]
    list_filter = ["addressee", "recommendation_set"]
    list_select_related = ["recommendation_set"]
    search_fields = ["label", "summary", "recommendation_set__symbol"]
    autocomplete_fields = ["recommendation_set"]


@admin.register(RecommendedAction)
class RecommendedActionAdmin(SheetAdmin):
    resource_class = resources.RecommendedActionResource
    keeps_key = False
    list_display = ["recommendation", "order", "text"]
    list_select_related = ["recommendation__recommendation_set"]
    search_fields = ["text"]
    autocomplete_fields = ["recommendation"]


@admin.register(Officer)
class OfficerAdmin(SheetAdmin):
    resource_class = resources.OfficerResource
    list_display = ["key", "title", "abbreviation"]
    search_fields = ["key", "title", "abbreviation", "aliases"]
    # Who answers for a post is said here, and in no spreadsheet.
    autocomplete_fields = ["holders"]


@admin.register(StatusReport)
class StatusReportAdmin(ReadOnly, SheetAdmin):
    """Append-only: read here, corrected by an import, which adds a revision."""

    resource_class = resources.StatusReportResource
    list_display = ["recommendation", "office", "as_at", "revision", "acceptance", "implementation"]
    list_filter = ["acceptance", "implementation", "recommendation__recommendation_set"]
    list_select_related = ["recommendation__recommendation_set", "office"]
    search_fields = ["office__code", "office__name"]
