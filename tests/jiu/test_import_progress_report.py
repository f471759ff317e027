"""`manage.py import_progress_report`: what a document says, in the database, all of it or nothing."""

import datetime
import hashlib

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from jiu.actions.importing import import_progress_report
from jiu.reading.shapes import DocumentRefused
from jiu.reports import progress_report
from offices.models import Office
from portal.models import AuditEntry, ImportRecord
from portal.spreadsheets.resources import Mode
from recommendations.actions import Statement, record_statuses
from recommendations.models import Officer, Recommendation, RecommendationSet, StatusReport
from tests.factories.jiu import make_bureau, make_jiu_recommendation, state
from tests.factories.portal import export_csv, load
from tests.factories.recommendations import OfficerFactory
from tests.jiu.progress_documents import EH, END, LB, REPORT, annex, many, rows, text, word

pytestmark = pytest.mark.django_db

BEFORE, MARCH = datetime.date(2021, 3, 31), datetime.date(2022, 3, 31)
NOTHING_NEW = "The document says what is held already: nothing changed."
ISSUED = "This report was issued by the JIU on March 17, 2022. Nothing in it was on record before."

# What the counts at the end are of a document of one recommendation, by what was there.
ALL_NEW = (
    "sets: 1 added, 0 filled, 0 unchanged; recommendations: 1 added, 0 filled, 0 unchanged;"
    " status reports: 1 added, 0 filled, 0 unchanged; officers: 1 added, 0 filled, 0 unchanged;"
    " offices: 1 added, 0 filled, 0 unchanged"
)
ALL_HELD = (
    "sets: 0 added, 0 filled, 1 unchanged; recommendations: 0 added, 0 filled, 1 unchanged;"
    " status reports: 0 added, 0 filled, 1 unchanged; officers: 0 added, 0 filled, 1 unchanged;"
    " offices: 0 added, 0 filled, 1 unchanged"
)


@pytest.fixture
def run(tmp_path, capsys):
    """Import a document by the command; its lines on stdout and stderr."""

    def call(document: str | bytes, *options: str, name: str = "report.txt"):
        file = tmp_path / name
        file.write_bytes(document if isinstance(document, bytes) else document.encode())
        call_command("import_progress_report", file, *options)
        out, err = capsys.readouterr()
        return out.splitlines(), err.splitlines()

    return call


def import_text(document: str, **options):
    return import_progress_report(
        document.encode(), filename="r.txt", **{"by": None, "path": AuditEntry.Path.COMMAND, **options}
    )


def said() -> list[tuple]:
    """Every revision, whole."""
    reports = StatusReport.objects.order_by("recommendation", "as_at", "revision")
    return list(
        reports.values_list(
            "recommendation__number", "as_at", "revision", "acceptance", "implementation", "assessment", "stated_change"
        )
    )


