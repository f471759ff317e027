"""The reference and sample data: the facts they hold, and the printed figures that come out of them.

The figures are those of the survey on the ten ICT Recommendations, paragraphs 12 to 16 of the
document that reports it.
"""

import csv
import datetime
import io
import json
from collections import Counter
from itertools import product

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.models import Count

from offices.models import Office, OfficeGroup
from portal.spreadsheets.kinds import all_kinds
from portal.spreadsheets.resources import Mode
from recommendations.models import Recommendation, RecommendationSet, SetEvent, StatusReport
from surveys.models import Survey
from surveys.results import compare_rounds, compute_results
from tests.factories.portal import counts, load

pytestmark = pytest.mark.django_db

REFERENCE = settings.BASE_DIR / "fixtures"
SAMPLE = REFERENCE / "sample"
SOME = [str(number) for number in range(1, 11)]
# The levels, each a step further than the one before.
LADDER = ["not_planned", "under_consideration", "planned", "in_progress", "implemented"]


def files(*folders):
    """Every file of the folders, in loading order."""
    paths = [folder / f"{kind}.csv" for folder in folders for kind in all_kinds()]
    return [(path.stem, path.read_bytes()) for path in paths if path.exists()]


@pytest.fixture(autouse=True)
def loaded(db):
    for kind, data in files(REFERENCE, SAMPLE):
        counts(load(kind, data))


@pytest.fixture
def tables(capsys):
    """The tables of the sample round as the command prints them, by question."""
    call_command("survey_results", "sample-2025")
    results = json.loads(capsys.readouterr().out)
    assert (results["invited"], results["responded"], results["base"]) == (21, 21, "responding")
    assert results["is_sample"] is True
    return {table["question"]: table for table in results["tables"]}


def row_of(table, name):
    """The row of a recommendation, or of an exclusive option or `no_answer`."""
    return next(row for row in table["rows"] if name in (row["recommendation"], row["code"]))


def percents(table):
    """The percentage of each recommendation and option of a `select` question."""
    return {row["recommendation"] or row["code"]: row["cells"]["selected"]["percent"] for row in table["rows"]}


def counted(table, number, *codes):
    cells = row_of(table, number)["cells"]
    return sum(cells[code]["count"] for code in codes)


def of_21(count):
    return (200 * count + 21) // 42


# Loading


def test_all_of_it_loads_and_a_second_time_changes_nothing():
    for kind, data in files(REFERENCE, SAMPLE):
        rows = len(list(csv.DictReader(io.StringIO(data.decode(), newline=""))))
        for mode in Mode:
            assert counts(load(kind, data, mode=mode)) == (0, 0, rows, 0)


def test_no_file_is_left_out():
    assert {path.name for path in REFERENCE.rglob("*.csv")} == {
        f"{kind}.csv" for kind, _data in files(REFERENCE, SAMPLE)
    }


def test_each_reference_row_names_its_source():
    for kind, data in files(REFERENCE):
        rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
        assert [row for row in rows if not row.get("source", "none asked for").strip()] == [], kind


# Paragraph 12: implementation


def test_every_table_has_the_base_21_and_every_row(tables):
    assert list(tables) == ["implementation", "focus", "low_priority", "challenges", "discussion", "proposals"]
    assert {row["n"] for table in tables.values() for row in table["rows"]} == {21}
    assert {table["n"] for table in tables.values()} == {21}
    assert [row["recommendation"] for row in tables["implementation"]["rows"]] == SOME
    assert {
        name: [row["recommendation"] or row["code"] for row in tables[name]["rows"]] for name in list(tables)[1:5]
    } == {
        "focus": [*SOME, "no_answer"],
        "low_priority": [*SOME, "none", "no_answer"],
        "challenges": [*SOME, "na", "no_answer"],
        "discussion": [*SOME, "no_answer"],
    }
    assert list(tables["implementation"]["rows"][0]["cells"]) == [
        "implemented",
        "in_progress",
        "planned",
        "under_consideration",
        "not_planned",
        "no_answer",
    ]


def test_implemented_or_under_way_is_67_to_90_per_cent(tables):
    shares = [of_21(counted(tables["implementation"], number, "implemented", "in_progress")) for number in SOME]

    assert (min(shares), max(shares)) == (67, 90)


