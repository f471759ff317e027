"""Page, JSON, CSV and XLSX of rounds beside each other: the same figures, and what the files say of them."""

import csv
import io
import re

import openpyxl
import pytest

from tests.surveys.test_results_page import TableReader

pytestmark = pytest.mark.django_db


def flat(found: dict) -> list[tuple]:
    """JSON as the CSV has it."""
    surveys = [part["survey"] for part in found["rounds"] if part["invited"] is not None]
    lines = []
    for question in found["questions"]:
        own = (question["question"], question["kind"])
        for row in question["rows"]:
            for side in filter(None, row["rounds"]):
                for column, cell in side["cells"].items():
                    if cell:
                        place = (side["survey"], side["recommendation"], column)
                        figures = (cell["count"], side["n"], cell["percent"], cell["change"])
                        lines.append(("figure", *own, row["code"], None, None, None, *place, *figures))
        for row in question["rows"]:
            for place, flow in enumerate(row["flows"]):
                for state_, cells in (flow or {"cells": {}})["cells"].items():
                    for other, count in cells.items():
                        one, two = (row["rounds"][place + side]["recommendation"] for side in (0, 1))
                        ends = (surveys[place], one, state_, surveys[place + 1], two, other)
                        lines.append(("move", *own, row["code"], *ends, count, flow["n"], None, None))
    return [tuple("" if value is None else str(value) for value in line) for line in lines]


def figures_of_page(html: str) -> tuple[list, list]:
    """Per row (number or None, cells, n), per flow table its counts; dashes and words as None."""
    figures, moves = [], []
    for table in TableReader(html).tables:
        if "Round" not in [cell.strip() for cell in table[0]]:
            moves.append([[int(cell) for cell in row[1:]] for row in table[1:]])
            continue
        for row in table[1:]:
            cells = [cell.split() for cell in row]
            start = next(
                place for place, words in enumerate(cells) if words and words[-1] in {"first", "second", "later"}
            )
            figures.append([figure(words) for words in cells[start + 1 :]])
    return figures, moves


def figure(words: list[str]) -> tuple | None:
    signs = {"±0": 0}
    if len(words) == 1 and words[0].isdigit():
        return int(words[0])
    if not words or not words[0].isdigit():
        return None
    share = None if words[1] == "–" else int(words[1].removesuffix("%"))
    change = None if len(words) < 3 else signs.get(words[2])
    if len(words) > 2 and change is None:
        change = int(words[2].replace("−", "-"))
    return int(words[0]), share, change


def figures_of_json(found: dict) -> tuple[list, list]:
    """The moves without those of lines where nobody moved, which the page has no table for."""
    figures, moves = [], []
    for question in found["questions"]:
        for row in question["rows"]:
            for side in row["rounds"]:
                if side is None:
                    figures.append([None])
                    continue
                cells = [c and (c["count"], c["percent"], c["change"]) for c in side["cells"].values()]
                figures.append([*cells, side["n"]])
            moves += [
                [list(cells.values()) for cells in flow["cells"].values()]
                for flow in row["flows"]
                if flow and flow["moved"]
            ]
    return figures, moves


def figures_of_xlsx(data: bytes) -> tuple[list, list]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    figures, moves = [], []
    for sheet in book:
        rows = list(sheet.iter_rows(min_row=2, values_only=True))
        if sheet.title.endswith(" moves"):
            moves += [(row[0], row[2], row[-2], row[-1]) for row in rows]
        elif re.match(r"\d", sheet.title):
            for row in rows:
                if row[-1] is None:
                    figures.append([None])
                    continue
                cells = zip(row[3:-1:3], row[4:-1:3], row[5:-1:3], strict=True)
                figures.append([*(None if cell[0] is None else cell for cell in cells), row[-1]])
    return figures, moves


def moves_in_a_row(found: dict) -> list[tuple]:
    return [
        (flow["from"], flow["to"], count, flow["n"])
        for question in found["questions"]
        for row in question["rows"]
        for flow in filter(None, row["flows"])
        for cells in flow["cells"].values()
        for count in cells.values()
    ]


QUERIES = [
    {"rounds": ["second", "first"]},
    {"rounds": ["first", "second", "later"], "base": "answered"},
    {"rounds": ["later", "first"], "both": "1", "region": "asia"},
    {"rounds": ["later", "second"], "question": "focus"},
]


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_page_json_csv_and_xlsx_carry_the_same_figures(get, three_rounds, query):
    found = get("compare_json", **query).json()
    page = get("compare", **query).content.decode()
    assert figures_of_page(page) == figures_of_json(found)
    rows = list(csv.reader(io.StringIO(get("compare_csv", **query).getvalue().decode(), newline="")))
    assert [tuple(row) for row in rows[1:]] == flat(found)
    assert figures_of_xlsx(get("compare_xlsx", **query).getvalue()) == (
        figures_of_json(found)[0],
        moves_in_a_row(found),
    )
    assert figures_of_json(found)[0]
    assert moves_in_a_row(found)


def test_the_file_holds_labels_as_text_and_says_what_one_must_know(get, three_rounds):
    item = three_rounds[0].survey.recommendation_set.recommendations.first()
    item.label = "=HYPERLINK(1)"
    item.save()
    book = openpyxl.load_workbook(
        io.BytesIO(get("compare_xlsx", rounds=["first", "second", "later"], both="1").getvalue())
    )
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert book["1 progress"]["C2"].value == "=HYPERLINK(1)"
    notes = {row[0]: row[1] for row in book["Notes"].iter_rows(min_row=2, values_only=True)}
    assert notes["Offices"] == "those that responded in every round"
    assert notes["Change"] == "in points, of the printed percentages, since the round before"
    assert [cell.value for cell in book["Not compared"][2]] == ["later", "novel", "Text of novel?"]


def test_sample_rounds_are_labelled_as_such(get, two_sets):
    for spoken in two_sets:
        spoken.survey.is_sample = True
        spoken.survey.save()
    query = {"rounds": ["before", "after"]}
    assert "Everything here is invented" in get("compare", **query).content.decode()
    assert get("compare_json", **query).json()["is_sample"] is True
    notes = openpyxl.load_workbook(io.BytesIO(get("compare_xlsx", **query).getvalue()))["Notes"]
    assert next(cell.value for cell in notes[2]) == "Sample data"
