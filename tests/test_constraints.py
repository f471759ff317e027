"""Every named constraint of the database refuses what it is there for, and only that."""

import datetime
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import factory
import pytest
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import UniqueConstraint
from django.utils import timezone

from recommendations.models import RecommendationSet
from tests.factories import assistance, jiu, notices, offices, publications, recommendations, surveys

pytestmark = pytest.mark.django_db


class Case(NamedTuple):
    """A row that the constraint refuses, and one most like it that it lets pass.

    `make` gets what `surroundings` returned, and `bad` or `good`.
    """

    make: Callable
    bad: object
    good: object
    surroundings: Callable = lambda: None


DAY = datetime.date(2025, 5, 2)


def once(make_first, field, other, **first):
    """A case of uniqueness: a second row like the first, or one whose `field` is `other` instead."""

    def make(existing, value):
        copy = {f.name: getattr(existing, f.name) for f in existing._meta.concrete_fields if not f.primary_key}
        if "token" in copy:
            copy["token"] = uuid.uuid4()
        if value is not ...:
            copy[field] = value() if callable(value) else value
        type(existing)(**copy).save(force_insert=True)

    return Case(make, ..., other, lambda: make_first(**first))


def field_case(make, bad, good):
    return Case(lambda _nothing, fields: make(**fields), bad, good)


def succeed_itself(item, key):
    item.supersedes = RecommendationSet.objects.get(key=key)
    item.save()


def two_sets():
    recommendations.RecommendationSetFactory(key="other")
    return recommendations.RecommendationSetFactory(key="itself")


def response_in(state):
    return {"state": state, "submitted_at": None if state == "draft" else timezone.now()}


