"""Technical assistance."""

from django.utils import timezone

from tests.factories import assistance
from tests.portal.writes.cases import DAY, case, form


def requested(scene, *steps: str, **fields: object):
    request = assistance.RequestFactory(key="r1", office=scene.get("office"), **fields)
    for place, status in enumerate(reversed(["requested", *steps]), start=1):
        day = timezone.localdate() - place * DAY
        assistance.RequestStepFactory(request=request, status=status, date=day)
    return request


@case("assistance:programme_new", "secretariat", form("add programme"))
def add_programme(scene):
    return scene.sent("assistance:programme_new", number="7", title="Training")


@case("assistance:programme_edit", "secretariat", form("change programme"))
def change_programme(scene):
    assistance.ProgrammeFactory(number=1)
    return scene.sent("assistance:programme_edit", 1, title="Other words")


@case("assistance:programme_offer", "secretariat", form("change programme"))
def retire_programme(scene):
    assistance.ProgrammeFactory(number=1)
    return scene.post("assistance:programme_offer", 1, data={"is_active": "0"})


@case("assistance:ask", "contributor", form("ask for assistance", "AU"))
def ask_for_assistance(scene):
    assistance.ProgrammeFactory(number=1)
    return scene.sent("assistance:ask", 1, purpose="To learn.")


@case("assistance:step", "secretariat", form("step of a request", "AU"))
def take_step(scene):
    requested(scene)
    to = scene.url("assistance:step", "r1")
    return scene.sent("assistance:request", "r1", to=to, status="agreed", note="Two missions.")


@case("assistance:withdraw", "contributor", form("step of a request", "AU"))
def withdraw_request(scene):
    requested(scene)
    return scene.sent("assistance:request", "r1", to=scene.url("assistance:withdraw", "r1"), note="No need.")


@case("assistance:activity", "secretariat", form("record activity", "AU"))
def record_activity(scene):
    requested(scene, "agreed")
    to = scene.url("assistance:activity", "r1")
    return scene.sent("assistance:request", "r1", to=to, date=timezone.localdate(), kind="Workshop", outcome="Learnt.")


@case("assistance:activity_edit", "secretariat", form("change activity", "AU"))
def change_activity(scene):
    activity = assistance.ActivityFactory(request=requested(scene, "agreed"), date=timezone.localdate() - DAY)
    return scene.sent("assistance:activity_edit", "r1", activity.pk, outcome="Learnt more.")
