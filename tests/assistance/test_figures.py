"""What requests add up to: against a count row by row; on all surfaces the same; and what nobody can infer."""

import csv
import datetime
import io
import json
import random
from collections.abc import Iterable
from http import HTTPStatus

import openpyxl
import pytest
from django.urls import reverse

from assistance.models import Activity, Programme, Request, RequestStep, Status
from assistance.reports.counts import median_of
from assistance.reports.everything import all_figures
from assistance.reports.figures import Figures
from assistance.reports.selection import Selection
from assistance.reports.shared import shared_figures
from offices.models import Office, OfficeGroup, Region
from offices.narrowing import Narrowing
from portal.figures import percent_of
from tests.factories.assistance import ActivityFactory, ProgrammeFactory, RequestFactory, RequestStepFactory
from tests.factories.offices import GroupMemberFactory, OfficeFactory, OfficeGroupFactory
from tests.surveys.test_results_page import TableReader

pytestmark = pytest.mark.django_db

PAGE = "/assistance/figures/"
FILES = {name: f"/assistance/figures.{name}" for name in ("json", "csv", "xlsx")}
SURFACES = {"page": PAGE, **FILES}
DAY = datetime.date(2025, 3, 3)
CHAINS = [
    [],
    ["requested"],
    ["requested", "under_discussion"],
    ["requested", "agreed"],
    ["requested", "agreed", "ongoing"],
    ["requested", "agreed", "ongoing", "completed"],
    ["requested", "declined"],
    ["requested", "under_discussion", "withdrawn"],
]


def after(days: int, start: datetime.date = DAY) -> datetime.date:
    return start + datetime.timedelta(days=days)


def make(office: Office, chain: Iterable[str] = ("requested",), *, start: datetime.date = DAY, **fields) -> Request:
    """A request with a step every ten days."""
    request = RequestFactory(office=office, **fields)
    for place, status in enumerate(chain):
        RequestStepFactory(request=request, date=after(10 * place, start), status=status)
    return request


COMPLETED = ["requested", "agreed", "ongoing", "completed"]


@pytest.fixture
def programme(db) -> Programme:
    return ProgrammeFactory(number=1, title="First")


@pytest.fixture
def invented(db) -> None:
    """Some seventy requests of real and sample offices, in all states, with and without activities."""
    dice = random.Random(5)
    programmes = [ProgrammeFactory(number=number) for number in range(1, 5)]
    regions = ["", "africa", "asia", "oceania"]
    offices = [OfficeFactory(is_sample=place % 4 == 3, region=regions[place % 3]) for place in range(20)]
    OfficeFactory(kind=Office.Kind.INTERNATIONAL)
    offices.append(OfficeFactory(kind=Office.Kind.INTERNATIONAL))
    for key, members in (("many", offices[:11]), ("few", offices[8:14]), ("nobody", [])):
        group = OfficeGroupFactory(key=key, title=f"=Group {key}")
        for member in members:
            GroupMemberFactory(group=group, office=member)
    for number in range(70):
        start = datetime.date(2023, 1, 1) + datetime.timedelta(days=dice.randrange(1400))
        request = make(
            dice.choice(offices[2:]),
            dice.choice(CHAINS),
            start=start,
            programme=dice.choice(programmes[:3]),
            key=f"r{number}",
        )
        for place in range(dice.choice([0, 0, 1, 2])):
            ActivityFactory(
                request=request,
                date=after(dice.randrange(300), start),
                kind=f"kind {place}",
                participants=dice.choice([None, 0, 7, 20]),
                outcome=dice.choice(["", "done"]),
            )


# Counted row by row