class TestIntoAnEmptyDatabase:
    def test_all_that_the_document_says(self, run):
        text_of_it = "Heads should warm all teapots by the end of 2023."
        document = annex(
            "(i) took note of it",
            ISSUED,
            rows(6, text=text_of_it, officers="BCC", implementation="In progress"),
            heading=text("took note of the present report (document WO/PBC/99/1);", EH),
        )
        out, err = run(document)
        assert err == ["line 7: cannot be read: “(i) took note of it”"]
        assert out == [ALL_NEW]

        of_set = RecommendationSet.objects.get()
        assert (of_set.key, of_set.issuer, of_set.symbol, of_set.title) == (
            "jiu-rep-2021-6",
            "JIU",
            "JIU/REP/2021/6",
            "Teapots in the system",
        )
        assert (of_set.issued_on, of_set.stage, of_set.is_relevant, of_set.source) == (
            "2022-03-17",
            "adopted",
            True,
            "WO/PBC/99/1",
        )
        item = Recommendation.objects.get()
        assert (item.number, item.addressee, item.label, item.summary, item.official_text) == (
            6,
            "EH",
            "",
            "",
            text_of_it,
        )
        assert (item.due_on, item.due_text, item.source) == (
            datetime.date(2023, 12, 31),
            "by the end of 2023",
            "WO/PBC/99/1, Annex I",
        )
        report = StatusReport.objects.get()
        assert (report.office.code, report.as_at, report.revision) == ("IB", MARCH, 1)
        assert (report.acceptance, report.implementation, report.assessment, report.summary) == (
            "accepted",
            "in_progress",
            "All teapots are warm.",
            "",
        )
        assert (report.as_at_assumed, report.stated_change, report.source) == (False, "", "WO/PBC/99/1, Annex I")
        assert [officer.key for officer in report.responsible_officers.all()] == ["bcc"]

    def test_office_and_officers_come_from_the_reference_data(self, run):
        run(annex(rows(officers="BCC")))
        bureau, officer = Office.objects.get(), Officer.objects.get()
        assert (bureau.code, bureau.kind) == ("IB", "international")
        assert (officer.key, officer.title, officer.abbreviation) == ("bcc", "Business Continuity Coordinator", "BCC")
        before = (export_csv("officers"), bureau.name)
        call_command("load_reference", verbosity=0)
        assert export_csv("officers").splitlines()[2] == before[0].splitlines()[1]
        assert Office.objects.get(code="IB").name == before[1]

    def test_history_is_left(self, run, administrator):
        import_text(annex(rows()), by=administrator)
        for row in (RecommendationSet.objects.get(), Recommendation.objects.get(), Officer.objects.get()):
            (entry,) = row.history.all()
            assert (entry.history_type, entry.history_user) == ("+", administrator)
        assert StatusReport.objects.get().recorded_by == administrator

    def test_a_blank_implementation_beside_not_relevant_stays_blank(self, run):
        run(annex(rows(acceptance="Not relevant", implementation="")))
        assert said() == [(1, MARCH, 1, "not_relevant", "", "All teapots are warm.", "")]

    def test_the_file_is_the_source_where_the_document_names_none(self, run):
        run(annex(rows()), name="of-2022.txt")
        assert Recommendation.objects.get().source == "of-2022.txt, Annex I"

    def test_a_word_file(self, run):
        cells = [line.split("\t") for line in rows()]
        assert run(word(LB, REPORT, cells, END), name="report.docx") == ([ALL_NEW], [])

    def test_one_audit_row_and_no_line_in_the_log_of_imports(self, run):
        document = annex(rows())
        run(document)
        entry = AuditEntry.objects.get()
        assert (entry.action, entry.subject, entry.path, entry.office_code) == (
            "import",
            "progress_report",
            "command",
            "IB",
        )
        assert entry.details == {
            "filename": "report.txt",
            "sha256": hashlib.sha256(document.encode()).hexdigest(),
            "document": "report.txt",
            "as_at": ["2022-03-31"],
            "counts": {
                "sets": [1, 0, 0],
                "recommendations": [1, 0, 0],
                "status reports": [1, 0, 0],
                "officers": [1, 0, 0],
                "offices": [1, 0, 0],
            },
            "notices": 0,
        }
        assert not ImportRecord.objects.exists()


