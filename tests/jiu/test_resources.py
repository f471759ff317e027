"""The spreadsheet kinds of reviews, questionnaires and decisions."""

import datetime

import pytest

from jiu.models import Endorsement, Questionnaire, Review
from portal.spreadsheets.kinds import all_kinds, resource_for
from portal.spreadsheets.resources import Mode
from tests.factories.jiu import EndorsementFactory, QuestionnaireFactory, ReviewFactory, make_jiu_recommendation
from tests.factories.portal import EXPORTS, counts, exported, fault_lines, load
from tests.factories.recommendations import RecommendationFactory

pytestmark = pytest.mark.django_db

SET = "jiu-rep-2021-6"
# Of each kind a row, the same with every other column changed, and the model.
CYCLES = {
    "reviews": (["A460", "Accountability", 2021, "ongoing"], ["A460", "Accountability", "", "completed"], Review),
    "questionnaires": (
        ["A460", "First", "2022-03-10", ""],
        ["A460", "First", "2022-03-31", "2022-03-30"],
        Questionnaire,
    ),
    "endorsements": (
        [SET, 1, "2022-07-01", "refused", ""],
        [SET, 1, "2022-07-01", "endorsed", "WO/PBC/34/15"],
        Endorsement,
    ),
}


def as_csv(kind, *rows):
    header = ",".join(resource_for(kind).column_names())
    return "\n".join([header, *(",".join(f'"{cell}"' for cell in row) for row in rows)])


@pytest.fixture(autouse=True)
def recommendation():
    return make_jiu_recommendation()


@pytest.mark.parametrize("kind", CYCLES)
def test_a_row_is_added_left_changed_and_left_with_its_history(kind):
    row, changed, model = CYCLES[kind]

    assert counts(load(kind, as_csv(kind, row))) == (1, 0, 0, 0)
    assert exported(kind) == [row]
    assert counts(load(kind, as_csv(kind, row))) == (0, 0, 1, 0)

    assert counts(load(kind, as_csv(kind, changed))) == (0, 1, 0, 0)
    assert exported(kind) == [changed]
    assert counts(load(kind, as_csv(kind, changed))) == (0, 0, 1, 0)

    assert list(model.objects.get().history.values_list("history_type", flat=True)) == ["~", "+"]


@pytest.mark.parametrize("form", EXPORTS)
@pytest.mark.parametrize("kind", CYCLES)
def test_exports_read_back_without_a_change(kind, form, recommendation):
    nasty = '=1\n"中文"; \'العربية'
    ReviewFactory(reference="-A1", title=nasty)
    ReviewFactory(reference="-A1", title="Another of the same reference", programme_of_work=None)
    QuestionnaireFactory(title=nasty, due_on=datetime.date(2022, 3, 10))
    EndorsementFactory(recommendation=recommendation, document="+1")
    rows, model = exported(kind), CYCLES[kind][2]

    assert counts(load(kind, EXPORTS[form](kind))) == (0, 0, model.objects.count(), 0)

    assert exported(kind) == rows
    assert model.objects.count() >= 1


