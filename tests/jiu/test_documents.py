"""The progress report as a document: what it says, that it comes back, that all surfaces agree."""

import datetime
import io
import json
import re
from http import HTTPStatus

import docx
import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from jiu import measures
from jiu.documents import progress_document
from jiu.models import Endorsement, ReportSentence
from jiu.reading.document import read_document
from jiu.reports import progress_report
from jiu.reports.sentences import OUTSTANDING, SENTENCES, faults_of, figures_of, fill
from portal.measures import Asked
from portal.models import AuditEntry
from portal.word.blocks import Entry, Heading, Paragraph, Table
from portal.word.writing import write_docx
from recommendations.models import Officer, Recommendation, RecommendationSet, SetDocument, StatusReport
from recommendations.resources import RecommendationResource, StatusReportResource
from tests.factories.jiu import (
    EndorsementFactory,
    QuestionnaireFactory,
    ReviewFactory,
    make_bureau,
    make_jiu_recommendation,
    state,
)
from tests.factories.offices import MembershipFactory

pytestmark = pytest.mark.django_db

AS_AT, SINCE = datetime.date(2022, 3, 31), datetime.date(2021, 3, 31)
DATES = {"as_at": AS_AT.isoformat(), "since": SINCE.isoformat()}
NEXT = {"as_at": datetime.date(2023, 3, 31), "since": AS_AT}


@pytest.fixture
def reference():
    call_command("load_reference", verbosity=0)


@pytest.fixture
def three():
    """Something new and closed, something unchanged, something silent."""
    new = make_jiu_recommendation("JIU/REP/2021/6", 1, "LB")
    state(new, "2022-03-31", "implemented", assessment="Done.")
    same = make_jiu_recommendation("JIU/REP/2020/7", 2, "EH")
    state(same, "2021-03-31", "in_progress", acceptance="")
    state(same, "2022-03-31", "in_progress", stated_change="no_change")
    silent = make_jiu_recommendation("JIU/REP/2020/7", 3, "EH")
    state(silent, "2021-03-31", "not_started")
    return new, same, silent


def report():
    return progress_report(as_at=AS_AT, since=SINCE)


def word_of(document) -> docx.document.Document:
    file = io.BytesIO()
    write_docx(document, file)
    return docx.Document(io.BytesIO(file.getvalue()))


def is_decision(block):
    return isinstance(block, Paragraph) and block.emphasis


def decision_of(found):
    return [block.text for block in progress_document(found).blocks if is_decision(block)]


def notes():
    """The change note of each recommendation in the document."""
    blocks = progress_document(report()).blocks
    entries = [{row[0]: row for row in block.rows} for block in blocks if isinstance(block, Entry)]
    return {next(iter(rows)): rows["Acceptance"][2] for rows in entries}