class TestEarlierStatuses:
    DOCUMENT = annex(
        rows(1, note="Previously “under consideration”"),
        rows(2, implementation="In progress", note="No change from previous status Assessment has been updated"),
        rows(3),
        rows(4, note="Previously “not accepted”"),
    )

    def test_without_a_date_they_are_listed_and_not_written(self, run):
        out, err = run(self.DOCUMENT)
        assert out[:-1] == [
            "Not written, since the document does not date them (--previous-as-at D does):",
            "line 7: JIU/REP/2021/6 R1, earlier: under_consideration",
            "line 12: JIU/REP/2021/6 R2, earlier: in_progress",
            "line 22: JIU/REP/2021/6 R4, earlier: not_accepted",
        ]
        assert err == []
        assert {row[1] for row in said()} == {MARCH}

    def test_with_a_date_they_are_written_as_assumed(self, run):
        out, err = run(self.DOCUMENT, "--previous-as-at", "2021-03-31")
        assert (len(out), err) == (1, [])
        earlier = StatusReport.objects.filter(as_at=BEFORE).order_by("recommendation__number")
        assert [(r.recommendation.number, r.acceptance, r.implementation) for r in earlier] == [
            (1, "", "under_consideration"),
            (2, "", "in_progress"),
            (4, "not_accepted", ""),
        ]
        assert {(r.as_at_assumed, r.assessment, r.stated_change, r.source) for r in earlier} == {
            (True, "", "", "report.txt, Annex I")
        }
        assert not any(r.responsible_officers.exists() for r in earlier)
        assert [row[6] for row in said() if row[1] == MARCH] == ["", "updated", "", ""]

    def test_the_figures_follow(self, run):
        run(self.DOCUMENT, "--previous-as-at", "2021-03-31")
        report = progress_report(as_at=MARCH, since=BEFORE)
        assert [(line.is_new, line.assessment_updated) for line in report.lines] == [
            (False, None),
            (False, True),
            (True, None),
            (False, None),
        ]
        assert report.as_json()["outstanding"] == {"LB": 1, "EH": 0}

    @pytest.mark.parametrize("day", ["2022-03-31", "2023-01-01"])
    def test_a_date_that_is_not_before_the_document_is_refused(self, run, day):
        with pytest.raises(CommandError, match=rf"cannot be as at {day}: those of the document are as at 2022-03-31"):
            run(self.DOCUMENT, "--previous-as-at", day)
        assert not RecommendationSet.objects.exists()

    @pytest.mark.parametrize("day", ["last year", "20210331", "2021-W13-3", "2021-02-30"])
    def test_what_is_no_date_is_refused(self, run, day):
        with pytest.raises(CommandError, match=rf"'{day}' is not a date: write it like 2021-03-31"):
            run(self.DOCUMENT, "--previous-as-at", day)

    def test_what_nobody_stated_anew_is_no_statement_of_the_day(self, run):
        run(annex(rows(implementation="In progress", note="No update received")), "--previous-as-at", "2021-03-31")
        assert said() == [(1, BEFORE, 1, "accepted", "in_progress", "", "")]


class TestAgain:
    def test_a_second_run_changes_nothing_and_says_so(self, run):
        document = annex(rows())
        run(document)
        assert run(document) == ([NOTHING_NEW, ALL_HELD], [])
        assert AuditEntry.objects.count() == 1
        assert Recommendation.objects.get().history.count() == 1

    def test_so_does_one_with_the_earlier_statuses(self, run):
        document = annex(rows(note="Previously “planned”"))
        run(document, "--previous-as-at", "2021-03-31")
        out, _err = run(document, "--previous-as-at", "2021-03-31")
        assert out == [NOTHING_NEW, ALL_HELD.replace("reports: 0 added, 0 filled, 1", "reports: 0 added, 0 filled, 2")]
        run(document)
        assert len(said()) == 2

    def test_a_dry_run_prints_the_same_and_writes_nothing(self, run):
        document = annex(rows(note="Previously “planned”"), "A remark.")
        tried = run(document, "--dry-run")
        assert not any(
            model.objects.exists()
            for model in (Office, Officer, RecommendationSet, Recommendation, StatusReport, AuditEntry)
        )
        assert not Recommendation.history.exists()
        assert run(document) == tried

    def test_a_failure_on_the_way_leaves_nothing(self, monkeypatch):
        def fail(*args, **options):
            raise RuntimeError

        monkeypatch.setattr("jiu.actions.importing.statuses.record_statuses", fail)
        with pytest.raises(RuntimeError):
            import_text(annex(rows()))
        assert not RecommendationSet.objects.exists()
        assert not AuditEntry.objects.exists()


