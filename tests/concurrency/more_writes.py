"""The forms that `tests.portal.writes` leaves to others: the way in, second factors, files; and which make nothing."""

import json
import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from offices.actions.invitations import hash_of
from offices.models import User
from tests.factories import jiu, offices, recommendations, surveys
from tests.portal.writes.admin import OFFICES
from tests.portal.writes.bureau import DOCUMENT
from tests.portal.writes.cases import Case, Row, form

PASSWORD = "correct horse battery staple"
SECRET = "JBSWY3DPEHPK3PXP"
ANOTHER = "another horse battery staple"

MORE: dict[str, Case] = {}
# Pages that take a POST and leave nothing that outlives a session, or the same each time.
MAKE_NOTHING = {
    "account_login": "a session",
    "account_logout": "ends a session",
    "account_signup": "is closed",
    "account_inactive": "says so",
    "account_reauthenticate": "a mark in the session",
    "account_reset_password_done": "says so",
    "account_reset_password_from_key_done": "says so",
    "mfa_index": "shows",
    "mfa_authenticate": "a session",
    "mfa_reauthenticate": "a mark in the session",
    "mfa_view_recovery_codes": "shows",
    "mfa_download_recovery_codes": "shows",
    "mfa_list_webauthn": "shows",
    "mfa_login_webauthn": "a session",
    "mfa_reauthenticate_webauthn": "a mark in the session",
    "set_language": "a cookie",
    "usersessions_list": "ends sessions",
}


def case(name: str, persona: str, *expected: Row):
    def keep(prepare):
        MORE[name] = Case(persona, list(expected), prepare)
        return prepare

    return keep


# People


@case("person_factors", "administrator", form("remove second factors"))
def remove_factors(scene):
    person = scene.get("viewer")
    TOTP.activate(person, SECRET)
    return scene.post("person_factors", person.pk)


@case("invitation", "", form("accept invitation", "AU"))
def accept_invitation(scene):
    invitation = offices.PersonInvitationFactory(
        office_role="viewer", portal_role="", token_hash=hash_of("token"), invited_by=scene.get("secretariat")
    )
    invitation.offices.set([scene.get("office")])
    return scene.post("invitation", "token", data={"name": "New", "password": PASSWORD, "again": PASSWORD})


# Files that wait for confirmation


@case("jiu:import", "administrator")
def upload_document(scene):
    file = SimpleUploadedFile("report.txt", DOCUMENT.encode())
    return scene.post("jiu:import", data={"file": file, "previous_as_at": ""})


@case("admin import, upload", "administrator")
def upload_offices(scene):
    return scene.post("admin:offices_office_import", data={"file": SimpleUploadedFile("o.csv", OFFICES.encode())})


# Passwords


def with_password(scene) -> User:
    """The person of the scene with a password, signed in by it a moment ago."""
    scene.user.set_password(PASSWORD)
    scene.user.save()
    scene.client.post(scene.url("account_login"), {"login": scene.user.email, "password": PASSWORD})
    scene.client.post(scene.url("account_reauthenticate"), {"password": PASSWORD})
    return scene.user


@case("account_change_password", "viewer", form("set password"))
def change_password(scene):
    with_password(scene)
    data = {"oldpassword": PASSWORD, "password1": ANOTHER, "password2": ANOTHER}
    return scene.post("account_change_password", data=data)


@case("account_set_password", "viewer", form("set password"))
def set_password(scene):
    return scene.post("account_set_password", data={"password1": ANOTHER, "password2": ANOTHER})


@case("account_reset_password", "")
def ask_for_link(scene):
    offices.UserFactory(email="lost@example.org", password=PASSWORD)
    return scene.sent("account_reset_password", email="lost@example.org", csrfmiddlewaretoken="of this form")


@case("account_reset_password_from_key", "", form("set password"))
def use_link(scene):
    ask_for_link(scene)()
    page = scene.client.get(mail.outbox.pop().body.split("http://127.0.0.1:8000")[1].split()[0])
    return lambda: scene.client.post(page["Location"], {"password1": ANOTHER, "password2": ANOTHER})


# Second factors


@case("mfa_activate_totp", "viewer", form("add second factor"), form("add second factor"))  # and recovery codes
def activate_app(scene):
    with_password(scene)
    secret = scene.client.get(scene.url("mfa_activate_totp")).context["form"].secret
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    return scene.post("mfa_activate_totp", data={"code": code})


