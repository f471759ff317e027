"""An office's answers through the form: who may, what is refused, and that nothing typed is lost."""

import datetime
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal import held
from portal.models import AuditEntry
from surveys.models import Answer, Invitation, Response
from tests.factories.offices import OfficeFactory
from tests.factories.surveys import InvitationFactory, QuestionFactory, ResponseFactory, make_tiny_round

TYPED = {
    "progress.1": "implemented",
    "progress.1.comment": "since 2019",
    "progress.2": "not_planned",
    "focus": ["1", "3"],
    "policy": "partly",
    "policy.comment": "for new software",
    "proposals": "nothing\r\nto change",
    "experience.2": "عربي 中文",
}
STORED = {
    ("progress", 1, "implemented", "since 2019"),
    ("progress", 2, "not_planned", ""),
    ("focus", 1, "yes", ""),
    ("focus", 3, "yes", ""),
    ("policy", None, "partly", "for new software"),
    ("proposals", None, "nothing\nto change", ""),
    ("experience", 2, "عربي 中文", ""),
}


@pytest.fixture
def url(tiny_round, office) -> str:
    return reverse("surveys:respond", args=[tiny_round.survey.key, office.code])


@pytest.fixture
def page(client_of, url):
    """The form as one person has it open: `page(user)`, then `.save(...)`."""

    def open_page(user) -> Page:
        return Page(client_of(user), url)

    return open_page


def named(typed: dict[str, object]) -> dict[str, object]:
    """The fields of the form by the short names that the tests use."""
    return {f"q.{name}": value for name, value in typed.items()}


class Page:
    """What a browser has before it: the fields as they were loaded, to be changed and sent."""

    def __init__(self, client: Client, url: str) -> None:
        self.client, self.url = client, url
        self.load()

    def load(self):
        context = self.client.get(self.url).context
        form = context["form"]
        self.fields = {name: form[name].value() for name in form.fields if form[name].value() is not None}
        self.fields[held.MARK] = held.mark_of(context["user"])
        return self

    def send(self, button: str, **typed):
        return self.client.post(self.url, {**self.fields, **named(typed), button: "1"})

    def save(self, **typed):
        answer = self.send("save", **typed)
        if answer.status_code == HTTPStatus.FOUND:
            self.load()
        return answer

    def submit(self, **typed):
        """Save, look, submit."""
        answer = self.send("review", **typed)
        assert answer.status_code == HTTPStatus.FOUND
        version = self.client.get(answer.url).context["version"]
        return self.client.post(answer.url, {"version": version})


def stored(response: Response) -> set[tuple[str, int | None, str, str]]:
    return set(response.answers.values_list("question__key", "recommendation__number", "value", "comment"))


def states() -> list[tuple[str, int]]:
    return list(Response.objects.order_by("version").values_list("state", "version"))


