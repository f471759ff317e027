"""Commands of libraries that would write, or hand out, past the rules and the trail."""

from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError


class RefusedCommand(BaseCommand):
    """Stands in the place of a library's command, under its name, and says why it does nothing."""

    help = "Refused here: it would pass by the rules and the audit trail."
    reason: ClassVar[str]

    def run_from_argv(self, argv: list[str]) -> None:
        # Whatever the library's arguments are.
        super().run_from_argv(argv[:2])

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError(self.reason)


class HistoryCommand(RefusedCommand):
    reason = "Refused: the history of a row is what the trail rests on, and is never thinned out or filled up."
