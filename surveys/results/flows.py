"""From which answer to which offices moved between two rounds, counted by the database in one query."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, Case, CharField, Exists, F, Max, OuterRef, QuerySet, Value, When

from offices.models import Office
from surveys.models import Answer, Invitation, Question, Response, Survey
from surveys.results.sql import read_with
from surveys.results.tables import NO_ANSWER

# Submitted nothing, whether asked or not.
NO_RESPONSE = "no_response"
ANSWERED, SELECTED, NOT_SELECTED = "answered", "selected", "not_selected"
# The question is answered, but not at this place. It ends up as another state before anybody reads it, and is blank,
# as no answer can be.
ELSEWHERE = ""

# Offices by (state in the earlier round, state in the later one).
type_of_moves = Counter[tuple[str, str]]
# (the earlier round's place in the list, question id, recommendation id or None)
type_of_place = tuple[int, int, int | None]


@dataclass(frozen=True)
class Flows:
    """The moves between each round and the next, as far as offices said something."""

    places: Mapping[type_of_place, type_of_moves]
    questions: Mapping[tuple[int, int], type_of_moves]
    rounds: Mapping[int, type_of_moves]

    def at(self, pair: int, question: Question, item: int | None) -> type_of_moves:
        """All offices invited to one of the two rounds, each once."""
        found = self.places.get((pair, question.pk, item), Counter())
        if question.kind == Question.Kind.SELECT:
            whole = self.overall(pair, question)
            return fill_up(renamed(found, as_selected), whole, {NO_ANSWER, NO_RESPONSE}, NOT_SELECTED)
        return fill_up(renamed(found, as_answer), self.rounds[pair], {NO_RESPONSE}, NO_ANSWER)

    def overall(self, pair: int, question: Question) -> type_of_moves:
        """Whether the offices answered the question at all."""
        found = self.questions.get((pair, question.pk), Counter())
        return fill_up(found, self.rounds[pair], {NO_RESPONSE}, NO_ANSWER)


def renamed(moves: type_of_moves, name: Callable[[str], str]) -> type_of_moves:
    found: type_of_moves = Counter()
    for (earlier, later), count in moves.items():
        found[name(earlier), name(later)] += count
    return found


def as_selected(state: str) -> str:
    """The state of one box of a `select` question."""
    if state in {NO_ANSWER, NO_RESPONSE}:
        return state
    return NOT_SELECTED if state == ELSEWHERE else SELECTED


def as_answer(state: str) -> str:
    """The state of one recommendation, for which answers to others are none."""
    return NO_ANSWER if state == ELSEWHERE else state


def fill_up(found: type_of_moves, whole: type_of_moves, apart: set[str], rest: str) -> type_of_moves:
    """Add the offices of which no row tells, since they said nothing here in either round.

    `whole` counts all offices by the states `apart` and ANSWERED; what of the latter was not found is `rest`.
    """
    left = Counter(whole)
    for (earlier, later), count in found.items():
        left[earlier if earlier in apart else ANSWERED, later if later in apart else ANSWERED] -= count
    moves = Counter(found)
    for (earlier, later), count in left.items():
        moves[rest if earlier == ANSWERED else earlier, rest if later == ANSWERED else later] += count
    return moves


def count_flows(
    rounds: Sequence[Survey], questions: Mapping[int, int], items: Mapping[int, int], offices: QuerySet[Office]
) -> Flows:
    """Count the moves of these offices between each round and the next: one query.

    `questions` and `items` are the ids of what is asked in the rounds, to the id that stands for all
    that are the same.
    """
    places: dict[type_of_place, type_of_moves] = defaultdict(Counter)
    of_questions: dict[tuple[int, int], type_of_moves] = defaultdict(Counter)
    of_rounds: dict[int, type_of_moves] = {pair: Counter() for pair in range(len(rounds) - 1)}
    parts = {"office": with_rounds(offices, rounds), "given": said(rounds, questions, items)}
    highest = ", ".join(f"MAX(said{place}) AS any{place}" for place in range(len(rounds)))
    overall = f"SELECT office, asked, {highest} FROM given GROUP BY office, asked"  # noqa: S608 - names only
    for scope, pair, question, item, earlier, later, count in read_with(
        parts, moves_in_sql(len(rounds)), further={"overall": overall}
    ):
        if scope == "place":
            places[pair, question, item][earlier, later] += count
        elif scope == "question":
            of_questions[pair, question][earlier, later] += count
        else:
            of_rounds[pair][earlier, later] += count
    return Flows(places, of_questions, of_rounds)


def with_rounds(offices: QuerySet[Office], rounds: Sequence[Survey]) -> QuerySet[Office, Any]:
    """Each office with whether it was `invited` to each round, and whether it `came`."""
    columns: dict[str, Any] = {}
    for place, survey in enumerate(rounds):
        own = {"survey": survey, "office": OuterRef("pk")}
        columns[f"invited{place}"] = Exists(Invitation.objects.filter(**own))
        columns[f"came{place}"] = Exists(Response.objects.submitted().filter(**own))
    rows: QuerySet[Office, Any] = offices.order_by().annotate(**columns).values("id", *columns)
    return rows


def said(rounds: Sequence[Survey], questions: Mapping[int, int], items: Mapping[int, int]) -> QuerySet[Answer, Any]:
    """A row for each office, question and recommendation, with what was said there in each round."""
    code = Case(
        When(question__kind__in=Question.FREE_TEXT, then=Value(ANSWERED)), default=F("value"), output_field=CharField()
    )
    in_rounds = {
        f"said{place}": Max(Case(When(response__survey=survey, then=code))) for place, survey in enumerate(rounds)
    }
    answers = Answer.objects.filter(
        response__state=Response.State.SUBMITTED, response__survey__in=rounds, question__in=questions
    )
    named = answers.order_by().annotate(
        office=F("response__office_id"),
        asked=standing_for("question", questions),
        item=standing_for("recommendation", items),
    )
    return named.values("office", "asked", "item").annotate(**in_rounds)


def standing_for(name: str, same: Mapping[int, int]) -> Case:
    """The id that stands for all that are the same."""
    others = [When(**{name: pk}, then=Value(stands)) for pk, stands in same.items() if pk != stands]
    return Case(*others, default=F(f"{name}_id"), output_field=BigIntegerField())


# A row of `office` for each office, of `given` for what it said at one place; `overall` has what it said at all.
MOVES = """
    SELECT 'place', {earlier}, given.asked, given.item,
           COALESCE(said{earlier}, CASE WHEN NOT came{earlier} THEN '{absent}'
                                        WHEN any{earlier} IS NULL THEN '{none}' ELSE '{elsewhere}' END),
           COALESCE(said{later}, CASE WHEN NOT came{later} THEN '{absent}'
                                      WHEN any{later} IS NULL THEN '{none}' ELSE '{elsewhere}' END),
           COUNT(*)
    FROM given JOIN office ON office.id = given.office
    JOIN overall ON overall.office = given.office AND overall.asked = given.asked
    WHERE came{earlier} OR came{later} GROUP BY 3, 4, 5, 6
    UNION ALL
    SELECT 'question', {earlier}, overall.asked, 0,
           CASE WHEN NOT came{earlier} THEN '{absent}' WHEN any{earlier} IS NULL THEN '{none}' ELSE '{answered}' END,
           CASE WHEN NOT came{later} THEN '{absent}' WHEN any{later} IS NULL THEN '{none}' ELSE '{answered}' END,
           COUNT(*)
    FROM overall JOIN office ON office.id = overall.office
    WHERE came{earlier} OR came{later} GROUP BY 3, 5, 6
    UNION ALL
    SELECT 'round', {earlier}, 0, 0,
           CASE WHEN came{earlier} THEN '{answered}' ELSE '{absent}' END,
           CASE WHEN came{later} THEN '{answered}' ELSE '{absent}' END,
           COUNT(*)
    FROM office WHERE invited{earlier} OR invited{later} OR came{earlier} OR came{later} GROUP BY 5, 6
"""


def moves_in_sql(rounds: int) -> str:
    codes = {"none": NO_ANSWER, "absent": NO_RESPONSE, "elsewhere": ELSEWHERE, "answered": ANSWERED}
    return " UNION ALL ".join(MOVES.format(earlier=place, later=place + 1, **codes) for place in range(rounds - 1))
