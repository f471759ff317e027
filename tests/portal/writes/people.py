"""People, their roles, and those invited."""

from tests.factories import offices
from tests.html_forms import send
from tests.portal.writes.cases import case, form


@case("account", "viewer", form("change name"))
def change_name(scene):
    return lambda: send(scene.client, scene.url("account"), name="Another name")


@case("people_invite", "coordinator", form("invite person", "AU"))
def invite_person(scene):
    return scene.post("people_invite", data={"email": "new@example.org", "role": "viewer", "offices": ["AU"]})


def invited(scene) -> int:
    office = scene.get("office")
    invitation = offices.PersonInvitationFactory(office_role="viewer", portal_role="")
    invitation.offices.set([office])
    return invitation.pk


@case("people_invitation again", "coordinator", form("send invitation again", "AU"))
def invite_again(scene):
    return scene.post("people_invitation", invited(scene), data={"times_sent": "1"})


@case("people_invitation revoke", "coordinator", form("revoke invitation", "AU"))
def revoke_invitation(scene):
    return scene.post("people_invitation", invited(scene), data={"revoke": "1"})


@case("person_office", "coordinator", form("change membership", "AU"))
def change_membership(scene):
    data = {"role": "contributor", "seen": "viewer"}
    return scene.post("person_office", scene.get("viewer").pk, "AU", data=data)


@case("person_office remove", "coordinator", form("remove membership", "AU"))
def remove_membership(scene):
    return scene.post("person_office", scene.get("viewer").pk, "AU", data={"role": "", "seen": "viewer"})


@case("person_role", "administrator", form("change portal role"))
def change_portal_role(scene):
    return scene.post("person_role", scene.get("viewer").pk, data={"role": "auditor", "seen": ""})


@case("person_access", "administrator", form("deactivate person", "AU"))
def deactivate_person(scene):
    return scene.post("person_access", scene.get("viewer").pk, data={"deactivate": "1"})
