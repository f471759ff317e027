"""How figures are made from counts and printed, the same everywhere."""


def percent_of(count: int, base: int) -> int | None:
    """The share in whole per cent, rounded half up (1 of 8 is 13); None for a base of 0.

    Exact: floats would round 12.5 to the even neighbour, and some shares to the wrong side.
    """
    return (200 * count + base) // (2 * base) if base else None


def in_per_cent(percent: int | None) -> str:
    """A share as printed, `57%`; a dash where there is none."""
    return "–" if percent is None else f"{percent}%"


def with_share(count: int, percent: int | None) -> str:
    """A count with its share: `12 (57%)`."""
    return f"{count} ({in_per_cent(percent)})"
