"""Reminders."""

from notices.models import Reminder
from tests.factories import notices
from tests.portal.writes.cases import case, form


@case("notices:send", "secretariat", form("send reminder", "AU"))
def send_reminders(scene):
    survey = notices.make_asked(scene.get("office"))
    return scene.post("notices:send", data={"survey": survey.key, "kind": "invitation"})


def in_doubt(scene) -> Reminder:
    survey = notices.make_asked(scene.get("office"))
    return notices.ReminderFactory(survey=survey, office=scene.get("office"), error="gone")


@case("notices:settle again", "secretariat", form("send reminder again", "AU"))
def send_reminder_again(scene):
    return scene.post("notices:settle", in_doubt(scene).pk, data={"decision": "again"})


@case("notices:settle arrived", "secretariat", form("confirm reminder", "AU"))
def confirm_reminder(scene):
    return scene.post("notices:settle", in_doubt(scene).pk, data={"decision": "arrived"})