class TestSaving:
    def test_a_coordinator_submits_all_kinds_of_answers(self, page, coordinator, office, url):
        answer = page(coordinator).submit(**TYPED)
        assert (answer.status_code, answer.url) == (HTTPStatus.FOUND, f"{url}receipt/")
        response = Response.objects.get()
        assert (response.state, response.saved_by, response.origin, response.is_late) == (
            "submitted",
            coordinator,
            "form",
            False,
        )
        assert stored(response) == STORED
        entry = AuditEntry.objects.get(action="submit response")
        assert (entry.actor, entry.path, entry.office_code) == (coordinator, "form", office.code)
        assert (entry.details["answers"], entry.details["late"]) == (7, False)

    def test_a_contributor_saves_a_draft_but_cannot_submit(self, page, contributor, url):
        browser = page(contributor)
        assert browser.save(**TYPED).status_code == HTTPStatus.FOUND
        refused = browser.client.post(f"{url}review/", {"version": "1"})
        assert refused.status_code == HTTPStatus.FORBIDDEN
        assert "Only a coordinator of the office can submit" in refused.content.decode()
        assert states() == [("draft", 1)]

    def test_the_form_shows_what_was_saved_and_who_saved_it(self, page, contributor):
        browser = page(contributor)
        browser.save(**TYPED)
        shown = {name: value for name, value in browser.fields.items() if value not in ("", []) and "." in name}
        opened = {name for name in shown if name.endswith(".opened")}
        assert {name: shown[name] for name in shown.keys() - opened} == named(
            {**TYPED, "proposals": "nothing\nto change"}
        )
        html = browser.client.get(browser.url).content.decode()
        assert f"Last saved by {contributor}" in html

    def test_two_sittings_and_a_section_of_its_own(self, page, contributor):
        first = page(contributor)
        answer = first.client.post(first.url, {**first.fields, "q.proposals": "one", "save": "proposals"})
        assert answer.url.endswith("#question-proposals")
        page(contributor).save(focus=["2"])
        assert stored(Response.objects.get()) == {("proposals", None, "one", ""), ("focus", 2, "yes", "")}

    def test_each_answer_keeps_who_changed_it_last(self, page, contributor, coordinator):
        page(contributor).save(**{"progress.1": "planned", "progress.2": "planned"})
        page(coordinator).save(**{"progress.2": "implemented"})
        who = dict(Answer.objects.values_list("recommendation__number", "changed_by__email"))
        assert who == {1: contributor.email, 2: coordinator.email}

    def test_a_submission_counts_until_its_draft_is_submitted(self, page, coordinator):
        browser = page(coordinator)
        browser.submit(**TYPED)
        browser.load().save(proposals="something")
        assert states() == [("submitted", 1), ("draft", 2)]
        assert stored(Response.objects.get(state="submitted")) == STORED
        browser.submit()
        assert states() == [("superseded", 1), ("submitted", 2)]
        assert stored(Response.objects.get(state="superseded")) == STORED

    def test_a_discarded_draft_leaves_the_submission_and_is_kept(self, page, coordinator, url):
        browser = page(coordinator)
        browser.submit(**TYPED)
        browser.load().save(proposals="something")
        for _time in range(2):
            browser.client.post(f"{url}discard/", {"version": "2"})
        assert states() == [("submitted", 1), ("discarded", 2)]
        assert ("proposals", None, "something", "") in stored(Response.objects.get(state="discarded"))
        assert AuditEntry.objects.filter(action="discard draft").count() == 1

    def test_an_imported_comment_beside_a_selected_recommendation_survives_the_form(
        self, page, coordinator, tiny_round, office
    ):
        response = ResponseFactory(survey=tiny_round.survey, office=office, submitted=True)
        Answer.objects.create(
            response=response,
            question=tiny_round.by_kind["select"],
            recommendation=tiny_round.recommendations[0],
            value="yes",
            comment="since the merger",
        )
        page(coordinator).submit(focus=["1", "2"])
        assert stored(Response.objects.get(state="submitted")) == {
            ("focus", 1, "yes", "since the merger"),
            ("focus", 2, "yes", ""),
        }


