"""A round that begins with each office's last answers, which count for nothing until the office confirms them."""

import datetime
import io
import threading
from http import HTTPStatus

import openpyxl
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from offices.narrowing import Narrowing
from portal.models import AuditEntry
from portal.writes import Refused
from recommendations.models import StatusReport
from surveys.actions import carrying, common, invitations, responses
from surveys.actions.carrying import carry_over
from surveys.models import Invitation, Question, Response, Survey
from surveys.offline import read_questionnaire
from surveys.progress import compute_progress
from surveys.questionnaire import Questionnaire
from surveys.results import compute_results
from tests.factories.offices import OfficeFactory
from tests.factories.offline import filled, said
from tests.factories.portal import load, protected_csv_bytes
from tests.factories.recommendations import RecommendationFactory, RecommendationSetFactory
from tests.factories.surveys import (
    AnswerFactory,
    InvitationFactory,
    QuestionFactory,
    ResponseFactory,
    SurveyFactory,
    TinyRound,
    make_tiny_round,
)
from tests.races import race
from tests.surveys.test_respond import Page

pytestmark = pytest.mark.django_db

ANSWERED_AT = datetime.datetime(2025, 6, 5, 12, tzinfo=datetime.UTC)
SAID = [
    ("levels", 0, "planned", "next year"),
    ("levels", 2, "implemented", ""),
    ("select", 0, "yes", ""),
    ("select", 1, "yes", ""),
    ("choice", None, "partly", "for new software"),
    ("text", None, "=1+1\nعربي", ""),
    ("comments", 1, "中文", ""),
]
STORED = {
    ("progress", 1, "planned", "next year"),
    ("progress", 3, "implemented", ""),
    ("focus", 1, "yes", ""),
    ("focus", 2, "yes", ""),
    ("policy", None, "partly", "for new software"),
    ("proposals", None, "=1+1\nعربي", ""),
    ("experience", 2, "中文", ""),
}


def answer(tiny: TinyRound, office, rows=SAID, **fields) -> Response:
    fields = fields or {"submitted": True, "submitted_at": ANSWERED_AT}
    response = ResponseFactory(survey=tiny.survey, office=office, **fields)
    for kind, place, value, comment in rows:
        item = None if place is None else tiny.recommendations[place]
        AnswerFactory(response=response, question=tiny.by_kind[kind], recommendation=item, value=value, comment=comment)
    return response


def follow_up(tiny: TinyRound, *offices, key: str = "next", **fields) -> TinyRound:
    """An open round on the same set with the same questionnaire."""
    later = make_tiny_round(*offices, key=key, open_now=True, **fields)
    later.survey.recommendation_set.recommendations.all().delete()
    later.survey.recommendation_set = tiny.survey.recommendation_set
    later.survey.save()
    return TinyRound(later.survey, tiny.recommendations, later.by_kind, offices)


@pytest.fixture
def earlier(office, other_office) -> TinyRound:
    return make_tiny_round(office, other_office, key="earlier")


@pytest.fixture
def later(earlier, office, other_office) -> TinyRound:
    return follow_up(earlier, office, other_office)


@pytest.fixture
def carried(earlier, later, office, secretariat) -> Response:
    """The draft of the one office that had answered."""
    answer(earlier, office)
    assert carry_over(survey=later.survey, source=earlier.survey, by=secretariat) == 1
    return Response.objects.get(survey=later.survey)


def stored(response: Response) -> set[tuple]:
    return set(response.answers.values_list("question__key", "recommendation__number", "value", "comment"))


def waiting(response: Response) -> set[tuple]:
    """The answers that are carried over and not confirmed."""
    return set(response.answers.filter(is_carried_over=True).values_list("question__key", "recommendation__number"))


EVERYTHING = {(question, number) for question, number, _value, _comment in STORED}


# The drafts


def test_a_draft_holds_the_last_submission_and_says_where_it_comes_from(carried, earlier, later, office):
    assert stored(carried) == STORED
    assert waiting(carried) == EVERYTHING
    assert (carried.state, carried.origin, carried.version) == ("draft", "carried", 1)
    assert (carried.saved_by, carried.carried_from.survey) == (None, earlier.survey)
    assert set(carried.sections.values_list("question__key", "version")) == {
        (question.key, 1) for question in later.by_kind.values()
    }
    entry = AuditEntry.objects.get(action="carry over answers")
    assert (entry.subject, entry.details["source"], entry.details["offices"], entry.details["answers"]) == (
        "next",
        "earlier",
        ["AU"],
        7,
    )


