"""A round with texts of every kind, its results as published, and a progress report."""

import datetime
import io
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import connection

from jiu.reports import progress_report
from offices.models import Office, User
from publications.actions import Words, decide_comments, publish_results
from publications.models import Publication
from surveys.results import compute_results
from tests.factories.jiu import make_jiu_recommendation, state
from tests.factories.offices import OfficeFactory
from tests.factories.surveys import AnswerFactory, ResponseFactory, make_tiny_round

ARABIC, CHINESE, FORMULA = "نحن نعمل على ذلك", "我们正在努力", '=HYPERLINK("http://x","y")'


def office_of(code: str) -> Office:
    """The office, which may be that of a persona."""
    return Office.objects.filter(code=code).first() or OfficeFactory(code=code, name=f"Office of {code}")


@pytest.fixture
def round_of_three():
    """Three offices, two of which responded, with texts of every kind; closed."""
    offices = [office_of(code) for code in ("AU", "NA", "NO")]
    tiny = make_tiny_round(*offices, opens_on=datetime.date(2025, 5, 2), closes_on=datetime.date(2025, 7, 7))
    texts = {"AU": (ARABIC, CHINESE), "NA": (FORMULA, "Call Ms Smith.")}
    for code, (proposal, experience) in texts.items():
        office = next(office for office in offices if office.code == code)
        response = ResponseFactory(survey=tiny.survey, office=office, submitted=True)
        for item, level in zip(tiny.recommendations, ("implemented", "in_progress", "planned"), strict=True):
            AnswerFactory(response=response, question=tiny.by_kind["levels"], recommendation=item, value=level)
        first = tiny.recommendations[0]
        AnswerFactory(response=response, question=tiny.by_kind["select"], recommendation=first, value="yes")
        AnswerFactory(response=response, question=tiny.by_kind["choice"], value="partly", comment=f"{code} explains.")
        AnswerFactory(response=response, question=tiny.by_kind["text"], value=proposal)
        AnswerFactory(response=response, question=tiny.by_kind["comments"], recommendation=first, value=experience)
    return tiny


@pytest.fixture
def results(round_of_three):
    return compute_results(round_of_three.survey)


def words(reason="", title="Results"):
    return Words(title, reason, uuid4())


@pytest.fixture
def published(results, secretariat) -> Publication:
    """With every text released but the one that names somebody; by somebody who has a name."""
    User.objects.filter(pk=secretariat.pk).update(name="Sam Secretariat")
    secretariat.refresh_from_db()
    decisions = {text: "Ms Smith" not in text.text for text in results.texts}
    decide_comments(survey=results.survey, decisions=decisions, by=secretariat)
    return publish_results(results=compute_results(results.survey), words=words(), by=secretariat)


@pytest.fixture
def progress():
    first = make_jiu_recommendation("JIU/REP/2021/6", 1, "LB")
    state(first, "2022-03-31", "in_progress")
    state(first, "2023-03-31", "implemented", assessment="Done.")
    silent = make_jiu_recommendation("JIU/REP/2020/7", 2, "EH")
    state(silent, "2022-03-31", "not_started")
    return progress_report(as_at=datetime.date(2023, 3, 31), since=datetime.date(2022, 3, 31))


KEPT = "publications_publication_kept"


@contextmanager
def tampering() -> Iterator[None]:
    """As somebody may write who has the database in their hands: the trigger is away meanwhile."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Before a change of the table, what waits for the end of the transaction has to be done.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE publications_publication DISABLE TRIGGER {KEPT}")
            yield
            cursor.execute(f"ALTER TABLE publications_publication ENABLE TRIGGER {KEPT}")
            return
        trigger = trigger_of_sqlite()
        cursor.execute(f"DROP TRIGGER {KEPT}")
        yield
        cursor.execute(trigger)


def trigger_of_sqlite() -> str:
    """The statement that makes it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [KEPT])
        (statement,) = cursor.fetchone()
    return str(statement)


def tamper(publication: Publication | None = None, **values) -> None:
    """Write over one publication, or over all."""
    rows = Publication._base_manager.all()
    with tampering():
        (rows.filter(pk=publication.pk) if publication else rows).update(**values)


def remove() -> None:
    """Take all publications away."""
    with tampering(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM publications_publication")


def file_of(client, form: str, address: str = "/publications/1/1") -> io.BytesIO:
    """A file of a publication, as the public downloads it."""
    answer = client.get(f"{address}/publication.{form}")
    return io.BytesIO(b"".join(answer.streaming_content) if answer.streaming else answer.content)


def sent(page, **typed) -> dict[str, str]:
    """What a browser sends from this page."""
    return {field.html_name: field.value() or "" for field in page.context["form"]} | typed