def test_under_consideration_is_0_to_19_per_cent(tables):
    shares = [row["cells"]["under_consideration"]["percent"] for row in tables["implementation"]["rows"]]

    assert (min(shares), max(shares)) == (0, 19)


def test_all_have_recommendation_4_planned_or_implemented(tables):
    assert counted(tables["implementation"], "4", "implemented", "in_progress", "planned") == 21
    assert counted(tables["implementation"], "4", "under_consideration", "not_planned", "no_answer") == 0


def test_one_response_has_recommendation_9_not_planned(tables):
    cells = {number: row_of(tables["implementation"], number)["cells"]["not_planned"] for number in SOME}

    assert cells.pop("9") == {"count": 1, "percent": 5}
    assert list(cells.values()) == [{"count": 0, "percent": 0}] * 9


# Paragraph 13: focus


def test_the_current_focus(tables):
    shares = percents(tables["focus"])

    assert (shares["1"], shares["5"], shares["10"], shares["9"]) == (67, 57, 57, 14)
    between = [shares[number] for number in ("2", "3", "4", "6", "7", "8")]
    assert (min(between), max(between)) == (24, 43)


# Paragraph 14: low priority


def test_low_priority(tables):
    shares = percents(tables["low_priority"])

    assert (shares["9"], shares["none"]) == (19, 71)
    others = [row_of(tables["low_priority"], number)["cells"]["selected"] for number in SOME if number != "9"]
    assert {(cell["count"], cell["percent"]) for cell in others} == {(0, 0), (1, 5)}


# Paragraph 15: challenges


def test_challenges(tables):
    shares = percents(tables["challenges"])

    assert (shares["1"], shares["10"], shares["na"], shares["9"]) == (38, 38, 33, 10)
    between = [shares[str(number)] for number in range(2, 9)]
    assert (min(between), max(between)) == (14, 24)


def test_no_answer_is_counted_apart_from_not_applicable(tables):
    answers = list(csv.DictReader(io.StringIO((SAMPLE / "responses.csv").read_text(encoding="utf-8"), newline="")))
    answered = {row["office"] for row in answers if (row["survey"], row["question"]) == ("sample-2025", "challenges")}
    not_applicable = {
        row["office"]
        for row in answers
        if (row["survey"], row["question"], row["value"]) == ("sample-2025", "challenges", "na")
    }

    assert not_applicable < answered
    assert len(answered) < 21
    assert row_of(tables["challenges"], "na")["cells"]["selected"]["count"] == len(not_applicable) == 7
    assert row_of(tables["challenges"], "no_answer")["cells"]["selected"]["count"] == 21 - len(answered)


# Paragraph 16: discussion


def test_topics_for_discussion(tables):
    shares = percents(tables["discussion"])
    del shares["no_answer"]

    assert shares.pop("10") == 48
    assert {number for number, share in shares.items() if share == 19} == {"2", "3", "8", "9"}
    assert {number for number, share in shares.items() if share == 0} == {"6"}
    assert (min(shares.values()), max(shares.values())) == (0, 19)


# The round before


def test_the_earlier_round_is_answered_by_18_most_of_them_a_step_behind():
    rounds = Survey.objects.filter(key__in=["sample-2024", "sample-2025"])
    found = compare_rounds(rounds).as_json()

    assert [(part["survey"], part["invited"], part["responded"]) for part in found["rounds"]] == [
        ("sample-2024", 21, 18),
        ("sample-2025", 21, 21),
    ]
    assert [question["question"] for question in found["questions"]] == ["implementation", "focus", "challenges"]
    flows = [row["flows"][0] for row in found["questions"][0]["rows"]]
    assert {flow["in_both"] for flow in flows} == {18}
    assert [flow["moved"] for flow in flows] == [12, 8, 9, 7, 10, 10, 9, 8, 11, 13]
    steps = Counter()
    for flow in flows:
        for (earlier, row), later in product(flow["cells"].items(), LADDER):
            if earlier in LADDER:
                steps[LADDER.index(later) - LADDER.index(earlier)] += row[later]
    assert {step: n for step, n in steps.items() if n} == {1: 89, 0: 81, -1: 3, 2: 1}


