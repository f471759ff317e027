"""django-survey-and-report on the same answers, in an environment of its own: nothing of it is a part of the portal.

pip brings it into `var/`, once; its models are filled in a scratch database, and its own CSV export is timed there.
"""

import json
import subprocess
import venv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import django
from django.conf import settings

from benchmarks.data import OPTIONS, QUESTIONS, RECOMMENDATIONS, Given
from surveys.models import LEVELS, Question

VERSION = "1.5.0"
NAME = f"django-survey-and-report {VERSION}"
PATIENCE = 1_800  # seconds
PROJECT = Path(__file__).with_name("survey_and_report_project.py")


class NotMeasured(Exception):
    """The other program cannot be had here; the text says why."""


@dataclass(frozen=True)
class Measured:
    seconds: float
    queries: int
    lines: int


def measure(answers: Iterable[Given]) -> Measured:
    """Raises NotMeasured."""
    python = environment()
    with TemporaryDirectory() as folder:
        data = Path(folder, "answers.json")
        data.write_text(json.dumps({"questions": questions(), "responses": responses(answers)}))
        # Without the portal on its path, whose settings it must not find.
        command = [str(path) for path in (python, "-I", PROJECT, data, Path(folder, "scratch.sqlite3"))]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=folder)
    if done.returncode:
        raise NotMeasured(done.stderr.strip().splitlines()[-1])
    return Measured(**json.loads(done.stdout))


def environment() -> Path:
    """The Python that has it."""
    folder = settings.VAR / f"bench_survey_and_report_{VERSION}"
    python = folder / "bin" / "python"
    done = folder / "complete"
    if not done.exists():
        venv.create(folder, clear=True, with_pip=True)
        wanted = [f"django-survey-and-report=={VERSION}", f"django=={django.__version__}"]
        pip = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", *wanted], capture_output=True, text=True, check=False
        )
        if pip.returncode:
            raise NotMeasured(f"since pip cannot install it ({pip.stderr.strip().splitlines()[-1]})")
        done.touch()
    return python


# The same answers in its models: what we ask for each Recommendation is a question of its own there


def questions() -> list[dict[str, str]]:
    found = []
    for name, kind, _exclusive in QUESTIONS:
        if kind in {Question.Kind.LEVELS, Question.Kind.COMMENTS}:
            its_type, choices = ("select", ",".join(LEVELS)) if kind == Question.Kind.LEVELS else ("text", "")
            found += [{"key": f"{name} {number}", "type": its_type, "choices": choices} for number in RECOMMENDATIONS]
        elif kind == Question.Kind.SELECT:
            options = [*map(str, RECOMMENDATIONS), "none", "na"]
            found.append({"key": name, "type": "select-multiple", "choices": ",".join(options)})
        elif kind == Question.Kind.CHOICE:
            found.append({"key": name, "type": "radio", "choices": ",".join(OPTIONS)})
        else:
            found.append({"key": name, "type": "text", "choices": ""})
        if kind in {Question.Kind.LEVELS, Question.Kind.CHOICE}:
            remarks = [f"{item['key']} remark" for item in found if item["key"].partition(" ")[0] == name]
            found += [{"key": remark, "type": "text", "choices": ""} for remark in remarks]
    return found


def responses(answers: Iterable[Given]) -> dict[str, dict[str, str]]:
    """By office, then by question, the body as it keeps it."""
    kinds = {name: kind for name, kind, _exclusive in QUESTIONS}
    said: defaultdict[str, dict[str, str]] = defaultdict(dict)
    several: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for answer in answers:
        kind = kinds[answer.question]
        each = kind in {Question.Kind.LEVELS, Question.Kind.COMMENTS}
        key = f"{answer.question} {answer.recommendation}" if each else answer.question
        if kind == Question.Kind.SELECT:
            several[answer.office, key].append(str(answer.recommendation or answer.value))
        else:
            said[answer.office][key] = answer.value
        if answer.comment:
            said[answer.office][f"{key} remark"] = answer.comment
    for (office, key), chosen in several.items():
        said[office][key] = "[" + ", ".join(f"u'{option}'" for option in chosen) + "]"
    return said
