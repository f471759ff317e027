"""The figures of a progress report, rule by rule, from the rows alone."""

import datetime

import pytest

from jiu.reports import PLACES, Change, Group, dates_held, in_words, progress_report
from offices.models import Office
from tests.factories.jiu import EndorsementFactory, make_bureau, make_jiu_recommendation, state
from tests.factories.offices import OfficeFactory
from tests.factories.recommendations import (
    OfficerFactory,
    RecommendationFactory,
    RecommendationSetFactory,
    StatusReportFactory,
)

pytestmark = pytest.mark.django_db

SINCE, AS_AT = datetime.date(2022, 3, 31), datetime.date(2023, 3, 31)
BEFORE, DURING = "2022-03-31", "2023-03-31"


@pytest.fixture
def item():
    return make_jiu_recommendation()


def report():
    return progress_report(as_at=AS_AT, since=SINCE)


def line_of(item):
    """The one line of this recommendation; None if no report knows it."""
    return next((line for line in report().lines if line.recommendation == item), None)


def decide(item, decision, day="2022-07-01"):
    return EndorsementFactory(recommendation=item, decision=decision, decided_on=datetime.date.fromisoformat(day))


def numbers(lines):
    return [line.recommendation.number for line in lines]


# What stands


def test_since_must_be_before_as_at():
    for since in (AS_AT, AS_AT + datetime.timedelta(days=1)):
        with pytest.raises(ValueError, match="since must be before as_at"):
            progress_report(as_at=AS_AT, since=since)


def test_without_a_row_there_is_nothing(item):
    assert report().as_json() == {
        "as_at": "2023-03-31",
        "since": "2022-03-31",
        "outstanding": {"LB": 0, "EH": 0},
        "new": {"LB": 0, "EH": 0, "reports": 0},
        "closed": {"LB": 0, "EH": 0},
        "endorsements": [],
        "active_reports": [],
        "recommendations": [],
    }


@pytest.mark.parametrize(
    ("implementation", "acceptance", "is_outstanding", "place"),
    [
        ("implemented", "accepted", False, "implemented"),
        ("implemented", "", False, "implemented"),
        ("implemented", "not_relevant", False, "implemented"),
        ("", "not_relevant", False, "not_relevant"),
        ("in_progress", "not_accepted", False, "not_accepted"),
        ("in_progress", "accepted", True, "in_progress"),
        ("planned", "", True, "planned"),
        ("under_consideration", "under_consideration", True, "under_consideration"),
        ("not_planned", "accepted", True, "not_planned"),
        ("not_started", "accepted", True, "not_started"),
        ("", "accepted", True, "not_stated"),
        ("", "", True, "not_stated"),
    ],
)
def test_where_a_recommendation_stands(item, implementation, acceptance, is_outstanding, place):
    state(item, DURING, implementation, acceptance)
    line = line_of(item)
    assert (line.is_outstanding, line.place) == (is_outstanding, place)
    assert place in PLACES


def test_the_days_of_both_dates_count_and_those_after_do_not(item):
    state(item, "2022-03-31", "not_started")
    state(item, "2022-04-01", "planned")
    state(item, "2023-03-31", "in_progress")
    state(item, "2023-04-01", "implemented")
    line = line_of(item)
    assert (line.previous.implementation, line.current.implementation) == ("not_started", "in_progress")
    assert line.update_received


def test_what_was_stated_only_later_is_not_known_yet(item):
    state(item, "2023-04-01")
    assert line_of(item) is None


def test_of_one_date_the_highest_revision_stands_and_is_never_the_previous(item):
    state(item, BEFORE, "not_started")
    state(item, BEFORE, "planned", revision=2)
    state(item, DURING, "in_progress", revision=3)
    state(item, DURING, "implemented", revision=10)
    state(item, DURING, "not_planned", revision=2)
    line = line_of(item)
    assert (line.previous.implementation, line.current.implementation) == ("planned", "implemented")


def test_a_later_statement_stands_whatever_the_revision_of_an_earlier_one(item):
    state(item, "2022-12-31", "planned", revision=7)
    state(item, "2023-01-01", "implemented")
    assert line_of(item).current.implementation == "implemented"


