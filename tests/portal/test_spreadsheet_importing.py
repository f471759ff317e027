import hashlib

import pytest
from django.db import IntegrityError

from offices.models import GroupMember, Office, OfficeGroup
from offices.resources import OfficeResource
from portal.models import AuditEntry, ImportRecord
from portal.spreadsheets.importing import Outcome, import_file
from portal.spreadsheets.kinds import all_kinds, resource_for
from portal.spreadsheets.resources import Mode
from portal.spreadsheets.tables import Fault, SheetRefused
from tests.factories.offices import OfficeFactory, OfficeGroupFactory
from tests.factories.portal import counts, fault_lines, load, openpyxl_bytes
from tests.factories.recommendations import OfficerFactory, RecommendationFactory

pytestmark = pytest.mark.django_db

OFFICES = "code,name,kind,region,is_sample,source\n"
TWO = OFFICES + "NA,Namibia,national,africa,,ST.3\nNO,Norway,national,europe,0,\n"


# The register


def test_kinds_stand_in_the_order_in_which_an_empty_database_takes_them():
    order = [
        "offices",
        "office_groups",
        "group_members",
        "recommendation_sets",
        "set_events",
        "recommendations",
        "recommended_actions",
        "officers",
        "status_reports",
        "surveys",
        "questions",
        "question_options",
        "invitations",
        "responses",
    ]

    assert [kind for kind in all_kinds() if kind in order] == order


def test_an_unknown_kind_is_refused_with_the_list_of_kinds():
    with pytest.raises(LookupError) as refused:
        resource_for("office")

    assert refused.value.args[0] == f"There is no kind 'office'. Kinds: {', '.join(all_kinds())}."


# Counting


def test_the_same_file_again_changes_nothing():
    assert str(load("offices", TWO)) == "offices: 2 added, 0 changed, 0 unchanged, 0 removed"
    assert str(load("offices", TWO)) == "offices: 0 added, 0 changed, 2 unchanged, 0 removed"


def test_each_row_is_added_changed_or_unchanged():
    load("offices", TWO)

    outcome = load(
        "offices", OFFICES + "NO,Norge,national,europe,0,\nNA,Namibia,national,africa,,ST.3\nSE,S,national,,,\n"
    )

    assert counts(outcome) == (1, 1, 1, 0)
    assert Office.objects.get(code="NO").name == "Norge"


def test_columns_may_stand_in_any_order():
    load("offices", TWO)

    assert counts(load("offices", "source,kind,code,is_sample,region,name\nST.3,national,NA,0,africa,Namibia\n")) == (
        0,
        0,
        1,
        0,
    )


def test_a_header_without_rows_imports_nothing():
    assert counts(load("offices", OFFICES)) == (0, 0, 0, 0)


def test_an_import_removes_no_row_that_the_file_does_not_hold():
    load("offices", TWO)

    assert counts(load("offices", OFFICES)) == (0, 0, 0, 0)
    assert Office.objects.count() == 2


# Faults


FAULTY = """\
code,name,kind,region,is_sample,source
NA,Namibia,national,africa,0,
no,,nationals,Europe,yes,"a\x01b"
NO,Norway,national,europe,0,

NA,,national,,,
SE,Sweden
"A
B",x,regional,,,
FI,Finland,national,europe,0,,
"""
FAULTY_LINES = [
    "row 3, column code: is not an office code: 2 to 8 capital letters or digits (no)",
    "row 3, column name: is required ()",
    "row 3, column kind: is not one of national, regional, international (nationals)",
    "row 3, column region: is not one of africa, americas, asia, europe, oceania (Europe)",
    "row 3, column is_sample: is not 1, 0 or empty (yes)",
    "row 3, column source: holds the control character U+0001; remove it (a\ufffdb)",
    "row 6, column name: is required ()",
    "row 6, column code: doubled key, the same as in row 2 (NA)",
    "row 7, column kind: short row: 2 cells instead of 6 (SE,Sweden)",
    "row 8, column code: is not an office code: 2 to 8 capital letters or digits (A B)",
    "row 9, column source: long row: 7 cells instead of 6 ()",
]


def test_every_fault_of_every_row_is_named_in_one_run_and_nothing_is_written():
    outcome = load("offices", FAULTY)

    assert fault_lines(outcome) == FAULTY_LINES
    assert Office.objects.count() == 0
    assert Office.history.count() == 0
    assert AuditEntry.objects.count() == 0


def test_the_rows_without_fault_of_that_file_would_be_written():
    good = "\n".join(FAULTY.split("\n")[place] for place in (0, 1, 3))

    assert counts(load("offices", good)) == (2, 0, 0, 0)


