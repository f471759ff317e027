import datetime

import pytest

from offices.models import GroupMember, Office, OfficeGroup
from portal.spreadsheets.resources import Mode
from tests.factories.offices import GroupMemberFactory, OfficeFactory, OfficeGroupFactory
from tests.factories.portal import (
    EXPORTS,
    counts,
    csv_bytes,
    exported,
    fault_lines,
    load,
    openpyxl_bytes,
    xlsxwriter_bytes,
)

pytestmark = pytest.mark.django_db

OFFICES = "code,name,kind,region,is_sample,source\n"
GROUPS = "group,title,kind,as_of,source\n"
MEMBERS = "group,office\n"
WRITERS = {"csv": csv_bytes, "openpyxl": openpyxl_bytes, "xlsxwriter": xlsxwriter_bytes}


# Offices


def test_an_office_is_added_with_every_column():
    assert counts(load("offices", OFFICES + "EP,European Patent Office,regional,europe,1,WIPO ST.3\n")) == (1, 0, 0, 0)

    office = Office.objects.get()
    assert (office.code, office.name, office.kind) == ("EP", "European Patent Office", "regional")
    assert (office.region, office.is_sample, office.source) == ("europe", True, "WIPO ST.3")


@pytest.mark.parametrize(
    "row",
    [
        "EP,Other name,regional,europe,1,WIPO ST.3",
        "EP,European Patent Office,international,europe,1,WIPO ST.3",
        "EP,European Patent Office,regional,,1,WIPO ST.3",
        "EP,European Patent Office,regional,europe,1,",
    ],
)
def test_a_change_of_any_column_is_a_change_with_its_history(row):
    load("offices", OFFICES + "EP,European Patent Office,regional,europe,1,WIPO ST.3\n")
    office = Office.objects.get()

    assert counts(load("offices", OFFICES + row)) == (0, 1, 0, 0)

    assert Office.objects.get().pk == office.pk
    assert [",".join(map(str, cells)) for cells in exported("offices")] == [row]
    assert list(office.history.values_list("history_type", flat=True)) == ["~", "+"]
    assert counts(load("offices", OFFICES + row)) == (0, 0, 1, 0)


def test_spaces_around_codes_are_no_part_of_them():
    load("offices", OFFICES + "EP,Office,regional,europe,1,\n")

    assert counts(load("offices", OFFICES + " EP ,Office, regional ,europe , 1,  \n")) == (0, 0, 1, 0)


def test_the_faults_of_an_office():
    outcome = load("offices", OFFICES + ",,,,,\n,x,,,,\nA,Name,national,na,true,\nÄU,Name,National,,2,\n")

    assert fault_lines(outcome) == [
        "row 3, column code: is required ()",
        "row 3, column kind: is required ()",
        "row 4, column code: is not an office code: 2 to 8 capital letters or digits (A)",
        "row 4, column region: is not one of africa, americas, asia, europe, oceania (na)",
        "row 4, column is_sample: is not 1, 0 or empty (true)",
        "row 5, column code: is not an office code: 2 to 8 capital letters or digits (ÄU)",
        "row 5, column kind: is not one of national, regional, international (National)",
        "row 5, column is_sample: is not 1, 0 or empty (2)",
    ]


@pytest.mark.parametrize("flag", [True, 1, "1", 1.0])
def test_a_workbook_may_hold_flags_as_booleans_numbers_or_text(flag):
    rows = [OFFICES.strip().split(","), ["NA", "Namibia", "national", None, flag, None]]

    assert counts(load("offices", openpyxl_bytes(rows))) == (1, 0, 0, 0)
    assert Office.objects.get().is_sample is True


# Namibia and Norway


@pytest.mark.parametrize("writer", WRITERS)
def test_namibia_and_norway_are_neither_empty_nor_false(writer):
    write = WRITERS[writer]
    offices = [["code", "name", "kind", "region", "is_sample", "source"]]
    offices += [["NA", "Namibia", "national", "africa", "0", ""], ["NO", "Norway", "national", "europe", "0", ""]]
    groups = [["group", "title", "kind", "as_of", "source"], ["NA", "NO", "other", "", "NA"]]
    members = [["group", "office"], ["NA", "NA"], ["NA", "NO"]]

    assert counts(load("offices", write(offices))) == (2, 0, 0, 0)
    assert counts(load("office_groups", write(groups))) == (1, 0, 0, 0)
    assert counts(load("group_members", write(members))) == (2, 0, 0, 0)

    assert [row[:2] for row in exported("offices")] == [["NA", "Namibia"], ["NO", "Norway"]]
    assert exported("office_groups") == [["NA", "NO", "other", "", "NA"]]
    assert exported("group_members") == [["NA", "NA"], ["NA", "NO"]]