def test_a_revision_is_a_whole_statement(item):
    state(item, DURING, "implemented", "accepted", assessment="Done.")
    state(item, DURING, "", "", revision=2)
    row = line_of(item).as_json()
    assert (row["acceptance"], row["implementation"], row["assessment"]) == (None, None, None)


@pytest.mark.parametrize("who", ["another office", "another issuer", "a sample office"])
def test_only_what_the_bureau_states_on_the_jiu_counts(item, who):
    office = make_bureau()
    if who == "another office":
        office = OfficeFactory(code="AU")
    elif who == "another issuer":
        item = RecommendationFactory(recommendation_set=RecommendationSetFactory(issuer="CWS"), addressee="LB")
    else:
        Office.objects.filter(pk=office.pk).update(is_sample=True)
    StatusReportFactory(recommendation=item, office=office, as_at=AS_AT, implementation="in_progress")
    assert report().lines == ()
    assert dates_held() == []


def test_the_bureau_does_not_stand_where_another_office_does(item):
    state(item, DURING, "in_progress")
    StatusReportFactory(recommendation=item, office=OfficeFactory(), as_at=AS_AT, implementation="implemented")
    assert line_of(item).current.implementation == "in_progress"


# New, closed, listed


@pytest.mark.parametrize(
    ("stated", "is_new", "update_received"),
    [
        (["2022-04-01"], True, True),
        (["2022-03-31"], False, False),
        (["2022-03-30", "2022-04-01"], False, True),
        (["2010-01-01"], False, False),
    ],
)
def test_new_is_what_had_no_report_at_or_before_since(item, stated, is_new, update_received):
    for day in stated:
        state(item, day)
    line = line_of(item)
    assert (line.is_new, line.update_received) == (is_new, update_received)
    assert report().as_json()["new"] == {"LB": int(is_new), "EH": 0, "reports": int(is_new)}


def test_reports_with_something_new_are_counted_once():
    for symbol, number, addressee in [
        ("JIU/REP/2021/5", 1, "LB"),
        ("JIU/REP/2021/5", 2, "EH"),
        ("JIU/REP/2021/6", 1, "EH"),
    ]:
        state(make_jiu_recommendation(symbol, number, addressee), DURING)
    state(old := make_jiu_recommendation("JIU/REP/2020/1"), BEFORE)
    state(old, DURING)
    assert report().as_json()["new"] == {"LB": 1, "EH": 2, "reports": 2}


OPEN, DONE, REFUSED, IRRELEVANT = (
    ("in_progress", "accepted"),
    ("implemented", "accepted"),
    ("", "not_accepted"),
    ("", "not_relevant"),
)


@pytest.mark.parametrize(
    ("before", "now", "is_closed_in_period", "is_listed", "is_outstanding"),
    [
        (OPEN, OPEN, False, True, True),
        (OPEN, DONE, True, True, False),
        (OPEN, REFUSED, True, True, False),
        (OPEN, IRRELEVANT, True, True, False),
        (OPEN, None, False, True, True),
        (None, OPEN, False, True, True),
        (None, DONE, True, True, False),
        (None, IRRELEVANT, True, True, False),
        (DONE, DONE, False, False, False),
        (DONE, None, False, False, False),
        (IRRELEVANT, DONE, False, False, False),
        # Opened again in the period: outstanding, but neither new nor outstanding before.
        (DONE, OPEN, False, False, True),
    ],
)
def test_what_is_closed_listed_and_outstanding(item, before, now, is_closed_in_period, is_listed, is_outstanding):
    if before:
        state(item, BEFORE, *before)
    if now:
        state(item, DURING, *now)
    found = report()
    line = line_of(item)
    assert (line.is_closed_in_period, line.is_listed, line.is_outstanding) == (
        is_closed_in_period,
        is_listed,
        is_outstanding,
    )
    printed = found.as_json()
    assert printed["closed"] == {"LB": int(is_closed_in_period), "EH": 0}
    assert printed["outstanding"] == {"LB": int(is_outstanding), "EH": 0}
    assert len(printed["recommendations"]) == int(is_listed)
    active = [{"symbol": "JIU/REP/2021/6", "title": item.recommendation_set.title, "LB": 1, "EH": 0}]
    assert printed["active_reports"] == (active if is_outstanding else [])