class TestBesideWhatIsHeld:
    @pytest.fixture
    def item(self):
        item = make_jiu_recommendation(addressee="LB")
        Recommendation.objects.filter(pk=item.pk).update(label="Ours", summary="Ours of it.")
        RecommendationSet.objects.update(title="Teapots in the system", stage="adopted")
        item.refresh_from_db()
        return item

    def test_blank_fields_are_filled_and_our_words_stay(self, run, item):
        out, err = run(annex(rows()))
        assert err == []
        item.refresh_from_db()
        assert (item.label, item.summary, item.official_text) == ("Ours", "Ours of it.", "Teapots should be warmed.")
        assert out[-1].startswith("sets: 0 added, 1 filled, 0 unchanged; recommendations: 0 added, 1 filled")
        assert [entry.history_type for entry in item.history.all()] == ["~"] + ["+"] * (item.history.count() - 1)

    def test_a_status_that_says_less_gets_a_revision_with_the_assessment(self, run, item):
        officer = OfficerFactory(key="keeper", title="Keeper of Teapots")
        report = state(
            item,
            "2022-03-31",
            implementation="implemented",
            summary="Ours of that.",
            evidence_url="https://example.org/",
            as_at_assumed=True,
        )
        report.responsible_officers.set([officer])
        out, err = run(annex(rows(note="No change from previous status")))
        assert err == []
        assert "status reports: 0 added, 1 filled, 0 unchanged" in out[-1]
        assert [row[2:] for row in said()] == [
            (1, "accepted", "implemented", "", ""),
            (2, "accepted", "implemented", "All teapots are warm.", "no_change"),
        ]
        latest = StatusReport.objects.get(revision=2)
        assert (latest.summary, latest.evidence_url, latest.as_at_assumed) == (
            "Ours of that.",
            "https://example.org/",
            True,
        )
        assert list(latest.responsible_officers.all()) == [officer]
        assert run(annex(rows(note="No change from previous status")))[0][-2] == NOTHING_NEW

    def test_a_stated_change_alone_is_filled_once(self, run, item):
        state(item, "2022-03-31", implementation="implemented", assessment="All teapots are warm.")
        document = annex(rows(officers="", note="No change from previous status"))
        run(document)
        run(document)
        assert [row[2:] for row in said()] == [
            (1, "accepted", "implemented", "All teapots are warm.", ""),
            (2, "accepted", "implemented", "All teapots are warm.", "no_change"),
        ]

    def test_officers_are_filled_where_none_are_held(self, run, item):
        state(item, "2022-03-31", implementation="implemented", assessment="All teapots are warm.")
        run(annex(rows(officers="Keeper of Teapots (KT)")))
        latest = StatusReport.objects.get(revision=2)
        assert [officer.title for officer in latest.responsible_officers.all()] == ["Keeper of Teapots"]

    def test_values_that_differ_stay_and_are_told(self, run, item):
        Recommendation.objects.update(addressee="EH", official_text="Cool them.", due_on=MARCH)
        RecommendationSet.objects.update(title="Kettles", issued_on="2022-03-18")
        report = state(item, "2022-03-31", implementation="implemented", assessment="Cold.", stated_change="updated")
        report.responsible_officers.set([OfficerFactory(key="other")])
        document = annex(
            ISSUED,
            rows(text="Warm them by the end of 2023.", note="No change from previous status"),
        )
        out, err = run(document)
        assert [line.replace("is held and stays, the document says", "|") for line in err] == [
            "line 3: JIU/REP/2021/6, title: “Kettles” | “Teapots in the system”",
            "line 3: JIU/REP/2021/6, issued on: “2022-03-18” | “2022-03-17”",
            "line 6: JIU/REP/2021/6 R1, addressee: “EH” | “LB”",
            "line 6: JIU/REP/2021/6 R1, official text: “Cool them.” | “Warm them by the end of 2023.”",
            "line 6: JIU/REP/2021/6 R1, due on: “2022-03-31” | “2023-12-31”",
            "line 6: JIU/REP/2021/6 R1, 2022-03-31, assessment: “Cold.” | “All teapots are warm.”",
            "line 6: JIU/REP/2021/6 R1, 2022-03-31, stated change: “updated” | “no_change”",
            "line 6: JIU/REP/2021/6 R1, 2022-03-31, responsible officers: “other” | “kt”",
        ]
        assert "status reports: 0 added, 0 filled, 1 unchanged" in out[-1]
        assert said() == [(1, MARCH, 1, "accepted", "implemented", "Cold.", "updated")]

    def test_nothing_is_mixed_into_a_status_that_contradicts(self, run, item):
        state(item, "2022-03-31", implementation="planned")
        _out, err = run(annex(rows()))
        assert err == [
            "line 5: JIU/REP/2021/6 R1, 2022-03-31, implementation: “planned” is held and stays,"
            " the document says “implemented”"
        ]
        assert said() == [(1, MARCH, 1, "accepted", "planned", "", "")]

    def test_what_stood_at_an_earlier_date_is_not_copied_into_a_statement(self, run, item):
        state(item, "2020-03-31", implementation="planned", summary="Old.", evidence_url="https://example.org/")
        run(
            annex(rows(implementation="", acceptance="Not relevant", note="Previously “planned”")),
            "--previous-as-at",
            "2021-03-31",
        )
        latest = StatusReport.objects.get(as_at=MARCH)
        assert (latest.implementation, latest.summary, latest.evidence_url) == ("", "", "")
        assert StatusReport.objects.get(as_at=BEFORE).acceptance == ""

    def test_an_earlier_status_that_is_held_stays(self, run, item):
        state(item, "2021-03-31", implementation="not_started", assessment="Held.")
        _out, err = run(annex(rows(note="Previously “planned”")), "--previous-as-at", "2021-03-31")
        assert err == [
            "line 7: JIU/REP/2021/6 R1, 2021-03-31, implementation: “not_started” is held and stays,"
            " the document says “planned”"
        ]
        assert [row[2:5] for row in said() if row[1] == BEFORE] == [(1, "accepted", "not_started")]

    def test_our_own_summaries_are_filled_from_their_rows_only(self, run):
        first, _assessment, *others = rows(text="")
        ours = ["Summary\tOurs of it.", "Deadline\tby 2025", "Summary of assessment\tOurs of that."]
        run(annex(first, ours, others))
        item, report = Recommendation.objects.get(), StatusReport.objects.get()
        assert (item.summary, item.official_text) == ("Ours of it.", "")
        assert (item.due_on, item.due_text) == (datetime.date(2025, 12, 31), "by 2025")
        assert (report.summary, report.assessment) == ("Ours of that.", "")


