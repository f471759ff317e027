"""The dashboard: who sees what, that its figures are those of the rows, and what it costs."""

import datetime
import re
from http import HTTPStatus

import pytest
from django.core.management import call_command
from django.utils import timezone, translation
from django.utils.formats import date_format

from offices.models import Office, Region
from offices.narrowing import Narrowing
from portal.dashboard.bars import make_bar
from portal.dashboard.changes import CHANGES_SHOWN
from recommendations.models import Implementation, StatusReport
from recommendations.reports import STANDINGS, Selection, count_standings
from surveys.models import Survey
from surveys.overview import response_rates, still_missing
from surveys.results import compute_results
from tests.factories.offices import GroupMemberFactory, MembershipFactory, OfficeFactory, UserFactory
from tests.factories.recommendations import RecommendationFactory, RecommendationSetFactory, StatusReportFactory
from tests.factories.surveys import InvitationFactory, ResponseFactory, SurveyFactory
from tests.surveys.test_results_page import TableReader

PAGE, GRID = "/dashboard/", "/dashboard/grid/"
ALL_STAFF = {"secretariat", "administrator", "auditor"}


def printed(iso: str, style: str = "SHORT_DATE_FORMAT") -> str:
    """A date as pages print it."""
    return date_format(datetime.date.fromisoformat(iso), style)


def days(count: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=count)


@pytest.fixture
def recommendation_set(db):
    found = RecommendationSetFactory(key="ten", symbol="CWS/12/22")
    for number in (1, 2, 10):
        RecommendationFactory(recommendation_set=found, number=number)
    return found


@pytest.fixture
def first(recommendation_set):
    return recommendation_set.recommendations.get(number=1)


@pytest.fixture
def page_of(client_of):
    def read(user, url: str = PAGE, query: dict | None = None, **headers) -> str:
        answer = client_of(user).get(url, query, headers=headers)
        assert answer.status_code == HTTPStatus.OK
        return answer.content.decode()

    return read


def table_after(html: str, label: str) -> list[list[str]]:
    """The table in the scrolling region of that name, as rows of cell texts."""
    region = html[html.index(f'aria-label="{label}"') :]
    rows = TableReader(region[: region.index("</table>")]).tables[0]
    return [[" ".join(cell.split()) for cell in row] for row in rows]


def standings_on(html: str) -> dict[str, list[tuple[int, str]]]:
    """Count and percentage of each column, by the recommendation's number."""
    rows = table_after(html, "Where offices stand, in figures")[1:]
    return {row[0].split()[0]: [(int(cell.split()[0]), cell.split()[1]) for cell in row[1:]] for row in rows}


# Who


def test_everybody_who_signs_in_has_a_dashboard(client_of, personas, recommendation_set):
    status = {name: client_of(user).get(PAGE).status_code for name, user in personas.items()}
    assert status == {**dict.fromkeys(personas, 200), "anonymous": 302}


def test_the_grid_is_for_those_who_read_everything(client_of, personas, recommendation_set):
    status = {name: client_of(user).get(GRID).status_code for name, user in personas.items()}
    assert status == {name: 200 if name in ALL_STAFF else 302 if name == "anonymous" else 403 for name in personas}


def test_only_those_who_read_everything_see_other_offices(page_of, personas, first, other_office):
    StatusReportFactory(recommendation=first, office=other_office, implementation="planned")
    seen = {
        name: "Namibia" in page_of(user)
        for name, user in personas.items()
        if name not in {"anonymous", "other_coordinator"}
    }
    assert seen == {name: name in ALL_STAFF for name in seen}


def test_the_menu_leads_there(page_of, client_of, viewer, anonymous_client, db):
    assert f'href="{PAGE}"' in page_of(viewer, "/")
    assert f'href="{PAGE}"' not in anonymous_client.get("/").content.decode()


# All offices


