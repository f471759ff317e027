"""The spreadsheet kinds of rounds; `responses`, the longest of them, stands in response_resource.py."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from offices.models import Office
from portal.spreadsheets.resources import Column, SheetResource
from portal.spreadsheets.tables import Table
from portal.spreadsheets.widgets import ChildReferenceWidget, KeyWidget, ReferenceWidget, widget_for
from recommendations.models import RecommendationSet
from surveys.models import Answer, Invitation, Question, QuestionOption, Survey


def survey_column(attribute: str = "survey", *, derived: bool = False) -> Column:
    """The column `survey`: a round by its key."""
    return Column(attribute, column_name="survey", widget=ReferenceWidget(Survey, required=True), derived=derived)


def question_column() -> Column:
    """The column `question`, which together with `survey` names a question."""
    widget = ChildReferenceWidget(Question, KeyWidget(required=True), parent="survey", parent_column="survey")
    return Column("question", column_name="question", widget=widget)


def office_column() -> Column:
    return Column("office", column_name="office", widget=ReferenceWidget(Office, "code", required=True))


def sample_fault(survey: Survey, office: Office) -> str:
    """Why this office cannot take part: sample and real data never mix. Empty if it can."""
    if office.is_sample and not survey.is_sample:
        return _("is a sample office, and the round is real")
    if survey.is_sample and not office.is_sample:
        return _("is a real office, and the round is a sample")
    return ""


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
        opens_on, closes_on = values.get("opens_on"), values.get("closes_on")
        if opens_on and closes_on and closes_on < opens_on:
            yield "closes_on", _("is before opens_on")
        if isinstance(existing, Survey):
            if (
                existing.pk in self.answered
                and values.get("set", existing.recommendation_set) != existing.recommendation_set
            ):
                yield "set", _("cannot change: the round has answers on its set")
            if existing.pk in self.invited and values.get("is_sample", existing.is_sample) != existing.is_sample:
                yield "is_sample", _("cannot change: offices are invited to the round")


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
        if values.get("exclusive_option") and values.get("kind", Question.Kind.SELECT) != Question.Kind.SELECT:
            yield "exclusive_option", _("is for questions of the kind select only")
        if isinstance(existing, Question) and existing.pk in self.answered:
            for name in ("kind", "exclusive_option"):
                if values.get(name, getattr(existing, name)) != getattr(existing, name):
                    yield name, _("cannot change: the question has answers")


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
        if "survey" in values and "office" in values and (reason := sample_fault(values["survey"], values["office"])):
            yield "office", reason
