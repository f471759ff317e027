from django.contrib import admin

from notices.models import Reminder
from portal.admin.pages import ReadOnly


@admin.register(Reminder)
class ReminderAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What was sent is read here; what nobody knows about is decided on the page of reminders."""

    list_display = ["survey", "office", "kind", "state", "claimed_at", "sent_at", "recipients"]
    list_filter = ["state", "kind", "survey"]
    list_select_related = ["survey", "office"]
    search_fields = ["survey__key", "office__code", "office__name"]
    show_full_result_count = False
