import io
import os
import threading

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from offices.models import Office
from portal.spreadsheets.kinds import all_kinds
from tests.factories.offices import OfficeFactory
from tests.factories.portal import counts, load
from tests.factories.recommendations import RecommendationFactory

pytestmark = pytest.mark.django_db

TEXTS = [
    "العربية «اقتباس»",
    "中文，专利局",
    "one\ntwo\r\nthree",
    'say "hi"; twice, or',
    "=1+1",
    "'quoted",
    "\ttab",
    "+@-",
]


@pytest.fixture
def offices():
    """Namibia and Norway among texts that a careless program loses."""
    for place, text in enumerate(TEXTS):
        OfficeFactory(code=f"X{place}", name="Office", source=text)
    OfficeFactory(code="NA", name="Namibia", region="africa", source="")
    OfficeFactory(code="NO", name="Norway", region="europe", is_sample=True)


def test_without_a_file_the_export_goes_to_stdout(capsys):
    OfficeFactory(code="NO", name="Norway", region="europe", source="=1")
    OfficeFactory(code="NA", name="Namibie é", is_sample=True)

    call_command("export_csv", "offices")

    assert capsys.readouterr().out == (
        "code,name,kind,region,is_sample,source\r\nNA,Namibie é,national,,1,\r\nNO,Norway,national,europe,0,'=1\r\n"
    )


def test_a_csv_file_is_utf_8_without_a_mark(tmp_path):
    OfficeFactory(code="NA", name="挪威")

    call_command("export_csv", "offices", tmp_path / "offices.csv")

    expected = "code,name,kind,region,is_sample,source\r\nNA,挪威,national,,0,\r\n"
    assert (tmp_path / "offices.csv").read_bytes() == expected.encode()


@pytest.mark.usefixtures("offices")
@pytest.mark.parametrize("name", ["offices.csv", "offices.xlsx", "OFFICES.XLSX"])
def test_an_export_reads_back_without_a_change(tmp_path, name):
    path = tmp_path / name
    call_command("export_csv", "offices", path)
    total = len(TEXTS) + 2

    assert counts(load("offices", path.read_bytes())) == (0, 0, total, 0)

    before = list(Office.objects.values_list("code", "name", "region", "is_sample", "source"))
    Office.objects.all().delete()
    assert counts(load("offices", path.read_bytes())) == (total, 0, 0, 0)
    assert list(Office.objects.values_list("code", "name", "region", "is_sample", "source")) == before


@pytest.mark.usefixtures("offices")
def test_the_sheet_of_a_workbook_is_named_after_its_kind_and_holds_text_as_text(tmp_path):
    call_command("export_csv", "offices", tmp_path / "offices.xlsx")

    book = openpyxl.load_workbook(tmp_path / "offices.xlsx")

    assert book.sheetnames == ["offices"]
    rows = list(book["offices"].iter_rows(min_row=2))
    assert {cell.data_type for row in rows for cell in row[:4] if cell.value is not None} == {"s"}
    assert [row[5].value for row in rows if row[5].value][4:6] == ["=1+1", "'quoted"]
    assert [(row[0].value, row[4].value) for row in rows[:2]] == [("NA", 0), ("NO", 1)]


def test_an_export_of_nothing_is_its_header(capsys):
    call_command("export_csv", "group_members")

    assert capsys.readouterr().out == "group,office\r\n"


@pytest.mark.parametrize("kind", list(all_kinds()))
def test_every_kind_has_an_export_that_imports(kind, capsys):
    call_command("export_csv", kind)

    assert counts(load(kind, capsys.readouterr().out)) == (0, 0, 0, 0)


def test_an_unknown_kind_is_refused():
    with pytest.raises(CommandError, match=r"\AThere is no kind 'office'\. Kinds: offices, "):
        call_command("export_csv", "office", stdout=io.StringIO())


def test_a_text_beyond_a_cell_is_refused_by_name_and_leaves_the_file_as_it_was(tmp_path):
    RecommendationFactory(recommendation_set__key="s", official_text="x" * 32_768)
    path = tmp_path / "recommendations.xlsx"
    path.write_bytes(b"earlier")

    with pytest.raises(CommandError) as refused:
        call_command("export_csv", "recommendations", path)

    assert str(refused.value).startswith("row 2, column official_text: 32768 characters")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("recommendations.xlsx", b"earlier")]


def test_such_a_text_fits_into_csv(tmp_path):
    RecommendationFactory(recommendation_set__key="s", official_text="x" * 32_768)
    path = tmp_path / "recommendations.csv"

    call_command("export_csv", "recommendations", path)

    assert counts(load("recommendations", path.read_bytes())) == (0, 0, 1, 0)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    path = tmp_path / "none" / "offices.csv"

    with pytest.raises(CommandError) as refused:
        call_command("export_csv", "offices", path)

    assert str(refused.value) == f"Cannot write {path}: No such file or directory."


def test_a_file_of_before_keeps_its_rights_a_link_its_place_and_a_pipe_its_nature(tmp_path):
    file, link, pipe = (tmp_path / name for name in ("offices.csv", "link.csv", "pipe"))
    file.write_text("before")
    file.chmod(0o600)
    link.symlink_to(file)
    call_command("export_csv", "offices", str(link))
    assert link.is_symlink()
    assert file.read_text().startswith("code,")
    assert file.stat().st_mode & 0o777 == 0o600

    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    read: list[str] = []
    reader.start()
    call_command("export_csv", "offices", str(pipe))
    reader.join(timeout=10)
    assert read[0].startswith("code,")
    assert pipe.is_fifo()
