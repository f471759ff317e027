"""The page of the progress report: the same figures as the command, each with its rows; who may read it."""

import datetime
import json
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import lxml.html
import pytest
from django.core.management import call_command

from benchmarks.data import make_set, write_history
from jiu.models import ISSUER
from jiu.reports import Group, progress_report
from offices.models import Membership
from tests.conftest import member
from tests.factories.jiu import EndorsementFactory, make_bureau, make_jiu_recommendation, state
from tests.factories.recommendations import OfficerFactory

pytestmark = pytest.mark.django_db

PAGE, JSON = "/jiu/progress-report/", "/jiu/progress-report.json"
DATES = {"as_at": "2022-03-31", "since": "2021-03-31"}
SINCE, AS_AT = datetime.date(2021, 3, 31), datetime.date(2022, 3, 31)


@pytest.fixture
def reader(secretariat, client_of):
    return client_of(secretariat)


@pytest.fixture
def varied():
    """Every kind of change, both addressees, three years."""
    for symbol, number, addressee, before, now, fields in [
        ("JIU/REP/2021/6", 1, "LB", None, ("in_progress", "accepted"), {}),
        ("JIU/REP/2021/6", 2, "EH", None, ("implemented", "accepted"), {}),
        ("JIU/REP/2020/1", 1, "EH", ("not_started", ""), ("", "not_relevant"), {}),
        ("JIU/REP/2020/1", 2, "EH", ("in_progress", ""), ("implemented", "accepted"), {}),
        ("JIU/REP/2020/1", 3, "LB", ("in_progress", ""), None, {}),
        ("JIU/REP/2016/9", 2, "EH", ("in_progress", ""), ("in_progress", "accepted"), {"stated_change": "updated"}),
        ("JIU/REP/2016/9", 3, "EH", ("in_progress", ""), ("in_progress", "accepted"), {"stated_change": "no_change"}),
        ("JIU/REP/2016/9", 5, "EH", ("implemented", ""), None, {}),
    ]:
        item = make_jiu_recommendation(symbol, number, addressee)
        if before:
            state(item, "2021-03-31", *before)
        if now:
            state(item, "2022-03-31", *now, **fields)


def get(client, **query):
    return client.get(PAGE, {**DATES, **query})


def parsed(response):
    assert response.status_code == HTTPStatus.OK
    return lxml.html.fromstring(response.content.decode())


def parts(element, name, tag="*"):
    """What has this class below the element, or what is of this tag there."""
    return element.xpath(f".//{tag}[contains(concat(' ', normalize-space(@class), ' '), ' {name} ')]")


def body(element, name):
    """The rows of the tables of this class, as lists of their cells' texts."""
    rows = [row for table in parts(element, name, "table") for row in table.xpath("./tbody/tr")]
    return [[text(cell) for cell in row] for row in rows]


def text(element):
    return " ".join(element.text_content().split())


# Who may


@pytest.mark.parametrize("path", [PAGE, JSON])
def test_who_may_read_it(path, personas, client_of):
    answers = {name: client_of(person).get(path, DATES) for name, person in personas.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "viewer": 403,
        "contributor": 403,
        "coordinator": 403,
        "other_coordinator": 403,
        "secretariat": 200,
        "administrator": 200,
        "auditor": 200,
        "anonymous": 302,
    }
    assert answers["anonymous"].url.startswith("/accounts/login/?next=/jiu/progress-report")
    assert "for the secretariat" in answers["viewer"].content.decode()


def test_of_the_bureau_its_coordinator_reads_it(client_of):
    bureau = make_bureau()
    codes = {role: get(client_of(member(bureau, role))).status_code for role in Membership.Role.values}
    assert codes == {"viewer": 403, "contributor": 403, "coordinator": 200}


def test_it_only_answers_to_reading(reader):
    assert {reader.post(path).status_code for path in (PAGE, JSON)} == {405}


# Which dates


