"""The canonical form of what is published, and the hashes over it.

Anybody can check a publication: its JSON file is the canonical form byte for byte, and the SHA-256 printed
with it is that of the file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from publications.models import Publication

# What a row says as its content does, under the same name.
FRAMED = ("number", "version", "kind", "title", "is_sample", "reason", "software")
# What the seal covers besides the content: each field as text, in this order.
SEALED = (
    "number",
    "version",
    "kind",
    "subject",
    "title",
    "is_sample",
    "sha256",
    "reason",
    "software",
    "published_at",
    "published_by_name",
)


def canonical(content: dict[str, Any]) -> str:
    """JSON with sorted keys, no needless space and no escapes: equal contents give equal text.

    Raises ValueError for what JSON has no value for (NaN), TypeError for what it has no form for.
    """
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def digest(text: str) -> str:
    """SHA-256 of the UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def seal_of(publication: Publication) -> str:
    """The hash over all that a row says, who published it included."""
    parts = [sealed_text(getattr(publication, name)) for name in SEALED]
    return digest(canonical({"sealed": parts}))


def sealed_text(value: object) -> str:
    isoformat = getattr(value, "isoformat", None)
    return isoformat(timespec="microseconds") if isoformat else str(value)


def faults_of(publication: Publication) -> Iterator[str]:
    """What a row contradicts itself in, each a sentence; nothing where it does not."""
    if seal_of(publication) != publication.seal:
        yield "The row was altered: its seal is not that of what it says."
    if digest(publication.content) != publication.sha256:
        yield "The content was altered: its SHA-256 is another than the one published."
        return
    try:
        content = json.loads(publication.content)
        same = canonical(content) == publication.content
        altered = altered_fields(publication, content)
    except (ValueError, TypeError, KeyError):
        yield "The content is not in the canonical form."
        return
    if not same:
        yield "The content is not in the canonical form."
    for name in altered:
        yield f"The row was altered: its {name} is not that of the content."


def altered_fields(publication: Publication, content: dict[str, Any]) -> list[str]:
    """In which fields a row says another thing than its content. Raises KeyError, TypeError where it says nothing."""
    frozen = {name: content[name] for name in FRAMED}
    frozen |= {"subject": subject_in(content), "published_at": content["published_at"]}
    says = {name: getattr(publication, name) for name in FRAMED}
    says |= {
        "subject": publication.subject,
        "published_at": publication.published_at.isoformat(timespec="seconds"),
    }
    return [name for name, value in says.items() if value != frozen[name]]


def subject_in(content: dict[str, Any]) -> str:
    """Of what a content is: the key of the round, or the two dates of the report."""
    if content["kind"] == Publication.Kind.RESULTS:
        return str(content["survey"]["key"])
    return f"{content['report']['as_at']}/{content['report']['since']}"
