"""An office's answers through the form: who may, what is refused, and that nothing typed is lost."""

import datetime
from http import HTTPStatus

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.models import AuditEntry
from surveys.models import Answer, Invitation, Response
from tests.factories.offices import OfficeFactory
from tests.factories.surveys import InvitationFactory, ResponseFactory, make_tiny_round


@pytest.fixture
def url(tiny_round, office) -> str:
    return reverse("surveys:respond", args=[tiny_round.survey.key, office.code])


FULL = {
    "version": "0",
    "progress.1": "implemented",
    "progress.1.comment": "since 2019",
    "progress.2": "not_planned",
    "focus": ["1", "3"],
    "policy": "partly",
    "policy.comment": "for new software",
    "proposals": "nothing\r\nto change",
    "experience.2": "عربي 中文",
}


def post(client, url, button, **fields):
    return client.post(url, {**FULL, **fields, button: "1"})


def stored(response: Response) -> set[tuple[str, int | None, str, str]]:
    rows = response.answers.values_list("question__key", "recommendation__number", "value", "comment")
    return set(rows)


STORED = {
    ("progress", 1, "implemented", "since 2019"),
    ("progress", 2, "not_planned", ""),
    ("focus", 1, "yes", ""),
    ("focus", 3, "yes", ""),
    ("policy", None, "partly", "for new software"),
    ("proposals", None, "nothing\nto change", ""),
    ("experience", 2, "عربي 中文", ""),
}


class TestSaving:
    def test_a_coordinator_submits_all_kinds_of_answers(self, client_of, coordinator, office, url):
        answer = post(client_of(coordinator), url, "submit")
        assert (answer.status_code, answer.url) == (HTTPStatus.FOUND, url)
        response = Response.objects.get()
        assert (response.state, response.version, response.saved_by, response.origin) == (
            "submitted",
            1,
            coordinator,
            "form",
        )
        assert stored(response) == STORED
        entry = AuditEntry.objects.get(action="submit response")
        assert (entry.actor, entry.path, entry.office_code, entry.details) == (
            coordinator,
            "form",
            office.code,
            {"version": 1, "answers": 7},
        )

    def test_a_contributor_saves_a_draft_but_cannot_submit(self, client_of, contributor, url):
        client = client_of(contributor)
        assert post(client, url, "save").status_code == HTTPStatus.FOUND
        assert Response.objects.get().state == "draft"
        refused = post(client, url, "submit", version="1")
        assert refused.status_code == HTTPStatus.FORBIDDEN
        assert "Only a coordinator of the office can submit" in refused.content.decode()
        assert Response.objects.get().state == "draft"

    def test_the_form_shows_what_was_saved(self, client_of, contributor, url):
        client = client_of(contributor)
        post(client, url, "save")
        form = client.get(url).context["form"]
        assert {name: form[name].value() for name in form.fields if form[name].value() not in ("", None, [])} == {
            **FULL,
            "version": 1,
            "proposals": "nothing\nto change",
        }

    def test_a_submission_counts_until_its_draft_is_submitted(self, client_of, coordinator, tiny_round, office, url):
        client = client_of(coordinator)
        post(client, url, "submit")
        post(client, url, "save", version="1", proposals="something")
        states = Response.objects.order_by("version").values_list("state", "version")
        assert list(states) == [("submitted", 1), ("draft", 2)]
        assert stored(Response.objects.get(state="submitted")) == STORED
        post(client, url, "submit", version="2", proposals="something else")
        states = Response.objects.order_by("version").values_list("state", "version")
        assert list(states) == [("superseded", 1), ("submitted", 3)]
        assert stored(Response.objects.get(state="superseded")) == STORED

    def test_an_imported_comment_beside_a_selected_recommendation_survives_the_form(
        self, client_of, coordinator, tiny_round, office, url
    ):
        response = Response.objects.create(
            survey=tiny_round.survey, office=office, state="submitted", submitted_at=timezone.now()
        )
        Answer.objects.create(
            response=response,
            question=tiny_round.by_kind["select"],
            recommendation=tiny_round.recommendations[0],
            value="yes",
            comment="since the merger",
        )
        client_of(coordinator).post(url, {"version": "1", "focus": ["1", "2"], "submit": "1"})
        assert stored(Response.objects.get(state="submitted")) == {
            ("focus", 1, "yes", "since the merger"),
            ("focus", 2, "yes", ""),
        }


