"""PostgreSQL empties the audit trail no more than it deletes a row: TRUNCATE fires no trigger of rows.

Who may set `session_replication_role`, a superuser, still can. On SQLite there is no such statement.
"""

from django.db import migrations

TRIGGER = """
CREATE TRIGGER portal_auditentry_not_emptied BEFORE TRUNCATE ON portal_auditentry
FOR EACH STATEMENT EXECUTE FUNCTION portal_auditentry_kept();
"""


def add_trigger(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(TRIGGER, params=None)


def remove_trigger(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER portal_auditentry_not_emptied ON portal_auditentry", params=None)


class Migration(migrations.Migration):
    dependencies = [("portal", "0003_kept_trail")]

    operations = [migrations.RunPython(add_trigger, remove_trigger)]
