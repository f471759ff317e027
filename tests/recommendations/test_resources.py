import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.spreadsheets.kinds import resource_for
from portal.spreadsheets.resources import Mode
from portal.text import UNSTORABLE
from recommendations.models import Officer, Recommendation, RecommendationSet, RecommendedAction, SetEvent
from tests.factories.portal import EXPORTS, counts, exported, fault_lines, load
from tests.factories.recommendations import (
    OfficerFactory,
    RecommendationFactory,
    RecommendationSetFactory,
    RecommendedActionFactory,
    SetEventFactory,
)

pytestmark = pytest.mark.django_db

SETS = "set,issuer,symbol,title,issued_on,stage,supersedes,is_relevant,source\n"
EVENTS = "set,date,label,document,source\n"
RECOMMENDATIONS = "set,number,addressee,label,summary,official_text,due_on,due_text,source\n"
ACTIONS = "set,number,order,text,source\n"
OFFICERS = "officer,title,abbreviation,aliases\n"
KEY_REASON = "is not a key: use letters without accents, digits, hyphen and underscore"
DAY_REASON = "is not a date: write it like 2025-05-02"

# Of each kind a row, the same with every other column changed, and the model.
CYCLES = {
    "recommendation_sets": (
        ["a", "CWS", "CWS/1/1", "Title", "2018", "draft", "", 1, "x"],
        ["a", "JIU", "JIU/1", "Other", "2018-05-02", "adopted", "old", 0, ""],
        RecommendationSet,
    ),
    "set_events": (["old", "2018-05", "Adopted", "D/1", "x"], ["old", "2018-05", "Adopted", "", "y"], SetEvent),
    "recommendations": (
        ["old", 2, "LB", "Label", "Sum", "Official", "2025-12-31", "by the end of 2025", "x"],
        ["old", 2, "", "Other", "", "Text\nof two lines", "", "soon", ""],
        Recommendation,
    ),
    "recommended_actions": (["old", 1, 3, "Do it.", "x"], ["old", 1, 3, "Do more.", ""], RecommendedAction),
    "officers": (["dg", "Director", "DG", "The boss; Head"], ["dg", "Director General", "", ""], Officer),
}


def as_csv(kind, *rows):
    header = ",".join(resource_for(kind).column_names())
    return "\n".join([header, *(",".join(f'"{cell}"' for cell in row) for row in rows)])


@pytest.fixture
def old():
    """A set with its first recommendation, for rows that refer to one."""
    return RecommendationFactory(recommendation_set=RecommendationSetFactory(key="old"), number=1).recommendation_set


@pytest.mark.usefixtures("old")
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


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize("form", EXPORTS)
@pytest.mark.parametrize("kind", CYCLES)
def test_exports_read_back_without_a_change(kind, form):
    nasty = '=1\n"中文"; \'العربية'
    RecommendationSetFactory(key="next", supersedes=RecommendationSet.objects.get(key="old"), title=nasty)
    SetEventFactory(recommendation_set__key="e", date="2018", label=nasty)
    recommendation = RecommendationFactory(
        recommendation_set__key="r", number=10, official_text=nasty, due_on=datetime.date(2025, 12, 31)
    )
    RecommendedActionFactory(recommendation=recommendation, text=nasty, source="'x")
    OfficerFactory(title=nasty, aliases="-one\ntwo")
    rows = exported(kind)
    model = CYCLES[kind][2]

    assert counts(load(kind, EXPORTS[form](kind))) == (0, 0, model.objects.count(), 0)

    assert exported(kind) == rows
    assert model.objects.count() >= 1


