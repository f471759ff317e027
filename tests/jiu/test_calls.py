"""The yearly call: what it asks, who answers, what comes of an answer."""

import datetime
from http import HTTPStatus

import pytest
from django.urls import reverse
from django.utils import timezone

from jiu.actions import calls
from jiu.models import Call, Update
from jiu.reports import progress_report
from offices.models import Membership
from portal.models import AuditEntry
from portal.writes import Refused
from recommendations.actions import Words
from recommendations.models import StatusReport
from tests.factories.jiu import EndorsementFactory, make_bureau, make_jiu_recommendation, state
from tests.factories.offices import MembershipFactory, UserFactory
from tests.factories.recommendations import OfficerFactory

pytestmark = pytest.mark.django_db

BEFORE, DAY = datetime.date(2022, 3, 31), datetime.date(2023, 3, 31)
ADDRESS = "/jiu/calls/2023-03-31/"


@pytest.fixture
def bureau():
    return make_bureau()


@pytest.fixture
def bureau_coordinator(bureau):
    return MembershipFactory(office=bureau, role=Membership.Role.COORDINATOR, user__name="Coordinator").user


def focal_point(bureau, *officers, role=Membership.Role.CONTRIBUTOR):
    user = MembershipFactory(office=bureau, role=role).user
    for officer in officers:
        officer.holders.add(user)
    return user


@pytest.fixture
def posts():
    return OfficerFactory(key="bcc", title="Business Continuity Coordinator"), OfficerFactory(key="cio", title="CIO")


@pytest.fixture
def points(bureau, posts):
    """One focal point for each post."""
    return [focal_point(bureau, post) for post in posts]


@pytest.fixture
def recommendations(posts):
    """Two of one report for the first post, one of another report for the second; one that is done with."""
    first = make_jiu_recommendation("JIU/REP/2021/6", 1, "EH")
    second = make_jiu_recommendation("JIU/REP/2021/6", 2, "LB")
    third = make_jiu_recommendation("JIU/REP/2020/7", 3, "EH")
    done = make_jiu_recommendation("JIU/REP/2020/7", 4, "EH")
    for item, post, implementation in (
        (first, posts[0], "in_progress"),
        (second, posts[0], "not_started"),
        (third, posts[1], "in_progress"),
        (done, posts[1], "implemented"),
    ):
        state(item, "2022-03-31", implementation, assessment="As it was.").responsible_officers.add(post)
    return first, second, third, done


@pytest.fixture
def call(recommendations, bureau_coordinator) -> Call:
    return calls.open_call(as_at=DAY, closes_on=timezone.localdate(), note="Please.", by=bureau_coordinator)


def update_of(call, recommendation) -> Update:
    return call.updates.get(recommendation=recommendation)


def form(update, **fields):
    """The form of one recommendation, as it is shown, with these fields filled in otherwise."""
    number = update.recommendation.number
    shown = update if update.state != "asked" else StatusReport.objects.get(recommendation=update.recommendation)
    data = {name: getattr(shown, name) for name in ("acceptance", "implementation", "assessment", "evidence_url")}
    return {f"{number}.{name}": value for name, value in ({"version": update.version} | data | fields).items()}


def one(call, update):
    return reverse(
        "jiu:answer", args=[call, update.recommendation.recommendation_set.key, update.recommendation.number]
    )