class TestWhatItSays:
    def test_every_recommendation_has_its_note(self, three):
        assert notes() == {
            "Recommendation 1": "New in this report",
            "Recommendation 2": "No change from previous status",
            "Recommendation 3": "No update received",
        }

    def test_what_changed_names_what_stood_before(self, three):
        changed = make_jiu_recommendation("JIU/REP/2021/6", 4, "LB")
        state(changed, "2021-03-31", "in_progress", acceptance="under_consideration")
        state(changed, "2022-03-31", "implemented")
        updated = make_jiu_recommendation("JIU/REP/2021/6", 5, "LB")
        state(updated, "2021-03-31", "in_progress", assessment="One.")
        state(updated, "2022-03-31", "in_progress", assessment="Two.")
        unknown = make_jiu_recommendation("JIU/REP/2021/6", 6, "LB")
        state(unknown, "2021-03-31", "in_progress", acceptance="")
        state(unknown, "2022-03-31", "in_progress")
        found = notes()
        assert found["Recommendation 4"] == "Previously “under consideration”, “in progress”"
        assert found["Recommendation 5"] == (
            "No change from previous status. Previously “accepted”, “in progress”. Assessment has been updated"
        )
        assert found["Recommendation 6"] == "Previously “in progress”"

    def test_what_was_endorsed_leaves_the_next_list_and_what_was_refused_stays(self, three):
        state(three[1], "2022-03-30", "implemented")
        for item in three[:2]:
            state(item, "2022-03-31", "implemented", revision=2)
        EndorsementFactory(recommendation=three[0], decided_on=datetime.date(2022, 7, 1))
        EndorsementFactory(recommendation=three[1], decided_on=datetime.date(2022, 7, 1), decision="refused")

        texts = list(progress_document(progress_report(**NEXT)).texts())

        assert "JIU/REP/2020/7 (Recommendation 2); and" in texts
        assert [text for text in texts if text.startswith("JIU/REP/2021/6")] == []

    def test_the_decision_names_reports_newest_first_and_joins_numbers_as_people_do(self, reference):
        document = progress_document(report())
        bullets = [block.text for block in document.blocks if isinstance(block, Paragraph) and block.style == "bullet"]
        assert bullets[:4] == [
            "JIU/REP/2021/6 (Recommendations 1, 2, 3, 5 and 6);",
            "JIU/REP/2021/5 (Recommendations 1 and 2);",
            "JIU/REP/2021/2 (Recommendation 3);",
            "JIU/REP/2020/8 (Recommendations 4 and 7);",
        ]
        assert [bullet.endswith(";") for bullet in bullets] == [True] * 11 + [False]
        assert bullets[-1].endswith("; and")

    def test_what_is_new_is_marked_and_nothing_else(self, reference):
        found = report()
        of_set = {}
        for block in progress_document(found).blocks:
            if isinstance(block, Heading) and block.level == 3:
                symbol = block.text.split()[0]
            elif isinstance(block, Entry):
                number = int(block.rows[0][0].split()[1])
                of_set[symbol, number] = {row[0]: row[2] for row in block.rows}["Acceptance"]
        new = {(line.recommendation.recommendation_set.symbol, line.recommendation.number) for line in found.new}
        assert len(new) == 15
        assert {place for place, words in of_set.items() if words == "New in this report"} == new

    def test_without_an_endorsement_the_first_decision_leads_to_the_last(self):
        texts = decision_of(report())
        assert texts[1:] == [
            "took note of this report; and",
            "called on the Secretariat to propose assessments of the recommendations that are still open.",
        ]
        ReportSentence.objects.create(as_at=AS_AT, since=SINCE, name="noted", text="took note; and")
        assert decision_of(report())[1] == "took note; and"

    def test_the_decision_stays_together_with_its_list(self, three):
        *first, bullet, last = [block for block in progress_document(report()).blocks if is_decision(block)]
        assert (bullet.style, len(first)) == ("bullet", 3)
        assert [block.leads for block in (*first, bullet, last)] == [True, True, True, True, False]
        assert first[-1].text.endswith(":")

    def test_reviews_and_timeliness_have_their_tables(self, three):
        ReviewFactory(reference="A1", title="Of something", stage="ongoing")
        ReviewFactory(reference="A2", title="Of something done", stage="completed")
        due = datetime.date(2022, 1, 10)
        QuestionnaireFactory(due_on=due, answered_on=due - datetime.timedelta(days=3))
        QuestionnaireFactory(due_on=due, answered_on=due + datetime.timedelta(days=1))
        tables = {block.caption: block for block in progress_document(report()).blocks if isinstance(block, Table)}
        today = date_format(timezone.localdate(), "j F Y")
        reviews = tables[f"Reviews of the JIU planned and under way on {today}"]
        assert reviews.rows == (("A1", "Of something", "2022", "ongoing"),)
        # Stages are held without their dates: those of the report's own day nobody can tell.
        stated = next(text for text in progress_document(report()).texts() if text.startswith("Reviews that concern"))
        assert today in stated
        assert tables["Questionnaires by the year in which they were due"].rows == (
            ("2022", "2", "2", "1", "1", "-1.0"),
            ("All", "2", "2", "1", "1", "-1.0"),
        )

    def test_our_words_stand_under_a_label_of_their_own(self, three):
        Recommendation.objects.filter(pk=three[0].pk).update(summary="Ours.", official_text="")
        StatusReport.objects.filter(recommendation=three[0]).update(assessment="", summary="Ours too.")
        entry = next(block for block in progress_document(report()).blocks if isinstance(block, Entry))
        assert entry.rows[:3] == (
            ("Recommendation 1", "[official text not held]", ""),
            ("Summary", "Ours.", ""),
            ("Summary of assessment", "Ours too.", ""),
        )

    @pytest.mark.usefixtures("three")
    def test_it_is_in_english_whatever_the_language_of_the_page(self):
        ReviewFactory(stage="ongoing")
        expected = progress_document(report())
        with translation.override("fr"):
            document = progress_document(report())
        assert document == expected
        assert document.language == "en"

    def test_with_nothing_to_report_it_says_so(self):
        texts = list(progress_document(report()).texts())
        assert texts.count("Nothing is to be reported.") == 2
        assert "No JIU report has anything outstanding." in texts


