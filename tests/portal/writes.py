"""Every way to write to the portal, driven through its surface: by whom, and which audit rows it leaves."""

import datetime
import io
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from jiu.actions import calls
from jiu.models import Call, Update
from notices.models import Reminder
from portal.models import ImportRecord
from surveys.models import Invitation, Survey
from tests.factories import assistance, jiu, notices, offices, recommendations, surveys
from tests.factories.offline import FILLED, filled
from tests.factories.portal import load
from tests.html_forms import send
from tests.jiu.progress_documents import annex, rows

DAY = datetime.timedelta(days=1)


class Row(NamedTuple):
    """One audit row: what it says it was, by which path, for which office."""

    action: str
    path: str
    office_code: str = ""


class Case(NamedTuple):
    """One way to write: who does it, the rows it leaves, and what makes it ready and returns the write itself."""

    persona: str
    expected: list[Row]
    prepare: Callable[..., Callable[[], object]]


CASES: dict[str, Case] = {}


def case(name: str, persona: str, *expected: Row):
    """`name` is that of the route, and after a space which of its writes."""

    def keep(prepare):
        CASES[name] = Case(persona, list(expected), prepare)
        return prepare

    return keep


def form(action: str, office_code: str = "") -> Row:
    return Row(action, "form", office_code)


class Scene:
    """What a case finds: the fixtures of the tests, and a browser of its person."""

    def __init__(self, request, persona: str) -> None:
        self.get = request.getfixturevalue
        self.user = self.get(persona) if persona else None
        self.client = self.get("client_of")(self.user) if self.user else None

    @property
    def survey(self) -> Survey:
        """An open round that asks AU and NA everything."""
        return self.get("tiny_round").survey

    def url(self, name: str, *args: object) -> str:
        return reverse(name, args=args)

    def post(self, name: str, *args: object, data: dict[str, object] | None = None):
        return lambda: self.client.post(self.url(name, *args), data or {})

    def sent(self, name: str, *args: object, query: str = "", **changes: object):
        """The form of a page, changed and sent."""
        return lambda: send(self.client, self.url(name, *args) + query, **changes)


# Rounds


@case("surveys:create", "secretariat", form("create round"))
def create_round(scene):
    data = {"key": "cws-2027", "title": "Round of 2027", "opens_on": "2027-01-01", "closes_on": "2027-03-31"}
    chosen = recommendations.RecommendationSetFactory().pk
    return scene.post("surveys:create", data={**data, "recommendation_set": chosen})


@case("surveys:manage_edit", "secretariat", form("change round"))
def change_round(scene):
    return scene.sent("surveys:manage_edit", scene.survey.key, title="Another title")


@case("surveys:manage_close", "secretariat", form("close round"))
def close_round(scene):
    key = scene.survey.key
    return scene.sent("surveys:manage_edit", key, to=scene.url("surveys:manage_close", key), when="today")


@case("surveys:manage_reopen", "secretariat", form("reopen round"))
def reopen_round(scene):
    key, day = scene.survey.key, timezone.localdate() + 60 * DAY
    Survey.objects.update(closes_on=timezone.localdate() - DAY)
    return scene.sent("surveys:manage_edit", key, to=scene.url("surveys:manage_reopen", key), day=day.isoformat())


@case("surveys:add_question", "secretariat", form("add question"))
def add_question(scene):
    return scene.sent("surveys:add_question", scene.survey.key, key="more", kind="text", text="What else?")


@case("surveys:edit_question", "secretariat", form("change question"))
def change_question(scene):
    return scene.sent("surveys:edit_question", scene.survey.key, "proposals", text="Other words?")


@case("surveys:remove_question", "secretariat", form("remove question"))
def remove_question(scene):
    return scene.post("surveys:remove_question", scene.survey.key, "policy")


@case("surveys:place_question", "secretariat", form("order questions"))
def place_question(scene):
    return scene.post("surveys:place_question", scene.survey.key, "policy", data={"place": "1"})


@case("surveys:manage_invite", "secretariat", form("invite offices"))
def invite(scene):
    office = offices.OfficeFactory()
    return scene.post("surveys:manage_invite", scene.survey.key, data={"offices": [office.code]})


@case("surveys:manage_extend", "secretariat", form("extend deadline"))
def extend(scene):
    key, day = scene.survey.key, scene.survey.closes_on + 9 * DAY
    office = Invitation.objects.first().office
    data = {"extend-closes_on": day.isoformat(), "extend-offices": [office.code]}
    return scene.post("surveys:manage_extend", key, data=data)


@case("surveys:manage_carry_over", "secretariat", form("carry over answers"))
def carry_over(scene):
    """An earlier round on the same set with the same question, to which the office answered."""
    office, set_of = scene.get("office"), scene.survey.recommendation_set
    earlier = surveys.SurveyFactory(key="earlier", recommendation_set=set_of)
    question = surveys.QuestionFactory(survey=earlier, key="proposals", kind="text")
    response = surveys.ResponseFactory(survey=earlier, office=office, submitted=True)
    surveys.AnswerFactory(response=response, question=question, value="More.")
    return scene.post("surveys:manage_carry_over", scene.survey.key, data={"carry-source": "earlier"})