CASES = {
    # offices
    "office_kind_known": field_case(offices.OfficeFactory, {"kind": "local"}, {"kind": "regional"}),
    "office_region_known": field_case(offices.OfficeFactory, {"region": "arctic"}, {"region": ""}),
    "officegroup_kind_known": field_case(offices.OfficeGroupFactory, {"kind": "club"}, {"kind": "other"}),
    "groupmember_once": once(offices.GroupMemberFactory, "office", offices.OfficeFactory),
    "user_role_known": field_case(offices.UserFactory, {"role": "king"}, {"role": "auditor"}),
    "membership_once": once(offices.MembershipFactory, "office", offices.OfficeFactory),
    "membership_role_known": field_case(offices.MembershipFactory, {"role": "king"}, {"role": "coordinator"}),
    "personinvitation_one_role": field_case(
        offices.PersonInvitationFactory, {"portal_role": ""}, {"portal_role": "", "office_role": "viewer"}
    ),
    # recommendations
    "set_stage_known": field_case(recommendations.RecommendationSetFactory, {"stage": ""}, {"stage": "draft"}),
    "set_not_its_own_successor": Case(succeed_itself, "itself", "other", two_sets),
    "setevent_once": once(recommendations.SetEventFactory, "label", "Another"),
    "recommendation_number_once": once(recommendations.RecommendationFactory, "number", 2),
    "recommendation_addressee_known": field_case(
        recommendations.RecommendationFactory, {"addressee": "XX"}, {"addressee": "LB"}
    ),
    "recommendation_number_from_1": field_case(recommendations.RecommendationFactory, {"number": 0}, {"number": 1}),
    "recommendedaction_order_once": once(recommendations.RecommendedActionFactory, "order", 2),
    "statusreport_revision_once": once(recommendations.StatusReportFactory, "revision", 2),
    "statusreport_acceptance_known": field_case(
        recommendations.StatusReportFactory, {"acceptance": "yes"}, {"acceptance": "not_relevant"}
    ),
    "statusreport_implementation_known": field_case(
        recommendations.StatusReportFactory, {"implementation": "done"}, {"implementation": "not_started"}
    ),
    "setdocument_once": once(recommendations.SetDocumentFactory, "title", "Another"),
    # jiu
    "review_once": once(jiu.ReviewFactory, "title", "Another"),
    "review_stage_known": field_case(jiu.ReviewFactory, {"stage": "done"}, {"stage": "completed"}),
    "questionnaire_once": once(jiu.QuestionnaireFactory, "title", "Another"),
    "endorsement_once": once(jiu.EndorsementFactory, "decided_on", DAY),
    "endorsement_decision_known": field_case(jiu.EndorsementFactory, {"decision": "noted"}, {"decision": "refused"}),
    "update_once": once(jiu.UpdateFactory, "recommendation", recommendations.RecommendationFactory),
    "update_state_known": field_case(jiu.UpdateFactory, {"state": "open"}, {"state": "sent_back"}),
    "update_acceptance_known": field_case(jiu.UpdateFactory, {"acceptance": "yes"}, {"acceptance": "accepted"}),
    "update_implementation_known": field_case(
        jiu.UpdateFactory, {"implementation": "done"}, {"implementation": "planned"}
    ),
    "updatestep_kind_known": field_case(jiu.UpdateStepFactory, {"kind": "seen"}, {"kind": "answered"}),
    "reportsentence_once": once(jiu.ReportSentenceFactory, "name", "another"),
    # assistance
    "programme_number_from_1": field_case(assistance.ProgrammeFactory, {"number": 0}, {"number": 1}),
    "requeststep_once": once(assistance.RequestStepFactory, "status", "agreed"),
    "requeststep_status_known": field_case(
        assistance.RequestStepFactory, {"status": "done"}, {"status": "under_discussion"}
    ),
    "activity_once": once(assistance.ActivityFactory, "kind", "mission"),
    # publications
    "claim_once": once(publications.ClaimFactory, "subject", "EH"),
    "publication_once": once(publications.PublicationFactory, "version", 2),
    "publication_kind_known": field_case(
        publications.PublicationFactory, {"kind": "news"}, {"kind": "progress_report"}
    ),
    "commentdecision_once": once(publications.CommentDecisionFactory, "digest", "1" * 64),
    "commentdecision_once_per_recommendation": once(
        publications.DecisionAtRecommendationFactory, "recommendation", recommendations.RecommendationFactory
    ),
    # notices
    "reminder_once": once(notices.ReminderFactory, "kind", "closing"),
    "reminder_kind_known": field_case(notices.ReminderFactory, {"kind": "birthday"}, {"kind": "overdue"}),
    "reminder_sent_has_a_time": field_case(
        notices.ReminderFactory, {"state": "sent"}, {"state": "sent", "sent_at": timezone.now()}
    ),
    # surveys
    "survey_closes_after_opening": field_case(
        surveys.SurveyFactory,
        {"opens_on": DAY, "closes_on": DAY - datetime.timedelta(days=1)},
        {"opens_on": DAY, "closes_on": DAY},
    ),
    "question_key_once": once(surveys.QuestionFactory, "key", "another"),
    "question_kind_known": field_case(surveys.QuestionFactory, {"kind": "radio"}, {"kind": "comments"}),
    "question_exclusive_option_of_select": field_case(
        surveys.QuestionFactory,
        {"kind": "choice", "exclusive_option": "na"},
        {"kind": "select", "exclusive_option": "na"},
    ),
    "questionoption_key_once": once(surveys.QuestionOptionFactory, "key", "another"),
    "invitation_once": once(surveys.InvitationFactory, "office", offices.OfficeFactory),
    "response_one_draft": once(surveys.ResponseFactory, "office", offices.OfficeFactory),
    "response_one_submitted": once(surveys.ResponseFactory, "state", "superseded", **response_in("submitted")),
    "response_submitted_has_a_time": field_case(
        surveys.ResponseFactory, {"state": "submitted", "submitted_at": None}, response_in("submitted")
    ),
    "section_once": once(surveys.SectionFactory, "question", surveys.QuestionFactory),
    "answer_once_per_recommendation": once(
        surveys.AnswerFactory,
        "recommendation",
        recommendations.RecommendationFactory,
        recommendation=factory.SubFactory(recommendations.RecommendationFactory),
    ),
    "answer_once": once(surveys.AnswerFactory, "question", surveys.QuestionFactory),
    "answer_has_a_value": field_case(surveys.AnswerFactory, {"value": ""}, {"value": " "}),
}


def named_constraints():
    """All constraints of the project's own models, by name."""
    own = [config for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR]
    return {
        constraint.name: constraint
        for config in own
        for model in config.get_models()
        for constraint in model._meta.constraints
    }


def test_every_constraint_has_a_case_here():
    assert sorted(CASES) == sorted(named_constraints())


@pytest.mark.parametrize("name", CASES)
def test_the_constraint_refuses_what_breaks_it(name):
    case = CASES[name]
    surroundings = case.surroundings()

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        case.make(surroundings, case.bad)

    if isinstance(named_constraints()[name], UniqueConstraint) and connection.vendor == "sqlite":
        # SQLite names the columns instead.
        assert str(refused.value).startswith("UNIQUE constraint failed: ")
    else:
        assert name in str(refused.value)


@pytest.mark.parametrize("name", CASES)
def test_the_constraint_lets_the_next_best_row_pass(name):
    case = CASES[name]

    case.make(case.surroundings(), case.good)
