import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from offices.models import Office
from portal.models import AuditEntry
from portal.spreadsheets.kinds import all_kinds
from tests.factories.portal import openpyxl_bytes

HEADER = "code,name,kind,region,is_sample,source"
GOOD = f"{HEADER}\nNA,Namibia,national,africa,0,\nNO,Norway,national,europe,0,\n"
BAD = f"{HEADER}\nNA,,national,africa,0,\nNO,Norway,national,Europe,0,\n"
BAD_LINES = [
    "row 2, column name: is required ()",
    "row 3, column region: is not one of africa, americas, asia, europe, oceania (Europe)",
]


@pytest.fixture
def file_of(tmp_path):
    def make(content, name="offices.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


def run(capsys, *args):
    """The exit code of the command, and the lines on stdout and stderr."""
    try:
        call_command("import_csv", *args)
    except SystemExit as leaving:
        code = leaving.code
    else:
        code = 0
    out, err = capsys.readouterr()
    return code, out.splitlines(), err.splitlines()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["offices.csv", "offices.xlsx"])
def test_the_last_line_on_stdout_counts(file_of, capsys, name):
    rows = [line.split(",") for line in GOOD.splitlines()]
    path = file_of(openpyxl_bytes(rows) if name.endswith("xlsx") else GOOD, name)

    assert run(capsys, "offices", path) == (0, ["offices: 2 added, 0 changed, 0 unchanged, 0 removed"], [])
    assert run(capsys, "offices", path) == (0, ["offices: 0 added, 0 changed, 2 unchanged, 0 removed"], [])
    assert AuditEntry.objects.get().details["filename"] == name


@pytest.mark.django_db
@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_every_fault_is_a_line_on_stderr_and_the_exit_code_is_1(file_of, capsys, options):
    assert run(capsys, "offices", file_of(BAD), *options) == (1, [], BAD_LINES)
    assert Office.objects.count() == 0


@pytest.mark.django_db
def test_a_dry_run_prints_the_counts_and_writes_nothing(file_of, capsys):
    assert run(capsys, "offices", file_of(GOOD), "--dry-run") == (
        0,
        ["offices: 2 added, 0 changed, 0 unchanged, 0 removed"],
        [],
    )
    assert Office.objects.count() == 0


def test_an_unknown_kind_is_refused(file_of):
    with pytest.raises(CommandError) as refused:
        call_command("import_csv", "office", file_of(GOOD))

    assert str(refused.value) == f"There is no kind 'office'. Kinds: {', '.join(all_kinds())}."


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(CommandError) as refused:
        call_command("import_csv", "offices", tmp_path / "none.csv")

    assert str(refused.value) == f"Cannot read {tmp_path / 'none.csv'}: No such file or directory."


def test_what_is_no_table_is_refused(file_of):
    with pytest.raises(CommandError, match=r"\AThe file is not UTF-8"):
        call_command("import_csv", "offices", file_of(GOOD.encode("utf-16")))


def test_from_a_shell_faults_go_to_stderr_and_the_exit_code_is_1(file_of, tmp_path):
    command = [sys.executable, "manage.py", "import_csv", "offices", file_of("code,name\n")]
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path / 'none.sqlite3'}"}

    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        f"row 1, column {column}: missing column ()" for column in ("kind", "region", "is_sample", "source")
    ]
