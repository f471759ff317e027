"""The International Bureau: calls, sentences of its report, the document read in."""

import datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from jiu.actions import calls
from jiu.models import Call, Update
from tests.factories import jiu, recommendations
from tests.html_forms import send
from tests.jiu.progress_documents import annex, rows
from tests.portal.writes.cases import Row, case, form


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
    return lambda: send(scene.client, address, text="The annexes follow.")


DOCUMENT = annex(rows(note="Previously “planned”"), "A remark.")


@case("jiu:import_confirm", "administrator", Row("import", "import", "IB"))
def import_document(scene):
    file = SimpleUploadedFile("report.txt", DOCUMENT.encode())
    page = scene.client.post(scene.url("jiu:import"), {"file": file, "previous_as_at": ""}, follow=True)
    data = {"confirm": "1", "seen": page.context["outcome"].digest}
    return lambda: scene.client.post(page.request["PATH_INFO"], data)