def test_without_data_it_says_so(reader):
    assert "There is nothing to report yet" in text(parsed(reader.get(PAGE)))
    assert reader.get(JSON).status_code == HTTPStatus.BAD_REQUEST
    assert reader.get(JSON, DATES).json()["recommendations"] == []


@pytest.mark.parametrize(
    ("stated", "asked", "as_at", "since"),
    [
        (["2020-03-31", "2021-03-31", "2022-03-31"], {}, "2022-03-31", "2021-03-31"),
        (["2020-03-31", "2021-03-31", "2022-03-31"], {"as_at": "2021-03-31"}, "2021-03-31", "2020-03-31"),
        (["2020-03-31", "2022-03-31"], {"as_at": "2022-03-30"}, "2022-03-30", "2020-03-31"),
        (["2020-03-31", "2022-03-31"], {"since": "2019-01-01"}, "2022-03-31", "2019-01-01"),
        (["2022-03-31"], {}, "2022-03-31", "2021-03-31"),
        (["2022-03-31"], {"as_at": " ", "since": ""}, "2022-03-31", "2021-03-31"),
    ],
)
def test_the_dates_held_are_proposed(reader, stated, asked, as_at, since):
    item = make_jiu_recommendation()
    for day in stated:
        state(item, day)
    page = reader.get(PAGE, asked)
    assert (page.context["report"].as_at.isoformat(), page.context["report"].since.isoformat()) == (as_at, since)
    fields = {field.get("name"): field.get("value") for field in parts(parsed(page), "filters")[0].xpath(".//input")}
    assert fields == {"as_at": as_at, "since": since}
    printed = reader.get(JSON, asked).json()
    assert (printed["as_at"], printed["since"]) == (as_at, since)


@pytest.mark.usefixtures("varied")
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"as_at": "2021-03-31", "since": "2021-03-31"}, "must be before the date of the report"),
        ({"as_at": "2021-03-31", "since": "2022-03-31"}, "must be before the date of the report"),
        ({"as_at": "yesterday"}, "Write the date as year-month-day"),
        ({"as_at": "0001-01-01"}, "Write a date from 1900-01-01 to 2999-12-31."),
    ],
)
def test_dates_that_cannot_be_are_named(reader, query, sentence):
    page = reader.get(PAGE, query)
    assert sentence in page.content.decode()
    assert page.status_code == HTTPStatus.BAD_REQUEST
    assert reader.get(JSON, query).status_code == HTTPStatus.BAD_REQUEST


@pytest.mark.usefixtures("varied")
def test_before_the_first_statement_there_is_nothing_to_report(reader):
    page = reader.get(PAGE, {"as_at": "2020-03-31"})
    assert "holds no statement of the International Bureau as at 31 March 2020 or before" in page.content.decode()


# What it says


@pytest.mark.usefixtures("varied")
def test_page_json_and_command_give_the_same(reader, capsys):
    call_command("progress_report", "--as-at", "2022-03-31", "--since", "2021-03-31")
    printed = json.loads(capsys.readouterr().out)
    assert reader.get(JSON, DATES).json() == printed
    page = get(reader)
    assert page.context["report"].as_json() == printed
    assert [" ".join(row) for row in body(parsed(page), "report-figures")] == [
        "Outstanding 2 of 2 2 of 6 4 of 8 held",
        "New from 1 JIU report 1 of 2 1 of 6 2 of 8 held",
        "Closed in the period 0 of 2 3 of 6 3 of 8 held",
        "Listed in this report 2 of 2 5 of 6 7 of 8 held",
        "Listed without an update 1 of 2 0 of 6 1 of 8 held",
        "Proposed for endorsement 0 of 2 3 of 6 3 of 8 held",
    ]
    listed = [
        (row["symbol"], str(row["number"])) for name in ("LB", "EH") for row in printed["recommendations"]
        if row["addressee"] == name
    ]  # fmt: skip
    shown = [
        (text(parts(of_set.getprevious(), "code")[0]), text(parts(line, "number")[0]))
        for of_set in parts(parsed(page), "report-lines")
        for line in parts(of_set, "report-line")
    ]
    assert shown == listed


