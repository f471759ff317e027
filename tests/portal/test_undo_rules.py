"""An undo may not do to answers what an import may not."""

import pytest

from portal.models import AuditEntry, ImportRecord
from portal.spreadsheets.history import UndoRefused
from portal.spreadsheets.undoing import undo_import
from surveys.models import Invitation, Question, QuestionOption, Survey
from tests.factories.offices import OfficeFactory
from tests.factories.portal import counts, load
from tests.factories.surveys import AnswerFactory, InvitationFactory, ResponseFactory

pytestmark = pytest.mark.django_db


def undo() -> ImportRecord:
    return undo_import(record=ImportRecord.objects.latest("imported_at"), by=None, path=AuditEntry.Path.ADMIN)


def answer(tiny_round, office, kind: str, value: str) -> None:
    response = ResponseFactory(survey=tiny_round.survey, office=office, submitted=True)
    AnswerFactory(response=response, question=tiny_round.by_kind[kind], value=value)


def test_a_round_with_invited_offices_does_not_turn_real_again(tiny_round):
    Invitation.objects.all().delete()
    survey = tiny_round.survey
    head = "survey,title,set,opens_on,closes_on,is_sample\n"
    row = f"tiny,{survey.title},{survey.recommendation_set.key},{survey.opens_on},{survey.closes_on}"
    assert counts(load("surveys", f"{head}{row},1\n")) == (0, 1, 0, 0)
    InvitationFactory(survey=survey, office=OfficeFactory(is_sample=True))
    with pytest.raises(UndoRefused, match="The rules refuse"):
        undo()
    assert Survey.objects.get(key="tiny").is_sample


def test_an_answered_question_does_not_change_its_kind_back(tiny_round, office):
    question = tiny_round.by_kind["comments"]
    head = "survey,question,order,kind,text,exclusive_option\n"
    row = f"tiny,{question.key},{question.order},text,{question.text},"
    assert counts(load("questions", f"{head}{row}\n")) == (0, 1, 0, 0)
    answer(tiny_round, office, "comments", "said")
    with pytest.raises(UndoRefused, match="The rules refuse"):
        undo()
    assert Question.objects.get(pk=question.pk).kind == "text"


def test_an_option_that_somebody_chose_stays(tiny_round, office):
    head = "survey,question,option,order,label,needs_explanation\n"
    load("question_options", f"{head}tiny,policy,later,9,Later,0\n")
    answer(tiny_round, office, "choice", "later")
    with pytest.raises(UndoRefused, match="rest"):
        undo()
    assert QuestionOption.objects.filter(key="later").exists()


def test_the_first_opening_of_a_form_is_nothing_that_an_import_wrote(tiny_round, office):
    load("invitation_terms", "survey,office,closes_on,declined_on,note\ntiny,AU,2099-01-01,,\n")
    opened = tiny_round.survey.opens_on
    Invitation.objects.filter(office=office).update(opened_at=f"{opened}T08:00:00Z")
    undo()
    invitation = Invitation.objects.get(office=office)
    assert (invitation.closes_on, invitation.opened_at is None) == (None, False)
