from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecommendationsConfig(AppConfig):
    name = "recommendations"
    verbose_name = _("Recommendations")

    def ready(self) -> None:
        from portal.spreadsheets import kinds
        from recommendations import resources

        kinds.register(
            resources.RecommendationSetResource,
            resources.SetEventResource,
            resources.SetDocumentResource,
            resources.RecommendationResource,
            resources.RecommendedActionResource,
            resources.OfficerResource,
            resources.StatusReportResource,
        )
