import csv
import io
import json
from fractions import Fraction
from itertools import product
from math import floor

import openpyxl
import pytest
from django.core.management import call_command
from django.utils import timezone

from offices.models import OfficeGroup, Region
from offices.narrowing import Narrowing
from surveys.documents import results_xlsx
from surveys.models import Response, Survey
from surveys.results import Base, compute_results
from tests.factories.offices import OfficeFactory
from tests.factories.portal import openpyxl_text_bytes, protected_csv_bytes, xlsxwriter_bytes
from tests.factories.rounds import groups_of, invent_round
from tests.factories.surveys import AnswerFactory, ResponseFactory, make_tiny_round

pytestmark = pytest.mark.django_db

WRITERS = {"csv": protected_csv_bytes, "openpyxl": openpyxl_text_bytes, "xlsxwriter": xlsxwriter_bytes}


class Count:
    """What the results must be, counted from the rows of a round's files and nothing else."""

    def __init__(self, invented, *, base="responding", group=None, region=None):
        self.files = {
            kind: [dict(zip(rows[0], map(str, row), strict=True)) for row in rows[1:]]
            for kind, rows in invented.files.items()
        }
        self.base, self.group, self.region = base, group, region
        members = {row["office"] for row in self.files["group_members"] if row["group"] == group}
        self.offices = {
            row["code"]
            for row in self.files["offices"]
            if (not group or row["code"] in members) and (not region or row["region"] == region)
        }
        self.answers = [row for row in self.files["responses"] if row["office"] in self.offices]
        self.responded = len({row["office"] for row in self.answers})
        self.labels = {row["number"]: row["label"] for row in self.files["recommendations"]}
        self.numbers = sorted(self.labels, key=int)
        self.questions = sorted(self.files["questions"], key=lambda row: (int(row["order"]), row["question"]))

    def results(self):
        survey = self.files["surveys"][0]["survey"]
        return {
            "survey": survey,
            "is_sample": False,
            "base": self.base,
            "filters": {"group": self.group, "region": self.region},
            "invited": sum(row["office"] in self.offices for row in self.files["invitations"]),
            "responded": self.responded,
            "tables": [self.table(question) for question in self.questions],
            "texts": [text for question in self.questions for text in self.texts(question)],
        }

    def table(self, question):
        columns, rows = getattr(self, question["kind"])(question)
        bases = {row["n"] for row in rows}
        return {
            "question": question["question"],
            "kind": question["kind"],
            "n": min(bases) if len(bases) == 1 else None,
            "columns": columns,
            "rows": rows,
        }

    def who(self, question, **cells):
        """The offices with an answer to the question whose cells are these."""
        return {
            row["office"]
            for row in self.answers
            if row["question"] == question["question"] and all(row[name] == cell for name, cell in cells.items())
        }

    def cells(self, counted, answered):
        """The cells of a row in which `counted` offices chose each column, and its base."""
        n = self.responded if self.base == "responding" else answered
        cells = {code: {"count": count, "percent": self.percent(count, n)} for code, count in counted.items()}
        if "no_answer" in cells and self.base == "answered":
            cells["no_answer"]["percent"] = None
        return {"n": n, "cells": cells}

    def percent(self, count, base):
        return floor(Fraction(count * 100, base) + Fraction(1, 2)) if base else None

    def spread(self, question, columns, number=""):
        who = {code: self.who(question, recommendation=number, value=code) for code in columns}
        answered = len(set().union(*who.values()))
        counted = {code: len(offices) for code, offices in who.items()} | {"no_answer": self.responded - answered}
        return {"recommendation": number or None, "code": None} | self.cells(counted, answered)

    def written(self, question, number=""):
        answered = len(self.who(question, recommendation=number))
        counted = {"answered": answered, "no_answer": self.responded - answered}
        return {"recommendation": number or None, "code": None} | self.cells(counted, answered)

    def levels(self, question):
        codes = ["implemented", "in_progress", "planned", "under_consideration", "not_planned"]
        return [*codes, "no_answer"], [self.spread(question, codes, number) for number in self.numbers]

    def choice(self, question):
        options = [row for row in self.files["question_options"] if row["question"] == question["question"]]
        codes = [row["option"] for row in sorted(options, key=lambda row: int(row["order"]))]
        return [*codes, "no_answer"], [self.spread(question, codes)]

    def text(self, question):
        return ["answered", "no_answer"], [self.written(question)]

    def comments(self, question):
        return ["answered", "no_answer"], [self.written(question, number) for number in self.numbers]

    def select(self, question):
        answered = len(self.who(question))
        rows = [
            {"recommendation": number, "code": None}
            | self.cells({"selected": len(self.who(question, recommendation=number, value="yes"))}, answered)
            for number in self.numbers
        ]
        if exclusive := question["exclusive_option"]:
            chosen = len(self.who(question, recommendation="", value=exclusive))
            rows.append({"recommendation": None, "code": exclusive} | self.cells({"selected": chosen}, answered))
        last = self.cells({"selected": self.responded - answered}, answered)
        if self.base == "answered":
            last["cells"]["selected"]["percent"] = None
        return ["selected"], [*rows, {"recommendation": None, "code": "no_answer"} | last]

    def texts(self, question):
        rows = [row for row in self.answers if row["question"] == question["question"]]
        for row in sorted(rows, key=lambda row: (row["office"], int(row["recommendation"] or 0))):
            said = [row["value"]] if question["kind"] in ("text", "comments") else []
            for text in said + [row["comment"]] * bool(row["comment"]):
                yield {
                    "question": row["question"],
                    "office": row["office"],
                    "recommendation": row["recommendation"] or None,
                    "text": text,
                }


