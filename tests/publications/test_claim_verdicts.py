"""The claims that the portal comes with, beside the reference data: every verdict, and each contradiction.

The source contradicts itself; its figures stay as printed, and the page has to find that out from
the rows. A change of a row, of a rule or of a claim shows here.
"""

from http import HTTPStatus

import pytest
from django.core.management import call_command

from publications.models import Claim
from publications.reports import Verdict, compare_claims
from recommendations.models import StatusReport

pytestmark = pytest.mark.django_db

REPORT = "WO/PBC/34/6"
SURVEY = "Document of the ICT Strategy Task Force to the thirteenth session of the CWS"
MARKS = {Verdict.AGREES: "=", Verdict.DIFFERS: "≠", Verdict.CANNOT_TELL: "?"}

# By paragraph, measure and subject what is printed; a value of the data only where it differs.
OF_REPORT = """
6 | issued_reports |  | 7 ?
6 | new_reports |  | 5 ≠ 4
7 | reviews | 2022 programme of work | 5 =
7 | reviews | 2021 programme of work | 3 =
8 | reviews | ongoing | 8 ≠ 3
8, Table 2, heading | reviews | planned | 8 ≠ 5
8, Table 2, row 1 | reviews_of_reference | A457 | 1 =
8, Table 2, row 1 | programme | A457 | 2021 =
8, Table 2, row 2 | reviews_of_reference | A460 | 1 ≠ 2
8, Table 2, row 2 | programme | A460 | 2021 =
8, Table 2, row 3 | reviews_of_reference | A460 | 1 ≠ 2
8, Table 2, row 3 | programme | A460 | 2021 =
8, Table 2, row 4 | reviews_of_reference | A463 | 1 =
8, Table 2, row 4 | programme | A463 | 2022 =
8, Table 2, row 5 | reviews_of_reference | A464 | 1 =
8, Table 2, row 5 | programme | A464 | 2022 =
8, Table 2, row 6 | reviews_of_reference | A466 | 1 =
8, Table 2, row 6 | programme | A466 | 2022 =
8, Table 2, row 7 | reviews_of_reference | A467 | 1 =
8, Table 2, row 7 | programme | A467 | 2022 =
8, Table 2, row 8 | reviews_of_reference | A468 | 1 =
8, Table 2, row 8 | programme | A468 | 2022 =
9 | new |  | 15 =
9 | new | LB | 4 =
9 | new | EH | 11 =
9 | new_reports |  | 3 ≠ 4
9 | outstanding_years |  | 2018–2021 =
9 | implemented | JIU/REP/2016/9 EH | 3 =
10 | outstanding | LB | 5 =
10 | outstanding | EH | 18 ≠ 19
11 | made | since 2010 | 408 ?
11 | share | implemented of 408 since 2010 | 87 ?
11 | share | not relevant or not accepted of 408 since 2010 | 7 ?
11 | share | outstanding of 408 since 2010 | 6 ?
13 (ii) | endorsement_reports |  | 11 ≠ 12
13 (ii) | endorsements | JIU/REP/2021/6 | 1, 2, 3, 5 and 6 =
13 (ii) | endorsements | JIU/REP/2021/5 | 1 and 2 =
13 (ii) | endorsements | JIU/REP/2021/2 | 3 =
13 (ii) | endorsements | JIU/REP/2020/8 | 4 and 7 =
13 (ii) | endorsements | JIU/REP/2020/6 | 1, 2, 3, 5 and 6 =
13 (ii) | endorsements | JIU/REP/2020/5 | 1, 2 and 3 =
13 (ii) | endorsements | JIU/REP/2020/2 | none ≠ 1, 8
13 (ii) | endorsements | JIU/REP/2020/1 | 3 =
13 (ii) | endorsements | JIU/REP/2019/9 | 1 =
13 (ii) | endorsements | JIU/REP/2018/6 | 5 and 8 ≠ 5
13 (ii) | endorsements | JIU/REP/2017/3 | 2 =
13 (ii) | endorsements | JIU/REP/2016/9 | 2, 3 and 5 =
Annex I | stated_on | LB | 2022-03-31 =
Annex I | years | LB | 2021, 2020 and 2017 =
Annex I, section I | section | LB 2021 | I =
Annex I, section I | issued_on | JIU/REP/2021/6 | 2022-03-17 =
Annex I, section I | new_numbers | JIU/REP/2021/6 LB | 6 =
Annex I, section I | issued_on | JIU/REP/2021/5 | 2022-03-31 =
Annex I, section I | new_numbers | JIU/REP/2021/5 LB | 2 =
Annex I, section I | issued_on | JIU/REP/2021/3 | 2021-11-03 =
Annex I, section I | new_numbers | JIU/REP/2021/3 LB | 2 =
Annex I, section I | issued_on | JIU/REP/2021/2 | 2021-07-22 =
Annex I, section I | new_numbers | JIU/REP/2021/2 LB | 7 =
Annex I, section II | section | LB 2020 | II =
Annex I, section II | issued_on | JIU/REP/2020/5 | 2020-10-20 =
Annex I, section II | new_numbers | JIU/REP/2020/5 LB | 1 ≠ none
Annex I, section III | section | LB 2017 | III =
Annex II | stated_on | EH | 2022-03-31 =
Annex II | years | EH | 2021, 2020, 2019, 2018 and 2016 =
Annex II, section I | section | EH 2021 | I =
Annex II, section I | issued_on | JIU/REP/2021/6 | 2022-03-17 =
Annex II, section I | new_numbers | JIU/REP/2021/6 EH | 1, 2, 3, 4 and 5 =
Annex II, section I | issued_on | JIU/REP/2021/5 | 2022-03-31 =
Annex II, section I | new_numbers | JIU/REP/2021/5 EH | 1, 3 and 4 =
Annex II, section I | issued_on | JIU/REP/2021/3 | 2021-11-03 =
Annex II, section I | new_numbers | JIU/REP/2021/3 EH | 1 =
Annex II, section I | issued_on | JIU/REP/2021/2 | 2021-07-22 =
Annex II, section I | new_numbers | JIU/REP/2021/2 EH | 1 and 3 =
Annex II, section II | section | EH 2020 | II =
Annex II, section IV | section | EH 2019 | IV ≠ III
Annex II, section V | section | EH 2018 | V ≠ IV
Annex II, section VI | section | EH 2016 | VI ≠ V
Annex III | stated_on |  | 2022-03-31 =
Annex III | active | JIU/REP/2021/6 LB | 0 =
Annex III | active | JIU/REP/2021/6 EH | 1 =
Annex III | document | JIU/REP/2021/6 comments | not yet available =
Annex III | document | JIU/REP/2021/6 highlights | none =
Annex III | active | JIU/REP/2021/5 LB | 0 =
Annex III | active | JIU/REP/2021/5 EH | 2 =
Annex III | document | JIU/REP/2021/5 comments | not yet available =
Annex III | document | JIU/REP/2021/5 highlights | none =
Annex III | active | JIU/REP/2021/3 LB | 1 =
Annex III | active | JIU/REP/2021/3 EH | 1 =
Annex III | document | JIU/REP/2021/3 comments | not yet available =
Annex III | document | JIU/REP/2021/3 highlights | none =
Annex III | active | JIU/REP/2021/2 LB | 1 =
Annex III | active | JIU/REP/2021/2 EH | 1 =
Annex III | document | JIU/REP/2021/2 comments | not yet available =
Annex III | document | JIU/REP/2021/2 highlights | none =
Annex III | active | JIU/REP/2020/8 LB | 0 =
Annex III | active | JIU/REP/2020/8 EH | 5 ≠ 4
Annex III | document | JIU/REP/2020/8 comments | available =
Annex III | document | JIU/REP/2020/8 highlights | available =
Annex III | active | JIU/REP/2020/7 LB | 2 =
Annex III | active | JIU/REP/2020/7 EH | 3 =
Annex III | document | JIU/REP/2020/7 comments | available =
Annex III | document | JIU/REP/2020/7 highlights | available =
Annex III | active | JIU/REP/2020/6 LB | 1 =
Annex III | active | JIU/REP/2020/6 EH | 0 =
Annex III | document | JIU/REP/2020/6 comments | available =
Annex III | document | JIU/REP/2020/6 highlights | available =
Annex III | active | JIU/REP/2020/2 LB | 0 =
Annex III | active | JIU/REP/2020/2 EH | 2 =
Annex III | document | JIU/REP/2020/2 comments | available =
Annex III | document | JIU/REP/2020/2 highlights | available =
Annex III | active | JIU/REP/2019/8 LB | 0 =
Annex III | active | JIU/REP/2019/8 EH | 1 =
Annex III | document | JIU/REP/2019/8 comments | available =
Annex III | document | JIU/REP/2019/8 highlights | available =
Annex III | active | JIU/REP/2019/5 LB | 0 =
Annex III | active | JIU/REP/2019/5 EH | 1 =
Annex III | document | JIU/REP/2019/5 comments | available =
Annex III | document | JIU/REP/2019/5 highlights | available =
Annex III | active | JIU/REP/2018/6 LB | 0 =
Annex III | active | JIU/REP/2018/6 EH | 2 =
Annex III | document | JIU/REP/2018/6 comments | available =
Annex III | document | JIU/REP/2018/6 highlights | available =
Annex III | active | JIU/REP/2018/4 LB | 0 =
Annex III | active | JIU/REP/2018/4 EH | 1 =
Annex III | document | JIU/REP/2018/4 comments | available =
Annex III | document | JIU/REP/2018/4 highlights | available =
Annex III, footnote 4 | active_reports |  | 12 =
Annex III, footnote 4 | listed_reports |  | 12 ≠ 17
Annex III, footnote 5 | outstanding | LB | 5 =
Annex III, footnote 5 | outstanding | EH | 20 ≠ 19
"""

