from django.contrib import admin

from portal.admin.sheets import SheetAdmin
from publications import resources
from publications.models import Claim


@admin.register(Claim)
class ClaimAdmin(SheetAdmin):
    resource_class = resources.ClaimResource
    list_display = ["document", "paragraph", "measure", "subject", "value", "low", "high", "as_at"]
    list_filter = ["document", "measure"]
    search_fields = ["document", "paragraph", "measure", "subject", "note"]