def test_only_what_was_submitted_last_is_carried_over(earlier, later, office, other_office, secretariat):
    past = {"state": Response.State.SUPERSEDED, "submitted_at": timezone.now(), "version": 1}
    answer(earlier, office, [("text", None, "old", "")], **past)
    answer(earlier, office, [("text", None, "last", "")])
    answer(earlier, office, [("text", None, "in hand", "")], version=3)
    answer(earlier, other_office, [("text", None, "never submitted", "")], version=1)
    carry_over(survey=later.survey, source=earlier.survey, by=secretariat)
    draft = Response.objects.get(survey=later.survey)
    assert (draft.office, stored(draft)) == (office, {("proposals", None, "last", "")})


def test_who_said_something_declined_or_is_not_invited_gets_none(earlier, later, secretariat):
    offices = {name: OfficeFactory(code=name) for name in ("DRAFT", "SENT", "GONE", "DECLINED", "FOREIGN", "FRESH")}
    for name, one in offices.items():
        answer(earlier, one)
        if name != "FOREIGN":
            declined = timezone.localdate() if name == "DECLINED" else None
            InvitationFactory(survey=later.survey, office=one, declined_on=declined)
    answer(later, offices["DRAFT"], [("text", None, "mine", "")], version=1)
    answer(later, offices["SENT"], [("text", None, "mine", "")])
    answer(later, offices["GONE"], [], state=Response.State.DISCARDED)
    assert carry_over(survey=later.survey, source=earlier.survey, by=secretariat) == 1
    assert [draft.office.code for draft in Response.objects.filter(survey=later.survey).untouched()] == ["FRESH"]
    assert stored(Response.objects.get(survey=later.survey, office__code="DRAFT")) == {("proposals", None, "mine", "")}


def test_the_same_again_has_no_effect(carried, earlier, later, secretariat):
    assert carry_over(survey=later.survey, source=earlier.survey, by=secretariat) == 0
    assert Response.objects.filter(survey=later.survey).count() == 1
    assert AuditEntry.objects.filter(action="carry over answers").count() == 1


def test_what_is_no_answer_in_the_new_round_is_left_out(earlier, later, office, other_office, secretariat):
    answer(earlier, office)
    answer(earlier, other_office, [("select", None, "none", ""), ("choice", None, "yes", "")])
    by_kind = later.by_kind
    by_kind["choice"].options.filter(key="partly").delete()
    by_kind["choice"].options.filter(key="yes").update(needs_explanation=True)
    Question.objects.filter(pk=by_kind["select"].pk).update(exclusive_option="na")
    Question.objects.filter(pk=by_kind["text"].pk).update(key="other-words")
    Question.objects.filter(pk=by_kind["comments"].pk).update(kind="levels")
    QuestionFactory(survey=later.survey, key="proposals", kind="choice", order=9)
    assert carry_over(survey=later.survey, source=earlier.survey, by=secretariat) == 1
    draft = Response.objects.get(survey=later.survey)
    assert (draft.office, stored(draft)) == (
        office,
        {line for line in STORED if line[0] in {"progress", "focus"}},
    )


def test_in_a_superseding_set_a_recommendation_is_known_by_its_label(earlier, office, secretariat):
    answer(earlier, office)
    labels = [item.label for item in earlier.recommendations]
    new_set = RecommendationSetFactory(supersedes=earlier.survey.recommendation_set)
    for number, label in {1: "Something else", 2: labels[0], 3: labels[2]}.items():
        RecommendationFactory(recommendation_set=new_set, number=number, label=label)
    later = make_tiny_round(office, key="next", open_now=True)
    Survey.objects.filter(pk=later.survey.pk).update(recommendation_set=new_set)
    carry_over(survey=later.survey, source=earlier.survey, by=secretariat)
    assert stored(Response.objects.get(survey=later.survey)) == {
        ("progress", 2, "planned", "next year"),
        ("progress", 3, "implemented", ""),
        ("focus", 2, "yes", ""),
        ("policy", None, "partly", "for new software"),
        ("proposals", None, "=1+1\nعربي", ""),
    }