class TestRepeatedAndStale:
    def test_the_same_post_twice_has_one_effect(self, client_of, coordinator, url):
        client = client_of(coordinator)
        for button in ("save", "submit"):
            version = str(Response.objects.count())
            for _attempt in range(2):
                assert post(client, url, button, version=version).status_code == HTTPStatus.FOUND
        assert list(Response.objects.values_list("state", "version")) == [("submitted", 2)]
        assert AuditEntry.objects.filter(path="form").count() == 2

    def test_a_stale_save_answers_409_with_both_texts_and_changes_nothing(
        self, client_of, coordinator, contributor, url
    ):
        post(client_of(coordinator), url, "save", proposals="first text")
        before = stored(Response.objects.get())
        answer = post(client_of(contributor), url, "save", version="0", proposals="second text")
        assert answer.status_code == HTTPStatus.CONFLICT
        (difference,) = answer.context["differences"]
        assert (difference.question.key, difference.theirs, difference.yours) == (
            "proposals",
            "first text",
            "second text",
        )
        assert stored(Response.objects.get()) == before
        form = answer.context["form"]
        assert (form["proposals"].value(), form["version"].value()) == ("second text", "1")
        merged = post(client_of(contributor), url, "save", version="1", proposals="first and second text")
        assert merged.status_code == HTTPStatus.FOUND
        assert Response.objects.get().version == 2

    def test_a_level_and_a_selection_that_differ_are_shown_in_words(self, client_of, coordinator, contributor, url):
        post(client_of(coordinator), url, "save")
        answer = post(client_of(contributor), url, "save", focus=["none"], **{"progress.1": "planned"})
        shown = [(d.question.key, d.theirs, d.yours) for d in answer.context["differences"]]
        assert shown[0] == ("progress", "Implemented\nsince 2019", "Planned\nsince 2019")
        assert shown[1][0] == "focus"
        assert shown[1][2] == "None of the recommendations"


class TestRefused:
    def refused(self, answer, sentence: str) -> None:
        text = answer.content.decode()
        assert sentence in text
        # What was typed is still there.
        assert "for new software" in text
        assert "عربي 中文" in text
        assert not Response.objects.exists()
        assert not AuditEntry.objects.exists()

    def test_a_contradiction(self, client_of, coordinator, url):
        answer = post(client_of(coordinator), url, "submit", focus=["1", "none"])
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        self.refused(answer, "“None of the recommendations” contradicts the recommendations selected beside it")
        assert answer.context["form"]["focus"].value() == ["1", "none"]

    def test_a_comment_without_an_answer(self, client_of, coordinator, url):
        answer = post(client_of(coordinator), url, "save", **{"progress.3.comment": "we shall see"})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        self.refused(answer, "An answer needs a value, also beside a comment.")

    def test_an_option_without_the_explanation_that_it_asks_for(self, client_of, coordinator, url):
        answer = client_of(coordinator).post(
            url, {"version": "0", "policy": "partly", "policy.comment": " ", "submit": "1"}
        )
        assert answer.context["form"].errors == {"policy.comment": ["This option asks for an explanation."]}
        assert not Response.objects.exists()

    def test_a_closed_round(self, client_of, coordinator, tiny_round, url):
        tiny_round.survey.closes_on = timezone.localdate() - datetime.timedelta(days=1)
        tiny_round.survey.save()
        answer = post(client_of(coordinator), url, "submit")
        assert answer.status_code == HTTPStatus.FORBIDDEN
        self.refused(answer, "answers can no longer be changed")

    def test_a_round_not_open_yet(self, client_of, coordinator, tiny_round, url):
        tiny_round.survey.opens_on = timezone.localdate() + datetime.timedelta(days=1)
        tiny_round.survey.save()
        answer = post(client_of(coordinator), url, "submit")
        assert answer.status_code == HTTPStatus.FORBIDDEN
        self.refused(answer, "This round opens on")

    def test_a_missing_invitation(self, client_of, coordinator, url):
        Invitation.objects.all().delete()
        answer = post(client_of(coordinator), url, "submit")
        assert answer.status_code == HTTPStatus.FORBIDDEN
        self.refused(answer, "is not invited to this round")

    def test_a_viewer(self, client_of, viewer, url):
        answer = post(client_of(viewer), url, "save")
        assert answer.status_code == HTTPStatus.FORBIDDEN
        self.refused(answer, "You can read these answers, but not change them.")

    def test_an_empty_response(self, client_of, coordinator, url):
        answer = client_of(coordinator).post(url, {"version": "0", "submit": "1"})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "an empty response cannot be submitted" in answer.content.decode()
        assert not Response.objects.exists()

    def test_a_control_character(self, client_of, coordinator, url):
        answer = client_of(coordinator).post(url, {"version": "0", "proposals": "a\x08b", "save": "1"})
        assert "control character U+0008" in str(answer.context["form"].errors)
        assert not Response.objects.exists()