@case("surveys:manage_terms", "secretariat", form("change invitation", "AU"))
def change_terms(scene):
    return scene.sent("surveys:manage_terms", scene.survey.key, "AU", note="By telephone.")


@case("surveys:manage_withdraw", "secretariat", form("withdraw invitation", "AU"))
def withdraw_invitation(scene):
    return scene.post("surveys:manage_withdraw", scene.survey.key, "AU")


@case("surveys:respond opened", "contributor", form("open questionnaire", "AU"))
def open_questionnaire(scene):
    url = scene.url("surveys:respond", scene.survey.key, "AU")
    return lambda: scene.client.get(url)


@case("surveys:respond", "contributor", form("save response", "AU"))
def save_response(scene):
    scene.client.get(scene.url("surveys:respond", scene.survey.key, "AU"))  # notes when it was first opened
    return scene.sent("surveys:respond", scene.survey.key, "AU", save="1", **{"q.proposals": "Nothing to change."})


def with_draft(scene) -> str:
    send(scene.client, scene.url("surveys:respond", scene.survey.key, "AU"), save="1", **{"q.progress.1": "planned"})
    return scene.survey.key


@case("surveys:review", "coordinator", form("submit response", "AU"))
def submit_response(scene):
    return scene.sent("surveys:review", with_draft(scene), "AU")


@case("surveys:discard", "coordinator", form("discard draft", "AU"))
def discard_draft(scene):
    key = with_draft(scene)
    return scene.sent("surveys:review", key, "AU", to=scene.url("surveys:discard", key, "AU"))


@case("surveys:upload", "contributor", form("save response", "AU"))
def upload_answers(scene):
    place = [scene.survey.key, "AU"]
    empty = b"".join(scene.client.get(scene.url("surveys:questionnaire_xlsx", *place)).streaming_content)
    file = SimpleUploadedFile("filled.xlsx", filled(empty, FILLED))
    preview = scene.client.post(scene.url("surveys:upload", *place), {"file": file})
    return scene.post("surveys:upload", *place, data={"token": preview.context["token"]})


# Statuses


@case("status:set", "contributor", form("record statuses", "AU"))
def record_set(scene):
    item = recommendations.RecommendationFactory(recommendation_set__key="ten")
    fields = {f"{item.number}.acceptance": "accepted", f"{item.number}.implementation": "planned"}
    return scene.sent("status:set", "AU", "ten", **fields)


@case("status:detail", "contributor", form("record statuses", "AU"))
def record_one(scene):
    item = recommendations.RecommendationFactory(recommendation_set__key="ten")
    fields = {f"{item.number}.acceptance": "accepted", f"{item.number}.implementation": "planned"}
    return scene.sent("status:detail", "AU", "ten", item.number, **fields)


# The International Bureau


def open_call(scene) -> tuple[Call, Update]:
    item = jiu.make_jiu_recommendation("JIU/REP/2021/6", 1, "EH")
    jiu.state(item, "2022-03-31", "in_progress")
    day = datetime.date(2023, 3, 31)
    call = calls.open_call(as_at=day, closes_on=timezone.localdate(), note="", by=scene.user)
    return call, call.updates.get()


def answered(scene, call: Call, update: Update) -> Update:
    words = calls.Words("accepted", "implemented", "Done.")
    answer = calls.Answer(update, update.version, words)
    return calls.answer_updates(call=call, answers=[answer], by=scene.user)[0]


def decide(scene, decision: str, **data: object):
    call, update = open_call(scene)
    if decision in {"accept", "send_back"}:
        update = answered(scene, call, update)
    fields = {"decision": decision, "version": update.version, **data}
    return scene.post("jiu:decide", str(call), "jiu-rep-2021-6", 1, data=fields)


@case("jiu:open_call", "bureau_coordinator", form("open call", "IB"))
def open_a_call(scene):
    jiu.make_jiu_recommendation("JIU/REP/2021/6", 1, "EH")
    day = timezone.localdate().isoformat()
    return scene.post("jiu:open_call", data={"as_at": day, "closes_on": day, "note": ""})


@case("jiu:close_call", "bureau_coordinator", form("close call", "IB"))
def close_a_call(scene):
    return scene.post("jiu:close_call", str(open_call(scene)[0]))


@case("jiu:answer_set", "bureau_coordinator", form("answer call", "IB"))
def answer_set(scene):
    call, _update = open_call(scene)
    return scene.sent("jiu:answer_set", str(call), "jiu-rep-2021-6", **{"1.unchanged": "on"})