storable = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("=+-@'\t\r\n"), min_size=1).filter(
    lambda text: text.strip() and not UNSTORABLE.search(text)
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(storable, storable)
@pytest.mark.parametrize("form", EXPORTS)
def test_every_text_survives_the_way_out_and_back_in(form, old, summary, official_text):
    """`old` keeps the texts of one example for the next, which replaces them."""
    old.recommendations.update(summary=summary, official_text=official_text)
    file = EXPORTS[form]("recommendations")

    assert counts(load("recommendations", file)) == (0, 0, 1, 0)

    old.recommendations.update(summary="", official_text="")
    assert counts(load("recommendations", file)) == (0, 1, 0, 0)
    assert old.recommendations.values_list("summary", "official_text").get() == (summary, official_text)


# Sets


def test_the_faults_of_a_set():
    rows = [
        "a b,,,,2018-13,final,nowhere,yes,",
        "b,CWS,,Title,,adopted,b,1,",
        "c,CWS,,Title,May 2018,draft,,,",
        "c,CWS,,Title,2018,draft,,,",
    ]

    assert fault_lines(load("recommendation_sets", SETS + "\n".join(rows))) == [
        f"row 2, column set: {KEY_REASON} (a b)",
        "row 2, column issuer: is required ()",
        "row 2, column title: is required ()",
        "row 2, column issued_on: is not a date: write 2018, 2018-05 or 2018-05-02 (2018-13)",
        "row 2, column stage: is not one of draft, adopted, superseded (final)",
        "row 2, column supersedes: there is no such set of recommendations (nowhere)",
        "row 2, column is_relevant: is not 1, 0 or empty (yes)",
        "row 3, column supersedes: a set cannot supersede itself (b)",
        "row 4, column issued_on: is not a date: write 2018, 2018-05 or 2018-05-02 (May 2018)",
        "row 5, column set: doubled key, the same as in row 4 (c)",
    ]


def test_a_blank_flag_is_0():
    assert counts(load("recommendation_sets", SETS + "a,CWS,,Title,,draft,,,\n")) == (1, 0, 0, 0)
    assert RecommendationSet.objects.get().is_relevant is False


LINEAGE = ["one,CWS,,One,,superseded,,1,", "two,CWS,,Two,,superseded,one,1,", "three,CWS,,Three,,adopted,two,1,"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_sets_of_one_file_may_supersede_each_other_in_any_order(order):
    file = SETS + "\n".join(LINEAGE[place] for place in order)

    assert counts(load("recommendation_sets", file)) == (3, 0, 0, 0)

    assert dict(RecommendationSet.objects.values_list("key", "supersedes__key")) == {
        "one": None,
        "two": "one",
        "three": "two",
    }
    assert RecommendationSet.history.get(key="three").supersedes.key == "two"
    assert counts(load("recommendation_sets", file)) == (0, 0, 3, 0)


def test_a_set_that_is_there_may_supersede_a_new_one():
    RecommendationSetFactory(key="three", issuer="CWS", title="Three")

    assert counts(load("recommendation_sets", SETS + "\n".join(reversed(LINEAGE[1:] + LINEAGE[:1])))) == (2, 1, 0, 0)

    assert RecommendationSet.objects.get(key="three").supersedes.key == "two"


def test_a_new_set_may_supersede_one_that_is_there():
    RecommendationSetFactory(key="one")

    assert counts(load("recommendation_sets", SETS + LINEAGE[1])) == (1, 0, 0, 0)
    assert RecommendationSet.objects.get(key="two").supersedes.key == "one"


def test_sets_that_supersede_each_other_in_a_circle_are_refused():
    circle = LINEAGE[0].replace("superseded,,", "superseded,three,")

    outcome = load("recommendation_sets", SETS + "\n".join([LINEAGE[2], circle, LINEAGE[1]]))

    reason = "column supersedes: the sets supersede each other in a circle"
    assert fault_lines(outcome) == [f"row 2, {reason} (two)", f"row 3, {reason} (three)", f"row 4, {reason} (one)"]
    assert RecommendationSet.objects.count() == 0


def test_a_circle_with_what_is_there_is_refused():
    load("recommendation_sets", SETS + "\n".join(LINEAGE))

    outcome = load("recommendation_sets", SETS + LINEAGE[0].replace("superseded,,", "superseded,three,"))

    assert fault_lines(outcome) == ["row 2, column supersedes: the sets supersede each other in a circle (three)"]
    assert RecommendationSet.objects.get(key="one").supersedes is None


def test_a_set_that_leads_into_a_circle_is_not_part_of_it():
    circle = ["a,CWS,,A,,draft,b,,", "b,CWS,,B,,draft,a,,", "c,CWS,,C,,draft,a,,"]

    outcome = load("recommendation_sets", SETS + "\n".join(circle))

    assert [fault.row for fault in outcome.faults] == [2, 3]


def test_filling_sets_fills_what_they_supersede_and_replaces_no_flag():
    RecommendationSetFactory(key="two", title="Ours", is_relevant=False)
    file = SETS + "\n".join(LINEAGE[:2])

    assert counts(load("recommendation_sets", file, mode=Mode.FILL)) == (1, 1, 0, 0)

    two = RecommendationSet.objects.get(key="two")
    assert (two.title, two.supersedes.key, two.is_relevant) == ("Ours", "one", False)
    assert counts(load("recommendation_sets", file, mode=Mode.FILL)) == (0, 0, 2, 0)


# Events


def test_events_may_be_dated_by_year_or_month(old):
    rows = ["old,2018,Noted,,", "old,2018-05,Noted,,", "old,2018-05-02,Noted,,", "old,2018,Adopted,,"]

    assert counts(load("set_events", EVENTS + "\n".join(rows))) == (4, 0, 0, 0)
    assert sorted(old.events.values_list("date", "label")) == [
        ("2018", "Adopted"),
        ("2018", "Noted"),
        ("2018-05", "Noted"),
        ("2018-05-02", "Noted"),
    ]


@pytest.mark.usefixtures("old")
def test_the_faults_of_an_event():
    rows = ["nowhere,,,,", "old,2018-02-30,Noted,,", "old,2018,Noted,,", "old,2018,Noted,Other,"]

    assert fault_lines(load("set_events", EVENTS + "\n".join(rows))) == [
        "row 2, column set: there is no such set of recommendations (nowhere)",
        "row 2, column date: is required ()",
        "row 2, column label: is required ()",
        "row 3, column date: is not a date: write 2018, 2018-05 or 2018-05-02 (2018-02-30)",
        "row 5, column set,date,label: doubled key, the same as in row 4 (old,2018,Noted)",
    ]


# Recommendations and their actions


@pytest.mark.usefixtures("old")
def test_the_faults_of_a_recommendation():
    rows = [
        "nowhere,x,XX,,,,2025-13-01,,",
        "old,0,,Label,,,,,",
        "old,32768,,Label,,,,,",
        f"old,{'9' * 40},,Label,,,,,",
        "old,-1,,Label,,,2025,,",
        "old,1.5,,Label,,,,,",
        "old,٣,,Label,,,,,",
        "old,5,LB,Label,,,,,",
        "old,05,EH,Label,,,,,",
    ]

    assert fault_lines(load("recommendations", RECOMMENDATIONS + "\n".join(rows))) == [
        "row 2, column set: there is no such set of recommendations (nowhere)",
        "row 2, column number: is not a whole number (x)",
        "row 2, column addressee: is not one of LB, EH (XX)",
        f"row 2, column due_on: {DAY_REASON} (2025-13-01)",
        "row 3, column number: is not between 1 and 32767 (0)",
        "row 4, column number: is not between 1 and 32767 (32768)",
        f"row 5, column number: is not between 1 and 32767 ({'9' * 40})",
        "row 6, column number: is not a whole number (-1)",
        f"row 6, column due_on: {DAY_REASON} (2025)",
        "row 7, column number: is not a whole number (1.5)",
        "row 8, column number: is not a whole number (٣)",
        "row 10, column set,number: doubled key, the same as in row 9 (old,05)",
    ]


def test_texts_keep_their_lines_and_spaces(old):
    text = "  One.\r\n\r\n\tTwo, “three”; 四  "

    assert counts(load("recommendations", f'{RECOMMENDATIONS}old,1,,Label,"{text}",,,,\n')) == (0, 1, 0, 0)
    assert old.recommendations.get().summary == text


def test_numbers_are_those_of_their_own_set(old):
    RecommendationFactory(recommendation_set__key="other", number=2)

    outcome = load("recommended_actions", ACTIONS + "old,2,1,Do it.,\nother,2,1,Do it.,\n")

    assert fault_lines(outcome) == ["row 2, column number: there is no such recommendation in old (2)"]


@pytest.mark.usefixtures("old")
def test_the_faults_of_an_action():
    rows = ["nowhere,x,,,", "old,9,y,Do it.,", "old,,1,,", "old,1,1,Do it.,", "old,1,1,Do more.,"]

    assert fault_lines(load("recommended_actions", ACTIONS + "\n".join(rows))) == [
        "row 2, column set: there is no such set of recommendations (nowhere)",
        "row 2, column number: is not a whole number (x)",
        "row 2, column order: is required ()",
        "row 2, column text: is required ()",
        "row 3, column number: there is no such recommendation in old (9)",
        "row 3, column order: is not a whole number (y)",
        "row 4, column number: is required ()",
        "row 4, column text: is required ()",
        "row 6, column set,number,order: doubled key, the same as in row 5 (old,1,1)",
    ]


def test_texts_for_numbered_recommendations_leave_status_reports_alone(old):
    """One import fills recommendations of which only the number was known."""
    status = "set,number,office,as_at," + ",".join(resource_for("status_reports").column_names()[4:])
    load("offices", "code,name,kind,region,is_sample,source\nNA,Namibia,national,africa,,\n")
    load("status_reports", status + "\nold,1,NA,2025-07-07,accepted,planned,,,,,,,\n")
    before = exported("status_reports")

    assert counts(load("recommendations", RECOMMENDATIONS + "old,1,,Label,,The official text.,,,\n")) == (0, 1, 0, 0)

    assert exported("status_reports") == before
    assert old.recommendations.get().official_text == "The official text."


# Officers


@pytest.mark.parametrize(
    ("cell", "kept", "shown"),
    [
        ("One; Two", "One\nTwo", "One; Two"),
        ("One;Two;;", "One\nTwo", "One; Two"),
        (" One ", "One", "One"),
        ("", "", ""),
        (" ; ", "", ""),
    ],
)
def test_aliases_are_a_list_in_a_cell(cell, kept, shown):
    load("officers", f"{OFFICERS}dg,Director,,{cell}\n")

    assert Officer.objects.get().aliases == kept
    assert exported("officers") == [["dg", "Director", "", shown]]
    assert counts(load("officers", f"{OFFICERS}dg,Director,,{cell}\n")) == (0, 0, 1, 0)


def test_the_faults_of_an_officer():
    rows = ["a b,,,", "dg,Title,,x\x00", "x,T,,", "x,T,,"]

    assert fault_lines(load("officers", OFFICERS + "\n".join(rows))) == [
        f"row 2, column officer: {KEY_REASON} (a b)",
        "row 2, column title: is required ()",
        "row 3, column aliases: holds the control character U+0000; remove it (x\ufffd)",
        "row 5, column officer: doubled key, the same as in row 4 (x)",
    ]