class TestWhoSees:
    @pytest.mark.parametrize("persona", ["viewer", "contributor", "coordinator", "secretariat", "auditor"])
    def test_the_office_and_those_who_read_everything(self, client_of, personas, url, persona):
        assert client_of(personas[persona]).get(url).status_code == HTTPStatus.OK

    def test_a_foreign_office_answers_exactly_as_a_missing_one(self, client_of, other_coordinator, tiny_round, url):
        client = client_of(other_coordinator)
        missing = url.replace("/AU/", "/ZZ/")
        for method in ("get", "post"):
            foreign, absent = getattr(client, method)(url), getattr(client, method)(missing)
            assert foreign.status_code == absent.status_code == HTTPStatus.NOT_FOUND
            assert foreign.content == absent.content.replace(b"/ZZ/", b"/AU/")

    def test_a_visitor_signs_in_first(self, client, url):
        answer = client.get(url)
        assert (answer.status_code, answer.url) == (HTTPStatus.FOUND, f"/accounts/login/?next={url}")

    def test_the_secretariat_reads_but_does_not_write(self, client_of, secretariat, url):
        assert post(client_of(secretariat), url, "save").status_code == HTTPStatus.FORBIDDEN
        assert not Response.objects.exists()

    def test_a_role_taken_away_acts_on_the_next_request(self, client_of, contributor, url):
        client = client_of(contributor)
        assert client.get(url).status_code == HTTPStatus.OK
        contributor.memberships.all().delete()
        assert client.get(url).status_code == HTTPStatus.NOT_FOUND

    def test_a_coming_round_is_known_to_those_invited_only(
        self, client_of, contributor, office, other_coordinator, secretariat
    ):
        tomorrow = timezone.localdate() + datetime.timedelta(days=1)
        survey = make_tiny_round(office, key="coming", opens_on=tomorrow, closes_on=tomorrow).survey
        page = reverse("surveys:detail", args=[survey.key])
        seen = {
            user.email: client_of(user).get(page).status_code for user in (contributor, other_coordinator, secretariat)
        }
        assert seen == {contributor.email: 200, other_coordinator.email: 404, secretariat.email: 200}


def test_pages_of_a_round_run_the_same_queries_for_any_number_of_offices(
    client_of, secretariat, coordinator, tiny_round, django_assert_num_queries
):
    pages = {
        (secretariat, reverse("surveys:list")): 4,
        (secretariat, reverse("surveys:detail", args=["tiny"])): 7,
        (secretariat, reverse("home")): 5,
        (coordinator, reverse("surveys:list")): 6,
        (coordinator, reverse("surveys:respond", args=["tiny", "AU"])): 11,
    }
    for added in (0, 20, 200):
        for office in OfficeFactory.create_batch(added):
            InvitationFactory(survey=tiny_round.survey, office=office)
            ResponseFactory(survey=tiny_round.survey, office=office, submitted=True)
        for (user, page), queries in pages.items():
            client = client_of(user)
            with django_assert_num_queries(queries):
                assert client.get(page).status_code == HTTPStatus.OK