class TestColleagues:
    def test_colleagues_work_on_different_sections_at_once(self, page, contributor, coordinator):
        one, other = page(contributor), page(coordinator)
        assert one.save(proposals="mine").status_code == HTTPStatus.FOUND
        assert other.save(focus=["2"]).status_code == HTTPStatus.FOUND
        assert stored(Response.objects.get()) == {("proposals", None, "mine", ""), ("focus", 2, "yes", "")}

    def test_the_second_save_of_a_section_answers_409_with_both_texts_and_can_be_merged(
        self, page, contributor, coordinator
    ):
        one, other = page(contributor), page(coordinator)
        one.save(proposals="first text", focus=["1"])
        before = stored(Response.objects.get())
        answer = other.send("save", proposals="second text")
        assert answer.status_code == HTTPStatus.CONFLICT
        (difference,) = answer.context["differences"]
        assert (difference.question.key, difference.theirs, difference.yours) == (
            "proposals",
            "first text",
            "second text",
        )
        assert stored(Response.objects.get()) == before
        form = answer.context["form"]
        # Typed text is there, a colleague's other section too, and the versions to save knowingly.
        assert form["q.proposals"].value() == "second text"
        assert form["q.focus"].value() == ["1"]
        other.fields = {name: form[name].value() for name in form.fields if form[name].value() is not None}
        assert other.save(proposals="first and second text").status_code == HTTPStatus.FOUND
        assert stored(Response.objects.get()) == {
            ("proposals", None, "first and second text", ""),
            ("focus", 1, "yes", ""),
        }

    def test_a_level_and_a_selection_that_differ_are_shown_in_words(self, page, contributor, coordinator):
        other = page(coordinator)
        page(contributor).save(**TYPED)
        answer = other.send("save", focus=["none"], **{"progress.1": "planned"})
        shown = [(d.question.key, d.theirs.splitlines()[0], d.yours) for d in answer.context["differences"]]
        assert shown[0] == ("progress", "Implemented", "Planned")
        assert shown[-1][0] == "focus"
        assert shown[-1][2] == "None of the recommendations"

    def test_the_same_save_and_the_same_submit_twice_have_one_effect(self, page, coordinator, url):
        browser = page(coordinator)
        for _time in range(2):
            assert browser.send("save", proposals="said").status_code == HTTPStatus.FOUND
        for _time in range(2):
            assert browser.client.post(f"{url}review/", {"version": "1"}).status_code == HTTPStatus.FOUND
        assert states() == [("submitted", 1)]
        assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
            "open questionnaire",
            "save response",
            "submit response",
        ]

    def test_what_changed_since_the_look_is_not_submitted(self, page, contributor, coordinator, url):
        browser = page(coordinator)
        browser.save(proposals="looked at")
        page(contributor).save(proposals="changed since")
        answer = browser.client.post(f"{url}review/", {"version": "1"})
        assert answer.status_code == HTTPStatus.CONFLICT
        assert "changed since you looked" in answer.content.decode()
        assert states() == [("draft", 2)]

    def test_an_import_between_opening_and_saving_is_a_conflict(self, page, coordinator, tiny_round, office):
        browser = page(coordinator)
        response = ResponseFactory(survey=tiny_round.survey, office=office, submitted=True, origin="import")
        Answer.objects.create(response=response, question=tiny_round.by_kind["text"], value="imported")
        assert browser.send("save", proposals="typed").status_code == HTTPStatus.CONFLICT

    def test_a_version_never_comes_twice(self, page, contributor, coordinator, url):
        """After a discard, nobody's old form or review fits what a colleague wrote anew."""
        mine, other = page(coordinator), page(contributor)
        mine.save(proposals="first")
        other.load()
        review = {"version": "1"}
        mine.client.post(f"{url}discard/", review)
        mine.load().save(proposals="written anew")
        assert other.send("save", proposals="typed on the first").status_code == HTTPStatus.CONFLICT
        assert mine.client.post(f"{url}review/", review).status_code == HTTPStatus.CONFLICT
        assert mine.client.post(f"{url}discard/", review).status_code == HTTPStatus.CONFLICT
        assert stored(Response.objects.get(state="draft")) == {("proposals", None, "written anew", "")}

    def test_after_a_conflict_only_the_lines_that_one_changed_are_ones_own(self, page, contributor, coordinator):
        mine, other = page(coordinator), page(contributor)
        other.save(**{"progress.1": "implemented", "progress.1.comment": "since May"})
        answer = mine.send("save", **{"progress.2": "planned"})
        assert answer.status_code == HTTPStatus.CONFLICT
        form = answer.context["form"]
        mine.fields = {name: form[name].value() for name in form.fields if form[name].value() is not None}
        assert mine.save().status_code == HTTPStatus.FOUND
        assert stored(Response.objects.get()) == {
            ("progress", 1, "implemented", "since May"),
            ("progress", 2, "planned", ""),
        }

    def test_a_question_added_meanwhile_stands_in_nobodys_way(self, page, coordinator, tiny_round):
        browser = page(coordinator)
        QuestionFactory(survey=tiny_round.survey, key="added", order=9)
        assert browser.save(proposals="said").status_code == HTTPStatus.FOUND


