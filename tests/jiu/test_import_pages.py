"""The page that reads the Secretariat's document in: who may, what it shows, and that it writes what was seen."""

import datetime
import re
from http import HTTPStatus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jiu import policies
from portal.models import AuditEntry, PendingImport
from recommendations.models import Recommendation, RecommendationSet, StatusReport
from tests.factories.jiu import make_jiu_recommendation, state
from tests.jiu.progress_documents import LB, REPORT, annex, many, rows, word

pytestmark = pytest.mark.django_db

URL = "/jiu/import/"
DOCUMENT = annex(rows(note="Previously “planned”"), "A remark.")


@pytest.fixture
def client(client_of, administrator):
    return client_of(administrator)


def upload(client, document: str | bytes = DOCUMENT, *, name: str = "report.txt", previous: str = "", follow=True):
    content = document if isinstance(document, bytes) else document.encode()
    return client.post(URL, {"file": SimpleUploadedFile(name, content), "previous_as_at": previous}, follow=follow)


def address(page) -> str:
    return page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"]


def confirm(client, page, **data):
    return client.post(address(page), {"confirm": "1", "seen": page.context["outcome"].digest, **data})


class TestAccess:
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_administrators_only(self, personas, client_of, method):
        pending = PendingImport.objects.create(
            kind="progress_report", filename="r.txt", content=b"", uploaded_by=personas["administrator"]
        )
        answers = {
            name: [
                getattr(client_of(person), method)(url).status_code
                for url in (URL, reverse("jiu:import_confirm", args=[pending.pk]))
            ]
            for name, person in personas.items()
        }
        refused = dict.fromkeys(set(personas) - {"administrator", "anonymous"}, [HTTPStatus.FORBIDDEN] * 2)
        allowed = [HTTPStatus.OK, HTTPStatus.FOUND] if method == "get" else [422, HTTPStatus.FOUND]
        assert answers == refused | {"administrator": allowed, "anonymous": [HTTPStatus.FOUND] * 2}

    def test_without_a_session_one_signs_in_first(self, anonymous_client):
        assert anonymous_client.get(URL)["Location"] == f"/accounts/login/?next={URL}"

    def test_the_policy_alone_lets_in_and_offers_the_link(self, personas, client_of, monkeypatch):
        index = reverse("jiu:index")
        link = f'href="{URL}"'
        offered = {name for name, person in personas.items() if link in client_of(person).get(index).content.decode()}
        assert offered == {"administrator"}

        monkeypatch.setattr(policies, "may_import_document", lambda user: user == personas["auditor"])
        auditor, administrator = client_of(personas["auditor"]), client_of(personas["administrator"])
        assert link in auditor.get(index).content.decode()
        assert link not in administrator.get(index).content.decode()
        assert auditor.get(URL).status_code == HTTPStatus.OK
        assert administrator.get(URL).status_code == HTTPStatus.FORBIDDEN

    def test_a_file_that_somebody_else_uploaded_is_not_there(self, client, client_of, secretariat):
        page = upload(client)
        other = type(secretariat).objects.create_user("second@example.org", role="administrator")
        answer = client_of(other).post(address(page), {"confirm": "1", "seen": page.context["outcome"].digest})
        assert answer.status_code == HTTPStatus.FOUND
        assert not Recommendation.objects.exists()
        assert PendingImport.objects.count() == 1


