"""Running a round: who may, what the rules refuse, that nothing is overwritten or done twice."""

import datetime
from http import HTTPStatus

import pytest
from django.urls import reverse
from django.utils import timezone

from portal import held
from portal.models import AuditEntry
from portal.writes import version_of
from surveys.actions import questions
from surveys.actions import rounds as actions
from surveys.models import Answer, Invitation, Question, QuestionOption, Response, Survey
from tests.factories.offices import GroupMemberFactory, OfficeFactory, OfficeGroupFactory
from tests.factories.recommendations import RecommendationSetFactory
from tests.factories.surveys import (
    AnswerFactory,
    InvitationFactory,
    QuestionFactory,
    ResponseFactory,
    SurveyFactory,
    make_tiny_round,
)

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate
DAY = datetime.timedelta(days=1)


@pytest.fixture
def client(client_of, secretariat):
    return client_of(secretariat)


def url(name: str, *args: object) -> str:
    return reverse(f"surveys:{name}", args=args)


def audited() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def texts_of(answer) -> str:
    return answer.content.decode()


# A round


NEW = {"key": "cws-2027", "title": "Round of 2027", "opens_on": "2027-01-01", "closes_on": "2027-03-31"}


class TestCreating:
    @pytest.fixture
    def fields(self) -> dict[str, str]:
        return {**NEW, "recommendation_set": str(RecommendationSetFactory(key="s").pk)}

    def test_a_round_is_made_once(self, client, secretariat, fields):
        for _attempt in range(2):
            assert client.post(url("create"), fields).url == url("manage_questions", "cws-2027")
        survey = Survey.objects.get()
        assert (survey.title, survey.opens_on, survey.is_sample) == ("Round of 2027", datetime.date(2027, 1, 1), False)
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.action, entry.subject, entry.path) == (
            secretariat,
            "create round",
            "cws-2027",
            "form",
        )
        assert survey.history.get().history_user == secretariat

    def test_another_round_of_the_same_key_is_refused_in_a_sentence(self, client, fields):
        client.post(url("create"), fields)
        answer = client.post(url("create"), {**fields, "title": "Something else"})
        assert answer.status_code == HTTPStatus.CONFLICT
        assert "There is a round cws-2027 already" in texts_of(answer)
        assert answer.context["form"]["title"].value() == "Something else"
        assert Survey.objects.get().title == "Round of 2027"

    @pytest.mark.parametrize(
        ("wrong", "reason"),
        [
            ({"closes_on": "2026-12-31"}, "Is before the first day."),
            ({"key": "a b"}, "is not a key"),
            ({"key": "new"}, "Is the address of the page for new rounds; take another key."),
            ({"key": "compare"}, "Is the address of the page that compares rounds; take another key."),
            ({"title": "bell\x07"}, "holds the control character U+0007"),
            ({"recommendation_set": "0"}, "Select a valid choice"),
        ],
    )
    def test_what_is_wrong_is_said_and_kept_in_the_form(self, client, fields, wrong, reason):
        answer = client.post(url("create"), {**fields, **wrong})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert reason in texts_of(answer)
        assert not Survey.objects.exists()

    def test_a_copy_has_the_questionnaire_and_if_asked_the_invitations_never_answers(self, client, fields, office):
        source = make_tiny_round(office, OfficeFactory()).survey
        response = ResponseFactory(survey=source, office=office, submitted=True)
        AnswerFactory(response=response, question=source.questions.first())
        form = client.get(url("create"), {"copy": "tiny"}).context["form"]
        assert (form["source"].value(), form["recommendation_set"].value()) == ("tiny", source.recommendation_set_id)

        copy = {**fields, "source": "tiny", "with_invitations": "on"}
        for _attempt in range(2):
            assert client.post(url("create"), copy).status_code == HTTPStatus.FOUND
        survey = Survey.objects.get(key="cws-2027")
        assert questions.questions_of(survey) == questions.questions_of(source)
        assert len(questions.questions_of(survey)) == 8
        assert survey.invitations.count() == 2
        assert (Response.objects.count(), Answer.objects.count()) == (1, 1)
        assert {q.history.count() for q in survey.questions.all()} == {1}
        assert AuditEntry.objects.get().details["copied_from"] == "tiny"
        client.post(url("create"), {**copy, "key": "alone", "with_invitations": ""})
        assert not Survey.objects.get(key="alone").invitations.exists()

    def test_a_sample_copy_does_not_invite_real_offices(self, client, fields, office):
        make_tiny_round(office)
        copy = {**fields, "source": "tiny", "with_invitations": "on", "is_sample": "on"}
        answer = client.post(url("create"), copy)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "is a real office, and the round is a sample" in texts_of(answer)
        assert not Survey.objects.filter(key="cws-2027").exists()