class TestOfficers:
    def officers_of(self, number: int = 1) -> list[str]:
        report = StatusReport.objects.get(recommendation__number=number)
        return sorted(officer.key for officer in report.responsible_officers.all())

    def test_held_ones_by_title_abbreviation_and_alias(self, run):
        OfficerFactory(key="tea", title="Tea Coordinator", abbreviation="TC", aliases="Coordinator, Tea\nMs Tea")
        cells = ["Tea Coordinator (TC)", "tc", "coordinator/tea", "MS TEA"]
        out, _err = run(annex(*(rows(number, officers=cell) for number, cell in enumerate(cells, start=1))))
        assert [self.officers_of(number) for number in (1, 2, 3, 4)] == [["tea"]] * 4
        assert "officers: 0 added, 0 filled, 1 unchanged" in out[-1]

    def test_two_posts_in_a_cell(self, run):
        cell = "Assistant Director General (ADG)/Cups and Management Sector (CMS) and Director/Sugar Division (SD)"
        run(annex(rows(officers=cell)))
        assert self.officers_of() == ["adg-cms", "d-sd"]
        assert list(Officer.objects.order_by("key").values_list("title", "abbreviation", "aliases")) == [
            ("Assistant Director General/Cups and Management Sector", "ADG/CMS", ""),
            ("Director/Sugar Division", "D/SD", ""),
        ]

    def test_the_two_ambiguous_rows_of_the_reference(self, run):
        cells = [
            "Director/Program Planning and Finance (Controller) and D/LD",
            "D/DPPF (Controller) and D/LD",
            "Chief Ethics Officer (CEO)",
        ]
        run(annex(*(rows(number, officers=cell) for number, cell in enumerate(cells, start=1))))
        assert [self.officers_of(number) for number in (1, 2, 3)] == [["d-dppf", "d-ld"]] * 2 + [["ceo"]]

    def test_who_may_be_meant_twice_is_told_and_not_named(self, run):
        OfficerFactory(key="a", title="Tea Officer")
        OfficerFactory(key="b", title="tea officer")
        _out, err = run(annex(rows(officers="Tea Officer")))
        assert err == ["line 5: “Tea Officer” may be a, b: nobody is named"]
        assert self.officers_of() == []

    def test_a_name_beyond_the_limit_is_told(self, run):
        _out, err = run(annex(rows(officers="Chief " + "Tea" * 70)))
        assert err == [f"line 5: “Chief {'Tea' * 18}…” is too long"]
        assert not Officer.objects.exists()


