"""A row of the audit trail stays as it was written: by the model, and by the database itself."""

import pytest
from django.db import IntegrityError, connection, transaction

from offices.models import User
from portal import audit
from portal.models import AuditEntry, TrailIsKept
from tests.factories.offices import UserFactory

pytestmark = pytest.mark.django_db

TABLE = AuditEntry._meta.db_table
SETS = {
    "at": "at = '2020-01-01'",
    "actor_name": "actor_name = 'Somebody else'",
    "office_code": "office_code = 'NO'",
    "path": "path = 'admin'",
    "action": "action = 'nothing'",
    "subject": "subject = ''",
    "details": "details = '{}'",
    "id": "id = id + 1",
}


@pytest.fixture
def person() -> User:
    return UserFactory(email="ada@example.org", name="Ada")


@pytest.fixture
def entry(person) -> AuditEntry:
    return audit.record(by=person, path="form", action="publish", subject="1.1", office_code="NA", reason="none")


def execute(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def update(values: str) -> None:
    execute(f"UPDATE {TABLE} SET {values}")  # noqa: S608  # of this file's own


def as_written() -> tuple:
    fields = ("actor_name", "office_code", "path", "action", "subject", "details")
    return AuditEntry.objects.values_list(*fields).get()


def test_the_model_refuses(entry):
    refused = [
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(subject="other"),
        lambda: AuditEntry.objects.bulk_update([entry], ["subject"]),
    ]
    for write in refused:
        with pytest.raises(TrailIsKept), transaction.atomic():
            write()
    assert as_written() == ("Ada <ada@example.org>", "NA", "form", "publish", "1.1", {"reason": "none"})


def test_every_column_but_the_account_is_kept():
    assert {field.column for field in AuditEntry._meta.concrete_fields} == {*SETS, "actor_id"}


@pytest.mark.parametrize("column", SETS)
def test_the_database_refuses_an_update(entry, column):
    with pytest.raises(IntegrityError, match="kept as it was written"):
        update(SETS[column])
    assert as_written() == ("Ada <ada@example.org>", "NA", "form", "publish", "1.1", {"reason": "none"})


def test_the_database_refuses_another_person(entry):
    other = UserFactory()
    with pytest.raises(IntegrityError, match="kept as it was written"):
        update(f"actor_id = {other.pk}")


def test_the_database_refuses_a_change_beside_an_account_that_goes(entry):
    with pytest.raises(IntegrityError, match="kept as it was written"):
        update("actor_id = NULL, subject = 'other'")


@pytest.mark.postgresql
def test_the_database_refuses_a_delete(entry):
    with pytest.raises(IntegrityError, match="kept as it was written"):
        execute(f"DELETE FROM {TABLE}")  # noqa: S608  # of this file's own


@pytest.mark.postgresql
def test_the_database_refuses_to_empty_the_table(entry):
    # Before it, what waits for the end of the transaction has to be done.
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="kept as it was written"):
        execute(f"TRUNCATE {TABLE}")
    assert AuditEntry.objects.exists()
    # The control.
    execute(f"DROP TRIGGER portal_auditentry_not_emptied ON {TABLE}")
    execute(f"TRUNCATE {TABLE}")
    assert not AuditEntry.objects.exists()


def test_an_account_that_is_deleted_leaves_its_name(entry, person):
    person.delete()
    entry.refresh_from_db()
    assert (entry.actor, entry.actor_name) == (None, "Ada <ada@example.org>")


def test_without_the_trigger_the_database_would_change_it(entry):
    """The control."""
    table = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    execute(f"DROP TRIGGER portal_auditentry_kept{table}")
    update("subject = 'other'")
    assert as_written()[4] == "other"


@pytest.mark.django_db(transaction=True)
def test_a_database_can_still_be_emptied(entry):
    """As tests with transactions do after themselves: the next one finds nothing."""
    assert AuditEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_and_was_emptied():
    assert AuditEntry.objects.count() == 0