def test_the_page_prints_what_the_rows_say_at_several_dates(page_of, secretariat, first, office, other_office):
    """One office revises, takes its level back, and states it anew; the other is asked only."""
    InvitationFactory(
        survey=SurveyFactory(recommendation_set=first.recommendation_set, opens_on=datetime.date(2025, 2, 1)),
        office=other_office,
    )
    for as_at, revision, value in [
        ("2025-03-01", 1, "planned"),
        ("2025-03-01", 2, "in_progress"),
        ("2025-04-01", 1, ""),
        ("2025-05-01", 1, "implemented"),
    ]:
        StatusReportFactory(recommendation=first, office=office, as_at=as_at, revision=revision, implementation=value)
    expected = {
        "2025-01-01": None,
        "2025-02-01": ["no_report"],
        "2025-03-31": ["in_progress", "no_report"],
        "2025-04-30": ["not_stated", "no_report"],
        "2025-05-01": ["implemented", "no_report"],
    }
    for date, stands in expected.items():
        html = page_of(secretariat, query={"set": "ten", "as_at": date})
        if stands is None:
            assert "the sample data" in html
            continue
        n = len(stands)
        share = {0: "0%", 1: "50%" if n == 2 else "100%"}
        found = standings_on(html)
        assert found["1"] == [(stands.count(code), share[stands.count(code)]) for code in STANDINGS]
        assert found["10"] == [
            (n if code == "no_report" else 0, "100%" if code == "no_report" else "0%") for code in STANDINGS
        ]
        assert f"n = {n}" in html


def test_the_bars_draw_the_figures_of_the_table(page_of, secretariat, first):
    for value in ["implemented", "planned", "planned", "", "not_started"]:
        StatusReportFactory(recommendation=first, implementation=value)
    html = page_of(secretariat)
    bars = re.findall(r'<svg class="bar"(.*?)</svg>', html, re.DOTALL)
    segments = re.findall(r'x="([\d.]+)%"[^>]*?width="([\d.]+)%"[^>]*?fill="url\(#fill-(\w+)\)"', bars[0])
    assert [(code, float(x), float(width)) for x, width, code in segments] == [
        ("implemented", 0, 20),
        ("planned", 20, 40),
        ("not_started", 60, 20),
        ("not_stated", 80, 20),
    ]
    assert re.findall(r"<text[^>]*>(\d+)</text>", bars[0]) == ["1", "2", "1", "1"]
    assert set(re.findall(r"url\(#(fill-\w+)\)", html)) <= set(re.findall(r'<pattern id="(fill-\w+)"', html))


def test_bars_begin_where_reading_begins(first):
    for value in ("implemented", "planned", "planned", "planned"):
        StatusReportFactory(recommendation=first, implementation=value)
    line = count_standings(Selection(first.recommendation_set, days(0))).lines[0]

    def drawn() -> list[tuple[str, str, str]]:
        return [(segment.x, segment.width, segment.middle) for segment in make_bar(line).segments]

    assert drawn() == [("0.000%", "25.000%", "12.500%"), ("25.000%", "75.000%", "62.500%")]
    with translation.override("ar"):
        assert drawn() == [("75.000%", "25.000%", "87.500%"), ("0.000%", "75.000%", "37.500%")]


def test_a_figure_leads_to_the_offices_it_counts(page_of, secretariat, first, office, other_office):
    StatusReportFactory(recommendation=first, office=office, implementation="planned")
    StatusReportFactory(recommendation=first, office=other_office)
    html = page_of(secretariat)
    link = next(url for url in re.findall(r'href="(/dashboard/grid/\?[^"]+)"', html) if "standing=planned" in url)
    rows = table_after(page_of(secretariat, link.replace("&amp;", "&")), "Offices by recommendations")
    assert [row[0] for row in rows[1:]] == ["IP Australia AU"]