def test_what_offices_said_earlier_stands_until_they_said_more():
    """The statuses of the round of 2025 are those of its answers; silence there was silence before."""
    reports = StatusReport.objects.filter(office__is_sample=True)

    assert dict(reports.order_by().values_list("as_at").annotate(Count("pk"))) == {
        datetime.date(2024, 12, 6): 174,
        datetime.date(2025, 7, 7): 206,
    }
    assert reports.filter(revision__gt=1).count() == 0
    later = reports.filter(as_at="2025-07-07").order_by().values("office", "recommendation")
    earlier = reports.filter(as_at="2024-12-06").order_by().values("office", "recommendation")
    assert not earlier.difference(later).exists()


def test_all_comments_and_texts_say_that_they_are_samples():
    answers = list(csv.DictReader(io.StringIO((SAMPLE / "responses.csv").read_text(encoding="utf-8"), newline="")))
    comments = [row["comment"] for row in answers if row["comment"]]

    assert [text for text in comments if not text.startswith("Sample comment: ")] == []
    assert Counter(row["survey"] for row in answers if row["comment"]) == {"sample-2024": 8, "sample-2025": 17}


# Reference data


def test_the_offices_are_the_235_of_st_3():
    real = Office.objects.filter(is_sample=False)

    assert real.count() == 235
    assert set(real.filter(code__in=["NA", "NO", "IB"]).values_list("code", "name", "region")) >= {
        ("NA", "Namibia", "africa"),
        ("NO", "Norway", "europe"),
    }
    assert real.get(code="IB").kind == "international"


def test_the_groups_have_their_members():
    members = {
        group.key: set(group.offices.values_list("code", flat=True))
        for group in OfficeGroup.objects.exclude(key__startswith="sample")
    }

    assert {key: len(codes) for key, codes in members.items()} == {
        "ict-survey-2025-respondents": 21,
        "c-cws-180-respondents": 7,
        "ldc": 44,
    }
    respondents = "AU BR CA CN DE EM EP ES FI GM HR IE IL JP KG NO PE PL PY RU US"
    assert " ".join(sorted(members["ict-survey-2025-respondents"])) == respondents
    assert members["c-cws-180-respondents"] == {"AU", "DE", "LT", "MX", "MZ", "NG", "NO"}
    assert OfficeGroup.objects.get(key="ldc").as_of is not None


def test_the_sets_follow_each_other():
    about_ict = RecommendationSet.objects.exclude(issuer="JIU").exclude(key="development-agenda")
    assert dict(about_ict.values_list("key", "supersedes__key")) == {
        "ict-40": None,
        "cws-11-18": "ict-40",
        "cws-12-22": "cws-11-18",
    }
    assert about_ict.get(stage="adopted").key == "cws-12-22"
    assert SetEvent.objects.filter(date__regex=r"^\d{4}$").exists()


def test_of_recommendations_4_to_9_nothing_is_invented():
    ten = Recommendation.objects.filter(recommendation_set__key="cws-12-22").order_by("number")

    assert [item.number for item in ten] == list(range(1, 11))
    unseen = [(item.label, item.summary, item.official_text, item.actions.count()) for item in ten[3:9]]
    assert unseen == [(f"Recommendation {number}", "", "", 0) for number in range(4, 10)]
    assert {item.source for item in ten[3:9]} == {"WIPO, wipo.int/en/web/cws/ict-recommendations"}
    assert {item.official_text for item in ten} == {""}


def test_the_real_round_was_held_elsewhere_and_shows_no_figure():
    survey = Survey.objects.get(is_sample=False)

    assert (survey.key, survey.opens_on.isoformat(), survey.closes_on.isoformat()) == (
        "cws-ict-2025",
        "2025-05-02",
        "2025-07-07",
    )
    assert survey.responses.count() == 0
    results = compute_results(survey)
    assert (results.invited, results.responded, results.tables, results.texts) == (None, None, (), ())


def test_sample_data_are_labelled_and_kept_apart():
    sample = Office.objects.filter(is_sample=True)

    assert [office.name for office in sample] == [f"Sample office {number:02}" for number in range(1, 22)]
    assert set(Survey.objects.filter(is_sample=True).values_list("key", flat=True)) == {
        "sample-2024",
        "sample-2025",
        "sample-open",
    }
    assert not Survey.objects.get(key="sample-open").responses.exists()
    assert not Survey.objects.filter(is_sample=False, invitations__office__is_sample=True).exists()
    assert not OfficeGroup.objects.exclude(key__startswith="sample").filter(offices__is_sample=True).exists()