class TestOpening:
    def test_a_call_asks_about_what_is_not_done_with(self, call, recommendations):
        assert {update.recommendation for update in call.updates.all()} == set(recommendations[:3])

    def test_it_asks_the_posts_that_answered_last(self, call, recommendations, posts):
        answering = {u.recommendation: list(u.officers.all()) for u in call.updates.all()}
        assert answering == {
            recommendations[0]: [posts[0]],
            recommendations[1]: [posts[0]],
            recommendations[2]: [posts[1]],
        }

    def test_it_asks_about_what_has_no_report_and_what_the_committee_refused(self, recommendations, bureau_coordinator):
        unheard = make_jiu_recommendation("JIU/REP/2022/1", 1, "EH")
        EndorsementFactory(recommendation=recommendations[3], decision="refused")
        endorsed = make_jiu_recommendation("JIU/REP/2019/1", 1)
        state(endorsed, "2022-03-31", "implemented")
        EndorsementFactory(recommendation=endorsed)

        call = calls.open_call(as_at=DAY, closes_on=DAY, note="", by=bureau_coordinator)

        assert {u.recommendation for u in call.updates.all()} == {*recommendations, unheard}

    def test_opened_twice_it_is_one_call(self, call, bureau_coordinator):
        again = calls.open_call(as_at=DAY, closes_on=call.closes_on, note="Please.", by=bureau_coordinator)
        assert (again, Call.objects.count(), call.updates.count()) == (call, 1, 3)
        assert AuditEntry.objects.filter(action="open call").count() == 1

    def test_another_call_as_at_the_same_day_is_refused_and_nothing_typed_is_lost(
        self, client_of, recommendations, bureau_coordinator
    ):
        today = timezone.localdate()
        client, data = client_of(bureau_coordinator), {"as_at": today, "closes_on": today, "note": "Please."}
        client.post("/jiu/calls/open/", data)
        page = client.post("/jiu/calls/open/", data | {"note": "Another."})
        assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert page.context["form"].errors == {
            "as_at": ["There is a call as at this day already: go on with that one."]
        }
        assert "Another." in page.content.decode()

    def test_the_page_opens_it_and_refuses_days_that_make_no_sense(
        self, client_of, bureau_coordinator, recommendations
    ):
        client = client_of(bureau_coordinator)
        today = timezone.localdate()
        page = client.post("/jiu/calls/open/", {"as_at": "1999-01-01", "closes_on": today - datetime.timedelta(days=1)})
        assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert sorted(page.context["form"].errors) == ["as_at", "closes_on"]

        page = client.post("/jiu/calls/open/", {"as_at": today, "closes_on": today, "note": "Hello"}, follow=True)
        assert page.redirect_chain == [(f"/jiu/calls/{today}/", HTTPStatus.FOUND)]
        assert Call.objects.get().note == "Hello"


class TestAnswering:
    def test_no_change_and_a_change_in_one_form(self, client_of, call, points, recommendations):
        first, second = (update_of(call, item) for item in recommendations[:2])
        data = form(first, unchanged="on") | form(second, implementation="in_progress", assessment="Begun.")

        page = client_of(points[0]).post(f"{ADDRESS}jiu-rep-2021-6/", data, follow=True)

        assert page.status_code == HTTPStatus.OK
        first.refresh_from_db(), second.refresh_from_db()
        assert (first.state, first.is_unchanged, first.implementation) == ("answered", True, "in_progress")
        assert (second.state, second.is_unchanged, second.assessment) == ("answered", False, "Begun.")
        assert list(first.steps.values_list("kind", "by")) == [("answered", points[0].pk)]
        entry = AuditEntry.objects.get(action="answer call")
        assert (entry.actor, entry.office_code, len(entry.details["recommendations"])) == (points[0], "IB", 2)

    def test_a_whole_report_at_once(self, client_of, call, points, recommendations):
        first, second = (update_of(call, item) for item in recommendations[:2])
        data = form(first) | form(second, assessment="Begun.") | {"all_unchanged": "1"}

        client_of(points[0]).post(f"{ADDRESS}jiu-rep-2021-6/", data)

        first.refresh_from_db(), second.refresh_from_db()
        assert (first.state, first.is_unchanged) == ("answered", True)
        assert (second.state, second.is_unchanged, second.assessment) == ("answered", False, "Begun.")

    def test_sent_twice_a_whole_report_is_answered_once(self, client_of, call, points, recommendations):
        first, second = (update_of(call, item) for item in recommendations[:2])
        data = form(first) | form(second) | {"all_unchanged": "1"}
        for _time in range(2):
            assert client_of(points[0]).post(f"{ADDRESS}jiu-rep-2021-6/", data).status_code == HTTPStatus.FOUND
        assert (first.steps.count(), second.steps.count()) == (1, 1)

    def test_what_is_left_alone_is_not_answered(self, client_of, call, points, recommendations):
        update = update_of(call, recommendations[0])
        client_of(points[0]).post(one(call, update), form(update))
        assert update_of(call, recommendations[0]).state == "asked"

    @pytest.mark.parametrize(
        ("fields", "wrong"),
        [
            ({"unchanged": "on", "assessment": "Otherwise."}, "1.unchanged"),
            ({"acceptance": "", "implementation": ""}, "1.acceptance"),
            ({"evidence_url": "no address"}, "1.evidence_url"),
        ],
    )
    def test_a_contradiction_is_told_and_nothing_is_saved(
        self, client_of, call, points, recommendations, fields, wrong
    ):
        update = update_of(call, recommendations[0])
        page = client_of(points[0]).post(one(call, update), form(update, **fields))
        assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert list(page.context["form"].errors) == [wrong]
        assert update_of(call, recommendations[0]).state == "asked"

    def test_sent_twice_it_has_one_effect(self, client_of, call, points, recommendations):
        update = update_of(call, recommendations[0])
        for _time in range(2):
            assert client_of(points[0]).post(one(call, update), form(update, unchanged="on")).status_code == 302
        assert (update_of(call, recommendations[0]).version, update.steps.count()) == (2, 1)

    def test_who_comes_second_gets_both_texts_and_loses_nothing(
        self, client_of, call, points, bureau, posts, recommendations
    ):
        colleague = focal_point(bureau, posts[0])
        update = update_of(call, recommendations[0])
        client_of(colleague).post(one(call, update), form(update, assessment="Theirs."))

        page = client_of(points[0]).post(one(call, update), form(update, assessment="Mine."))

        assert page.status_code == HTTPStatus.CONFLICT
        assert [(d.label, d.theirs, d.yours) for d in page.context["differences"]] == [
            ("Assessment", "Theirs.", "Mine."),
        ]
        assert update_of(call, recommendations[0]).assessment == "Theirs."
        again = page.context["form"].data
        assert (again["1.assessment"], again["1.version"]) == ("Mine.", 2)
        client_of(points[0]).post(one(call, update), again)
        assert update_of(call, recommendations[0]).assessment == "Mine."

    def test_a_closed_call_takes_no_answers(self, client_of, call, points, bureau_coordinator, recommendations):
        update = update_of(call, recommendations[0])
        client_of(bureau_coordinator).post(f"{ADDRESS}close/")
        page = client_of(points[0]).post(one(call, update), form(update, unchanged="on"))
        assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "This call is closed" in page.content.decode()
        assert update_of(call, recommendations[0]).state == "asked"


