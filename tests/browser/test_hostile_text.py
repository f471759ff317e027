"""Script, markup, formulas and bidirectional text in every text of the database: no page and no file is moved by it."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import docx
import openpyxl
import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from playwright.sync_api import ConsoleMessage, Dialog, Page

from portal.fields import KeyField
from portal.models import AuditEntry
from publications.actions import Words, decide_comments, publish_results
from publications.models import Publication
from surveys.models import Answer, Question
from surveys.results import compute_results
from tests.factories.matrix import PERSONAS, UNSEEN, World, make_world, text_fields
from tests.matrix.asking import unpacked
from tests.matrix.cells import OK, REAL, kind_of
from tests.matrix.routes import all_routes
from tests.matrix.table import policies

HOSTILE = [
    "=1+1<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "\u202e=gnp.\u2066</textarea><script>alert(3)</script> نص",
    "@SUM(1)'><svg onload=alert(4)>",
    "-1+cmd|' /C calc'!A0<iframe srcdoc='<script>alert(5)</script>'>",
    "+javascript:alert(6)]]></title><!-- & &lt;b&gt;",
    '=HYPERLINK("javascript:alert(7)","x")\u200f',
]
# What the portal itself reads and nobody writes freely: codes, names of kinds, what says whose a set is.
READ_BY_THE_PORTAL = {"ImportRecord.kind", "Office.code", "PendingImport.kind", "RecommendationSet.issuer"}
# The database keeps these as they were written.
KEPT = {AuditEntry, Publication}
# The first answers a GET with nothing at all, which a browser takes for a failure; the second is a file of numbers.
NO_PAGES = {"admin:logout", "mfa_download_recovery_codes"}
FILES = (".csv", ".xlsx", ".docx", ".json")


# The texts


_numbers = itertools.count(1)


def hostile(item: models.Field) -> Any:
    """A text that the column holds, different from every other."""
    number = next(_numbers)
    text = HOSTILE[number % len(HOSTILE)]
    if isinstance(item, models.EmailField):
        return f'"<b>{number}</b>"@example.org'
    if isinstance(item, models.URLField):
        return f'https://example.org/{number}"><script>alert(8)</script>'
    if isinstance(item, models.JSONField):
        return {text: [text, {"changed": text}], "changes": [{"changed": {"fields": [text]}}]}
    room = (item.max_length or 1000) - len(f" {number}")
    return f"{text[:room]} {number}"


def columns(model: type[models.Model]) -> Iterator[models.Field]:
    name = model.__name__.removeprefix("Historical")
    for item in text_fields(model):
        if not isinstance(item, KeyField) and f"{name}.{item.name}" not in READ_BY_THE_PORTAL:
            yield item


def poison() -> None:
    """Fill every text of every row, and of what it said before."""
    for model in apps.get_models():
        if model in KEPT or model._meta.label in UNSEEN:
            continue
        for row in model._base_manager.all():
            values = {item.name: hostile(item) for item in columns(model)}
            if isinstance(row, Answer) and row.question.kind not in Question.FREE_TEXT:
                del values["value"]  # a code
            if "data" in values and getattr(row, "type", ""):
                values["data"] = {**row.data, "name": HOSTILE[1]}
            if values:
                model._base_manager.filter(pk=row.pk).update(**values)


def write_what_is_kept(world: World) -> None:
    """A trail, a log of the administration and a publication that hold what the rows do."""
    texts = {item.name: hostile(item) for item in text_fields(AuditEntry)}
    AuditEntry.objects.create(path="form", office_code="AU", **texts)
    LogEntry.objects.create(
        user=world.people["administrator"],
        content_type=ContentType.objects.get_for_model(world.offices["AU"]),
        object_id=world.offices["AU"].pk,
        object_repr=HOSTILE[0],
        action_flag=2,
        change_message=HOSTILE[1],
    )
    by = world.people["secretariat"]
    results = compute_results(world.past)
    decisions = dict.fromkeys(results.texts, True)
    decide_comments(survey=world.past, decisions=decisions, seen=dict.fromkeys(results.texts), by=by)
    world.past.refresh_from_db()
    words = Words(HOSTILE[0], HOSTILE[1], uuid4())
    publish_results(results=compute_results(world.past), words=words, corrects=world.publication, by=by)


@pytest.fixture
def world(transactional_db) -> World:
    made = make_world()
    poison()
    write_what_is_kept(made)
    return made


# The addresses


def addresses(world: World, name: str) -> dict[str, Any]:
    """Every page and file that this persona can read, once for each kind of object, with what the table expects."""
    persona = next(item for item in PERSONAS if item.name == name)
    found = {
        all_routes()[route].url(**kwargs) + policy.asked: expected
        for route, policy in policies().items()
        if route not in NO_PAGES
        for relation, kwargs in policy.objects(world, persona).items()
        if kind_of(relation) in REAL and reads(expected := policy.expected(name, "GET", relation))
    }
    # The second version has what the texts above became.
    later = {
        address.replace("/publications/1/1/", "/publications/1/2/"): expected for address, expected in found.items()
    }
    return found | later


def reads(expected: Any) -> bool:
    return OK in (expected if isinstance(expected, tuple) else (expected,))


def is_file(address: str) -> bool:
    return address.partition("?")[0].endswith(FILES)


# Pages


class Witness:
    """Hears what a page does that no text may make it do."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.said: list[str] = []
        self.shown = 0  # pages that show one of the texts above
        page.on("dialog", self.dismiss)
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.said.append(f"error {error}"))

    def dismiss(self, dialog: Dialog) -> None:
        self.said.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def hear(self, message: ConsoleMessage) -> None:
        # The browser reports every refusal of the content security policy here; also pages that are not found.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.said.append(message.text)

    def visit(self, address: str, expected: Any = OK) -> list[str]:
        """What is wrong with a page."""
        self.said.clear()
        response = self.page.goto(address)
        status = response.status if response else 0
        wrong = [f"status {status}"] if status >= 500 or (expected == OK != status) else []
        self.shown += "alert(" in self.page.content()
        if self.page.evaluate(INJECTED):
            wrong.append("what was typed became a part of the page")
        return [f"{address}: {said}" for said in [*wrong, *self.said]]


