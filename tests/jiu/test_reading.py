"""A progress report as text or DOCX: what is read in it, and what is told of the rest."""

import datetime
import io
import time
import zipfile

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiu.reading.cells import text_of_html
from jiu.reading.dates import find_day, find_deadline, read_deadline
from jiu.reading.document import read_document
from jiu.reading.lines import lines_of
from jiu.reading.notes import ACCEPTANCES, IMPLEMENTATIONS, could_be_note, read_note, read_value
from jiu.reading.posts import MAX_ALIASES, Directory, Post, names_in, short
from jiu.reading.shapes import DocumentRefused, Earlier, Report
from tests.jiu.progress_documents import ACTIVE, EH, END, LB, REPORT, annex, many, rows, text, word

MARCH = datetime.date(2022, 3, 31)


def read(document: str | bytes, filename: str = "report.txt"):
    return read_document(document.encode() if isinstance(document, str) else document, filename)


def one(*lines, **options):
    """The only recommendation of a document, of which nothing is told."""
    reading = read(annex(*lines, **options))
    assert told(reading) == []
    (item,) = reading.items
    return item


def told(reading) -> list[str]:
    return [str(notice) for notice in reading.notices]


class TestWhereOneIs:
    def test_the_annexes_say_addressee_and_date(self):
        reading = read(text(LB, REPORT, rows(1), "[Annex II follows]", EH, REPORT, rows(2), END))
        assert told(reading) == []
        assert [(i.name, i.addressee, i.annex, i.as_at) for i in reading.items] == [
            ("JIU/REP/2021/6 R1", "LB", "Annex I", MARCH),
            ("JIU/REP/2021/6 R2", "EH", "Annex II", MARCH),
        ]
        assert reading.reports == (Report(2, "JIU/REP/2021/6", "Teapots in the system"),)

    def test_what_stands_before_and_behind_the_annexes_is_passed_over(self):
        document = text(
            "1. Annex I to this document contains recommendations addressed to the Legislative Bodies.",
            "**Chart 2. JIU Recommendations addressed to Legislative Bodies 2016-2021",
            "Status as at March 31, 2022²**",
            "A457 - Review of kettles\t2021 PoW",
            "(i) took note of the present report (document WO/PBC/99/1);",
            "- JIU/REP/2021/6 (Recommendations 1 and 2);",
            LB,
            REPORT,
            rows(),
            "[Annex III follows]",
            ACTIVE,
            "This annex serves to provide links to what was said of teapots. [LINK](#)",
            "REFERENCE\tLINK TO JIU REPORT\tOUTSTANDING RECOMMENDATIONS (LB and EH) ⁵\tCEB COMMENTS\tOTHER DOCUMENTS",
            " JIU/REP/2021/6\tTeapots in the system\t1 EH\tNot yet available\t",
            "[End of Annex III and of document]",
            "",
            "⁴ Reports with something outstanding.",
        )
        reading = read(document)
        assert (reading.symbol, len(reading.items), told(reading)) == ("WO/PBC/99/1", 1, [])

    def test_a_heading_goes_on_with_and_without_its_link(self):
        again = "JIU/REP/2021/6 “Teapots in the system” (continued)"
        below = ["JIU/REP/2021/6 “Teapots in the system”", "(continued)", " "]
        reading = read(annex(rows(1), again, rows(2), below, rows(3), "JIU/REP/2021/6 (continued)", rows(4)))
        assert told(reading) == []
        assert ([item.number for item in reading.items], len(reading.reports)) == ([1, 2, 3, 4], 1)

    def test_the_note_on_issue_gives_the_day(self):
        note = "This report was issued by the JIU on March 17, 2022. Nothing in it was on record before."
        reading = read(annex("", " ", "[LINK](#)", "", note, "", rows(), report="JIU/REP/2021/6 “Teapots”"))
        assert (reading.reports[0].issued_on, told(reading)) == (datetime.date(2022, 3, 17), [])

    def test_a_title_broken_at_a_line_end_is_put_together(self):
        reading = read(annex("in the system” [LINK](#)", rows(), report="JIU/REP/2021/6 “Teapots"))
        assert (reading.reports[0].title, told(reading)) == ("Teapots in the system", [])

    def test_a_heading_broken_before_its_date_is_put_together(self):
        heading = LB.replace(" – STATUS", "\n\n– STATUS")
        assert one(rows(), heading=heading).as_at == MARCH

    def test_without_a_date_that_can_be_read_there_is_none(self):
        reading = read(annex(rows(), heading=LB.replace("MARCH 31, 2022", "THE END OF WINTER")))
        assert reading.items[0].as_at is None
        assert told(reading) == [
            "line 1: the heading names no date that can be read: no status of this annex is written"
        ]

    def test_the_year_of_a_section_is_compared_with_the_symbol(self):
        reading = read(annex("II. RECOMMENDATIONS FROM JIU REVIEWS HELD IN 2020", REPORT, rows()))
        assert told(reading) == ["line 6: JIU/REP/2021/6 stands below 2020; its year is that of its symbol"]

    def test_what_stands_below_a_report_that_cannot_be_read_belongs_to_no_other(self):
        reading = read(annex(rows(1), "JIU/REP/2021 “Kettles”", rows(2)))
        assert [item.name for item in reading.items] == ["JIU/REP/2021/6 R1"]
        assert told(reading) == [
            "line 10: cannot be read: “JIU/REP/2021 “Kettles””",
            "line 11: “Recommendation 2” stands below no report of the JIU that can be read",
            "line 12: stands below no recommendation that can be read: “Management/Focal Point Assessment”",
            "line 13: stands below no recommendation that can be read: “Acceptance”",
            "line 14: stands below no recommendation that can be read: “Implementation”",
            "line 15: stands below no recommendation that can be read: “Responsible Officer”",
        ]

    def test_a_title_beyond_the_limit_makes_no_report(self):
        reading = read(annex(rows(1), f"JIU/REP/2021/7 “{'Kettle' * 60}”", rows(2)[:1]))
        assert told(reading)[0] == "line 10: the title is 360 characters long; at most 300 fit"
        assert [item.name for item in reading.items] == ["JIU/REP/2021/6 R1"]


