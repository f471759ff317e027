"""The office that answers the JIU, and the officers whom a document names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from jiu.actions.importing.outcome import Part
from jiu.actions.importing.run import Run
from jiu.models import BUREAU
from jiu.reading import posts
from jiu.reading.posts import Directory, Post
from offices.models import Office
from portal.spreadsheets.kinds import resource_for
from portal.spreadsheets.reading import read_table
from portal.text import one_line
from recommendations.models import Officer

# Officers by the recommendation that they answer for: the key of its report, and its number.
type_of_officers = Mapping[tuple[str, int], frozenset[Officer]]


def take_bureau(run: Run) -> Part:
    """The office that answers the JIU, from the reference data where it is missing."""
    reference = reference_rows("offices")
    held = Office.objects.filter(code=BUREAU).exists()
    rows = [] if held else [(1, row) for row in reference if row["code"] == BUREAU]
    if not held and not rows:
        missing = {"code": BUREAU, "name": "International Bureau", "kind": Office.Kind.INTERNATIONAL}
        rows = [(1, missing)]
    part = run.fill("offices", rows)
    return part if rows else replace(part, unchanged=1)


def take_officers(run: Run) -> tuple[Part, type_of_officers]:
    """The officers whom the document names: as held, else from the reference data, else as it prints them."""
    items = run.reading.items
    directory = Directory(map(held_post, Officer.objects.all()), map(reference_post, reference_rows("officers")))
    known = directory.known
    alone = {name for item in items for name in posts.names_in(item.officers, known)}
    known |= {posts.bare(posts.short(name)) for name in alone} - {""}
    # A line holds one recommendation.
    names = {item.line: posts.names_in(item.officers, known) for item in items}
    directory.learn(name for item in items for name in names[item.line])
    keys = {(item.key, item.number): keys_of(run, item.line, names[item.line], directory) for item in items}
    named = {key for found in keys.values() for key in found}
    lines = {key: item.line for item in reversed(items) for key in keys[item.key, item.number]}
    missing = [post for key in sorted(named) if (post := directory.to_make(key))]
    part = run.fill("officers", [(lines[post.key], officer_row(post)) for post in missing])
    officers = {officer.key: officer for officer in Officer.objects.filter(key__in=named)}
    by_place = {place: frozenset(officers[key] for key in found) for place, found in keys.items()}
    return replace(part, unchanged=len(named) - len(missing)), by_place


def keys_of(run: Run, line: int, names: Iterable[str], directory: Directory) -> list[str]:
    keys: list[str] = []
    for name in names:
        found = directory.find(name)
        if len(found) == 1:
            keys += found
        else:
            text = _("“%(name)s” may be %(keys)s: nobody is named") if found else _("“%(name)s” is too long")
            run.tell(line, text % {"name": one_line(name), "keys": ", ".join(sorted(found))})
    return keys


def held_post(officer: Officer) -> Post:
    return Post(officer.key, officer.title, officer.abbreviation, tuple(officer.aliases.splitlines()))


def reference_post(row: Mapping[str, str]) -> Post:
    aliases = tuple(alias.strip() for alias in row["aliases"].split(";"))
    return Post(row["officer"], row["title"], row["abbreviation"], aliases)


def officer_row(post: Post) -> dict[str, str]:
    aliases = "; ".join(alias for alias in post.aliases if alias)
    return {"officer": post.key, "title": post.title, "abbreviation": post.abbreviation, "aliases": aliases}


def reference_rows(kind: str) -> list[dict[str, str]]:
    """The rows of a kind's reference file, read as an import reads them; none where there is no such file."""
    file = Path(settings.BASE_DIR) / "fixtures" / f"{kind}.csv"
    if not file.exists():
        return []
    table = read_table(file.read_bytes(), resource_for(kind).column_names())
    return [dict(zip(table.headers, row, strict=True)) for row in table.rows]