def printed(capsys, survey, *, base, group, region, form="json"):
    options = ["--base", base, "--format", form]
    options += ["--group", group] if group else []
    options += ["--region", region] if region else []
    call_command("survey_results", survey, *options)
    return capsys.readouterr().out


def without_labels(results, labels):
    """The results without their labels, which are checked on the way."""
    for table in results["tables"]:
        for row in table["rows"]:
            label = row.pop("label")
            assert label == labels[row["recommendation"]] if row["recommendation"] else label
            assert list(row["cells"]) == table["columns"]
    return results


def as_csv_rows(results):
    """The cells of results as the CSV has them."""
    for table in results["tables"]:
        for row in table["rows"]:
            for column, cell in row["cells"].items():
                cells = [table["question"], table["kind"], row["recommendation"], row["code"], column]
                cells += [cell["count"], row["n"], cell["percent"]]
                yield ["" if value is None else str(value) for value in cells]


# Rounds that nobody has seen


@pytest.mark.parametrize(
    ("seed", "offices", "form"),
    [(1, 8, "csv"), (2, 8, "openpyxl"), (3, 8, "xlsxwriter"), (4, 200, "csv"), (5, 200, "xlsxwriter")],
)
def test_every_cell_of_an_unseen_round_equals_an_independent_count(seed, offices, form, capsys):
    invented = invent_round(seed, offices=offices)
    invented.load(WRITERS[form])
    # Another round of the same offices, which must not be counted.
    other = invent_round(seed + 100, offices=offices, key="unseen2")
    for kind in ("offices", "group_members", "office_groups"):
        other.files[kind] = other.files[kind][:1]
    other.load()

    header = ["question", "kind", "recommendation", "code", "column", "count", "n", "percent"]
    groups = [None, *groups_of(invented.key)]
    for base, group, region in product(["responding", "answered"], groups, [None, "africa", "europe"]):
        chosen = {"base": base, "group": group, "region": region}
        count = Count(invented, **chosen)
        expected = count.results()

        assert without_labels(json.loads(printed(capsys, "unseen", **chosen)), count.labels) == expected
        rows = csv.reader(io.StringIO(printed(capsys, "unseen", **chosen, form="csv"), newline=""))
        assert list(rows) == [header, *as_csv_rows(expected)]


def test_the_invented_rounds_hold_what_a_count_can_get_wrong():
    """The control: without these cases the comparison above would say little."""
    count = Count(invent_round(4, offices=200)).results()
    kinds = {table["kind"]: table for table in count["tables"]}
    cells = [cell for table in count["tables"] for row in table["rows"] for cell in row["cells"].values()]

    assert set(kinds) == {"levels", "select", "choice", "text", "comments"}
    assert count["responded"] < count["invited"] < 200
    assert [cell for cell in cells if cell["count"] == 0]
    assert Count(invent_round(4, offices=200), base="answered").table(count_question("NO"))["n"] is None
    assert Count(invent_round(4, offices=200), group="unseen-nobody").results()["responded"] == 0
    small = Count(invent_round(1, offices=8)).results()
    halves = [
        cell
        for table in small["tables"]
        for row in table["rows"]
        for cell in row["cells"].values()
        if row["n"] and Fraction(cell["count"] * 100, row["n"]).denominator == 2
    ]
    assert halves


def count_question(key):
    return {"question": key, "kind": "levels", "exclusive_option": ""}


# What counts


def submit(tiny, office, answers, **fields):
    """A response with (kind, recommendation's place or None, value, comment) answers; submitted unless said."""
    response = ResponseFactory(survey=tiny.survey, office=office, **(fields or {"submitted": True}))
    for kind, place, value, *comment in answers:
        AnswerFactory(
            response=response,
            question=tiny.by_kind[kind],
            recommendation=None if place is None else tiny.recommendations[place],
            value=value,
            comment="".join(comment),
        )
    return response