class TestRows:
    def test_all_five(self):
        item = one(rows(officers="Keeper of Teapots (KT)"))
        assert (item.line, item.number, item.text, item.assessment) == (
            5,
            1,
            "Teapots should be warmed.",
            "All teapots are warm.",
        )
        assert (item.acceptance, item.implementation, item.officers) == (
            "accepted",
            "implemented",
            "Keeper of Teapots (KT)",
        )

    def test_labels_and_cells_in_html(self):
        plain = rows(implementation="Not started")
        lines = [" " + "\t".join(f"<p>{cell}</p>" for cell in line.split("\t")) + "\t" for line in plain]
        item = one(lines)
        assert (item.text, item.implementation) == ("Teapots should be warmed.", "not_started")

    def test_other_spaces_are_spaces(self):
        item = one([line.replace(" ", "\u00a0") for line in rows(text="\ufeffWarm\u200b  them. ")])
        assert (item.number, item.text, item.acceptance) == (1, "Warm them.", "accepted")

    @pytest.mark.parametrize("blank", ["Implementation\t", "Implementation", "Implementation\t–\t"])
    def test_a_blank_implementation_beside_not_relevant(self, blank):
        lines = rows(acceptance="Not relevant")
        lines[3] = blank
        assert (one(lines).acceptance, one(lines).implementation) == ("not_relevant", "")

    @pytest.mark.parametrize("value", ["Accepted in principle", "Implemented"])
    def test_a_value_that_is_not_known_stays_blank(self, value):
        reading = read(annex(rows(acceptance=value)))
        assert (reading.items[0].acceptance, reading.items[0].implementation) == ("", "implemented")
        assert told(reading) == [
            f"line 7: JIU/REP/2021/6 R1: “{value}” is no value of “Acceptance”, so that none is read"
        ]

    def test_a_row_that_is_missing_is_told(self):
        reading = read(annex(rows()[:3]))
        assert told(reading) == [
            "line 5: JIU/REP/2021/6 R1 has no row “Implementation” that can be read",
            "line 5: JIU/REP/2021/6 R1 has no row “Responsible Officer” that can be read",
        ]

    def test_the_first_of_two_counts(self):
        reading = read(annex(rows(1), "Acceptance\tNot relevant", rows(1, text="Cool them.")))
        assert (reading.items[0].text, reading.items[0].acceptance) == ("Teapots should be warmed.", "accepted")
        assert told(reading)[:3] == [
            "line 10: a second row “Acceptance”; the first counts",
            "line 11: JIU/REP/2021/6 R1 stands in line 5 already, which counts",
            "line 12: stands below no recommendation that can be read: “Management/Focal Point Assessment”",
        ]

    @pytest.mark.parametrize("label", ["Recommendation 0", "Recommendation four", "Recommendation 1a"])
    def test_rows_below_a_number_that_cannot_be_read_belong_to_no_other(self, label):
        lines = rows(2, acceptance="Not relevant")
        reading = read(annex(rows(1), f"{label}\tWarm them.", lines[1:]))
        assert [(item.number, item.acceptance) for item in reading.items] == [(1, "accepted")]
        assert [notice.line for notice in reading.notices] == [10, 11, 12, 13, 14]

    def test_lines_that_are_nothing_known_are_told_with_their_number(self):
        reading = read(annex(rows(1), "Somebody left a remark here.", "Costs\t7", rows(2)))
        assert told(reading) == [
            "line 10: cannot be read: “Somebody left a remark here.”",
            "line 11: cannot be read: “Costs 7”",
        ]
        assert len(reading.items) == 2

    def test_a_control_character_is_told_and_the_rest_read(self):
        lines = rows(1)
        lines[1] += "\x07"
        reading = read(annex(lines, rows(2)))
        assert told(reading) == [
            "line 5: JIU/REP/2021/6 R1 has no row “Management/Focal Point Assessment” that can be read",
            "line 6: holds the control character U+0007; remove it",
        ]
        assert [item.assessment for item in reading.items] == ["", "All teapots are warm."]

    def test_a_faulty_line_that_begins_a_recommendation_ends_the_one_before(self):
        lines = rows(2)
        lines[0] += "\x00"
        reading = read(annex(rows(1)[:2], lines))
        assert [(item.number, item.acceptance) for item in reading.items] == [(1, "")]

    def test_a_text_that_is_not_held_is_none(self):
        assert one("\t".join(["Recommendation 1", "[official text not held]"]), "Summary\tOurs.", rows()[1:]).text == ""

    def test_our_own_words_have_rows_of_their_own(self):
        first, _assessment, *others = rows(text="")
        ours = ["Summary\tOurs of it.", "Deadline\tby 2025", "Summary of assessment\tOurs of that."]
        item = one(first, ours, others)
        assert (item.text, item.summary, item.deadline) == ("", "Ours of it.", "by 2025")
        assert (item.assessment, item.assessment_summary) == ("", "Ours of that.")


