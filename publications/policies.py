"""Who may publish, and who may read what is not published."""

from offices.policies import is_secretariat, reads_everything, type_of_person


def may_read_claims(user: type_of_person) -> bool:
    """Claims stand beside figures that are not published: those who read everything."""
    return reads_everything(user)


def may_publish(user: type_of_person) -> bool:
    """The secretariat publishes, and administrators can stand in."""
    return is_secretariat(user)
