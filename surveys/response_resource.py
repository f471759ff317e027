"""The spreadsheet kind `responses`: one row an answer, whole submitted responses at a time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from import_export.results import RowResult

from offices.models import Office
from portal.spreadsheets.resources import BATCH, Column, Mode, SheetResource
from portal.spreadsheets.tables import Fault, Table
from portal.spreadsheets.widgets import NoSuchChild, NumberWidget, TextWidget
from recommendations.models import Recommendation
from surveys import rules
from surveys.models import Answer, Invitation, Question, QuestionOption, Response, Survey
from surveys.resources import office_column, question_column, sample_fault, survey_column


class Row(NamedTuple):
    """A row without fault, and its place in the file."""

    number: int
    answer: rules.Given
    changed: bool


class RecommendationNumberWidget(NumberWidget):
    """A number in the set of the row's survey; empty for answers that stand at none."""

    parent_column = "survey"

    def __init__(self) -> None:
        super().__init__(lowest=1)
        self.numbers: dict[tuple[str, int], Recommendation] = {}

    def clean(self, value: str, row: Mapping[str, str] | None = None, **kwargs: Any) -> Recommendation | None:
        number = super().clean(value)
        if number is None:
            return None
        try:
            return self.numbers[(row or {})["survey"].strip(), number]
        except KeyError:
            raise NoSuchChild(_("there is no such recommendation in the round's set")) from None

    def render(self, value: Any, obj: Model | None = None, **kwargs: Any) -> str | int:
        return "" if value is None else int(value.number)


type_of_place = tuple[int, int]