# What no template writes, and what the texts above would.
INJECTED = (
    'document.querySelectorAll(\'script:not([src]):not([type="application/json"]), [onerror], [onload],'
    " iframe, img[src=x]').length > 0"
)


@pytest.mark.parametrize("name", [persona.name for persona in PERSONAS if persona.name not in {"deactivated"}])
def test_no_page_is_moved_by_what_it_shows(browser, live_server, world, name):
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(20_000)
    if cookie := world.clients[name].cookies.get("sessionid"):
        context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
    witness = Witness(context.new_page())

    pages = {address: expected for address, expected in addresses(world, name).items() if not is_file(address)}
    wrong = [
        fault for address, expected in pages.items() for fault in witness.visit(live_server.url + address, expected)
    ]
    context.close()

    assert wrong == []
    assert witness.shown > 4


def test_the_witness_sees_a_text_that_becomes_a_part_of_the_page(browser):
    page = browser.new_page()
    page.route("**/*", lambda route: route.fulfill(body=f"<p>{HOSTILE[1]}</p>", content_type="text/html"))
    witness = Witness(page)

    found = witness.visit("http://127.0.0.1:9/")
    page.close()

    assert "http://127.0.0.1:9/: what was typed became a part of the page" in found
    assert "http://127.0.0.1:9/: dialog 2" in found


# Files


def rows_of(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8"), newline="")))


def live_cells(address: str, body: bytes) -> list[str]:
    """What a program would take for a formula; a file that its own reader cannot open raises."""
    path = address.partition("?")[0]
    if path.endswith(".json"):
        json.loads(body)
        return []
    if path.endswith(".csv"):
        return [cell for row in rows_of(body) for cell in row if cell[:1] in LEADS and not NUMBER.fullmatch(cell)]
    if path.endswith(".xlsx"):
        book = openpyxl.load_workbook(io.BytesIO(body))
        cells = itertools.chain.from_iterable(row for sheet in book.worksheets for row in sheet.iter_rows())
        return [str(cell.value) for cell in cells if cell.data_type == "f" or cell.hyperlink]
    docx.Document(io.BytesIO(body))
    return fields_of(body)


LEADS = tuple("=+-@\t\r")
NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")


def fields_of(body: bytes) -> list[str]:
    """What Word computes, besides the numbers of pages."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        parts = [archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")]
    found = [text for part in parts for text in re.findall(r"<w:instrText[^>]*>([^<]*)<", part)]
    return [text for text in found if text.strip().partition(" ")[0] not in {"PAGE", "NUMPAGES"}]


@pytest.mark.parametrize("name", ["administrator", "bureau_coordinator", "coordinator", "anonymous"])
def test_every_file_opens_and_holds_no_live_formula(world, name):
    files = [address for address in addresses(world, name) if is_file(address)]
    answers = {address: world.clients[name].get(address) for address in files}
    assert {address: answer.status_code for address, answer in answers.items() if answer.status_code != OK} == {}

    bodies = {address: answer.getvalue() for address, answer in answers.items()}
    live = {address: found for address, body in bodies.items() if (found := live_cells(address, body))}
    assert live == {}
    assert [address for address, body in bodies.items() if b"alert(" in b"".join([body, *unpacked(body)])]
