"""Where offices stand: against a count made row by row, at several dates; the base; who stays unseen."""

import datetime
import random

import pytest

from offices.models import Office, Region
from offices.narrowing import Narrowing
from recommendations import reports
from recommendations.models import Implementation, RecommendationSet, StatusReport
from recommendations.reports import NO_REPORT, NOT_STATED, STANDINGS, Selection, beside_others, count_standings
from tests.factories.offices import GroupMemberFactory, OfficeFactory
from tests.factories.recommendations import RecommendationFactory, RecommendationSetFactory, StatusReportFactory

DATES = [datetime.date(2025, month, 1) for month in range(1, 7)]
TODAY = datetime.date(2026, 1, 1)


@pytest.fixture
def numbered_set(db) -> RecommendationSet:
    found = RecommendationSetFactory()
    for number in (1, 2, 10):
        RecommendationFactory(recommendation_set=found, number=number)
    return found


@pytest.fixture
def invented(numbered_set) -> RecommendationSet:
    """Thirty offices, real and sample, with gaps, revisions and blank implementations; another set beside it."""
    dice = random.Random(7)
    regions = ["", "africa", "asia", "europe"]
    offices = [OfficeFactory(is_sample=place % 4 == 3, region=regions[place % 3]) for place in range(30)]
    for office in offices[:12]:
        GroupMemberFactory(group=GroupMemberFactory(office=office).group, office=OfficeFactory())
    elsewhere = RecommendationFactory()
    for item in [*numbered_set.recommendations.all(), elsewhere]:
        for office in offices[2:]:
            for as_at in dice.sample(DATES, dice.randrange(4)):
                for revision in range(1, dice.randint(2, 4)):
                    StatusReportFactory(
                        recommendation=item,
                        office=office,
                        as_at=as_at,
                        revision=revision,
                        implementation=dice.choice([*Implementation.values, ""]),
                        acceptance=dice.choice(["", "accepted", "not_relevant"]),
                    )
    return numbered_set


def counted_by_hand(found: RecommendationSet, as_at: datetime.date, offices: set[int]) -> dict[int, dict[str, int]]:
    """Row by row, without SQL: the last report by (as_at, revision) up to the date of each office."""
    counts = {}
    for item in found.recommendations.all():
        last: dict[int, StatusReport] = {}
        for report in StatusReport.objects.filter(recommendation=item):
            known = last.get(report.office_id)
            if report.office_id not in offices or report.as_at > as_at:
                continue
            if known is None or (known.as_at, known.revision) < (report.as_at, report.revision):
                last[report.office_id] = report
        stands = [
            NO_REPORT if office not in last else last[office].implementation or NOT_STATED for office in sorted(offices)
        ]
        counts[item.number] = {code: stands.count(code) for code in STANDINGS}
    return counts


def reporting(found: RecommendationSet, as_at: datetime.date) -> set[int]:
    rows = StatusReport.objects.filter(recommendation__recommendation_set=found)
    return {report.office_id for report in rows if report.as_at <= as_at}


def figures(standings: reports.Standings) -> dict[int, dict[str, int]]:
    return {
        line.recommendation.number: {code: share.count for code, share in line.shares.items()}
        for line in standings.lines
    }


@pytest.mark.parametrize("as_at", [datetime.date(2024, 12, 31), *DATES, datetime.date(2025, 2, 15), TODAY], ids=str)
@pytest.mark.parametrize("sample", [False, True], ids=["real", "sample"])
def test_the_figures_are_those_of_a_count_row_by_row(invented, as_at, sample):
    silent = Office.objects.order_by("pk")[:4]
    chosen = {office.pk for office in Office.objects.filter(is_sample=sample)}
    base = (reporting(invented, as_at) | {office.pk for office in silent}) & chosen
    asked = Office.objects.filter(pk__in=[office.pk for office in silent])
    found = count_standings(Selection(invented, as_at, sample, asked=asked))
    assert found.n == len(base)
    assert figures(found) == counted_by_hand(invented, as_at, base)
    assert all(sum(line.values()) == len(base) for line in figures(found).values())


@pytest.mark.parametrize("region", ["africa", "asia", "oceania"])
def test_a_region_narrows_figures_and_base(invented, region):
    base = {
        office.pk
        for office in Office.objects.filter(is_sample=False, region=region)
        if office.pk in reporting(invented, TODAY)
    }
    found = count_standings(Selection(invented, TODAY, narrowing=Narrowing(region=Region(region))))
    assert (found.n, figures(found)) == (len(base), counted_by_hand(invented, TODAY, base))


def test_a_group_narrows_figures_and_base(invented):
    member = Office.objects.filter(is_sample=False, pk__in=reporting(invented, TODAY)).first()
    group = GroupMemberFactory(group__key="few", office=member).group
    found = count_standings(Selection(invented, TODAY, narrowing=Narrowing(group)))
    assert (found.n, figures(found)) == (1, counted_by_hand(invented, TODAY, {member.pk}))


@pytest.mark.parametrize("as_at", [*DATES, TODAY], ids=str)
def test_what_stands_is_what_the_model_says_stands(invented, as_at):
    items = list(invented.recommendations.all())
    expected = StatusReport.objects.filter(recommendation__in=items).standing_at(as_at)
    assert set(reports.standing(items, as_at)) == set(expected)
    assert expected.exists()


def test_every_figure_counts_the_offices_that_the_grid_shows(invented):
    selection = Selection(invented, DATES[3], asked=Office.objects.all()[:5])
    for line in count_standings(selection).lines:
        for code, share in line.shares.items():
            offices = list(selection.offices_at(code, line.recommendation))
            rows = reports.grid_rows(selection, offices, [line.recommendation])
            stands = [report and (report.implementation or NOT_STATED) for row in rows for _, report in row.cells]
            assert stands == [None if code == NO_REPORT else code] * share.count


