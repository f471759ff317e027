"""The questionnaire as a workbook: written, filled, read back, refused."""

import datetime
import io
import re
import zipfile

import openpyxl
import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.spreadsheets import reading as sheets
from portal.spreadsheets.writing import CellTooLong
from portal.text import UNSTORABLE
from surveys.models import Question
from surveys.offline import read_questionnaire, reading
from surveys.offline.plan import Plan
from surveys.questionnaire import Questionnaire
from surveys.rules import Given
from tests.factories.offline import FILLED, SAID, filled, read, workbook, zipped
from tests.factories.portal import saved
from tests.factories.recommendations import RecommendationFactory
from tests.factories.rounds import TEXTS
from tests.factories.surveys import QuestionOptionFactory, make_tiny_round


@pytest.fixture
def questionnaire(tiny_round) -> Questionnaire:
    return Questionnaire.of(tiny_round.survey)


class TestRoundTrip:
    def test_a_workbook_filled_by_another_program_reads_back_right(self, questionnaire, office):
        assert read(questionnaire, office, FILLED) == (SAID, [])

    def test_an_exclusive_option_stands_in_a_row_of_its_own(self, questionnaire, office):
        assert read(questionnaire, office, {"C12": "Yes"}) == ([("focus", None, "none", "")], [])

    def test_an_empty_workbook_says_nothing(self, questionnaire, office):
        assert read(questionnaire, office, {"C4": " ", "C18": "\n "}) == ([], [])

    def test_what_is_answered_is_filled_in_and_comes_back(self, questionnaire, office):
        answers, _faults = read_questionnaire(filled(workbook(questionnaire, office), FILLED), questionnaire, office)
        data = workbook(questionnaire, office, answers)
        again = openpyxl.load_workbook(io.BytesIO(data))["Questions"]
        assert {cell: again[cell].value for cell in FILLED} == FILLED
        assert read_questionnaire(data, questionnaire, office) == (answers, [])

    @pytest.mark.parametrize("text", TEXTS)
    def test_a_text_stays_as_it_is_and_is_never_a_formula(self, questionnaire, office, text):
        by_key = {question.key: question for question in questionnaire.questions}
        item = questionnaire.recommendations[0]
        answers = [
            Given(by_key["progress"], item, "planned", text),
            Given(by_key["proposals"], None, text),
            Given(by_key["experience"], item, text),
        ]
        data = workbook(questionnaire, office, answers)
        assert read_questionnaire(data, questionnaire, office) == (answers, [])
        cells = [cell for row in openpyxl.load_workbook(io.BytesIO(data))["Questions"] for cell in row]
        assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}

    def test_any_text_that_the_portal_keeps_comes_back(self, questionnaire, office):
        question = questionnaire.questions[3]

        @settings(max_examples=50)
        @given(st.text(min_size=1).filter(lambda text: text.strip() and not UNSTORABLE.search(text)))
        def check(text):
            answers = [Given(question, None, text)]
            assert read_questionnaire(workbook(questionnaire, office, answers), questionnaire, office) == (answers, [])

        check()

    def test_long_labels_many_options_and_options_that_look_alike(self, tiny_round, office):
        question = tiny_round.by_kind["choice"]
        for number in range(300):
            QuestionOptionFactory(
                question=question, key=f"o{number}", order=10 + number, label=f"{number}" + "長" * 190
            )
        for key in ("first", "second"):
            QuestionOptionFactory(
                question=question, key=key, order=900, label="The same" if key == "first" else "the  SAME"
            )
        number = QuestionOptionFactory(question=question, key="two", order=901, label="2")
        for rank in (10, 11):
            RecommendationFactory(
                recommendation_set=tiny_round.survey.recommendation_set, number=rank, label="=" + "x" * 199
            )
        questionnaire = Questionnaire.of(tiny_round.survey)
        for option in questionnaire.options[question.pk]:
            answers = [Given(question, None, option.key, "because")]
            if option.key in {"o0", "o299", "first", "second", number.key}:
                data = workbook(questionnaire, office, answers)
                assert read_questionnaire(filled(data, {}), questionnaire, office) == (answers, [])
        rules = openpyxl.load_workbook(io.BytesIO(data))["Questions"].data_validations.dataValidation
        assert max(len(rule.formula1) for rule in rules) < 30

    def test_a_choice_may_be_typed_in_other_letters_and_a_number_chosen_from_a_list(self, tiny_round, office):
        QuestionOptionFactory(question=tiny_round.by_kind["choice"], key="many", order=9, label="2")
        questionnaire = Questionnaire.of(tiny_round.survey)
        assert read(questionnaire, office, {"C4": " IN  progress", "C15": 2}) == (
            [("progress", 1, "in_progress", ""), ("policy", None, "many", "")],
            [],
        )

    def test_a_workbook_made_in_another_language_reads_back_right(self, questionnaire, office, monkeypatch):
        monkeypatch.setattr("django.conf.settings.LANGUAGES", [("en", "English"), ("de", "German"), ("ar", "Arabic")])
        for language, tick in (("de", "Ja"), ("ar", "نعم")):
            with translation.override(language):
                data = workbook(questionnaire, office)
            answers, faults = read_questionnaire(filled(data, {"C9": tick}), questionnaire, office)
            assert ([(a.question.key, a.value) for a in answers], faults) == ([("focus", "yes")], [])
        sheet = openpyxl.load_workbook(io.BytesIO(data))["Questions"]
        assert sheet.sheet_view.rightToLeft is True

    def test_a_text_beyond_a_cell_is_refused_by_name(self, questionnaire, office):
        with pytest.raises(CellTooLong, match=r"“A+…” has 32768 characters, but a spreadsheet cell holds 32767"):
            workbook(questionnaire, office, [Given(questionnaire.questions[3], None, "A" * 32_768)])


