"""Where a heading cannot be read, or the end is missing: nothing is guessed, all is told."""

import time

import pytest

from jiu.reading.document import MAX_OFFICERS, read_document
from tests.jiu.progress_documents import ACTIVE, EH, END, LB, REPORT, rows, text, word

SECTION = "I. RECOMMENDATIONS FROM JIU REVIEWS HELD IN 2021"
KETTLES = "JIU/REP/2021/7 “Kettles in the system” [LINK](#)"
TITLE = "“Multilingual kettles in the system”"
REWORDED = EH.replace(
    "JOINT INSPECTION UNIT (JIU) RECOMMENDATIONS", "RECOMMENDATIONS OF THE JOINT INSPECTION UNIT (JIU)"
)


def read(*lines):
    return read_document(text(*lines).encode(), "report.txt")


def told(reading) -> list[str]:
    return [str(notice) for notice in reading.notices]


def placed(reading) -> list[tuple]:
    return [(item.name, item.addressee, item.annex) for item in reading.items]


FIRST = [("JIU/REP/2021/6 R1", "LB", "Annex I")]
UNREAD = {
    "reworded": [REWORDED],
    "in small letters": ["Recommendations of the JIU addressed to executive heads – status as at 31 March 2022"],
    "said otherwise": ["What the executive heads are to do"],
    "broken before its verb": EH.replace(" ADDRESSED", "\nADDRESSED").split("\n"),
    "without its verb": ["ANNEX II: RECOMMENDATIONS TO EXECUTIVE HEADS, STATUS AS AT MARCH 31, 2022"],
    "of nobody known": [EH.replace("EXECUTIVE HEADS", "ALL HEADS")],
    "missing": [],
    "with a control character": [EH.replace("EXECUTIVE", "EXEC\x07UTIVE")],
}


class TestAnnexes:
    @pytest.mark.parametrize("mark", ["[Annex II follows]", ""])
    @pytest.mark.parametrize("heading", UNREAD)
    def test_below_a_heading_that_cannot_be_read_nothing_is_taken(self, heading, mark):
        before = text("[Annexes follow]", LB, SECTION, REPORT, rows(1), mark, UNREAD[heading])
        reading = read(before.rstrip("\n"), SECTION, REPORT, rows(2), "[Annex III follows]", ACTIVE)
        assert placed(reading) == FIRST
        lines = before.rstrip("\n").count("\n") + 1
        first = lines - len(UNREAD[heading]) + 1
        assert [notice.line for notice in reading.notices] == list(range(first, lines + 8))
        assert told(reading)[-5] == (
            f"line {lines + 3}: stands below no annex whose heading can be read:"
            " “Recommendation 2 Teapots should be warmed.”"
        )

    def test_the_next_heading_that_can_be_read_counts_again(self):
        reading = read("[Annexes follow]", REWORDED, REPORT, rows(1), "[Annex II follows]", EH, KETTLES, rows(2), END)
        assert placed(reading) == [("JIU/REP/2021/7 R2", "EH", "Annex II")]
        assert [notice.line for notice in reading.notices] == [2, 3, 4, 5, 6, 7, 8]

    def test_rows_before_any_heading_are_told(self):
        reading = read("(document WO/PBC/99/1)", rows(1), LB, REPORT, rows(2), END)
        assert placed(reading) == [("JIU/REP/2021/6 R2", "LB", "Annex I")]
        assert [notice.line for notice in reading.notices] == [2, 3, 4, 5, 6]

    @pytest.mark.parametrize(
        "head", ["WO/PBC/36/5 REV.", "WO/PBC/36/5, ANNEX I, PAGE 3", "CWS/12/22 Corr. 1", "ANNEX I, page 4"]
    )
    def test_the_head_of_a_page_is_passed_over(self, head):
        reading = read(LB, SECTION, REPORT, rows(1), head, rows(2), END)
        assert [item.number for item in reading.items] == [1, 2]
        assert told(reading) == []

    def test_the_numeral_of_the_heading_counts(self):
        reading = read(f"Annex III: {LB}", REPORT, rows(1), END)
        assert (placed(reading), told(reading)) == ([("JIU/REP/2021/6 R1", "LB", "Annex III")], [])

    @pytest.mark.parametrize("place", ["EXECUTIVE", "EXECUTIVE HEADS", "PARTICIPATING", "ORGANIZATIONS"])
    def test_a_heading_broken_behind_its_addressee_is_put_together(self, place):
        heading = EH.replace(f"{place} ", f"{place}\n")
        reading = read(LB, REPORT, rows(1), heading, SECTION, REPORT, rows(2), END)
        assert placed(reading) == [*FIRST, ("JIU/REP/2021/6 R2", "EH", "Annex II")]
        assert (told(reading), reading.items[0].as_at) == ([], reading.items[1].as_at)

    def test_what_is_no_heading_ends_nothing(self):
        remarks = ["The recommendations are addressed to heads.", "A remark on LB and EH"]
        reading = read(LB, SECTION, REPORT, rows(1), remarks, SECTION.replace("I.", "II."), REPORT, rows(2), END)
        assert [item.number for item in reading.items] == [1, 2]
        assert [notice.line for notice in reading.notices] == [9, 10]