BOTH_EARLIER = "Previously “accepted”, “planned”. Assessment has been updated"
NO_CHANGE = "No change from previous status"
UPDATED = f"{NO_CHANGE} Assessment has been updated"


class TestNotes:
    @pytest.mark.parametrize(
        "note", ["Previously “not started”", 'Previously "not started"', "<i>Previously “not started”</i>"]
    )
    def test_previously_is_an_earlier_implementation(self, note):
        item = one(rows(note=note))
        assert (item.earlier, item.stated_change) == (Earlier(7, "", "not_started"), "")

    def test_previously_under_consideration_is_an_implementation(self):
        assert one(rows(note="Previously “under consideration”")).earlier.implementation == "under_consideration"

    def test_an_earlier_acceptance_is_one_only_where_it_is_said(self):
        assert one(rows(note="Previously “accepted”, “in progress”")).earlier == Earlier(7, "accepted", "in_progress")
        assert one(rows(note="Previously “not accepted”")).earlier == Earlier(7, "not_accepted", "")

    @pytest.mark.parametrize(("note", "change"), [(NO_CHANGE, "no_change"), (UPDATED, "updated")])
    def test_no_change_makes_the_earlier_implementation_the_current_one(self, note, change):
        item = one(rows(implementation="In progress", note=note))
        assert (item.earlier, item.stated_change) == (Earlier(7, "", "in_progress"), change)

    @pytest.mark.parametrize(
        ("places", "lines"),
        [
            # In the cell of the acceptance, with and without a space; of the implementation; of any row.
            ([2], [f"Acceptance\tAccepted <i>{UPDATED}</i>"]),
            ([2], [f"Acceptance\tAccepted<i>{UPDATED}</i>\t"]),
            ([3], [f"Implementation\tImplemented {UPDATED}"]),
            ([3], [f'Implementation\tImplemented\t<div style="a: b"> <i>{UPDATED}</i> </div>']),
            ([0], [f"Recommendation 1\tTeapots should be warmed.\t{UPDATED}"]),
            # Over both.
            (
                [2, 3],
                [f"Acceptance\tAccepted\t{NO_CHANGE}", "Implementation\tImplemented\tAssessment has been updated"],
            ),
            # Alone on a line, broken over several, or with a blank line before it.
            ([5], [f"<i>{UPDATED}</i>\t"]),
            ([5], ["", UPDATED, ""]),
            ([5], ["No change from", "previous status Assessment", "has been updated"]),
            ([2], [f"Acceptance\tAccepted\t{NO_CHANGE}", "Assessment has been updated\t"]),
        ],
    )
    def test_wherever_it_stands(self, places, lines):
        item = one(rows()[: places[0]], lines, rows()[places[-1] + 1 :])
        assert (item.acceptance, item.implementation, item.stated_change) == ("accepted", "implemented", "updated")
        assert item.earlier.implementation == "implemented"

    def test_previously_broken_over_a_line_end(self):
        assert one(rows(note="Previously “in"), "progress”").earlier == Earlier(7, "", "in_progress")

    def test_it_belongs_to_the_recommendation_before_it(self):
        reading = read(annex(rows(1), "Previously “planned”", rows(2)))
        assert [item.earlier and item.earlier.implementation for item in reading.items] == ["planned", None]

    def test_what_does_not_end_is_told(self):
        reading = read(annex(rows(note="No change from"), "", "Something else."))
        assert told(reading) == [
            "line 7: the note on changes cannot be read: “No change from”",
            "line 11: cannot be read: “Something else.”",
        ]
        assert reading.items[0].earlier is None

    def test_an_earlier_value_that_is_not_known_is_told(self):
        reading = read(annex(rows(note="Previously “brewing”")))
        assert told(reading) == ["line 7: JIU/REP/2021/6 R1: “brewing” is no earlier status"]
        assert reading.items[0].earlier is None

    def test_no_change_of_nothing_is_told(self):
        reading = read(annex(rows(implementation="", note=NO_CHANGE)))
        assert told(reading) == ["line 7: JIU/REP/2021/6 R1 did not change, but has no implementation"]

    def test_no_update_received_is_no_statement(self):
        item = one(rows(implementation="In progress", note="No update received"))
        assert (item.is_silent, item.earlier, item.stated_change) == (True, Earlier(7, "accepted", "in_progress"), "")

    @given(st.text(max_size=80))
    def test_no_text_breaks_them(self, words):
        note = read_note(words)
        assert note is None or could_be_note(words)
        read_value(words, ACCEPTANCES)

    @given(st.sampled_from([NO_CHANGE, UPDATED, "Previously “in progress”", BOTH_EARLIER]), st.data())
    def test_every_beginning_of_a_note_could_become_one(self, note, data):
        end = data.draw(st.integers(1, len(note)))
        assert could_be_note(note[:end])

    def test_values_of_either_column(self):
        assert read_value("In progress", IMPLEMENTATIONS) == ("in_progress", "")
        assert read_value("Partially implemented", IMPLEMENTATIONS).code is None
        assert read_value("Not accepted.", ACCEPTANCES) == ("not_accepted", "")