def test_a_faulty_change_leaves_what_is_there():
    load("offices", TWO)

    outcome = load("offices", TWO.replace("Namibia", "Changed") + "XX,,national,,,\n")

    assert fault_lines(outcome) == ["row 4, column name: is required ()"]
    assert Office.objects.get(code="NA").name == "Namibia"


def test_a_faulty_header_is_the_only_thing_said_and_the_database_is_not_asked(django_assert_num_queries):
    with django_assert_num_queries(0):
        outcome = load("offices", "code,name,type\nNA,,\n")

    assert fault_lines(outcome) == [
        "row 1, column type: unknown column (type)",
        "row 1, column kind: missing column ()",
        "row 1, column region: missing column ()",
        "row 1, column is_sample: missing column ()",
        "row 1, column source: missing column ()",
    ]


def test_a_text_beyond_its_column_is_a_fault():
    assert counts(load("offices", f"{OFFICES}NA,{'x' * 200},national,,,\n")) == (1, 0, 0, 0)

    assert fault_lines(load("offices", f"{OFFICES}NA,{'x' * 201},national,,,\n")) == [
        f"row 2, column name: is 201 characters long; at most 200 fit ({'x' * 60}…)"
    ]


def test_a_formula_does_not_hide_the_other_faults_of_its_row():
    rows = [OFFICES.strip().split(","), ["NA", "=1+1", "nationals", "africa", 0, None]]

    assert fault_lines(load("offices", openpyxl_bytes(rows))) == [
        "row 2, column name: formula: paste its value as text (=1+1)",
        "row 2, column kind: is not one of national, regional, international (nationals)",
    ]


def test_a_fault_is_one_line_whatever_the_reason_repeats():
    recommendation = RecommendationFactory(recommendation_set__key="s")
    OfficeFactory(code="NA")
    OfficerFactory(key="dg")
    columns = ",".join(resource_for("status_reports").column_names())
    officers = '"dg; x\nrow 9, column number: made up\x1b"'

    outcome = load("status_reports", f"{columns}\ns,{recommendation.number},NA,2025-01-01,,,,,{officers},,,,\n")

    assert [line.splitlines() for line in fault_lines(outcome)] == [
        [
            "row 2, column responsible_officers: there is no such officer: x row 9, column number: made up\ufffd"
            " (dg; x row 9, column number: made up\ufffd)"
        ]
    ]


@pytest.mark.parametrize("char", ["\x00", "\ud800"], ids=["NUL", "surrogate"])
def test_a_reference_that_no_database_can_look_up_is_a_fault(char):
    OfficeGroupFactory(key="g")
    OfficeFactory(code="NA")
    escaped = f"NA_x{ord(char):04X}_"

    outcome = load("group_members", openpyxl_bytes([["group", "office"], ["g", escaped], ["g", "NA"]]))

    assert fault_lines(outcome) == ["row 2, column office: there is no such office (NA\ufffd)"]


# Blank cells


def test_a_blank_cell_is_a_blank_value_and_empties_what_was_there():
    load("offices", TWO)

    assert counts(load("offices", OFFICES + "NA,Namibia,national,, ,\n")) == (0, 1, 0, 0)
    office = Office.objects.get(code="NA")
    assert (office.region, office.is_sample, office.source) == ("", False, "")


def test_a_blank_date_is_no_date():
    columns = "group,title,kind,as_of,source\n"
    load("office_groups", columns + "ldc,LDCs,development,2024-12-13,UN\n")

    assert counts(load("office_groups", columns + "ldc,LDCs,development,,UN\n")) == (0, 1, 0, 0)
    assert OfficeGroup.objects.get().as_of is None


# The trail


def test_an_import_is_one_audit_row_with_the_hash_and_the_counts(secretariat):
    load("offices", TWO)
    data = (TWO.replace("Norway", "Norge") + "SE,Sweden,national,europe,,\n").encode()

    import_file("offices", data, filename="new.csv", by=secretariat, path=AuditEntry.Path.IMPORT)

    entry, first = AuditEntry.objects.all()
    assert (entry.actor, entry.actor_name, entry.path) == (secretariat, str(secretariat), "import")
    assert (entry.action, entry.subject, entry.office_code) == ("import", "offices", "")
    assert entry.details == {
        "filename": "new.csv",
        "sha256": hashlib.sha256(data).hexdigest(),
        "added": 1,
        "changed": 1,
        "unchanged": 1,
        "removed": 0,
    }
    assert (first.actor, first.actor_name, first.path) == (None, "", "command")
    assert first.details["sha256"] == hashlib.sha256(TWO.encode()).hexdigest()