class TestEditing:
    @pytest.fixture
    def survey(self) -> Survey:
        return SurveyFactory(key="r", title="First title")

    def fields(self, client, survey, **changed: object) -> dict[str, object]:
        form = client.get(url("manage_edit", survey.key)).context["form"]
        opened = {name: form[name].value() for name in form.fields}
        opened.pop("is_sample")
        return {**opened, **changed}

    def test_values_are_changed_with_an_audit_row(self, client, survey):
        assert client.post(
            url("manage_edit", "r"), self.fields(client, survey, title="Second", closes_on="2025-08-01")
        ).url == url("manage_edit", "r")
        survey.refresh_from_db()
        assert (survey.title, survey.closes_on) == ("Second", datetime.date(2025, 8, 1))
        assert AuditEntry.objects.get().details["changes"] == {
            "title": ["First title", "Second"],
            "closes_on": ["2025-07-07", "2025-08-01"],
        }

    def test_a_stale_save_answers_409_with_both_texts(self, client, survey):
        opened = self.fields(client, survey)
        client.post(url("manage_edit", "r"), {**opened, "title": "Theirs"})
        answer = client.post(url("manage_edit", "r"), {**opened, "title": "Mine"})
        assert answer.status_code == HTTPStatus.CONFLICT
        form = answer.context["form"]
        assert [(d.label, d.theirs, d.yours) for d in form.conflict] == [("Title", "Theirs", "Mine")]
        assert Survey.objects.get().title == "Theirs"
        client.post(url("manage_edit", "r"), {**opened, "title": "Mine", "version": form["version"].value()})
        assert Survey.objects.get().title == "Mine"

    def test_the_same_save_twice_has_one_effect(self, client, survey):
        changed = self.fields(client, survey, title="Second")
        for _attempt in range(2):
            assert client.post(url("manage_edit", "r"), changed).status_code == HTTPStatus.FOUND
        assert audited() == ["change round"]

    def test_the_rules_of_the_import_hold(self, client, survey):
        question = QuestionFactory(survey=survey)
        invitation = InvitationFactory(survey=survey)
        AnswerFactory(response=ResponseFactory(survey=survey, office=invitation.office), question=question)
        other = RecommendationSetFactory()
        changed = self.fields(client, survey, recommendation_set=other.pk, is_sample="on", closes_on="2025-05-01")
        answer = client.post(url("manage_edit", "r"), changed)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert answer.context["form"].errors == {
            "closes_on": ["Is before the first day."],
            "recommendation_set": ["Cannot change: the round has answers on its set."],
            "is_sample": ["Cannot change: offices are invited to the round."],
        }
        assert audited() == []