def test_percentages_are_of_the_base_rounded_half_up(numbered_set):
    first = numbered_set.recommendations.get(number=1)
    offices = OfficeFactory.create_batch(8)
    StatusReportFactory(recommendation=first, office=offices[0], implementation="planned")
    line = count_standings(Selection(numbered_set, TODAY, asked=Office.objects.all())).lines[0]
    assert line.n == 8
    assert line.shares["planned"] == reports.Share(1, 13)
    assert line.shares[NO_REPORT] == reports.Share(7, 88)
    assert list(line.shares) == list(STANDINGS)


def test_nobody_is_no_base_and_no_percentage(numbered_set):
    found = count_standings(Selection(numbered_set, TODAY))
    assert found.n == 0
    assert {share.percent for line in found.lines for share in line.shares.values()} == {None}
    assert not found.reported


def test_the_codes_na_and_no_are_offices_as_others(numbered_set):
    first = numbered_set.recommendations.get(number=1)
    for code in ("NA", "NO"):
        StatusReportFactory(recommendation=first, office=OfficeFactory(code=code), implementation="implemented")
    assert count_standings(Selection(numbered_set, TODAY)).lines[0].shares["implemented"].count == 2


# Overdue


def test_overdue_is_what_is_past_its_date_and_outstanding(numbered_set):
    late, done, refused = numbered_set.recommendations.order_by("number")
    for item in (late, done, refused):
        item.due_on = datetime.date(2025, 6, 30)
        item.save()
    office, other = OfficeFactory.create_batch(2)
    for item, implementation, acceptance in [
        (late, "in_progress", "accepted"),
        (done, "implemented", "accepted"),
        (refused, "", "not_accepted"),
    ]:
        StatusReportFactory(
            recommendation=item,
            office=office,
            as_at=DATES[0],
            implementation=implementation,
            acceptance=acceptance,
        )
    StatusReportFactory(recommendation=late, office=other, as_at=DATES[0], acceptance="not_relevant")
    sample = OfficeFactory(is_sample=True)
    StatusReportFactory(recommendation=late, office=sample, as_at=DATES[0], implementation="planned")

    assert reports.overdue(as_at=datetime.date(2025, 6, 30)) == []
    assert reports.overdue(as_at=datetime.date(2025, 7, 1)) == [reports.Overdue(late, outstanding=1, reported=2)]
    assert reports.overdue(as_at=TODAY, sample=True) == [reports.Overdue(late, outstanding=1, reported=1)]
    StatusReportFactory(recommendation=late, office=office, as_at=DATES[1], implementation="implemented")
    assert reports.overdue(as_at=TODAY) == []


# One office beside the others


def others_at(first, own: list[Office]) -> list[reports.Line | None]:
    found = beside_others(first.recommendation_set, as_at=TODAY, offices=own)
    return [line.others for beside in found for line in beside.lines if line.recommendation == first]


@pytest.fixture
def first(numbered_set):
    return numbered_set.recommendations.get(number=1)


def answer(first, implementation="planned", **fields) -> StatusReport:
    return StatusReportFactory(recommendation=first, implementation=implementation, **fields)


def test_four_others_stay_unseen_and_five_are_told(first):
    own = OfficeFactory()
    answer(first, office=own)
    for _ in range(4):
        answer(first)
    assert others_at(first, [own]) == [None]
    answer(first, "implemented")
    (line,) = others_at(first, [own])
    assert line.n == 5
    assert (line.shares["planned"], line.shares["implemented"]) == (reports.Share(4, 80), reports.Share(1, 20))


@pytest.mark.parametrize(
    "fifth",
    [
        {"implementation": ""},
        {"office__is_sample": True},
        {"as_at": TODAY + datetime.timedelta(days=1)},
    ],
    ids=["blank", "sample", "later"],
)
def test_who_did_not_answer_is_no_fifth(first, fifth):
    for _ in range(4):
        answer(first)
    answer(first, **fifth)
    assert others_at(first, [OfficeFactory()]) == [None]


def test_the_fifth_who_takes_it_back_hides_all(first):
    answers = [answer(first) for _ in range(5)]
    answer(first, "", office=answers[0].office, as_at=answers[0].as_at, revision=2)
    assert others_at(first, [OfficeFactory()]) == [None]


def test_sample_offices_stand_beside_sample_offices(first):
    own = OfficeFactory(is_sample=True)
    for _ in range(5):
        answer(first)
    assert others_at(first, [own]) == [None]
    for _ in range(5):
        answer(first, "in_progress", office__is_sample=True)
    (line,) = others_at(first, [own])
    assert (line.n, line.shares["in_progress"].count) == (5, 5)


def test_none_of_a_persons_offices_is_another_office_to_them(first):
    """With her own office A in sight, four others beside B would be told apart from five."""
    own = OfficeFactory.create_batch(2)
    for office in own:
        answer(first, office=office)
    for _ in range(4):
        answer(first)
    assert others_at(first, own) == [None, None]
    answer(first)
    assert [line.n for line in others_at(first, own)] == [5, 5]


@pytest.mark.parametrize("count", [1, 20, 200])
def test_counting_takes_the_same_queries_for_any_number_of_offices(numbered_set, count, django_assert_num_queries):
    first = numbered_set.recommendations.get(number=1)
    for _ in range(count):
        answer(first)
    with django_assert_num_queries(3):
        count_standings(Selection(numbered_set, TODAY))
    own = list(Office.objects.all()[:1])
    with django_assert_num_queries(3):
        beside_others(numbered_set, as_at=TODAY, offices=own)
