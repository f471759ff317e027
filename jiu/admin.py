from django.contrib import admin

from jiu import resources
from jiu.models import Endorsement, Questionnaire, Review
from portal.admin.sheets import SheetAdmin


@admin.register(Review)
class ReviewAdmin(SheetAdmin):
    resource_class = resources.ReviewResource
    keeps_key = False
    list_display = ["reference", "title", "programme_of_work", "stage"]
    list_filter = ["stage", "programme_of_work"]
    search_fields = ["reference", "title"]


@admin.register(Questionnaire)
class QuestionnaireAdmin(SheetAdmin):
    resource_class = resources.QuestionnaireResource
    keeps_key = False
    list_display = ["reference", "title", "due_on", "answered_on"]
    list_filter = [("answered_on", admin.EmptyFieldListFilter)]
    search_fields = ["reference", "title"]
    date_hierarchy = "due_on"


@admin.register(Endorsement)
class EndorsementAdmin(SheetAdmin):
    resource_class = resources.EndorsementResource
    keeps_key = False
    list_display = ["recommendation", "decided_on", "decision", "document"]
    list_filter = ["decision", "decided_on"]
    list_select_related = ["recommendation__recommendation_set"]
    search_fields = ["recommendation__recommendation_set__symbol", "document"]
    autocomplete_fields = ["recommendation"]