class TestClosing:
    @pytest.fixture
    def survey(self) -> Survey:
        return SurveyFactory(key="r", open_now=True)

    def version(self, survey) -> str:
        return version_of(survey)

    @pytest.mark.parametrize(("when", "last", "state"), [("today", 0, "open"), ("yesterday", -1, "closed")])
    def test_a_round_closes_early(self, client, survey, when, last, state):
        assert client.post(url("manage_close", "r"), {"when": when, "version": self.version(survey)}).status_code == 302
        survey.refresh_from_db()
        assert (survey.closes_on, survey.state) == (TODAY() + last * DAY, state)
        assert audited() == ["close round"]

    def test_a_round_that_opened_today_does_not_close_yesterday(self, client, survey):
        Survey.objects.update(opens_on=TODAY())
        answer = client.post(url("manage_close", "r"), {"when": "yesterday", "version": self.version(survey)})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert Survey.objects.get().state == "open"

    @pytest.mark.parametrize("ends", [True, False])
    def test_later_days_of_single_offices_end_if_asked(self, client, survey, ends):
        kept = InvitationFactory(survey=survey, closes_on=TODAY() - 2 * DAY)
        longer = InvitationFactory(survey=survey, closes_on=TODAY() + 30 * DAY)
        sent = {"when": "yesterday", "version": self.version(survey), **({"end_extensions": "on"} if ends else {})}
        client.post(url("manage_close", "r"), sent)
        longer.refresh_from_db()
        kept.refresh_from_db()
        assert longer.closes_on == (None if ends else TODAY() + 30 * DAY)
        assert kept.closes_on == TODAY() - 2 * DAY

    def test_a_round_is_reopened_once_by_a_later_day(self, client, survey):
        Survey.objects.update(closes_on=TODAY() - DAY)
        sent = {"day": (TODAY() + 5 * DAY).isoformat(), "version": self.version(survey)}
        for _attempt in range(2):
            assert client.post(url("manage_reopen", "r"), sent).status_code == HTTPStatus.FOUND
        assert Survey.objects.get().closes_on == TODAY() + 5 * DAY
        assert audited() == ["reopen round"]
        over = client.post(url("manage_reopen", "r"), {**sent, "day": (TODAY() - DAY).isoformat()})
        assert over.status_code == HTTPStatus.UNPROCESSABLE_ENTITY

    def test_a_stale_closing_answers_409(self, client, survey, secretariat):
        opened = self.version(survey)
        last = {"day": TODAY() + 20 * DAY, "end_extensions": False, "version": opened, "by": secretariat}
        actions.set_last_day(survey=survey, **last)
        answer = client.post(url("manage_close", "r"), {"when": "today", "version": opened})
        assert answer.status_code == HTTPStatus.CONFLICT
        assert [d.label for d in answer.context["close_form"].conflict] == ["Last day"]


# The questionnaire


OPTIONS = {"options-TOTAL_FORMS": "4", "options-INITIAL_FORMS": "0"}
QUESTION = {"key": "more", "order": "6", "kind": "text", "text": "What\r\nelse?", "exclusive_option": "", **OPTIONS}


def option(number: int, key: str, *, label: str = "", **more: str) -> dict[str, str]:
    fields = {"order": str(number + 1), "key": key, "label": label or key.title(), **more}
    return {f"options-{number}-{name}": value for name, value in fields.items()}