def test_closed_and_opened_again_within_the_period_is_not_closed(item):
    state(item, BEFORE, *OPEN)
    state(item, "2022-10-01", *DONE)
    state(item, DURING, *OPEN)
    assert not line_of(item).is_closed_in_period


def test_one_without_an_addressee_counts_in_all_only():
    state(make_jiu_recommendation(addressee=""), DURING)
    found = report()
    assert found.as_json()["outstanding"] == {"LB": 0, "EH": 0}
    assert (found.figure(Group.OUTSTANDING).total, len(found.unaddressed)) == (1, 1)
    assert [annex.addressee for annex in found.annexes] == ["LB", "EH", ""]
    assert found.as_json()["recommendations"][0]["addressee"] is None


# Endorsements


@pytest.mark.parametrize(
    ("decisions", "is_listed", "awaits"),
    [
        ([], False, False),
        ([("refused", "2022-07-01")], True, True),
        ([("endorsed", "2022-07-01")], False, False),
        ([("refused", "2021-07-01"), ("endorsed", "2022-07-01")], False, False),
        ([("endorsed", "2021-07-01"), ("refused", "2022-07-01")], True, True),
        # Those of later days are not known yet; the day itself is.
        ([("refused", "2023-04-01")], False, False),
        ([("refused", "2023-03-31")], True, True),
        ([("refused", "2022-07-01"), ("endorsed", "2023-04-01")], True, True),
        ([("refused", "2022-07-01"), ("endorsed", "2023-03-31")], False, False),
    ],
)
def test_decisions_on_what_was_closed_before(item, decisions, is_listed, awaits):
    state(item, BEFORE, *DONE)
    # The latest first: what was decided last does not follow from the order of recording.
    for decision, day in reversed(decisions):
        decide(item, decision, day)
    line = line_of(item)
    assert (line.is_listed, line.awaits_endorsement) == (is_listed, awaits)
    assert [row["numbers"] for row in report().as_json()["endorsements"]] == ([[1]] if awaits else [])


def test_what_was_endorsed_leaves_the_list_of_what_is_to_be_endorsed(item):
    state(item, BEFORE, *OPEN)
    state(item, DURING, *DONE)
    assert line_of(item).awaits_endorsement
    decide(item, "endorsed", "2023-03-01")
    assert line_of(item).is_listed
    assert not line_of(item).awaits_endorsement


def test_what_is_outstanding_is_not_proposed_for_endorsement_even_when_refused(item):
    state(item, BEFORE, *DONE)
    decide(item, "refused")
    state(item, DURING, *OPEN)
    line = line_of(item)
    assert line.is_listed
    assert not line.awaits_endorsement


def test_the_decision_on_another_recommendation_is_none_on_this(item):
    state(item, BEFORE, *DONE)
    state(other := make_jiu_recommendation(number=2), BEFORE, *DONE)
    decide(other, "refused")
    assert numbers(report().listed) == [2]


def test_endorsements_name_the_set_and_its_numbers_in_order():
    for symbol, number in [
        ("JIU/REP/2020/8", 7),
        ("JIU/REP/2021/10", 2),
        ("JIU/REP/2020/8", 10),
        ("JIU/REP/2021/6", 1),
    ]:
        state(make_jiu_recommendation(symbol, number, "EH"), DURING, *DONE)
    assert report().as_json()["endorsements"] == [
        {"set": "jiu-rep-2021-10", "symbol": "JIU/REP/2021/10", "numbers": [2]},
        {"set": "jiu-rep-2021-6", "symbol": "JIU/REP/2021/6", "numbers": [1]},
        {"set": "jiu-rep-2020-8", "symbol": "JIU/REP/2020/8", "numbers": [7, 10]},
    ]


# What changed