class TestRefused:
    def refused(self, answer, sentence: str) -> None:
        text = answer.content.decode()
        assert sentence in text
        # What was typed is still there.
        assert "for new software" in text
        assert "عربي 中文" in text
        assert not Response.objects.exists()
        assert not AuditEntry.objects.exclude(action="open questionnaire").exists()

    def test_a_contradiction(self, page, coordinator):
        answer = page(coordinator).send("review", **{**TYPED, "focus": ["1", "none"]})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        self.refused(answer, "“None of the recommendations” contradicts the recommendations selected beside it")
        assert answer.context["form"]["q.focus"].value() == ["1", "none"]

    def test_a_comment_without_an_answer(self, page, coordinator):
        answer = page(coordinator).send("save", **TYPED, **{"progress.3.comment": "we shall see"})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        self.refused(answer, "An answer needs a value, also beside a comment.")

    def test_an_option_without_the_explanation_that_it_asks_for(self, page, coordinator):
        answer = page(coordinator).send("save", **{"policy": "partly", "policy.comment": " "})
        assert answer.context["form"].errors == {"q.policy.comment": ["This option asks for an explanation."]}
        assert not Response.objects.exists()

    def closed(self, page, user, tiny_round) -> "Page":
        browser = page(user)
        tiny_round.survey.closes_on = timezone.localdate() - datetime.timedelta(days=1)
        tiny_round.survey.save()
        return browser

    def test_a_closed_round(self, page, coordinator, tiny_round):
        answer = self.closed(page, coordinator, tiny_round).send("save", **TYPED)
        assert answer.status_code == HTTPStatus.FORBIDDEN
        self.refused(answer, "answers can no longer be changed")

    def test_a_round_not_open_yet(self, page, coordinator, tiny_round):
        browser = page(coordinator)
        tiny_round.survey.opens_on = timezone.localdate() + datetime.timedelta(days=1)
        tiny_round.survey.save()
        answer = browser.send("save", **TYPED)
        assert answer.status_code == HTTPStatus.FORBIDDEN
        self.refused(answer, "This round opens on")

    def test_a_missing_invitation(self, page, coordinator):
        browser = page(coordinator)
        Invitation.objects.all().delete()
        answer = browser.send("save", **TYPED)
        assert answer.status_code == HTTPStatus.FORBIDDEN
        self.refused(answer, "is not invited to this round")

    def test_a_viewer(self, page, viewer):
        answer = page(viewer).send("save", **TYPED)
        assert answer.status_code == HTTPStatus.FORBIDDEN
        self.refused(answer, "You can read these answers, but not change them.")

    def test_an_empty_response(self, page, coordinator):
        assert page(coordinator).submit().status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert not Response.objects.exists()

    def test_a_control_character(self, page, coordinator):
        answer = page(coordinator).send("save", proposals="a\x08b")
        assert "control character U+0008" in str(answer.context["form"].errors)
        assert not Response.objects.exists()

    def test_a_form_without_its_versions(self, client_of, coordinator, url):
        answer = client_of(coordinator).post(url, {**named(TYPED), "save": "1"})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert not Response.objects.exists()


class TestDeadlines:
    def test_an_extension_is_for_one_office_and_its_answers_are_late(
        self, page, coordinator, other_coordinator, tiny_round, office, other_office, client_of
    ):
        today = timezone.localdate()
        tiny_round.survey.closes_on = today - datetime.timedelta(days=1)
        tiny_round.survey.save()
        Invitation.objects.filter(office=office).update(closes_on=today)
        assert page(coordinator).submit(**TYPED).status_code == HTTPStatus.FOUND
        assert Response.objects.get().is_late
        receipt = client_of(coordinator).get(reverse("surveys:receipt", args=["tiny", office.code]))
        assert ">late<" in receipt.content.decode()
        other = Page(client_of(other_coordinator), reverse("surveys:respond", args=["tiny", other_office.code]))
        assert other.send("save", **TYPED).status_code == HTTPStatus.FORBIDDEN

    def test_closing_early_makes_nobody_late_who_was_not(self, page, coordinator, tiny_round):
        page(coordinator).submit(**TYPED)
        tiny_round.survey.closes_on = timezone.localdate() - datetime.timedelta(days=1)
        tiny_round.survey.save()
        assert not Response.objects.get().is_late

    def test_the_first_opening_by_the_office_is_noted_once(self, page, secretariat, viewer, contributor):
        page(secretariat)
        page(viewer)
        assert Invitation.objects.exclude(opened_at=None).count() == 0
        page(contributor)
        first = Invitation.objects.get(office__code="AU").opened_at
        page(contributor)
        assert Invitation.objects.get(office__code="AU").opened_at == first


class TestOnBehalf:
    def test_the_secretariat_writes_for_an_office_and_is_named(self, page, secretariat, client_of, coordinator, office):
        assert page(secretariat).submit(**TYPED).status_code == HTTPStatus.FOUND
        response = Response.objects.get()
        assert (response.origin, response.saved_by) == ("secretariat", secretariat)
        receipt = client_of(coordinator).get(reverse("surveys:receipt", args=["tiny", office.code]))
        assert "entered by the secretariat, on behalf of the office" in receipt.content.decode()
        assert AuditEntry.objects.get(action="submit response").details["origin"] == "secretariat"

    def test_an_auditor_reads_only(self, page, auditor):
        assert page(auditor).send("save", **TYPED).status_code == HTTPStatus.FORBIDDEN