class TestQuestions:
    @pytest.fixture
    def survey(self, office) -> Survey:
        return make_tiny_round(office, open_now=True).survey

    def opened(self, client, question) -> dict[str, str]:
        context = client.get(url("edit_question", "tiny", question.key)).context
        fields = {name: context["form"][name].value() for name in context["form"].fields}
        for line in context["options"]:
            fields |= {f"{line.prefix}-{name}": line[name].value() or "" for name in line.fields}
        counts = {
            f"options-{n}_FORMS": context["options"].management_form[f"{n}_FORMS"].value() for n in ("TOTAL", "INITIAL")
        }
        return {**fields, **counts}

    def test_a_question_is_added_once(self, client, survey):
        for _attempt in range(2):
            assert client.post(url("add_question", "tiny"), QUESTION).url == url("manage_questions", "tiny")
        question = survey.questions.get(key="more")
        assert (question.text, question.order, question.history.count()) == ("What\nelse?", 6, 1)
        assert audited() == ["add question"]
        taken = client.post(url("add_question", "tiny"), {**QUESTION, "text": "Another?"})
        assert taken.status_code == HTTPStatus.CONFLICT

    def test_a_question_comes_with_its_options(self, client, survey):
        sent = {**QUESTION, "kind": "choice", **option(0, "yes"), **option(1, "NO", needs_explanation="on")}
        client.post(url("add_question", "tiny"), sent)
        standing = QuestionOption.objects.filter(question__key="more").values_list("key", "label", "needs_explanation")
        assert sorted(standing) == [("NO", "No", True), ("yes", "Yes", False)]

    @pytest.mark.parametrize(
        ("wrong", "reason"),
        [
            ({"kind": "text", **option(0, "yes")}, "Only questions of the kind choice have options"),
            ({"exclusive_option": "na"}, "Is for questions of the kind select only."),
            ({"kind": "choice", **option(0, "a"), **option(1, "a")}, "Two options have the same key."),
            ({"kind": "choice", **option(0, "no_answer")}, "Option no_answer: is a word of the results"),
            ({"kind": "choice", **option(0, "no_response")}, "Option no_response: is a word of the results"),
            ({"kind": "choice", **option(0, "", label="Label")}, "This field is required."),
        ],
    )
    def test_what_is_wrong_is_said(self, client, survey, wrong, reason):
        answer = client.post(url("add_question", "tiny"), {**QUESTION, **wrong})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert reason in texts_of(answer)
        assert not survey.questions.filter(key="more").exists()

    def test_options_are_changed_added_and_removed(self, client, survey):
        fields = self.opened(client, survey.questions.get(key="policy"))
        sent = {**fields, "options-0-label": "Yes indeed", "options-1-remove": "on", **option(3, "soon")}
        assert client.post(url("edit_question", "tiny", "policy"), sent).status_code == HTTPStatus.FOUND
        labels = dict(QuestionOption.objects.order_by("order").values_list("key", "label"))
        assert list(labels) == ["yes", "partly", "soon"]
        assert labels["yes"] == "Yes indeed"
        assert QuestionOption.history.filter(key="no", history_type="-").exists()

    def test_no_option_is_added_whose_key_the_tables_use_themselves(self, client, survey):
        fields = self.opened(client, survey.questions.get(key="policy"))
        answer = client.post(url("edit_question", "tiny", "policy"), {**fields, "text": "?", **option(3, "no_answer")})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "Option no_answer: is a word of the results" in texts_of(answer)
        assert survey.questions.get(key="policy").text != "?"
        assert not QuestionOption.objects.filter(key="no_answer").exists()

    def test_a_stale_save_answers_409_with_both_texts_options_included(self, client, survey):
        fields = self.opened(client, survey.questions.get(key="policy"))
        client.post(url("edit_question", "tiny", "policy"), {**fields, "options-0-label": "Theirs"})
        answer = client.post(url("edit_question", "tiny", "policy"), {**fields, "text": "Mine?"})
        assert answer.status_code == HTTPStatus.CONFLICT
        differences = {d.label: (d.theirs, d.yours) for d in answer.context["form"].conflict}
        assert differences["Text"] == ("Text of policy?", "Mine?")
        assert differences["Options"][0].startswith("1. yes: Theirs\n2. no:")
        again = {**fields, "text": "Mine?", "version": answer.context["form"]["version"].value()}
        assert client.post(url("edit_question", "tiny", "policy"), again).status_code == HTTPStatus.FOUND
        assert Question.objects.get(key="policy").text == "Mine?"

    def test_questions_are_put_in_order_and_a_repeated_click_moves_once(self, client, survey):
        for _attempt in range(2):
            client.post(url("place_question", "tiny", "proposals"), {"place": "3"})
        keys = survey.questions.order_by("order").values_list("key", flat=True)
        assert list(keys) == ["progress", "focus", "proposals", "policy", "experience"]
        assert audited() == ["order questions"]
        assert client.post(url("place_question", "tiny", "proposals"), {"place": "²"}).status_code == 404

    def test_a_question_is_removed_with_its_history_kept(self, client, survey):
        for _attempt in range(2):
            assert client.post(url("remove_question", "tiny", "policy")).status_code == HTTPStatus.FOUND
        assert not survey.questions.filter(key="policy").exists()
        assert Question.history.filter(key="policy", history_type="-").count() == 1
        assert audited() == ["remove question"]

    def test_once_answered_nothing_is_asked_more_or_less(self, client, survey, office):
        policy = survey.questions.get(key="policy")
        AnswerFactory(response=ResponseFactory(survey=survey, office=office), question=policy, value="yes")
        fields = self.opened(client, policy)
        refused = [
            client.post(url("add_question", "tiny"), QUESTION),
            client.post(url("edit_question", "tiny", "policy"), {**fields, "kind": "text"}),
            client.post(url("edit_question", "tiny", "policy"), {**fields, "options-1-remove": "on"}),
            client.post(url("edit_question", "tiny", "policy"), {**fields, "options-1-needs_explanation": "on"}),
        ]
        assert [answer.status_code for answer in refused] == [HTTPStatus.UNPROCESSABLE_ENTITY] * 4
        client.post(url("remove_question", "tiny", "proposals"))
        assert survey.questions.count() == 5
        assert audited() == []
        reworded = {**fields, "text": "Reworded?", "options-1-label": "Not at all"}
        assert client.post(url("edit_question", "tiny", "policy"), reworded).status_code == HTTPStatus.FOUND

    def test_the_preview_shows_every_question_and_saves_nothing(self, client, survey):
        page = client.get(url("manage_preview", "tiny"))
        assert [section.question.key for section in page.context["form"].sections] == [
            "progress",
            "focus",
            "policy",
            "proposals",
            "experience",
        ]
        first = page.context["form"].sections[0].lines[0].field
        assert f'name="{first.html_name}"' in texts_of(page)
        assert 'name="save"' not in texts_of(page)
        assert client.post(url("manage_preview", "tiny"), {"proposals": "x"}).status_code == 405
        assert not Response.objects.exists()


