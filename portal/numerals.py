"""Roman numerals, with which official documents number their annexes and sections."""

MOST = 3999
# What a numeral is made of, the largest first; a smaller letter before a larger one is taken away.
PARTS = {
    "M": 1000,
    "CM": 900,
    "D": 500,
    "CD": 400,
    "C": 100,
    "XC": 90,
    "L": 50,
    "XL": 40,
    "X": 10,
    "IX": 9,
    "V": 5,
    "IV": 4,
    "I": 1,
}


def roman(number: int) -> str:
    """A number from 1 to 3999 as a numeral; ValueError for another."""
    if not 1 <= number <= MOST:
        raise ValueError(f"{number} has no Roman numeral")
    numeral, rest = "", number
    for letters, value in PARTS.items():
        count, rest = divmod(rest, value)
        numeral += letters * count
    return numeral


def arabic(numeral: str) -> int:
    """The number that `roman` writes so; ValueError where it writes none so."""
    number, rest = 0, numeral
    for letters, value in PARTS.items():
        while rest.startswith(letters) and number < MOST:
            number, rest = number + value, rest.removeprefix(letters)
    if not 1 <= number <= MOST or roman(number) != numeral:
        raise ValueError(f"{numeral[:20]!r} is no Roman numeral")
    return number
