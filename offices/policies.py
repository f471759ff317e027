"""Who counts as whom. The other apps build their own policies on these four questions."""

from django.contrib.auth.models import AnonymousUser

from offices.models import Membership, Office, User

type_of_person = User | AnonymousUser


def reads_everything(user: type_of_person) -> bool:
    """Secretariat, administrators and auditors see what every office reported."""
    return isinstance(user, User) and user.reads_everything


def is_secretariat(user: type_of_person) -> bool:
    """Secretariat and administrators run rounds, and write for an office that cannot."""
    return isinstance(user, User) and user.is_active and user.role in {User.Role.SECRETARIAT, User.Role.ADMINISTRATOR}


def belongs_to(user: type_of_person, office: Office) -> bool:
    """Holds any role for the office."""
    return isinstance(user, User) and office.pk in user.office_roles


def fills_for(user: type_of_person, office: Office) -> bool:
    """Contributors and coordinators write on behalf of their office."""
    return isinstance(user, User) and user.office_roles.get(office.pk) in {
        Membership.Role.CONTRIBUTOR,
        Membership.Role.COORDINATOR,
    }


def submits_for(user: type_of_person, office: Office) -> bool:
    """Only a coordinator makes the office's answer final."""
    return isinstance(user, User) and user.office_roles.get(office.pk) == Membership.Role.COORDINATOR
