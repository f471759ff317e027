import pytest
from django.db.models import Count

from offices.models import Office
from portal.models import AuditEntry
from portal.spreadsheets.resources import Mode
from surveys.models import Answer, Invitation, Response
from surveys.results import compute_results
from tests.factories.offices import OfficeFactory
from tests.factories.portal import (
    EXPORTS,
    counts,
    csv_bytes,
    exported,
    fault_lines,
    load,
    openpyxl_text_bytes,
    protected_csv_bytes,
)
from tests.factories.rounds import invent_round
from tests.factories.surveys import AnswerFactory, InvitationFactory, ResponseFactory, make_tiny_round

pytestmark = pytest.mark.django_db

HEADER = "survey,office,question,recommendation,value,comment\n"
LEVEL_CODES = "implemented, in_progress, planned, under_consideration, not_planned"
NA = ["NA,progress,1,planned,", "NA,progress,2,in_progress,soon", "NA,focus,,none,", "NA,proposals,,Said.,"]
NO = ["NO,focus,1,yes,", "NO,focus,3,yes,", "NO,policy,,no,"]


def file_of(*rows, survey="tiny"):
    return HEADER + "\n".join(f"{survey},{row}" for row in rows)


@pytest.fixture(autouse=True)
def tiny(db):
    """A round of 2025, long closed; Namibia, Norway and Sweden are invited."""
    return make_tiny_round(*(OfficeFactory(code=code) for code in ("NA", "NO", "SE")))


def response_of(code, state=Response.State.SUBMITTED, survey="tiny"):
    return Response.objects.get(survey__key=survey, office__code=code, state=state)


def in_hand(tiny, code, value="In hand."):
    response = ResponseFactory(survey=tiny.survey, office=Office.objects.get(code=code), version=7)
    AnswerFactory(response=response, question=tiny.by_kind["text"], value=value)
    return response


# Whole responses


def test_the_rows_of_an_office_become_its_submitted_response(secretariat):
    assert counts(load("responses", file_of(*NA, *NO), by=secretariat)) == (7, 0, 0, 0)

    response = response_of("NA")
    assert (response.version, response.origin, response.saved_by) == (1, "import", secretariat)
    assert response.submitted_at == response.saved_at
    assert list(response.answers.values_list("question__key", "recommendation__number", "value", "comment")) == [
        ("progress", 1, "planned", ""),
        ("progress", 2, "in_progress", "soon"),
        ("focus", None, "none", ""),
        ("proposals", None, "Said.", ""),
    ]
    assert Response.objects.count() == 2


def test_the_same_responses_again_change_nothing():
    load("responses", file_of(*NA, *NO))
    before = list(Response.objects.values()), list(Answer.objects.values())

    assert counts(load("responses", file_of(*reversed(NA), *NO))) == (0, 0, 7, 0)

    assert (list(Response.objects.values()), list(Answer.objects.values())) == before
    assert AuditEntry.objects.count() == 1


def test_a_file_replaces_a_response_as_a_whole():
    load("responses", file_of(*NA, *NO))
    earlier, other = response_of("NA"), response_of("NO")
    said = list(earlier.answers.values())

    outcome = load(
        "responses",
        file_of("NA,progress,1,implemented,", "NA,progress,2,in_progress,", "NA,focus,,none,", "NA,policy,,yes,"),
    )

    assert counts(outcome) == (1, 2, 1, 1)
    earlier.refresh_from_db()
    assert (earlier.state, list(earlier.answers.values())) == ("superseded", said)
    assert (response_of("NA").version, response_of("NA").answers.count()) == (2, 4)
    assert response_of("NO") == other
    assert AuditEntry.objects.latest("pk").details["removed"] == 1


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (NA[:3], (0, 0, 3, 1)),
        ([*NA, "NA,experience,3,More.,"], (1, 0, 4, 0)),
        ([*NA[:3], "NA,proposals,,Said.,and why"], (0, 1, 3, 0)),
        ([*NA[:2], "NA,focus,2,yes,", NA[3]], (1, 0, 3, 1)),
        (["NA,experience,3,All new.,"], (1, 0, 0, 4)),
    ],
    ids=["removed", "added", "comment", "moved", "all"],
)
def test_what_happened_to_each_answer_is_counted(rows, expected):
    load("responses", file_of(*NA))

    assert counts(load("responses", file_of(*rows))) == expected

    assert sorted(Response.objects.values_list("version", "state")) == [(1, "superseded"), (2, "submitted")]
    assert counts(load("responses", file_of(*rows))) == (0, 0, len(rows), 0)