class TestDeciding:
    def answered(self, client_of, call, point, item, **fields) -> Update:
        update = update_of(call, item)
        client_of(point).post(one(call, update), form(update, **(fields or {"unchanged": "on"})))
        return update_of(call, item)

    def decide(self, client_of, person, call, update, decision, **fields):
        data = {"decision": decision, "version": update.version, **fields}
        return client_of(person).post(f"{one(call, update)}decide/", data)

    def test_an_accepted_answer_is_the_status_report_of_the_day(
        self, client_of, call, points, bureau_coordinator, recommendations, posts
    ):
        update = self.answered(
            client_of, call, points[0], recommendations[0], implementation="implemented", assessment="Done."
        )
        self.decide(client_of, bureau_coordinator, call, update, "accept")

        report = StatusReport.objects.get(recommendation=recommendations[0], as_at=DAY)
        assert (report.implementation, report.acceptance, report.assessment) == ("implemented", "accepted", "Done.")
        assert (report.stated_change, report.recorded_by, list(report.responsible_officers.all())) == (
            "",
            bureau_coordinator,
            [posts[0]],
        )
        assert update_of(call, recommendations[0]).report == report
        assert list(update.steps.values_list("kind", flat=True)) == ["answered", "accepted"]

    @pytest.mark.parametrize(
        ("fields", "stated", "updated"),
        [({"unchanged": "on"}, "no_change", False), ({"assessment": "Moving on."}, "updated", True)],
    )
    def test_no_change_and_a_new_assessment_are_told_apart(
        self, client_of, call, points, bureau_coordinator, recommendations, fields, stated, updated
    ):
        update = self.answered(client_of, call, points[0], recommendations[0], **fields)
        self.decide(client_of, bureau_coordinator, call, update, "accept")

        assert StatusReport.objects.get(recommendation=recommendations[0], as_at=DAY).stated_change == stated
        lines = {line.recommendation: line for line in progress_report(as_at=DAY, since=BEFORE).listed}
        assert lines[recommendations[0]].update_received is True
        assert lines[recommendations[0]].assessment_updated is updated
        assert lines[recommendations[1]].update_received is False

    def test_what_is_sent_back_says_why_and_can_be_answered_again(
        self, client_of, call, points, bureau_coordinator, recommendations
    ):
        update = self.answered(client_of, call, points[0], recommendations[0])
        assert self.decide(client_of, bureau_coordinator, call, update, "send_back").status_code == 422
        self.decide(client_of, bureau_coordinator, call, update, "send_back", comment="By when?")

        update = update_of(call, recommendations[0])
        assert update.state == "sent_back"
        assert "By when?" in client_of(points[0]).get(one(call, update)).content.decode()
        client_of(points[0]).post(one(call, update), form(update, assessment="By June."))
        assert update_of(call, recommendations[0]).state == "answered"
        assert list(update.steps.values_list("kind", "comment")) == [
            ("answered", ""),
            ("sent_back", "By when?"),
            ("answered", ""),
        ]

    @pytest.mark.parametrize("again", ["evidence", "unchanged", "withdrawn"])
    def test_a_second_answer_states_its_change_since_the_earlier_date(
        self, client_of, call, points, bureau_coordinator, recommendations, again
    ):
        """What stood before is another date, never another revision of this one."""
        # Of the earlier date no text is held, so that what is stated decides.
        StatusReport.objects.filter(recommendation=recommendations[0]).update(assessment="", summary="Ours.")
        update = self.answered(client_of, call, points[0], recommendations[0], assessment="Moving on.")
        self.decide(client_of, bureau_coordinator, call, update, "accept")
        self.decide(client_of, bureau_coordinator, call, update_of(call, recommendations[0]), "send_back", comment="?")
        fields = {
            "evidence": {"evidence_url": "https://example.org/moved"},
            "unchanged": {"unchanged": "on"},
            "withdrawn": {"assessment": ""},
        }[again]
        update = update_of(call, recommendations[0])
        client_of(points[0]).post(one(call, update), form(update, **fields))
        self.decide(client_of, bureau_coordinator, call, update_of(call, recommendations[0]), "accept")

        (line,) = (
            line
            for line in progress_report(as_at=DAY, since=BEFORE).listed
            if line.recommendation == recommendations[0]
        )
        assert update_of(call, recommendations[0]).state == "accepted"
        assert line.assessment_updated is (again != "withdrawn")

    def test_no_change_beside_what_was_recorded_on_the_day_says_nothing_of_the_day_before(
        self, client_of, call, points, bureau_coordinator, recommendations
    ):
        """Of the earlier date no text is held, and nobody stated what changed since: unknown stays unknown."""
        item = recommendations[0]
        StatusReport.objects.filter(recommendation=item).update(assessment="")
        earlier = StatusReport.objects.get(recommendation=item)
        state(item, str(DAY), earlier.implementation, acceptance=earlier.acceptance, assessment="Recorded on the day.")
        update = update_of(call, item)
        shown = {"acceptance": earlier.acceptance, "implementation": earlier.implementation, "evidence_url": ""}
        data = {"version": update.version, "unchanged": "on", "assessment": "Recorded on the day.", **shown}
        client_of(points[0]).post(one(call, update), {f"{item.number}.{name}": value for name, value in data.items()})
        self.decide(client_of, bureau_coordinator, call, update_of(call, item), "accept")
        (line,) = (found for found in progress_report(as_at=DAY, since=BEFORE).listed if found.recommendation == item)
        assert line.assessment_updated is None

    def test_what_was_not_stated_before_is_no_change(
        self, client_of, call, points, bureau_coordinator, recommendations
    ):
        StatusReport.objects.filter(recommendation=recommendations[0]).update(acceptance="")
        update = self.answered(
            client_of, call, points[0], recommendations[0], acceptance="accepted", assessment="Moving on."
        )
        self.decide(client_of, bureau_coordinator, call, update, "accept")
        assert StatusReport.objects.get(recommendation=recommendations[0], as_at=DAY).stated_change == "updated"

    def test_what_a_report_of_the_day_states_of_change_stays_beside_the_same_words(
        self, client_of, call, points, bureau_coordinator, recommendations
    ):
        """Read in from the Secretariat's document, say: it knows more of the earlier date than the portal holds."""
        StatusReport.objects.filter(recommendation=recommendations[0]).update(assessment="")
        state(recommendations[0], "2023-03-31", stated_change="updated")
        update, words = (
            update_of(call, recommendations[0]),
            Words("accepted", "in_progress", "", "https://example.org/"),
        )
        (update,) = calls.answer_updates(call=call, answers=[calls.Answer(update, 1, words)], by=points[0])
        self.decide(client_of, bureau_coordinator, call, update, "accept")
        latest = StatusReport.objects.filter(recommendation=recommendations[0], as_at=DAY).latest("revision")
        assert (latest.revision, latest.stated_change) == (2, "updated")

    def test_accepted_twice_it_is_one_report(self, client_of, call, points, bureau_coordinator, recommendations):
        update = self.answered(client_of, call, points[0], recommendations[0])
        for _time in range(2):
            assert self.decide(client_of, bureau_coordinator, call, update, "accept").status_code == 302
        assert StatusReport.objects.filter(recommendation=recommendations[0], as_at=DAY).count() == 1
        assert update.steps.filter(kind="accepted").count() == 1

    def test_who_decides_on_an_older_answer_sees_the_newer_one_and_can_decide_on_it(
        self, client_of, call, points, bureau_coordinator, recommendations
    ):
        update = self.answered(client_of, call, points[0], recommendations[0])
        client_of(points[0]).post(one(call, update), form(update, assessment="More."))
        page = self.decide(client_of, bureau_coordinator, call, update, "accept", comment="Thank you.")
        assert page.status_code == HTTPStatus.CONFLICT
        assert not StatusReport.objects.filter(as_at=DAY).exists()
        again = {name: page.context["decision"].data[name] for name in ("decision", "version", "comment")}
        assert again == {"decision": "accept", "version": "3", "comment": "Thank you."}
        client_of(bureau_coordinator).post(f"{one(call, update)}decide/", again)
        assert StatusReport.objects.get(as_at=DAY).assessment == "More."

    def test_what_the_bureau_recorded_since_is_not_overwritten(
        self, client_of, call, points, bureau_coordinator, recommendations
    ):
        update = self.answered(client_of, call, points[0], recommendations[0])
        state(recommendations[0], "2023-03-31", "implemented", assessment="Otherwise.")
        page = self.decide(client_of, bureau_coordinator, call, update, "accept", comment="Fine.")
        assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        html = page.content.decode()
        assert "recorded otherwise since this answer" in html
        assert "Fine." in html
        assert StatusReport.objects.get(as_at=DAY).assessment == "Otherwise."

    def test_what_was_typed_while_it_was_accepted_is_not_lost(
        self, client_of, call, points, bureau_coordinator, recommendations
    ):
        update = self.answered(client_of, call, points[0], recommendations[0])
        opened = form(update, assessment="Typed meanwhile.")
        self.decide(client_of, bureau_coordinator, call, update, "accept")
        page = client_of(points[0]).post(one(call, update), opened)
        assert page.status_code == HTTPStatus.CONFLICT
        assert "Typed meanwhile." in page.content.decode()
        # Opened since, the page sends nothing: a browser leaves out what is disabled.
        assert client_of(points[0]).post(one(call, update), {}).status_code == HTTPStatus.FOUND

    def test_nothing_is_accepted_before_its_day_nor_without_an_answer(
        self, client_of, bureau_coordinator, recommendations
    ):
        tomorrow = timezone.localdate() + datetime.timedelta(days=1)
        call = calls.open_call(as_at=tomorrow, closes_on=tomorrow, note="", by=bureau_coordinator)
        update = update_of(call, recommendations[0])
        with pytest.raises(Refused, match="no answer yet"):
            calls.accept(update=update, version=1, by=bureau_coordinator)
        words = Words("accepted", "implemented")
        calls.answer_updates(call=call, answers=[calls.Answer(update, 1, words)], by=bureau_coordinator)
        with pytest.raises(Refused, match="from the date of the call on"):
            calls.accept(update=update, version=2, by=bureau_coordinator)

    def test_an_accepted_answer_changes_only_when_sent_back(
        self, client_of, call, points, bureau_coordinator, recommendations
    ):
        update = self.answered(client_of, call, points[0], recommendations[0])
        self.decide(client_of, bureau_coordinator, call, update, "accept")
        update = update_of(call, recommendations[0])
        other = calls.Answer(update, update.version, Words("accepted", "implemented"))
        with pytest.raises(Refused, match="accepted already"):
            calls.answer_updates(call=call, answers=[other], by=points[0])

    def test_other_posts_can_be_asked(self, client_of, call, points, bureau_coordinator, recommendations, posts):
        update = update_of(call, recommendations[0])
        self.decide(client_of, bureau_coordinator, call, update, "reassign", officers=[posts[1].key])
        assert list(update.officers.all()) == [posts[1]]
        assert client_of(points[0]).get(one(call, update)).status_code == HTTPStatus.NOT_FOUND
        assert client_of(points[1]).get(one(call, update)).status_code == HTTPStatus.OK


