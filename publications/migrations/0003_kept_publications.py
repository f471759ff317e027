"""The database itself keeps every publication as it was published.

As for the audit trail (portal 0003): an update is refused, but for the link to an account that is deleted
(SET NULL), and PostgreSQL refuses a DELETE too. On SQLite emptying a database is a DELETE in every table,
so that there the model refuses it, and `verify_publications` misses a row that is gone.
"""

from django.db import migrations

KEPT = "a publication is kept as it was published"

COLUMNS = (
    "id",
    "number",
    "version",
    "kind",
    "subject",
    "title",
    "is_sample",
    "content",
    "sha256",
    "seal",
    "reason",
    "software",
    "published_at",
    "published_by_name",
    "token",
)

SQLITE = f"""
CREATE TRIGGER publications_publication_kept BEFORE UPDATE ON publications_publication
WHEN NEW.published_by_id IS NOT NULL OR {" OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in COLUMNS)}
BEGIN SELECT RAISE(ABORT, '{KEPT}'); END
"""

POSTGRESQL = f"""
CREATE FUNCTION publications_publication_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.published_by_id IS NULL
        AND to_jsonb(NEW) - 'published_by_id' = to_jsonb(OLD) - 'published_by_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '{KEPT}' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER publications_publication_kept BEFORE UPDATE OR DELETE ON publications_publication
FOR EACH ROW EXECUTE FUNCTION publications_publication_kept();
"""


def add_trigger(apps, schema_editor):
    statement = {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]
    schema_editor.execute(statement, params=None)


def remove_trigger(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER IF EXISTS publications_publication_kept", params=None)
    else:
        schema_editor.execute("DROP FUNCTION IF EXISTS publications_publication_kept() CASCADE", params=None)


class Migration(migrations.Migration):
    dependencies = [("publications", "0002_frozen")]

    operations = [migrations.RunPython(add_trigger, remove_trigger)]
