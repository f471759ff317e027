"""Rounds, and the answers to them."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from surveys.models import Invitation, Survey
from tests.factories import offices, recommendations, surveys
from tests.factories.offline import FILLED, filled
from tests.html_forms import send
from tests.portal.writes.cases import DAY, case, form


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