def test_rounds_that_do_not_follow_each_other_are_refused(earlier, later, secretariat):
    foreign = SurveyFactory(open_now=True)
    sample = SurveyFactory(recommendation_set=earlier.survey.recommendation_set, is_sample=True, open_now=True)
    closed = SurveyFactory(recommendation_set=earlier.survey.recommendation_set)
    for survey, sentence in (
        (foreign, "That round is neither on the same set nor on the one that it supersedes."),
        (sample, "Answers of sample rounds are never taken for those of real ones, nor the reverse."),
        (closed, "This round is closed."),
        (earlier.survey, "A round cannot begin with its own answers."),
    ):
        with pytest.raises(Refused) as refusal:
            carry_over(survey=survey, source=earlier.survey, by=secretariat)
        assert refusal.value.faults == (("source", sentence),)


def test_it_takes_the_same_queries_for_any_number_of_offices(earlier, secretariat):
    """Besides the rows themselves, which SQLite takes in portions of 999 values."""
    offices = OfficeFactory.create_batch(200)
    for office in offices:
        answer(earlier, office, [("text", None, "Said.", ""), ("levels", 0, "planned", "")])
    for number, count in enumerate((1, 20, 200)):
        later = follow_up(earlier, *offices[:count], key=f"next-{number}")
        with CaptureQueriesContext(connection) as queries:
            assert carry_over(survey=later.survey, source=earlier.survey, by=secretariat) == count
        rows = [query for query in queries if query["sql"].startswith("INSERT")]
        assert (len(queries) - len(rows), len(rows) <= 4 + count / 10) == (11, True)


# In the form


@pytest.fixture
def url(later, office) -> str:
    return reverse("surveys:respond", args=["next", office.code])


@pytest.fixture
def page(client_of, url):
    return lambda user: Page(client_of(user), url)


def test_the_form_marks_what_is_carried_over_and_from_where(carried, page, coordinator):
    html = page(coordinator).client.get(reverse("surveys:respond", args=["next", "AU"])).content.decode()
    assert html.count("“Title of earlier”, submitted on 5 June 2025") == 7
    assert html.count('<span class="badge text-pending">carried over</span>') == 6
    assert html.count("Still so") == 6
    assert "Confirm all 2 carried-over answers" in html


def test_answers_are_confirmed_one_by_one(carried, page, contributor, coordinator):
    mine = page(contributor)
    mine.save(**{"progress.1.confirm": "on"})
    carried.refresh_from_db()
    assert waiting(carried) == EVERYTHING - {("progress", 1)}
    assert stored(carried) == STORED
    assert (carried.origin, carried.saved_by, carried.version) == ("form", contributor, 2)
    assert "progress.1.confirm" not in mine.fields
    mine.save(**{"focus.confirm": "on", "policy.confirm": "on"})
    assert waiting(carried) == {("progress", 3), ("proposals", None), ("experience", 2)}


def test_a_question_is_confirmed_as_a_whole_and_what_is_typed_besides_is_saved(carried, page, contributor, url):
    mine = page(contributor)
    saved = mine.client.post(url, {**mine.fields, "q.proposals": "Another text.", "confirm": "progress"})
    assert (saved.status_code, saved.url) == (HTTPStatus.FOUND, f"{url}#question-progress")
    assert waiting(carried) == {("focus", 1), ("focus", 2), ("policy", None), ("experience", 2)}
    assert ("proposals", None, "Another text.", "") in stored(carried)


@pytest.mark.parametrize(
    ("typed", "confirmed"),
    [
        ({"progress.1": "implemented"}, {("progress", 1)}),
        ({"progress.1.comment": "this year"}, {("progress", 1)}),
        ({"progress.1": "", "progress.1.comment": ""}, {("progress", 1)}),
        ({"focus": ["1"]}, {("focus", 1), ("focus", 2)}),
        ({"focus": ["1", "2", "3"]}, {("focus", 1), ("focus", 2)}),
        ({"policy.comment": "for old software, too"}, {("policy", None)}),
        ({"experience.1": "New."}, set()),
    ],
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value),
)
def test_changing_an_answer_confirms_its_line(carried, page, contributor, typed, confirmed):
    page(contributor).save(**typed)
    assert waiting(carried) == EVERYTHING - confirmed
    assert carried.answers.filter(is_carried_over=True, changed_by__isnull=False).count() == 0


def test_saving_without_a_change_confirms_nothing(carried, page, contributor):
    page(contributor).save()
    carried.refresh_from_db()
    assert (waiting(carried), carried.origin, carried.version) == (EVERYTHING, "carried", 1)