def test_the_same_office_in_two_rounds_has_two_responses():
    second = make_tiny_round(*Office.objects.all(), key="second")
    load("responses", file_of(*NA))

    assert counts(load("responses", file_of(*NA[:1]) + "\nsecond,NA,progress,1,implemented,")) == (1, 0, 1, 3)

    assert response_of("NA").answers.get().value == "planned"
    answer = response_of("NA", survey="second").answers.get()
    assert (answer.value, answer.recommendation) == ("implemented", second.recommendations[0])


def test_a_dry_run_counts_and_replaces_nothing():
    load("responses", file_of(*NA))
    before = list(Response.objects.values()), list(Answer.objects.values())

    assert counts(load("responses", file_of(*NA[:1], *NO), dry_run=True)) == (3, 0, 1, 3)
    assert (list(Response.objects.values()), list(Answer.objects.values())) == before


def test_what_was_superseded_is_neither_exported_nor_counted(tiny):
    load("responses", file_of(*NA))
    load("responses", file_of("NA,progress,1,implemented,"))

    assert exported("responses") == [["tiny", "NA", "progress", 1, "implemented", ""]]
    assert [text.text for text in compute_results(tiny.survey).texts] == []


# Responses in hand


def test_a_response_in_hand_stops_a_file_that_would_change_what_was_submitted(tiny):
    load("responses", file_of(*NA))
    draft = in_hand(tiny, "NA")
    reason = "somebody of the office has the response in hand: submit or discard it there first"

    changed = load("responses", file_of(*NO, *NA[:2], "NA,focus,2,yes,", "NA,policy,,no,", NA[3]))
    shorter = load("responses", file_of(*NO, *NA[:3]))

    assert fault_lines(changed) == [f"row 7, column office: {reason} (NA)"]
    assert fault_lines(shorter) == [f"row 5, column office: {reason} (NA)"]
    assert list(Response.objects.filter(office__code="NO")) == []
    assert list(draft.answers.values_list("value", flat=True)) == ["In hand."]


def test_a_response_in_hand_does_not_stop_a_file_that_changes_nothing(tiny):
    load("responses", file_of(*NA))
    draft = in_hand(tiny, "NA")

    assert counts(load("responses", file_of(*NA, *NO))) == (3, 0, 4, 0)
    assert response_of("NA", Response.State.DRAFT) == draft


def test_a_first_response_in_hand_stops_any_file_about_its_office(tiny):
    in_hand(tiny, "NA", value="Said.")

    assert [fault.row for fault in load("responses", file_of(*NO, NA[3])).faults] == [5]


def test_a_response_in_hand_elsewhere_stops_nothing(tiny):
    in_hand(tiny, "SE")
    in_hand(make_tiny_round(*tiny.offices, key="second"), "NA")

    assert counts(load("responses", file_of(*NA))) == (4, 0, 0, 0)


# Filling


def test_filling_leaves_responses_alone_in_whatever_state(tiny):
    load("responses", file_of(*NA))
    in_hand(tiny, "NO")
    before = exported("responses")

    rows = ["NA,progress,1,not_planned,", *NO, "SE,policy,,yes,"]
    assert counts(load("responses", file_of(*rows), mode=Mode.FILL)) == (1, 0, 4, 0)

    assert exported("responses") == [*before, ["tiny", "SE", "policy", "", "yes", ""]]
    assert Response.objects.count() == 3
    assert counts(load("responses", file_of(*rows), mode=Mode.FILL)) == (0, 0, 5, 0)


# Faults