OF_SURVEY = """
11 | opens_on |  | 2025-05-02 =
11 | closes_on |  | 2025-07-07 =
11 | responded |  | 21 ?
12 | percent | implementation 1-10 implemented + in_progress | 67–90 ?
12 | percent | implementation 1-10 under_consideration | 0–19 ?
12 | count | implementation 4 implemented + in_progress + planned | 21 ?
12 | count | implementation 9 not_planned | 1 ?
12 | percent | implementation 9 not_planned | 5 ?
13 | rank | focus highest | 1 ?
13 | percent | focus 1 | 67 ?
13 | rank | focus second | 5 and 10 ?
13 | percent | focus 5 | 57 ?
13 | percent | focus 10 | 57 ?
13 | percent | focus 2-4, 6-8 | 24–43 ?
13 | rank | focus lowest | 9 ?
13 | percent | focus 9 | 14 ?
14 | percent | low_priority 9 | 19 ?
14 | count | low_priority 1-8, 10 | 0–1 ?
14 | percent | low_priority 1-8, 10 | 0–5 ?
14 | percent | low_priority none | 71 ?
15 | rank | challenges highest | 1 and 10 ?
15 | percent | challenges 1 | 38 ?
15 | percent | challenges 10 | 38 ?
15 | percent | challenges na | 33 ?
15 | rank | challenges lowest | 9 ?
15 | percent | challenges 9 | 10 ?
15 | percent | challenges 2-8 | 14–24 ?
16 | rank | discussion highest | 10 ?
16 | percent | discussion 10 | 48 ?
16 | percent | discussion 1-9 | 0–19 ?
16 | percent | discussion 6 | 0 ?
16 | percent | discussion 2 | 19 ?
16 | percent | discussion 3 | 19 ?
16 | percent | discussion 8 | 19 ?
16 | percent | discussion 9 | 19 ?
"""