def test_sections_past_the_tenth_have_their_numerals_and_come_back():
    """An annex has a section for each year; `jiu.section` and the reading take the same numerals."""
    for year in range(2010, 2022):
        state(make_jiu_recommendation(f"JIU/REP/{year}/1", addressee="EH"), DATES["as_at"], assessment="Warm.")
    Recommendation.objects.update(official_text="Teapots should be warmed.")
    document, file = progress_document(report()), io.BytesIO()
    sections = [block.text for block in document.blocks if isinstance(block, Heading) and block.level == 2]
    asked = [Asked(f"EH {year}", AS_AT, SINCE) for year in range(2021, 2009, -1)]
    # Where all is new, no measure tells what changed.
    state(make_jiu_recommendation("JIU/REP/2021/1", 2, "LB"), DATES["since"])

    numerals = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]
    assert [section.partition(".")[0] for section in sections] == numerals
    assert [measures.section(one).value for one in asked] == numerals
    write_docx(document, file)
    reading = read_document(file.getvalue(), "report.docx")
    assert (len(reading.reports), reading.notices) == (12, ())


class TestWord:
    def test_headings_numbers_language_and_repeated_heads(self, reference):
        word = word_of(progress_document(report()))
        headings = [p.text for p in word.paragraphs if p.style.name == "Heading 1"]
        assert headings == [
            "Annex I: Recommendations addressed to legislative bodies – status as at 31 March 2022",
            "Annex II: Recommendations addressed to executive heads – status as at 31 March 2022",
            "Annex III: List of active JIU reports as at 31 March 2022",
        ]
        assert [p.style.name for p in word.paragraphs if p.style.name in {"Numbered", "Sub-item"}] == [
            *["Numbered"] * 9,
            *["Sub-item"] * 3,
        ]
        assert word.core_properties.language == "en-GB"
        pictures = [p for p in word.paragraphs if p.style.name == "Picture"]
        assert len(pictures) == 4


def rows_of_both_dates():
    """All that is stated, without where it was found; and the recommendations, without our labels."""
    statuses = [
        dict(zip(StatusReportResource.column_names(), row, strict=True)) for row in StatusReportResource().export_rows()
    ]
    items = [
        dict(zip(RecommendationResource.column_names(), row, strict=True))
        for row in RecommendationResource().export_rows()
    ]
    for row in statuses:
        del row["source"]
    kept = ("set", "number", "addressee", "summary", "official_text", "due_on", "due_text")
    return statuses, [{name: row[name] for name in kept} for row in items if row["set"].startswith("jiu-")]