class ResponseResource(SheetResource):
    """A file's rows for a round and an office are that office's whole response.

    Where they differ from what was last submitted, they become a new submitted response, and the
    earlier one is superseded, not altered.
    """

    kind = "responses"

    survey = survey_column("response__survey", derived=True)
    office = Column("response__office", column_name="office", widget=office_column().widget, derived=True)
    question = question_column()
    recommendation = Column("recommendation", column_name="recommendation", widget=RecommendationNumberWidget())
    # A blank value is refused by the rules of an answer, not as a blank cell.
    value = Column("value", column_name="value", widget=TextWidget())

    class Meta:
        model = Answer
        fields = ["survey", "office", "question", "recommendation", "value", "comment"]
        import_id_fields = ["survey", "office", "question", "recommendation"]

    def get_queryset(self) -> QuerySet[Answer]:
        answers = Answer.objects.filter(response__state=Response.State.SUBMITTED)
        return answers.select_related("response__survey", "response__office", "question", "recommendation").order_by(
            "response__survey__key",
            "response__office__code",
            "question__order",
            "question__key",
            "recommendation__number",
        )

    # Reading

    def prepare(self, table: Table) -> None:
        surveys: list[Survey] = list(self.fields["survey"].widget.found.values())
        sets = {survey.recommendation_set_id: survey.key for survey in surveys}
        recommendations = Recommendation.objects.filter(recommendation_set__in=sets)
        by_set: dict[int, list[Recommendation]] = defaultdict(list)
        for recommendation in recommendations:
            by_set[recommendation.recommendation_set_id].append(recommendation)
        self.fields["recommendation"].widget.numbers = {
            (survey.key, item.number): item for survey in surveys for item in by_set[survey.recommendation_set_id]
        }
        self.options: dict[int, dict[str, bool]] = defaultdict(dict)
        for option in QuestionOption.objects.filter(question__survey__in=surveys):
            self.options[option.question_id][option.key] = option.needs_explanation
        # Whoever writes a response locks its invitation first: what is read here stays true until the end.
        invitations = Invitation.objects.filter(survey__in=surveys).order_by("pk").select_for_update()
        self.invited = set(invitations.values_list("survey_id", "office_id"))
        self.submitted: dict[type_of_place, Response] = {}
        self.in_hand: set[type_of_place] = set()
        self.versions: dict[type_of_place, int] = defaultdict(int)
        responses = Response.objects.filter(~Q(state=Response.State.SUPERSEDED), survey__in=surveys)
        for response in responses:
            place = (response.survey_id, response.office_id)
            self.versions[place] = max(self.versions[place], response.version)
            if response.state == Response.State.DRAFT:
                self.in_hand.add(place)
            else:
                self.submitted[place] = response
        self.rows: dict[type_of_place, list[Row]] = defaultdict(list)

    def find_existing(self, table: Table) -> Iterable[Model]:
        offices: list[Office] = list(self.fields["office"].widget.found.values())
        responses = [r for r in self.submitted.values() if r.office_id in {office.pk for office in offices}]
        places = {response.pk: (response.survey_id, response.office_id) for response in responses}
        # Plain values: with 10,000 answers, model instances would take most of the time.
        self.before: dict[tuple[int, ...], tuple[str, str]] = {}
        answers = (
            Answer.objects.filter(response__in=responses)
            if len(responses) < BATCH
            else Answer.objects.filter(
                response__state=Response.State.SUBMITTED,
                response__survey__in={r.survey_id for r in responses},
            )
        )
        for response_id, question_id, recommendation_id, value, comment in answers.values_list(
            "response_id", "question_id", "recommendation_id", "value", "comment"
        ).iterator():
            if response_id in places:
                self.before[(*places[response_id], question_id, recommendation_id)] = (value, comment)
        return ()

    def key_from(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        recommendation = values["recommendation"]
        return (
            values["survey"].pk,
            values["office"].pk,
            values["question"].pk,
            recommendation.pk if recommendation else None,
        )

    def check(self, values: Mapping[str, Any], existing: Model | None) -> Iterator[tuple[str, str]]:
        survey, office, question = values.get("survey"), values.get("office"), values.get("question")
        if survey and office:
            if self.stays(survey, office):
                return
            if reason := sample_fault(survey, office):
                yield "office", reason
            elif (survey.pk, office.pk) not in self.invited:
                yield "office", _("is not invited to the round")
        if question and "value" in values:
            said = values.get("recommendation"), values["value"], values.get("comment", "")
            for part, reason in rules.check_answer(question, *said, self.options[question.pk]):
                if part in values:
                    yield part, reason

    def stays(self, survey: Survey, office: Office) -> bool:
        """In FILL mode a response that is there is left alone."""
        return self.mode is Mode.FILL and (survey.pk, office.pk) in self.versions

    def take(self, number: int, values: Mapping[str, Any], existing: Model | None) -> str:
        place = (values["survey"].pk, values["office"].pk)
        if self.stays(values["survey"], values["office"]):
            return str(RowResult.IMPORT_TYPE_SKIP)
        answer = rules.Given(values["question"], values["recommendation"], values["value"], values["comment"])
        before = self.before.pop(self.key_from(values), None)
        unchanged = before == (answer.value, answer.comment)
        self.rows[place].append(Row(number, answer, not unchanged))
        if unchanged:
            return str(RowResult.IMPORT_TYPE_SKIP)
        return str(RowResult.IMPORT_TYPE_UPDATE if before else RowResult.IMPORT_TYPE_NEW)

    # Rules over whole responses

    def check_together(self) -> None:
        # What no row of the file took out of `before` is gone, for the offices that the file is about.
        self.removed: Counter[type_of_place] = Counter(
            (survey_id, office_id)
            for survey_id, office_id, *_rest in self.before
            if (survey_id, office_id) in self.rows
        )
        for place, rows in self.rows.items():
            self.result.faults += self.contradictions(rows)
            changed = [row.number for row in rows if row.changed]
            if place in self.in_hand and (changed or self.removed[place]):
                number = min(changed or [row.number for row in rows])
                reason = _("somebody of the office has the response in hand: submit or discard it there first")
                self.result.faults.append(Fault(number, "office", reason, self.office_code(place)))

    def contradictions(self, rows: list[Row]) -> Iterator[Fault]:
        """The rows of an exclusive option that stand beside recommendations of the same question."""
        of_question: dict[int, list[Row]] = defaultdict(list)
        for row in rows:
            if row.answer.question.kind == Question.Kind.SELECT:
                of_question[row.answer.question.pk].append(row)
        for together in of_question.values():
            if rules.contradicts(row.answer for row in together):
                for row in together:
                    if row.answer.recommendation is None:
                        reason = _("contradicts the recommendations selected in the same question")
                        yield Fault(row.number, "value", reason, row.answer.value)

    def office_code(self, place: type_of_place) -> str:
        offices: dict[str, Office] = self.fields["office"].widget.found
        return next(code for code, office in offices.items() if office.pk == place[1])

    # Writing

    def write(self) -> None:
        self.result.removed = sum(self.removed.values())
        places = [place for place, rows in self.rows.items() if self.removed[place] or any(row.changed for row in rows)]
        superseded = [self.submitted[place].pk for place in places if place in self.submitted]
        for start in range(0, len(superseded), BATCH):
            Response.objects.filter(pk__in=superseded[start : start + BATCH]).update(state=Response.State.SUPERSEDED)
        now = timezone.now()
        responses = Response.objects.bulk_create(
            [
                Response(
                    survey_id=survey_id,
                    office_id=office_id,
                    state=Response.State.SUBMITTED,
                    version=self.versions[survey_id, office_id] + 1,
                    origin=Response.Origin.IMPORT,
                    saved_at=now,
                    saved_by_id=self.by.pk if self.by else None,
                    submitted_at=now,
                )
                for survey_id, office_id in places
            ],
            batch_size=BATCH,
        )
        Answer.objects.bulk_create(
            [
                Answer(
                    response_id=response.pk,
                    question_id=answer.question.pk,
                    recommendation_id=answer.recommendation.pk if answer.recommendation else None,
                    value=answer.value,
                    comment=answer.comment,
                )
                for place, response in zip(places, responses, strict=True)
                for _number, answer, _changed in self.rows[place]
            ],
            batch_size=BATCH,
        )
