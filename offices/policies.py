"""Who counts as whom. The other apps build their own policies on the first five questions."""

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser

from offices.models import Membership, Office, PersonInvitation, User

type_of_person = User | AnonymousUser


def reads_everything(user: type_of_person) -> bool:
    """Secretariat, administrators and auditors see what every office reported."""
    return isinstance(user, User) and user.reads_everything


def is_secretariat(user: type_of_person) -> bool:
    """Secretariat and administrators run rounds, and write for an office that cannot."""
    return isinstance(user, User) and user.is_active and user.role in {User.Role.SECRETARIAT, User.Role.ADMINISTRATOR}


def belongs_to(user: type_of_person, office: Office) -> bool:
    """Holds any role for the office; those of auditors rest."""
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


# People


def is_administrator(user: type_of_person) -> bool:
    return isinstance(user, User) and user.is_administrator


def may_see_people(user: type_of_person) -> bool:
    """Coordinators those of their offices; who reads everything sees everybody."""
    return isinstance(user, User) and (user.reads_everything or bool(user.coordinated_offices))


def may_invite(user: type_of_person) -> bool:
    return is_secretariat(user) or (isinstance(user, User) and bool(user.coordinated_offices))


def manages_people_of(user: type_of_person, office: Office) -> bool:
    """Coordinators look after the people of their office, the secretariat after those of all."""
    return is_secretariat(user) or submits_for(user, office)


def may_offer(user: type_of_person, *, offices: Iterable[Office], portal_role: str) -> bool:
    """Who may let somebody in with these roles; the portal's own are given by administrators."""
    if portal_role:
        return is_administrator(user)
    asked = list(offices)
    return bool(asked) and all(manages_people_of(user, office) for office in asked)


def may_handle(user: type_of_person, invitation: PersonInvitation) -> bool:
    """Who may send an invitation again or revoke it: whoever could make it."""
    return may_offer(user, offices=invitation.offices.all(), portal_role=invitation.portal_role)


def may_switch_off(user: type_of_person, somebody: User) -> bool:
    """Who may end and give back the access of somebody: never one's own, nor that of those above."""
    if not isinstance(user, User) or user.pk == somebody.pk:
        return False
    return user.is_administrator or (is_secretariat(user) and not somebody.role)


def may_give_portal_role(user: type_of_person, somebody: User) -> bool:
    return isinstance(user, User) and user.is_administrator and user.pk != somebody.pk


RANKS = [Membership.Role.VIEWER, Membership.Role.CONTRIBUTOR, Membership.Role.COORDINATOR]
PORTAL_RANKS = [User.Role.AUDITOR, User.Role.SECRETARIAT, User.Role.ADMINISTRATOR]


def outranks(role: str, other: str) -> bool:
    """Whether the first role, of an office or of the portal, allows more; blank allows nothing."""
    ranks: list[str] = ["", *RANKS] if {role, other} <= {"", *RANKS} else ["", *PORTAL_RANKS]
    return ranks.index(role) > ranks.index(other)
