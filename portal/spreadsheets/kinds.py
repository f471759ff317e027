"""The register of kinds: each app names its Resource classes here when it is made ready."""

from portal.spreadsheets.resources import SheetResource

_KINDS: dict[str, type[SheetResource]] = {}


def register(*resources: type[SheetResource]) -> None:
    """Make kinds known, in the order in which they can be loaded into an empty database."""
    for resource in resources:
        _KINDS[resource.kind] = resource


def all_kinds() -> dict[str, type[SheetResource]]:
    """Resource classes by kind, in loading order."""
    return dict(_KINDS)


def resource_for(kind: str) -> type[SheetResource]:
    """The Resource of a kind. Raises LookupError with a sentence that lists the kinds."""
    try:
        return _KINDS[kind]
    except KeyError:
        raise LookupError(f"There is no kind {kind!r}. Kinds: {', '.join(_KINDS)}.") from None