@pytest.mark.parametrize(
    ("before", "now", "change", "note"),
    [
        (None, OPEN, Change.NEW, "New"),
        (OPEN, None, Change.SILENT, "No update received"),
        (OPEN, DONE, Change.CHANGED, "Previously “in progress”"),
        (("", "under_consideration"), ("", "accepted"), Change.CHANGED, "Acceptance previously “under consideration”"),
        (
            ("planned", "under_consideration"),
            DONE,
            Change.CHANGED,
            "Acceptance previously “under consideration”; Previously “planned”",
        ),
        # What is no longer stated is a change, what was not stated is none.
        (OPEN, ("", "accepted"), Change.CHANGED, "Previously “in progress”"),
        (("in_progress", ""), OPEN, Change.UNKNOWN, "No change of status"),
        (("", "accepted"), OPEN, Change.UNKNOWN, "No change of status"),
        (OPEN, OPEN, Change.UNKNOWN, "No change of status"),
    ],
)
def test_what_happened_in_words(item, before, now, change, note):
    if before:
        state(item, BEFORE, *before)
    if now:
        state(item, DURING, *now)
    assert (line_of(item).change, line_of(item).change_note) == (change, note)


@pytest.mark.parametrize(
    ("texts", "stated_change", "is_interrupted", "expected"),
    [
        (("A.", "B."), "", False, True),
        (("A.", "A."), "", False, False),
        # Both texts are held: they decide, whatever is stated or lies between.
        (("A.", "A."), "updated", False, False),
        (("A.", "B."), "no_change", False, True),
        (("A.", "B."), "", True, True),
        # One is missing: the source itself says it, if it speaks of these two.
        (("", "B."), "updated", False, True),
        (("A.", ""), "updated", False, True),
        (("", ""), "no_change", False, False),
        (("", "B."), "no_change", False, False),
        (("", "B."), "", False, None),
        (("", "B."), "updated", True, None),
        (("", ""), "no_change", True, None),
    ],
)
def test_whether_the_assessment_was_updated(item, texts, stated_change, is_interrupted, expected):
    state(item, BEFORE, assessment=texts[0])
    if is_interrupted:
        state(item, "2022-10-01", assessment="Between.")
    state(item, DURING, assessment=texts[1], stated_change=stated_change)
    line = line_of(item)
    assert line.assessment_updated is expected
    assert line.change == {True: Change.UPDATED, False: Change.SAME, None: Change.UNKNOWN}[expected]
    assert line.as_json()["assessment_updated"] is expected


@pytest.mark.parametrize("day", ["2022-03-31", "2022-03-30", "2023-03-31", "2023-04-01"])
def test_what_lies_not_between_the_two_interrupts_nothing(item, day):
    """A revision of either, what came before, what came after."""
    state(item, BEFORE)
    state(item, DURING, stated_change="updated", revision=2)
    state(item, day, revision=9 if day == "2022-03-30" else 3, stated_change="updated")
    assert line_of(item).assessment_updated is True


def test_reports_on_others_and_of_others_lie_not_between(item):
    state(item, BEFORE)
    state(item, DURING, stated_change="updated")
    state(make_jiu_recommendation(number=2), "2022-10-01")
    StatusReportFactory(recommendation=item, office=OfficeFactory(), as_at=datetime.date(2022, 10, 1))
    assert line_of(item).assessment_updated is True


@pytest.mark.parametrize(
    ("before", "now"),
    [(None, OPEN), (OPEN, None), (OPEN, DONE), (("in_progress", "under_consideration"), OPEN)],
    ids=["new", "silent", "changed implementation", "changed acceptance"],
)
def test_new_silent_and_changed_ones_are_not_asked_for_their_assessment(item, before, now):
    if before:
        state(item, BEFORE, *before, assessment="A.", stated_change="updated")
    if now:
        state(item, DURING, *now, assessment="B.", stated_change="updated")
    assert line_of(item).assessment_updated is None


def test_an_earlier_value_that_is_not_stated_is_no_change(item):
    state(item, BEFORE, "", "", assessment="A.")
    state(item, DURING, "in_progress", "accepted", assessment="B.")
    line = line_of(item)
    assert not line.is_changed
    assert line.assessment_updated is True


def test_silence_is_not_no_change(item):
    state(item, BEFORE, assessment="A.", stated_change="no_change")
    row = line_of(item).as_json()
    assert (row["update_received"], row["assessment_updated"]) == (False, None)
    assert (row["implementation"], row["previous_implementation"]) == ("in_progress", "in_progress")
    assert numbers(report().silent) == [1]


# What is printed