class TestReports:
    @pytest.mark.parametrize(
        "heading",
        [
            f"JIU REP 2021/8 {TITLE}",
            f"JIU-REP-2021-8 {TITLE} (continued)",
            f"Report JIU / REP / 2021 / 8 {TITLE}",
            f"REP/2021/8 {TITLE} [LINK](#)",
            f"{TITLE} [LINK](#)",
            "MULTILINGUAL KETTLES IN THE SYSTEM",
            f"JIU REP 2021/8 “{'Kettles ' * 80}”",
            f"JIU REP 2021/8 {TITLE}\x07",
        ],
    )
    def test_below_a_heading_that_cannot_be_read_no_row_gets_another_report(self, heading):
        reading = read(LB, REPORT, rows(1)[:4], heading, rows(2), KETTLES, rows(2), END)
        assert [item.name for item in reading.items] == ["JIU/REP/2021/6 R1", "JIU/REP/2021/7 R2"]
        assert reading.items[0].officers == ""
        assert told(reading)[2:4] == [
            "line 8: “Recommendation 2” stands below no report of the JIU that can be read",
            "line 9: stands below no recommendation that can be read: “Management/Focal Point Assessment”",
        ]

    @pytest.mark.parametrize("link", ["LINK", " LINK (continued)", "\nLINK", "\n(continued)"])
    def test_a_link_as_word_shows_it_is_passed_over(self, link):
        reading = read(LB, f"JIU/REP/2021/6 {TITLE}{link}", rows(1), END)
        assert (placed(reading), told(reading)) == (FIRST, [])


CUT = "the document ends here, without Annex III or a mark of its end: it may be cut off"
BARE = "JIU/REP/2021/6 R2 has no row below it: it is not taken"
INSIDE = "the file ends inside this line, which is not read"
WHOLE = text(LB, REPORT, rows(1), rows(2))


class TestEnd:
    @pytest.mark.parametrize("mark", [END, "[End of Annex II and of document]", ACTIVE])
    @pytest.mark.parametrize("end", ["\n", ""])
    def test_a_document_with_its_end_is_whole(self, mark, end):
        reading = read_document(f"{WHOLE}{mark}{end}".encode(), "report.txt")
        assert (len(reading.items), told(reading)) == (2, [])

    @pytest.mark.parametrize("more", ["", "[Annex II follows]\n"])
    def test_without_it_is_told(self, more):
        reading = read_document(f"{WHOLE}{more}".encode(), "report.txt")
        assert (len(reading.items), told(reading)) == (2, [f"line {13 if more else 12}: {CUT}"])

    def test_the_end_of_the_first_annex_is_not_that_of_the_second(self):
        reading = read(LB, REPORT, rows(1), "[End of Annex I]", EH, REPORT, rows(2))
        assert (len(reading.items), told(reading)) == (2, [f"line 15: {CUT}"])

    def test_so_it_is_of_a_word_file(self):
        cells = [line.split("\t") for line in rows()]
        assert told(read_document(word(LB, REPORT, cells), "report.docx")) == [f"line 7: {CUT}"]

    @pytest.mark.parametrize(
        ("cut", "numbers", "sentences"),
        [
            # The text is whole, or half: nobody knows.
            ("\nManagement", [1], [f"line 8: {BARE}", f"line 8: {CUT}"]),
            (" be warmed", [1], [f"line 8: {INSIDE}", f"line 8: {CUT}"]),
            (" teapots are", [1], [f"line 8: {BARE}", f"line 9: {INSIDE}", f"line 9: {CUT}"]),
            (
                " Teapots (KT)",
                [1, 2],
                [
                    "line 8: JIU/REP/2021/6 R2 has no row “Responsible Officer” that can be read",
                    f"line 12: {INSIDE}",
                    f"line 12: {CUT}",
                ],
            ),
        ],
    )
    def test_a_file_that_is_cut_gives_no_half_text(self, cut, numbers, sentences):
        begin = WHOLE[: WHOLE.rindex(cut) + cut.startswith("\n")]
        reading = read_document(begin.encode(), "report.txt")
        assert ([item.number for item in reading.items], told(reading)) == (numbers, sentences)
        assert reading.items[-1].text == "Teapots should be warmed."

    def test_wherever_it_is_cut_it_says_so_and_only_whole_cells_are_taken(self):
        first, second = read(WHOLE, END).items
        behind_first_text = WHOLE.index("Acceptance")
        for cut in range(behind_first_text, len(WHOLE)):
            reading = read_document(WHOLE[:cut].encode(), "report.txt")
            assert told(reading)[-1].endswith(CUT)
            for item, known in zip(reading.items, (first, second), strict=False):
                for name in ("assessment", "acceptance", "implementation", "officers"):
                    assert getattr(item, name) in {"", getattr(known, name)}
                assert item.text == known.text


class TestOfficers:
    @pytest.mark.parametrize("cell", ["foo and " * 11_000, "Director/A and " * 6_000, "a;" * 45_000])
    def test_a_cell_beyond_the_limit_is_told_and_not_read(self, cell):
        reading = read(LB, REPORT, rows(1, officers=cell), END)
        length = len(" ".join(cell.split()))
        assert told(reading) == [f"line 7: the officers are {length} characters long; at most {MAX_OFFICERS} are read"]
        assert [item.officers for item in reading.items] == [""]

    def test_one_of_the_longest_is_read(self):
        cell = "; ".join(["Director/Tea"] * 72)[:MAX_OFFICERS]
        began = time.perf_counter()
        assert read(LB, REPORT, rows(1, officers=cell), END).items[0].officers == cell
        assert time.perf_counter() - began < 1
