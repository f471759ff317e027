"""`manage.py progress_report`: the contract's JSON, and sentences for what cannot be."""

import datetime
import json
import os
import resource
import signal
import subprocess
import sys

import docx
import pytest
from django.core.management import CommandError, call_command

from jiu.management.commands import progress_report as command
from jiu.reports import progress_report
from tests.factories.jiu import make_jiu_recommendation, state

pytestmark = pytest.mark.django_db

NOT_BEFORE = "The date to compare with must be before the date of the report."
DATES = ("--as-at", "2022-03-31", "--since", "2021-03-31")


@pytest.fixture
def stated():
    item = make_jiu_recommendation("JIU/REP/2020/6", 3, "EH")
    state(item, "2021-03-31", "planned", "", assessment="À venir, قريبًا.")
    state(item, "2022-03-31", "implemented", assessment="Fait.")


def run(*options):
    call_command("progress_report", *options)


@pytest.mark.usefixtures("stated")
def test_the_json_is_that_of_the_report(capsys):
    run(*DATES)
    printed = capsys.readouterr().out
    report = progress_report(as_at=datetime.date(2022, 3, 31), since=datetime.date(2021, 3, 31))
    assert json.loads(printed) == report.as_json()
    assert list(json.loads(printed)) == [
        "as_at",
        "since",
        "outstanding",
        "new",
        "closed",
        "endorsements",
        "active_reports",
        "recommendations",
    ]
    assert list(json.loads(printed)["recommendations"][0]) == [
        "symbol",
        "number",
        "addressee",
        "acceptance",
        "implementation",
        "previous_acceptance",
        "previous_implementation",
        "is_new",
        "update_received",
        "assessment_updated",
        "officers",
        "assessment",
        "due_on",
    ]


@pytest.mark.usefixtures("stated")
def test_a_file_holds_what_would_be_printed(capsys, tmp_path):
    run(*DATES)
    printed = capsys.readouterr().out
    run(*DATES, "--format", "json", "--output", str(tmp_path / "report.json"))
    assert (tmp_path / "report.json").read_text(encoding="utf-8") == printed
    assert capsys.readouterr().out == ""


def test_without_data_the_report_is_empty(capsys):
    run(*DATES)
    assert json.loads(capsys.readouterr().out)["recommendations"] == []


@pytest.mark.parametrize(
    ("as_at", "since", "sentence"),
    [
        ("2022-03-31", "2022-03-31", f"--since '2022-03-31': {NOT_BEFORE}"),
        ("2022-03-31", "2022-04-01", f"--since '2022-04-01': {NOT_BEFORE}"),
        ("31.03.2022", "2021-03-31", "--as-at '31.03.2022': Write the date as year-month-day, such as 2022-03-31."),
        ("2022-02-30", "2021-03-31", "--as-at '2022-02-30': Write the date as year-month-day, such as 2022-03-31."),
        ("2022-03-31", "", "--since '': Both dates are needed."),
    ],
)
def test_wrong_dates_are_refused_with_a_sentence(as_at, since, sentence):
    with pytest.raises(CommandError) as refused:
        run("--as-at", as_at, "--since", since)
    assert str(refused.value) == sentence
    assert refused.value.returncode == 1


def test_both_wrong_dates_are_named():
    with pytest.raises(CommandError, match=r"--as-at 'x': .* --since 'y': "):
        run("--as-at", "x", "--since", "y")


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    name = str(tmp_path / "nowhere" / "report.json")
    with pytest.raises(CommandError) as refused:
        run(*DATES, "--output", name)
    assert str(refused.value) == f"{name} cannot be written: No such file or directory."
    with pytest.raises(CommandError, match="Is a directory"):
        run(*DATES, "--output", str(tmp_path))


def test_a_file_that_cannot_be_completed_leaves_the_one_before(tmp_path):
    file = tmp_path / "report.json"
    file.write_text("the report of last year")
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    # What a full disk does: less is written than there is, then an error.
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30, limit[1]))
    try:
        with pytest.raises(CommandError, match=r"report\.json cannot be written: File too large\."):
            command.write_file(str(file), b"x" * 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, ignored)
    assert file.read_text() == "the report of last year"
    assert list(tmp_path.iterdir()) == [file]


def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path):
    pipe, link, file = tmp_path / "pipe", tmp_path / "link", tmp_path / "report.json"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    link.symlink_to(file)
    for path in (pipe, link):
        command.write_file(str(path), b"a report")
    assert os.read(reader, 100) == b"a report"
    os.close(reader)
    assert pipe.is_fifo()
    assert link.is_symlink()
    assert file.read_bytes() == b"a report"


def test_docx_is_a_document_of_word(tmp_path):
    run(*DATES, "--format", "docx", "--output", str(tmp_path / "report.docx"))
    word = docx.Document(str(tmp_path / "report.docx"))
    assert (
        word.core_properties.title
        == "Progress report on the implementation of the recommendations of the Joint Inspection Unit"
    )


def test_a_document_goes_out_byte_by_byte(monkeypatch, capfdbinary, tmp_path):
    """What another format needs is one entry in the table of formats."""
    content = b"PK\x03\x04\xff\xfe\r\n"
    monkeypatch.setitem(command.FORMATS, "docx", lambda report: content)
    run(*DATES, "--format", "docx", "--output", str(tmp_path / "report.docx"))
    assert (tmp_path / "report.docx").read_bytes() == content
    run(*DATES, "--format", "docx")
    sys.stdout.flush()
    assert capfdbinary.readouterr().out == content


def test_a_refusal_is_exit_code_1_on_the_command_line():
    found = subprocess.run(
        [sys.executable, "manage.py", "progress_report", "--as-at", "2022", "--since", "2021-03-31"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr.strip().endswith("Write the date as year-month-day, such as 2022-03-31.")