class TestCells:
    @pytest.mark.parametrize(
        ("cell", "plain"),
        [
            ("<p>One.</p> <p>Two.</p>", "One.\nTwo."),
            ('<p>These:</p> <ul style="list-style-type: none"> - a - b', "These:\n- a - b"),
            ("82% <i>less</i> than <b>before</b>", "82% less than before"),
            ("P&I and L&D &amp; more &lt;p&gt;", "P&I and L&D & more <p>"),
            ("x < 5 and y > 3, a<b>c", "x < 5 and y > 3, ac"),
            ("<script>alert(1)</script>", "<script>alert(1)</script>"),
            ("&copy that", "&copy that"),
            ("<p>unclosed", "unclosed"),
            ("", ""),
        ],
    )
    def test_plain_text(self, cell, plain):
        assert text_of_html(cell) == plain

    @pytest.mark.parametrize("part", ["<", "<p", "<!--", "<a <", "</", "&#", "<p <", "<![CDATA["])
    def test_a_hostile_cell_costs_little(self, part):
        began = time.perf_counter()
        text_of_html(part * 20_000)
        assert time.perf_counter() - began < 2


class TestDates:
    @pytest.mark.parametrize(
        ("words", "day"),
        [
            ("STATUS AS AT MARCH 31, 2022", "2022-03-31"),
            ("AS AT END-MARCH 2022", "2022-03-31"),
            ("status as at 31 March 2022", "2022-03-31"),
            ("as at the end of February 2024", "2024-02-29"),
            ("as at 2022-03-31", "2022-03-31"),
        ],
    )
    def test_days(self, words, day):
        assert find_day(words) == datetime.date.fromisoformat(day)

    @pytest.mark.parametrize("words", ["as at March 2022", "February 30, 2022", "2022", ""])
    def test_no_days(self, words):
        assert find_day(words) is None

    @pytest.mark.parametrize(
        ("sentence", "words", "day"),
        [
            ("should, by the end of 2023, warm them", "by the end of 2023", "2023-12-31"),
            ("By the end of 2021, heads should", "by the end of 2021", "2021-12-31"),
            ("all teapots by January 2019 and", "by January 2019", "2019-01-31"),
            ("that, by no later than February 2020, all", "by no later than February 2020", "2020-02-29"),
            ("as a priority and no later than 2022, at the earliest opportunity", "no later than 2022", "2022-12-31"),
            ("should, at the latest by 2025, warm", "at the latest by 2025", "2025-12-31"),
            ("In 2023, heads should", "in 2023", "2023-12-31"),
            ("by the end of 2022, and report from 2023", "by the end of 2022", "2022-12-31"),
            ("by 30 June 2023", "by 30 June 2023", "2023-06-30"),
            ("by the end of 2022 or by the end of 2021", "by the end of 2022", "2022-12-31"),
            ("should with immediate effect warm", "with immediate effect", None),
            ("consider, at the earliest opportunity, warming", "at the earliest opportunity", None),
        ],
    )
    def test_deadlines(self, sentence, words, day):
        assert find_deadline(sentence) == (words, day and datetime.date.fromisoformat(day))

    @pytest.mark.parametrize(
        "sentence",
        [
            "every three years, from 2023 onwards",
            "the teapots of the 2030 Agenda",
            "at least annually",
            "decided in 2023",
            "surveyed by 2022/23 colleagues",
        ],
    )
    def test_no_deadlines(self, sentence):
        assert find_deadline(sentence) is None

    @pytest.mark.parametrize(
        ("cell", "deadline"),
        [
            ("by the end of 2023 (31 December 2023)", ("by the end of 2023", datetime.date(2023, 12, 31))),
            ("by the end of 2023", ("by the end of 2023", datetime.date(2023, 12, 31))),
            ("before tea (1 June 2023)", ("before tea", datetime.date(2023, 6, 1))),
            ("30 June 2023", ("30 June 2023", datetime.date(2023, 6, 30))),
            ("with immediate effect", ("with immediate effect", None)),
            ("", None),
        ],
    )
    def test_a_cell_of_its_own(self, cell, deadline):
        assert read_deadline(cell) == deadline