RULES = {
    "NA,progress,1,done,": ["value", f"is not one of {LEVEL_CODES}", "done"],
    "NA,progress,1,Planned,": ["value", f"is not one of {LEVEL_CODES}", "Planned"],
    "NA,progress,,planned,": ["recommendation", "this question is answered for each recommendation", ""],
    "NA,progress,4,planned,": ["recommendation", "there is no such recommendation in the round's set", "4"],
    "NA,progress,x,planned,": ["recommendation", "is not a whole number", "x"],
    "NA,progress,0,planned,": ["recommendation", "is not between 1 and 32767", "0"],
    "NA,progress,1,,why": ["value", "an answer needs a value, also beside a comment", ""],
    "NA,progress,1, ,": ["value", "an answer needs a value, also beside a comment", " "],
    "NA,focus,1,no,": ["value", "is not one of yes, none", "no"],
    "NA,focus,,yes,": ["recommendation", "this question is answered for each recommendation", ""],
    "NA,focus,1,none,": ["recommendation", "this answer stands at no recommendation", "1"],
    "NA,policy,,maybe,": ["value", "is not one of yes, no, partly", "maybe"],
    "NA,policy,1,yes,": ["recommendation", "this answer stands at no recommendation", "1"],
    "NA,policy,,partly,": ["comment", "this option asks for an explanation", ""],
    "NA,policy,,partly, ": ["comment", "this option asks for an explanation", " "],
    "NA,proposals,1,Said.,": ["recommendation", "this answer stands at no recommendation", "1"],
    "NA,proposals,,a\x01,": ["value", "holds the control character U+0001; remove it", "a\ufffd"],
    "NA,proposals,,a,\x01": ["comment", "holds the control character U+0001; remove it", "\ufffd"],
    "NA,experience,,Said.,": ["recommendation", "this question is answered for each recommendation", ""],
    "NA,nowhere,1,planned,": ["question", "there is no such question in tiny", "nowhere"],
    "NA,,1,planned,": ["question", "is required", ""],
    "XX,progress,1,planned,": ["office", "there is no such office", "XX"],
    ",progress,1,planned,": ["office", "is required", ""],
    "AU,progress,1,planned,": ["office", "is not invited to the round", "AU"],
    "S1,progress,1,planned,": ["office", "is a sample office, and the round is real", "S1"],
}


@pytest.mark.parametrize("row", RULES, ids=ascii)
def test_the_rules_of_an_answer(row):
    OfficeFactory(code="AU")
    OfficeFactory(code="S1", is_sample=True)
    column, reason, value = RULES[row]

    assert fault_lines(load("responses", file_of(*NO, row))) == [f"row 5, column {column}: {reason} ({value})"]
    assert Response.objects.count() == 0


@pytest.mark.parametrize("row", ["NA,policy,,partly,because", "NA,focus,2,yes,because", "NA,experience,3, x ,"])
def test_answers_next_to_those_that_are_refused(row):
    assert counts(load("responses", file_of(row))) == (1, 0, 0, 0)


def test_an_unknown_round_says_nothing_about_its_questions():
    assert fault_lines(load("responses", file_of("NA,progress,9,x,", survey="none"))) == [
        "row 2, column survey: there is no such survey (none)"
    ]


@pytest.mark.parametrize(
    ("row", "lines"),
    [
        (
            "AU,progress,1,done,\x01",
            [
                "row 2, column office: is not invited to the round (AU)",
                f"row 2, column value: is not one of {LEVEL_CODES} (done)",
                "row 2, column comment: holds the control character U+0001; remove it (\ufffd)",
            ],
        ),
        (
            "XX,progress,9,done,",
            [
                "row 2, column office: there is no such office (XX)",
                "row 2, column recommendation: there is no such recommendation in the round's set (9)",
                f"row 2, column value: is not one of {LEVEL_CODES} (done)",
            ],
        ),
        (
            "AU,nowhere,x,,\x01",
            [
                "row 2, column office: is not invited to the round (AU)",
                "row 2, column question: there is no such question in tiny (nowhere)",
                "row 2, column recommendation: is not a whole number (x)",
                "row 2, column comment: holds the control character U+0001; remove it (\ufffd)",
            ],
        ),
        (
            "XX,policy,2,maybe,",
            [
                "row 2, column office: there is no such office (XX)",
                "row 2, column value: is not one of yes, no, partly (maybe)",
                "row 2, column recommendation: this answer stands at no recommendation (2)",
            ],
        ),
    ],
    ids=["not invited", "unknown office", "unknown question", "choice"],
)
def test_every_fault_of_a_row_is_named_not_only_the_first(row, lines):
    OfficeFactory(code="AU")

    assert sorted(fault_lines(load("responses", file_of(row, *NO)))) == sorted(lines)