class TestWhoSeesWhat:
    def test_a_focal_point_sees_what_is_asked_of_their_posts(self, client_of, call, points, recommendations):
        client = client_of(points[1])
        page = client.get(ADDRESS)
        assert [of_set.set.symbol for of_set in page.context["progress"].sets] == ["JIU/REP/2020/7"]
        assert client.get(f"{ADDRESS}jiu-rep-2021-6/").status_code == HTTPStatus.NOT_FOUND
        update = update_of(call, recommendations[0])
        for method in (client.get, client.post):
            assert method(one(call, update)).status_code == HTTPStatus.NOT_FOUND
        assert client.post(f"{one(call, update)}decide/").status_code == HTTPStatus.NOT_FOUND
        assert client.post(f"{ADDRESS}close/").status_code == HTTPStatus.NOT_FOUND
        assert client.get("/jiu/calls/open/").status_code == HTTPStatus.NOT_FOUND

    def test_focal_points_read_and_state_what_their_posts_answer_for_on_every_page(
        self, client_of, call, points, bureau_coordinator, recommendations
    ):
        own, foreign = "/offices/IB/status/jiu-rep-2021-6/", "/offices/IB/status/jiu-rep-2020-7/"
        client = client_of(points[0])
        assert client.get(own).status_code == client.get(f"{own}1/").status_code == HTTPStatus.OK
        assert (
            client.get(f"{foreign}3/").status_code
            == client.post(f"{foreign}3/", {}).status_code
            == HTTPStatus.NOT_FOUND
        )
        data = {"as_at": "2023-03-31", "3.version": 0, "3.implementation": "implemented", "3.confirmed": "on"}
        client.post(foreign, data)
        assert StatusReport.objects.filter(recommendation=recommendations[2]).count() == 1
        assert set(StatusReport.objects.visible_to(points[0]).values_list("recommendation", flat=True)) == {
            recommendations[0].pk,
            recommendations[1].pk,
        }
        assert StatusReport.objects.visible_to(bureau_coordinator).count() == 4

    def test_holders_who_cannot_answer_are_not_named(self, client_of, call, bureau, bureau_coordinator, posts):
        gone = focal_point(bureau, posts[0])
        gone.is_active = False
        gone.save()
        focal_point(bureau, posts[0], role=Membership.Role.VIEWER)
        posts[0].holders.add(UserFactory())
        progress = client_of(bureau_coordinator).get(ADDRESS).context["progress"]
        assert [post.holders for post in progress.silent if post.officer == posts[0]] == [()]

    def test_who_left_the_bureau_or_the_post_sees_nothing(self, client_of, call, points, posts):
        points[0].memberships.all().delete()
        posts[1].holders.clear()
        for point in points:
            assert client_of(point).get(ADDRESS).status_code == HTTPStatus.NOT_FOUND
            assert client_of(point).get("/").context["calls"] == []
        assert client_of(points[0]).get("/jiu/calls/").status_code == HTTPStatus.NOT_FOUND
        assert client_of(points[1]).get("/jiu/calls/").context["calls"] == []

    def test_other_offices_see_nothing(self, client_of, call, coordinator, other_coordinator):
        for person in (coordinator, other_coordinator):
            assert client_of(person).get(ADDRESS).status_code == HTTPStatus.NOT_FOUND
            assert client_of(person).get("/jiu/calls/").status_code == HTTPStatus.NOT_FOUND

    def test_auditors_and_viewers_read_and_do_not_answer(
        self, client_of, call, auditor, bureau, posts, recommendations
    ):
        viewer = focal_point(bureau, posts[0], role=Membership.Role.VIEWER)
        update = update_of(call, recommendations[0])
        for person in (auditor, viewer):
            client = client_of(person)
            assert client.get(one(call, update)).status_code == HTTPStatus.OK
            assert client.post(one(call, update), form(update, unchanged="on")).status_code == HTTPStatus.FORBIDDEN
        assert update_of(call, recommendations[0]).state == "asked"

    def test_the_form_of_who_may_only_read_cannot_be_filled_in(self, client_of, call, auditor, points, recommendations):
        update = update_of(call, recommendations[0])
        field = f'<fieldset class="line" id="line-{update.recommendation.number}"'
        for person, end in ((auditor, " disabled>"), (points[0], ">")):
            assert field + end in " ".join(client_of(person).get(one(call, update)).content.decode().split())
        links = ("Answers of the whole report", "Answer for the whole report")
        for person, link in zip((auditor, points[0]), links, strict=True):
            page = client_of(person).get(ADDRESS).content.decode()
            assert [text in page for text in links] == [text == link for text in links]

    @pytest.mark.parametrize("address", ["/", "/dashboard/"])
    def test_home_and_dashboard_say_what_is_asked(
        self, client_of, call, points, contributor, bureau_coordinator, address
    ):
        page = " ".join(client_of(points[1]).get(address).content.decode().split())
        assert f'<a href="{ADDRESS}">Call for updates on JIU recommendations as at' in page
        assert "Answered: 0 of 1 (0%)." in page
        assert "Nothing is asked at present" not in page
        assert "Call for updates" not in client_of(contributor).get(address).content.decode()
        calls.close_call(call=call, by=bureau_coordinator)
        assert "Call for updates" not in client_of(points[1]).get(address).content.decode()

    def test_anonymous_visitors_sign_in(self, client, call):
        assert client.get(ADDRESS).status_code == HTTPStatus.FOUND

    def test_the_coordinator_sees_whose_answers_are_missing(
        self, client_of, call, points, bureau_coordinator, recommendations, posts
    ):
        client_of(points[1]).post(
            one(call, update_of(call, recommendations[2])), form(update_of(call, recommendations[2]), unchanged="on")
        )

        progress = client_of(bureau_coordinator).get(ADDRESS).context["progress"]

        assert (progress.counts.asked, progress.counts.answered, progress.counts.percent) == (3, 1, 33)
        assert [(post.officer, post.holders, post.asked, len(post.missing)) for post in progress.silent] == [
            (posts[0], (str(points[0]),), 2, 2)
        ]


