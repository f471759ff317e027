"""Who sees what was written to offices, and who has it written."""

from django.conf import settings

from offices.policies import is_secretariat, reads_everything, type_of_person
from portal.environment import strangers


def may_follow(user: type_of_person) -> bool:
    return reads_everything(user)


def may_send(user: type_of_person) -> bool:
    return is_secretariat(user)


def samples_are_written_to() -> bool:
    """Sample offices get mail where the portal is tried out on one machine, and nowhere else."""
    return not strangers(settings.ALLOWED_HOSTS)
