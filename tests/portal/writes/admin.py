"""The admin pages: that of people, whose offices find it in their trail, and the others, which share one class."""

from django.core.files.uploadedfile import SimpleUploadedFile

from portal.models import ImportRecord
from tests.factories import offices, surveys
from tests.factories.portal import load
from tests.html_forms import send
from tests.portal.writes.cases import Row, case


@case("admin add person", "administrator", Row("add membership", "admin", "AU"), Row("add user", "admin"))
def admin_add_person(scene):
    place = {"memberships-0-office": scene.get("office").pk, "memberships-0-role": "viewer"}
    return scene.sent("admin:offices_user_add", email="new@example.org", _save="1", **place)


@case(
    "admin change person",
    "administrator",
    Row("change membership", "admin", "AU"),
    Row("deactivate person", "admin", "AU"),
    Row("change user", "admin"),
)
def admin_change_person(scene):
    fields = {"memberships-0-role": "contributor", "is_active": []}
    return scene.sent("admin:offices_user_change", scene.get("viewer").pk, _save="1", **fields)


@case("admin delete person", "administrator", Row("remove membership", "admin", "AU"), Row("delete user", "admin"))
def admin_delete_person(scene):
    return scene.post("admin:offices_user_delete", scene.get("viewer").pk, data={"post": "yes"})


@case("admin add", "administrator", Row("add office", "admin", "NA"))
def admin_add(scene):
    return lambda: send(
        scene.client, scene.url("admin:offices_office_add"), code="NA", name="Namibia", kind="national", _save="1"
    )


@case("admin change", "administrator", Row("change office", "admin", "NA"))
def admin_change(scene):
    office = offices.OfficeFactory(code="NA")
    return lambda: send(scene.client, scene.url("admin:offices_office_change", office.pk), name="Other", _save="1")


@case("admin delete", "administrator", Row("delete office", "admin", "NA"))
def admin_delete(scene):
    office = offices.OfficeFactory(code="NA")
    return scene.post("admin:offices_office_delete", office.pk, data={"post": "yes"})


@case(
    "admin delete several",
    "administrator",
    Row("delete office", "admin", "NA"),
    Row("delete office", "admin", "NO"),
)
def admin_delete_several(scene):
    several = [offices.OfficeFactory(code=code).pk for code in ("NA", "NO")]
    data = {"action": "delete_selected", "_selected_action": several, "post": "yes"}
    return scene.post("admin:offices_office_changelist", data=data)


@case("admin invitation", "administrator", Row("add invitation", "admin", "AU"))
def admin_invitation(scene):
    survey, office = surveys.SurveyFactory(), scene.get("office")
    page = scene.url("admin:surveys_invitation_add")
    return lambda: send(scene.client, page, survey=survey.pk, office=office.pk, _save="1")


OFFICES = "code,name,kind,region,is_sample,source\r\nNA,Namibia,national,africa,,\r\n"


@case("admin import", "administrator", Row("import", "import"))
def admin_import(scene):
    file = SimpleUploadedFile("offices.csv", OFFICES.encode())
    page = scene.client.post(scene.url("admin:offices_office_import"), {"file": file}, follow=True)
    data = {"confirm": "1", "seen": page.context["outcome"].digest}
    return lambda: scene.client.post(page.request["PATH_INFO"], data)


@case("admin undo", "administrator", Row("undo import", "admin"))
def admin_undo(scene):
    load("offices", OFFICES)
    return scene.post("admin:portal_importrecord_undo", ImportRecord.objects.get().pk)