ADG = "Assistant Director General (ADG)/Cups and Management Sector (CMS)"


class TestPosts:
    @pytest.mark.parametrize(
        ("cell", "names"),
        [
            ("Chief Tea Officer", ["Chief Tea Officer"]),
            ("Director/Cups and Saucers Division (CSD)", ["Director/Cups and Saucers Division (CSD)"]),
            ("Director, Cups and Saucers (Controller) and D/LD", ["Director, Cups and Saucers (Controller)", "D/LD"]),
            (f"{ADG} and Director, Sugar and Milk (Controller)", [ADG, "Director, Sugar and Milk (Controller)"]),
            ("D/CSD and D/LD", ["D/CSD", "D/LD"]),
            ("CTO and D/LD", ["CTO", "D/LD"]),
            ("Tea Coordinator (TC) and Head of Kettles", ["Tea Coordinator (TC)", "Head of Kettles"]),
            ("Tea Council; Milk Council\nSugar Council", ["Tea Council", "Milk Council", "Sugar Council"]),
            ("Director and Head Office Division", ["Director and Head Office Division"]),
            ("Tea Council; Milk Council; Tea Council", ["Tea Council", "Milk Council"]),
            ("D/CSD and D/LD and D/CSD", ["D/CSD", "D/LD"]),
            ("", []),
        ],
    )
    def test_split_only_between_posts(self, cell, names):
        assert names_in(cell, {"cto"}) == names

    @pytest.mark.parametrize(
        ("name", "abbreviation"),
        [
            ("Business Continuity Coordinator (BCC)", "BCC"),
            ("Director/Language Division (LD)", "D/LD"),
            ("Executive Director (ED)/Tea Academy (TA)", "ED/TA"),
            ("Director, Sugar and Milk (Controller)", ""),
            ("Commissioner/Tea Division (TD)", ""),
        ],
    )
    def test_short_names(self, name, abbreviation):
        assert short(name) == abbreviation

    def test_one_post_by_title_abbreviation_and_alias(self):
        directory = Directory([Post("tc", "Tea Coordinator", "TC", ("Coordinator, Tea",))], [])
        names = ["Tea Coordinator (TC)", "tea coordinator", "TC", "Coordinator/Tea"]
        assert [directory.find(name) for name in names] == [{"tc"}] * 4

    def test_what_is_held_goes_before_the_reference(self):
        directory = Directory([Post("mine", "Tea Officer")], [Post("tea", "Tea Officer")])
        assert directory.find("Tea Officer") == {"mine"}

    def test_an_abbreviation_of_its_own_does_not_make_two_titles_one(self):
        directory = Directory([Post("ceo", "Chief Ethics Officer", "CEO")], [])
        assert directory.find("Chief Executive Officer (CEO)") == set()

    def test_new_posts_are_known_by_what_explains_them(self):
        directory = Directory([], [])
        short_names, units = ["D/CSD", "CTO"], ["Director/Cups Division (CSD)", "Director/Cups Department (CSD)"]
        directory.learn([*short_names, *units, "Chief Tea Officer (CTO)"])
        assert sorted(directory.new.values(), key=lambda post: post.key) == [
            Post("cto", "Chief Tea Officer", "CTO"),
            Post("d-csd", "Director/Cups Department", "D/CSD", ("Director/Cups Division (CSD)",)),
        ]

    def test_a_key_that_is_taken_gets_a_number(self):
        directory = Directory([Post("cto", "Chief Toast Officer")], [])
        directory.learn(["Chief Tea Officer (CTO)"])
        assert list(directory.new) == ["cto-2"]

    def test_beyond_so_many_other_names_no_more_are_kept(self):
        directory = Directory([], [])
        directory.learn(f"Director/Unit {number} (LD)" for number in range(30))
        (post,) = directory.new.values()
        assert (post.abbreviation, len(post.aliases)) == ("D/LD", MAX_ALIASES)
        assert directory.find("Director/Unit 29 (LD)") == {"d-ld"}

    def test_as_many_as_a_document_can_name_cost_little(self):
        """All with the same beginning, of which their keys are made."""
        names = [f"{'Keeper ' * 8}{number}" for number in range(20_000)]
        directory, began = Directory([], []), time.perf_counter()
        directory.learn(names)
        assert (len(directory.new), {len(directory.find(name)) for name in names}) == (20_000, {1})
        assert time.perf_counter() - began < 10

    def test_what_may_be_two_is_neither(self):
        directory = Directory([Post("a", "Tea Officer"), Post("b", "tea officer")], [])
        assert directory.find("Tea Officer") == {"a", "b"}


