"""The audit trail, to look into."""

from __future__ import annotations

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from portal.admin.pages import ReadOnly
from portal.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["at", "actor_name", "path", "action", "subject", "office_code"]
    list_filter = ["path", "action"]
    search_fields = ["actor_name", "subject", "office_code"]
    date_hierarchy = "at"

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[AuditEntry]:
        # An undone import may keep there all that it removed.
        return super().get_queryset(request).defer("details")