@pytest.mark.parametrize("size", [1, 20])
def test_pages_ask_as_often_for_many_recommendations_as_for_few(
    client_of, bureau_coordinator, django_assert_num_queries, posts, size
):
    for number in range(1, size + 1):
        report = state(make_jiu_recommendation("JIU/REP/2021/6", number, "EH"), "2022-03-31")
        report.responsible_officers.add(posts[number % 2])
    with django_assert_num_queries(12):
        calls.open_call(as_at=DAY, closes_on=DAY, note="", by=bureau_coordinator)
    client = client_of(bureau_coordinator)
    for address, count in (("/jiu/calls/", 6), (ADDRESS, 9), (f"{ADDRESS}jiu-rep-2021-6/", 8)):
        with django_assert_num_queries(count):
            client.get(address)


@pytest.mark.parametrize("officers", ["999999999999999999999999", "nobody", "1"])
def test_a_post_that_there_is_not_is_told(client_of, call, bureau_coordinator, recommendations, officers):
    update = update_of(call, recommendations[0])
    data = {"decision": "reassign", "version": 1, "officers": officers}
    page = client_of(bureau_coordinator).post(f"{one(call, update)}decide/", data)
    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert list(page.context["decision"].errors) == ["officers"]


def test_an_unknown_day_is_no_page(client_of, bureau_coordinator, call):
    day = call.as_at
    others = [f"{day:%Y%m%d}", f"{day:%G-W%V-%u}"]
    assert [datetime.date.fromisoformat(other) for other in others] == [day, day]
    assert client_of(bureau_coordinator).get(f"/jiu/calls/{day}/").status_code == HTTPStatus.OK
    for day in ("2023-02-30", "yesterday", "2024-03-31", *others):
        assert client_of(bureau_coordinator).get(f"/jiu/calls/{day}/").status_code == HTTPStatus.NOT_FOUND


def test_a_person_without_the_bureau_cannot_hold_a_post_that_answers(client_of, call, posts):
    stranger = UserFactory()
    posts[0].holders.add(stranger)
    assert client_of(stranger).get(ADDRESS).status_code == HTTPStatus.NOT_FOUND