@case("mfa_deactivate_totp", "viewer", form("remove second factor"), form("remove second factor"))
def deactivate_app(scene):
    TOTP.activate(with_password(scene), SECRET)
    RecoveryCodes.activate(scene.user)
    return scene.post("mfa_deactivate_totp")


@case("mfa_generate_recovery_codes", "viewer", form("remove second factor"), form("add second factor"))
def generate_codes(scene):
    TOTP.activate(with_password(scene), SECRET)
    RecoveryCodes.activate(scene.user).mark_as_viewed()
    return scene.post("mfa_generate_recovery_codes")


@case("mfa_add_webauthn", "viewer", form("add second factor"), form("add second factor"))  # and recovery codes
def add_passkey(scene):
    """As if the device had signed what it was asked to."""
    with_password(scene)
    patch = scene.get("monkeypatch")
    patch.setattr(webauthn, "parse_registration_response", lambda credential: None)
    patch.setattr(webauthn, "complete_registration", lambda credential: None)
    return scene.post("mfa_add_webauthn", data={"name": "Key", "credential": json.dumps({"id": "of-this-key"})})


def with_passkey(scene) -> Authenticator:
    data = {"name": "Key", "credential": {"id": "of-this-key"}}
    return Authenticator.objects.create(user=with_password(scene), type="webauthn", data=data)


@case("mfa_edit_webauthn", "viewer", form("rename second factor"))
def rename_passkey(scene):
    return scene.post("mfa_edit_webauthn", with_passkey(scene).pk, data={"name": "Key at home"})


@case("mfa_remove_webauthn", "viewer", form("remove second factor"))
def remove_passkey(scene):
    return scene.post("mfa_remove_webauthn", with_passkey(scene).pk)


# The pages on which administrators add a row


DAY = "2025-05-02"
ADDED = {
    "offices.Office": lambda: {"code": "NA", "name": "Namibia", "kind": "national"},
    "offices.OfficeGroup": lambda: {"key": "group", "title": "Group", "kind": "other"},
    "offices.GroupMember": lambda: {
        "group": offices.OfficeGroupFactory().pk,
        "office": offices.OfficeFactory().pk,
    },
    "offices.User": lambda: {"email": "added@example.org", "is_active": "on"},
    "recommendations.RecommendationSet": lambda: {"key": "added", "issuer": "CWS", "title": "Set", "stage": "draft"},
    "recommendations.SetEvent": lambda: {"recommendation_set": set_pk(), "date": "2024", "label": "Adopted"},
    "recommendations.SetDocument": lambda: {"recommendation_set": set_pk(), "title": "Cover"},
    "recommendations.Recommendation": lambda: {"recommendation_set": set_pk(), "number": "7", "label": "Seventh"},
    "recommendations.RecommendedAction": lambda: {"recommendation": item_pk(), "order": "7", "text": "Do it."},
    "recommendations.Officer": lambda: {"key": "added", "title": "Director"},
    "jiu.Review": lambda: {"reference": "A500", "title": "Review", "programme_of_work": "2025", "stage": "planned"},
    "jiu.Questionnaire": lambda: {"reference": "A500", "title": "Questionnaire"},
    "jiu.Endorsement": lambda: {
        "recommendation": jiu.make_jiu_recommendation().pk,
        "decided_on": DAY,
        "decision": "endorsed",
    },
    "assistance.Programme": lambda: {"number": "7", "title": "Training", "is_active": "on"},
    "surveys.Survey": lambda: {
        "key": "added",
        "title": "Round",
        "recommendation_set": set_pk(),
        "opens_on": DAY,
        "closes_on": DAY,
    },
    "surveys.Question": lambda: {
        "survey": surveys.SurveyFactory().pk,
        "key": "added",
        "order": "1",
        "kind": "text",
        "text": "What?",
    },
    "surveys.QuestionOption": lambda: {
        "question": surveys.QuestionFactory(kind="choice").pk,
        "key": "added",
        "order": "1",
        "label": "Yes",
    },
    "surveys.Invitation": lambda: {"survey": surveys.SurveyFactory().pk, "office": offices.OfficeFactory().pk},
    "publications.Claim": lambda: {
        "document": "WO/PBC/34/6",
        "paragraph": "3",
        "measure": "jiu.closed",
        "value": "1",
        "as_at": DAY,
    },
}


def set_pk() -> int:
    return recommendations.RecommendationSetFactory().pk


def item_pk() -> int:
    return recommendations.RecommendationFactory().pk
