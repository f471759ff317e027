from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JiuConfig(AppConfig):
    name = "jiu"
    verbose_name = _("JIU recommendations")

    def ready(self) -> None:
        from jiu import measures, overview, policies, resources
        from jiu.models import BUREAU, ISSUER
        from portal.spreadsheets import kinds
        from recommendations import followups

        kinds.register(
            resources.ReviewResource,
            resources.QuestionnaireResource,
            resources.EndorsementResource,
        )
        measures.register_all()
        followups.register(ISSUER, followups.FollowUp(BUREAU, overview.decisions_on, policies.answered_by))