# Of each kind a file with a right row and wrong ones, and what is said of these.
FAULTS = {
    "reviews": (
        [["A1", "T", 2021, "ongoing"], ["", "", "soon", "begun"], [" A1 ", "T", "", "planned"]],
        [
            "row 3, column reference: is required ()",
            "row 3, column title: is required ()",
            "row 3, column programme_of_work: is not a whole number (soon)",
            "row 3, column stage: is not one of planned, ongoing, completed (begun)",
            "row 4, column reference,title: doubled key, the same as in row 2 ( A1 ,T)",
        ],
    ),
    "questionnaires": (
        [["A1", "T", "", ""], ["A2", "", "2022", "10/03/2022"]],
        [
            "row 3, column title: is required ()",
            "row 3, column due_on: is not a date: write it like 2025-05-02 (2022)",
            "row 3, column answered_on: is not a date: write it like 2025-05-02 (10/03/2022)",
        ],
    ),
    "endorsements": (
        [[SET, 1, "2022-07-01", "endorsed", ""], [SET, 7, "", "noted", ""], ["nowhere", 1, "2022-07-01", "", ""]],
        [
            f"row 3, column number: there is no such recommendation in {SET} (7)",
            "row 3, column decided_on: is required ()",
            "row 3, column decision: is not one of endorsed, refused (noted)",
            "row 4, column set: there is no such set of recommendations (nowhere)",
            "row 4, column decision: is required ()",
        ],
    ),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_one_fault_and_nothing_is_written(kind):
    rows, faults = FAULTS[kind]

    assert fault_lines(load(kind, as_csv(kind, *rows))) == faults
    assert CYCLES[kind][2].objects.count() == 0


def test_two_reviews_of_one_reference_are_two_rows():
    rows = [["A460", "One", 2021, "ongoing"], ["A460", "Other", 2021, "ongoing"]]

    assert counts(load("reviews", as_csv("reviews", *rows))) == (2, 0, 0, 0)
    assert exported("reviews") == rows


def test_a_recommendation_is_decided_on_again():
    load("endorsements", as_csv("endorsements", [SET, 1, "2021-07-01", "refused", ""]))

    assert counts(load("endorsements", as_csv("endorsements", [SET, 1, "2022-07-01", "endorsed", ""]))) == (1, 0, 0, 0)
    assert [row[2:4] for row in exported("endorsements")] == [["2021-07-01", "refused"], ["2022-07-01", "endorsed"]]


def test_loading_fills_blanks_and_replaces_nothing():
    ReviewFactory(reference="A1", title="T", stage="completed", programme_of_work=None)

    outcome = load("reviews", as_csv("reviews", ["A1", "T", 2021, "planned"]), mode=Mode.FILL)

    assert counts(outcome) == (0, 1, 0, 0)
    assert exported("reviews") == [["A1", "T", 2021, "completed"]]


@pytest.mark.parametrize(("kind", "queries"), [("reviews", 12), ("questionnaires", 12), ("endorsements", 14)])
def test_importing_again_asks_the_database_as_often_for_many_rows_as_for_one(
    kind, queries, recommendation, django_assert_num_queries
):
    for many in (1, 20, 200):
        for number in range(many):
            if kind == "reviews":
                Review.objects.get_or_create(reference=f"R{number}", title="T", stage="planned")
            elif kind == "questionnaires":
                Questionnaire.objects.get_or_create(reference=f"R{number}", title="T")
            else:
                day = datetime.date(2020, 1, 1) + datetime.timedelta(days=number)
                Endorsement.objects.get_or_create(recommendation=recommendation, decided_on=day, decision="endorsed")
        file = EXPORTS["csv"](kind)
        with django_assert_num_queries(queries):
            assert counts(load(kind, file, dry_run=True)) == (0, 0, many, 0)


def test_kinds_come_after_what_they_refer_to():
    kinds = list(all_kinds())
    order = [kinds.index(kind) for kind in ("recommendation_sets", "set_documents", "recommendations", "endorsements")]
    assert order == sorted(order)


def test_only_the_jius_recommendations_are_endorsed_and_only_what_was_decided(db):
    item = make_jiu_recommendation(number=2)
    other = RecommendationFactory(recommendation_set__key="cws-ten", number=1)
    rows = [
        f"{other.recommendation_set.key},1,2022-07-01,endorsed,",
        f"{item.recommendation_set.key},2,9999-12-31,endorsed,",
    ]
    outcome = load("endorsements", "set,number,decided_on,decision,document\n" + "\n".join(rows))
    assert [str(fault) for fault in outcome.faults] == [
        "row 2, column set: is no report of the JIU, whose recommendations alone are endorsed (cws-ten)",
        "row 3, column decided_on: is still to come (9999-12-31)",
    ]