def cells(number: int = 1, **said: str) -> list[list[str]]:
    return [line.split("\t") for line in rows(number, **said)]


class TestWord:
    def test_the_same_as_text(self):
        reading = read(
            word(LB, REPORT, cells(note="Previously “in progress”"), EH, REPORT, cells(2), END), "report.docx"
        )
        assert told(reading) == []
        first, second = reading.items
        assert (first.number, first.addressee, first.implementation) == (1, "LB", "implemented")
        assert (first.earlier.implementation, second.earlier) == ("in_progress", None)
        assert (second.number, second.addressee) == (2, "EH")

    def test_paragraphs_of_a_cell_are_lines_and_what_looks_like_html_stays(self):
        document = word(LB, REPORT, cells(assessment="One <b> & two.\nThree."))
        assert read(document, "r.docx").items[0].assessment == "One <b> & two.\nThree."

    def test_a_note_in_a_merged_cell_counts_once(self):
        document = docx.Document(io.BytesIO(word(LB, REPORT, cells(note=UPDATED), END)))
        table = document.tables[0]
        table.cell(2, 2).merge(table.cell(4, 2))
        file = io.BytesIO()
        document.save(file)
        reading = read(file.getvalue(), "r.docx")
        assert (reading.items[0].stated_change, told(reading)) == ("updated", [])

    def test_lines_are_paragraphs_and_rows(self):
        reading = read(word(LB, "A remark.", REPORT, cells(), END), "r.docx")
        assert told(reading) == ["line 2: cannot be read: “A remark.”"]
        assert reading.items[0].line == 4