def test_a_repeated_confirmation_has_one_effect(carried, page, contributor):
    mine, again = page(contributor), page(contributor)
    for browser in (mine, again):
        assert browser.send("save", **{"progress.1.confirm": "on"}).status_code == HTTPStatus.FOUND
    carried.refresh_from_db()
    assert carried.version == 2
    assert AuditEntry.objects.filter(action="save response").count() == 1


def test_nobody_confirms_what_a_colleague_changed_meanwhile(carried, page, contributor, coordinator):
    mine, colleague = page(contributor), page(coordinator)
    colleague.save(**{"progress.1": "not_planned"})
    conflict = mine.send("save", **{"progress.1.confirm": "on"})
    assert conflict.status_code == HTTPStatus.CONFLICT
    assert ("progress", 1, "not_planned", "next year") in stored(carried)


def test_a_ticked_box_is_ticked_again_in_a_conflict(carried, page, contributor, coordinator):
    mine, colleague = page(contributor), page(coordinator)
    colleague.save(**{"progress.1": "not_planned"})
    conflict = mine.send("save", **{"progress.3.confirm": "on"})
    form = conflict.context["form"]
    assert (conflict.status_code, form["q.progress.3.confirm"].value()) == (HTTPStatus.CONFLICT, True)
    assert "q.progress.1.confirm" not in form.fields


def test_who_only_reads_sees_the_marks_and_no_boxes(carried, page, viewer):
    html = page(viewer).client.get(reverse("surveys:respond", args=["next", "AU"])).content.decode()
    assert '<span class="badge text-pending">carried over</span>' in html
    assert "Still so" not in html
    assert "Confirm all" not in html


# Submitting


def test_nothing_is_submitted_before_all_is_confirmed(carried, later, page, coordinator, url):
    mine = page(coordinator)
    review = mine.client.get(f"{url}review/")
    html = review.content.decode()
    assert "nobody has confirmed that they are still so" in html
    assert ">Submit<" not in "".join(html.split())
    refused = mine.submit()
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert f"{url}#question-policy" in refused.content.decode()
    for question in later.by_kind.values():
        mine.client.post(url, {**mine.load().fields, "confirm": question.key})
    sent = mine.load().submit()
    assert (sent.status_code, sent.url) == (HTTPStatus.FOUND, f"{url}receipt/")
    submitted = Response.objects.get(survey=later.survey)
    assert (submitted.state, stored(submitted), waiting(submitted)) == ("submitted", STORED, set())
    assert submitted.carried_from.survey.key == "earlier"


def test_the_action_refuses_too(carried, later, coordinator):
    invitation = Invitation.objects.get(survey=later.survey, office=carried.office)
    with pytest.raises(responses.Unconfirmed):
        responses.submit(invitation=invitation, version=1, by=coordinator)


def test_it_counts_nowhere_before(carried, later, office):
    results = compute_results(later.survey)
    assert (results.invited, results.responded, results.texts) == (2, 0, ())
    assert StatusReport.objects.count() == 0


def test_a_discarded_draft_leaves_an_empty_form_and_comes_back_by_itself_never(
    carried, earlier, later, page, coordinator, url, secretariat
):
    mine = page(coordinator)
    mine.client.post(f"{url}discard/", {"version": "1"})
    carried.refresh_from_db()
    assert carried.state == Response.State.DISCARDED
    assert carry_over(survey=later.survey, source=earlier.survey, by=secretariat) == 0
    assert "carried over" not in mine.client.get(url).content.decode()


# Where the round stands


def test_the_progress_page_says_carried_over_and_not_confirmed(carried, later, page, contributor, client_of, auditor):
    def standing():
        progress = compute_progress(later.survey, narrowing=Narrowing())
        (of_office,) = [one for one in progress.offices if one.office.code == "AU"]
        return of_office.stage.value, of_office.unconfirmed, progress.totals.started, progress.totals.carried

    assert standing() == ("carried", 7, 0, 1)
    html = client_of(auditor).get(reverse("surveys:manage", args=["next"])).content.decode()
    assert '<span class="badge stage-of-carried text-pending">carried over, not confirmed</span>' in html
    assert "7 answers</span>" in html
    page(contributor).save(**{"progress.1.confirm": "on"})
    assert standing() == ("started", 6, 1, 0)
    html = client_of(auditor).get(reverse("surveys:manage", args=["next"])).content.decode()
    assert "6 answers carried over, not confirmed" in html
    filtered = client_of(auditor).get(reverse("surveys:manage", args=["next"]), {"stage": "carried"})
    assert [one.office.code for one in filtered.context["progress"].offices] == []


