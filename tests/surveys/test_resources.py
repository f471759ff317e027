import datetime

import pytest

from portal.spreadsheets.kinds import resource_for
from portal.spreadsheets.resources import Mode
from surveys.models import Invitation, Question, QuestionOption, Survey
from tests.factories.offices import OfficeFactory
from tests.factories.portal import EXPORTS, counts, exported, fault_lines, load
from tests.factories.recommendations import RecommendationSetFactory
from tests.factories.surveys import (
    AnswerFactory,
    InvitationFactory,
    QuestionFactory,
    QuestionOptionFactory,
    ResponseFactory,
    SurveyFactory,
)

pytestmark = pytest.mark.django_db

SURVEYS = "survey,title,set,opens_on,closes_on,is_sample\n"
QUESTIONS = "survey,question,order,kind,text,exclusive_option\n"
OPTIONS = "survey,question,option,order,label,needs_explanation\n"
INVITATIONS = "survey,office\n"
KEY_REASON = "is not a key: use letters without accents, digits, hyphen and underscore"
DAY_REASON = "is not a date: write it like 2025-05-02"

CYCLES = {
    "surveys": (
        ["other", "Title", "s", "2025-05-02", "2025-07-07", 0],
        ["other", "Other", "t", "2025-05-03", "2025-05-03", 1],
        Survey,
    ),
    "questions": (
        ["r", "new", 3, "select", "Which?", "none"],
        ["r", "new", 0, "levels", "How\nfar?", ""],
        Question,
    ),
    "question_options": (["r", "policy", "new", 1, "Yes", 0], ["r", "policy", "new", 2, "In part", 1], QuestionOption),
}


def as_csv(kind, *rows):
    header = ",".join(resource_for(kind).column_names())
    return "\n".join([header, *(",".join(f'"{cell}"' for cell in row) for row in rows)])


@pytest.fixture(autouse=True)
def surroundings(db):
    """A real and a sample round of 2025 on the set `s`, each with a question, and offices."""
    recommendation_set = RecommendationSetFactory(key="s")
    RecommendationSetFactory(key="t")
    real = SurveyFactory(key="r", recommendation_set=recommendation_set)
    SurveyFactory(key="sample", recommendation_set=recommendation_set, is_sample=True)
    QuestionFactory(survey=real, key="policy", kind=Question.Kind.CHOICE)
    QuestionFactory(survey=real, key="focus", kind=Question.Kind.SELECT, exclusive_option="na")
    OfficeFactory(code="NA")
    OfficeFactory(code="NO")
    OfficeFactory(code="SAMPLE01", is_sample=True)


def answered(question_key, value="x"):
    question = Question.objects.get(key=question_key)
    response = ResponseFactory(survey=question.survey, office__code="AU")
    return AnswerFactory(response=response, question=question, value=value)


@pytest.mark.parametrize("kind", CYCLES)
def test_a_row_is_added_left_changed_and_left_with_its_history(kind):
    row, changed, model = CYCLES[kind]
    others = exported(kind)

    assert counts(load(kind, as_csv(kind, row))) == (1, 0, 0, 0)
    assert [cells for cells in exported(kind) if cells not in others] == [row]
    added = model.objects.latest("pk")
    assert counts(load(kind, as_csv(kind, row))) == (0, 0, 1, 0)

    assert counts(load(kind, as_csv(kind, changed))) == (0, 1, 0, 0)
    assert [cells for cells in exported(kind) if cells not in others] == [changed]
    assert counts(load(kind, as_csv(kind, changed))) == (0, 0, 1, 0)

    assert model.objects.latest("pk") == added
    assert list(added.history.values_list("history_type", flat=True)) == ["~", "+"]


@pytest.mark.parametrize("form", EXPORTS)
@pytest.mark.parametrize(
    ("kind", "number"), [("surveys", 5), ("questions", 3), ("question_options", 1), ("invitations", 2)]
)
def test_exports_read_back_without_a_change(kind, number, form):
    nasty = '=1\n"中文"; \'العربية'
    survey = SurveyFactory(key="NO", title=nasty, is_sample=True)
    question = QuestionFactory(survey=survey, key="NA", kind=Question.Kind.CHOICE, text=nasty)
    QuestionOptionFactory(question=question, key="NO", label=nasty, needs_explanation=True)
    for code in ("NA", "NO"):
        InvitationFactory(survey__key=f"of-{code}", office__code=f"{code}1")
    rows = exported(kind)

    assert counts(load(kind, EXPORTS[form](kind))) == (0, 0, number, 0)

    assert exported(kind) == rows
    assert len(rows) == number


# Rounds