def archive(document: str = "", **added: str | bytes) -> bytes:
    """A small Word file, with another text or with parts added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word(LB))) as whole, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name in whole.namelist():
            made.writestr(name, document if document and name == "word/document.xml" else whole.read(name))
        for name, content in added.items():
            made.writestr(f"word/{name}.bin", content)
    return file.getvalue()


ENTITIES = '<!DOCTYPE a [<!ENTITY x "teapot"><!ENTITY y "&x;&x;&x;&x;">]><a>&y;</a>'
CROWD = "<a>" + "<b/>" * 2_000_001 + "</a>"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


class TestRefusals:
    @pytest.mark.parametrize(
        ("make", "filename", "sentence"),
        [
            (lambda: b"", "r.txt", "The file is no progress report: no heading"),
            (lambda: b"code,name\nNA,Namibia\n", "r.csv", "The file is no progress report: no heading"),
            (LB.encode, "r.txt", "The file holds no recommendation that can be read"),
            (annex("Tea").encode, "r.txt", "The file holds no recommendation that can be read"),
            (lambda: annex(rows()).encode("utf-16"), "r.txt", "The file is not UTF-8 (line 1 holds the byte 0xFF)"),
            (lambda: b"fine\n\xe9t\xe9", "r.txt", "The file is not UTF-8 (line 2 holds the byte 0xE9)"),
            (lambda: b"a" * (25 * 2**20 + 1), "r.txt", "The file has 26 MiB; at most 25 MiB are read."),
            (lambda: b"\n" * 200_001, "r.txt", "The file has more than 200000 lines."),
            (lambda: b"plain", "r.docx", "The file is damaged, or no Word document (DOCX) whatever its name says."),
            (lambda: b"PK\x03\x04no", "r.docx", "The file is damaged: it begins like a Word document (DOCX)"),
            (lambda: archive("<no"), "r.docx", "The file is no Word document (DOCX) that can be read"),
            (lambda: archive(ENTITIES), "r.docx", "The file holds a document type declaration"),
            (lambda: archive(other=ENTITIES), "r.docx", "The file holds a document type declaration"),
            (lambda: archive(CROWD), "r.docx", "The file has more than 2000000 elements"),
            (
                lambda: archive(**dict.fromkeys(map(str, range(10_001)), "")),
                "r.docx",
                "The file has more than 10000 parts.",
            ),
            (lambda: archive(bomb=b"\0" * (151 * 2**20)), "r.docx", "The file unpacks to more than 150 MiB."),
        ],
    )
    def test_with_a_sentence(self, make, filename, sentence):
        data = make()
        began = time.perf_counter()
        with pytest.raises(DocumentRefused) as refused:
            read(data, filename)
        assert str(refused.value).startswith(sentence)
        assert time.perf_counter() - began < 10

    def test_a_zip_file_that_is_no_word_document(self):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as made:
            made.writestr("readme", "tea")
        with pytest.raises(DocumentRefused, match=r"\AThe file is a ZIP archive but no Word document"):
            read(file.getvalue(), "r.docx")

    def test_what_could_not_be_read_goes_with_the_refusal(self):
        with pytest.raises(DocumentRefused) as refused:
            read(annex("Tea"))
        assert list(map(str, refused.value.notices)) == ["line 5: cannot be read: “Tea”"]

    def test_deeply_nested_cells_are_refused(self):
        deep = "<w:sdt><w:sdtContent>" * 5_000 + "</w:sdtContent></w:sdt>" * 5_000
        document = f'<w:document xmlns:w="{WORD}"><w:body>{deep}</w:body></w:document>'
        with pytest.raises(DocumentRefused, match="that can be read"):
            read(archive(document), "r.docx")


def test_a_mark_of_the_byte_order_and_other_line_ends_are_read():
    document = "\ufeff" + annex(rows()).replace("\n", "\r\n")
    assert (len(read(document).items), told(read(document))) == (1, [])


def test_a_generated_document_is_read_whole_and_quickly():
    began = time.perf_counter()
    reading = read(many(400))
    assert (len(reading.items), told(reading)) == (400, [])
    assert sum(item.earlier is not None for item in reading.items) == 200
    assert time.perf_counter() - began < 5


PIECES = [*rows(1), *rows(2, note=UPDATED), REPORT, LB, EH, ACTIVE, "tea", "\x00", "(continued)", "Previously “in"]


@given(st.lists(st.sampled_from(PIECES), max_size=20))
def test_no_order_of_lines_breaks_reading(lines):
    try:
        reading = read(text(LB, REPORT, lines, rows(77)))
    except DocumentRefused:
        return
    assert {item.number for item in reading.items} <= {1, 2, 77}


def test_lines_keep_their_numbers():
    assert [line.number for line in lines_of(b"\n\na\n \nb\x0c\n", "r.txt")] == [3, 5]
