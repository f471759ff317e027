"""How figures are made from counts, the same everywhere."""


def percent_of(count: int, base: int) -> int | None:
    """The share in whole per cent, rounded half up (1 of 8 is 13); None for a base of 0.

    Exact: floats would round 12.5 to the even neighbour, and some shares to the wrong side.
    """
    return (200 * count + base) // (2 * base) if base else None
