"""The database itself keeps a publication as it was published."""

import pytest
from django.db import IntegrityError, connection, transaction

from portal import audit
from publications.models import Publication
from tests.factories.offices import UserFactory
from tests.publications.conftest import remove, tamper

pytestmark = pytest.mark.django_db

SETS = {
    "id": "id = id + 1",
    "number": "number = 7",
    "version": "version = 7",
    "kind": "kind = 'progress_report'",
    "subject": "subject = 'another'",
    "title": "title = 'Another'",
    "is_sample": "is_sample = (1 = 1)",
    "content": "content = '{}'",
    "sha256": "sha256 = ''",
    "seal": "seal = ''",
    "reason": "reason = 'Another.'",
    "software": "software = ''",
    "published_at": "published_at = '2020-01-01'",
    "published_by_name": "published_by_name = 'Mallory'",
    "token": "token = '00000000000000000000000000000000'",
}


def execute(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def update(values: str) -> None:
    execute(f"UPDATE publications_publication SET {values}")  # noqa: S608  # of this file's own


def test_every_column_but_the_account_is_kept():
    assert {field.column for field in Publication._meta.concrete_fields} == {*SETS, "published_by_id"}


@pytest.mark.parametrize("column", SETS)
def test_the_database_refuses_an_update(published, column):
    before = Publication.objects.values().get()
    with pytest.raises(IntegrityError, match="kept as it was published"):
        update(SETS[column])
    assert Publication.objects.values().get() == before


def test_the_database_refuses_another_person(published):
    with pytest.raises(IntegrityError, match="kept as it was published"):
        update(f"published_by_id = {UserFactory().pk}")


def test_the_database_refuses_a_change_beside_an_account_that_goes(published):
    with pytest.raises(IntegrityError, match="kept as it was published"):
        update("published_by_id = NULL, title = 'Another'")


@pytest.mark.postgresql
def test_the_database_refuses_a_delete(published):
    with pytest.raises(IntegrityError, match="kept as it was published"):
        execute("DELETE FROM publications_publication")


@pytest.mark.postgresql
def test_the_database_refuses_to_empty_the_table(published):
    # Before it, what waits for the end of the transaction has to be done.
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="kept as it was published"):
        execute("TRUNCATE publications_publication")
    assert Publication.objects.exists()
    # The control.
    execute("DROP TRIGGER publications_publication_not_emptied ON publications_publication")
    execute("TRUNCATE publications_publication")
    assert not Publication.objects.exists()


def test_an_account_that_is_deleted_leaves_its_name(published, secretariat):
    name = audit.named(secretariat)
    secretariat.delete()
    assert Publication.objects.values_list("published_by", "published_by_name").get() == (None, name)


def test_without_the_trigger_the_database_would_change_it(published):
    """The control."""
    tamper(title="Another")
    assert Publication.objects.get().title == "Another"
    remove()
    assert not Publication.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_database_can_still_be_emptied(published):
    """As tests with transactions do after themselves: the next one finds nothing."""
    assert Publication.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_and_was_emptied():
    assert Publication.objects.count() == 0