def table_of(tiny, kind, **options):
    key = tiny.by_kind[kind].key
    return next(table for table in compute_results(tiny.survey, **options).tables if table.question == key)


def cells_of(row):
    return {code: (cell.count, cell.percent) for code, cell in row.cells.items()}


def test_a_round_without_invitations_was_held_elsewhere():
    survey = make_tiny_round().survey

    for narrowing in (Narrowing(), Narrowing(region=Region.AFRICA)):
        results = compute_results(survey, narrowing=narrowing)

        assert results.held_elsewhere
        assert (results.invited, results.responded, results.tables, results.texts) == (None, None, (), ())


def test_without_responses_every_row_stands_there_with_0_and_no_percentage():
    tiny = make_tiny_round(OfficeFactory(), OfficeFactory())

    for base in Base:
        results = compute_results(tiny.survey, base=base)

        assert (results.invited, results.responded, results.texts) == (2, 0, ())
        assert [len(table.rows) for table in results.tables] == [3, 5, 1, 1, 3]
        assert {table.n for table in results.tables} == {0}
        cells = [cell for table in results.tables for row in table.rows for cell in row.cells.values()]
        assert {(cell.count, cell.percent) for cell in cells} == {(0, None)}


def test_a_filter_that_nobody_matches_leaves_the_tables_in_place():
    tiny = make_tiny_round(OfficeFactory(region="asia"))
    submit(tiny, tiny.offices[0], [("choice", None, "yes")])

    results = compute_results(tiny.survey, narrowing=Narrowing(region=Region.EUROPE))

    assert (results.invited, results.responded, len(results.tables)) == (0, 0, 5)


def test_only_the_last_submission_counts_also_while_it_is_reopened():
    offices = [OfficeFactory() for _ in range(3)]
    tiny = make_tiny_round(*offices)
    superseded = {"state": Response.State.SUPERSEDED, "submitted_at": timezone.now()}
    submit(tiny, offices[0], [("choice", None, "no", "old"), ("text", None, "old")], **superseded)
    submit(tiny, offices[0], [("choice", None, "yes", "said")])
    submit(tiny, offices[0], [("choice", None, "no", "in hand"), ("text", None, "in hand")], version=3)
    submit(tiny, offices[1], [("choice", None, "no", "in hand")], version=1)

    results = compute_results(tiny.survey)

    assert (results.invited, results.responded) == (3, 1)
    assert cells_of(table_of(tiny, "choice").rows[0]) == {
        "yes": (1, 100),
        "no": (0, 0),
        "partly": (0, 0),
        "no_answer": (0, 0),
    }
    assert cells_of(table_of(tiny, "text").rows[0]) == {"answered": (0, 0), "no_answer": (1, 100)}
    assert [text.text for text in results.texts] == ["said"]


def test_the_exclusive_option_is_an_answer_and_no_answer_is_its_absence():
    tiny = make_tiny_round(*(OfficeFactory() for _ in range(8)))
    submit(tiny, tiny.offices[0], [("select", 0, "yes"), ("select", 2, "yes")])
    for office in tiny.offices[1:4]:
        submit(tiny, office, [("select", None, "none")])
    for office in tiny.offices[4:]:
        submit(tiny, office, [("text", None, "x")])

    responding, answered = table_of(tiny, "select"), table_of(tiny, "select", base=Base.ANSWERED)

    places = [("1", None), ("2", None), ("3", None), (None, "none"), (None, "no_answer")]
    assert [(row.recommendation, row.code) for row in responding.rows] == places
    assert [cells_of(row)["selected"] for row in responding.rows] == [(1, 13), (0, 0), (1, 13), (3, 38), (4, 50)]
    assert [cells_of(row)["selected"] for row in answered.rows] == [(1, 25), (0, 0), (1, 25), (3, 75), (4, None)]
    assert (responding.n, answered.n) == (8, 4)


def test_with_the_base_answered_each_recommendation_has_a_base_of_its_own():
    tiny = make_tiny_round(OfficeFactory(), OfficeFactory())
    submit(tiny, tiny.offices[0], [("levels", 0, "planned"), ("levels", 1, "planned"), ("comments", 1, "x")])
    submit(tiny, tiny.offices[1], [("levels", 0, "implemented"), ("comments", 1, "y")])

    table = table_of(tiny, "levels", base=Base.ANSWERED)

    assert table.n is None
    assert [row.n for row in table.rows] == [2, 1, 0]
    assert [cells_of(row)["planned"] for row in table.rows] == [(1, 50), (1, 100), (0, None)]
    assert [cells_of(row)["no_answer"] for row in table.rows] == [(0, None), (1, None), (2, None)]
    assert [row.n for row in table_of(tiny, "comments", base=Base.ANSWERED).rows] == [0, 2, 0]
    assert table_of(tiny, "levels").n == 2


