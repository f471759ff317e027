"""The pages of the offline questionnaire: who may, what is shown before it is saved, what is refused."""

import datetime
from http import HTTPStatus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from portal.models import AuditEntry
from portal.spreadsheets import reading as sheets
from surveys.actions import responses as actions
from surveys.forms import offline as forms
from surveys.models import Answer, Invitation, Response
from surveys.rules import Given
from tests.factories.offices import OfficeFactory
from tests.factories.offline import FILLED, SAID, filled
from tests.factories.surveys import InvitationFactory, ResponseFactory


@pytest.fixture
def urls(tiny_round, office) -> dict[str, str]:
    place = [tiny_round.survey.key, office.code]
    return {name: reverse(f"surveys:{name}", args=place) for name in ("questionnaire_xlsx", "upload", "respond")}


def download(client, urls) -> bytes:
    return b"".join(client.get(urls["questionnaire_xlsx"]).streaming_content)


def upload(client, urls, data: bytes):
    return client.post(urls["upload"], {"file": SimpleUploadedFile("filled.xlsx", data)})


def confirm(client, urls, preview):
    return client.post(urls["upload"], {"token": preview.context["token"]})


def stored() -> list[tuple[str, int | None, str, str]]:
    return list(
        Answer.objects.order_by("response", "question__order", "recommendation__number").values_list(
            "question__key", "recommendation__number", "value", "comment"
        )
    )


def save(tiny_round, office, by, kind, *answers, version=0):
    """A colleague's save of one section on the page."""
    question = tiny_round.by_kind[kind]
    invitation = Invitation.objects.get(survey=tiny_round.survey, office=office)
    change = actions.SectionChange(question, [Given(question, *answer) for answer in answers], version)
    return actions.save_sections(invitation=invitation, changes=[change], by=by)


