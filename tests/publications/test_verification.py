"""`verify_publications`: what is intact says so, and whatever was altered is found, whoever sealed it anew."""

import datetime
import uuid

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import translation

from jiu.models import Questionnaire
from portal import audit
from portal.models import AuditEntry
from publications.actions import publish_progress_report, publish_results
from publications.freezing import SEALED, digest, seal_of
from publications.models import Publication
from publications.verification import faults_in_trail, verify
from surveys.models import Answer
from surveys.results import compute_results
from tests.factories.jiu import QuestionnaireFactory, ReviewFactory
from tests.publications.conftest import remove, tamper, tampering, words

pytestmark = pytest.mark.django_db


def run(capsys) -> tuple[int, str, str]:
    try:
        call_command("verify_publications")
        code = 0
    except SystemExit as left:
        code = left.code
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_what_is_intact_says_so_and_whether_the_data_still_agree(published, capsys):
    assert run(capsys) == (
        0,
        "publication 1, version 1: intact; the data give the same figures\npublications: 1 checked, 0 altered\n",
        "",
    )
    Answer.objects.filter(value="implemented").update(value="planned")
    assert "the data give other figures by now" in run(capsys)[1]


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("content", "{}", "The content was altered"),
        ("title", "Another", "The row was altered"),
        ("published_by_name", "Another", "The row was altered"),
        ("reason", "Another", "The row was altered"),
    ],
)
def test_a_tampered_row_is_found(published, capsys, column, value, fault):
    tamper(**{column: value})
    code, out, err = run(capsys)
    assert (code, out.splitlines()[-1]) == (1, "publications: 1 checked, 1 altered")
    assert fault in err


def test_one_tampered_with_all_its_hashes_does_not_fit_the_audit_trail(published, capsys):
    published.content = published.content.replace('"percent":100', '"percent":99')
    published.sha256 = digest(published.content)
    published.seal = seal_of(published)
    tamper(content=published.content, sha256=published.sha256, seal=published.seal)
    assert "not the one in the audit trail" in run(capsys)[2]


def test_one_that_is_gone_is_missed(published, capsys):
    remove()
    assert "publication 1, version 1: It is missing" in run(capsys)[2]


# Sealed anew


def faults() -> str:
    """What is said about the only publication."""
    (finding,) = verify()
    return "\n".join(finding.faults)


def tamper_and_seal(published, **values) -> None:
    for name, value in values.items():
        setattr(published, name, value)
    tamper(**values, seal=seal_of(published))


