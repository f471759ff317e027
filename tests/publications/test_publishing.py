"""Publishing: what is frozen, its numbers and refusals, verification, and the pages."""

import csv
import hashlib
import io
import json
from http import HTTPStatus
from uuid import uuid4

import docx
import openpyxl
import pytest
from django.db import transaction
from django.utils import timezone, translation

from offices.narrowing import Narrowing
from portal.models import AuditEntry
from portal.writes import Refused
from publications.actions import decide_comments, publish_progress_report, publish_results
from publications.contents import undecided
from publications.documents import publication_docx
from publications.freezing import canonical, seal_of
from publications.models import FrozenError, Publication
from publications.views import publish
from surveys.models import Answer, Question
from surveys.results import compute_results
from tests.factories.offices import GroupMemberFactory, OfficeFactory, OfficeGroupFactory
from tests.factories.surveys import (
    AnswerFactory,
    InvitationFactory,
    QuestionFactory,
    ResponseFactory,
    SurveyFactory,
    make_tiny_round,
)
from tests.publications.conftest import ARABIC, CHINESE, FORMULA, file_of, sent, words

pytestmark = pytest.mark.django_db


class TestWhatIsFrozen:
    def test_the_content_is_canonical_and_hashed(self, published):
        content = json.loads(published.content)
        assert canonical(content) == published.content
        assert published.sha256 == hashlib.sha256(published.content.encode()).hexdigest()
        assert published.seal == seal_of(published)

    def test_it_holds_figures_base_filters_questionnaire_and_respondents(self, published, results):
        content = json.loads(published.content)
        frozen = results.as_json()
        assert {name: content["results"][name] for name in frozen if name != "texts"} == {
            name: frozen[name] for name in frozen if name != "texts"
        }
        assert content["respondents"] == [
            {"code": "AU", "name": "Office of AU"},
            {"code": "NA", "name": "Office of NA"},
        ]
        assert [question["kind"] for question in content["questions"]] == [
            "levels",
            "select",
            "choice",
            "text",
            "comments",
        ]
        assert [option["option"] for option in content["questions"][2]["options"]] == ["yes", "no", "partly"]
        assert (content["number"], content["version"], content["kind"]) == (1, 1, "results")

    def test_no_persons_name_and_no_unreleased_text_is_in_it(self, published, secretariat):
        texts = [text["text"] for text in json.loads(published.content)["results"]["texts"]]
        assert sorted(texts) == sorted([ARABIC, CHINESE, FORMULA, "AU explains.", "NA explains."])
        assert "Smith" not in published.content
        assert str(secretariat) not in published.content
        assert secretariat.email not in published.content
        assert published.published_by_name == f"{secretariat} <{secretariat.email}>"

    def test_a_text_that_changed_since_the_decision_is_undecided(self, results, secretariat):
        decide_comments(survey=results.survey, decisions=dict.fromkeys(results.texts, True), by=secretariat)
        assert undecided(compute_results(results.survey)) == []
        Answer.objects.filter(value=ARABIC).update(value="Another text.")
        assert [text.text for text in undecided(compute_results(results.survey))] == ["Another text."]

    def test_decisions_can_be_taken_back_and_are_audited(self, results, secretariat):
        text = results.texts[0]
        assert decide_comments(survey=results.survey, decisions={text: True}, by=secretariat) == 1
        assert decide_comments(survey=results.survey, decisions={text: True}, by=secretariat) == 0
        assert decide_comments(survey=results.survey, decisions={text: False}, by=secretariat) == 1
        publication = publish_results(results=results, words=words(), by=secretariat)
        assert text.text not in [found["text"] for found in json.loads(publication.content)["results"]["texts"]]
        assert AuditEntry.objects.filter(action="release comments").count() == 2

    def test_a_progress_report_is_frozen_with_its_document(self, progress, secretariat):
        publication = publish_progress_report(report=progress, words=words("One post is vacant."), by=secretariat)
        content = json.loads(publication.content)
        assert content["report"] == json.loads(json.dumps(progress.as_json()))
        assert content["reason"] == "One post is vacant."
        assert any("No update received" in json.dumps(block) for block in content["document"]["blocks"])

    def test_a_progress_report_is_in_one_language_from_head_to_foot(self, progress, secretariat):
        with translation.override("fr"):
            publication = publish_progress_report(report=progress, words=words("Why."), by=secretariat)
        assert json.loads(publication.content)["language"] == "en"
        file = io.BytesIO()
        publication_docx(publication, file)
        document = docx.Document(file)
        foot = " ".join(paragraph.text for paragraph in document.sections[0].footer.paragraphs)
        assert "Publication 1, version 1" in foot
        assert "Reason: " in " ".join(paragraph.text for paragraph in document.paragraphs)