def test_a_doubled_answer_is_a_fault_whatever_else_is_wrong_with_it():
    rows = ["NA,progress,1,planned,", "NA,progress,01,done,", "NA,proposals,,a,", "NA,proposals,,b,"]
    key = "column survey,office,question,recommendation: doubled key, the same as in row"

    assert sorted(fault_lines(load("responses", file_of(*rows)))) == sorted(
        [
            f"row 3, {key} 2 (tiny,NA,progress,01)",
            f"row 3, column value: is not one of {LEVEL_CODES} (done)",
            f"row 5, {key} 4 (tiny,NA,proposals,)",
        ]
    )


def test_the_exclusive_option_beside_a_recommendation_is_a_contradiction_in_any_order():
    reason = "contradicts the recommendations selected in the same question"
    rows = [
        "NA,focus,1,yes,",
        "NA,focus,,none,",
        "NO,focus,,none,",
        "NO,focus,2,yes,",
        "SE,focus,,none,",
        "SE,policy,,x,",
    ]

    assert fault_lines(load("responses", file_of(*rows))) == [
        f"row 3, column value: {reason} (none)",
        f"row 4, column value: {reason} (none)",
        "row 7, column value: is not one of yes, no, partly (x)",
    ]


@pytest.mark.parametrize(
    ("is_sample", "reason"),
    [(True, "is a real office, and the round is a sample"), (False, "is a sample office, and the round is real")],
)
def test_real_and_sample_never_mix_even_where_an_invitation_did(is_sample, reason):
    tiny = make_tiny_round(OfficeFactory(code="X1", is_sample=is_sample), key="other", is_sample=is_sample)
    InvitationFactory(survey=tiny.survey, office=OfficeFactory(code="X2", is_sample=not is_sample))

    assert counts(load("responses", file_of("X1,policy,,yes,", survey="other"))) == (1, 0, 0, 0)
    assert fault_lines(load("responses", file_of("X2,policy,,yes,", survey="other"))) == [
        f"row 2, column office: {reason} (X2)"
    ]


# Large files


@pytest.fixture(scope="module")
def large():
    """A round whose responses fill about 10,000 rows."""
    return invent_round(10, offices=760)


def surroundings_of(invented):
    for kind, rows in invented.files.items():
        if kind != "responses":
            counts(load(kind, protected_csv_bytes(rows)))


def rows_of(invented, question):
    """The row numbers, as a spreadsheet counts, of the answers to a question."""
    return [number for number, row in enumerate(invented.responses, start=2) if row[2] == question]


@pytest.mark.parametrize("write", [protected_csv_bytes, openpyxl_text_bytes], ids=["csv", "xlsx"])
def test_one_bad_row_among_10_000_stops_them_all(large, write):
    surroundings_of(large)
    rows = [list(row) for row in large.files["responses"]]
    assert len(rows) > 10_000
    bad = rows_of(large, "NO")[-1]
    assert bad > 9_900
    good, rows[bad - 1][4] = rows[bad - 1][4], "Done"

    outcome = load("responses", write(rows))

    assert fault_lines(outcome) == [f"row {bad}, column value: is not one of {LEVEL_CODES} (Done)"]
    assert (Response.objects.count(), Answer.objects.count()) == (0, 0)
    assert AuditEntry.objects.filter(subject="responses").count() == 0

    rows[bad - 1][4] = good
    assert counts(load("responses", write(rows))) == (len(rows) - 1, 0, 0, 0)


