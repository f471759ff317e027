from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssistanceConfig(AppConfig):
    name = "assistance"
    verbose_name = _("Technical assistance")

    def ready(self) -> None:
        from assistance import resources
        from portal.spreadsheets import kinds

        kinds.register(
            resources.ProgrammeResource,
            resources.RequestResource,
            resources.RequestStepResource,
            resources.ActivityResource,
        )