def test_real_and_sample_offices_are_never_counted_together(page_of, secretariat, first):
    StatusReportFactory(recommendation=first, implementation="planned")
    for _ in range(2):
        StatusReportFactory(recommendation=first, office__is_sample=True, implementation="planned")
    column = list(STANDINGS).index("planned")
    real, sample = page_of(secretariat), page_of(secretariat, query={"sample": "1"})
    assert (standings_on(real)["1"][column], standings_on(sample)["1"][column]) == ((1, "100%"), (2, "100%"))
    assert ("Everything here is invented" in real, "Everything here is invented" in sample) == (False, True)
    grid = page_of(secretariat, GRID, {"sample": "1"})
    assert len(table_after(grid, "Offices by recommendations")) == 3
    assert "Everything here is invented" in grid


def test_filters_narrow_every_part(page_of, secretariat, first, office, other_office):
    survey = SurveyFactory(open_now=True, recommendation_set=first.recommendation_set, title="The open one")
    for whose in (office, other_office):
        InvitationFactory(survey=survey, office=whose)
        StatusReportFactory(recommendation=first, office=whose, implementation="planned")
    group = GroupMemberFactory(group__key="south", office=other_office).group
    for query in ({"region": "africa"}, {"group": group.key}):
        html = page_of(secretariat, query=query)
        assert "n = 1" in html
        assert "IP Australia" not in html
        assert table_after(html, "Invited and responded")[1][1:] == ["0 0%", "1"]
        assert "1 office has not submitted" in html


@pytest.mark.parametrize("query", ["set=nothing", "group=nobody", "region=moon", "sample=2", "standing=nowhere"])
def test_a_choice_that_no_list_offers_is_no_page(client_of, secretariat, recommendation_set, query):
    assert client_of(secretariat).get(f"{GRID}?{query}").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("url", [PAGE, GRID])
def test_a_date_that_is_none_is_explained(page_of, secretariat, recommendation_set, url):
    for date in ("30.6.2026", "2026-02-30", "NA"):
        assert "Write the date as year-month-day" in page_of(secretariat, url, {"as_at": date})
    assert "Write the date" not in page_of(secretariat, url, {"as_at": " "})


@pytest.mark.parametrize("url", [PAGE, GRID])
def test_htmx_gets_the_part_with_the_same_figures(client_of, secretariat, first, url):
    StatusReportFactory(recommendation=first, implementation="planned")
    client = client_of(secretariat)
    page, part = client.get(url), client.get(url, headers={"HX-Request": "true"})
    assert ("<html" in page.content.decode(), "<html" in part.content.decode()) == (True, False)
    assert part.content.decode().strip()[:200] in page.content.decode()
    assert TableReader(part.content.decode()).tables == TableReader(page.content.decode()).tables
    assert "HX-Request" in page["Vary"]


def test_without_any_set_the_page_says_what_to_do(page_of, administrator, secretariat, viewer):
    assert "Import one under Administration" in page_of(administrator)
    for user in (secretariat, viewer):
        assert "An administrator imports it." in page_of(user)
    assert "No set of recommendations" in page_of(secretariat, GRID)


def test_the_set_asked_about_last_stands_first(page_of, secretariat, recommendation_set):
    asked = SurveyFactory(recommendation_set__key="asked", opens_on=days(-3), closes_on=days(3)).recommendation_set
    SurveyFactory(recommendation_set__key="coming", opens_on=days(3), closes_on=days(9))
    html = page_of(secretariat)
    assert re.search(rf'<option value="{asked.key}"\s+selected', html)


def test_it_works_with_the_reference_and_sample_data(page_of, secretariat, db):
    call_command("load_reference", sample=True, verbosity=0)
    for url in (PAGE, GRID):
        page_of(secretariat, url)
        page_of(secretariat, url, {"sample": "1", "as_at": "2025-07-07"})


# The grid