def test_a_round_may_close_on_the_day_it_opens():
    assert counts(load("surveys", SURVEYS + "one,One,s,2025-05-02,2025-05-02,\n")) == (1, 0, 0, 0)
    assert Survey.objects.get(key="one").closes_on == datetime.date(2025, 5, 2)


def test_the_faults_of_a_round():
    rows = [
        "a b,,nowhere,,2025,yes",
        "a,A,s,2025-07-07,2025-05-02,",
        "b,,s,2025-07-07,2025-05-02,",
        "c,C,,2025-05-02,02/05/2025,0",
        "d,D,s,2025-05-02,2025-05-02,0",
        "d,D,s,2025-05-02,2025-05-02,1",
    ]

    assert fault_lines(load("surveys", SURVEYS + "\n".join(rows))) == [
        f"row 2, column survey: {KEY_REASON} (a b)",
        "row 2, column title: is required ()",
        "row 2, column set: there is no such set of recommendations (nowhere)",
        "row 2, column opens_on: is required ()",
        f"row 2, column closes_on: {DAY_REASON} (2025)",
        "row 2, column is_sample: is not 1, 0 or empty (yes)",
        "row 3, column closes_on: is before opens_on (2025-05-02)",
        "row 4, column title: is required ()",
        "row 4, column closes_on: is before opens_on (2025-05-02)",
        "row 5, column set: is required ()",
        f"row 5, column closes_on: {DAY_REASON} (02/05/2025)",
        "row 7, column survey: doubled key, the same as in row 6 (d)",
    ]


def test_the_set_of_a_round_with_answers_stays():
    changed = SURVEYS + "r,Title of r,t,2025-05-02,2025-07-07,0\n"
    answered("policy")

    assert fault_lines(load("surveys", changed)) == [
        "row 2, column set: cannot change: the round has answers on its set (t)"
    ]
    assert counts(load("surveys", changed.replace(",t,", ",s,").replace("Title of", "About"))) == (0, 1, 0, 0)


def test_whether_a_round_is_a_sample_stays_once_offices_are_invited():
    changed = SURVEYS + "r,Title of r,s,2025-05-02,2025-07-07,1\n"
    invitation = InvitationFactory(survey=Survey.objects.get(key="r"))

    assert fault_lines(load("surveys", changed)) == [
        "row 2, column is_sample: cannot change: offices are invited to the round (1)"
    ]
    invitation.delete()
    assert counts(load("surveys", changed)) == (0, 1, 0, 0)


# Questions and options


def test_the_faults_of_a_question():
    rows = [
        "nowhere,a b,x,radio,,maybe",
        "r,q,1,choice,Text,na",
        "r,p,,levels,,none",
        "r,new,1,text,Text,",
        "r,new,2,text,Text,",
        "sample,new,2,text,Text,",
    ]

    assert fault_lines(load("questions", QUESTIONS + "\n".join(rows))) == [
        "row 2, column survey: there is no such survey (nowhere)",
        f"row 2, column question: {KEY_REASON} (a b)",
        "row 2, column order: is not a whole number (x)",
        "row 2, column kind: is not one of levels, select, choice, text, comments (radio)",
        "row 2, column text: is required ()",
        "row 2, column exclusive_option: is not one of none, na (maybe)",
        "row 3, column exclusive_option: is for questions of the kind select only (na)",
        "row 4, column order: is required ()",
        "row 4, column text: is required ()",
        "row 4, column exclusive_option: is for questions of the kind select only (none)",
        "row 6, column survey,question: doubled key, the same as in row 5 (r,new)",
    ]


def test_the_kind_of_an_answered_question_stays():
    answered("focus", "na")

    assert fault_lines(load("questions", QUESTIONS + "r,focus,1,choice,Text,\n")) == [
        "row 2, column kind: cannot change: the question has answers (choice)",
        "row 2, column exclusive_option: cannot change: the question has answers ()",
    ]
    assert counts(load("questions", QUESTIONS + "r,focus,9,select,Other text,na\n")) == (0, 1, 0, 0)


def test_without_answers_the_kind_of_a_question_may_change():
    assert counts(load("questions", QUESTIONS + "r,focus,1,choice,Text,\n")) == (0, 1, 0, 0)