@pytest.mark.parametrize("form", EXPORTS)
@pytest.mark.parametrize("kind", ["offices", "office_groups", "group_members"])
def test_exports_read_back_without_a_change(kind, form):
    group = OfficeGroupFactory(key="NO", title="=1+1", as_of=datetime.date(2024, 12, 13), source="'quoted;\n中文")
    for code in ("NA", "NO"):
        GroupMemberFactory(group=group, office=OfficeFactory(code=code, name='العربية "x", y'))
    file = EXPORTS[form](kind)
    rows = exported(kind)

    assert counts(load(kind, file)) == (0, 0, len(rows), 0)

    GroupMember.objects.all().delete()
    for model in {"offices": [Office], "office_groups": [OfficeGroup]}.get(kind, []):
        model.objects.all().delete()
    assert counts(load(kind, file)) == (len(rows), 0, 0, 0)
    assert exported(kind) == rows


# Groups and their members


def test_a_group_is_added_changed_and_left_as_it_is():
    row = "ldc,LDCs,development,2024-12-13,UN list\n"
    assert counts(load("office_groups", GROUPS + row)) == (1, 0, 0, 0)
    group = OfficeGroup.objects.get()
    assert (group.key, group.title, group.kind, group.as_of, group.source) == (
        "ldc",
        "LDCs",
        "development",
        datetime.date(2024, 12, 13),
        "UN list",
    )
    assert counts(load("office_groups", GROUPS + row)) == (0, 0, 1, 0)

    assert counts(load("office_groups", GROUPS + "ldc,LDCs,other,2026-01-01,\n")) == (0, 1, 0, 0)

    assert exported("office_groups") == [["ldc", "LDCs", "other", "2026-01-01", ""]]
    assert list(group.history.values_list("history_type", "kind", "source")) == [
        ("~", "other", ""),
        ("+", "development", "UN list"),
    ]


def test_a_date_cell_of_a_workbook_is_a_date():
    rows = [GROUPS.strip().split(","), ["ldc", "LDCs", "development", datetime.date(2024, 12, 13), None]]

    assert counts(load("office_groups", openpyxl_bytes(rows))) == (1, 0, 0, 0)
    assert OfficeGroup.objects.get().as_of == datetime.date(2024, 12, 13)


def test_the_faults_of_a_group():
    outcome = load(
        "office_groups",
        GROUPS + "a b,T,taskforce,2024,\nx,,other,13.12.2024,\nx,T,other,20241213,\nz,T,other,2025-02-29,\n",
    )

    assert fault_lines(outcome) == [
        "row 2, column group: is not a key: use letters without accents, digits, hyphen and underscore (a b)",
        "row 2, column kind: is not one of task_force, development, respondents, other (taskforce)",
        "row 2, column as_of: is not a date: write it like 2025-05-02 (2024)",
        "row 3, column title: is required ()",
        "row 3, column as_of: is not a date: write it like 2025-05-02 (13.12.2024)",
        "row 4, column as_of: is not a date: write it like 2025-05-02 (20241213)",
        "row 4, column group: doubled key, the same as in row 3 (x)",
        "row 5, column as_of: is not a date: write it like 2025-05-02 (2025-02-29)",
    ]


def test_members_are_added_once_with_history():
    OfficeGroupFactory(key="g")
    OfficeFactory(code="NA")
    OfficeFactory(code="NO")

    assert counts(load("group_members", MEMBERS + "g,NA\n")) == (1, 0, 0, 0)
    assert counts(load("group_members", MEMBERS + "g,NO\n g , NA \n")) == (1, 0, 1, 0)

    assert exported("group_members") == [["g", "NA"], ["g", "NO"]]
    assert sorted(GroupMember.history.values_list("history_type", "office__code")) == [("+", "NA"), ("+", "NO")]


def test_the_faults_of_a_member():
    OfficeGroupFactory(key="g")
    OfficeFactory(code="NA")

    outcome = load("group_members", MEMBERS + "g,NA\nh,XX\n,\n,NA\ng,na\ng,NA\n")

    assert fault_lines(outcome) == [
        "row 3, column group: there is no such group of offices (h)",
        "row 3, column office: there is no such office (XX)",
        "row 5, column group: is required ()",
        "row 6, column office: there is no such office (na)",
        "row 7, column group,office: doubled key, the same as in row 2 (g,NA)",
    ]
    assert GroupMember.objects.count() == 0


def test_filling_groups_leaves_titles_and_fills_dates():
    OfficeGroupFactory(key="ldc", title="Ours", as_of=None)

    assert counts(load("office_groups", GROUPS + "ldc,Theirs,other,2024-12-13,UN\n", mode=Mode.FILL)) == (0, 1, 0, 0)
    assert exported("office_groups") == [["ldc", "Ours", "other", "2024-12-13", "UN"]]


def test_what_is_invented_stays_so_and_what_is_real():
    load("offices", OFFICES + "EP,European Patent Office,regional,europe,1,\n")
    outcome = load("offices", OFFICES + "EP,European Patent Office,regional,europe,0,\n")
    assert [str(fault) for fault in outcome.faults] == [
        "row 2, column is_sample: cannot change: what is invented stays so, and what is real (0)"
    ]
