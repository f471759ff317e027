"""In the place of django-import-export's `manage.py import`, which writes without an audit row."""  # noqa: N999

from portal.management.refusing import RefusedCommand


class Command(RefusedCommand):
    reason = "Refused: this would write past the rules and the audit trail. Use import_csv KIND FILE."
