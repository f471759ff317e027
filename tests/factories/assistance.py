"""Programmes of the menu, requests with their steps, activities."""

import datetime

import factory
from factory.django import DjangoModelFactory

from assistance.models import Activity, Programme, Request, RequestStep, Status
from tests.factories.offices import OfficeFactory


class ProgrammeFactory(DjangoModelFactory):
    class Meta:
        model = Programme

    number = factory.Sequence(lambda n: n + 1)
    title = factory.LazyAttribute(lambda programme: f"Title of programme {programme.number}")


class RequestFactory(DjangoModelFactory):
    class Meta:
        model = Request

    key = factory.Sequence(lambda n: f"request-{n}")
    programme = factory.SubFactory(ProgrammeFactory)
    office = factory.SubFactory(OfficeFactory)
    purpose = "To learn."


class RequestStepFactory(DjangoModelFactory):
    class Meta:
        model = RequestStep

    request = factory.SubFactory(RequestFactory)
    date = datetime.date(2026, 1, 5)
    status = Status.REQUESTED


class ActivityFactory(DjangoModelFactory):
    class Meta:
        model = Activity

    request = factory.SubFactory(RequestFactory)
    date = datetime.date(2026, 3, 2)
    kind = "training"