# Imports, withdrawn invitations


def test_an_import_takes_the_place_of_a_draft_that_nobody_touched(carried, later):
    rows = [["survey", "office", "question", "recommendation", "value", "comment"]]
    load("responses", protected_csv_bytes([*rows, ["next", "AU", "proposals", "", "From a file.", ""]]))
    assert list(Response.objects.filter(survey=later.survey).order_by("version").values_list("state", "version")) == [
        ("discarded", 1),
        ("submitted", 2),
    ]


def test_an_import_never_takes_the_place_of_what_somebody_confirmed(carried, page, contributor):
    page(contributor).save(**{"progress.1.confirm": "on"})
    rows = [["survey", "office", "question", "recommendation", "value", "comment"]]
    result = load("responses", protected_csv_bytes([*rows, ["next", "AU", "proposals", "", "From a file.", ""]]))
    assert "has the response in hand" in str(result.faults)


def test_an_invitation_is_withdrawn_with_what_was_only_carried_over(carried, later, secretariat, page, contributor):
    invitation = Invitation.objects.get(survey=later.survey, office=carried.office)
    invitations.withdraw(invitation=invitation, by=secretariat)
    assert (later.survey.responses.count(), later.survey.invitations.count()) == (0, 1)


def test_an_invitation_stays_once_something_is_confirmed(carried, later, secretariat, page, contributor):
    page(contributor).save(**{"progress.1.confirm": "on"})
    with pytest.raises(Refused):
        invitations.withdraw(
            invitation=Invitation.objects.get(survey=later.survey, office=carried.office), by=secretariat
        )
    assert stored(carried) == STORED


def test_a_draft_stays_when_the_submission_it_came_from_goes(carried, url, page, coordinator):
    Response.objects.filter(survey__key="earlier").delete()
    html = page(coordinator).client.get(url).content.decode()
    assert "are from an earlier round." in html
    assert stored(carried) == STORED


# Offline


def test_the_workbook_marks_what_is_carried_over_and_confirms_nothing_by_itself(
    carried, later, client_of, coordinator, office
):
    client = client_of(coordinator)
    url = reverse("surveys:questionnaire_xlsx", args=["next", office.code])
    data = b"".join(client.get(url).streaming_content)
    book = openpyxl.load_workbook(io.BytesIO(data))
    noted = {cell.coordinate: cell.comment.text for row in book["Questions"] for cell in row if cell.comment}
    assert noted == dict.fromkeys(["C4", "C6", "C9", "C10", "C15", "C18", "C22"], "Carried over, not confirmed")
    steps = " ".join(str(cell.value) for row in book["Instructions"] for cell in row)
    assert "“Title of earlier”, submitted on 5 June 2025" in steps
    answers, faults = read_questionnaire(data, Questionnaire.of(later.survey), office)
    assert ({*said(answers)}, faults) == (STORED, [])
    upload(client, office, filled(data, {}))
    assert waiting(carried) == EVERYTHING
    upload(client, office, filled(data, {"C4": "Implemented"}))
    assert waiting(carried) == EVERYTHING - {("progress", 1)}
    assert ("progress", 1, "implemented", "next year") in stored(carried)


def upload(client, office, data: bytes) -> None:
    url = reverse("surveys:upload", args=["next", office.code])
    preview = client.post(url, {"file": io.BytesIO(data)})
    if preview.context["token"]:
        client.post(url, {"token": preview.context["token"]})


# The pages of the secretariat


@pytest.fixture
def client(client_of, secretariat):
    return client_of(secretariat)


CREATE = {
    "key": "copy",
    "title": "A copy",
    "opens_on": "2035-01-01",
    "closes_on": "2035-02-01",
    "source": "earlier",
    "with_invitations": "on",
    "with_answers": "on",
}


def test_a_new_round_can_begin_with_the_last_answers(client, earlier, office):
    answer(earlier, office)
    values = {**CREATE, "recommendation_set": earlier.survey.recommendation_set.pk}
    for _time in range(2):
        assert client.post(reverse("surveys:create"), values).status_code == HTTPStatus.FOUND
    (draft,) = Response.objects.filter(survey__key="copy")
    assert (stored(draft), waiting(draft), draft.origin) == (STORED, EVERYTHING, "carried")
    assert AuditEntry.objects.filter(action="carry over answers").count() == 1


