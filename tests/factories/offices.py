"""Offices, groups and people."""

import factory
from factory.django import DjangoModelFactory

from offices.models import GroupMember, Membership, Office, OfficeGroup, PersonInvitation, User


class OfficeFactory(DjangoModelFactory):
    class Meta:
        model = Office

    code = factory.Sequence(lambda n: f"T{n:04}")
    name = factory.LazyAttribute(lambda office: f"Office of {office.code}")
    kind = Office.Kind.NATIONAL


class OfficeGroupFactory(DjangoModelFactory):
    class Meta:
        model = OfficeGroup

    key = factory.Sequence(lambda n: f"group-{n}")
    title = factory.LazyAttribute(lambda group: f"Group {group.key}")
    kind = OfficeGroup.Kind.OTHER


class GroupMemberFactory(DjangoModelFactory):
    class Meta:
        model = GroupMember

    group = factory.SubFactory(OfficeGroupFactory)
    office = factory.SubFactory(OfficeFactory)


class UserFactory(DjangoModelFactory):
    """A person without a password; pass `password=` to one who signs in through the form."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.org")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return model_class.objects.create_user(*args, **kwargs)


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    office = factory.SubFactory(OfficeFactory)
    role = Membership.Role.VIEWER


class PersonInvitationFactory(DjangoModelFactory):
    """To a role in the portal; pass `office_role=`, `portal_role=""` and then the offices for another."""

    class Meta:
        model = PersonInvitation

    email = factory.Sequence(lambda n: f"invited{n}@example.org")
    portal_role = User.Role.AUDITOR
    token_hash = factory.Sequence(lambda n: f"{n:064}")
