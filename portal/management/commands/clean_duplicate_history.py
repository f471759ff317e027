"""In the place of django-simple-history's command of this name."""

from portal.management.refusing import HistoryCommand


class Command(HistoryCommand):
    pass
