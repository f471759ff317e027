"""The reference data on the recommendations of the JIU, against what WO/PBC/34/6 prints."""

import csv
import datetime
import io
from collections import Counter

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from jiu.models import Review
from jiu.reports import progress_report
from recommendations.models import Officer, Recommendation, RecommendationSet, SetDocument, StatusReport
from tests.jiu.wo_pbc_34_6 import (
    ACTIVE,
    ADDRESSED,
    DEADLINES,
    DONE,
    ENDORSEMENTS,
    IDLE,
    ISSUED_ON,
    NEW,
    NOT_RELEVANT,
    NOT_YET,
    OUTSTANDING,
    POSTS,
    RECOMMENDATIONS,
    REVIEWS,
    SAME,
    TITLES,
    UPDATED,
    WORK,
)

pytestmark = pytest.mark.django_db

EARLIER, LATER, NEXT = datetime.date(2021, 3, 31), datetime.date(2022, 3, 31), datetime.date(2023, 3, 31)


@pytest.fixture(scope="module", autouse=True)
def reference_data(django_db_setup, django_db_blocker):
    """Loaded once for all tests of the module, which only read."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_reference", stdout=io.StringIO())
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def report_2022(reference_data):
    return progress_report(as_at=LATER, since=EARLIER).as_json()


@pytest.fixture(scope="module")
def report_2023(reference_data):
    return progress_report(as_at=NEXT, since=LATER).as_json()


def symbol(report: str) -> str:
    return f"JIU/REP/{report}"


def rows_of(kind: str) -> list[dict[str, str]]:
    with (settings.BASE_DIR / "fixtures" / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def recommendations():
    return Recommendation.objects.filter(recommendation_set__issuer="JIU")


def reports_as_at(date):
    return StatusReport.objects.filter(recommendation__in=recommendations(), as_at=date)


def values_of(queryset, name: str) -> Counter[str]:
    return Counter(queryset.values_list(name, flat=True))


# Sets and recommendations


def test_a_second_loading_changes_nothing():
    output = io.StringIO()
    call_command("load_reference", stdout=output)
    lines = output.getvalue().splitlines()
    assert "status_reports: 0 added, 0 changed, 87 unchanged, 0 removed" in lines
    assert [line for line in lines if ": 0 added, 0 changed, " not in line or ", 0 removed" not in line] == []


def test_the_17_reports_with_their_titles_and_days_of_issue():
    held = RecommendationSet.objects.filter(issuer="JIU").order_by("key")
    assert [(item.key, item.symbol, item.title, item.issued_on) for item in held] == [
        (f"jiu-rep-{report.replace('/', '-')}", symbol(report), title, ISSUED_ON.get(report, ""))
        for report, title in TITLES.items()
    ]
    assert {(item.stage, item.is_relevant, item.source.startswith("WO/PBC/34/6, Annex")) for item in held} == {
        ("adopted", True, True)
    }


def test_how_many_recommendations_each_report_addresses_to_whom():
    assert values_of(recommendations(), "addressee") == {"LB": 13, "EH": 38}
    held = Counter(recommendations().values_list("recommendation_set__symbol", "addressee"))
    printed = {
        (symbol(report), addressee): count
        for report, (bodies, heads) in ADDRESSED.items()
        for addressee, count in (("LB", bodies), ("EH", heads))
        if count
    }
    assert held == printed


def test_every_recommendation_has_our_words_and_its_source_and_no_official_text():
    annexes = {"LB": "WO/PBC/34/6, Annex I", "EH": "WO/PBC/34/6, Annex II"}
    for item in recommendations():
        assert item.label, item
        assert len(item.label) <= 90, item
        assert item.summary, item
        assert item.official_text == "", item
        assert item.source == annexes[item.addressee], item


def test_the_deadlines_in_the_words_that_name_them():
    held = recommendations().exclude(due_text="").values_list("due_text", "recommendation_set__symbol", "number")
    named = {(words, symbol(report), number) for words, items in DEADLINES.items() for report, number in items}
    assert set(held) == named


def test_a_day_without_words_or_a_year_that_opens_a_period_is_no_deadline():
    assert not recommendations().filter(due_text="", due_on__isnull=False).exists()
    refresher = recommendations().get(recommendation_set__symbol="JIU/REP/2021/5", number=3)
    assert (refresher.due_on, refresher.due_text) == (None, "")


def test_recommendation_10_of_the_development_agenda():
    agenda = RecommendationSet.objects.get(key="development-agenda")
    assert (agenda.issuer, agenda.symbol, agenda.title) == ("WIPO", "", "WIPO Development Agenda")
    assert (agenda.issued_on, agenda.stage, agenda.is_relevant) == ("2007", "adopted", True)
    assert [(item.number, item.addressee) for item in agenda.recommendations.all()] == [(10, "")]


# What the bureau stated


def test_what_stood_in_2022():
    reports = reports_as_at(LATER)
    assert values_of(reports, "acceptance") == {"accepted": 49, "not_relevant": 2}
    assert values_of(reports, "implementation") == {DONE: 25, WORK: 21, IDLE: 3, "": 2}
    assert values_of(reports, "stated_change") == {"": 34, "no_change": 5, "updated": 12}
    assert values_of(reports, "as_at_assumed") == {False: 51}
    assert values_of(reports, "office__code") == {"IB": 51}


def test_not_relevant_stands_without_an_implementation():
    held = reports_as_at(LATER).filter(acceptance="not_relevant")
    columns = ("recommendation__recommendation_set__symbol", "recommendation__number", "implementation")
    assert list(held.order_by("recommendation__number").values_list(*columns)) == [
        ("JIU/REP/2020/6", 5, ""),
        ("JIU/REP/2020/6", 6, ""),
    ]


def test_what_stood_before_is_dated_by_assumption():
    reports = reports_as_at(EARLIER)
    assert values_of(reports, "as_at_assumed") == {True: 36}
    assert values_of(reports, "acceptance") == {"": 36}
    assert values_of(reports, "implementation") == {WORK: 30, IDLE: 5, "under_consideration": 1}
    assert values_of(reports, "stated_change") == {"": 36}
    assert values_of(reports, "summary") == {"": 36}
    assert values_of(reports, "responsible_officers") == {None: 36}
    assert all("assumed" in report.source for report in reports)


def test_our_summaries_never_stand_as_the_words_of_the_office():
    assert not StatusReport.objects.exclude(assessment="").exists()
    assert not reports_as_at(LATER).filter(summary="").exists()
    assert not StatusReport.objects.exclude(evidence_url="").exists()


# Posts


def test_every_post_with_its_title():
    assert sorted(Officer.objects.values_list("title", flat=True)) == sorted(POSTS.values())


@pytest.mark.parametrize(
    ("name", "post"),
    [
        ("BCC", "bcc"),
        ("CEO", "ceo"),
        ("D/IOD", "d-iod"),
        ("D/LDCs", "d-ldcs"),
        ("D/DPPF (Controller)", "d-dppf"),
        ("Director, Program Planning and Finance (Controller)", "d-dppf"),
        ("Director/Program Planning and Finance (Controller)", "d-dppf"),
        ("Director/Human Resources Management Department (HRMD)", "d-hrmd"),
        ("Director/Human Resources Management Division (HRMD)", "d-hrmd"),
        ("ED/WA", "ed-wa"),
        ("Executive Director (ED)/WIPO Academy (WA)", "ed-wa"),
        ("Assistant Director General (ADG)/Administration and Management Sector (AFMS)", "adg-afms"),
        ("Director/Diplomatic Engagement and Assemblies Affairs Division (DEAAD)", "d-deaad"),
        ("Director/IT Technical Division", "d-it-technical-division"),
    ],
)
def test_a_name_as_the_document_writes_it_leads_to_one_post(name, post):
    named = [
        officer.key
        for officer in Officer.objects.all()
        if name in (officer.title, officer.abbreviation, *officer.aliases.splitlines())
    ]
    assert named == [post]


def test_three_rows_name_two_posts(report_2022):
    assert {
        (entry["symbol"], entry["number"]): entry["officers"]
        for entry in report_2022["recommendations"]
        if len(entry["officers"]) > 1
    } == {
        ("JIU/REP/2021/5", 2): [POSTS["ADG"], POSTS["DPPF"]],
        ("JIU/REP/2020/6", 5): [POSTS["LD"], POSTS["DPPF"]],
        ("JIU/REP/2020/6", 6): [POSTS["LD"], POSTS["DPPF"]],
    }


# Documents and reviews


def test_the_documents_on_the_12_active_reports():
    comments = {symbol(report): ("CEB comments", "available") for report, _bodies, _heads in ACTIVE}
    comments |= {symbol(report): ("CEB comments", "not yet available") for report in NOT_YET}
    comments["JIU/REP/2018/4"] = ("CEB comments and Inspectors’ response", "available")
    assert documents_of_kind("comments") == comments
    assert documents_of_kind("highlights") == {
        symbol(report): ("Review highlights", "available") for report, *_counts in ACTIVE if report not in NOT_YET
    }


def documents_of_kind(kind: str) -> dict[str, tuple[str, str]]:
    documents = [row for row in rows_of("set_documents") if row["kind"] == kind]
    assert {row["url"] for row in documents} == {""}
    return {row["set"].upper().replace("-", "/"): (row["title"], row["state"]) for row in documents}


def test_the_reviews_one_reference_twice():
    held = rows_of("reviews")
    assert [(row["reference"], row["programme_of_work"], row["stage"]) for row in held] == [
        (reference, programme, stage) for reference, _title, programme, stage in REVIEWS
    ]
    for row, (_reference, title, _programme, _stage) in zip(held, REVIEWS, strict=True):
        assert row["title"].startswith(title)


def test_documents_and_reviews_fit_their_models():
    for row in rows_of("reviews"):
        Review(**row).clean_fields()
    for row in rows_of("set_documents"):
        held = RecommendationSet.objects.get(key=row.pop("set"))
        SetDocument(recommendation_set=held, **row).clean_fields()


# The progress report that follows


def test_the_figures_of_2022(report_2022):
    figures = {name: report_2022[name] for name in ("as_at", "since", "outstanding", "new", "closed")}
    assert figures == {
        "as_at": "2022-03-31",
        "since": "2021-03-31",
        "outstanding": {"LB": 5, "EH": 19},
        "new": {"LB": 4, "EH": 11, "reports": 4},
        "closed": {"LB": 8, "EH": 19},
    }
    assert set(report_2022) == {*figures, "endorsements", "active_reports", "recommendations"}


def test_what_2022_asks_to_endorse(report_2022):
    assert report_2022["endorsements"] == [
        {"set": f"jiu-rep-{report.replace('/', '-')}", "symbol": symbol(report), "numbers": numbers}
        for report, numbers in ENDORSEMENTS
    ]


def test_the_active_reports_of_2022(report_2022):
    assert report_2022["active_reports"] == [
        {"symbol": symbol(report), "title": TITLES[report], "LB": bodies, "EH": heads}
        for report, bodies, heads in ACTIVE
    ]


def test_the_51_recommendations_of_2022(report_2022):
    assert report_2022["recommendations"] == [entry(*printed) for printed in RECOMMENDATIONS]


def entry(
    report: str, number: int, addressee: str, implementation: str, change: str, posts: str, due_on: str | None
) -> dict[str, object]:
    """One row of `RECOMMENDATIONS` as the JSON has it."""
    stated = None if implementation == "-" else implementation
    return {
        "symbol": symbol(report),
        "number": number,
        "addressee": addressee,
        "acceptance": "not_relevant" if (report, number) in NOT_RELEVANT else "accepted",
        "implementation": stated,
        "previous_acceptance": None,
        "previous_implementation": {NEW: None, SAME: stated, UPDATED: stated}.get(change, change),
        "is_new": change == NEW,
        "update_received": True,
        "assessment_updated": {SAME: False, UPDATED: True}.get(change),
        "officers": [POSTS[post] for post in posts.split()],
        "assessment": None,
        "due_on": due_on,
    }


def test_the_figures_of_2023_in_silence(report_2023):
    assert {name: report_2023[name] for name in report_2023 if name != "recommendations"} == {
        "as_at": "2023-03-31",
        "since": "2022-03-31",
        "outstanding": {"LB": 5, "EH": 19},
        "new": {"LB": 0, "EH": 0, "reports": 0},
        "closed": {"LB": 0, "EH": 0},
        "endorsements": [],
        "active_reports": [
            {"symbol": symbol(report), "title": TITLES[report], "LB": bodies, "EH": heads}
            for report, bodies, heads in ACTIVE
        ],
    }


def test_2023_lists_what_is_outstanding_and_got_no_update(report_2023):
    listed = [(symbol(report), number) for report, numbers in OUTSTANDING for number in numbers]
    assert len(listed) == 24
    entries = report_2023["recommendations"]
    assert [(found["symbol"], found["number"]) for found in entries] == listed
    printed = {(symbol(row[0]), row[1]): entry(*row) for row in RECOMMENDATIONS}
    assert entries == [
        printed[found]
        | {
            "previous_acceptance": "accepted",
            "previous_implementation": printed[found]["implementation"],
            "is_new": False,
            "update_received": False,
            "assessment_updated": None,
        }
        for found in listed
    ]