def test_every_fault_of_five_bad_rows_among_10_000_is_named(large):
    surroundings_of(large)
    rows = [list(row) for row in large.files["responses"]]
    levels, texts = rows_of(large, "NO"), rows_of(large, "proposals")
    bad = [levels[100], levels[1_500], texts[100], levels[-200], levels[-1]]
    changes = [
        {1: "XX", 3: 99, 5: "a\x02"},
        {1: "xx", 3: "", 4: "implementd"},
        {0: "nowhere", 1: "", 5: "\x03"},
        {2: "nothing", 3: "one", 5: "\x04"},
        {1: "YY", 3: 4, 4: "no", 5: "\x00"},
    ]
    for number, change in zip(bad, changes, strict=True):
        for place, cell in change.items():
            rows[number - 1][place] = cell

    outcome = load("responses", protected_csv_bytes(rows))

    unknown = "there is no such recommendation in the round's set"
    assert sorted(fault_lines(outcome)) == sorted(
        [
            f"row {bad[0]}, column office: there is no such office (XX)",
            f"row {bad[0]}, column recommendation: {unknown} (99)",
            f"row {bad[0]}, column comment: holds the control character U+0002; remove it (a\ufffd)",
            f"row {bad[1]}, column office: there is no such office (xx)",
            f"row {bad[1]}, column recommendation: this question is answered for each recommendation ()",
            f"row {bad[1]}, column value: is not one of {LEVEL_CODES} (implementd)",
            f"row {bad[2]}, column survey: there is no such survey (nowhere)",
            f"row {bad[2]}, column office: is required ()",
            f"row {bad[2]}, column comment: holds the control character U+0003; remove it (\ufffd)",
            f"row {bad[3]}, column question: there is no such question in unseen (nothing)",
            f"row {bad[3]}, column recommendation: is not a whole number (one)",
            f"row {bad[3]}, column comment: holds the control character U+0004; remove it (\ufffd)",
            f"row {bad[4]}, column office: there is no such office (YY)",
            f"row {bad[4]}, column recommendation: {unknown} (4)",
            f"row {bad[4]}, column value: is not one of {LEVEL_CODES} (no)",
            f"row {bad[4]}, column comment: holds the control character U+0000; remove it (\ufffd)",
        ]
    )
    assert [fault.row for fault in outcome.faults] == sorted(fault.row for fault in outcome.faults)
    assert (Response.objects.count(), Answer.objects.count()) == (0, 0)


def test_a_file_about_more_than_1_000_offices_replaces_each_response():
    codes = [f"X{number}" for number in range(1_100)]
    offices = [["code", "name", "kind", "region", "is_sample", "source"]]
    load("offices", csv_bytes([*offices, *([code, code, "national", "", 0, ""] for code in codes)]))
    load("invitations", csv_bytes([["survey", "office"], *(["tiny", code] for code in codes)]))
    said = file_of(*NO, *(f"{code},policy,,no," for code in codes))
    load("responses", said)

    assert counts(load("responses", said)) == (0, 0, 1_103, 0)
    assert counts(load("responses", file_of(*(f"{code},policy,,yes," for code in codes)))) == (0, 1_100, 0, 0)

    states = Response.objects.order_by().values_list("state").annotate(Count("pk"))
    assert sorted(states) == [("submitted", 1_101), ("superseded", 1_100)]


@pytest.mark.parametrize("form", EXPORTS)
def test_the_export_of_an_unseen_round_reads_back_without_a_change(form):
    invented = invent_round(11, offices=40)
    invented.load()
    total = len(invented.responses)
    file, rows = EXPORTS[form]("responses"), exported("responses")
    assert {row[4] for row in rows} >= {"العربية: نعم، «قريبًا»", "中文，明年完成", "=1+1", "'quoted'", "NA", "NO"}

    assert counts(load("responses", file)) == (0, 0, total, 0)

    Response.objects.all().delete()
    assert counts(load("responses", file)) == (total, 0, 0, 0)
    assert exported("responses") == rows


def test_importing_again_asks_the_database_as_often_for_many_offices_as_for_one(django_assert_num_queries):
    invented = invent_round(12, offices=40)
    invented.load()
    one = [row for row in invented.responses if row[1] == invented.responses[0][1]]
    assert Invitation.objects.count() > 30

    for rows in (one, invented.responses):
        with django_assert_num_queries(18):
            outcome = load("responses", protected_csv_bytes([invented.files["responses"][0], *rows]))
        assert counts(outcome) == (0, 0, len(rows), 0)


def test_a_contradiction_is_named_also_where_its_row_has_another_fault():
    outcome = load("responses", file_of("NA,focus,,none,", "NA,focus,1,yes,bell \x07"))

    assert fault_lines(outcome) == [
        "row 2, column value: contradicts the recommendations selected in the same question (none)",
        "row 3, column comment: holds the control character U+0007; remove it (bell \N{REPLACEMENT CHARACTER})",
    ]
