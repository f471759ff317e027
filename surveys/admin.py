from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import URLPattern, path

from portal.admin.pages import ReadOnly
from portal.admin.sheets import SheetAdmin
from surveys import resources
from surveys.models import Answer, Invitation, Question, QuestionOption, Response, Survey
from surveys.response_resource import ResponseResource


@admin.register(Survey)
class SurveyAdmin(SheetAdmin):
    resource_class = resources.SurveyResource
    list_display = ["key", "title", "opens_on", "closes_on", "is_sample"]
    list_filter = ["is_sample", "recommendation_set"]
    search_fields = ["key", "title"]
    autocomplete_fields = ["recommendation_set"]


@admin.register(Question)
class QuestionAdmin(SheetAdmin):
    resource_class = resources.QuestionResource
    list_display = ["survey", "order", "key", "kind", "exclusive_option"]
    list_filter = ["survey", "kind"]
    list_select_related = ["survey"]
    search_fields = ["key", "text", "survey__key"]
    autocomplete_fields = ["survey"]


@admin.register(QuestionOption)
class QuestionOptionAdmin(SheetAdmin):
    resource_class = resources.QuestionOptionResource
    list_display = ["question", "order", "key", "label", "needs_explanation"]
    list_select_related = ["question__survey"]
    search_fields = ["key", "label"]
    autocomplete_fields = ["question"]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """An option that somebody chose stays."""
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        chosen = Q()
        for option in objs:
            chosen |= Q(question=option.question_id, value=option.key)
        answers = Answer.objects.filter(chosen).select_related("response__survey", "response__office") if chosen else []
        return deleted, counts, lacking, [*protected, *(str(answer.response) for answer in answers)]


class InvitationTermsPages(SheetAdmin):
    """Import and export of the kind `invitation_terms`, below the admin page of invitations, whose rows it shares."""

    resource_class = resources.InvitationTermsResource

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, "surveys_invitation_terms"
        return [
            path("terms/import/", view(self.import_view), name=f"{name}_import"),
            path("terms/import/<uuid:pending>/", view(self.confirm_view), name=f"{name}_import_confirm"),
            path("terms/export.csv", view(self.export_csv), name=f"{name}_export_csv"),
            path("terms/export.xlsx", view(self.export_xlsx), name=f"{name}_export_xlsx"),
        ]

    def admin_url(self, page: str) -> str:
        return super().admin_url(page) if page == "changelist" else f"admin:surveys_invitation_terms_{page}"


@admin.register(Invitation)
class InvitationAdmin(SheetAdmin):
    resource_class = resources.InvitationResource
    further_pages = [InvitationTermsPages]
    change_list_template = "admin/invitation_change_list.html"
    # An office's own terms are kept on the pages of the round, by their rules.
    fields = ["survey", "office"]
    list_display = ["survey", "office", "closes_on", "declined_on"]
    list_filter = ["survey"]
    list_select_related = ["survey", "office"]
    search_fields = ["office__code", "office__name", "survey__key"]
    autocomplete_fields = ["survey", "office"]

    def get_urls(self) -> list[URLPattern]:
        return [*InvitationTermsPages(Invitation, self.admin_site).get_urls(), *super().get_urls()]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """An office that answered stays invited: there are no more responses than invitations."""
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        places = Q()
        for invitation in objs:
            places |= Q(survey=invitation.survey_id, office=invitation.office_id)
        answered = Response.objects.filter(places).select_related("survey", "office") if places else []
        return deleted, counts, lacking, [*protected, *map(str, answered)]


@admin.register(Response)
class ResponseAdmin(ReadOnly, SheetAdmin):
    """Answers are given by offices or imported, never edited here."""

    resource_class = ResponseResource
    # The kind's rows are answers: their key is not one of this page's fields.
    keeps_key = False
    list_display = ["survey", "office", "state", "version", "origin", "submitted_at"]
    list_filter = ["state", "survey", "origin"]
    list_select_related = ["survey", "office"]
    search_fields = ["office__code", "office__name"]