def test_a_whole_report_in_json():
    first = make_jiu_recommendation("JIU/REP/2021/6", 1, "LB")
    second = make_jiu_recommendation("JIU/REP/2021/6", 2, "EH")
    old = make_jiu_recommendation("JIU/NOTE/2015/1", 3, "EH")
    second.due_on = datetime.date(2023, 12, 31)
    second.save()
    posts = [OfficerFactory(title="Director, B"), OfficerFactory(title="Chief, A")]
    state(first, DURING, *IRRELEVANT, assessment="Not for us.")
    state(second, BEFORE, "not_started", "")
    state(second, DURING, "in_progress", "accepted").responsible_officers.set(posts)
    state(old, BEFORE, "in_progress", "accepted", assessment="Slow.").responsible_officers.set(posts[:1])
    title = first.recommendation_set.title
    common = {"officers": [], "assessment": None, "due_on": None, "assessment_updated": None}
    assert report().as_json() == {
        "as_at": "2023-03-31",
        "since": "2022-03-31",
        "outstanding": {"LB": 0, "EH": 2},
        "new": {"LB": 1, "EH": 0, "reports": 1},
        "closed": {"LB": 1, "EH": 0},
        "endorsements": [{"set": "jiu-rep-2021-6", "symbol": "JIU/REP/2021/6", "numbers": [1]}],
        "active_reports": [
            {"symbol": "JIU/REP/2021/6", "title": title, "LB": 0, "EH": 1},
            {"symbol": "JIU/NOTE/2015/1", "title": old.recommendation_set.title, "LB": 0, "EH": 1},
        ],
        "recommendations": [
            common
            | {
                "symbol": "JIU/REP/2021/6",
                "number": 1,
                "addressee": "LB",
                "acceptance": "not_relevant",
                "implementation": None,
                "previous_acceptance": None,
                "previous_implementation": None,
                "is_new": True,
                "update_received": True,
                "assessment": "Not for us.",
            },
            common
            | {
                "symbol": "JIU/REP/2021/6",
                "number": 2,
                "addressee": "EH",
                "acceptance": "accepted",
                "implementation": "in_progress",
                "previous_acceptance": None,
                "previous_implementation": "not_started",
                "is_new": False,
                "update_received": True,
                "officers": ["Chief, A", "Director, B"],
                "due_on": "2023-12-31",
            },
            common
            | {
                "symbol": "JIU/NOTE/2015/1",
                "number": 3,
                "addressee": "EH",
                "acceptance": "accepted",
                "implementation": "in_progress",
                "previous_acceptance": "accepted",
                "previous_implementation": "in_progress",
                "is_new": False,
                "update_received": False,
                "officers": ["Director, B"],
                "assessment": "Slow.",
            },
        ],
    }


@pytest.fixture
def varied():
    """Three years, both addressees, five places."""
    for symbol, number, addressee, before, now in [
        ("JIU/REP/2021/6", 1, "LB", None, OPEN),
        ("JIU/REP/2021/6", 2, "EH", None, DONE),
        ("JIU/REP/2021/2", 1, "EH", OPEN, OPEN),
        ("JIU/REP/2020/1", 1, "EH", OPEN, IRRELEVANT),
        ("JIU/REP/2020/1", 2, "LB", OPEN, None),
        ("JIU/REP/2016/9", 2, "EH", DONE, DONE),
        ("JIU/REP/2016/9", 3, "EH", DONE, ("not_started", "accepted")),
        ("JIU/REP/2016/9", 5, "EH", ("", ""), None),
    ]:
        found = make_jiu_recommendation(symbol, number, addressee)
        if before:
            state(found, BEFORE, *before)
        if now:
            state(found, DURING, *now)


@pytest.mark.usefixtures("varied")
def test_figures_are_of_what_is_held():
    figures = {figure.group: figure.cells for figure in report().figures}
    assert figures == {
        Group.OUTSTANDING: [("LB", 2, 2), ("EH", 3, 6), ("", 5, 8)],
        Group.NEW: [("LB", 1, 2), ("EH", 1, 6), ("", 2, 8)],
        Group.CLOSED: [("LB", 0, 2), ("EH", 2, 6), ("", 2, 8)],
        Group.LISTED: [("LB", 2, 2), ("EH", 4, 6), ("", 6, 8)],
        Group.SILENT: [("LB", 1, 2), ("EH", 1, 6), ("", 2, 8)],
        Group.AWAITING: [("LB", 0, 2), ("EH", 2, 6), ("", 2, 8)],
    }