class TestWorkbook:
    @pytest.fixture
    def book(self, questionnaire, office):
        return openpyxl.load_workbook(io.BytesIO(workbook(questionnaire, office)))

    def test_only_answers_can_be_typed_in_and_there_is_no_password(self, book):
        open_cells = {
            (sheet.title, cell.coordinate)
            for sheet in book
            for row in sheet
            for cell in row
            if not cell.protection.locked
        }
        expected = [
            *(f"C{row}" for row in (4, 5, 6, 9, 10, 11, 12, 15, 18, 21, 22, 23)),
            "D4",
            "D5",
            "D6",
            "D15",
            "D18",
        ]
        assert open_cells == {("Questions", cell) for cell in expected}
        assert [(sheet.protection.sheet, sheet.protection.password) for sheet in book] == [(True, None)] * 4
        assert [sheet.sheet_state for sheet in book] == ["visible", "visible", "hidden", "hidden"]

    def test_choices_are_lists_of_human_labels(self, book):
        lists = {}
        for rule in book["Questions"].data_validations.dataValidation:
            column, last = re.fullmatch(r"Lists!\$([A-Z]+)\$1:\$\1\$(\d+)", rule.formula1).groups()
            cells = [book["Lists"][f"{column}{row}"].value for row in range(1, int(last) + 1)]
            lists |= dict.fromkeys(str(rule.sqref).split(), cells)
        levels = ["Implemented", "In progress", "Planned", "Under consideration", "Not planned"]
        assert lists == {
            **dict.fromkeys(["C4", "C5", "C6"], levels),
            "C9": ["Yes"],
            "C10": ["Yes"],
            "C11": ["Yes"],
            "C12": ["Yes"],
            "C15": ["Label of yes", "Label of no", "Label of partly"],
        }

    def test_recommendations_are_named_and_the_page_is_a4_landscape(self, book, questionnaire, office):
        sheet = book["Questions"]
        names = [(str(item.number), item.label) for item in questionnaire.recommendations]
        assert [(sheet[f"A{row}"].value, sheet[f"B{row}"].value) for row in (4, 5, 6)] == names
        told = [row[:2] for row in book["Instructions"].iter_rows(values_only=True)]
        assert told[-3:] == names
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert (sheet.freeze_panes, sheet.print_title_rows) == ("A2", "$1:$1")
        assert any(f"/respond/{office.code}/upload/" in str(row[0]) for row in told)

    def test_sample_data_is_labelled(self, office):
        survey = make_tiny_round(office, key="invented", is_sample=True).survey
        data = workbook(Questionnaire.of(survey), office)
        book = openpyxl.load_workbook(io.BytesIO(data))
        assert book["Instructions"]["A3"].value == "Sample data. Invented for demonstration: no office said this."
        assert [sheet.oddHeader.right.text for sheet in book] == ["Sample data"] * 4