def test_the_faults_of_an_option():
    rows = [
        "nowhere,,a b,x,,yes",
        "r,nowhere,a,1,Label,",
        "sample,policy,a,1,Label,",
        "r,focus,a,1,Label,",
        "r,focus,b,1,,",
        "r,policy,a,1,Label,",
        "r,policy,a,2,Other,",
    ]

    assert fault_lines(load("question_options", OPTIONS + "\n".join(rows))) == [
        "row 2, column survey: there is no such survey (nowhere)",
        "row 2, column question: is required ()",
        f"row 2, column option: {KEY_REASON} (a b)",
        "row 2, column order: is not a whole number (x)",
        "row 2, column label: is required ()",
        "row 2, column needs_explanation: is not 1, 0 or empty (yes)",
        "row 3, column question: there is no such question in r (nowhere)",
        "row 4, column question: there is no such question in sample (policy)",
        "row 5, column question: is not of the kind choice: only such questions have options (focus)",
        "row 6, column label: is required ()",
        "row 6, column question: is not of the kind choice: only such questions have options (focus)",
        "row 8, column survey,question,option: doubled key, the same as in row 7 (r,policy,a)",
    ]


# Invitations


def test_offices_are_invited_once_with_history():
    assert counts(load("invitations", INVITATIONS + "r,NA\n")) == (1, 0, 0, 0)
    assert counts(load("invitations", INVITATIONS + "r,NO\nr,NA\nsample,SAMPLE01\n")) == (2, 0, 1, 0)

    assert exported("invitations") == [["r", "NA"], ["r", "NO"], ["sample", "SAMPLE01"]]
    assert sorted(Invitation.history.values_list("history_type", "office__code")) == [
        ("+", "NA"),
        ("+", "NO"),
        ("+", "SAMPLE01"),
    ]


def test_the_faults_of_an_invitation():
    rows = ["nowhere,XX", ",", "r,", "r,SAMPLE01", "sample,NA", "r,NA", "r,NA", "sample,SAMPLE01"]

    assert fault_lines(load("invitations", INVITATIONS + "\n".join(rows))) == [
        "row 2, column survey: there is no such survey (nowhere)",
        "row 2, column office: there is no such office (XX)",
        "row 4, column office: is required ()",
        "row 5, column office: is a sample office, and the round is real (SAMPLE01)",
        "row 6, column office: is a real office, and the round is a sample (NA)",
        "row 8, column survey,office: doubled key, the same as in row 7 (r,NA)",
    ]
    assert Invitation.objects.count() == 0


# Filling


def test_filling_rounds_and_questions_replaces_no_value():
    load("questions", QUESTIONS + "r,new,0,select,Ours?,\n")

    outcome = load("questions", QUESTIONS + "r,new,5,select,Theirs?,none\n", mode=Mode.FILL)

    assert counts(outcome) == (0, 1, 0, 0)
    assert exported("questions")[0] == ["r", "new", 0, "select", "Ours?", "none"]
    assert counts(load("surveys", SURVEYS + "r,Other,t,2020-01-01,2020-01-01,1\n", mode=Mode.FILL)) == (0, 0, 1, 0)


def test_filling_leaves_alone_what_went_another_way_than_the_file():
    answered("policy")

    assert counts(load("questions", QUESTIONS + "r,policy,7,levels,Other?,\n", mode=Mode.FILL)) == (0, 0, 1, 0)
    assert counts(load("questions", QUESTIONS + "r,policy,7,select,Other?,na\n", mode=Mode.FILL)) == (0, 0, 1, 0)
    assert Question.objects.get(key="policy").exclusive_option == ""


def test_keys_that_pages_and_tables_use_themselves_are_refused():
    reserved = [["r", "policy", key, 9, "?", 0] for key in ("no_answer", "no_response")]
    assert fault_lines(load("question_options", as_csv("question_options", *reserved))) == [
        "row 2, column option: is a word of the results' own tables; take another key (no_answer)",
        "row 3, column option: is a word of the results' own tables; take another key (no_response)",
    ]
    rounds = [[key, "Title", "s", "2025-05-02", "2025-07-07", 0] for key in ("new", "compare")]
    assert fault_lines(load("surveys", as_csv("surveys", *rounds))) == [
        "row 2, column survey: is the address of the page for new rounds; take another key (new)",
        "row 3, column survey: is the address of the page that compares rounds; take another key (compare)",
    ]


# Cost


@pytest.mark.parametrize(("kind", "queries"), [("questions", 13), ("invitations", 13)])
def test_importing_again_asks_the_database_as_often_for_many_rows_as_for_one(kind, queries, django_assert_num_queries):
    rows = {
        "questions": [["r", f"q{number}", number, "text", "Text", ""] for number in range(30)],
        "invitations": [["r", OfficeFactory().code] for _ in range(30)],
    }[kind]
    load(kind, as_csv(kind, *rows))

    for some in (rows[:1], rows):
        with django_assert_num_queries(queries):
            outcome = load(kind, as_csv(kind, *some))
        assert counts(outcome) == (0, 0, len(some), 0)
