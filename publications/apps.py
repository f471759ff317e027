from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PublicationsConfig(AppConfig):
    name = "publications"
    verbose_name = _("Publications and claims")

    def ready(self) -> None:
        from portal.spreadsheets import kinds
        from publications import resources

        kinds.register(resources.ClaimResource)
