from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OfficesConfig(AppConfig):
    name = "offices"
    verbose_name = _("Offices and people")

    def ready(self) -> None:
        from offices import resources
        from portal.spreadsheets import kinds

        kinds.register(resources.OfficeResource, resources.OfficeGroupResource, resources.GroupMemberResource)