class TestLines:
    def test_what_cannot_be_read_is_told_and_the_rest_written(self, run):
        lines = rows(2)
        lines[3] = "Implementation\tSomewhat"
        out, err = run(annex(rows(1), "A remark.", lines, "JIU/REP/21/7 “Kettles”", rows(3)[:1]))
        assert err == [
            "line 10: cannot be read: “A remark.”",
            "line 14: JIU/REP/2021/6 R2: “Somewhat” is no value of “Implementation”, so that none is read",
            "line 16: cannot be read: “JIU/REP/21/7 “Kettles””",
            "line 17: “Recommendation 3” stands below no report of the JIU that can be read",
        ]
        assert [row[:5] for row in said()] == [
            (1, MARCH, 1, "accepted", "implemented"),
            (2, MARCH, 1, "accepted", ""),
        ]
        assert "recommendations: 2 added" in out[-1]

    def test_without_any_status_none_is_written(self, run):
        _out, err = run(annex(rows(acceptance="", implementation="")))
        assert err == ["line 5: JIU/REP/2021/6 R1 states no status that can be read: none is written"]
        assert (Recommendation.objects.count(), StatusReport.objects.count()) == (1, 0)

    def test_without_a_date_no_status_is_written(self, run):
        _out, err = run(annex(rows(), heading=LB.replace("MARCH 31, 2022", "SPRING")))
        assert len(err) == 1
        assert (Recommendation.objects.count(), StatusReport.objects.count()) == (1, 0)


