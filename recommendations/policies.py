"""Who may read and record where an office stands."""

from django.db.models import QuerySet

from offices.models import Office, User
from offices.policies import fills_for, type_of_person


def may_record_statuses(user: type_of_person, office: Office) -> bool:
    """Contributors and coordinators say where their office stands; nobody says it for them."""
    return fills_for(user, office)


def own_offices(user: type_of_person) -> QuerySet[Office]:
    """The offices that this person belongs to, in whatever role."""
    return Office.objects.filter(pk__in=user.office_roles) if isinstance(user, User) else Office.objects.none()
