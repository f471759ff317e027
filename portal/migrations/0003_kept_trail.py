"""The database itself keeps the audit trail as it was written.

An update is refused, but for the link to an account that is deleted (SET NULL). PostgreSQL refuses a
DELETE too; TRUNCATE, which empties a whole database, is no DELETE there. On SQLite emptying a database
is a DELETE in every table, so that there the model alone refuses it.
"""

from django.db import migrations

KEPT = "the audit trail is kept as it was written"

SQLITE = f"""
CREATE TRIGGER portal_auditentry_kept BEFORE UPDATE ON portal_auditentry
WHEN NOT (
    NEW.actor_id IS NULL AND NEW.id IS OLD.id AND NEW.at IS OLD.at AND NEW.actor_name IS OLD.actor_name
    AND NEW.office_code IS OLD.office_code AND NEW.path IS OLD.path AND NEW.action IS OLD.action
    AND NEW.subject IS OLD.subject AND NEW.details IS OLD.details
)
BEGIN SELECT RAISE(ABORT, '{KEPT}'); END
"""

POSTGRESQL = f"""
CREATE FUNCTION portal_auditentry_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.actor_id IS NULL AND to_jsonb(NEW) - 'actor_id' = to_jsonb(OLD) - 'actor_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '{KEPT}' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER portal_auditentry_kept BEFORE UPDATE OR DELETE ON portal_auditentry
FOR EACH ROW EXECUTE FUNCTION portal_auditentry_kept();
"""


def add_trigger(apps, schema_editor):
    statement = {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]
    schema_editor.execute(statement, params=None)


def remove_trigger(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER IF EXISTS portal_auditentry_kept", params=None)
    else:
        schema_editor.execute("DROP FUNCTION IF EXISTS portal_auditentry_kept() CASCADE", params=None)


class Migration(migrations.Migration):
    dependencies = [("portal", "0002_rich_rounds")]

    operations = [migrations.RunPython(add_trigger, remove_trigger)]