class TestPartOfADocument:
    WHOLE = text(LB, REPORT, rows(1), rows(2, officers="Keeper of Cups (KC)"), END)

    @pytest.mark.parametrize("cut", ["should be", "All teapots", "Keeper of", "\nAcceptance"])
    def test_what_is_cut_off_is_filled_by_the_whole_document(self, run, cut):
        begin = self.WHOLE[: self.WHOLE.rindex(cut) + len(cut) // 2]
        _out, err = run(begin)
        assert err[-1].endswith("it may be cut off")
        _out, err = run(self.WHOLE)
        assert err == []
        assert list(Recommendation.objects.values_list("official_text", flat=True)) == ["Teapots should be warmed."] * 2
        assert sorted(Officer.objects.values_list("title", flat=True)) == ["Keeper of Cups", "Keeper of Teapots"]
        current = StatusReport.objects.current().filter(recommendation__number=2)
        assert [report.responsible_officers.get().abbreviation for report in current] == ["KC"]
        assert run(self.WHOLE)[0][-2] == NOTHING_NEW

    def test_what_cannot_be_placed_is_told_and_the_rest_written(self, run):
        unread = EH.replace("ADDRESSED TO", "FOR")
        out, err = run(text(LB, REPORT, rows(1), "[Annex II follows]", unread, REPORT, rows(2), END))
        assert [line.partition(":")[0] for line in err] == [f"line {number}" for number in range(9, 16)]
        assert "recommendations: 1 added" in out[-1]
        assert list(Recommendation.objects.values_list("number", "addressee")) == [(1, "LB")]


class TestRefusals:
    @pytest.mark.parametrize(
        ("document", "sentence"),
        [
            ("tea", "The file is no progress report"),
            (LB, "The file holds no recommendation"),
            (annex(rows()).encode("utf-16"), "The file is not UTF-8"),
        ],
    )
    def test_what_is_no_such_document(self, run, document, sentence):
        with pytest.raises(CommandError, match=rf"\A{sentence}"):
            run(document)

    def test_a_missing_file(self, tmp_path):
        with pytest.raises(CommandError, match=r"\ACannot read .*none.txt: No such file or directory"):
            call_command("import_progress_report", tmp_path / "none.txt")

    def test_a_file_too_large_is_not_even_read(self, tmp_path):
        file = tmp_path / "large.txt"
        with file.open("wb") as sparse:
            sparse.truncate(26 * 2**20)
        with pytest.raises(CommandError, match=r"\AThe file has 26 MiB; at most 25 MiB are read"):
            call_command("import_progress_report", file)

    def test_somebody_who_writes_the_same_rows_at_the_same_moment(self, monkeypatch):
        def collide(*args, **options):
            raise IntegrityError

        monkeypatch.setattr("jiu.actions.importing.run.import_table", collide)
        with pytest.raises(DocumentRefused, match="somebody changed the same rows at the same moment"):
            import_text(annex(rows()))


class TestOrder:
    """Reference rows first or the document first: the same figures."""

    DOCUMENT = annex(
        rows(1, text="Warm them by the end of 2023.", note="Previously “planned”"),
        rows(2, implementation="In progress", officers="CIO", note="No change from previous status"),
    )
    SETS = "set,issuer,symbol,title,issued_on,stage,supersedes,is_relevant,source\n" + (
        "jiu-rep-2021-6,JIU,JIU/REP/2021/6,Teapots in the system,,adopted,,1,here\n"
    )
    ITEMS = "set,number,addressee,label,summary,official_text,due_on,due_text,source\n" + (
        "jiu-rep-2021-6,1,LB,Warmth,Ours of it.,,2023-12-31,by the end of 2023,here\n"
        "jiu-rep-2021-6,2,LB,Cups,Ours of them.,,,,here\n"
    )
    OFFICERS = "officer,title,abbreviation,aliases\nkt,Keeper of Teapots,KT,\ncio,Chief Information Officer,CIO,\n"
    STATUSES = (
        "set,number,office,as_at,acceptance,implementation,assessment,summary,responsible_officers,evidence_url,"
        "as_at_assumed,stated_change,source\n"
        "jiu-rep-2021-6,1,IB,2021-03-31,,planned,,,,,1,,here\n"
        "jiu-rep-2021-6,1,IB,2022-03-31,accepted,implemented,,Ours.,kt,,0,,here\n"
        "jiu-rep-2021-6,2,IB,2021-03-31,,in_progress,,,,,1,,here\n"
        "jiu-rep-2021-6,2,IB,2022-03-31,accepted,in_progress,,Ours.,cio,,0,no_change,here\n"
    )

    def load_rows(self) -> None:
        make_bureau()
        kinds = ("recommendation_sets", "recommendations", "officers", "status_reports")
        for kind, file in zip(kinds, (self.SETS, self.ITEMS, self.OFFICERS, self.STATUSES), strict=True):
            assert load(kind, file, mode=Mode.FILL).faults == ()

    def figures(self):
        figures = progress_report(as_at=MARCH, since=BEFORE).as_json()
        assessments = [line.pop("assessment") for line in figures["recommendations"]]
        return figures, assessments

    @pytest.mark.parametrize("options", [[], ["--previous-as-at", "2021-03-31"]])
    def test_both_end_in_the_same(self, run, options):
        self.load_rows()
        alone, blank = self.figures()
        assert blank == [None, None]
        _out, err = run(self.DOCUMENT, *options)
        assert (self.figures(), err) == ((alone, ["All teapots are warm."] * 2), [])
        for model in (StatusReport, Recommendation, RecommendationSet, Officer):
            model.objects.all().delete()
        run(self.DOCUMENT, *options)
        self.load_rows()
        assert self.figures() == (alone, ["All teapots are warm."] * 2)
        assert [item.summary for item in Recommendation.objects.order_by("number")] == ["Ours of it.", "Ours of them."]
        assert StatusReport.objects.filter(revision__gt=1).count() == 0


class TestStatements:
    """What a statement carries of its own."""

    def test_a_stated_change_is_recorded_once_and_not_taken_back(self):
        item, office = make_jiu_recommendation(), make_bureau()
        values = {"acceptance": "accepted", "implementation": "planned"}
        for change in ("", "no_change", "no_change", ""):
            record_statuses([Statement(item, office, MARCH, **values, stated_change=change)], by=None, path=None)
        assert [(r.revision, r.stated_change) for r in StatusReport.objects.order_by("revision")] == [
            (1, ""),
            (2, "no_change"),
        ]

    def test_an_assumed_date_is_recorded_and_never_copied(self):
        item, office = make_jiu_recommendation(), make_bureau()
        record_statuses(
            [Statement(item, office, BEFORE, implementation="planned", as_at_assumed=True)], by=None, path=None
        )
        record_statuses([Statement(item, office, MARCH, acceptance="accepted")], by=None, path=None)
        assert list(StatusReport.objects.order_by("as_at").values_list("as_at_assumed", flat=True)) == [True, False]


@pytest.mark.parametrize("count", [2, 40])
def test_the_number_of_queries_is_that_of_a_document_not_of_its_rows(count):
    with CaptureQueriesContext(connection) as first:
        import_text(many(count), previous_as_at=BEFORE)
    with CaptureQueriesContext(connection) as again:
        import_text(many(count), previous_as_at=BEFORE)
    assert StatusReport.objects.count() == count + count // 2
    assert (len(first), len(again)) == (67, 55)