class TestUpload:
    def test_a_file_is_shown_in_words_then_saved_as_a_draft(self, client_of, contributor, tiny_round, office, urls):
        save(tiny_round, office, contributor, "levels", (tiny_round.recommendations[0], "planned", ""))
        client = client_of(contributor)
        preview = upload(client, urls, filled(download(client, urls), FILLED))
        assert preview.status_code == HTTPStatus.OK
        label = tiny_round.recommendations[0].label
        changes = [(d.question.key, d.label, d.theirs, d.yours) for d in preview.context["differences"]]
        assert changes[0] == ("progress", f"1. {label}", "Planned", "Implemented\nsince 2019")
        assert [key for key, *_rest in changes] == [
            "progress",
            "progress",
            "focus",
            "policy",
            "proposals",
            "experience",
        ]
        assert stored() == [("progress", 1, "planned", "")]

        answer = confirm(client, urls, preview)
        assert (answer.status_code, answer.url) == (HTTPStatus.FOUND, urls["respond"])
        assert stored() == SAID
        response = Response.objects.get()
        assert (response.state, response.saved_by, response.origin) == ("draft", contributor, "form")

    def test_the_same_confirmation_twice_has_one_effect(self, client_of, contributor, urls):
        client = client_of(contributor)
        preview = upload(client, urls, filled(download(client, urls), FILLED))
        for _attempt in range(2):
            assert confirm(client, urls, preview).status_code == HTTPStatus.FOUND
        assert stored() == SAID
        assert (Response.objects.get().version, AuditEntry.objects.filter(action="save response").count()) == (1, 1)

    def test_a_file_that_says_what_is_saved_changes_nothing(self, client_of, contributor, urls):
        client = client_of(contributor)
        data = filled(download(client, urls), FILLED)
        confirm(client, urls, upload(client, urls, data))
        for again in (data, download(client, urls)):
            preview = upload(client, urls, again)
            assert (preview.context["changes"], preview.context["token"]) == ([], "")
            assert "The file changes nothing" in preview.content.decode()

    def test_an_emptied_cell_takes_the_answer_back(self, client_of, contributor, tiny_round, office, urls):
        save(tiny_round, office, contributor, "text", (None, "said too early"))
        client = client_of(contributor)
        preview = upload(client, urls, filled(download(client, urls), {"C18": None}))
        (difference,) = preview.context["differences"]
        assert (difference.theirs, difference.yours) == ("said too early", "")
        confirm(client, urls, preview)
        assert stored() == []

    def test_what_colleagues_saved_since_the_download_stays_where_the_file_was_not_changed(
        self, client_of, contributor, coordinator, tiny_round, office, urls
    ):
        client = client_of(contributor)
        data = filled(download(client, urls), {"C18": "from the file"})
        save(tiny_round, office, coordinator, "comments", (tiny_round.recommendations[0], "typed on the page"))
        preview = upload(client, urls, data)
        assert [question.key for question in preview.context["untouched"]] == ["experience"]
        assert preview.context["overtaken"] == []
        confirm(client, urls, preview)
        assert stored() == [("proposals", None, "from the file", ""), ("experience", 1, "typed on the page", "")]

    def test_what_both_changed_is_named_before_the_file_replaces_it(
        self, client_of, contributor, coordinator, tiny_round, office, urls
    ):
        client = client_of(contributor)
        data = filled(download(client, urls), {"C18": "from the file"})
        save(tiny_round, office, coordinator, "text", (None, "typed on the page"))
        preview = upload(client, urls, data)
        assert [question.key for question in preview.context["overtaken"]] == ["proposals"]
        (difference,) = preview.context["differences"]
        assert (difference.theirs, difference.yours) == ("typed on the page", "from the file")

    def test_a_stale_confirmation_answers_409_with_both_texts_and_saves_nothing(
        self, client_of, contributor, coordinator, tiny_round, office, urls
    ):
        client = client_of(contributor)
        preview = upload(client, urls, filled(download(client, urls), {"C18": "from the file", "C4": "Planned"}))
        save(tiny_round, office, coordinator, "text", (None, "typed on the page"))
        stale = confirm(client, urls, preview)
        assert stale.status_code == HTTPStatus.CONFLICT
        (difference,) = stale.context["differences"]
        assert (difference.question.key, difference.theirs, difference.yours) == (
            "proposals",
            "typed on the page",
            "from the file",
        )
        assert stored() == [("proposals", None, "typed on the page", "")]
        assert confirm(client, urls, stale).status_code == HTTPStatus.FOUND
        assert stored() == [("progress", 1, "planned", ""), ("proposals", None, "from the file", "")]

    def test_a_submission_counts_until_the_draft_from_the_file_is_submitted(
        self, client_of, coordinator, tiny_round, office, urls
    ):
        response = save(tiny_round, office, coordinator, "text", (None, "first"))
        invitation = Invitation.objects.get(survey=tiny_round.survey, office=office)
        actions.submit(invitation=invitation, version=response.version, by=coordinator)
        client = client_of(coordinator)
        confirm(client, urls, upload(client, urls, filled(download(client, urls), {"C18": "second"})))
        states = Response.objects.order_by("version").values_list("state", "answers__value")
        assert list(states) == [("submitted", "first"), ("draft", "second")]

    def test_imported_comments_and_line_ends_survive(self, client_of, contributor, tiny_round, office, urls):
        response = ResponseFactory(survey=tiny_round.survey, office=office, submitted=True)
        item = tiny_round.recommendations[0]
        for kind, recommendation, value, comment in [
            ("select", item, "yes", "since the merger"),
            ("text", None, "one\r\ntwo", "aside"),
            ("levels", item, "planned", "a\r\nb"),
        ]:
            Answer.objects.create(
                response=response,
                question=tiny_round.by_kind[kind],
                recommendation=recommendation,
                value=value,
                comment=comment,
            )
        client = client_of(contributor)
        data = filled(download(client, urls), {"C18": "one\ntwo", "D4": "a\nb"})
        assert upload(client, urls, data).context["changes"] == []
        preview = upload(client, urls, filled(data, {"C10": "Yes", "C18": "three", "C5": "Planned"}))
        confirm(client, urls, preview)
        rows = Answer.objects.filter(response__state="draft")
        assert set(rows.values_list("question__key", "recommendation__number", "value", "comment")) == {
            ("progress", 1, "planned", "a\r\nb"),
            ("progress", 2, "planned", ""),
            ("focus", 1, "yes", "since the merger"),
            ("focus", 2, "yes", ""),
            ("proposals", None, "three", "aside"),
        }