@pytest.mark.usefixtures("varied")
def test_every_figure_is_the_number_of_the_rows_behind_it():
    found = report()
    for group in Group:
        figure = found.figure(group)
        assert figure.total == len(found.of_group(group))
        assert figure.counts == {
            name: sum(line.recommendation.addressee == name for line in found.of_group(group)) for name in ("LB", "EH")
        }
    printed = found.as_json()
    assert printed["outstanding"] == found.figure(Group.OUTSTANDING).counts
    assert sum(row["LB"] + row["EH"] for row in printed["active_reports"]) == found.figure(Group.OUTSTANDING).total


def counts(spread):
    return {place: share.count for place, share in spread.shares.items() if share.count}


@pytest.mark.usefixtures("varied")
def test_charts_by_year_and_addressee():
    every, bodies, heads = report().charts
    assert [(spread.year, spread.n, counts(spread)) for spread in every.years] == [
        (2016, 3, {"implemented": 1, "not_started": 1, "not_stated": 1}),
        (2020, 2, {"not_relevant": 1, "in_progress": 1}),
        (2021, 3, {"implemented": 1, "in_progress": 2}),
    ]
    assert [(spread.year, counts(spread)) for spread in bodies.years] == [
        (2020, {"in_progress": 1}),
        (2021, {"in_progress": 1}),
    ]
    assert (every.whole.n, bodies.whole.n, heads.whole.n) == (8, 2, 6)
    assert list(every.whole.shares) == list(PLACES)
    for chart in (every, bodies, heads):
        assert sum(spread.n for spread in chart.years) == chart.whole.n
        for spread in (*chart.years, chart.whole):
            assert sum(share.count for share in spread.shares.values()) == spread.n
    # 1 of 8 is 13%, 3 of 8 are 38%, 5 of 8 are 63%.
    whole = every.whole
    assert (whole.closed.percent, whole.closed_otherwise.percent, whole.outstanding.percent) == (38, 13, 63)


@pytest.mark.usefixtures("varied")
def test_annexes_are_by_addressee_year_and_report():
    assert [
        (annex.addressee, [(of.year, [(found.set.symbol, found.numbers) for found in of.sets]) for of in annex.years])
        for annex in report().annexes
    ] == [
        ("LB", [(2021, [("JIU/REP/2021/6", [1])]), (2020, [("JIU/REP/2020/1", [2])])]),
        (
            "EH",
            [
                (2021, [("JIU/REP/2021/6", [2]), ("JIU/REP/2021/2", [1])]),
                (2020, [("JIU/REP/2020/1", [1])]),
                (2016, [("JIU/REP/2016/9", [5])]),
            ],
        ),
    ]


@pytest.mark.parametrize(
    ("due_on", "now", "expected"),
    [
        ("2023-03-30", OPEN, True),
        ("2023-03-31", OPEN, False),
        ("2023-03-30", DONE, False),
        (None, OPEN, False),
    ],
)
def test_overdue_is_outstanding_past_its_date(item, due_on, now, expected):
    item.due_on = due_on and datetime.date.fromisoformat(due_on)
    item.save()
    state(item, DURING, *now)
    assert line_of(item).is_overdue is expected


def test_dates_held_are_of_the_bureau_the_latest_first(item):
    for day in (BEFORE, DURING, "2021-03-31"):
        state(item, day)
    state(item, BEFORE, revision=2)
    state(make_jiu_recommendation(number=2), DURING)
    StatusReportFactory(recommendation=item, office=OfficeFactory(), as_at=datetime.date(2024, 1, 1))
    assert [day.isoformat() for day in dates_held()] == ["2023-03-31", "2022-03-31", "2021-03-31"]


@pytest.mark.parametrize(
    ("values", "expected"), [([], ""), ([7], "7"), ([1, 2], "1 and 2"), ([1, 2, 3, 5, 6], "1, 2, 3, 5 and 6")]
)
def test_lists_in_words(values, expected):
    assert in_words(values) == expected