def test_the_grid_shows_what_stands_and_leads_to_it(page_of, secretariat, first, office):
    StatusReportFactory(recommendation=first, office=office, as_at="2025-03-01", implementation="planned")
    StatusReportFactory(recommendation=first, office=office, as_at="2025-04-01")
    html = page_of(secretariat, GRID, {"as_at": "2025-03-31"})
    assert table_after(html, "Offices by recommendations")[1][1:] == [
        "planned" + printed("2025-03-01"),
        "no report",
        "no report",
    ]
    assert "/offices/AU/status/ten/10/" in html
    html = page_of(secretariat, GRID)
    assert table_after(html, "Offices by recommendations")[1][1] == "not stated" + printed("2025-04-01")


def test_the_grid_goes_on_over_pages_that_keep_the_filters(page_of, secretariat, first):
    for office in OfficeFactory.create_batch(51, region="asia"):
        StatusReportFactory(recommendation=first, office=office)
    html = page_of(secretariat, GRID, {"region": "asia"})
    assert len(table_after(html, "Offices by recommendations")) == 51
    assert "?region=asia&amp;page=2" in html
    assert (
        len(table_after(page_of(secretariat, GRID, {"region": "asia", "page": 2}), "Offices by recommendations")) == 2
    )


def test_a_number_the_set_does_not_have_is_explained(page_of, secretariat, first):
    StatusReportFactory(recommendation=first)
    assert "no such recommendation" in page_of(secretariat, GRID, {"recommendation": 7, "standing": "planned"})


# Rounds


def test_response_rates_are_those_of_the_results(secretariat, tiny_round, office, other_office):
    GroupMemberFactory(group__key="one", office=office)
    ResponseFactory(survey=tiny_round.survey, office=office, submitted=True)
    for narrowing in (Narrowing(), Narrowing(region=Region.AFRICA), Narrowing(group=office.groups.get())):
        (rate,) = response_rates(Survey.objects.all(), narrowing)
        results = compute_results(tiny_round.survey, narrowing=narrowing)
        assert (rate.invited, rate.responded) == (results.invited, results.responded)
    assert response_rates(Survey.objects.all())[0].percent == 50


def test_a_round_is_open_as_long_as_it_is_for_somebody(page_of, secretariat, recommendation_set):
    ended = SurveyFactory(recommendation_set=recommendation_set, closes_on=days(-1), title="Ended but extended")
    SurveyFactory(recommendation_set=recommendation_set, closes_on=days(-1), title="Just ended")
    SurveyFactory(recommendation_set=recommendation_set, opens_on=days(1), closes_on=days(9), title="Coming")
    InvitationFactory(survey=ended, closes_on=days(0))
    html = page_of(secretariat)
    rates = table_after(html, "Invited and responded")
    assert [row[0].partition(" until")[0] for row in rates[1:]] == ["Ended but extended"]


def test_missing_is_who_has_not_submitted_near_or_past_the_own_last_day(secretariat, recommendation_set):
    def ends(day: int, **fields):
        survey = SurveyFactory(recommendation_set=recommendation_set, opens_on=days(-200), closes_on=days(day))
        return InvitationFactory(survey=survey, **fields)

    near, past, extended = ends(7), ends(-90), ends(30, closes_on=days(2))
    ends(8)
    ends(-91)
    ends(2, closes_on=days(30))
    ends(1, declined_on=days(-3))
    done = ends(1)
    ResponseFactory(survey=done.survey, office=done.office, submitted=True)
    ResponseFactory(survey=near.survey, office=near.office)
    found = still_missing(Survey.objects.all(), days(0))
    assert [(item.survey, item.invitations, item.is_past) for item in found] == [
        (past.survey, [past], True),
        (extended.survey, [extended], False),
        (near.survey, [near], False),
    ]


# What changed