class TestUploadRefused:
    def nothing_saved(self) -> None:
        assert not Response.objects.exists()
        assert not AuditEntry.objects.exclude(action="open questionnaire").exists()

    def test_every_fault_is_on_the_page(self, client_of, contributor, urls):
        client = client_of(contributor)
        answer = upload(client, urls, filled(download(client, urls), {"C4": "Done", "C18": "=1+1"}))
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        text = answer.content.decode()
        assert "Nothing was saved: the file has 2 faults" in text
        assert "Questions!C4" in text
        assert "Questions!C18" in text
        self.nothing_saved()

    def test_no_file_an_empty_one_and_one_too_large(self, client_of, contributor, urls, monkeypatch):
        client = client_of(contributor)
        for data in ({}, {"file": SimpleUploadedFile("a.xlsx", b"")}):
            assert client.post(urls["upload"], data).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        monkeypatch.setattr(sheets, "MAX_FILE", 10)
        answer = upload(client, urls, b"x" * 11)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "The file has 1 MiB" in answer.content.decode()

    def test_a_token_altered_old_of_somebody_else_or_of_other_questions(
        self, client_of, contributor, coordinator, tiny_round, urls, monkeypatch
    ):
        client = client_of(contributor)
        preview = upload(client, urls, filled(download(client, urls), FILLED))
        token = preview.context["token"]
        for altered in ("", "x", token[:-1] + ("A" if token[-1] != "A" else "B"), "." + token):
            assert client.post(urls["upload"], {"token": altered}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert confirm(client_of(coordinator), urls, preview).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        with monkeypatch.context() as patch:
            patch.setattr(forms, "MAX_AGE", -1)
            answer = confirm(client, urls, preview)
        assert "The preview is too old, or was altered" in answer.content.decode()
        tiny_round.by_kind["choice"].options.filter(key="no").update(label="Never")
        assert confirm(client, urls, preview).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        self.nothing_saved()

    def test_more_text_than_a_form_carries(self, client_of, contributor, urls, monkeypatch):
        monkeypatch.setattr(forms, "MAX_TOKEN", 100)
        client = client_of(contributor)
        answer = upload(client, urls, filled(download(client, urls), FILLED))
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "more text than can be confirmed at once" in answer.content.decode()

    def test_a_round_that_closes_between_preview_and_confirmation(self, client_of, contributor, tiny_round, urls):
        client = client_of(contributor)
        preview = upload(client, urls, filled(download(client, urls), FILLED))
        tiny_round.survey.closes_on = timezone.localdate() - datetime.timedelta(days=1)
        tiny_round.survey.save()
        for answer in (confirm(client, urls, preview), client.get(urls["upload"])):
            assert answer.status_code == HTTPStatus.FORBIDDEN
            assert "answers can no longer be changed" in answer.content.decode()
        self.nothing_saved()

    def test_an_extension_of_the_office_counts(self, client_of, contributor, tiny_round, office, urls):
        today = timezone.localdate()
        Invitation.objects.filter(office=office).update(closes_on=today)
        tiny_round.survey.closes_on = today - datetime.timedelta(days=1)
        tiny_round.survey.save()
        client = client_of(contributor)
        confirm(client, urls, upload(client, urls, filled(download(client, urls), FILLED)))
        assert stored() == SAID


class TestWhoMay:
    STATUSES = {
        "viewer": (200, 403),
        "contributor": (200, 200),
        "coordinator": (200, 200),
        "other_coordinator": (404, 404),
        "secretariat": (200, 200),
        "administrator": (200, 200),
        "auditor": (200, 403),
        "anonymous": (302, 302),
    }

    @pytest.mark.parametrize("persona", STATUSES)
    def test_download_and_upload(self, client_of, personas, urls, persona):
        client = client_of(personas[persona])
        statuses = tuple(client.get(urls[name]).status_code for name in ("questionnaire_xlsx", "upload"))
        assert statuses == self.STATUSES[persona]
        assert upload(client, urls, b"x").status_code == {200: 422}.get(statuses[1], statuses[1])

    def test_a_foreign_office_answers_exactly_as_a_missing_one(self, client_of, other_coordinator, urls):
        client = client_of(other_coordinator)
        for name in ("questionnaire_xlsx", "upload"):
            foreign, missing = client.get(urls[name]), client.get(urls[name].replace("/AU/", "/ZZ/"))
            assert foreign.status_code == missing.status_code == HTTPStatus.NOT_FOUND
            assert foreign.content == missing.content.replace(b"/ZZ/", b"/AU/")

    def test_an_office_that_is_not_invited(self, client_of, contributor, urls):
        Invitation.objects.all().delete()
        for name in ("questionnaire_xlsx", "upload"):
            answer = client_of(contributor).get(urls[name])
            assert answer.status_code == HTTPStatus.FORBIDDEN
            assert "is not invited to this round" in answer.content.decode()

    def test_the_secretariat_writes_on_behalf_of_the_office(self, client_of, secretariat, urls):
        client = client_of(secretariat)
        confirm(client, urls, upload(client, urls, filled(download(client, urls), FILLED)))
        assert (Response.objects.get().origin, stored()) == ("secretariat", SAID)

    def test_only_the_own_people_open_the_questionnaire_by_downloading_it(
        self, client_of, secretariat, viewer, contributor, office, urls
    ):
        for user, opened in ((secretariat, False), (viewer, False), (contributor, True)):
            download(client_of(user), urls)
            assert (Invitation.objects.get(office=office).opened_at is not None) is opened

    def test_a_text_that_no_cell_holds_is_told(self, client_of, contributor, tiny_round, office, urls):
        save(tiny_round, office, contributor, "text", (None, "A" * 40_000))
        answer = client_of(contributor).get(urls["questionnaire_xlsx"])
        assert answer.status_code == HTTPStatus.CONFLICT
        assert "40000 characters" in answer.content.decode()


def test_both_pages_run_the_same_queries_for_any_number_of_offices(
    client_of, contributor, tiny_round, office, urls, django_assert_num_queries
):
    save(tiny_round, office, contributor, "text", (None, "said"))
    client = client_of(contributor)
    data = filled(download(client, urls), FILLED)
    for added in (0, 20, 200):
        for other in OfficeFactory.create_batch(added):
            InvitationFactory(survey=tiny_round.survey, office=other)
            ResponseFactory(survey=tiny_round.survey, office=other, submitted=True)
        with django_assert_num_queries(12):
            client.get(urls["questionnaire_xlsx"])
        with django_assert_num_queries(12):
            client.get(urls["upload"])
        with django_assert_num_queries(12):
            upload(client, urls, data)