def test_the_document_comes_back_as_the_rows_it_was_made_from(reference, tmp_path):
    file = tmp_path / "report.docx"
    call_command("progress_report", as_at=DATES["as_at"], since=DATES["since"], format="docx", output=str(file))
    expected = report().as_json(), progress_report(**NEXT).as_json()
    rows = rows_of_both_dates()
    assert (len(rows[0]), len(rows[1])) == (87, 51)
    for model in (StatusReport, SetDocument, Endorsement):
        model.objects.all().delete()
    Recommendation.objects.filter(recommendation_set__issuer="JIU").delete()
    RecommendationSet.objects.filter(issuer="JIU").delete()
    Officer.objects.all().delete()

    call_command("import_progress_report", str(file), previous_as_at=DATES["since"], verbosity=0)

    assert (report().as_json(), progress_report(**NEXT).as_json()) == expected
    statuses, items = rows_of_both_dates()
    assert statuses == rows[0]
    assert items == rows[1]
    assert set(Recommendation.objects.filter(recommendation_set__issuer="JIU").values_list("official_text")) == {("",)}


def test_page_and_file_of_a_french_session_are_the_english_document(reference, client_of, secretariat):
    """The committee gets one document; in another language its labels would not be read back."""
    client = client_of(secretariat)
    address = reverse("jiu:progress_report_docx")
    files = [
        b"".join(client.get(address, DATES, headers={"accept-language": language}).streaming_content)
        for language in ("en", "fr")
    ]
    assert files[0] == files[1]
    assert docx.Document(io.BytesIO(files[1])).core_properties.language == "en-GB"
    reading = read_document(files[1], "report.docx")
    assert (len(reading.items), reading.notices) == (51, ())

    page = client.get(reverse("jiu:document"), DATES, headers={"accept-language": "fr"})
    html = re.sub(r"\s+", " ", page.content.decode())
    title = "Progress report on the implementation of the recommendations of the Joint Inspection Unit"
    assert re.search(rf'<h1 lang="en"[^>]*> ?{title} ?</h1>', html)
    assert '<html lang="fr"' in html
    assert re.search(r'<a class="edit-link no-print" [^>]*lang="fr"', html)


def test_page_json_and_document_agree_in_every_figure(reference, client_of, secretariat):
    client = client_of(secretariat)
    figures = client.get(reverse("jiu:progress_report_json"), DATES).json()
    page = client.get(reverse("jiu:progress_report"), DATES)
    shown = {figure.group.value: figure.counts for figure in page.context["report"].figures}
    assert {name: shown[name] for name in ("outstanding", "new", "closed")} == {
        name: {addressee: figures[name][addressee] for addressee in ("LB", "EH")}
        for name in ("outstanding", "new", "closed")
    }
    html = re.sub(r"\s+", " ", page.content.decode())
    response = client.get(reverse("jiu:progress_report_docx"), DATES)
    word = docx.Document(io.BytesIO(b"".join(response.streaming_content)))
    paragraphs = [p.text for p in word.paragraphs]
    numbers = [[int(number) for number in re.findall(r"\b\d{1,3}\b", text)] for text in paragraphs]
    new, closed, outstanding = figures["new"], figures["closed"], figures["outstanding"]
    assert [15, new["reports"], new["LB"], new["EH"]] in numbers
    assert [27, closed["LB"], closed["EH"]] in numbers
    assert [31, 24, len(figures["active_reports"]), outstanding["LB"], outstanding["EH"]] in [
        [n for n in line if n != 2022] for line in numbers
    ]
    # The list of endorsements, the active reports, and every recommendation.
    for found in figures["endorsements"]:
        *most, last = map(str, found["numbers"])
        words = f"{', '.join(most)} and {last}" if most else last
        assert any(re.fullmatch(rf"{found['symbol']} \(\w+ {words}\);( and)?", text) for text in paragraphs)
        assert words in html
    active = next(
        t
        for t in word.tables
        if t.rows[0].cells[0].text == "Reference" and len(t.columns) == 4 and "JIU/" in t.rows[1].cells[0].text
    )
    assert [(row.cells[0].text, row.cells[2].text) for row in active.rows[1:]] == [
        (found["symbol"], "\n".join(f"{found[name]} {name}" for name in ("LB", "EH") if found[name]))
        for found in figures["active_reports"]
    ]
    assert read_entries(word) == [
        (line["number"], line["acceptance"], line["implementation"])
        for line in sorted(figures["recommendations"], key=lambda line: line["addressee"] == "EH")
    ]