class TestEndedSession:
    def test_what_was_typed_when_the_session_ended_is_there_after_signing_in(self, page, coordinator, url):
        browser = page(coordinator)
        browser.client.logout()
        answer = browser.send("save", **TYPED)
        assert answer.url == f"/accounts/login/?next={url}"
        assert not Response.objects.exists()
        coordinator.set_password("correct horse")
        coordinator.save()
        signed_in = browser.client.post(answer.url, {"login": coordinator.email, "password": "correct horse"})
        assert signed_in.url == url
        shown = browser.client.get(url)
        assert "it is not saved yet." in shown.content.decode()
        form = shown.context["form"]
        assert {name: form[name].value() for name in named(TYPED)} == named(TYPED)
        browser.fields = {name: form[name].value() for name in form.fields if form[name].value() is not None}
        assert browser.save().status_code == HTTPStatus.FOUND
        assert stored(Response.objects.get()) == STORED

    def test_what_one_person_typed_is_shown_to_no_other(self, page, contributor, secretariat, url):
        browser = page(contributor)
        browser.client.logout()
        browser.send("save", proposals="mine alone")
        browser.client.force_login(secretariat)
        assert "mine alone" not in browser.client.get(url).content.decode()

    def test_what_is_held_stays_until_it_is_sent(self, page, contributor, url):
        browser = page(contributor)
        browser.client.logout()
        browser.send("save", proposals="typed")
        browser.client.force_login(contributor)
        browser.client.head(url)
        for _time in range(2):
            assert browser.client.get(url).context["form"]["q.proposals"].value() == "typed"
        browser.load().save()
        assert browser.client.get(url).context["form"]["q.proposals"].value() == "typed"
        assert "it is not saved yet." not in browser.client.get(url).content.decode()

    def test_a_colleagues_save_in_between_is_still_a_conflict(self, page, contributor, coordinator, url):
        browser = page(coordinator)
        browser.client.logout()
        browser.send("save", proposals="typed")
        page(contributor).save(proposals="saved in between")
        browser.client.force_login(coordinator)
        assert browser.load().send("save").status_code == HTTPStatus.CONFLICT


class TestWhoSees:
    @pytest.mark.parametrize("persona", ["viewer", "contributor", "coordinator", "secretariat", "auditor"])
    @pytest.mark.parametrize("part", ["", "review/"])
    def test_the_office_and_those_who_read_everything(self, client_of, personas, url, persona, part):
        assert client_of(personas[persona]).get(url + part).status_code == HTTPStatus.OK

    @pytest.mark.parametrize("part", ["", "review/", "receipt/", "discard/"])
    def test_a_foreign_office_answers_exactly_as_a_missing_one(self, client_of, other_coordinator, url, part):
        client = client_of(other_coordinator)
        missing = url.replace("/AU/", "/ZZ/")
        for method in ("get", "post"):
            foreign, absent = getattr(client, method)(url + part), getattr(client, method)(missing + part)
            assert foreign.status_code == absent.status_code
            assert foreign.status_code == (
                HTTPStatus.METHOD_NOT_ALLOWED if (part, method) == ("receipt/", "post") else HTTPStatus.NOT_FOUND
            )
            assert foreign.content == absent.content

    def test_a_visitor_signs_in_first(self, client, url):
        answer = client.get(url)
        assert (answer.status_code, answer.url) == (HTTPStatus.FOUND, f"/accounts/login/?next={url}")

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
        (secretariat, reverse("home")): 6,
        (coordinator, reverse("surveys:list")): 6,
        (coordinator, reverse("surveys:respond", args=["tiny", "AU"])): 10,
        (coordinator, reverse("surveys:review", args=["tiny", "AU"])): 10,
    }
    for user, page in pages:
        client_of(user).get(page)
    for added in (0, 20, 200):
        for office in OfficeFactory.create_batch(added):
            InvitationFactory(survey=tiny_round.survey, office=office)
            ResponseFactory(survey=tiny_round.survey, office=office, submitted=True)
        for (user, page), queries in pages.items():
            client = client_of(user)
            with django_assert_num_queries(queries):
                assert client.get(page).status_code == HTTPStatus.OK


def test_lists_of_rounds_run_the_same_queries_for_1_and_20_rounds(
    client_of, secretariat, coordinator, office, django_assert_num_queries
):
    pages = {(secretariat, "surveys:list"): 4, (secretariat, "home"): 6, (coordinator, "surveys:list"): 6}
    for added in (1, 19):
        for number in range(added):
            survey = make_tiny_round(office, key=f"r{added}-{number}", open_now=True).survey
            ResponseFactory(survey=survey, office=office, submitted=True)
        for (user, page), queries in pages.items():
            client = client_of(user)
            with django_assert_num_queries(queries):
                assert client.get(reverse(page)).status_code == HTTPStatus.OK