def test_the_latest_come_first_one_entry_an_act(page_of, secretariat, recommendation_set, office, other_office):
    for item in recommendation_set.recommendations.all():
        StatusReportFactory(recommendation=item, office=office)
    StatusReportFactory(recommendation=item, office=other_office)
    for _ in range(CHANGES_SHOWN):
        ResponseFactory(survey__recommendation_set=recommendation_set, submitted=True)
    sample = OfficeFactory(is_sample=True, name="Invented office")
    StatusReportFactory(recommendation=item, office=sample)
    html = page_of(secretariat)
    entries = html[html.index('<ol class="timeline">') :].split("<li>")[1:]
    assert len(entries) == CHANGES_SHOWN
    assert "Invented office" not in html
    StatusReport.objects.filter(office=office).update(recorded_at=timezone.now())
    html = page_of(secretariat)
    newest = html[html.index('<ol class="timeline">') :].split("<li>")[1]
    assert "IP Australia" in newest
    assert re.findall(r'class="number">(\d+)<', newest) == ["1", "2", "10"]


def test_overdue_recommendations_are_named_with_their_figures(page_of, secretariat, first, office):
    first.due_on = datetime.date(2025, 12, 31)
    first.save()
    StatusReportFactory(recommendation=first, office=office, implementation="planned")
    rows = table_after(page_of(secretariat), "Recommendations past their date")
    assert [row[1:] for row in rows[1:]] == [[printed("2025-12-31", "DATE_FORMAT"), "1 of 1 office"]]
    assert "Recommendations past their date" not in page_of(secretariat, query={"as_at": "2025-12-31"})


# Office staff


def test_staff_see_what_is_asked_of_them_and_by_when(page_of, coordinator, office, recommendation_set):
    def invite(**fields):
        return InvitationFactory(office=office, **fields)

    invite(survey=SurveyFactory(title="Open with own day", open_now=True), closes_on=datetime.date(2099, 3, 4))
    invite(survey=SurveyFactory(title="Coming", opens_on=days(2), closes_on=days(9)))
    invite(survey=SurveyFactory(title="Over for us", open_now=True), closes_on=days(-1))
    invite(survey=SurveyFactory(title="Declined", open_now=True), declined_on=days(-1))
    InvitationFactory(survey=SurveyFactory(title="Of others", open_now=True))
    html = page_of(coordinator)
    asked = html[html.index('id="asked"') : html.index('id="beside"')]
    assert [name for name in ("Coming", "Open with own day") if name in asked] == ["Coming", "Open with own day"]
    assert printed("2099-03-04", "DATE_FORMAT") in asked
    assert [name for name in ("Over for us", "Declined", "Of others") if name in html] == []


def own_rows(html: str, code: str = "AU") -> list[list[str]]:
    region = html[html.index(f'aria-labelledby="own-{code}"') :]
    rows = TableReader(region[: region.index("</table>")]).tables[0]
    return [[" ".join(cell.split()) for cell in row] for row in rows[1:]]


WITHHELD = "Fewer than 5 other offices have stated where they stand; their figures are not shown."


def test_others_are_told_of_from_five_on(page_of, viewer, first, office):
    StatusReportFactory(recommendation=first, office=office, implementation="planned", as_at="2025-03-01")
    for _ in range(4):
        StatusReportFactory(recommendation=first, implementation="in_progress")
    html = page_of(viewer)
    assert own_rows(html)[0][1:] == ["planned" + printed("2025-03-01"), WITHHELD]
    part = html[html.index('id="own"') :]
    assert 'class="bar"' not in part
    assert "%" not in re.sub(r'width="100%"', "", part)
    StatusReportFactory(recommendation=first, implementation="implemented")
    html = page_of(viewer)
    others = ["1 20%", "4 80%", "your office stands here;0 0%", "0 0%", "0 0%", "0 0%", "5"]
    assert own_rows(html)[0][2:] == others
    assert own_rows(html)[1][1:] == ["no report", WITHHELD]


def test_four_others_and_none_make_the_same_page(page_of, viewer, first):
    """Below five there is no hint of how many there are."""
    empty = page_of(viewer)
    for _ in range(4):
        StatusReportFactory(recommendation=first, implementation="in_progress")
    token = re.compile(r'name="csrfmiddlewaretoken"\s+value="\w+"')
    assert token.sub("", page_of(viewer)) == token.sub("", empty)