# What the source says beside what its own rows give.
CONTRADICTIONS = {
    ("6", "jiu.new_reports", ""): ("5", "4"),
    ("8", "jiu.reviews", "ongoing"): ("8", "3"),
    ("8, Table 2, heading", "jiu.reviews", "planned"): ("8", "5"),
    ("8, Table 2, row 2", "jiu.reviews_of_reference", "A460"): ("1", "2"),
    ("8, Table 2, row 3", "jiu.reviews_of_reference", "A460"): ("1", "2"),
    ("9", "jiu.new_reports", ""): ("3", "4"),
    ("10", "jiu.outstanding", "EH"): ("18", "19"),
    ("13 (ii)", "jiu.endorsement_reports", ""): ("11", "12"),
    ("13 (ii)", "jiu.endorsements", "JIU/REP/2020/2"): ("none", "1, 8"),
    ("13 (ii)", "jiu.endorsements", "JIU/REP/2018/6"): ("5 and 8", "5"),
    ("Annex I, section II", "jiu.new_numbers", "JIU/REP/2020/5 LB"): ("1", "none"),
    ("Annex II, section IV", "jiu.section", "EH 2019"): ("IV", "III"),
    ("Annex II, section V", "jiu.section", "EH 2018"): ("V", "IV"),
    ("Annex II, section VI", "jiu.section", "EH 2016"): ("VI", "V"),
    ("Annex III", "jiu.active", "JIU/REP/2020/8 EH"): ("5", "4"),
    ("Annex III, footnote 4", "jiu.listed_reports", ""): ("12", "17"),
    ("Annex III, footnote 5", "jiu.outstanding", "EH"): ("20", "19"),
}


@pytest.fixture(autouse=True)
def loaded(db):
    call_command("load_reference", sample=True, verbosity=0)


def compared(document):
    return compare_claims(Claim.objects.filter(document=document))


def lines_of(document):
    return [line_of(item) for item in compared(document)]


def line_of(item):
    """`paragraph | measure | subject | printed mark`, in the words of the lists above."""
    subject = item.claim.subject.removeprefix("cws-ict-2025").strip()
    found = f" {item.found}" if item.verdict == Verdict.DIFFERS else ""
    end = f"{item.printed} {MARKS[item.verdict]}{found}"
    return " | ".join([item.claim.paragraph, item.claim.measure.partition(".")[2], subject, end])


