"""Claims: how they come in, when they agree, and who reads them."""

import datetime
from http import HTTPStatus

import pytest

from portal import measures
from portal.measures import CannotTell, Figure, Row
from publications.models import Claim
from publications.reports import Verdict, compare_claims
from tests.factories.jiu import ReviewFactory, make_jiu_recommendation, state
from tests.factories.portal import EXPORTS, counts, exported, fault_lines, load
from tests.factories.publications import ClaimFactory

pytestmark = pytest.mark.django_db

HEADER = "document,paragraph,measure,subject,value,low,high,as_at,since,note\n"
ROW = "WO/PBC/34/6,10,jiu.outstanding,EH,18,,,2022-03-31,2021-03-31,A note\n"


# The spreadsheet kind


def test_a_claim_is_added_with_every_column():
    assert counts(load("claims", HEADER + ROW)) == (1, 0, 0, 0)

    claim = Claim.objects.get()
    assert (claim.document, claim.paragraph, claim.measure, claim.subject) == (
        "WO/PBC/34/6",
        "10",
        "jiu.outstanding",
        "EH",
    )
    assert (claim.value, claim.low, claim.high, claim.note) == ("18", None, None, "A note")
    assert (claim.as_at, claim.since) == (datetime.date(2022, 3, 31), datetime.date(2021, 3, 31))
    assert counts(load("claims", HEADER + ROW)) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    "row",
    [
        "WO/PBC/34/6,10,jiu.outstanding,EH,19,,,2022-03-31,2021-03-31,A note",
        "WO/PBC/34/6,10,jiu.outstanding,EH,,0,999999999,2022-03-31,2021-03-31,A note",
        "WO/PBC/34/6,10,jiu.outstanding,EH,18,,,2022-12-31,2021-03-31,A note",
        "WO/PBC/34/6,10,jiu.outstanding,EH,18,,,2022-03-31,,A note",
        "WO/PBC/34/6,10,jiu.outstanding,EH,18,,,2022-03-31,2021-03-31,",
    ],
)
def test_a_change_of_any_column_is_a_change_with_its_history(row):
    load("claims", HEADER + ROW)

    assert counts(load("claims", HEADER + row)) == (0, 1, 0, 0)

    assert [",".join(map(str, cells)) for cells in exported("claims")] == [row]
    assert list(Claim.objects.get().history.values_list("history_type", flat=True)) == ["~", "+"]


@pytest.mark.parametrize("place", range(4))
def test_each_column_of_the_key_makes_another_claim(place):
    cells = ROW.split(",")
    cells[place] += "x"
    assert counts(load("claims", HEADER + ROW + ",".join(cells))) == (2, 0, 0, 0)


def test_a_measure_that_nobody_knows_is_no_fault():
    assert counts(load("claims", HEADER + "Document,1,no.such,,1,,,,,\n")) == (1, 0, 0, 0)


def test_the_faults_of_a_claim():
    rows = [
        ",,,,,,,,,No document",
        "D,1,m,,5,1,2,,,",
        "D,2,m,,,3,2,,,",
        "D,3,m,,,3,,,,",
        "D,4,m,,5,,3,,,",
        "D,5,m,,5,,,2022-03-31,2022-03-31,",
        "D,6,m,,5,,,,2022-03-31,",
        "D,7,m,,5,-1,x,2022,,",
        f"D,8,m,{'s' * 201},5,,,,,",
        "D,9,m,, ,,,,,",
    ]

    assert fault_lines(load("claims", HEADER + "\n".join(rows) + "\n")) == [
        "row 2, column document: is required ()",
        "row 2, column paragraph: is required ()",
        "row 2, column measure: is required ()",
        "row 2, column value: is required where there is no range ()",
        "row 3, column value: stands beside a range: a document prints one or the other (5)",
        "row 4, column high: is below low (2)",
        "row 5, column high: is missing: a range has two ends ()",
        "row 6, column low: is missing: a range has two ends ()",
        "row 7, column since: is not before as_at (2022-03-31)",
        "row 8, column since: is not before as_at (2022-03-31)",
        "row 9, column low: is not a whole number (-1)",
        "row 9, column high: is not a whole number (x)",
        "row 9, column as_at: is not a date: write it like 2025-05-02 (2022)",
        f"row 10, column subject: is 201 characters long; at most 200 fit ({'s' * 60}…)",
        "row 11, column value: is required where there is no range ( )",
    ]