def test_columns_are_those_of_the_questionnaire_in_its_order():
    tiny = make_tiny_round(OfficeFactory())

    columns = {table.kind: list(table.columns) for table in compute_results(tiny.survey).tables}

    assert columns == {
        "levels": ["implemented", "in_progress", "planned", "under_consideration", "not_planned", "no_answer"],
        "select": ["selected"],
        "choice": ["yes", "no", "partly", "no_answer"],
        "text": ["answered", "no_answer"],
        "comments": ["answered", "no_answer"],
    }


def test_texts_hold_what_was_written_and_the_comments_of_every_kind():
    tiny = make_tiny_round(OfficeFactory(code="NO"), OfficeFactory(code="NA"))
    for office in tiny.offices:
        submit(
            tiny,
            office,
            [
                ("comments", 2, "third"),
                ("comments", 0, "first"),
                ("text", None, "words", "more words"),
                ("choice", None, "partly", "because"),
                ("select", 1, "yes", "of two"),
                ("levels", 0, "planned", "of one"),
                ("levels", 1, "planned"),
            ],
        )

    texts = compute_results(tiny.survey).texts

    assert [tuple(text) for text in texts if text.office == "NA"] == [
        ("progress", "NA", "1", "of one"),
        ("focus", "NA", "2", "of two"),
        ("policy", "NA", None, "because"),
        ("proposals", "NA", None, "words"),
        ("proposals", "NA", None, "more words"),
        ("experience", "NA", "1", "first"),
        ("experience", "NA", "3", "third"),
    ]
    assert [text.office for text in texts][:4] == ["NA", "NO", "NA", "NO"]


# Cost


@pytest.mark.parametrize("offices", [1, 20, 200])
@pytest.mark.parametrize("base", Base)
def test_results_ask_the_database_as_often_for_any_number_of_offices(offices, base, django_assert_num_queries):
    invent_round(6, offices=offices).load()
    group = OfficeGroup.objects.get(key="unseen-half")
    survey = Survey.objects.get(key="unseen")

    with django_assert_num_queries(8):
        compute_results(survey, base=base)
    with django_assert_num_queries(8):
        compute_results(survey, base=base, narrowing=Narrowing(group, Region.AFRICA))


# Files


def test_the_workbook_holds_the_same_figures():
    invent_round(7, offices=20).load()
    results = compute_results(Survey.objects.get(key="unseen"), base=Base.ANSWERED)
    file = io.BytesIO()

    results_xlsx(results, file)

    book = openpyxl.load_workbook(io.BytesIO(file.getvalue()))
    names = [f"{number} {table.question}" for number, table in enumerate(results.tables, start=1)]
    assert book.sheetnames == ["Notes", *names, "Texts"]
    for name, table in zip(names, results.tables, strict=True):
        header, *rows = book[name].iter_rows(values_only=True)
        labels = [title for label in table.columns.values() for title in (label, f"{label} (%)")]
        assert list(header) == ["Recommendation", "Label", *labels, "n"]
        assert rows == [
            (
                int(row.recommendation) if row.recommendation else None,
                row.label,
                *(figure for cell in row.cells.values() for figure in (cell.count, cell.percent)),
                row.n,
            )
            for row in table.rows
        ]
    texts = list(book["Texts"].iter_rows(min_row=2, values_only=True))
    assert [(question, office) for question, office, *_rest in texts] == [
        (text.question, text.office) for text in results.texts
    ]
    notes = dict(book["Notes"].iter_rows(min_row=2, values_only=True))
    assert (notes["Invited offices"], notes["Responding offices"]) == (results.invited, results.responded)
    assert notes["Base of percentages"] == "offices that answered the question"


def test_a_sample_round_and_a_round_held_elsewhere_say_so_in_the_workbook():
    def notes_of(survey):
        file = io.BytesIO()
        results_xlsx(compute_results(survey), file)
        return dict(openpyxl.load_workbook(io.BytesIO(file.getvalue()))["Notes"].iter_rows(values_only=True))

    held_elsewhere = notes_of(make_tiny_round(key="elsewhere").survey)
    sample = notes_of(make_tiny_round(OfficeFactory(is_sample=True), key="sample", is_sample=True).survey)

    assert "Figures" in held_elsewhere
    assert "Responding offices" not in held_elsewhere
    assert "Sample data" not in held_elsewhere
    assert "Sample data" in sample
    assert sample["Responding offices"] == 0
