"""The audit trail on its pages: who reads which rows, filters, details in words, export."""

import csv
import datetime
import io
from http import HTTPStatus

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from offices.models import Membership, User
from portal import audit
from portal.models import AuditEntry
from portal.trail import views
from portal.trail.labels import label_of
from portal.trail.rows import SHOWN_IN_LIST, Row, with_details
from tests.factories.offices import MembershipFactory

pytestmark = pytest.mark.django_db

PAGE = "/audit/"
EXPORT = "/audit.csv"


def write(subject: str = "ict", **fields) -> AuditEntry:
    return audit.record(**{"by": None, "path": "form", "action": "save response", "subject": subject, **fields})


def subjects(response) -> list[str]:
    return [row.entry.subject for row in response.context["rows"]]


@pytest.fixture
def reader(client_of, auditor):
    return client_of(auditor)


class TestWhoReads:
    @pytest.fixture
    def entries(self, office, other_office):
        return {
            "own": write("of AU", office_code="AU"),
            "foreign": write("canary of NA", office_code="NA"),
            "all": write("canary of several", action="import"),
        }

    @pytest.mark.parametrize(
        ("persona", "seen"),
        [
            ("secretariat", ["canary of several", "canary of NA", "of AU"]),
            ("administrator", ["canary of several", "canary of NA", "of AU"]),
            ("auditor", ["canary of several", "canary of NA", "of AU"]),
            ("coordinator", ["of AU"]),
            ("other_coordinator", ["canary of NA"]),
        ],
    )
    def test_those_entitled_read_their_rows(self, client_of, personas, entries, persona, seen):
        client = client_of(personas[persona])
        assert subjects(client.get(PAGE)) == seen
        exported = client.get(EXPORT).getvalue().decode()
        assert [row["subject"] for row in csv.DictReader(io.StringIO(exported))] == seen

    @pytest.mark.parametrize("persona", ["viewer", "contributor"])
    def test_for_the_others_there_is_no_such_page(self, client_of, personas, entries, persona):
        client = client_of(personas[persona])
        missing = client.get("/no-such-page/")
        for url in (PAGE, EXPORT, f"{PAGE}{entries['own'].pk}/", f"{PAGE}999999/"):
            answer = client.get(url)
            assert (answer.status_code, answer.content) == (HTTPStatus.NOT_FOUND, missing.content)

    def test_who_is_not_signed_in_is_asked_to(self, anonymous_client, entries):
        for url in (PAGE, EXPORT, f"{PAGE}{entries['own'].pk}/"):
            assert anonymous_client.get(url)["Location"] == f"/accounts/login/?next={url}"

    def test_a_foreign_row_answers_as_a_missing_one(self, client_of, coordinator, entries):
        client = client_of(coordinator)
        assert client.get(f"{PAGE}{entries['own'].pk}/").status_code == HTTPStatus.OK
        missing = client.get(f"{PAGE}999999/")
        for name in ("foreign", "all"):
            answer = client.get(f"{PAGE}{entries[name].pk}/")
            assert (answer.status_code, answer.content) == (HTTPStatus.NOT_FOUND, missing.content)

    def test_no_filter_tells_of_a_foreign_row(self, client_of, coordinator, entries):
        client = client_of(coordinator)
        for query in ("office=NA", "office=ZZ", "words=canary", "action=import", "action=nothing"):
            answer = client.get(f"{PAGE}?{query}")
            assert (subjects(answer), answer.context["page"].paginator.count) == ([], 0)
        assert [code for code, _label in client.get(PAGE).context["form"].fields["action"].choices] == [
            "",
            "save response",
        ]

    def test_a_lost_role_shows_nothing_more(self, client_of, coordinator, entries):
        client = client_of(coordinator)
        Membership.objects.filter(user=coordinator).update(role="viewer")
        assert client.get(PAGE).status_code == HTTPStatus.NOT_FOUND

    def test_a_coordinator_of_two_offices_reads_both(self, client_of, coordinator, other_office, entries):
        MembershipFactory(user=coordinator, office=other_office, role="coordinator")
        assert subjects(client_of(coordinator).get(PAGE)) == ["canary of NA", "of AU"]

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
    def test_nothing_is_written_there(self, client_of, administrator, entries, method):
        client = client_of(administrator)
        for url in (PAGE, EXPORT, f"{PAGE}{entries['own'].pk}/"):
            assert getattr(client, method)(url).status_code == HTTPStatus.METHOD_NOT_ALLOWED
        assert AuditEntry.objects.count() == 3


