"""The JIU's figures by name: each from a few rows, and what cannot be told."""

import datetime

import pytest

from jiu import measures
from portal.measures import Asked, CannotTell, all_measures
from tests.factories.jiu import EndorsementFactory, ReviewFactory, make_jiu_recommendation, state
from tests.factories.recommendations import SetDocumentFactory

pytestmark = pytest.mark.django_db

AS_AT, SINCE = datetime.date(2022, 3, 31), datetime.date(2021, 3, 31)
OLD, NEW, OTHER = "JIU/REP/2018/6", "JIU/REP/2021/6", "JIU/REP/2020/1"


def ask(name, subject="", *, as_at=AS_AT, since=SINCE, printed=""):
    _title, measure = all_measures()[f"jiu.{name}"]
    return measure(Asked(subject, as_at, since, printed))


def value(name, subject="", **dates):
    figure = ask(name, subject, **dates)
    return figure.value or (figure.low, figure.high)


def reason(name, subject="", **dates):
    with pytest.raises(CannotTell) as caught:
        ask(name, subject, **dates)
    return str(caught.value)


def labels(figure):
    """Each row as its label, those not counted with a minus before."""
    return [row.label if row.is_counted else f"- {row.label}" for row in figure.rows]


@pytest.fixture
def reported(db):
    """Two JIU reports, one old and one new, of which some is outstanding at the later date."""
    old = {number: make_jiu_recommendation(OLD, number, "EH") for number in (1, 5, 8)}
    for item in old.values():
        state(item, "2021-03-31")
    state(old[1], "2022-03-31")
    state(old[5], "2022-03-31", "implemented")
    state(old[8], "2022-03-31", "", "not_relevant")
    state(make_jiu_recommendation(NEW, 2, "EH"), "2022-03-31", "not_started")
    state(make_jiu_recommendation(NEW, 6, "LB"), "2022-03-31", "implemented")


def test_every_measure_is_registered_with_its_title():
    registered = {name: title for name, (title, _measure) in all_measures().items() if name.startswith("jiu.")}

    assert registered == {name: str(title) for name, (title, _measure) in measures.MEASURES.items()}
    assert registered["jiu.outstanding"] == "Outstanding recommendations"
    assert len(registered) == 22


@pytest.mark.parametrize(
    ("name", "subject", "expected"),
    [
        ("outstanding", "", "2"),
        ("outstanding", "LB", "0"),
        ("outstanding", "EH", "2"),
        ("outstanding_years", "", (2018, 2021)),
        ("outstanding_years", "LB", "none"),
        ("active_reports", "", "2"),
        ("active", f"{OLD} EH", "1"),
        ("active", f"{OLD} LB", "0"),
        ("active", OLD, "1"),
        ("new", "", "2"),
        ("new", "LB", "1"),
        ("new_reports", "", "1"),
        ("new_numbers", NEW, "2, 6"),
        ("new_numbers", f"{NEW} LB", "6"),
        ("new_numbers", OLD, "none"),
        ("implemented", OLD, "1"),
        ("implemented", f"{NEW} LB", "1"),
        ("endorsements", OLD, "5, 8"),
        ("endorsements", NEW, "6"),
        ("endorsement_reports", "", "2"),
        ("listed_reports", "", "2"),
        ("listed_reports", "LB", "1"),
        ("years", "EH", "2021, 2018"),
        ("years", "LB", "2021"),
        ("section", "EH 2021", "I"),
        ("section", "EH 2018", "II"),
        ("stated_on", "EH", "2022-03-31"),
    ],
)
def test_a_figure_of_a_progress_report(reported, name, subject, expected):
    assert value(name, subject) == expected


def test_the_figures_change_with_the_rows(reported):
    item = make_jiu_recommendation(OTHER, 3, "LB")
    state(item, "2022-01-15", "in_progress")

    assert value("outstanding", "LB") == "1"
    assert value("years", "LB") == "2021, 2020"
    assert value("section", "LB 2020") == "II"
    assert value("new_reports") == "2"
    assert labels(ask("stated_on", "LB")) == [
        "31 March 2022: statuses of 1 recommendations",
        "- 15 January 2022: statuses of 1 recommendations",
    ]
    state(item, "2022-03-31", "implemented")
    assert value("outstanding", "LB") == "0"


