"""Whole rounds nobody has seen before: the files of every kind they need, from a seed."""

import random
from dataclasses import dataclass
from functools import cached_property

from tests.factories.portal import counts, load, protected_csv_bytes

LEVELS = ["implemented", "in_progress", "planned", "under_consideration", "not_planned"]
REGIONS = ["", "africa", "americas", "asia", "europe", "oceania"]
# Numbers with gaps, which sort otherwise as text than as numbers.
NUMBERS = [1, 2, 3, 5, 9, 10, 11, 20]
# Question, kind, exclusive option; their order in the questionnaire is another.
QUESTIONS = [
    ("comments-by-number", "comments", ""),
    ("challenges", "select", "na"),
    ("NO", "levels", ""),
    ("focus", "select", ""),
    ("low", "select", "none"),
    ("policy", "choice", ""),
    ("proposals", "text", ""),
]
OPTIONS = [("yes", 0), ("no", 0), ("partly", 1), ("NA", 0)]
TEXTS = [
    "Plain.",
    "العربية: نعم، «قريبًا»",
    "中文，明年完成",
    'Two lines,\nand "quotes"; a comma, too',
    "\r\nCRLF\r\n",
    "=1+1",
    "+41 22",
    "-",
    "@home",
    "'quoted'",
    "\tindented",
    "NA",
    "NO",
    "0",
    "_x000D_",
]


@dataclass(frozen=True)
class Round:
    """The rows of each file, header first, by kind in loading order."""

    key: str
    files: dict[str, list[list[object]]]

    @cached_property
    def responses(self) -> list[list[object]]:
        """The rows of the answers, without the header."""
        return self.files["responses"][1:]

    def load(self, write=protected_csv_bytes) -> None:
        """Import every file, in order, in the form that `write` gives; fails if one has a fault."""
        for kind, rows in self.files.items():
            counts(load(kind, write(rows)))


def invent_round(seed: int, *, offices: int, key: str = "unseen") -> Round:
    """A round of that many offices, a few of them not invited, a few without a response."""
    dice = random.Random(seed)
    codes = ["NA", "NO", *(f"{key[:1].upper()}{number:04}" for number in range(offices))][:offices]
    invited = [code for code in codes if code == codes[0] or dice.random() < 0.95]
    responding = [code for code in invited if code == codes[0] or dice.random() < 0.85]
    orders = dice.sample(range(1, 99), len(QUESTIONS))
    # Two questions of one order stand in the order of their keys.
    orders[1] = orders[0]
    files = {
        "offices": [
            ["code", "name", "kind", "region", "is_sample", "source"],
            *([code, f"Office {code}", "national", dice.choice(REGIONS), 0, ""] for code in codes),
        ],
        "office_groups": [
            ["group", "title", "kind", "as_of", "source"],
            *([group, f"Group {group}", "other", "", ""] for group in groups_of(key)),
        ],
        "group_members": [
            ["group", "office"],
            *([f"{key}-half", code] for code in codes if dice.random() < 0.5),
            [f"{key}-one", codes[0]],
            *([f"{key}-silent", code] for code in codes if code not in responding),
        ],
        "recommendation_sets": [
            ["set", "issuer", "symbol", "title", "issued_on", "stage", "supersedes", "is_relevant", "source"],
            [f"{key}-set", "CWS", "", "Set", "2024", "adopted", "", 1, ""],
        ],
        "recommendations": [
            ["set", "number", "addressee", "label", "summary", "official_text", "due_on", "due_text", "source"],
            *([f"{key}-set", number, "", f"Label {number}", "", "", "", "", ""] for number in NUMBERS),
        ],
        "surveys": [
            ["survey", "title", "set", "opens_on", "closes_on", "is_sample"],
            [key, "An unseen round", f"{key}-set", "2025-05-02", "2025-07-07", 0],
        ],
        "questions": [
            ["survey", "question", "order", "kind", "text", "exclusive_option"],
            *(
                [key, question, order, kind, f"{question}?", exclusive]
                for order, (question, kind, exclusive) in zip(orders, QUESTIONS, strict=True)
            ),
        ],
        "question_options": [
            ["survey", "question", "option", "order", "label", "needs_explanation"],
            *([key, "policy", option, 9 - place, option.title(), flag] for place, (option, flag) in enumerate(OPTIONS)),
        ],
        "invitations": [["survey", "office"], *([key, code] for code in invited)],
        "responses": [
            ["survey", "office", "question", "recommendation", "value", "comment"],
            *([key, code, *answer] for code in responding for answer in invent_response(dice)),
        ],
    }
    return Round(key, files)


def groups_of(key: str) -> list[str]:
    """A half of the offices, one office that responded, those that did not, and nobody."""
    return [f"{key}-half", f"{key}-one", f"{key}-silent", f"{key}-nobody"]


def invent_response(dice: random.Random) -> list[list[object]]:
    """Question, recommendation, value and comment of each answer; at least one."""
    answers: list[list[object]] = []
    for question, kind, exclusive in QUESTIONS:
        if dice.random() < 0.15:
            continue
        numbers = [number for number in NUMBERS if dice.random() < 0.7]
        if kind == "levels":
            answers += [[question, number, dice.choice(LEVELS[:4]), comment(dice)] for number in numbers]
        elif kind == "comments":
            answers += [[question, number, dice.choice(TEXTS), ""] for number in numbers[:2]]
        elif kind == "text":
            answers.append([question, "", dice.choice(TEXTS), comment(dice)])
        elif kind == "choice":
            # The last option is never chosen: its column is of zeros.
            option, needs_explanation = dice.choice(OPTIONS[:-1])
            answers.append([question, "", option, "Because." if needs_explanation else comment(dice)])
        elif exclusive and dice.random() < 0.3:
            answers.append([question, "", exclusive, comment(dice)])
        else:
            answers += [[question, number, "yes", comment(dice)] for number in numbers[:4]]
    return answers or [["proposals", "", "Nothing else.", ""]]


def comment(dice: random.Random) -> str:
    return dice.choice(TEXTS) if dice.random() < 0.1 else ""