def read_entries(word):
    """Number, acceptance and implementation of each recommendation, as the document prints them."""
    codes = lambda text: text.lower().replace(" ", "_") or None  # noqa: E731
    found = []
    for table in word.tables:
        rows = {row.cells[0].text: row.cells[1].text for row in table.rows}
        first = table.rows[0].cells[0].text
        if first.startswith("Recommendation "):
            found.append((int(first.split()[1]), codes(rows["Acceptance"]), codes(rows["Implementation"])))
    return found


class TestSentences:
    def test_figures_are_filled_in(self, three):
        figures = figures_of(report())
        assert fill(str(OUTSTANDING.text), figures).startswith(
            "Outstanding as at 31 March 2022: 2 recommendations from 1 "
        )
        for sentence in SENTENCES.values():
            assert "{" not in fill(str(sentence.text), figures)

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("Nothing is outstanding.", "Keep the figures"),
            (f"{OUTSTANDING.text} {{elsewhere}}", "no such figures: {elsewhere}"),
            (f"{OUTSTANDING.text} That is 5 more.", "Type no number"),
            (f"{OUTSTANDING.text} That is 12%.", "Type no number"),
            (str(OUTSTANDING.text).replace("{outstanding_eh}", "{Outstanding_eh}"), "{outstanding_eh} is missing"),
            (f"{OUTSTANDING.text} {{24}}", "no such figures: {24}"),
            (f"{OUTSTANDING.text} That is {{outstanding}}.", "once each"),
            (
                f"{OUTSTANDING.text}".translate({ord("{"): "<", ord("}"): ">"})
                .replace("<outstanding_lb>", "{outstanding_eh}")
                .replace("<outstanding_eh>", "{outstanding_lb}")
                .replace("<", "{")
                .replace(">", "}"),
                "once each",
            ),
            *(
                (f"{OUTSTANDING.text} That is {word}.", "Type no number")
                for word in (
                    *("408recs", "50-odd", "7th", "x5", "X24 others", "X-24 others", "A460", "LB/5", "EH-5"),
                    *("½", "m²", "Ⅳ", "٣", "➓", "zero", "One", "NINETEEN", "twenty-four", "twentyfour", "ninety nine"),
                    *("a hundred", "hundreds", "a dozen", "half of all", "halves", "two-thirds", "one third"),
                    *("a third of them", "three quarters", "a tenth of all", "thousands", "nil"),
                )
            ),
        ],
    )
    def test_figures_cannot_be_typed_nor_dropped(self, text, reason):
        assert reason in " ".join(faults_of(OUTSTANDING, text))

    def test_a_symbol_is_no_figure(self):
        said = f"{OUTSTANDING.text} See WO/PBC/33/7, A/59, JIU/REP/2021/6 and CWS/12/22-ADD on COVID-19."
        assert list(faults_of(OUTSTANDING, said)) == []

    @pytest.mark.parametrize(
        "words",
        [
            "in the second annex",
            "for the thirty-fourth session",
            "a third report of the JIU",
            "none of the tenders of someone in Annexes I and II",
            "the new ones, often weighty",
            "for the thirty\u2011fourth session, after COVID\u201119",
            "on the one hand new to everyone, and no one compares one another",
        ],
    )
    def test_what_is_no_count_can_be_said(self, words):
        assert list(faults_of(OUTSTANDING, f"{OUTSTANDING.text} This is {words}.")) == []

    @pytest.mark.parametrize("name", list(SENTENCES))
    def test_the_portals_own_sentences_are_without_fault(self, name):
        assert list(faults_of(SENTENCES[name], str(SENTENCES[name].text))) == []

    def test_a_reworded_sentence_stands_in_page_and_document(self, three, client_of, secretariat):
        client = client_of(secretariat)
        address = f"{reverse('jiu:sentence', args=['annexes'])}?as_at={AS_AT}&since={SINCE}"
        page = client.get(address)
        version = page.context["form"].initial["version"]
        response = client.post(address, {"text": "The annexes follow.", "version": version}, follow=True)
        assert "The annexes follow." in response.content.decode()
        assert "The annexes follow." in list(progress_document(report()).texts())
        assert "The annexes follow." not in list(progress_document(progress_report(**NEXT)).texts())
        entry = AuditEntry.objects.get(action="reword sentence")
        assert (entry.actor, entry.details["text"]) == (secretariat, "The annexes follow.")
        client.post(address, {"text": "", "version": 1})
        assert "The annexes follow." not in list(progress_document(report()).texts())

    def test_in_another_language_the_sentence_is_that_of_the_document(self, three, client_of, secretariat):
        client = client_of(secretariat)
        address = f"{reverse('jiu:sentence', args=['outstanding'])}?as_at={AS_AT}&since={SINCE}"
        french = {"accept-language": "fr"}
        page = client.get(address, headers=french)
        assert page.context["form"].initial["text"] == page.context["own"] == OUTSTANDING.words
        assert "Outstanding as at 31 March 2022: 2" in page.context["filled"]
        assert dict(page.context["figures"])["{as_at}"] == "31 March 2022"
        # The portal's own words are no rewording, whatever language the page is in.
        client.post(address, {"text": OUTSTANDING.words, "version": 0}, headers=french)
        assert not ReportSentence.objects.exists()
        assert client.get(address).context["form"].initial["version"] == 0

    def test_who_comes_second_sees_both(self, three, client_of, secretariat, administrator):
        address = f"{reverse('jiu:sentence', args=['annexes'])}?as_at={AS_AT}&since={SINCE}"
        client_of(administrator).post(address, {"text": "Theirs.", "version": 0})
        page = client_of(secretariat).post(address, {"text": "Mine.", "version": 0})
        assert page.status_code == HTTPStatus.CONFLICT
        assert page.context["theirs"] == "Theirs."
        assert page.context["form"].data == {"text": "Mine.", "version": 1}
        assert ReportSentence.objects.get().text == "Theirs."

    def test_a_fault_is_told_and_what_was_typed_stays(self, three, client_of, secretariat):
        address = f"{reverse('jiu:sentence', args=['outstanding'])}?as_at={AS_AT}&since={SINCE}"
        page = client_of(secretariat).post(address, {"text": "All is done: 0 left.", "version": 0})
        assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "All is done: 0 left." in page.content.decode()

    def test_who_may_reword(self, three, personas, client_of):
        bureau_coordinator = MembershipFactory(office=make_bureau(), role="coordinator").user
        address = f"{reverse('jiu:sentence', args=['annexes'])}?as_at={AS_AT}&since={SINCE}"
        expected = {
            "secretariat": HTTPStatus.OK,
            "administrator": HTTPStatus.OK,
            "auditor": HTTPStatus.NOT_FOUND,
            "anonymous": HTTPStatus.FOUND,
            "bureau": HTTPStatus.OK,
        }
        for name, person in (personas | {"bureau": bureau_coordinator}).items():
            assert client_of(person).get(address).status_code == expected.get(name, HTTPStatus.FORBIDDEN), name

    def test_what_does_not_exist(self, three, client_of, secretariat):
        client = client_of(secretariat)
        for address in (
            f"{reverse('jiu:sentence', args=['nothing'])}?as_at={AS_AT}&since={SINCE}",
            f"{reverse('jiu:document')}?as_at={SINCE}&since={AS_AT}",
            reverse("jiu:document"),
            f"{reverse('jiu:progress_report_docx')}?as_at=x&since=y",
        ):
            assert client.get(address).status_code == HTTPStatus.NOT_FOUND, address


@pytest.mark.parametrize("size", [1, 20])
def test_the_document_asks_as_often_for_many_recommendations_as_for_few(django_assert_num_queries, size):
    for number in range(1, size + 1):
        state(make_jiu_recommendation("JIU/REP/2021/6", number, "EH"), "2022-03-31")
    found = report()
    with django_assert_num_queries(9):
        progress_document(found)


def test_json_is_json(three):
    assert json.loads(json.dumps(progress_document(report()).as_json()))["language"] == "en"
