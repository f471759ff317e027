"""The spreadsheet kind `responses`: one row an answer, whole submitted responses at a time."""

from collections import Counter, defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from import_export.results import RowResult

from offices.models import Office, User
from portal.models import ImportRecord
from portal.spreadsheets.changes import KEPT, Changes, RowChange
from portal.spreadsheets.history import UndoRefused, changed_since, obstacle
from portal.spreadsheets.resources import BATCH, Column, Mode, SheetResource
from portal.spreadsheets.tables import Fault, Table
from portal.spreadsheets.widgets import NoSuchChild, NumberWidget, TextWidget
from recommendations.models import Recommendation
from recommendations.resources import check_reports, undo_reports
from surveys import rules
from surveys.actions.statuses import as_at_of_import, report_levels
from surveys.models import Answer, Invitation, Question, QuestionOption, Response, Survey
from surveys.policies import sample_fault
from surveys.resources import office_column, question_column, survey_column


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

    def export_rows(self, queryset: QuerySet[Any] | None = None) -> Generator[list[str | int], None, None]:
        """Values, not objects: ten thousand responses are a quarter of a million rows."""
        answers = self.get_queryset() if queryset is None else queryset
        columns = ("response__survey__key", "response__office__code", "question__key", "recommendation__number")
        rows = answers.select_related(None).values_list(*columns, "value", "comment")
        for survey, office, question, number, value, comment in rows.iterator(2_000):
            yield [survey, office, question, "" if number is None else number, value, comment]

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
        # Drafts that say what an earlier round did, and nothing of the office yet: in nobody's hand.
        self.carried: dict[type_of_place, int] = {}
        self.versions: dict[type_of_place, int] = defaultdict(int)
        responses = Response.objects.filter(survey__in=surveys)
        for response in responses:
            place = (response.survey_id, response.office_id)
            self.versions[place] = max(self.versions[place], response.version)
            if response.state == Response.State.DRAFT and response.origin == Response.Origin.CARRIED:
                self.carried[place] = response.pk
            elif response.state == Response.State.DRAFT:
                self.in_hand.add(place)
            elif response.state == Response.State.SUBMITTED:
                self.submitted[place] = response
        self.rows: dict[type_of_place, list[Row]] = defaultdict(list)
        # What was said to each `select` question: (row number, value), by round, office and question.
        self.selected: dict[tuple[int, int, int], list[tuple[int, str]]] = defaultdict(list)
        self.exclusive: dict[int, str] = {}

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
            if survey and office and question.kind == Question.Kind.SELECT:
                # Also of rows with another fault: what they contradict is told in the same run.
                self.exclusive[question.pk] = question.exclusive_option
                self.selected[survey.pk, office.pk, question.pk].append((self.number, values["value"]))

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
        if not unchanged:
            self.note_answer(number, values, before)
        self.rows[place].append(Row(number, answer, not unchanged))
        if unchanged:
            return str(RowResult.IMPORT_TYPE_SKIP)
        return str(RowResult.IMPORT_TYPE_UPDATE if before else RowResult.IMPORT_TYPE_NEW)

    def note_answer(self, number: int, values: Mapping[str, Any], before: tuple[str, str] | None) -> None:
        if self.changes is not None:
            kept = self.changes.changed if before else self.changes.added
            if len(kept) < KEPT:
                after = self.cells_from(values)
                kept.append(RowChange(number, (*after[:-2], *before) if before else None, after))

    def note_removed(self) -> None:
        """Keep the answers that the file's offices gave before and no longer give."""
        gone = [key for key in self.before if key[:2] in self.rows][:KEPT]
        if self.changes is None or not gone:
            return
        surveys = {survey.pk: survey.key for survey in self.fields["survey"].widget.found.values()}
        offices = {office.pk: office.code for office in self.fields["office"].widget.found.values()}
        questions = dict(Question.objects.filter(survey__in=surveys).values_list("pk", "key"))
        numbers = {item.pk: item.number for item in self.fields["recommendation"].widget.numbers.values()}
        self.changes.removed = [
            RowChange(
                None,
                (
                    surveys[survey],
                    offices[office],
                    questions[question],
                    str(numbers[item]) if item else "",
                    *self.before[survey, office, question, item],
                ),
                None,
            )
            for survey, office, question, item in gone
        ]

    # Rules over whole responses

    def check_together(self) -> None:
        # What no row of the file took out of `before` is gone, for the offices that the file is about.
        self.removed: Counter[type_of_place] = Counter(
            (survey_id, office_id)
            for survey_id, office_id, *_rest in self.before
            if (survey_id, office_id) in self.rows
        )
        self.result.removed = sum(self.removed.values())
        self.note_removed()
        self.result.faults += self.contradictions()
        for place, rows in self.rows.items():
            changed = [row.number for row in rows if row.changed]
            if place in self.in_hand and (changed or self.removed[place]):
                number = min(changed or [row.number for row in rows])
                reason = _("somebody of the office has the response in hand: submit or discard it there first")
                self.result.faults.append(Fault(number, "office", reason, self.office_code(place)))

    def contradictions(self) -> Iterator[Fault]:
        """The rows of an exclusive option that stand beside recommendations of the same question."""
        reason = _("contradicts the recommendations selected in the same question")
        for (_survey, _office, question), rows in self.selected.items():
            exclusive = self.exclusive.get(question)
            alone = [number for number, value in rows if value == exclusive]
            if exclusive and alone and any(value == Answer.SELECTED for _number, value in rows):
                yield from (Fault(number, "value", reason, exclusive) for number in alone)

    def office_code(self, place: type_of_place) -> str:
        offices: dict[str, Office] = self.fields["office"].widget.found
        return next(code for code, office in offices.items() if office.pk == place[1])

    # Writing

    def write(self) -> None:
        places = [place for place, rows in self.rows.items() if self.removed[place] or any(row.changed for row in rows)]
        superseded = [self.submitted[place].pk for place in places if place in self.submitted]
        for start in range(0, len(superseded), BATCH):
            Response.objects.filter(pk__in=superseded[start : start + BATCH]).update(state=Response.State.SUPERSEDED)
        carried = [self.carried[place] for place in places if place in self.carried]
        for start in range(0, len(carried), BATCH):
            Response.objects.filter(pk__in=carried[start : start + BATCH]).update(state=Response.State.DISCARDED)
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
                    imported_in_id=self.record.pk if self.record else None,
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
        self.report(responses)

    def report(self, responses: list[Response]) -> None:
        """The levels of the responses become status reports, a round at a time."""
        surveys: list[Survey] = list(self.fields["survey"].widget.found.values())
        for survey in surveys:
            reports = report_levels(
                [response for response in responses if response.survey_id == survey.pk],
                as_at=as_at_of_import(survey, timezone.localdate()),
                by=self.by if isinstance(self.by, User) else None,
                path=None,
                imported_in=self.record,
            )
            self.result.derived += len(reports)

    # What an import did, and its undoing

    def written(self, record: ImportRecord) -> Changes:
        """The responses as imported; nothing once they are gone."""
        changes = Changes(self.column_names(), self.key_names)
        answers = Answer.objects.filter(response__imported_in=record)
        ordered = answers.select_related("response__survey", "response__office", "question", "recommendation")
        rows = self.export_rows(ordered.order_by("pk")[:KEPT])
        changes.written = [RowChange(None, None, tuple(map(str, row))) for row in rows]
        changes.written_total = answers.count()
        return changes

    def undo(self, record: ImportRecord) -> dict[str, Any]:
        """Remove the imported responses; those that they superseded count again.

        What they said stays in the audit row. Whoever writes a response locks its invitation first.
        """
        imported = Response.objects.filter(imported_in=record)
        place = {"survey": OuterRef("survey"), "office": OuterRef("office")}
        list(Invitation.objects.filter(Exists(imported.filter(**place))).order_by("pk").select_for_update())
        self.check_undo(imported, record)
        said = [list(row) for row in self.export_rows(self.get_queryset().filter(response__imported_in=record))]
        earlier = self.earlier(imported)
        imported.delete()
        Response.objects.bulk_update(earlier, ["state", "version"], batch_size=BATCH)
        return {"restored": len(earlier), "said": said, **undo_reports(record, by=self.by)}

    def check_undo(self, imported: QuerySet[Response], record: ImportRecord) -> None:
        place = {"survey": OuterRef("survey"), "office": OuterRef("office")}
        drafts = Response.objects.filter(Exists(imported.filter(**place)), state=Response.State.DRAFT)
        later = imported.exclude(state=Response.State.SUBMITTED)
        in_hand = _("Somebody of these offices has the response in hand; submit or discard it there first:")
        obstacles = [
            *changed_since(map(str, later.select_related("survey", "office"))),
            *obstacle(in_hand, map(str, drafts.select_related("survey", "office"))),
            *check_reports(record),
        ]
        if obstacles:
            raise UndoRefused(obstacles)

    def earlier(self, imported: QuerySet[Response]) -> list[Response]:
        """The responses that the imported ones superseded, as they count again: one version on."""
        version = {(response.survey_id, response.office_id): response.version for response in imported}
        superseded = Response.objects.filter(
            state=Response.State.SUPERSEDED, survey__in={survey for survey, _office in version}
        )
        latest: dict[type_of_place, Response] = {}
        for response in superseded.order_by("version"):
            place = (response.survey_id, response.office_id)
            if response.version < version.get(place, 0):
                latest[place] = response
        for place, response in latest.items():
            response.state = Response.State.SUBMITTED
            response.version = version[place] + 1
        return list(latest.values())