def test_what_changes_nothing_leaves_no_audit_row():
    load("offices", TWO)
    assert AuditEntry.objects.count() == 1

    load("offices", TWO)

    assert AuditEntry.objects.count() == 1


def test_history_keeps_each_value_with_who_brought_it(secretariat):
    load("offices", TWO)
    load("offices", TWO.replace("Norway", "Norge"), by=secretariat)
    load("offices", TWO.replace("Norway", "Norge"), by=secretariat)

    history = Office.history.order_by("history_id").values_list(
        "code", "name", "history_type", "history_user", "history_change_reason"
    )
    first, second = ImportRecord.objects.order_by("imported_at")

    assert list(history) == [
        ("NA", "Namibia", "+", None, f"import {first.pk}"),
        ("NO", "Norway", "+", None, f"import {first.pk}"),
        ("NO", "Norge", "~", secretariat.pk, f"import {second.pk}"),
    ]


# Dry runs and collisions


def test_a_dry_run_counts_and_writes_nothing():
    load("offices", TWO)
    before = AuditEntry.objects.count(), Office.history.count()
    changed = TWO.replace("Norway", "Norge") + "SE,Sweden,national,europe,,\n"

    assert counts(load("offices", changed, dry_run=True)) == (1, 1, 1, 0)

    assert list(Office.objects.values_list("code", "name")) == [("NA", "Namibia"), ("NO", "Norway")]
    assert (AuditEntry.objects.count(), Office.history.count()) == before
    assert counts(load("offices", changed)) == (1, 1, 1, 0)


def test_a_dry_run_names_the_same_faults():
    assert fault_lines(load("offices", FAULTY, dry_run=True)) == FAULTY_LINES


def test_a_collision_with_another_writer_is_a_sentence_and_nothing_is_written(monkeypatch):
    write = OfficeResource.write

    def collide(resource):
        write(resource)
        raise IntegrityError("duplicate key")

    monkeypatch.setattr(OfficeResource, "write", collide)

    with pytest.raises(SheetRefused, match=r"Nothing was imported.*at the same moment.*Try again"):
        load("offices", TWO)
    assert Office.objects.count() == 0
    assert AuditEntry.objects.count() == 0


def test_outcomes_say_whether_anything_was_written():
    assert not Outcome("offices", 0, 0, 5, 0, ()).writes
    assert [Outcome("offices", *which, ()).writes for which in [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 0, 1)]] == [True] * 3


def test_faults_show_their_value_on_one_line():
    assert str(Fault(7, "name", "is wrong", "a\nb\x1b" + "x" * 60)) == (
        "row 7, column name: is wrong (a b\ufffd" + "x" * 56 + "…)"
    )


# Filling


def test_filling_adds_rows_and_fills_blanks_and_replaces_nothing():
    OfficeFactory(code="NA", name="Ours", region="", is_sample=False, source="")
    OfficeFactory(code="NO", name="Norway", region="europe", source="ours")

    outcome = load(
        "offices",
        OFFICES + "NA,Theirs,national,africa,1,theirs\nNO,Norway,national,,0,theirs\nSE,Sweden,national,europe,,\n",
        mode=Mode.FILL,
    )

    assert counts(outcome) == (1, 1, 1, 0)
    assert list(Office.objects.values_list("code", "name", "region", "is_sample", "source")) == [
        ("NA", "Ours", "africa", False, "theirs"),
        ("NO", "Norway", "europe", False, "ours"),
        ("SE", "Sweden", "europe", False, ""),
    ]


def test_filling_a_second_time_has_no_effect():
    OfficeFactory(code="NA", name="Ours")
    load("offices", TWO, mode=Mode.FILL)

    assert counts(load("offices", TWO, mode=Mode.FILL)) == (0, 0, 2, 0)


# Cost


def test_importing_again_asks_the_database_as_often_for_many_rows_as_for_two(django_assert_num_queries):
    OfficeGroupFactory(key="g")
    codes = [OfficeFactory().code for _ in range(40)]
    load("group_members", "group,office\n" + "".join(f"g,{code}\n" for code in codes))
    assert GroupMember.objects.count() == 40

    for rows in (2, 40):
        with django_assert_num_queries(13):
            outcome = load("group_members", "group,office\n" + "".join(f"g,{code}\n" for code in codes[:rows]))
        assert counts(outcome) == (0, 0, rows, 0)