class TestPreview:
    def test_it_shows_what_would_be_written_and_writes_nothing(self, client):
        page = upload(client, previous="2021-03-31")
        shown = page.content.decode()
        assert page.status_code == HTTPStatus.OK
        for part in (
            "Teapots should be warmed.",
            "All teapots are warm.",
            "Keeper of Teapots",
            "Teapots in the system",
            "31 March 2021",
            "cannot be read: “A remark.”",
            '<th scope="row">10</th>',
        ):
            assert part in shown
        counts = re.findall(r'<th scope="row">([A-Z][a-z ]+)</th>\s*((?:<td class="text-end">\d+</td>\s*){3})', shown)
        assert [(name, re.findall(r"\d+(?=<)", cells)) for name, cells in counts] == [
            ("Sets", ["1", "0", "0"]),
            ("Recommendations", ["1", "0", "0"]),
            ("Status reports", ["2", "0", "0"]),
            ("Officers", ["1", "0", "0"]),
            ("Offices", ["1", "0", "0"]),
        ]
        assert not RecommendationSet.objects.exists()
        assert not AuditEntry.objects.exists()

    def test_without_a_date_the_earlier_statuses_are_listed(self, client):
        shown = upload(client).content.decode()
        assert "Earlier statuses that are not recorded" in shown
        assert "line 7: JIU/REP/2021/6 R1, earlier: planned" in shown

    @pytest.mark.parametrize("day", ["20210331", "2021-W13-3", "soon"])
    def test_an_address_carries_a_date_in_one_way_only(self, client, day):
        address = upload(client, previous="2021-03-31").request["PATH_INFO"]
        assert client.get(address, {"previous": "2021-03-31"}).context["previous"] == datetime.date(2021, 3, 31)
        assert client.get(address, {"previous": day}).context["previous"] is None

    def test_what_would_be_filled_is_shown_before_and_after(self, client):
        item = make_jiu_recommendation()
        state(item, "2022-03-31", implementation="implemented", summary="Ours of that.")
        shown = upload(client, annex(rows())).content.decode()
        assert "jiu-rep-2021-6 · 1 · IB · 2022-03-31" in shown
        assert "Ours of that." not in shown

    def test_a_hostile_text_is_shown_as_text(self, client):
        shown = upload(client, annex(rows(assessment="<script>alert(1)</script> <img src=x onerror=alert(2)>"))).content
        assert b"<script>alert(1)" not in shown
        assert b"<img src=x" not in shown

    def test_a_word_file(self, client):
        page = upload(client, word(LB, REPORT, [line.split("\t") for line in rows()]), name="report.docx")
        assert page.context["outcome"].parts[1].added == 1

    def test_a_document_that_says_what_is_held_waits_for_nothing(self, client):
        confirm(client, upload(client, annex(rows())))
        page = upload(client, annex(rows()))
        assert "nothing would change" in page.content.decode()
        assert not PendingImport.objects.exists()

    def test_many_rows_are_shown_in_part_and_counted_whole(self, client):
        shown = upload(client, many(201)).content.decode()
        assert "the first 200 of 201 rows" in shown

    @pytest.mark.parametrize(
        ("document", "sentence"),
        [
            ("tea", "The file is no progress report"),
            (annex("Tea."), "The file holds no recommendation that can be read."),
            (annex(rows()).encode("utf-16"), "The file is not UTF-8"),
        ],
    )
    def test_what_is_no_such_document_is_refused_with_a_sentence(self, client, document, sentence):
        page = upload(client, document)
        assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert sentence in page.content.decode()
        assert not PendingImport.objects.exists()

    def test_what_could_not_be_read_stands_beside_the_refusal(self, client):
        assert "cannot be read: “Tea.”" in upload(client, annex("Tea.")).content.decode()

    def test_a_date_that_is_not_before_the_document_is_refused(self, client):
        page = upload(client, previous="2022-03-31")
        assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "cannot be as at 2022-03-31" in page.content.decode()

    def test_a_form_without_a_file_is_refused(self, client):
        assert client.post(URL, {"previous_as_at": "soon"}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


class TestConfirmation:
    def test_what_was_seen_is_written_once(self, client, administrator):
        page = upload(client, previous="2021-03-31")
        answer = confirm(client, page)
        assert (answer.status_code, answer["Location"]) == (HTTPStatus.FOUND, "/jiu/")
        assert StatusReport.objects.count() == 2
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.path, entry.details["notices"]) == (administrator, "import", 1)
        assert StatusReport.objects.filter(as_at_assumed=True).get().as_at.isoformat() == "2021-03-31"

        assert confirm(client, page)["Location"] == URL
        assert (StatusReport.objects.count(), AuditEntry.objects.count()) == (2, 1)
        assert not PendingImport.objects.exists()

    def test_what_changed_meanwhile_is_shown_first(self, client):
        page = upload(client)
        state(make_jiu_recommendation(), "2022-03-31", implementation="in_progress")
        answer = confirm(client, page)
        assert answer.status_code == HTTPStatus.CONFLICT
        assert "“in_progress” is held and stays" in answer.content.decode()
        assert (StatusReport.objects.count(), AuditEntry.objects.count()) == (1, 0)
        assert PendingImport.objects.count() == 1

        again = client.post(address(page), {"confirm": "1", "seen": answer.context["outcome"].digest})
        assert again.status_code == HTTPStatus.FOUND
        assert Recommendation.objects.get().official_text == "Teapots should be warmed."

    def test_another_date_than_the_one_seen_is_shown_first(self, client):
        page = upload(client, previous="2021-03-31")
        seen = {"confirm": "1", "seen": page.context["outcome"].digest}
        answer = client.post(page.request["PATH_INFO"] + "?previous=2020-03-31", seen)
        assert answer.status_code == HTTPStatus.CONFLICT
        assert not StatusReport.objects.exists()

    def test_a_confirmation_of_nothing_seen_writes_nothing(self, client):
        page = upload(client)
        assert client.post(address(page), {"confirm": "1"}).status_code == HTTPStatus.CONFLICT
        assert not Recommendation.objects.exists()

    def test_it_can_be_dropped(self, client):
        page = upload(client)
        assert client.post(address(page), {"drop": "1"})["Location"] == URL
        assert not PendingImport.objects.exists()
        assert not Recommendation.objects.exists()