ADVICE = "write text, with an apostrophe before it if need be"
LEVEL_LIST = "choose from the list: Implemented, In progress, Planned, Under consideration, Not planned"
TEXT_FAULTS = {
    "a level that is none": ({"C4": "Done"}, [f"Questions!C4: {LEVEL_LIST} (Done)"]),
    "a code in the place of a label": ({"C4": "in_progress"}, [f"Questions!C4: {LEVEL_LIST} (in_progress)"]),
    "a tick that is none": ({"C9": "x"}, ["Questions!C9: choose from the list: Yes (x)"]),
    "a truth value": (
        {"C9": True},
        ["Questions!C9: is a truth value, not text: choose from the list: Yes (TRUE)"],
    ),
    "a number in a list": (
        {"C4": 3},
        [f"Questions!C4: is a number, not text: {LEVEL_LIST} (3)"],
    ),
    "a number in the place of a text": (
        {"C18": 2019},
        [f"Questions!C18: is a number, not text: {ADVICE} (2019)"],
    ),
    "a date in the place of a text": (
        {"C18": datetime.date(2026, 5, 2)},
        [f"Questions!C18: is a date or a time, not text: {ADVICE} (2026-05-02)"],
    ),
    "a formula in a text": ({"C18": "=1+1"}, [f"Questions!C18: is a formula: {ADVICE} (=1+1)"]),
    "a formula in a list": (
        {"C4": "=A1"},
        [f"Questions!C4: is a formula: {LEVEL_LIST} (=A1)"],
    ),
    "an error value": ({"C18": "#N/A"}, [f"Questions!C18: is an error value of the spreadsheet: {ADVICE} (#N/A)"]),
    "a contradiction": (
        {"C9": "Yes", "C12": "Yes"},
        ["Questions!C12: contradicts the recommendations chosen in the same question: keep one or the other (Yes)"],
    ),
    "a missing explanation": ({"C15": "Label of partly"}, ["Questions!D15: this option asks for an explanation"]),
    "a comment without an answer": (
        {"D5": "soon"},
        ["Questions!C5: an answer needs a value, also beside a comment"],
    ),
    "another label": (
        {"B4": "Something else"},
        ["Questions!B4: altered: “Label of 1” belongs here (Something else)"],
    ),
    "another number": ({"A4": 2}, ["Questions!A4: altered: “1” belongs here (2)"]),
    "a removed number": ({"A4": None}, ["Questions!A4: altered: “1” belongs here"]),
    "another question": ({"B2": "How?"}, ["Questions!B2: altered: “Text of progress?” belongs here (How?)"]),
    "another header": ({"C1": "Answer"}, ["Questions!C1: altered: “Your answer” belongs here (Answer)"]),
    "a text where nothing is asked": ({"D9": "note"}, ["Questions!D9: nothing belongs here: remove it (note)"]),
    "a text below": ({"B40": "note"}, ["Questions!B40: nothing belongs here: remove it (note)"]),
    "another office": (
        {"Identification!B3": "NA"},
        ["Identification!B3: the workbook is that of another office, not of AU (NA)"],
    ),
    "an unknown language": (
        {"Identification!B5": "xx"},
        ["Identification!B5: the language of the workbook is not known here (xx)"],
    ),
    "a later format": (
        {"Identification!B1": "2"},
        ["Identification!B1: the workbook is of a kind that this portal does not read: download it anew (2)"],
    ),
}  # fmt: skip


