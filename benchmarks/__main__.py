"""`python -m benchmarks`: every measurement on SQLite and, where one answers, on PostgreSQL.

Exits with 1 if a bound is broken. BENCH_POSTGRESQL names another server than the local one.
"""

import os
import secrets
import subprocess
import sys
from importlib import import_module

import django
from django.db import OperationalError, connection

from benchmarks.harness import database_version, scratch_database

MEASUREMENTS = ("results", "importing", "standing", "crosstable", "publications")
POSTGRESQL = os.environ.get("BENCH_POSTGRESQL", "postgres://postgres@127.0.0.1:5432/postgres")
# As in production: with DEBUG=1 Django notes every statement, which blurs the difference.
PRODUCTION = {"DEBUG": "0", "SECRET_KEY": secrets.token_urlsafe(50), "ALLOWED_HOSTS": "localhost"}


def main() -> int:
    """Measure on each database in a process of its own, since settings are read once a process."""
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | PRODUCTION
    codes = [
        subprocess.run([sys.executable, "-m", "benchmarks", "here"], env=environment | database, check=False).returncode
        for database in ({}, {"DATABASE_URL": POSTGRESQL})
    ]
    return 1 if any(codes) else 0


def measure_here() -> int:
    """Measure on the database of the settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    if not answers():
        print(f"{connection.display_name}: not measured, since no server answers (BENCH_POSTGRESQL names one)")
        return 0
    with scratch_database():
        print(database_version(), flush=True)
        verdicts = [
            comparison.run() for name in MEASUREMENTS for comparison in import_module(f"benchmarks.{name}").measure()
        ]
    return 0 if all(verdicts) else 1


def answers() -> bool:
    """Whether there is a database; a SQLite file can always be made."""
    if connection.vendor == "sqlite":
        return True
    try:
        connection.ensure_connection()
    except OperationalError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(measure_here() if sys.argv[1:] == ["here"] else main())
