"""Rounds: those that have opened are known to all who sign in, earlier to those invited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.matrix import objects
from tests.matrix.cells import (
    COORDINATORS,
    DENIED,
    ELSEWHERE,
    FILLERS,
    GONE,
    MEMBERS,
    NEAR,
    NOT_FOUND,
    OK,
    OWN,
    READERS,
    REAL,
    REFUSED,
    SECRETARIAT,
    SIGNED_IN,
    Form,
    Policy,
    type_of_row,
)
from tests.matrix.table.rows import (
    FOR_SIGNED_IN,
    LED_ON,
    STATUS_REPORTS,
    by_secretariat,
    day,
    models,
    only,
    page,
    read_by_office,
    rows,
)

# Rounds: those that have opened are known to all who sign in, earlier to those invited

ROUND_READ = rows((READERS, REAL, OK), (SIGNED_IN, NEAR, OK))
FOLLOWED = rows((READERS, REAL, OK), (SIGNED_IN, NEAR, DENIED))
MANAGED = rows((SECRETARIAT, REAL, OK), (SIGNED_IN, NEAR, DENIED), (READERS, REAL, DENIED))


def managed(answer: Any) -> Sequence[type_of_row]:
    return rows((SECRETARIAT, REAL, answer), (SIGNED_IN, NEAR, DENIED), (READERS, REAL, DENIED))


QUESTIONS = models("surveys.Question", "surveys.QuestionOption")
ANSWERS = models("surveys.Response", "surveys.Section", "surveys.Answer")
OPENED = models("surveys.Invitation")
# The invitation is looked for after the round, and after who asks.
TERMS = rows((SECRETARIAT, REAL, OK), (SECRETARIAT, GONE, NOT_FOUND), *FOLLOWED[2:], (READERS, REAL, DENIED))
RESPOND_GET = rows((READERS, REAL - {"crossed"}, OK), (READERS, {"crossed"}, DENIED), (MEMBERS, OWN, OK))


def answered(by: frozenset[str], answer: Any = ELSEWHERE) -> Sequence[type_of_row]:
    """Made by some of the office, and by the secretariat on its behalf; not where the office is not invited."""
    crossed = frozenset({"crossed"})
    return rows(
        (SECRETARIAT, REAL - crossed, answer), (READERS, REAL, DENIED), (by, OWN, answer), (MEMBERS, OWN, DENIED)
    )


EXTENSION = by_secretariat(
    "surveys:manage_invitations", **{"extend-groups": "both", "extend-closes_on": lambda world: day(40)}
)
CROSSED = "?rows=choice&columns=text"
ROUNDS: Mapping[str, Policy] = {
    "surveys:list": page(FOR_SIGNED_IN),
    "surveys:create": Policy(
        get=only(SECRETARIAT),
        post=only(SECRETARIAT, ELSEWHERE),
        form=by_secretariat(
            key="brand-new",
            title="A round",
            opens_on=lambda world: day(1),
            closes_on=lambda world: day(9),
            recommendation_set=lambda world: str(world.set.pk),
        ),
        writes=models("surveys.Survey", "surveys.Question", "surveys.QuestionOption", "surveys.Invitation"),
    ),
    **{
        f"surveys:compare{suffix}": page(only(READERS), query="?rounds=open&rounds=past")
        for suffix in ("", "_json", "_csv", "_xlsx")
    },
    "surveys:detail": page(ROUND_READ, objects.round_of),
    "surveys:manage": page(FOLLOWED, objects.round_of),
    "surveys:manage_texts": page(FOLLOWED, objects.round_of),
    "surveys:manage_preview": page(FOLLOWED, objects.round_of),
    "surveys:manage_questions": page(FOLLOWED, objects.round_of),
    "surveys:manage_invitations": page(FOLLOWED, objects.round_of),
    "surveys:manage_edit": Policy(
        get=MANAGED,
        post=managed(ELSEWHERE),
        objects=objects.round_of,
        form=by_secretariat(title="Another title"),
        writes=models("surveys.Survey"),
    ),
    "surveys:manage_close": Policy(
        get=LED_ON,
        post=managed((ELSEWHERE, REFUSED)),
        objects=objects.round_of,
        form=by_secretariat("surveys:manage_edit", when="today"),
        writes=models("surveys.Survey", "surveys.Invitation"),
    ),
    "surveys:manage_reopen": Policy(
        get=LED_ON,
        post=managed((ELSEWHERE, REFUSED)),
        objects=objects.round_of,
        form=by_secretariat("surveys:manage_edit", day=lambda world: day(30)),
        writes=models("surveys.Survey", "surveys.Invitation"),
    ),
    "surveys:add_question": Policy(
        get=MANAGED,
        post=managed((ELSEWHERE, REFUSED)),
        objects=objects.round_of,
        form=by_secretariat(key="brand-new", kind="text", text="Why?"),
        writes=QUESTIONS,
    ),
    "surveys:edit_question": Policy(
        get=MANAGED,
        post=managed((ELSEWHERE, REFUSED)),
        objects=objects.question_of("text"),
        form=by_secretariat(text="Why?"),
        writes=QUESTIONS,
    ),
    "surveys:remove_question": Policy(
        get=LED_ON, post=managed(ELSEWHERE), objects=objects.question_of("text"), form=Form(), writes=QUESTIONS
    ),
    "surveys:place_question": Policy(
        get=LED_ON,
        post=managed(ELSEWHERE),
        objects=objects.question_of("text"),
        form=by_secretariat("surveys:manage_questions", place="1"),
        writes=QUESTIONS,
    ),
    "surveys:manage_invite": Policy(
        get=LED_ON,
        post=managed((ELSEWHERE, REFUSED)),
        objects=objects.round_of,
        form=by_secretariat("surveys:manage_invitations", groups="both"),
        writes=OPENED,
    ),
    "surveys:manage_extend": Policy(
        get=LED_ON,
        post=managed((ELSEWHERE, REFUSED)),
        objects=objects.round_of,
        form=EXTENSION,
        writes=OPENED,
    ),
    "surveys:manage_carry_over": Policy(
        get=LED_ON,
        post=managed((ELSEWHERE, REFUSED)),
        objects=objects.round_of,
        form=by_secretariat("surveys:manage_invitations", **{"carry-source": "past"}),
        writes=ANSWERS,
    ),
    "surveys:manage_terms": Policy(
        get=TERMS,
        post=[(who, what, ELSEWHERE if answer == OK else answer) for who, what, answer in TERMS],
        objects=objects.invitation_of,
        form=by_secretariat(note="Later"),
        writes=OPENED,
    ),
    "surveys:manage_withdraw": Policy(
        get=LED_ON, post=managed(ELSEWHERE), objects=objects.invitation_of, form=Form(), writes=OPENED
    ),
    "surveys:respond": Policy(
        get=RESPOND_GET,
        post=answered(FILLERS),
        objects=objects.place_of,
        form=Form(extra={"q.text": "Otherwise"}),
        writes=ANSWERS,
        notes=OPENED,
        noted_for=MEMBERS,
    ),
    "surveys:review": Policy(
        get=read_by_office(),
        post=answered(COORDINATORS),
        objects=objects.place_of,
        form=Form(),
        writes=ANSWERS | STATUS_REPORTS,
    ),
    "surveys:receipt": page(
        rows((READERS, {"crossed"}, ELSEWHERE), (READERS, REAL, OK), (MEMBERS, OWN, OK)), objects.place_of
    ),
    "surveys:discard": Policy(
        get=rows((READERS, REAL, ELSEWHERE), (MEMBERS, OWN, ELSEWHERE)),
        post=answered(COORDINATORS),
        objects=objects.place_of,
        form=Form(page="surveys:review"),
        writes=ANSWERS,
    ),
    "surveys:questionnaire_xlsx": page(RESPOND_GET, objects.place_of, notes=OPENED, noted_for=MEMBERS),
    "surveys:upload": Policy(
        get=answered(FILLERS, OK),
        post=answered(FILLERS, (ELSEWHERE, 422)),
        objects=objects.place_of,
        form=Form(),
    ),
    **{f"surveys:results{suffix}": page(FOLLOWED, objects.round_of) for suffix in ("", "_json", "_csv", "_xlsx")},
    **{
        f"surveys:cross{suffix}": page(FOLLOWED, objects.round_of, query=CROSSED)
        for suffix in ("", "_json", "_csv", "_xlsx")
    },
}
