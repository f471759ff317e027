"""Publications, and the comments in them."""

from tests.factories import jiu, surveys
from tests.html_forms import send
from tests.portal.writes.cases import case, form


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