@pytest.mark.parametrize("form", EXPORTS)
def test_exports_read_back_without_a_change_and_in_the_same_order(form):
    ClaimFactory(paragraph="9", subject="=1+1", value="1, 2 and 3", note="Zwei\nZeilen, “ja”")
    ClaimFactory(paragraph="10", low=0, high=19, as_at=datetime.date(2022, 3, 31))
    ClaimFactory(paragraph="8", measure="zz.first", value="-5")
    file, rows = EXPORTS[form]("claims"), exported("claims")
    assert [row[1] for row in rows] == ["9", "10", "8"]
    assert counts(load("claims", file)) == (0, 0, 3, 0)

    Claim.objects.all().delete()

    assert counts(load("claims", file)) == (3, 0, 0, 0)
    assert exported("claims") == rows


# What agrees


@pytest.fixture
def answers(monkeypatch):
    """A measure `test.answer` that gives the figure named by its subject."""
    figures = {}

    def answer(asked):
        if asked.subject not in figures:
            raise CannotTell(f"Nothing is held of {asked.subject}, of which {asked.printed} is printed.")
        return figures[asked.subject]

    monkeypatch.setitem(measures._MEASURES, "test.answer", ("What is asked", answer))
    return figures


def verdict(answers, figure, **printed):
    answers["it"] = figure
    [comparison] = compare_claims([Claim(document="D", paragraph="1", measure="test.answer", subject="it", **printed)])
    return comparison.verdict


@pytest.mark.parametrize(
    ("printed", "found"),
    [
        ("15", "15"),
        ("15", "15.0"),
        ("015", "15"),
        (" 15 ", "15"),
        ("67%", "67"),
        ("67 per cent", "67"),
        ("1,234", "1234"),
        ("1, 2, 3, 5 and 6", "1, 2, 3, 5, 6"),
        ("1, 2, and 3", "1, 2, 3"),
        ("4 and 7", "4, 7"),
        ("1; 2", "1, 2"),
        ("none", "none"),
        ("none", ""),
        ("2022-03-31", "2022-03-31"),
        ("Not yet available", "not yet  available"),
        ("IV", "IV"),
        ("22.50", "22.5"),
    ],
)
def test_what_says_the_same_agrees(answers, printed, found):
    assert verdict(answers, Figure(found), value=printed) == Verdict.AGREES


@pytest.mark.parametrize(
    ("printed", "found"),
    [
        ("15", "16"),
        ("15", "15.4"),
        ("5 and 8", "5"),
        ("5 and 8", "8, 5"),
        ("5 and 8", "58"),
        ("1, 234", "1234"),
        ("1,23", "123"),
        ("none", "0"),
        ("0", "none"),
        ("2022-03-31", "2022-03-30"),
        ("2022-03", "2022-03-31"),
        ("IV", "III"),
        ("available", "not available"),
        ("1 to 3", "1, 3"),
        ("²", "2"),
    ],
)
def test_what_says_anything_else_differs(answers, printed, found):
    assert verdict(answers, Figure(found), value=printed) == Verdict.DIFFERS


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (Figure(low=67, high=90), Verdict.AGREES),
        (Figure(low=66, high=90), Verdict.DIFFERS),
        (Figure(low=67, high=91), Verdict.DIFFERS),
        (Figure("67"), Verdict.DIFFERS),
        (Figure("67, 90"), Verdict.DIFFERS),
        (Figure("none"), Verdict.DIFFERS),
    ],
)
def test_a_range_agrees_at_both_ends(answers, figure, expected):
    assert verdict(answers, figure, low=67, high=90) == expected


def test_a_range_of_one_value_is_that_value(answers):
    assert verdict(answers, Figure(low=38, high=38), value="38") == Verdict.AGREES
    assert verdict(answers, Figure("38"), low=38, high=38) == Verdict.AGREES
    assert verdict(answers, Figure(low=38, high=39), value="38") == Verdict.DIFFERS