# Invitations


class TestInvitations:
    @pytest.fixture
    def survey(self) -> Survey:
        return SurveyFactory(key="r", open_now=True)

    @pytest.fixture
    def group(self):
        group = OfficeGroupFactory(key="ldc")
        for code in ("NA", "NO"):
            GroupMemberFactory(group=group, office__code=code)
        return group

    def invited(self) -> list[str]:
        return list(Invitation.objects.order_by("office__code").values_list("office__code", flat=True))

    def test_offices_and_groups_are_invited_and_those_invited_stay_as_they_are(self, client, survey, group):
        InvitationFactory(survey=survey, office=group.offices.get(code="NA"), note="Kept.")
        second = GroupMemberFactory(group__key="other", office__code="FI").group
        GroupMemberFactory(group=second, office=group.offices.get(code="NO"))
        OfficeFactory(code="AU")
        sent = {"offices": ["AU"], "groups": ["ldc", "other"]}
        for _attempt in range(2):
            client.post(url("manage_invite", "r"), {"groups": ["ldc", "other"]} if self.invited()[1:] else sent)
        assert self.invited() == ["AU", "FI", "NA", "NO"]
        assert Invitation.objects.get(office__code="NA").note == "Kept."
        entry = AuditEntry.objects.get()
        assert (entry.action, entry.details) == ("invite offices", {"offices": ["AU", "FI", "NO"]})
        assert Invitation.objects.get(office__code="AU").history.get().history_user is not None

    def test_sample_and_real_never_mix(self, client, survey, group):
        sample = GroupMemberFactory(group=group, office__code="SAMPLE01", office__is_sample=True).office
        answer = client.post(url("manage_invite", "r"), {"groups": ["ldc"]})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert f"{sample}: is a sample office, and the round is real." in texts_of(answer)
        assert self.invited() == []
        assert sample not in answer.context["invite_form"].fields["offices"].queryset

    def test_nothing_chosen_is_said(self, client, survey):
        answer = client.post(url("manage_invite", "r"), {})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "Choose at least one office or group." in texts_of(answer)

    def test_an_invitation_is_withdrawn_where_nothing_was_answered(self, client, survey, office, other_office):
        for whose in (office, other_office):
            InvitationFactory(survey=survey, office=whose)
        ResponseFactory(survey=survey, office=office)
        for code in ("NA", "NA", "AU"):
            assert client.post(url("manage_withdraw", "r", code)).status_code == HTTPStatus.FOUND
        assert self.invited() == ["AU"]
        entry = AuditEntry.objects.get()
        assert (entry.action, entry.office_code) == ("withdraw invitation", "NA")

    def test_one_office_has_terms_of_its_own(self, client, survey, office):
        InvitationFactory(survey=survey, office=office)
        form = client.get(url("manage_terms", "r", "AU")).context["form"]
        day = (TODAY() + 30 * DAY).isoformat()
        sent = {"version": form["version"].value(), "closes_on": day, "declined_on": "2026-01-02", "note": "a\r\nb"}
        for _attempt in range(2):
            assert client.post(url("manage_terms", "r", "AU"), sent).url == url("manage_invitations", "r")
        invitation = Invitation.objects.get()
        assert (invitation.closes_on.isoformat(), invitation.note) == (day, "a\nb")
        assert invitation.declined_on == datetime.date(2026, 1, 2)
        entry = AuditEntry.objects.get()
        assert (entry.action, entry.office_code) == ("change invitation", "AU")
        stale = client.post(url("manage_terms", "r", "AU"), {**sent, "note": "Mine"})
        assert stale.status_code == HTTPStatus.CONFLICT
        assert [(d.theirs, d.yours) for d in stale.context["form"].conflict] == [("a\nb", "Mine")]
        early = {**sent, "version": stale.context["form"]["version"].value(), "closes_on": "2020-01-01"}
        assert client.post(url("manage_terms", "r", "AU"), early).status_code == HTTPStatus.UNPROCESSABLE_ENTITY

    def test_a_group_gets_more_time_and_who_has_as_much_keeps_it(self, client, survey, group):
        day = TODAY() + 20 * DAY
        later = InvitationFactory(survey=survey, office=group.offices.get(code="NA"), closes_on=day + DAY)
        short = InvitationFactory(survey=survey, office=group.offices.get(code="NO"))
        outside = InvitationFactory(survey=survey)
        sent = {"extend-groups": ["ldc"], "extend-closes_on": day.isoformat()}
        for _attempt in range(2):
            assert client.post(url("manage_extend", "r"), sent).status_code == HTTPStatus.FOUND
        for invitation in (later, short, outside):
            invitation.refresh_from_db()
        assert (later.closes_on, short.closes_on, outside.closes_on) == (day + DAY, day, None)
        assert [entry.details["offices"] for entry in AuditEntry.objects.all()] == [["NO"]]
        refused = client.post(url("manage_extend", "r"), {**sent, "extend-closes_on": TODAY().isoformat()})
        assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "last day" in str(refused.context["extend_form"].errors)


