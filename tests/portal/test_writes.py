"""What stands in the way of a write, versions, and values for the audit trail: as every app uses them."""

import datetime
from http import HTTPStatus

import pytest
from django import forms
from django.http import QueryDict

from assistance.models import Activity, Programme
from offices.models import Office
from portal.forms import Versioned, attempt, twin
from portal.writes import (
    Refused,
    Stale,
    Taken,
    assign,
    check_version,
    create_with_history,
    in_json,
    plain,
    refuse,
    same_as,
    says,
    version_of,
)
from tests.factories.assistance import ProgrammeFactory
from tests.factories.offices import OfficeFactory, UserFactory
from tests.factories.recommendations import RecommendationFactory, RecommendationSetFactory

DAY = datetime.date(2026, 1, 31)


class TestRefused:
    def test_faults_are_of_a_field_or_of_none(self):
        error = Refused(("number", "is taken"), "The menu is closed.", (None, "Try later."))
        assert error.faults == (("number", "is taken"), (None, "The menu is closed."), (None, "Try later."))

    def test_as_text_it_is_the_reasons(self):
        assert str(Refused(("number", "is taken"), "The menu is closed.")) == "is taken The menu is closed."

    def test_faults_refuse_all_at_once_and_none_refuses_nothing(self):
        refuse(iter(()))
        with pytest.raises(Refused) as refused:
            refuse((name, "is wrong") for name in ("date", "kind"))
        assert refused.value.faults == (("date", "is wrong"), ("kind", "is wrong"))


class TestVersions:
    @pytest.mark.django_db
    def test_every_save_makes_another_and_what_is_gone_keeps_its_last(self):
        programme = ProgrammeFactory()
        seen = [version_of(programme)]
        programme.save()
        seen.append(version_of(programme))
        gone = twin(programme)
        programme.delete()
        seen.append(version_of(gone))
        assert seen == sorted(set(seen))
        assert seen[0] > 0

    @pytest.mark.django_db
    def test_of_what_was_never_saved_there_is_none(self):
        ProgrammeFactory()
        assert version_of(Programme(number=9)) == 0

    @pytest.mark.parametrize(("standing", "opened"), [(7, 7), (7, "7"), ("7-3", "7-3")])
    def test_the_same_passes_also_as_text(self, standing, opened):
        check_version("what stands", standing, opened)

    @pytest.mark.parametrize("opened", ["6", "", "7-3", None, 8])
    def test_another_is_stale_and_tells_what_stands(self, opened):
        with pytest.raises(Stale) as stale:
            check_version("what stands", 7, opened)
        assert stale.value.current == "what stands"


class TestValues:
    def test_a_row_says_what_all_its_fields_say(self):
        row = Activity(kind="training", participants=3)
        assert says(row, {})
        assert says(row, {"kind": "training", "participants": 3})
        assert not says(row, {"kind": "training", "participants": 4})

    def test_where_a_row_stands_it_must_say_the_same(self):
        row = Activity(kind="training")
        assert same_as(row, {"kind": "training"}) is row
        with pytest.raises(Taken) as taken:
            same_as(row, {"kind": "mission"})
        assert taken.value.existing is row

    def test_what_was_and_what_is(self):
        row = Activity(pk=1, kind="training", participants=3, date=DAY)
        later = DAY + datetime.timedelta(days=1)
        assert assign(row, {"kind": "training", "participants": None, "date": later}) == {
            "participants": [3, None],
            "date": ["2026-01-31", "2026-02-01"],
        }
        assert (row.kind, row.participants, row.date) == ("training", None, later)

    def test_of_a_row_not_saved_yet_nothing_was(self):
        row = Activity(kind="training")
        assert assign(row, {"kind": "training", "participants": None}) == {"kind": [None, "training"]}

    @pytest.mark.django_db
    def test_a_row_is_its_key_or_in_words(self):
        item = RecommendationFactory(number=4, recommendation_set=RecommendationSetFactory(key="ict", symbol="A/1"))
        assert [plain(value) for value in (item.recommendation_set, item)] == ["ict", "A/1 R4"]

    def test_days_are_iso_and_the_rest_stays(self):
        assert in_json({"day": DAY, "count": 3, "none": None, "text": "é"}) == {
            "day": "2026-01-31",
            "count": 3,
            "none": None,
            "text": "é",
        }

    @pytest.mark.django_db
    def test_rows_made_at_once_have_their_history(self):
        by = UserFactory()
        create_with_history([], by=by)
        create_with_history([OfficeFactory.build(code=code) for code in ("NA", "ZW")], by=by)
        entries = Office.history.order_by("code").values_list("code", "history_type", "history_user")
        assert list(entries) == [("NA", "+", by.pk), ("ZW", "+", by.pk)]


class NoteForm(Versioned, forms.Form):
    """A form as `attempt` meets it."""

    note = forms.CharField()
    version = forms.CharField(required=False)

    def differences(self, standing):
        return [standing]


def sent(**values: str) -> NoteForm:
    data = QueryDict(mutable=True)
    data.update(values)
    return NoteForm(data)


class TestAttempt:
    def test_what_a_valid_form_holds_is_saved(self):
        form = sent(note="x")
        assert attempt(form, lambda: form.cleaned_data["note"]) == (HTTPStatus.OK, "x")

    def test_what_is_not_valid_is_not_tried(self):
        assert attempt(sent(), pytest.fail) == (HTTPStatus.UNPROCESSABLE_ENTITY, None)

    def test_what_is_refused_stands_in_the_form(self):
        form = sent(note="x")
        assert attempt(form, lambda: refuse([("note", "is no good"), ("other", "too late")]))[0] == 422
        assert form.errors == {"note": ["Is no good."], "__all__": ["Too late."]}

    def test_what_is_stale_is_shown_beside_what_was_typed(self):
        form = sent(note="x", version="1")
        assert attempt(form, lambda: check_version("y", 2, "1"), lambda standing: f"of {standing}")[0] == 409
        assert (form.conflict, form.data["version"], form.data["note"]) == (["y"], "of y", "x")

    def test_what_is_taken_is_the_pages_to_tell(self):
        with pytest.raises(Taken):
            attempt(sent(note="x"), lambda: same_as(Activity(kind="a"), {"kind": "b"}))