OTHERS = {
    "number": 7,
    "version": 3,
    "kind": "progress_report",
    "subject": "another",
    "title": "Another",
    "is_sample": True,
    "reason": "Another.",
    "software": "another 9",
    "published_at": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_row_sealed_anew_is_found_and_what_was_altered_is_named(published, name):
    tamper_and_seal(published, **{name: OTHERS[name]})
    found = [fault for finding in verify() for fault in finding.faults]
    assert f"The row was altered: its {name} is not that of the content." in found
    assert [fault for fault in found if "is not that of the content" in fault] == [
        f"The row was altered: its {name} is not that of the content."
    ]


def test_every_sealed_field_is_tampered_with_here():
    assert set(SEALED) == {*OTHERS, "sha256", "published_by_name"}


def test_within_a_second_the_trail_tells(published):
    tamper_and_seal(published, published_at=published.published_at.replace(microsecond=1))
    assert faults() == "The row was altered: its seal is not the one in the audit trail."


def test_another_person_is_found(personas, published):
    tamper_and_seal(published, published_by_name="Mallory")
    assert "The row was altered: the person is not the one in the audit trail." in faults()


def test_another_account_is_found(personas, published):
    tamper(published_by=personas["administrator"])
    assert faults() == "The row was altered: the person is not the one in the audit trail."


def test_an_account_that_is_deleted_is_no_fault(published, secretariat):
    secretariat.delete()
    assert Publication.objects.get().published_by is None
    assert faults() == ""


# What no PostgreSQL takes, SQLite keeps in any column.
UNREADABLE = {
    "a day": "published_at = 'garbage'",
    "a mark": "token = 'zz'",
    "letters": "content = CAST(x'ff' AS TEXT)",
    "bytes": "content = x'7b7d'",
    "a place": "number = CAST(x'ff' AS TEXT)",
}


@pytest.mark.parametrize("setting", UNREADABLE.values(), ids=UNREADABLE)
def test_a_row_that_cannot_be_read_does_not_hide_the_others(published, results, secretariat, capsys, setting):
    if connection.vendor != "sqlite":
        pytest.skip("the types of columns are those of SQLite")
    publish_results(results=results, words=words("", "Another"), by=secretariat)
    with tampering(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE publications_publication SET {setting} WHERE id = {published.pk}")  # noqa: S608
    code, out, err = run(capsys)
    assert code == 1
    assert "The row cannot be read." in err
    assert "publication 2, version 1: intact; the data give the same figures" in out
    if not setting.startswith("number"):
        assert err == "publication 1, version 1: The row cannot be read.\n"


def test_another_token_is_found(published):
    tamper_and_seal(published, token=uuid.uuid4())
    assert faults() == "The row was altered: its token is not the one in the audit trail."


def test_entries_of_before_the_trail_knew_tokens(published):
    """A later one, as none can be altered."""
    entry = AuditEntry.objects.get(action="publish")
    older = {name: value for name, value in entry.details.items() if name != "token"}
    assert [*faults_in_trail(published, [AuditEntry(actor_name=entry.actor_name, details=older)])] == []
    tamper(token=uuid.uuid4())
    published = Publication.objects.get()
    assert [*faults_in_trail(published, [AuditEntry(actor_name=entry.actor_name, details=older)])] == []


@pytest.mark.parametrize("content", ["[]", "{}", "7", '{"kind":"results"}', "no JSON"])
def test_a_content_that_is_none_is_a_fault_and_no_crash(published, content):
    tamper_and_seal(published, content=content, sha256=digest(content))
    assert "Its SHA-256 is not the one in the audit trail." in faults()
    assert "The content is not in the canonical form." in faults()


def test_a_number_is_given_once_whatever_becomes_of_its_row(published, results, secretariat):
    second = publish_results(results=results, words=words("A slip."), corrects=published, by=secretariat)
    remove()
    other = publish_results(results=results, words=words("", "Another"), by=secretariat)
    assert (second.version, other.number, other.version) == (2, 2, 1)
    assert [(finding.name, finding.is_intact) for finding in verify()] == [
        ("publication 2, version 1", True),
        ("publication 1, version 1", False),
        ("publication 1, version 2", False),
    ]


def test_a_version_is_given_once_whatever_becomes_of_its_row(published, results, secretariat):
    third = publish_results(results=results, words=words("A slip."), corrects=published, by=secretariat)
    with_another_number = published.number + 5
    tamper(third, number=with_another_number)
    assert publish_results(results=results, words=words("Again."), corrects=published, by=secretariat).version == 3


def test_two_that_were_published_in_one_place_are_named(published, secretariat):
    audit.record(
        by=secretariat, path="form", action="publish", subject="1.1", number=1, version=1, sha256="0" * 64, seal=""
    )
    assert faults() == "The audit trail says 2 times that something was published here."


# Figures


def told() -> list[bool | None]:
    return [finding.same_figures for finding in verify()]


def test_the_language_in_which_something_was_published_makes_no_other_figures(results, progress, secretariat):
    with translation.override("fr"):
        publish_results(results=compute_results(results.survey), words=words(), by=secretariat)
        publish_progress_report(report=progress, words=words("Why."), by=secretariat)
    assert told() == [True, True]


def test_timeliness_is_a_figure_of_a_progress_report(progress, secretariat):
    ReviewFactory(reference="A1", title="A review")
    QuestionnaireFactory(reference="A1", title="A questionnaire", due_on="2023-01-31", answered_on="2023-01-30")
    publish_progress_report(report=progress, words=words("Why."), by=secretariat)
    assert told() == [True]
    Questionnaire.objects.update(answered_on="2023-02-28")
    assert told() == [False]