def by_hand(requests: list[Request]) -> dict[str, int | None]:
    """The cells of these requests, without SQL."""
    statuses = [max(((s.date, s.pk, s.status) for s in r.steps.all()), default=("", 0, "no_step"))[2] for r in requests]
    activities = [activity for request in requests for activity in request.activities.all()]
    stated = [activity.participants for activity in activities if activity.participants is not None]
    outcomes = len([activity for activity in activities if activity.outcome])
    days = sorted(
        (min(a.date for a in r.activities.all()) - min(s.date for s in r.steps.all())).days
        for r in requests
        if r.activities.exists() and r.steps.exists()
    )
    return {
        "requests": len(requests),
        "offices": len({request.office_id for request in requests}),
        **{status: statuses.count(status) for status in [*Status.values, "no_step"]},
        "activities": len(activities),
        "participants": sum(stated) if stated or not activities else None,
        "participants_stated": len(stated),
        "outcomes": outcomes,
        "outcomes_percent": percent_of(outcomes, len(activities)),
        "days_n": len(days),
        "days_smallest": days[0] if days else None,
        "days_median": median_of(days[(len(days) - 1) // 2], days[len(days) // 2]) if days else None,
        "days_largest": days[-1] if days else None,
    }


def year_of(request: Request) -> str:
    return str(min((step.date.year for step in request.steps.all()), default=""))


def selected(selection: Selection) -> list[Request]:
    narrowing = selection.narrowing
    return [
        request
        for request in Request.objects.select_related("office", "programme").prefetch_related("steps", "activities")
        if request.office.is_sample == selection.sample
        and (narrowing.region is None or request.office.region == narrowing.region)
        and (narrowing.group is None or narrowing.group in request.office.groups.all())
        and (selection.year is None or year_of(request) == str(selection.year))
    ]


def cells(figures: Figures) -> dict[str, dict[str, dict[str, int | None]]]:
    return {table.by: {line.key: dict(line.cells) for line in table.lines} for table in figures.tables}


LINES = {
    "total": lambda _request: [""],
    "programme": lambda request: [str(request.programme.number)],
    "region": lambda request: [request.office.region],
    "group": lambda request: [group.key for group in request.office.groups.all()],
    "year": lambda request: [year_of(request)],
}


@pytest.mark.parametrize("sample", [False, True], ids=["real", "sample"])
@pytest.mark.parametrize("group", [None, "many"])
@pytest.mark.parametrize("region", [None, Region.ASIA, Region.EUROPE])
@pytest.mark.parametrize("year", [None, 2024, 1999])
def test_the_figures_are_those_of_a_count_row_by_row(invented, sample, group, region, year):
    narrowing = Narrowing(OfficeGroup.objects.get(key=group) if group else None, region)
    selection = Selection(sample, narrowing, year)
    requests = selected(selection)
    for by, lines in cells(all_figures(selection)).items():
        assert lines == {key: by_hand([r for r in requests if key in LINES[by](r)]) for key in lines}
        assert {key for request in requests for key in LINES[by](request)} <= set(lines)


def test_every_line_is_there_those_of_nobody_too(invented):
    found = cells(all_figures(Selection()))
    assert list(found["programme"]) == ["1", "2", "3", "4"]
    assert list(found["region"]) == ["africa", "americas", "asia", "europe", "oceania", ""]
    assert list(found["group"]) == ["few", "many"]
    assert list(found["year"]) == ["2023", "2024", "2025", "2026", ""]
    assert found["programme"]["4"]["requests"] == 0


def test_real_and_sample_requests_are_never_in_one_figure(programme):
    make(OfficeFactory(), programme=programme)
    make(OfficeFactory(is_sample=True), ["requested", "agreed"], programme=programme)
    real, sample = (all_figures(Selection(sample=kind)).total.cells for kind in (False, True))
    assert (real["requests"], real["requested"], real["agreed"]) == (1, 1, 0)
    assert (sample["requests"], sample["requested"], sample["agreed"]) == (1, 0, 1)


def test_two_requests_for_one_programme_are_two_of_one_office(programme, office):
    make(office, programme=programme)
    make(office, programme=programme)
    total = all_figures(Selection()).total.cells
    assert (total["requests"], total["offices"]) == (2, 1)


@pytest.mark.parametrize(
    ("days", "smallest", "median", "largest"),
    [
        ([5], 5, 5, 5),
        ([12, 13], 12, 13, 13),
        ([1, 2, 9], 1, 2, 9),
        ([0, 4, 5, 100], 0, 5, 100),
        ([3, 3, 3, 3], 3, 3, 3),
    ],
)
def test_days_to_the_first_activity(programme, days, smallest, median, largest):
    for count in days:
        request = make(OfficeFactory(), COMPLETED, programme=programme)
        ActivityFactory(request=request, date=after(count))
        ActivityFactory(request=request, date=after(count + 50), kind="later")
    make(OfficeFactory(), programme=programme)  # nothing was delivered on it
    total = all_figures(Selection()).total.cells
    found = tuple(total[f"days_{name}"] for name in ("n", "smallest", "median", "largest"))
    assert found == (len(days), smallest, median, largest)


@pytest.mark.parametrize(("low", "high", "median"), [(12, 12, 12), (12, 13, 13), (12, 14, 13), (-3, -2, -2), (0, 1, 1)])
def test_half_days_are_rounded_up(low, high, median):
    assert median_of(low, high) == median


def test_participants_that_no_activity_states_are_unknown_not_0(programme, office):
    request = make(office, COMPLETED, programme=programme)
    assert all_figures(Selection()).total.cells["participants"] == 0
    ActivityFactory(request=request, participants=None)
    assert all_figures(Selection()).total.cells["participants"] is None
    ActivityFactory(request=request, kind="mission", participants=0)
    assert all_figures(Selection()).total.cells["participants"] == 0


def test_offices_not_reached_are_those_without_any_activity_in_any_year(programme, office, other_office):
    ActivityFactory(request=make(office, COMPLETED, start=datetime.date(2020, 1, 1), programme=programme))
    make(other_office, programme=programme)
    OfficeFactory(code="IB", kind=Office.Kind.INTERNATIONAL)
    OfficeFactory(code="OA", kind=Office.Kind.REGIONAL, region="africa")
    OfficeFactory(code="SAMPLE1", is_sample=True)
    reach = all_figures(Selection(year=2025)).reach
    assert (reach.base, reach.reached, reach.percent) == (3, 1, 33)
    assert [found.code for found in reach.not_reached] == ["NA", "OA"]
    africa = all_figures(Selection(narrowing=Narrowing(region=Region.AFRICA))).reach
    assert (africa.base, africa.reached, [found.code for found in africa.not_reached]) == (2, 0, ["NA", "OA"])
    make(Office.objects.get(code="IB"), programme=programme)
    assert all_figures(Selection()).reach.base == 4


# All surfaces


def of_json(data: bytes) -> dict[tuple, int | str | None]:
    """Every cell by table, line and column."""
    found = json.loads(data)
    every = {
        (table["by"], line["key"], code): "withheld" if code in line["withheld"] else value
        for table in found["tables"]
        for line in table["lines"]
        for code, value in line["cells"].items()
    }
    if found["offices"]:
        every |= {("offices", "", code): found["offices"][code] for code in ("base", "reached")}
        every |= {("not_reached", code, "activities"): 0 for code in found["offices"]["not_reached"]}
    return every


def of_csv(data: bytes) -> dict[tuple, int | str | None]:
    rows = csv.DictReader(io.StringIO(data.decode(), newline=""))
    return {
        (row["by"], row["key"], row["column"]): "withheld"
        if row["withheld"] == "1"
        else (int(row["value"]) if row["value"] else None)
        for row in rows
    }


def of_xlsx(data: bytes, figures: Figures) -> dict[tuple, int | str | None]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    every: dict[tuple, int | str | None] = {}
    for table, sheet in zip(figures.tables, book.worksheets[1:], strict=False):
        for row in sheet.iter_rows(min_row=2, values_only=True):
            every |= {
                (table.by, row[0] or "", code): value for code, value in zip(figures.columns, row[2:], strict=True)
            }
    if figures.reach:
        notes = {row[0]: row[1] for row in book["Notes"].iter_rows(min_row=2, values_only=True)}
        every["offices", "", "base"] = notes["Offices that could ask"]
        every["offices", "", "reached"] = notes["Offices reached, in whatever year"]
        codes = [row[0] for row in book["Not reached"].iter_rows(min_row=2, values_only=True)]
        every |= {("not_reached", code, "activities"): 0 for code in codes}
    return every


def of_page(text: str, figures: Figures) -> dict[tuple, int | str | None]:
    """The tables of the page, in the order of tables and parts; what is not there is withheld as a whole."""

    def value(printed: str) -> int | str | None:
        printed = printed.strip()
        return {"–": None, "withheld": "withheld"}.get(printed) or (
            None if printed == "–" else int(printed.removesuffix("%"))
        )

    read = iter(TableReader(text).tables)
    every: dict[tuple, int | str | None] = {}
    for table in figures.tables:
        for part in figures.parts:
            hidden = table.tells_nothing
            rows = [["withheld"] * (len(part.columns) + 1)] * len(table.lines) if hidden else next(read)[1:]
            for line, row in zip(table.lines, rows, strict=True):
                for code, printed in zip(part.columns, row[1:], strict=True):
                    every[table.by, line.key, code] = value(printed)
    assert next(read, None) is None
    if figures.reach:
        assert f"{figures.reach.reached} of {figures.reach.base} offices" in text
        every["offices", "", "base"] = figures.reach.base
        every["offices", "", "reached"] = figures.reach.reached
        listed = text.partition('id="reach"')[2]
        every |= {
            ("not_reached", o.code, "activities"): 0 for o in Office.objects.all() if f"/offices/{o.code}/" in listed
        }
    return every


def read(client, **query) -> dict[str, bytes]:
    found = {}
    for name, url in SURFACES.items():
        answer = client.get(url, query)
        assert answer.status_code == HTTPStatus.OK
        found[name] = answer.getvalue()
    return found


@pytest.mark.parametrize(
    ("query", "selection"),
    [
        ({}, Selection()),
        ({"year": "2024"}, Selection(year=2024)),
        ({"region": "asia"}, Selection(narrowing=Narrowing(region=Region.ASIA))),
        ({"sample": "1"}, Selection(sample=True)),
        ({"region": "europe"}, Selection(narrowing=Narrowing(region=Region.EUROPE))),
    ],
    ids=str,
)
def test_page_json_csv_and_xlsx_carry_the_same_figures(client_of, secretariat, invented, query, selection):
    surfaces = read(client_of(secretariat), **query)
    figures = all_figures(selection)
    expected = {
        (by, key, code): value
        for by, lines in cells(figures).items()
        for key, line in lines.items()
        for code, value in line.items()
    }
    found = of_json(surfaces["json"])
    assert {cell: value for cell, value in found.items() if cell in expected} == expected
    assert ("offices", "", "base") in found
    assert of_csv(surfaces["csv"]) == found
    assert of_xlsx(surfaces["xlsx"], figures) == found
    assert of_page(surfaces["page"].decode(), figures) == found


def test_files_hold_texts_as_texts_and_no_live_formula(client_of, secretariat, invented):
    surfaces = read(client_of(secretariat))
    rows = list(csv.DictReader(io.StringIO(surfaces["csv"].decode(), newline="")))
    assert {row["label"] for row in rows if row["by"] == "group"} == {"'=Group many", "'=Group few"}
    book = openpyxl.load_workbook(io.BytesIO(surfaces["xlsx"]))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert "=Group many" in {cell.value for cell in cells}


def test_sample_figures_are_labelled(client_of, secretariat, invented):
    client = client_of(secretariat)
    assert "Everything here is invented" in client.get(PAGE, {"sample": "1"}).content.decode()
    assert "Everything here is invented" not in client.get(PAGE).content.decode()
    book = openpyxl.load_workbook(io.BytesIO(client.get(FILES["xlsx"], {"sample": "1"}).getvalue()))
    assert book["Notes"]["A2"].value == "Sample data"
    assert json.loads(client.get(FILES["json"], {"sample": "1"}).content)["is_sample"] is True
    assert "sample-" in client.get(FILES["csv"], {"sample": "1"})["Content-Disposition"]


def test_nothing_to_count_is_said(client_of, secretariat, programme):
    page = client_of(secretariat).get(PAGE).content.decode()
    assert "No real office has asked for a programme yet." in page
    assert "0%" not in page
    assert "No request fits this selection." in client_of(secretariat).get(f"{PAGE}?region=africa").content.decode()


@pytest.mark.parametrize(
    "query", [{"year": "1999"}, {"group": "nowhere"}, {"region": "mars"}, {"sample": "2"}], ids=str
)
def test_a_filter_that_does_not_exist_is_not_found(client_of, secretariat, invented, query):
    status = {name: client_of(secretariat).get(url, query).status_code for name, url in SURFACES.items()}
    assert status == dict.fromkeys(SURFACES, 404)


def test_htmx_gets_the_part_and_a_browser_the_page(client_of, secretariat, invented):
    client = client_of(secretariat)
    page, part = client.get(PAGE), client.get(PAGE, headers={"HX-Request": "true"})
    assert "<html" in page.content.decode()
    assert "<html" not in part.content.decode()
    assert TableReader(part.content.decode()).tables == TableReader(page.content.decode()).tables
    assert "HX-Request" in page["Vary"]


# Who


@pytest.mark.parametrize("url", SURFACES.values())
def test_the_public_sees_no_figures(client_of, personas, url):
    status = {name: client_of(user).get(url).status_code for name, user in personas.items()}
    assert status == {**dict.fromkeys(personas, 200), "anonymous": 302}


def test_a_person_without_an_office_sees_none(client_of, viewer):
    viewer.memberships.all().delete()
    assert client_of(viewer).get(PAGE).status_code == HTTPStatus.FORBIDDEN


def scopes(client_of, personas) -> dict[str, str]:
    return {
        name: json.loads(client_of(user).get(FILES["json"]).content)["scope"]
        for name, user in personas.items()
        if name != "anonymous"
    }


def test_only_those_who_read_everything_see_all(client_of, personas):
    everything = {"secretariat", "administrator", "auditor"}
    assert {name for name, scope in scopes(client_of, personas).items() if scope == "all"} == everything


# What it costs


@pytest.mark.parametrize("count", [0, 20_000])
def test_twelve_programmes_cost_the_same_queries_with_any_number_of_requests(
    client_of, viewer, secretariat, count, django_assert_num_queries
):
    programmes = [ProgrammeFactory(number=number) for number in range(1, 13)]
    offices = [OfficeFactory(region=region) for region in Region.values for _ in range(4)]
    fill(programmes, offices, count)
    with django_assert_num_queries(21):
        found = all_figures(Selection())
    assert (found.total.cells["requests"], found.total.cells["days_n"]) == (count, count // 4)
    with django_assert_num_queries(13):
        told = shared_figures(sample=False, own=[])
    assert told.total.cells["completed"] == (count // 4 or None)
    all_seeing, staff = client_of(secretariat), client_of(viewer)
    with django_assert_num_queries(26):
        assert all_seeing.get(PAGE).status_code == HTTPStatus.OK
    with django_assert_num_queries(17):
        assert staff.get(PAGE).status_code == HTTPStatus.OK


def fill(programmes: list[Programme], offices: list[Office], count: int) -> None:
    """So many requests, one of four completed with an activity."""
    made = Request.objects.bulk_create(
        [
            Request(key=f"r{n}", programme=programmes[n % 12], office=offices[n % len(offices)], purpose="x")
            for n in range(count)
        ],
        batch_size=5_000,
    )
    steps = [
        RequestStep(request=request, date=after(10 * place), status=status)
        for number, request in enumerate(made)
        for place, status in enumerate(COMPLETED[: number % 4 + 1])
    ]
    RequestStep.objects.bulk_create(steps, batch_size=5_000)
    delivered = [Activity(request=request, date=after(25), kind="training") for request in made[3::4]]
    Activity.objects.bulk_create(delivered, batch_size=5_000)


def test_the_addresses_are_those_of_the_portal():
    names = {"page": "figures", "json": "figures_json", "csv": "figures_csv", "xlsx": "figures_xlsx"}
    assert {name: reverse(f"assistance:{view}") for name, view in names.items()} == SURFACES
