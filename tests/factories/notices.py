"""Reminders, and a round whose offices have somebody to write to."""

import datetime

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from notices.models import Reminder
from offices.models import Membership, Office
from surveys.models import Survey
from tests.factories.offices import MembershipFactory, OfficeFactory
from tests.factories.surveys import InvitationFactory, SurveyFactory


class ReminderFactory(DjangoModelFactory):
    """One that was claimed; `sent=True` for one that went out."""

    class Meta:
        model = Reminder

    class Params:
        sent = factory.Trait(state=Reminder.State.SENT, sent_at=factory.LazyFunction(timezone.now))

    survey = factory.SubFactory(SurveyFactory)
    office = factory.SubFactory(OfficeFactory)
    kind = Reminder.Kind.INVITATION
    recipients = 1


def make_asked(*offices: Office, opened: int = 1, left: int = 30, **fields: object) -> Survey:
    """A round that opened so many days ago and has so many left (negative: closed); each office has somebody."""
    today = timezone.localdate()
    survey = SurveyFactory(
        opens_on=today - datetime.timedelta(days=opened), closes_on=today + datetime.timedelta(days=left), **fields
    )
    for office in offices:
        InvitationFactory(survey=survey, office=office)
        MembershipFactory(
            office=office, user__email=f"{office.code.lower()}@example.org", role=Membership.Role.CONTRIBUTOR
        )
    return survey
