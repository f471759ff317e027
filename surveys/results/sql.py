"""Reads that group what was grouped already, which the ORM cannot say: its own queries inside one statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import QuerySet


def read_with(
    parts: Mapping[str, QuerySet[Any, Any]], statement: str, *, further: Mapping[str, str] | None = None
) -> list[tuple[Any, ...]]:
    """The rows of a statement in which each part stands as a table of its name: one query.

    A part that nothing can match is an empty table. `further` tables and the statement itself take no parameters,
    and hold nothing that a person typed.
    """
    compiled = {
        name: rows.query.get_compiler(connection=connection, elide_empty=False).as_sql() for name, rows in parts.items()
    }
    tables = [f"{name} AS ({sql})" for name, (sql, _parameters) in compiled.items()]
    tables += [f"{name} AS ({sql})" for name, sql in (further or {}).items()]
    parameters = [value for _sql, values in compiled.values() for value in values]
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(tables)} {statement}", parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