class TestFilters:
    @pytest.fixture
    def entries(self, secretariat, administrator):
        secretariat.name, administrator.name = "Ada Lovelace", "Bo"
        write("round ict", by=secretariat, office_code="AU")
        write("round jiu", by=administrator, path="admin", action="change office")
        write("round of the ict ten", path="command", action="import")

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["round of the ict ten", "round jiu", "round ict"]),
            ("person=ada", ["round ict"]),
            ("person=lovelace+ada", ["round ict"]),
            ("person=ada+bo", []),
            ("person=administrator@example.org", ["round jiu"]),
            ("office=au", ["round ict"]),
            ("path=admin", ["round jiu"]),
            ("action=import", ["round of the ict ten"]),
            ("words=ict+round", ["round of the ict ten", "round ict"]),
            ("words=ict+round&path=form", ["round ict"]),
            ("words=100%25", []),
        ],
    )
    def test_each_narrows(self, reader, entries, query, found):
        assert subjects(reader.get(f"{PAGE}?{query}")) == found
        exported = reader.get(f"{EXPORT}?{query}").getvalue().decode()
        assert [row["subject"] for row in csv.DictReader(io.StringIO(exported))] == found

    def test_the_period_is_of_days_in_the_portals_time_zone(self, reader, settings, monkeypatch):
        settings.TIME_ZONE = "Europe/Zurich"
        for at in ("2026-05-01T21:59:59", "2026-05-01T22:00:00", "2026-05-02T21:59:59", "2026-05-02T22:00:00"):
            moment = datetime.datetime.fromisoformat(at + "+00:00")
            monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
            write(at)
        monkeypatch.undo()
        found = subjects(reader.get(f"{PAGE}?since=2026-05-02&until=2026-05-02"))
        assert found == ["2026-05-02T21:59:59", "2026-05-01T22:00:00"]

    @pytest.mark.parametrize(
        "query", ["since=yesterday", "until=2026-13-01", "path=moon", "words=%0d" + "x" * 251, "office=123456789"]
    )
    def test_what_cannot_be_read_is_said(self, reader, entries, query):
        answer = reader.get(f"{PAGE}?{query}")
        assert (answer.status_code, subjects(answer)) == (HTTPStatus.OK, [])
        assert 'role="alert"' in answer.content.decode()
        assert reader.get(f"{EXPORT}?{query}").status_code == HTTPStatus.NOT_FOUND

    def test_the_last_day_there_is(self, reader, entries):
        assert len(subjects(reader.get(f"{PAGE}?since=1900-01-01&until=2999-12-31"))) == 3

    def test_htmx_gets_the_part(self, reader, entries):
        part = reader.get(f"{PAGE}?path=admin", headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in part
        assert "round jiu" in part
        assert "/audit.csv?path=admin" in part

    def test_pages(self, reader):
        for number in range(51):
            write(f"row {number}")
        assert len(subjects(reader.get(PAGE))) == 50
        assert subjects(reader.get(f"{PAGE}?page=2")) == ["row 0"]

    def test_nothing_yet(self, reader):
        assert "Nothing was written yet." in reader.get(PAGE).content.decode()


def test_two_people_who_took_the_same_name_are_told_apart(reader, secretariat, administrator):
    for person in (secretariat, administrator):
        person.name = "Ada Admin"
        write(by=person)
    page, exported = reader.get(PAGE).content.decode(), reader.get(EXPORT).getvalue().decode()
    for address in ("secretariat@example.org", "administrator@example.org"):
        assert f"<bdi>Ada Admin &lt;{address}&gt;</bdi>" in page
        assert f"Ada Admin <{address}>" in exported


@pytest.mark.parametrize(
    ("name", "address", "said"),
    [
        ("", "a@example.org", "a@example.org"),
        ("n" * 150, "a" * 90 + "@example.org", "n" * 149 + " <" + "a" * 90 + "@example.org>"),
        ("n" * 150, "a" * 242 + "@example.org", "a" * 242 + "@example.org"),
    ],
)
def test_an_address_is_kept_before_a_long_name(name, address, said):
    assert audit.named(User(name=name, email=address)) == said


@pytest.mark.parametrize("count", [1, 20, 200])
@pytest.mark.parametrize(("persona", "queries"), [("auditor", 5), ("coordinator", 7)])
def test_the_number_of_queries_is_fixed(client_of, personas, count, persona, queries):
    for number in range(count):
        write(str(number), office_code="AU", changes={"title": ["a", "b"]}, by=personas["secretariat"])
    client = client_of(personas[persona])
    with CaptureQueriesContext(connection) as captured:
        client.get(PAGE)
    assert len(captured) == queries


class TestDetails:
    def row(self, **details) -> Row:
        write(**details)
        return Row.of(with_details(AuditEntry.objects.all(), SHOWN_IN_LIST).first())

    def lines(self, **details) -> list[tuple[str, str, str]]:
        # Sorted, since PostgreSQL keeps the keys of JSON in an order of its own.
        return sorted((line.label, line.before, line.value) for line in self.row(**details).lines)

    def test_changes_are_told_before_and_after(self):
        assert self.lines(changes={"closes_on": [None, "2027-01-01"], "title": ["Old", ""]}) == [
            ("closes on", "–", "2027-01-01"),
            ("title", "Old", "–"),
        ]
        assert self.lines(status=["requested", "agreed"]) == [("status", "requested", "agreed")]

    def test_what_the_admin_pages_leave(self):
        message = [{"changed": {"fields": ["Name"]}}, {"added": {"name": "membership", "object": "A: viewer"}}]
        assert self.lines(action="change office", changes=message, values={"name": ["A", "B"]}) == [
            ("added", "", "membership\nA: viewer"),
            ("name", "A", "B"),
        ]
        assert self.lines(changes=[{"added": {}}]) == [("added", "", "✓")]

    def test_other_facts(self):
        lines = self.lines(late=False, answers=1200, offices=["AU", "NA"], statuses=[["s", 1, "2026-01-01", 2]])
        assert lines == [
            ("answers", "", "1200"),
            ("late", "", "no"),
            ("offices", "", "AU\nNA"),
            ("statuses", "", "s · 1 · 2026-01-01 · 2"),
        ]
        nested = self.lines(counts={"offices": [1, 0, 3]}, none=0)
        assert nested == [("counts", "", "offices: 1 · 0 · 3"), ("none", "", "0")]

    def test_a_long_list_is_cut(self):
        [(_label, _before, value)] = self.lines(offices=[f"{number}" for number in range(103)])
        assert value.splitlines()[-1] == "… and 3 more"

    def test_long_details_are_on_their_own_page(self, reader):
        row = self.row(text="x" * 3_000)
        assert (row.lines, row.is_too_long) == ([], True)
        assert "long details" in reader.get(PAGE).content.decode()
        assert "x" * 3_000 in reader.get(f"{PAGE}{row.entry.pk}/").content.decode()

    def test_details_beyond_a_page_are_in_the_export(self, reader, monkeypatch):
        monkeypatch.setattr(views, "SHOWN_ON_PAGE", 50)
        row = self.row(text="x" * 60)
        page = reader.get(f"{PAGE}{row.entry.pk}/").content.decode()
        assert "too many for a page" in page
        assert "x" * 60 not in page
        assert "x" * 60 in reader.get(EXPORT).getvalue().decode()

    @pytest.mark.parametrize(
        ("action", "label"),
        [("save response", "save response"), ("change office", "change: office"), ("dance", "dance")],
    )
    def test_an_action_in_words(self, action, label):
        assert label_of(action) == label


def test_the_export_holds_no_formula_and_all_columns(reader, secretariat):
    secretariat.name = "=Ada"
    write('@SUM(1)"', by=secretariat, office_code="AU", note="a\nb\u202e")
    [header, row] = csv.reader(io.StringIO(reader.get(EXPORT).getvalue().decode()))
    at = timezone.localtime(AuditEntry.objects.get().at).isoformat(timespec="seconds")
    assert header == ["at", "person", "office", "path", "action", "subject", "details"]
    assert row == [
        at,
        "'=Ada <secretariat@example.org>",
        "AU",
        "form",
        "save response",
        "'@SUM(1)\"",
        '{"note": "a\\nb\u202e"}',
    ]


def test_markup_is_text(reader):
    write("<script>alert(1)</script>", office_code="AU", changes={"<b>": ["<i>", "<u>"]})
    page = reader.get(PAGE).content.decode()
    assert "<script>alert(1)" not in page
    assert "<i>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
