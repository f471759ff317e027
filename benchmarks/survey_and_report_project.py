"""A Django project around django-survey-and-report: fills its models and times its own CSV export.

Run by its own Python, with the answers as JSON and a path for the database. Prints JSON.
"""

# mypy: ignore-errors
# The package is not installed where types are checked.
# ruff: noqa: PLC0415
# Models can be imported once Django is set up.

import json
import sys
import time
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

DATA, DATABASE = sys.argv[1:]
BATCH = 1_000


def configure() -> None:
    settings.configure(
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "survey"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATABASE}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=True,
        CHOICES_SEPARATOR=",",
        USER_DID_NOT_ANSWER="",
        EXCEL_COMPATIBLE_CSV=False,
        DEFAULT_SURVEY_PUBLISHING_DURATION=7,
    )
    django.setup()
    call_command("migrate", verbosity=0)


@transaction.atomic
def fill():
    """One user, one response and its answers for each office."""
    from django.contrib.auth.models import User
    from survey.models import Answer, Question, Response, Survey

    data = json.loads(Path(DATA).read_text())
    survey = Survey.objects.create(name="Bench", description="", need_logged_user=True)
    questions = {
        asked["key"]: Question.objects.create(
            survey=survey, text=asked["key"], order=order, required=False, type=asked["type"], choices=asked["choices"]
        )
        for order, asked in enumerate(data["questions"])
    }
    offices = data["responses"]
    users = User.objects.bulk_create([User(username=office) for office in offices], BATCH)
    responses = Response.objects.bulk_create(
        [Response(survey=survey, user=user, interview_uuid=user.username) for user in users], BATCH
    )
    Answer.objects.bulk_create(
        [
            Answer(response=response, question=questions[key], body=body)
            for response, said in zip(responses, offices.values(), strict=True)
            for key, body in said.items()
        ],
        BATCH,
    )
    return survey


def export(survey) -> dict[str, float]:
    """Once: it takes long, and asks the database for every answer."""
    from survey.exporter.csv import Survey2Csv

    queries = 0

    def count(execute, *asked):
        nonlocal queries
        queries += 1
        return execute(*asked)

    with connection.execute_wrapper(count):
        start = time.perf_counter()
        text = str(Survey2Csv(survey))
        seconds = time.perf_counter() - start
    return {"seconds": seconds, "queries": queries, "lines": text.count("\n") + 1}


configure()
print(json.dumps(export(fill())))