def test_what_cannot_be_checked_says_why(answers):
    held, unknown = compare_claims(
        [
            ClaimFactory(paragraph="1", measure="test.answer", subject="this", value="408"),
            ClaimFactory(paragraph="2", measure="no.such", value="1"),
        ]
    )

    assert (held.title, held.verdict, held.figure) == ("What is asked", Verdict.CANNOT_TELL, None)
    assert held.reason == "Nothing is held of this, of which 408 is printed."
    assert (unknown.title, unknown.verdict) == ("no.such", Verdict.CANNOT_TELL)
    assert unknown.reason == "The portal knows no measure of this name."


def test_claims_come_in_the_order_of_the_document():
    for paragraph in [
        "Annex III, footnote 4",
        "Annex III",
        "13 (ii)",
        "Annex II, section VI",
        "Annex II, section IV",
        "Annex I, section II",
        "Annex II",
        "8, Table 2, row 10",
        "8, Table 2, row 2",
        "8, Table 2, heading",
        "8",
        "6",
        "10",
    ]:
        ClaimFactory(paragraph=paragraph, value="1")
    ClaimFactory(document="A/1", paragraph="99", value="1")
    first, second = (
        ClaimFactory(paragraph="6", subject="z", value="1"),
        ClaimFactory(paragraph="6", subject="a", value="1"),
    )

    compared = compare_claims(Claim.objects.all())

    assert [item.claim.paragraph for item in compared] == [
        "99",
        "6",
        "6",
        "6",
        "8",
        "8, Table 2, heading",
        "8, Table 2, row 2",
        "8, Table 2, row 10",
        "10",
        "13 (ii)",
        "Annex I, section II",
        "Annex II",
        "Annex II, section IV",
        "Annex II, section VI",
        "Annex III",
        "Annex III, footnote 4",
    ]
    assert [item.claim for item in compared[2:4]] == [first, second]


# The pages

LIST = "/claims/"


@pytest.fixture
def three(answers):
    """A claim of each verdict, in two documents."""
    answers["it"] = Figure("5", rows=(Row("First row", "/offices/"), Row("Second row", is_counted=False)))
    return {
        Verdict.AGREES: ClaimFactory(paragraph="1", measure="test.answer", subject="it", value="5", note="Well said."),
        Verdict.DIFFERS: ClaimFactory(paragraph="2", measure="test.answer", subject="it", value="6"),
        Verdict.CANNOT_TELL: ClaimFactory(document="Other", measure="test.answer", subject="else", value="7"),
    }


READERS = {"secretariat", "administrator", "auditor"}


def test_claims_are_for_those_who_read_everything(client_of, personas, three):
    for path in (LIST, f"{LIST}{three[Verdict.AGREES].pk}/"):
        answers = {name: client_of(person).get(path) for name, person in personas.items()}
        assert {name for name, answer in answers.items() if answer.status_code == HTTPStatus.OK} == READERS
        assert answers.pop("anonymous").url == f"/accounts/login/?next={path}"
        refused = {answers[name].status_code for name in set(answers) - READERS}
        assert refused == {HTTPStatus.FORBIDDEN}


def test_nobody_learns_which_claims_there_are(client_of, viewer, secretariat, three):
    there, missing = f"{LIST}{three[Verdict.AGREES].pk}/", f"{LIST}999999/"

    assert client_of(viewer).get(there).content == client_of(viewer).get(missing).content.replace(b"999999", b"1")
    assert client_of(secretariat).get(missing).status_code == HTTPStatus.NOT_FOUND
    assert client_of(secretariat).post(LIST).status_code == HTTPStatus.METHOD_NOT_ALLOWED


def read(client, path=LIST, **query):
    answer = client.get(path, query)
    assert answer.status_code == HTTPStatus.OK
    return answer


def shown(answer):
    return [item.verdict for group in answer.context["documents"] for item in group.comparisons]


def test_the_page_shows_both_values_the_rows_the_reason_and_the_note(client_of, secretariat, three):
    page = " ".join(read(client_of(secretariat)).content.decode().split())

    assert page.count("What is asked") == 3
    for text in [
        "Well said.",
        '<a href="/offices/">First row</a>',
        "Second row <span",
        "Nothing is held of else, of which 7 is printed.",
        "2 rows",
    ]:
        assert text in page, text