def test_without_invitations_there_is_nobody_to_begin(client, earlier, office):
    answer(earlier, office)
    values = {**CREATE, "recommendation_set": earlier.survey.recommendation_set.pk}
    for missing in ("source", "with_invitations"):
        given = {name: value for name, value in values.items() if name != missing}
        refused = client.post(reverse("surveys:create"), given)
        assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "Needs a round to copy, and its invitations." in refused.content.decode()
    assert not Survey.objects.filter(key="copy").exists()


def test_a_copy_on_a_foreign_set_is_refused_as_a_whole(client, earlier, office):
    answer(earlier, office)
    refused = client.post(reverse("surveys:create"), {**CREATE, "recommendation_set": RecommendationSetFactory().pk})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "neither on the same set nor on the one that it supersedes" in refused.content.decode()
    assert not Survey.objects.filter(key="copy").exists()


def test_answers_are_carried_over_later_from_the_page_of_invitations(client, earlier, later, office):
    invitations = reverse("surveys:manage_invitations", args=["next"])
    assert "Begin with last answers" not in client.get(invitations).content.decode()
    answer(earlier, office)
    assert "Begin with last answers" in client.get(invitations).content.decode()
    url = reverse("surveys:manage_carry_over", args=["next"])
    done = client.post(url, {"carry-source": "earlier"}, follow=True)
    assert "1 office begins with its last answers." in done.content.decode()
    assert Response.objects.filter(survey=later.survey).untouched().count() == 1
    again = client.post(url, {"carry-source": "earlier"}, follow=True)
    assert "0 offices begin with their last answers." in again.content.decode()
    for source in ("nowhere", "next"):
        assert client.post(url, {"carry-source": source}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_who_carries_over(client_of, personas, earlier, later, office):
    answer(earlier, office)
    url = reverse("surveys:manage_carry_over", args=["next"])
    status = {
        name: client_of(user).post(url, {"carry-source": "earlier"}).status_code for name, user in personas.items()
    }
    assert status == {
        "viewer": 403,
        "contributor": 403,
        "coordinator": 403,
        "other_coordinator": 403,
        "secretariat": 302,
        "administrator": 302,
        "auditor": 403,
        "anonymous": 302,
    }
    (entry,) = AuditEntry.objects.filter(action="carry over answers")
    assert entry.actor.email == "secretariat@example.org"


def test_who_comes_by_a_link_is_led_to_the_form(client, later):
    answer_ = client.get(reverse("surveys:manage_carry_over", args=["next"]))
    assert answer_.url == reverse("surveys:manage_invitations", args=["next"])


# Races


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_parallel_requests_one_makes_the_drafts(earlier, later, office, secretariat):
    answer(earlier, office)
    outcomes = race(lambda _n: carry_over(survey=later.survey, source=earlier.survey, by=secretariat), 10)
    assert sorted(outcomes) == [0] * 9 + [1]
    assert AuditEntry.objects.filter(action="carry over answers").count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_parallel_requests_collide(earlier, later, office, secretariat, monkeypatch):
    answer(earlier, office)
    barrier = threading.Barrier(10)
    monkeypatch.setattr(common, "lock_round", lambda survey: survey)
    found = carrying.waiting

    def look(survey, source):
        everybody = found(survey, source)
        barrier.wait(timeout=10)
        return everybody

    monkeypatch.setattr(carrying, "waiting", look)
    outcomes = race(lambda _n: carry_over(survey=later.survey, source=earlier.survey, by=secretariat), 10)
    assert "IntegrityError" in {type(outcome).__name__ for outcome in outcomes}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_an_office_that_saves_at_the_same_moment_keeps_what_it_typed(earlier, later, office, secretariat, coordinator):
    """Carrying over waits for the one who holds the invitation, and finds that the office has begun."""
    answer(earlier, office)
    invitation = Invitation.objects.get(survey=later.survey, office=office)
    made: list[int] = []

    def carry() -> None:
        made.append(carry_over(survey=later.survey, source=earlier.survey, by=secretariat))
        connection.close()

    thread = threading.Thread(target=carry)
    with transaction.atomic():
        Invitation.objects.select_for_update().get(pk=invitation.pk)
        thread.start()
        thread.join(timeout=0.5)
        assert thread.is_alive()
        answer(later, office, [("text", None, "typed", "")], version=1)
    thread.join(timeout=10)
    assert made == [0]
    assert stored(Response.objects.get(survey=later.survey)) == {("proposals", None, "typed", "")}