@pytest.mark.usefixtures("varied")
def test_endorsements_and_active_reports(reader):
    page = parsed(get(reader))
    assert [text(item) for item in parts(page, "report-endorsements")[0]] == [
        "JIU/REP/2021/6 (Recommendation 2)",
        "JIU/REP/2020/1 (Recommendations 1 and 2)",
    ]
    assert [counts for _name, *counts in body(page, "report-active")] == [
        ["1", "0"],
        ["1", "0"],
        ["0", "2"],
    ]


@pytest.mark.usefixtures("varied")
def test_what_happened_stands_beside_each_recommendation(reader):
    marks = [(mark.get("class"), text(mark)) for mark in parts(parsed(get(reader)), "change")]
    assert [(classes.split()[-1], words) for classes, words in marks] == [
        ("change-new", "New"),
        ("change-silent", "No update received"),
        ("change-new", "New"),
        ("change-changed", "Previously “not started”"),
        ("change-changed", "Previously “in progress”"),
        ("change-updated", "Assessment updated"),
        ("change-same", "No change"),
    ]


@pytest.mark.usefixtures("varied")
def test_charts_have_their_tables(reader):
    page = parsed(get(reader))
    assert [" ".join(row) for row in body(page, "report-whole")] == [
        "Implemented 3 38%",
        "Not accepted (closed without implementation) 0 0%",
        "Not relevant (closed without implementation) 1 13%",
        "In progress 4 50%",
        "Planned 0 0%",
        "Under consideration 0 0%",
        "Not planned 0 0%",
        "Not started 0 0%",
        "Not stated 0 0%",
        "Closed without implementation 1 13%",
        "Closed 4 50%",
        "Outstanding 4 50%",
    ]
    assert body(page, "report-years")[0] == [
        "2016", "1 33%", "0 0%", "0 0%", "2 67%", "0 0%", "0 0%", "0 0%", "0 0%", "0 0%", "3",
    ]  # fmt: skip
    assert [text(table.xpath("./caption")[0]) for table in parts(page, "report-years", "table")] == [
        f"As at 31 March 2022; n = {n} of 8 held. Percentages are of the n of their row." for n in (8, 2, 6)
    ]
    assert len(parts(page, "report-bars")) == len(parts(page, "report-years", "table")) == 3


@pytest.mark.usefixtures("varied")
def test_every_figure_leads_to_as_many_rows(reader):
    links = parsed(get(reader)).xpath("//main//a[starts-with(@href, '?')]")
    told = {}
    for link in links:
        number = parts(link, "count") or [link]
        told.setdefault(link.get("href"), set()).add(text(number[0]))
    figures = {href: words.pop() for href, words in told.items() if all(word.isdigit() for word in words)}
    assert len(figures) > 40
    for href, number in figures.items():
        query = parse_qs(urlsplit(href).query, keep_blank_values=True)
        assert {name: query[name] for name in DATES} == {name: [value] for name, value in DATES.items()}
        rows = parsed(reader.get(PAGE + href))
        assert text(rows.xpath("//h2")[0]).split()[0] == number, href
        found = [row for table in parts(rows, "report-rows", "table") for row in table.xpath("./tbody/tr")]
        assert str(len(found)) == number, href
        for row in found:
            recommendation, status = row.xpath(".//a/@href")
            assert recommendation.startswith("/recommendations/jiu-rep-20")
            assert status == recommendation.replace("/recommendations/", "/offices/IB/status/")


