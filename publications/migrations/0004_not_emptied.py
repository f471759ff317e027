"""PostgreSQL empties the table of publications no more than it deletes a row: TRUNCATE fires no trigger of rows.

Who may set `session_replication_role`, a superuser, still can. On SQLite there is no such statement.
"""

from django.db import migrations

TRIGGER = """
CREATE TRIGGER publications_publication_not_emptied BEFORE TRUNCATE ON publications_publication
FOR EACH STATEMENT EXECUTE FUNCTION publications_publication_kept();
"""


def add_trigger(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(TRIGGER, params=None)


def remove_trigger(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "DROP TRIGGER publications_publication_not_emptied ON publications_publication", params=None
        )


class Migration(migrations.Migration):
    dependencies = [("publications", "0003_kept_publications")]

    operations = [migrations.RunPython(add_trigger, remove_trigger)]