def test_every_section_has_its_numeral(reported):
    for year in range(2000, 2018):
        state(make_jiu_recommendation(f"JIU/REP/{year}/1", 1, "LB"), "2022-03-31")

    assert [value("section", f"LB {year}") for year in (2011, 2008, 2000)] == ["VIII", "XI", "XIX"]
    assert labels(ask("section", "LB 2006"))[12] == "XIII: 2006 (JIU/REP/2006/1)"


def test_what_is_endorsed_needs_it_no_more(reported):
    old = make_jiu_recommendation("JIU/REP/2016/9", 2, "EH")
    state(old, "2021-03-31")
    state(old, "2022-03-31", "implemented")
    assert value("endorsement_reports") == "3"

    EndorsementFactory(recommendation=old, decided_on=datetime.date(2022, 3, 1))

    assert value("endorsement_reports") == "2"
    assert value("endorsements", "JIU/REP/2016/9") == "none"


def test_the_rows_say_what_stands_and_what_stood_and_lead_to_it(reported):
    figure = ask("endorsements", OLD)

    assert labels(figure) == [
        "- JIU/REP/2018/6 R1 (EH): in progress",
        "JIU/REP/2018/6 R5 (EH): implemented; in progress as at 31 March 2021",
        "JIU/REP/2018/6 R8 (EH): not relevant; in progress as at 31 March 2021",
    ]
    assert [row.url for row in figure.rows] == [f"/offices/IB/status/jiu-rep-2018-6/{number}/" for number in (1, 5, 8)]
    assert labels(ask("new_numbers", NEW)) == [
        "JIU/REP/2021/6 R2 (EH): not started; new",
        "JIU/REP/2021/6 R6 (LB): implemented; new",
    ]


def test_only_what_is_counted_stands_behind_a_total(reported):
    assert labels(ask("outstanding", "EH")) == [
        "JIU/REP/2021/6 R2 (EH): not started; new",
        "JIU/REP/2018/6 R1 (EH): in progress",
    ]
    assert labels(ask("active_reports")) == [
        "JIU/REP/2021/6, Title of jiu-rep-2021-6: 2",
        "JIU/REP/2018/6, Title of jiu-rep-2018-6: 1",
    ]
    assert labels(ask("section", "EH 2018")) == ["- I: 2021 (JIU/REP/2021/6)", "II: 2018 (JIU/REP/2018/6)"]


# What cannot be told


def test_a_figure_needs_two_dates_in_order(reported):
    sentence = "The claim does not name two dates, the earlier one as “since”."
    assert reason("outstanding", as_at=None) == sentence
    assert reason("outstanding", since=None) == sentence
    assert reason("outstanding", since=AS_AT) == sentence
    assert reason("issued_reports", since=None) == sentence


def test_where_nothing_is_held_nothing_is_zero():
    sentence = "The portal holds no status of a recommendation of the JIU as at 31 March 2022 or before."
    assert reason("outstanding", "LB") == sentence
    assert reason("made", "since 2010") == sentence


def test_without_an_earlier_status_not_all_is_new():
    state(make_jiu_recommendation(NEW, 2, "EH"), "2022-03-31")

    assert value("outstanding") == "1"
    sentence = "The portal holds no status as at 31 March 2021 or before, so that nobody can tell what changed since."
    for name, subject in [("new", ""), ("endorsements", NEW), ("listed_reports", ""), ("section", "EH 2021")]:
        assert reason(name, subject) == sentence


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("outstanding", "XX"),
        ("active", ""),
        ("active", f"{OLD} XX"),
        ("section", "EH"),
        ("section", "EH 2o18"),
        ("section", "2018"),
        ("share", "implemented since 2010"),
        ("made", "2010"),
    ],
)
def test_a_subject_that_no_measure_knows(reported, name, subject):
    assert reason(name, subject) == f"The measure does not know the subject “{subject}”."


def test_a_report_or_a_year_that_is_not_held(reported):
    assert reason("active", "JIU/REP/1999/1 LB") == (
        "The portal holds no status of a recommendation of JIU/REP/1999/1 as at 31 March 2022 or before."
    )
    assert reason("section", "EH 2019") == "No JIU report of 2019 is listed at these dates."
    assert reason("issued_on", "JIU/REP/1999/1") == "The portal knows no JIU report JIU/REP/1999/1."


