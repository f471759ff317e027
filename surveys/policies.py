"""Who may do what in a round."""

from offices.models import Office
from offices.policies import belongs_to, fills_for, reads_everything, submits_for, type_of_person


def may_read_results(user: type_of_person) -> bool:
    """Unpublished results are for the secretariat, administrators and auditors."""
    return reads_everything(user)


def may_read_response(user: type_of_person, office: Office) -> bool:
    return reads_everything(user) or belongs_to(user, office)


def may_fill(user: type_of_person, office: Office) -> bool:
    """Save answers for the office, without making them final."""
    return fills_for(user, office)


def may_submit(user: type_of_person, office: Office) -> bool:
    """Make the office's answers final."""
    return submits_for(user, office)