def test_every_verdict_on_the_progress_report():
    assert lines_of(REPORT) == OF_REPORT.strip().splitlines()


def test_every_verdict_on_the_survey_document():
    assert lines_of(SURVEY) == OF_SURVEY.strip().splitlines()


def test_all_claims_are_of_these_two_documents():
    assert set(Claim.objects.values_list("document", flat=True)) == {REPORT, SURVEY}
    assert Claim.objects.count() == 130 + 35


def test_the_page_finds_where_the_source_contradicts_itself():
    found = {
        (item.claim.paragraph, item.claim.measure, item.claim.subject): (item.printed, item.found)
        for item in compared(REPORT)
        if item.verdict == Verdict.DIFFERS
    }

    assert found == CONTRADICTIONS


def find(paragraph, measure, subject):
    claim = Claim.objects.get(document=REPORT, paragraph=paragraph, measure=measure, subject=subject)
    [comparison] = compare_claims([claim])
    return comparison


def test_the_rows_show_why():
    refused = find("13 (ii)", "jiu.endorsements", "JIU/REP/2018/6")
    assert [(row.label, row.is_counted) for row in refused.rows] == [
        ("JIU/REP/2018/6 R1 (EH): in progress", False),
        ("JIU/REP/2018/6 R5 (EH): implemented; in progress as at 31 March 2021", True),
        ("JIU/REP/2018/6 R8 (EH): in progress", False),
    ]
    [not_new] = find("Annex I, section II", "jiu.new_numbers", "JIU/REP/2020/5 LB").rows
    assert (not_new.label, not_new.is_counted) == (
        "JIU/REP/2020/5 R1 (LB): implemented; in progress as at 31 March 2021",
        False,
    )
    assert len(find("10", "jiu.outstanding", "EH").rows) == 19
    mainstreaming = find("Annex III", "jiu.active", "JIU/REP/2020/8 EH").rows
    assert [row.is_counted for row in mainstreaming] == [True, False, True, False, True, True]


def test_a_verdict_follows_from_the_rows():
    """The Bureau corrects what it stated: then the document is right, and only then."""
    report = StatusReport.objects.get(
        recommendation__recommendation_set__key="jiu-rep-2018-6", recommendation__number=8, as_at="2022-03-31"
    )
    report.pk, report.revision, report.implementation = None, 2, "implemented"
    report.save()

    corrected = find("13 (ii)", "jiu.endorsements", "JIU/REP/2018/6")
    assert (corrected.verdict, corrected.found) == (Verdict.AGREES, "5, 8")
    assert find("10", "jiu.outstanding", "EH").verdict == Verdict.AGREES
    assert find("Annex III", "jiu.active", "JIU/REP/2018/6 EH").found == "1"


def test_every_row_leads_somewhere(client_of, secretariat):
    client = client_of(secretariat)
    urls = {row.url.partition("#")[0] for item in [*compared(REPORT), *compared(SURVEY)] for row in item.rows} - {""}

    assert len(urls) > 60
    assert {url: client.get(url).status_code for url in urls} == dict.fromkeys(urls, HTTPStatus.OK)


def test_what_cannot_be_checked_says_how_much_is_held():
    reasons = {item.claim.measure: item.reason for item in compared(REPORT) if item.verdict == Verdict.CANNOT_TELL}

    assert reasons == {
        "jiu.issued_reports": ("The portal holds only JIU reports that are relevant to WIPO: 4 of 7 of this period."),
        "jiu.made": ("51 of 408 held: the portal has those that a progress report listed, and cannot count others."),
        "jiu.share": "51 of 408 held: a share of these would be no share of all.",
    }
    assert {item.reason for item in compared(SURVEY) if item.verdict == Verdict.CANNOT_TELL} == {
        "The round was held elsewhere and the portal holds no responses."
    }


def test_the_same_measures_agree_with_the_answers_of_a_round_that_is_held():
    """The sample round is made so that the printed figures come out of it."""
    for claim in Claim.objects.filter(document=SURVEY):
        claim.pk, claim.document = None, "Sample"
        claim.subject = claim.subject.replace("cws-ict-2025", "sample-2025")
        claim.save()

    on_sample = compared("Sample")

    assert [item.claim.subject for item in on_sample if item.verdict != Verdict.AGREES] == []
    assert len(on_sample) == 35
    assert all(item.is_sample for item in on_sample)


def test_the_page_of_all_claims(client_of, secretariat):
    page = client_of(secretariat).get("/claims/")

    assert [(str(verdict.value), count) for verdict, count in page.context["counts"]] == [
        ("differs", 17),
        ("cannot_be_checked", 38),
        ("agrees", 110),
    ]
    assert "As at 31 March 2022, since 31 March 2021." in page.content.decode()