@case("jiu:answer", "bureau_coordinator", form("answer call", "IB"))
def answer_one(scene):
    call, _update = open_call(scene)
    return scene.sent("jiu:answer", str(call), "jiu-rep-2021-6", 1, **{"1.unchanged": "on"})


@case(
    "jiu:decide accept", "bureau_coordinator", form("record statuses", "IB"), form("accept update", "IB")
)  # the report is a write of its own
def accept_update(scene):
    return decide(scene, "accept")


@case("jiu:decide send back", "bureau_coordinator", form("send update back", "IB"))
def send_update_back(scene):
    return decide(scene, "send_back", comment="By when?")


@case("jiu:decide comment", "bureau_coordinator", form("comment on update", "IB"))
def comment_on_update(scene):
    return decide(scene, "comment", comment="Soon?")


@case("jiu:decide reassign", "bureau_coordinator", form("reassign update", "IB"))
def reassign_update(scene):
    return decide(scene, "reassign", officers=[recommendations.OfficerFactory().key])


@case("jiu:sentence", "secretariat", form("reword sentence", "IB"))
def reword_sentence(scene):
    item = jiu.make_jiu_recommendation("JIU/REP/2021/6", 1, "EH")
    jiu.state(item, "2022-03-31", "in_progress")
    jiu.state(item, "2023-03-31", "implemented")
    address = scene.url("jiu:sentence", "annexes") + "?as_at=2023-03-31&since=2022-03-31"
    return lambda: send(scene.client, address, text="Three annexes follow.")


DOCUMENT = annex(rows(note="Previously “planned”"), "A remark.")


@case("jiu:import_confirm", "administrator", Row("import", "import", "IB"))
def import_document(scene):
    file = SimpleUploadedFile("report.txt", DOCUMENT.encode())
    page = scene.client.post(scene.url("jiu:import"), {"file": file, "previous_as_at": ""}, follow=True)
    data = {"confirm": "1", "seen": page.context["outcome"].digest}
    return lambda: scene.client.post(page.request["PATH_INFO"], data)


# Technical assistance


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


# Publications


def responded(scene) -> str:
    """A round with one submitted text."""
    response = surveys.ResponseFactory(survey=scene.survey, office=scene.get("office"), submitted=True)
    surveys.AnswerFactory(response=response, question=scene.survey.questions.get(key="proposals"), value="More.")
    return scene.survey.key


@case("publications:new_results", "secretariat", form("publish"))
def publish_results(scene):
    return scene.sent("publications:new_results", responded(scene), reason="It is enough.")


@case("publications:new_progress_report", "secretariat", form("publish"))
def publish_progress_report(scene):
    item = jiu.make_jiu_recommendation("JIU/REP/2021/6", 1, "EH")
    jiu.state(item, "2022-03-31", "in_progress")
    jiu.state(item, "2023-03-31", "implemented")
    query = "?as_at=2023-03-31&since=2022-03-31"
    return scene.sent("publications:new_progress_report", query=query, reason="It is enough.")


@case("publications:comments", "secretariat", form("release comments"))
def release_comments(scene):
    page = scene.url("publications:comments", responded(scene))
    name = next(iter(scene.client.get(page).context["form"].lines)).field.name
    return lambda: send(scene.client, page, **{name: "public"})


# Reminders


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


# People


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


# The admin page of people, whose offices find in their trail what concerns them


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


# The other admin pages, which all share one class


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


# Commands


def command(name: str, *args: object, **options: object):
    return lambda: call_command(name, *args, **{"stdout": io.StringIO(), "stderr": io.StringIO(), **options})


@case("import_csv", "", Row("import", "command"))
def import_csv(scene):
    file = scene.get("tmp_path") / "offices.csv"
    file.write_text(OFFICES)
    return command("import_csv", "offices", str(file))


@case("import_progress_report", "", Row("import", "command", "IB"))
def import_progress_report(scene):
    file: Path = scene.get("tmp_path") / "report.txt"
    file.write_text(DOCUMENT)
    return command("import_progress_report", str(file))


@case("send_reminders", "", Row("send reminder", "command", "AU"))
def send_reminders_by_command(scene):
    notices.make_asked(scene.get("office"))
    return command("send_reminders")


@case("createsuperuser", "", Row("create account", "command"))
def make_the_first_administrator(scene):
    return command("createsuperuser", email="first@example.org", interactive=False)


@case("changepassword", "", Row("set password", "command"))
def change_password_by_command(scene):
    scene.get("monkeypatch").setattr("getpass.getpass", lambda _prompt: "another horse battery staple")
    return command("changepassword", scene.get("viewer").email)


@case("create_demo_accounts", "", *[Row("create account", "command")] * 9)  # one a person
def create_demo_accounts(scene):
    scene.get("settings").ALLOWED_HOSTS = ["localhost"]
    for code in ("SAMPLE01", "SAMPLE02"):
        offices.OfficeFactory(code=code, is_sample=True)
    jiu.make_bureau()
    return command("create_demo_accounts")
