from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    name = "surveys"
    verbose_name = _("Survey rounds")

    def ready(self) -> None:
        from portal.spreadsheets import kinds
        from surveys import measures, resources, response_resource

        kinds.register(
            resources.SurveyResource,
            resources.QuestionResource,
            resources.QuestionOptionResource,
            resources.InvitationResource,
            resources.InvitationTermsResource,
            response_resource.ResponseResource,
        )
        measures.register_all()