class TestRefused:
    @pytest.mark.parametrize("case", TEXT_FAULTS)
    def test_with_the_cell_named(self, questionnaire, office, tiny_round, case):
        for item in questionnaire.recommendations:
            item.label = f"Label of {item.number}"
        cells, faults = TEXT_FAULTS[case]
        assert read(questionnaire, office, cells)[1] == faults

    @pytest.mark.filterwarnings("ignore:Cell C18 is marked as a date")
    def test_all_faults_at_once_in_the_order_of_the_sheet(self, questionnaire, office):
        faults = read(
            questionnaire,
            office,
            {"C23": 7, "C4": "Done", "B2": "How?", "C9": "Yes", "C12": "Yes", "C15": "Label of partly", "D22": "x"},
        )[1]
        cells = [fault.partition(":")[0] for fault in faults]
        assert cells == [f"Questions!{cell}" for cell in ("B2", "C4", "C12", "D15", "D22", "C23")]

    def test_a_control_character(self, questionnaire, office):
        data = workbook(questionnaire, office, [Given(questionnaire.questions[3], None, "a~b")])
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        parts["xl/sharedStrings.xml"] = parts["xl/sharedStrings.xml"].replace(b"a~b", b"a_x0008_b")
        faults = read_questionnaire(zipped(parts), questionnaire, office)[1]
        assert [str(fault) for fault in faults] == [
            "Questions!C18: holds the control character U+0008; remove it (a\N{REPLACEMENT CHARACTER}b)"
        ]

    def test_an_inserted_row_names_every_cell_that_moved(self, questionnaire, office):
        book = openpyxl.load_workbook(io.BytesIO(workbook(questionnaire, office)))
        book["Questions"].insert_rows(20)
        answers, faults = read_questionnaire(saved(book), questionnaire, office)
        assert answers == []
        assert [fault.cell for fault in faults][:3] == ["B20", "A21", "B21"]

    def test_removed_and_added_sheets(self, questionnaire, office):
        book = openpyxl.load_workbook(io.BytesIO(workbook(questionnaire, office)))
        book.create_sheet("My notes")["A1"] = "do not lose me"
        del book["Instructions"]
        assert [str(fault) for fault in read_questionnaire(saved(book), questionnaire, office)[1]] == [
            "My notes!A1: this sheet is not part of the questionnaire: remove it",
            "Instructions!A1: the sheet is missing",
        ]
        del book["Questions"]
        assert "Questions!A1: the sheet is missing" in map(
            str, read_questionnaire(saved(book), questionnaire, office)[1]
        )

    def test_a_workbook_of_another_round(self, questionnaire, office, other_office):
        other = Questionnaire.of(make_tiny_round(office, key="other", open_now=True).survey)
        (fault,) = read_questionnaire(workbook(other, other_office), questionnaire, office)[1]
        assert str(fault) == "Identification!B2: the workbook is that of another round, not of “tiny” (other)"

    @pytest.mark.parametrize(
        "change",
        [
            lambda r: Question.objects.filter(key="progress").update(text="Asked otherwise?"),
            lambda r: r.by_kind["choice"].options.filter(key="no").update(label="Never"),
            lambda r: r.by_kind["choice"].options.filter(key="no").update(needs_explanation=True),
            lambda r: RecommendationFactory(recommendation_set=r.survey.recommendation_set, number=4),
            lambda r: Question.objects.filter(key="focus").update(exclusive_option="na"),
        ],
        ids=["text", "option", "explanation", "recommendation", "exclusive option"],
    )
    def test_a_workbook_of_other_questions(self, questionnaire, tiny_round, office, change):
        data = workbook(questionnaire, office)
        change(tiny_round)
        (fault,) = read_questionnaire(data, Questionnaire.of(tiny_round.survey), office)[1]
        assert (fault.sheet, fault.cell) == ("Identification", "B4")
        assert fault.reason.startswith("the questions changed since the workbook was made")

    def test_what_is_no_questionnaire(self, questionnaire, office, monkeypatch):
        whole = workbook(questionnaire, office)
        book = openpyxl.Workbook()
        refusals = {
            "text": (b"survey,office\n", "The file is not an XLSX workbook."),
            "nothing": (b"", "The file is not an XLSX workbook."),
            "half": (whole[: len(whole) // 2], "The file is damaged"),
            "another workbook": (saved(book), "The workbook is not a questionnaire of this portal"),
            "a zip": (zipped({"readme.txt": b"hello"}), "The file is a ZIP archive but not an XLSX workbook."),
        }
        for name, (data, sentence) in refusals.items():
            answers, (fault,) = read_questionnaire(data, questionnaire, office)
            assert (name, answers, fault.cell, str(fault).startswith(sentence)) == (name, [], "", True)
        monkeypatch.setattr(sheets, "MAX_FILE", 1000)
        assert "at most 0 MiB are read" in str(read_questionnaire(whole, questionnaire, office)[1][0])

    @pytest.mark.parametrize("part", ["xl/worksheets/sheet2.xml", "xl/workbook.xml", "xl/sharedStrings.xml"])
    def test_a_damaged_part(self, questionnaire, office, part):
        with zipfile.ZipFile(io.BytesIO(workbook(questionnaire, office))) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        for damaged in (parts[part][:-40], b"<a/>", re.sub(rb'r="[A-Z]+\d+"', b'r="?"', parts[part]) + b"<"):
            answers, faults = read_questionnaire(zipped({**parts, part: damaged}), questionnaire, office)
            assert faults
            assert answers == []

    def test_a_cell_far_away_and_a_flood_of_cells(self, questionnaire, office, monkeypatch):
        (fault,) = read_questionnaire(filled(workbook(questionnaire, office), {"XFD3": "x"}), questionnaire, office)[1]
        assert str(fault) == "The sheet “Questions” holds far more cells than the questionnaire has."
        monkeypatch.setattr(reading, "MAX_SEEN", 10)
        assert "far more cells" in read(questionnaire, office, {})[1][0]
        monkeypatch.undo()
        flood = {f"F{row}": "x" for row in range(1, 3_000)}
        assert len(read(questionnaire, office, flood)[1]) < 700


def test_a_plan_has_one_row_for_each_thing_to_fill_in(questionnaire):
    lines = Plan.of(questionnaire).lines
    per_question = {
        q.key: sum(line.is_answer and line.question == q for line in lines) for q in questionnaire.questions
    }
    assert per_question == {"progress": 3, "focus": 4, "policy": 1, "proposals": 1, "experience": 3}
