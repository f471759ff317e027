"""In the place of django-import-export's `manage.py export`, which hands out every column, secret ones too."""

from portal.management.refusing import RefusedCommand


class Command(RefusedCommand):
    reason = "Refused: this would hand out columns that are secret. Use export_csv KIND [FILE]."
