"""The independent count: what offices did, read off what they said and nothing else."""

from collections import Counter
from fractions import Fraction
from math import floor

from tests.factories.comparisons import KINDS, Spoken


def state(spoken: Spoken, office: str, question: str, number: int | None, code: str | None) -> str:
    """What one office did at one line of one round, read off what it said and nothing else."""
    if office not in spoken.said:
        return "no_response"
    said = spoken.said[office]
    at_all = [value for (name, _number), value in said.items() if name == question]
    if KINDS[question] == "select":
        if not at_all:
            return "no_answer"
        if code == "no_answer":
            return "answered"
        chosen = said.get((question, number)) == ("yes" if code is None else code)
        return "selected" if chosen else "not_selected"
    value = said.get((question, number))
    if value is None:
        return "no_answer"
    return "answered" if KINDS[question] in {"text", "comments"} else value


def count_flow(earlier, later, places, question, code, among) -> Counter:
    """`places` is the number of the recommendation in each round."""
    everybody = (earlier.invited | later.invited) & among
    return Counter(
        (state(earlier, office, question, places[0], code), state(later, office, question, places[1], code))
        for office in everybody
    )


def nonzero(flow: dict) -> Counter:
    return Counter({(a, b): n for a, row in flow["cells"].items() for b, n in row.items() if n})


def percent(count: int, base: int) -> int | None:
    return floor(Fraction(count * 100, base) + Fraction(1, 2)) if base else None


def count_cell(spoken, question, number, code, column, among) -> int:
    """How many of these offices are counted in one cell of the round's table."""
    states = Counter(state(spoken, office, question, number, code) for office in spoken.came & among)
    if KINDS[question] == "select":
        return states["no_answer"] if code == "no_answer" else states["selected"]
    return states[column]


def count_base(spoken, question, number, base, among) -> int:
    came = spoken.came & among
    if base == "responding":
        return len(came)
    if KINDS[question] == "select":
        return sum(any(name == question for name, _number in spoken.said[office]) for office in came)
    return sum((question, number) in spoken.said[office] for office in came)


def offices_of(spoken: list[Spoken], both: bool, region: str | None) -> set[str]:
    regions = {office.code: office.region for s in spoken for office in s.offices}
    among = {code for code, of in regions.items() if region in (None, of)}
    for one in spoken if both else ():
        among &= one.came
    return among