# Who


CHANGES = {
    "create": (),
    "manage_edit": ("tiny",),
    "manage_close": ("tiny",),
    "manage_reopen": ("tiny",),
    "add_question": ("tiny",),
    "edit_question": ("tiny", "policy"),
    "remove_question": ("tiny", "policy"),
    "place_question": ("tiny", "policy"),
    "manage_invite": ("tiny",),
    "manage_extend": ("tiny",),
    "manage_terms": ("tiny", "AU"),
    "manage_withdraw": ("tiny", "AU"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_only_secretariat_and_administrators_change_a_round(client_of, personas, tiny_round, name):
    statuses = {}
    for persona, user in personas.items():
        if persona not in {"secretariat", "administrator"}:
            statuses[persona] = client_of(user).post(url(name, *CHANGES[name]), {"place": "1"}).status_code
    assert statuses == {
        "viewer": 403,
        "contributor": 403,
        "coordinator": 403,
        "other_coordinator": 403,
        "auditor": 403,
        "anonymous": 302,
    }
    assert not AuditEntry.objects.exists()
    for persona in ("secretariat", "administrator"):
        answer = client_of(personas[persona]).post(url(name, *CHANGES[name]), {"place": "1"})
        assert answer.status_code in {HTTPStatus.FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}


def test_what_was_typed_when_the_session_had_ended_is_in_the_form_again(client, secretariat, tiny_round):
    page = url("edit_question", "tiny", "proposals")
    context = client.get(page).context
    version = context["form"]["version"].value()
    typed = {"version": version, "order": "4", "kind": "text", "text": "A long thought?", **OPTIONS}
    typed[held.MARK] = held.mark_of(secretariat)
    client.logout()
    assert client.post(page, typed).status_code == HTTPStatus.FOUND
    client.force_login(secretariat)
    again = client.get(page)
    assert again.context["form"]["text"].value() == "A long thought?"
    assert "it is not saved yet" in texts_of(again)
    assert Question.objects.get(key="proposals").text != "A long thought?"
    assert client.post(page, typed).status_code == HTTPStatus.FOUND
    assert Question.objects.get(key="proposals").text == "A long thought?"


def test_who_comes_by_a_link_to_what_a_form_sends_is_led_to_the_form(client, tiny_round):
    assert client.get(url("manage_close", "tiny")).url == url("manage_edit", "tiny")
    assert client.get(url("manage_withdraw", "tiny", "AU")).url == url("manage_invitations", "tiny")


def test_what_is_not_there_is_missing(client, tiny_round):
    for name, args in [
        ("manage_edit", ("nowhere",)),
        ("edit_question", ("tiny", "nothing")),
        ("manage_terms", ("tiny", "XX")),
    ]:
        assert client.get(url(name, *args)).status_code == HTTPStatus.NOT_FOUND