def test_filters_narrow_the_claims_and_their_counts(client_of, secretariat, three):
    client = client_of(secretariat)
    every, one, none = (
        read(client),
        read(client, document="WO/PBC/34/6"),
        read(client, document="Other", verdict="agrees"),
    )

    assert [group.document for group in every.context["documents"]] == ["Other", "WO/PBC/34/6"]
    assert [count for _verdict, count in every.context["counts"]] == [1, 1, 1]
    assert [count for _verdict, count in one.context["counts"]] == [1, 0, 1]
    assert shown(read(client, verdict="differs")) == [Verdict.DIFFERS]
    assert shown(none) == []
    assert "No claim fits these filters." in none.content.decode()
    for query in ({"document": "Nowhere"}, {"verdict": "maybe"}):
        assert client.get(LIST, query).status_code == HTTPStatus.NOT_FOUND


def test_htmx_gets_the_part_that_changes(client_of, secretariat, three):
    part = client_of(secretariat).get(LIST, {"verdict": "differs"}, headers={"HX-Request": "true"})

    assert "<html" not in part.content.decode()
    assert shown(part) == [Verdict.DIFFERS]


def test_without_claims_the_page_says_what_comes_here(client_of, secretariat):
    answer = read(client_of(secretariat))

    assert "No claim is recorded yet." in answer.content.decode()
    assert "<table" not in answer.content.decode()


def test_one_claim_has_all_its_rows(client_of, secretariat, answers):
    answers["it"] = Figure("30", rows=tuple(Row(f"Row number {number};") for number in range(30)))
    claim = ClaimFactory(measure="test.answer", subject="it", value="30", as_at=datetime.date(2022, 3, 31))
    client = client_of(secretariat)

    listed, page = read(client).content.decode(), read(client, f"{LIST}{claim.pk}/").content.decode()

    assert listed.count("Row number") == 12
    assert "18 further rows" in listed
    assert page.count("Row number") == 30
    assert "31 March 2022" in page


def test_sample_figures_are_labelled(client_of, secretariat, answers):
    claim = ClaimFactory(measure="test.answer", subject="it", value="5")
    client = client_of(secretariat)
    for is_sample in (False, True):
        answers["it"] = Figure("5", is_sample=is_sample)
        for path in (LIST, f"{LIST}{claim.pk}/"):
            assert ("sample data" in read(client, path).content.decode()) is is_sample


def test_what_a_claim_says_is_text(client_of, secretariat, answers):
    answers["<it>"] = Figure("<b>", rows=(Row("<script>"),))
    claim = ClaimFactory(
        measure="test.answer", subject="<it>", value="<i>", note="<u>", paragraph="<p>", document="<d>"
    )
    for path in (LIST, f"{LIST}{claim.pk}/"):
        page = read(client_of(secretariat), path).content.decode()
        for tag in ("<b>", "<script>", "<i>", "<u>", "<it>", "<d>"):
            assert tag not in page


@pytest.mark.parametrize("number", [20, 500])
def test_the_page_asks_the_database_as_often_for_500_claims_as_for_20(
    client_of, secretariat, tiny_round, django_assert_num_queries, number
):
    old = make_jiu_recommendation("JIU/REP/2018/6", 5, "EH")
    state(old, "2021-03-31")
    for item in (old, *(make_jiu_recommendation("JIU/REP/2021/6", place, "EH") for place in range(1, 30))):
        state(item, "2022-03-31")
    ReviewFactory(reference="A460")
    asked = [
        ("jiu.outstanding", "EH"),
        ("jiu.active", "JIU/REP/2021/6 EH"),
        ("jiu.endorsements", "JIU/REP/2018/6"),
        ("jiu.section", "EH 2018"),
        ("jiu.issued_on", "JIU/REP/2021/6"),
        ("jiu.document", "JIU/REP/2021/6 comments"),
        ("jiu.reviews_of_reference", "A460"),
        ("survey.responded", "tiny"),
        ("survey.percent", "tiny focus 1"),
        ("no.such", ""),
    ]
    dates = {"as_at": datetime.date(2022, 3, 31), "since": datetime.date(2021, 3, 31)}
    for place in range(number):
        measure, subject = asked[place % len(asked)]
        ClaimFactory(paragraph=str(place), measure=measure, subject=subject, value="1", **dates)
    client = client_of(secretariat)

    with django_assert_num_queries(19):
        answer = read(client)

    assert len(shown(answer)) == number