class TestRefusals:
    def test_nothing_to_publish(self, secretariat):
        elsewhere = make_tiny_round(key="elsewhere").survey
        with pytest.raises(Refused, match="none has responded"):
            publish_results(results=compute_results(elsewhere), words=words(), by=secretariat)

    def test_silence_needs_a_reason(self, progress, secretariat):
        with pytest.raises(Refused, match="no update was received on 1 "):
            publish_progress_report(report=progress, words=words(), by=secretariat)

    def test_a_correction_needs_a_reason_and_the_same_subject(self, published, progress, results, secretariat):
        with pytest.raises(Refused, match="Say what is corrected"):
            publish_results(results=results, words=words(), corrects=published, by=secretariat)
        with pytest.raises(Refused, match="same round or report"):
            publish_progress_report(report=progress, words=words("Why."), corrects=published, by=secretariat)
        assert Publication.objects.count() == 1

    def test_a_published_row_refuses_to_change_or_go(self, published):
        published.title = "Another"
        refused = [
            published.save,
            published.delete,
            Publication.objects.all().delete,
            lambda: Publication.objects.update(title="Another"),
            lambda: Publication.objects.bulk_update([published], ["title"]),
        ]
        for write in refused:
            with pytest.raises(FrozenError), transaction.atomic():
                write()
        assert Publication.objects.get().title == "Results"


class TestNumbers:
    def test_the_same_form_sent_twice_publishes_once(self, results, secretariat):
        same = words()
        first, second = (publish_results(results=results, words=same, by=secretariat) for _time in range(2))
        assert first == second
        assert Publication.objects.count() == 1

    def test_a_correction_is_the_next_version_and_others_take_the_next_number(self, published, results, secretariat):
        second = publish_results(results=results, words=words("A slip."), corrects=published, by=secretariat)
        third = publish_results(results=results, words=words("Again."), corrects=second, by=secretariat)
        other = publish_results(results=results, words=words(), by=secretariat)
        assert [(p.number, p.version) for p in (published, second, third, other)] == [(1, 1), (1, 2), (1, 3), (2, 1)]


# Pages


MEANWHILE = "Somebody else published this meanwhile. Look at what stands now, then publish."


def rows_in(client) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file_of(client, "csv").getvalue().decode())))


