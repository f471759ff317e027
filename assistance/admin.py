from django.contrib import admin

from assistance import resources
from assistance.models import Activity, Programme, Request, RequestStep
from portal.admin.pages import ReadOnly
from portal.admin.sheets import SheetAdmin


@admin.register(Programme)
class ProgrammeAdmin(SheetAdmin):
    resource_class = resources.ProgrammeResource
    list_display = ["number", "title", "recommendation", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["recommendation__recommendation_set"]
    search_fields = ["title", "objectives", "activities", "expected_outcomes"]
    autocomplete_fields = ["recommendation"]


@admin.register(Request)
class RequestAdmin(ReadOnly, SheetAdmin):
    """Requests are made and taken along on their pages, or imported: no other way leads around the transitions."""

    resource_class = resources.RequestResource
    list_display = ["key", "programme", "office", "institution", "wanted_by"]
    list_filter = ["office__is_sample", "programme"]
    list_select_related = ["programme", "office"]
    search_fields = ["key", "office__code", "office__name", "institution", "purpose"]


@admin.register(RequestStep)
class RequestStepAdmin(ReadOnly, SheetAdmin):
    """Append-only."""

    resource_class = resources.RequestStepResource
    list_display = ["request", "date", "status", "recorded_by", "recorded_at"]
    list_filter = ["status"]
    list_select_related = ["request", "recorded_by"]
    search_fields = ["request__key", "note"]


@admin.register(Activity)
class ActivityAdmin(ReadOnly, SheetAdmin):
    """Recorded on the page of the request, or imported."""

    resource_class = resources.ActivityResource
    list_display = ["request", "date", "kind", "participants"]
    list_filter = ["date"]
    list_select_related = ["request"]
    search_fields = ["request__key", "kind", "outcome"]
