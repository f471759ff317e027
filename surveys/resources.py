"""The spreadsheet kinds of rounds; `responses`, the longest of them, stands in response_resource.py."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from offices.models import Office
from portal.spreadsheets.resources import Column, SheetResource
from portal.spreadsheets.tables import Table
from portal.spreadsheets.widgets import ChildReferenceWidget, KeyWidget, ReferenceWidget, widget_for
from recommendations.models import RecommendationSet
from surveys import policies
from surveys.models import Answer, Invitation, Question, QuestionOption, Response, Survey


def survey_column(attribute: str = "survey", *, derived: bool = False) -> Column:
    """The column `survey`: a round by its key."""
    return Column(attribute, column_name="survey", widget=ReferenceWidget(Survey, required=True), derived=derived)


def question_column() -> Column:
    """The column `question`, which together with `survey` names a question."""
    widget = ChildReferenceWidget(Question, KeyWidget(required=True), parent="survey", parent_column="survey")
    return Column("question", column_name="question", widget=widget)


def office_column() -> Column:
    return Column("office", column_name="office", widget=ReferenceWidget(Office, "code", required=True))


class SurveyResource(SheetResource):
    kind = "surveys"

    survey = Column("key", column_name="survey", widget=widget_for(Survey._meta.get_field("key")))
    set = Column("recommendation_set", column_name="set", widget=ReferenceWidget(RecommendationSet, required=True))

    class Meta:
        model = Survey
        fields = ["survey", "title", "set", "opens_on", "closes_on", "is_sample"]
        import_id_fields = ["survey"]

    def get_queryset(self) -> QuerySet[Survey]:
        return Survey.objects.select_related("recommendation_set").order_by("key")

    def prepare(self, table: Table) -> None:
        self.answered = set(Answer.objects.values_list("response__survey_id", flat=True).distinct())
        self.invited = set(Invitation.objects.values_list("survey_id", flat=True).distinct())

    def check(self, values: Mapping[str, Any], existing: Model | None) -> Iterator[tuple[str, str]]:
        survey = existing if isinstance(existing, Survey) else None
        columns = {column.attribute: name for name, column in self.fields.items()}
        by_field = {self.fields[name].attribute: value for name, value in values.items()}
        for field, reason in policies.round_faults(
            by_field,
            survey,
            answered=survey is not None and survey.pk in self.answered,
            invited=survey is not None and survey.pk in self.invited,
        ):
            yield columns[field], reason


class QuestionResource(SheetResource):
    kind = "questions"

    survey = survey_column()
    question = Column("key", column_name="question", widget=widget_for(Question._meta.get_field("key")))

    class Meta:
        model = Question
        fields = ["survey", "question", "order", "kind", "text", "exclusive_option"]
        import_id_fields = ["survey", "question"]

    def get_queryset(self) -> QuerySet[Question]:
        return Question.objects.select_related("survey")

    def prepare(self, table: Table) -> None:
        self.answered = set(Answer.objects.values_list("question_id", flat=True).distinct())

    def check(self, values: Mapping[str, Any], existing: Model | None) -> Iterator[tuple[str, str]]:
        question = existing if isinstance(existing, Question) else None
        answered = question is not None and question.pk in self.answered
        yield from policies.question_faults(values, question, answered=answered)


class QuestionOptionResource(SheetResource):
    kind = "question_options"

    survey = survey_column("question__survey", derived=True)
    question = question_column()
    option = Column("key", column_name="option", widget=widget_for(QuestionOption._meta.get_field("key")))

    class Meta:
        model = QuestionOption
        fields = ["survey", "question", "option", "order", "label", "needs_explanation"]
        import_id_fields = ["survey", "question", "option"]

    def get_queryset(self) -> QuerySet[QuestionOption]:
        return QuestionOption.objects.select_related("question__survey")

    def check(self, values: Mapping[str, Any], existing: Model | None) -> Iterator[tuple[str, str]]:
        if "question" in values and values["question"].kind != Question.Kind.CHOICE:
            yield "question", _("is not of the kind choice: only such questions have options")
        if reason := policies.option_fault(values.get("option", "")):
            yield "option", reason

    def resting_on(self, added: QuerySet[QuestionOption]) -> Iterator[QuerySet[Any]]:
        """An option that somebody chose stays."""
        chosen = added.filter(question=OuterRef("question"), key=OuterRef("value"))
        yield Answer.objects.filter(Exists(chosen)).select_related("response__survey", "response__office")


class InvitationResource(SheetResource):
    kind = "invitations"

    survey = survey_column()
    office = office_column()

    class Meta:
        model = Invitation
        fields = ["survey", "office"]
        import_id_fields = ["survey", "office"]

    def get_queryset(self) -> QuerySet[Invitation]:
        return Invitation.objects.select_related("survey", "office")

    def check(self, values: Mapping[str, Any], existing: Model | None) -> Iterator[tuple[str, str]]:
        if "survey" in values and "office" in values:
            reason = policies.sample_fault(values["survey"], values["office"])
            if reason:
                yield "office", reason

    def resting_on(self, added: QuerySet[Invitation]) -> Iterator[QuerySet[Any]]:
        """An office that has said something stays invited."""
        place = {"survey": OuterRef("survey"), "office": OuterRef("office")}
        yield Response.objects.filter(Exists(added.filter(**place))).select_related("survey", "office")


class InvitationTermsResource(SheetResource):
    """An office's own terms in a round; whom to invite is said by `invitations`."""

    kind = "invitation_terms"

    survey = survey_column()
    office = office_column()

    class Meta:
        model = Invitation
        fields = ["survey", "office", "closes_on", "declined_on", "note"]
        import_id_fields = ["survey", "office"]

    def get_queryset(self) -> QuerySet[Invitation]:
        invitations = Invitation.objects.select_related("survey", "office")
        return invitations.filter(Q(closes_on__isnull=False) | Q(declined_on__isnull=False) | ~Q(note=""))

    def check(self, values: Mapping[str, Any], existing: Model | None) -> Iterator[tuple[str, str]]:
        if "survey" not in values:
            return
        if "office" in values and existing is None:
            yield "office", _("is not invited to the round")
        yield from policies.terms_faults(values.get("closes_on"), values["survey"])