def test_no_date_or_group_tells_offices_apart(page_of, viewer, first, other_office):
    """Two distributions that differ by one office would tell what it said."""
    group = GroupMemberFactory(group__key="not-namibia").group
    for number in range(6):
        StatusReportFactory(recommendation=first, implementation="planned", as_at=f"2025-0{number + 1}-01")
    rows = own_rows(page_of(viewer))
    for query in ({"as_at": "2025-05-15"}, {"group": group.key}, {"region": "africa"}, {"sample": "1"}):
        assert own_rows(page_of(viewer, query=query)) == rows


def test_a_person_of_several_offices_sees_each(page_of, first, office):
    sample = OfficeFactory(code="SAMPLE77", is_sample=True)
    person = UserFactory()
    for whose, value in ((office, "planned"), (sample, "implemented")):
        MembershipFactory(user=person, office=whose)
        StatusReportFactory(recommendation=first, office=whose, implementation=value, as_at="2025-03-01")
    for _ in range(5):
        StatusReportFactory(recommendation=first, office__is_sample=True, implementation="not_planned")
    html = page_of(person)
    assert own_rows(html)[0][1:] == ["planned" + printed("2025-03-01"), WITHHELD]
    assert own_rows(html, "SAMPLE77")[0][1] == "implemented" + printed("2025-03-01")
    assert own_rows(html, "SAMPLE77")[0][-1] == "5"
    assert "Everything here is invented" in html


def test_a_person_of_no_office_is_told_whom_to_ask(page_of, recommendation_set):
    assert "Ask the secretariat to add you to your office." in page_of(UserFactory())


# What it costs


def report_all(recommendation_set, survey: Survey, count: int) -> None:
    items = list(recommendation_set.recommendations.all())
    for office in OfficeFactory.create_batch(count):
        InvitationFactory(survey=survey, office=office)
        StatusReport.objects.bulk_create(
            StatusReport(recommendation=item, office=office, as_at=days(-1), implementation=Implementation.PLANNED)
            for item in items
        )
        if office.pk % 2:
            ResponseFactory(survey=survey, office=office, submitted=True)


@pytest.fixture(params=[(1, 1), (20, 1), (200, 1), (20, 20)], ids="{0[0]} offices, {0[1]} rounds".format)
def busy(request, first, office) -> None:
    """So many offices and rounds, with something in every part of the dashboard."""
    offices, rounds = request.param
    first.due_on = days(-10)
    first.save()
    for _ in range(rounds):
        survey = SurveyFactory(recommendation_set=first.recommendation_set, opens_on=days(-3), closes_on=days(3))
        InvitationFactory(survey=survey, office=office)
    report_all(first.recommendation_set, survey, offices)


@pytest.mark.parametrize(
    ("url", "persona", "queries"), [(PAGE, "secretariat", 16), (GRID, "secretariat", 11), (PAGE, "coordinator", 14)]
)
def test_the_same_queries_for_any_number_of_offices_and_rounds(
    client_of, personas, busy, url, persona, queries, django_assert_num_queries
):
    client = client_of(personas[persona])
    with django_assert_num_queries(queries):
        assert client.get(url).status_code == HTTPStatus.OK


@pytest.mark.parametrize("count", [1, 20])
def test_the_same_queries_for_a_person_of_several_offices(client_of, first, count, django_assert_num_queries):
    person, survey = UserFactory(), SurveyFactory(recommendation_set=first.recommendation_set, open_now=True)
    report_all(first.recommendation_set, survey, count)
    for office in Office.objects.all():
        MembershipFactory(user=person, office=office)
    client = client_of(person)
    with django_assert_num_queries(14):
        assert client.get(PAGE).status_code == HTTPStatus.OK