# All that were ever made


def test_of_all_ever_made_the_portal_holds_some(reported):
    assert reason("made", "since 2010", printed="408") == (
        "5 of 408 held: the portal has those that a progress report listed, and cannot count others."
    )
    assert reason("made", "since 2019", printed="408").startswith("2 of 408 held")
    assert reason("share", "implemented of 408 since 2010") == (
        "5 of 408 held: a share of these would be no share of all."
    )


def test_a_share_is_told_where_all_are_held(reported):
    assert value("share", "implemented of 5 since 2010") == "40"
    assert value("share", "not relevant or not accepted of 5 since 2010") == "20"
    assert value("share", "outstanding of 5 since 2010") == "40"
    assert len(ask("share", "outstanding of 5 since 2010").rows) == 2


# JIU reports, their documents, reviews


def make_set(symbol, **fields):
    found = make_jiu_recommendation(symbol, 1).recommendation_set
    for name, given in fields.items():
        setattr(found, name, given)
    found.save()
    return found


def test_the_date_of_issue():
    make_set(NEW, issued_on="2022-03-17")
    make_set(OLD)

    assert value("issued_on", NEW) == "2022-03-17"
    assert ask("issued_on", NEW).rows[0].url == "/recommendations/jiu-rep-2021-6/"
    assert reason("issued_on", OLD) == "The portal does not know when JIU/REP/2018/6 was issued."


def test_reports_issued_in_a_period_are_counted_once_others_than_relevant_ones_are_held():
    for symbol, day in [(NEW, "2022-03-31"), (OTHER, "2021-03-31"), (OLD, "")]:
        make_set(symbol, issued_on=day)
    assert reason("issued_reports", printed="7") == (
        "The portal holds only JIU reports that are relevant to WIPO: 1 of 7 of this period."
    )

    make_set("JIU/REP/2021/1", issued_on="2021-04-01", is_relevant=False)

    assert value("issued_reports") == "2"


def test_the_state_of_a_document():
    found = make_set(NEW)
    SetDocumentFactory(recommendation_set=found, title="CEB comments", kind="comments", state="not yet available")
    SetDocumentFactory(recommendation_set=found, title="Video", kind="video")

    assert value("document", f"{NEW} comments") == "not yet available"
    assert value("document", f"{NEW} ceb comments") == "not yet available"
    assert value("document", f"{NEW} highlights") == "none"
    assert reason("document", f"{NEW} video") == (
        "The portal does not know whether this document of JIU/REP/2021/6 is there."
    )


def test_reviews_by_programme_stage_and_reference():
    assert reason("reviews") == "The portal holds no reviews of the JIU."
    for reference, title, year, stage in [
        ("A460", "Appeals", 2021, "ongoing"),
        ("A460", "Accountability", 2021, "ongoing"),
        ("A463", "Flexible work", 2022, "planned"),
        ("A464", "Health", None, "planned"),
    ]:
        ReviewFactory(reference=reference, title=title, programme_of_work=year, stage=stage)

    assert value("reviews") == "4"
    assert value("reviews", "2021 programme of work") == "2"
    assert value("reviews", "planned") == "2"
    assert value("reviews", "completed") == "0"
    assert reason("reviews", "2021") == "The measure does not know the subject “2021”."
    assert value("reviews_of_reference", "A460") == "2"
    assert value("programme", "A460") == "2021"
    assert value("programme", "A464") == "none"
    assert reason("programme", "A1") == "The portal holds no review A1."
    assert labels(ask("reviews_of_reference", "A460")) == [
        "A460: Accountability (ongoing; programme of work 2021)",
        "A460: Appeals (ongoing; programme of work 2021)",
    ]


def test_all_measures_of_a_page_share_what_they_read(reported, django_assert_num_queries):
    shared = {}

    def each():
        for name, subject in [("outstanding", "LB"), ("endorsements", OLD), ("years", "EH"), ("issued_reports", "")]:
            try:
                all_measures()[f"jiu.{name}"][1](Asked(subject, AS_AT, SINCE, shared=shared))
            except CannotTell:
                continue

    with django_assert_num_queries(6):
        each()
    with django_assert_num_queries(0):
        each()