class TestPages:
    def test_everybody_reads_what_is_published(self, personas, client_of, published):
        for name, person in personas.items():
            client = client_of(person)
            for address in ("/publications/", "/publications/1/", "/publications/1/1/"):
                assert client.get(address).status_code == HTTPStatus.OK, name
            assert client.get("/publications/1/1/publication.json").status_code == HTTPStatus.OK
            page = client.get("/publications/1/").content.decode()
            assert ("not public" in page) is (name in {"secretariat", "administrator"}), name

    def test_only_the_secretariat_publishes(self, personas, client_of, round_of_three):
        for name, person in personas.items():
            client = client_of(person)
            expected = {
                "secretariat": HTTPStatus.OK,
                "administrator": HTTPStatus.OK,
                "anonymous": HTTPStatus.FOUND,
            }.get(name, HTTPStatus.NOT_FOUND)
            for address in ("/publications/new/results/tiny/", "/publications/comments/tiny/"):
                assert client.get(address).status_code == expected, name
            if expected != HTTPStatus.OK:
                client.post("/publications/new/results/tiny/", {"title": "Mine", "token": uuid4()})
        assert not Publication.objects.exists()

    def test_the_list_before_the_button_names_what_is_open_with_its_page(self, client_of, secretariat, round_of_three):
        ResponseFactory(survey=round_of_three.survey, office=round_of_three.offices[2])
        page = client_of(secretariat).get("/publications/new/results/tiny/")
        assert [(point.code, point.count, point.url) for point in page.context["points"]] == [
            ("in_hand", 1, "/surveys/tiny/manage/"),
            ("comments", 6, "/publications/comments/tiny/?show=undecided"),
            ("few", 2, "/surveys/tiny/results/?base=responding"),
        ]

    def test_with_something_open_a_reason_is_asked_for(self, client_of, secretariat, round_of_three):
        client, address = client_of(secretariat), "/publications/new/results/tiny/"
        form = client.get(address).context["form"]
        data = {"title": "Results", "token": form["token"].value(), "seen": form["seen"].value()}
        page = client.post(address, data)
        assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert list(page.context["form"].errors) == ["reason"]
        data["reason"] = "In time for the session."
        for _time in range(2):
            assert client.post(address, data).headers["Location"] == "/publications/1/1/"
        assert Publication.objects.get().reason == "In time for the session."

    def test_other_figures_than_those_shown_are_not_published(self, client_of, secretariat, round_of_three):
        client, address = client_of(secretariat), "/publications/new/results/tiny/"
        form = client.get(address).context["form"]
        data = {"title": "Mine", "reason": "Why.", "token": form["token"].value(), "seen": form["seen"].value()}
        Answer.objects.filter(value="implemented").update(value="planned")
        page = client.post(address, data)
        assert page.status_code == HTTPStatus.CONFLICT
        assert not Publication.objects.exists()
        # What was typed is kept; sent again, it is about what is shown now.
        again = page.context["form"]
        assert [again[name].value() for name in ("title", "reason", "token")] == ["Mine", "Why.", data["token"]]
        assert client.post(address, data | {"seen": again["seen"].value()}).status_code == HTTPStatus.FOUND

    def test_a_correction_of_a_version_that_was_corrected_meanwhile(self, client_of, secretariat, published, results):
        client, address = client_of(secretariat), "/publications/new/results/tiny/?base=responding&corrects=1"
        data = sent(client.get(address), title="Mine", reason="Fixes version 1.")
        publish_results(results=results, words=words("Another."), corrects=published, by=secretariat)

        page = client.post(address, data)
        assert page.status_code == HTTPStatus.CONFLICT
        assert page.context["form"].non_field_errors() == [MEANWHILE]
        assert page.context["corrects"].version == 2
        assert Publication.objects.count() == 2
        again = sent(page)
        assert [again[name] for name in ("title", "reason", "token")] == ["Mine", "Fixes version 1.", data["token"]]
        assert client.post(address, again).headers["Location"] == "/publications/1/3/"

    def test_a_correction_that_loses_at_the_last_moment(self, client_of, secretariat, published, results, monkeypatch):
        client, address = client_of(secretariat), "/publications/new/results/tiny/?corrects=1"
        data = sent(client.get(address), reason="Fixes version 1.")

        def slowly(*, by, **kwargs):
            publish_results(results=results, words=words("Another."), corrects=published, by=by)
            return publish_results(by=by, **kwargs)

        monkeypatch.setattr(publish, "publish_results", slowly)
        page = client.post(address, data)
        assert page.status_code == HTTPStatus.CONFLICT
        assert page.context["form"].non_field_errors() == [MEANWHILE]
        assert sent(page)["reason"] == "Fixes version 1."
        assert Publication.objects.count() == 2

    def test_the_same_published_once_more_asks_why(self, client_of, secretariat, published):
        client, address = client_of(secretariat), "/publications/new/results/tiny/"
        page = client.get(address)
        assert '<a href="/publications/1/1/">It is already published as number 1, version 1' in page.content.decode()
        page = client.post(address, sent(page))
        assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert list(page.context["form"].errors) == ["reason"]
        answer = client.post(address, sent(page, reason="The first has a wrong title."))
        assert answer.headers["Location"] == "/publications/2/1/"

    def test_the_same_published_meanwhile(self, client_of, secretariat, round_of_three, results):
        client, address = client_of(secretariat), "/publications/new/results/tiny/"
        data = sent(client.get(address), reason="Comments later.")
        publish_results(results=results, words=words("Another."), by=secretariat)
        page = client.post(address, data)
        assert (page.status_code, page.context["form"].non_field_errors()) == (HTTPStatus.CONFLICT, [MEANWHILE])
        assert "/publications/1/1/" in page.content.decode()
        assert client.post(address, sent(page)).headers["Location"] == "/publications/2/1/"

    def test_nearly_the_same_published_meanwhile(self, client_of, secretariat, round_of_three, results):
        client, address = client_of(secretariat), "/publications/new/results/tiny/"
        data = sent(client.get(f"{address}?region=europe"), reason="Few, as known.")
        publish_results(results=results, words=words("All."), by=secretariat)
        page = client.post(f"{address}?region=europe", data)
        assert (page.status_code, page.context["form"].non_field_errors()) == (HTTPStatus.CONFLICT, [MEANWHILE])

    def test_the_title_is_in_the_language_of_the_document(self, client_of, secretariat, progress):
        client = client_of(secretariat)
        client.cookies["django_language"] = "fr"
        page = client.get(f"/publications/new/progress-report/?as_at={progress.as_at}&since={progress.since}")
        assert page.context["form"]["title"].value().startswith("Progress report on JIU recommendations as at ")

    @pytest.mark.parametrize("name", ["title", "reason"])
    @pytest.mark.parametrize("text", ["\u200b", " \n\u2060\u00ad", "\u3000\u0301"])
    def test_what_nobody_sees_is_no_text(self, client_of, secretariat, round_of_three, name, text):
        client, address = client_of(secretariat), "/publications/new/results/tiny/"
        page = client.post(address, sent(client.get(address), reason="Why.") | {name: text})
        assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert list(page.context["form"].errors) == [name]

    def test_a_round_on_a_set_without_recommendations(self, client_of, secretariat, anonymous_client):
        survey, office = SurveyFactory(key="empty"), OfficeFactory(code="XA")
        InvitationFactory(survey=survey, office=office)
        said = ResponseFactory(survey=survey, office=office, submitted=True)
        for order, kind in enumerate(Question.Kind.values):
            question = QuestionFactory(survey=survey, key=kind, kind=kind, order=order)
            if kind == Question.Kind.TEXT:
                AnswerFactory(response=said, question=question, value="Said.")
        client, address = client_of(secretariat), "/publications/new/results/empty/"
        answer = client.post(address, sent(client.get(address), reason="Why."))
        assert answer.headers["Location"] == "/publications/1/1/"
        assert anonymous_client.get("/publications/1/1/").status_code == HTTPStatus.OK
        assert [row[0] for row in rows_in(anonymous_client)] == ["question", "select", "choice", "text", "text"]
        assert len(docx.Document(file_of(anonymous_client, "docx")).tables) == 1 + 5
        assert len(openpyxl.load_workbook(file_of(anonymous_client, "xlsx")).sheetnames) == 2 + 5

    @pytest.mark.parametrize("gone", ["group", "round"])
    def test_what_cannot_be_corrected_says_why(self, client_of, secretariat, anonymous_client, round_of_three, gone):
        group = OfficeGroupFactory(key="few")
        GroupMemberFactory(group=group, office=round_of_three.offices[0])
        narrowed = compute_results(round_of_three.survey, narrowing=Narrowing(group))
        publish_results(results=narrowed, words=words(), by=secretariat)
        client = client_of(secretariat)
        link = client.get("/publications/1/").context["correction_url"]
        assert client.get(link).status_code == HTTPStatus.OK

        if gone == "group":
            group.delete()
        else:
            round_of_three.survey.key = "renamed"
            round_of_three.survey.save()
        page = client.get("/publications/1/").content.decode()
        assert "Publish a correction" not in page
        assert "It cannot be corrected any more" in page
        assert "It cannot be corrected any more" not in anonymous_client.get("/publications/1/").content.decode()

    def test_a_title_turns_nothing_but_itself(self, client_of, secretariat, results):
        turning = "Results \u202eof"
        publish_results(results=results, words=words("Why \u202enot", turning), by=secretariat)
        publication = Publication.objects.get()
        publish_results(results=results, words=words("Why \u202enot", turning), corrects=publication, by=secretariat)
        client = client_of(secretariat)
        assert f"<bdi>{turning}</bdi>" in client.get("/publications/").content.decode()
        page = client.get("/publications/1/1/").content.decode()
        assert f"\u2068{turning}\u2069 ·" in page.replace("&#x2068;", "\u2068").replace("&#x2069;", "\u2069")
        assert "<bdi>Why \u202enot</bdi>" in page
        assert f"<bdi>{secretariat}</bdi>" in page

    def test_an_earlier_version_says_what_replaced_it(self, client_of, secretariat, published, results):
        publish_results(results=results, words=words("A slip in one count."), corrects=published, by=secretariat)
        client = client_of(secretariat)
        old, latest = (client.get(address).content.decode() for address in ("/publications/1/1/", "/publications/1/"))
        assert "A slip in one count." in old
        assert "This version was replaced." in old
        assert "This version was replaced." not in latest

    def test_the_correction_is_of_the_same_figures(self, client_of, secretariat, published):
        page = client_of(secretariat).get("/publications/1/")
        assert page.context["correction_url"] == "/publications/new/results/tiny/?base=responding&corrects=1"
        page = client_of(secretariat).get(page.context["correction_url"])
        assert page.context["corrects"] == published

    def test_what_does_not_exist(self, client_of, secretariat, published):
        client = client_of(secretariat)
        for address in (
            "/publications/2/",
            "/publications/1/2/",
            "/publications/1/2/publication.docx",
            "/publications/new/results/nowhere/",
            "/publications/new/results/tiny/?base=all",
            "/publications/new/results/tiny/?corrects=2",
            "/publications/new/results/tiny/?corrects=x",
            "/publications/new/progress-report/",
            "/publications/new/progress-report/?as_at=2022-03-31&since=2023-03-31",
        ):
            assert client.get(address).status_code == HTTPStatus.NOT_FOUND, address

    @pytest.mark.parametrize("count", [1, 20])
    def test_the_list_asks_as_often_for_many_as_for_one(
        self, anonymous_client, results, secretariat, django_assert_num_queries, count
    ):
        for _time in range(count):
            publish_results(results=results, words=words(), by=secretariat)
        with django_assert_num_queries(2):
            anonymous_client.get("/publications/")
        with django_assert_num_queries(2):
            anonymous_client.get("/publications/1/")


def test_sample_data_say_so_wherever_they_are_seen(secretariat, anonymous_client):
    offices = [OfficeFactory(code="XS1", is_sample=True)]
    tiny = make_tiny_round(*offices, key="sample", is_sample=True)
    response = ResponseFactory(survey=tiny.survey, office=offices[0], submitted=True)
    AnswerFactory(response=response, question=tiny.by_kind["text"], value="Said.")

    publish_results(results=compute_results(tiny.survey), words=words(), by=secretariat)

    assert "sample data" in anonymous_client.get("/publications/").content.decode()
    assert anonymous_client.get("/publications/1/").context["publication"].is_sample
    word = docx.Document(file_of(anonymous_client, "docx"))
    assert any("Sample data" in p.text for p in word.paragraphs)
    assert openpyxl.load_workbook(file_of(anonymous_client, "xlsx"))["Notes"]["A2"].value == "Sample data"


def test_it_is_dated_today(published):
    assert published.published_at.date() == timezone.now().date()
