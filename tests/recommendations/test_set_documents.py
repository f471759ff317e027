"""The documents of sets as a spreadsheet kind, and who holds a post, which is in no spreadsheet."""

from http import HTTPStatus

import pytest
from django.urls import reverse

from portal.models import AuditEntry, ImportRecord
from portal.spreadsheets.history import UndoRefused
from portal.spreadsheets.undoing import undo_import
from recommendations.models import Officer, SetDocument
from tests.factories.offices import UserFactory
from tests.factories.portal import EXPORTS, counts, exported, fault_lines, load
from tests.factories.recommendations import OfficerFactory, RecommendationSetFactory, SetDocumentFactory

pytestmark = pytest.mark.django_db

DOCUMENTS = "set,title,kind,state,url\n"
ROW = "old,CEB comments,comments,available,https://example.org/a\n"


@pytest.fixture
def old():
    return RecommendationSetFactory(key="old")


@pytest.mark.usefixtures("old")
class TestDocuments:
    def test_a_row_is_added_left_changed_and_left_with_its_history(self):
        assert counts(load("set_documents", DOCUMENTS + ROW)) == (1, 0, 0, 0)
        assert counts(load("set_documents", DOCUMENTS + ROW)) == (0, 0, 1, 0)

        changed = DOCUMENTS + "old,CEB comments,,not yet available,\n"
        assert counts(load("set_documents", changed)) == (0, 1, 0, 0)
        assert counts(load("set_documents", changed)) == (0, 0, 1, 0)

        assert exported("set_documents") == [["old", "CEB comments", "", "not yet available", ""]]
        history = SetDocument.objects.get().history.values_list("history_type", "state")
        assert list(history) == [("~", "not yet available"), ("+", "available")]

    @pytest.mark.parametrize("form", EXPORTS)
    def test_exports_read_back_without_a_change(self, form):
        SetDocumentFactory(recommendation_set__key="b", title='=1\n"中文"; \'العربية', kind="-x", state="@y")
        SetDocumentFactory(recommendation_set__key="a", url="https://example.org/?a=1&b=2")
        rows = exported("set_documents")

        assert counts(load("set_documents", EXPORTS[form]("set_documents"))) == (0, 0, 2, 0)

        assert [row[0] for row in rows] == ["a", "b"]
        assert exported("set_documents") == rows

    def test_one_fault_and_nothing_is_written(self):
        rows = [ROW.strip(), "nowhere,,x,y,not a link", "old,CEB comments,other,,"]

        assert fault_lines(load("set_documents", DOCUMENTS + "\n".join(rows))) == [
            "row 3, column set: there is no such set of recommendations (nowhere)",
            "row 3, column title: is required ()",
            "row 3, column url: Enter a valid URL. (not a link)",
            "row 4, column set,title: doubled key, the same as in row 2 (old,CEB comments)",
        ]
        assert SetDocument.objects.count() == 0

    def test_an_import_is_undone(self):
        load("set_documents", DOCUMENTS + ROW)
        load("set_documents", DOCUMENTS + ROW.replace("available", "withdrawn"))

        undo_import(record=ImportRecord.objects.latest("imported_at"), by=None, path=AuditEntry.Path.COMMAND)

        assert SetDocument.objects.get().state == "available"


class TestHolders:
    """Who answers for a post decides who may state something: the form treats it like any other value."""

    @pytest.fixture
    def client(self, client_of, administrator):
        return client_of(administrator)

    @pytest.fixture
    def post(self):
        return OfficerFactory(key="cio", title="Chief Information Officer", aliases="")

    @pytest.fixture
    def url(self, post):
        return reverse("admin:recommendations_officer_change", args=[post.pk])

    def fields(self, client, url, *holders, **others):
        opened = client.get(url).context["adminform"].form["opened_version"].value()
        keys = [holder.pk for holder in holders]
        return {"title": "Chief Information Officer", "holders": keys, "opened_version": opened, **others}

    def test_a_holder_is_named_and_the_audit_row_says_who(self, client, url, post):
        before, ann = UserFactory(name="Bo"), UserFactory(name="Ann")
        post.holders.add(before)

        answer = client.post(url, self.fields(client, url, before, ann))

        assert answer.status_code == HTTPStatus.FOUND
        assert set(post.holders.all()) == {before, ann}
        assert AuditEntry.objects.get(action="change officer").details["values"] == {"holders": ["Bo", "Ann; Bo"]}

    def test_a_stale_form_revokes_nobody_and_shows_both(self, client, url, post):
        stale = self.fields(client, url, abbreviation="CIO")
        ann = UserFactory(name="Ann")
        client.post(url, self.fields(client, url, ann))

        answer = client.post(url, stale)

        assert answer.status_code == HTTPStatus.CONFLICT
        assert list(post.holders.all()) == [ann]
        assert list(answer.context["adminform"].form.non_field_errors())[1:] == [
            "Abbreviation: saved now “”, yours “CIO”",
            "Holders: saved now “Ann”, yours “”",
        ]

    def test_a_stale_form_does_not_call_the_same_holders_different(self, client, url, post):
        ann = UserFactory(name="Ann")
        post.holders.add(ann)
        stale = self.fields(client, url, ann, abbreviation="CIO")
        client.post(url, self.fields(client, url, ann, abbreviation="CTO"))

        answer = client.post(url, stale)

        assert list(answer.context["adminform"].form.non_field_errors())[1:] == [
            "Abbreviation: saved now “CTO”, yours “CIO”"
        ]

    def test_an_import_leaves_the_holders_alone(self, post):
        post.holders.add(ann := UserFactory())

        assert counts(load("officers", "officer,title,abbreviation,aliases\ncio,Other title,,\n")) == (0, 1, 0, 0)

        assert list(Officer.objects.get().holders.all()) == [ann]

    def test_an_import_that_added_a_post_is_not_undone_once_somebody_holds_it(self):
        load("officers", "officer,title,abbreviation,aliases\ncio,Chief Information Officer,,\n")
        Officer.objects.get().holders.add(UserFactory(name="Ann"))

        with pytest.raises(UndoRefused) as refused:
            undo_import(record=ImportRecord.objects.get(), by=None, path=AuditEntry.Path.COMMAND)

        assert refused.value.obstacles == ["Other rows rest on what the import added: person Ann."]
        assert Officer.objects.count() == 1