@pytest.mark.usefixtures("varied")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"group": "held"}, 8),
        ({"year": "2016"}, 3),
        ({"year": "0"}, 0),
        ({"place": "in_progress", "addressee": "LB"}, 2),
        ({"place": "closed"}, 4),
        ({"place": "closed_otherwise"}, 1),
        ({"set": "jiu-rep-2020-1", "group": "awaiting"}, 2),
        ({"set": "no-such-set"}, 0),
    ],
)
def test_rows_by_what_they_have_in_common(reader, query, expected):
    page = get(reader, **query)
    assert len(page.context["rows"]) == expected
    assert ("No recommendation is counted here." in page.content.decode()) == (expected == 0)


@pytest.mark.usefixtures("varied")
@pytest.mark.parametrize(
    "query",
    [{"group": "x"}, {"addressee": "XX"}, {"year": "x"}, {"year": "-1"}, {"place": "x"}, {"set": "a b"}],
    ids=str,
)
def test_rows_that_cannot_be_are_not_found(reader, query):
    assert get(reader, **query).status_code == HTTPStatus.NOT_FOUND


def test_each_recommendation_with_its_officers_deadline_and_words(reader):
    item = make_jiu_recommendation()
    item.due_on, item.due_text = datetime.date(2022, 3, 30), "by the end of March"
    item.save()
    report = state(item, "2022-03-31", assessment="<b>Under way</b>", as_at_assumed=True)
    report.responsible_officers.set([OfficerFactory(title="Chief, A"), OfficerFactory(title="Director, B")])
    line = parts(parsed(get(reader)), "report-line")[0]
    words = text(line)
    for expected in (
        "Chief, A; Director, B",
        "by the end of March (30 March 2022) overdue",
        "in progress",
        "acceptance: accepted; stated as at 31 March 2022 (date assumed)",
        "Assessment <b>Under way</b>",
    ):
        assert expected in words
    assert line.xpath(".//a/@href") == [
        "/recommendations/jiu-rep-2021-6/1/",
        "/offices/IB/status/jiu-rep-2021-6/1/",
    ]


def test_our_words_are_not_taken_for_the_offices(reader):
    state(make_jiu_recommendation(), "2022-03-31", summary="What we say.")
    assert "Assessment, in our words What we say." in text(parts(parsed(get(reader)), "report-line")[0])


def test_what_is_empty_is_said(reader):
    item = make_jiu_recommendation(addressee="")
    state(item, "2020-03-31", "implemented")
    EndorsementFactory(recommendation=item, decided_on=datetime.date(2020, 7, 1))
    words = text(parsed(get(reader)))
    for expected in (
        "1 recommendation names no addressee here",
        "Nothing: what this report lists is outstanding, or endorsed already.",
        "None: nothing that the portal holds is outstanding.",
        "Addressed to legislative bodies 0 recommendations None.",
        "The portal holds none.",
    ):
        assert expected in words


# Many


@pytest.mark.parametrize("count", [51, 2_000])
def test_all_take_the_same_queries_for_any_number(reader, capsys, count, django_assert_num_queries):
    """Recommendations with twenty years of history each."""
    found = make_set("jiu-rep-2005-1", ISSUER, range(1, count + 1))
    found.recommendations.update(addressee="EH")
    assert write_history(found, [make_bureau()], years=20) == 20 * count
    dates = {"as_at": "2025-03-31", "since": "2024-03-31"}
    with django_assert_num_queries(4):
        report = progress_report(as_at=datetime.date(2025, 3, 31), since=datetime.date(2024, 3, 31))
    assert report.figure(Group.HELD).total == count
    with django_assert_num_queries(4):
        call_command("progress_report", "--as-at", "2025-03-31", "--since", "2024-03-31")
    assert len(json.loads(capsys.readouterr().out)["recommendations"]) == len(report.listed) > count / 2
    with django_assert_num_queries(7):
        assert reader.get(JSON, dates).status_code == HTTPStatus.OK
    with django_assert_num_queries(7):
        page = reader.get(PAGE, dates)
    assert page.content.count(b'class="report-line"') == len(report.listed)
    with django_assert_num_queries(7):
        rows = reader.get(PAGE, {**dates, "group": "held"})
    assert len(rows.context["rows"]) == count
