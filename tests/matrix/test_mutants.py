"""The matrix proves itself: without any one of the guards, some cell is red. With all of them none is (other files)."""

import pytest

from tests.matrix import guards
from tests.matrix.cells import SIGN_IN
from tests.matrix.guards import all_guards, put_in_place, without_sign_in
from tests.matrix.routes import all_routes
from tests.matrix.table import TABLE

pytestmark = pytest.mark.django_db

# Where it is noticed that a guard is gone: one route for each, of those that there are.
NOTICED_AT = {
    "admin.AdminSite.has_permission": "admin:index",
    "assistance.RequestQuerySet.visible_to": "assistance:request",
    "assistance.policies.may_answer": "assistance:activity",
    "assistance.policies.may_ask_for": "assistance:ask",
    "assistance.policies.may_keep_menu": "assistance:programme_edit",
    "assistance.policies.may_see_figures": "assistance:menu",
    "assistance.policies.may_take": "assistance:step",
    "assistance.policies.next_steps": "assistance:request",
    "jiu.UpdateQuerySet.visible_to": "jiu:answer",
    "jiu.policies.answered_by": "status:detail",
    "jiu.policies.follows_calls": "jiu:calls",
    "jiu.policies.may_answer": "jiu:answer",
    "jiu.policies.may_import_document": "jiu:import",
    "jiu.policies.may_read_progress": "jiu:progress_report_json",
    "jiu.policies.may_run_calls": "jiu:decide",
    "jiu.policies.of_own_posts": "jiu:index",
    "jiu.policies.role_at_bureau": "jiu:answer",
    "notices.policies.may_follow": "notices:list",
    "notices.policies.may_send": "notices:send",
    "offices.MembershipQuerySet.visible_to": "person_office",
    "offices.OfficeQuerySet.served_by": "surveys:respond",
    "offices.PersonInvitationQuerySet.visible_to": "people_invitation",
    "offices.User.coordinated_offices": "people",
    "offices.User.is_administrator": "jiu:import",
    "offices.User.office_roles": "assistance:request",
    "offices.User.reads_everything": "assistance:request",
    "offices.UserQuerySet.visible_to": "person",
    "offices.policies.belongs_to": "surveys:respond",
    "offices.policies.fills_for": "assistance:withdraw",
    "offices.policies.is_administrator": "people_invitation",
    "offices.policies.is_secretariat": "surveys:create",
    "offices.policies.manages_people_of": "person_office",
    "offices.policies.may_give_portal_role": "person_role",
    "offices.policies.may_handle": "people_invitation",
    "offices.policies.may_invite": "people_invite",
    "offices.policies.may_offer": "people_invitation",
    "offices.policies.may_see_people": "people",
    "offices.policies.may_switch_off": "person_access",
    "offices.policies.reads_everything": "claims:list",
    "offices.policies.submits_for": "surveys:review",
    "portal.trail.policies.may_read": "trail",
    "portal.trail.policies.visible_entries": "trail_csv",
    "publications.policies.may_publish": "publications:comments",
    "publications.policies.may_read_claims": "claims:detail",
    "recommendations.StatusReportQuerySet.visible_to": "recommendations:detail",
    "recommendations.policies.may_record_statuses": "status:detail",
    "recommendations.policies.own_offices": "recommendations:detail",
    "surveys.SurveyQuerySet.visible_to": "surveys:detail",
    "surveys.policies.may_fill": "surveys:respond",
    "surveys.policies.may_follow": "surveys:manage",
    "surveys.policies.may_manage": "surveys:manage_edit",
    "surveys.policies.may_read_results": "surveys:results_json",
    "surveys.policies.may_submit": "surveys:discard",
}
# Guards whose removal nobody can notice, where they stand, and why.
UNNOTICED = {
    # The directory of offices is everybody's.
    "offices.OfficeQuerySet.visible_to": ["offices:list", "offices:detail"],
    # It says which filters and columns a list has; the rows come through `Request.objects.visible_to`.
    "assistance.policies.sees_queue": ["assistance:requests", "assistance:programme"],
    # They stand behind another guard: who is not let on by it never gets to the rows.
    "notices.ReminderQuerySet.visible_to": ["notices:list", "notices:send", "notices:settle"],
    "surveys.ResponseQuerySet.visible_to": ["home", "dashboard", "surveys:list", "surveys:detail"],
}
# Pages that do something else than they should: where, what, and a word of the cell that is red.
BROKEN = [
    ("account_login", guards.is_gone, "answered 404"),
    ("account_login", guards.does_nothing, "as anonymous, nothing (/accounts/login/): answered 200"),
    ("usersessions_list", guards.ends_all_sessions, "the sessions of others"),
    ("usersessions_list", guards.does_nothing, "answered 200"),
    ("admin:offices_office_change", guards.is_gone_to_forms, "answered 404"),
    ("admin:offices_office_change", guards.wipes_memberships, "offices_membership"),
    ("admin:offices_office_change", guards.wipes_and_is_gone, "answered 404"),
    ("admin:offices_officegroup_delete", guards.wipes_memberships, "offices_membership"),
    ("trail", guards.tells_scripts_every_entry, "GET by script trail as coordinator"),
    ("trail", guards.asks_no_script_who_it_is, "GET by script trail as anonymous"),
    ("trail", guards.says_nothing_of_parts, "does not say so"),
]
GUARDS = all_guards()
LED_TO_SIGN_IN = [
    name
    for name, policy in TABLE.items()
    if policy.expected("anonymous", "GET" if policy.get is not None else "POST", "missing") == SIGN_IN
    and not all_routes()[name].place.callback.__module__.startswith("allauth")
]


def test_every_guard_is_taken_away_once():
    assert sorted([*NOTICED_AT, *UNNOTICED]) == sorted(GUARDS)


@pytest.mark.parametrize("name", NOTICED_AT)
def test_without_the_guard_a_cell_is_red(ground, monkeypatch, name):
    GUARDS[name].open(monkeypatch)

    assert ground.first_red(NOTICED_AT[name])


@pytest.mark.parametrize("name", UNNOTICED)
def test_what_is_called_unnoticed_is_noticed_by_nobody(ground, monkeypatch, name):
    GUARDS[name].open(monkeypatch)

    assert [line for route in UNNOTICED[name] if (line := ground.first_red(route))] == []


@pytest.mark.parametrize("name", LED_TO_SIGN_IN)
def test_a_view_that_leads_nobody_to_sign_in_is_red(ground, monkeypatch, name):
    assert without_sign_in(monkeypatch, all_routes()[name])

    assert "as anonymous" in ground.first_red(name)


@pytest.mark.parametrize(("at", "breaks", "word"), BROKEN)
def test_a_page_that_does_something_else_is_red(ground, monkeypatch, at, breaks, word):
    assert ground.first_red(at) == ""
    put_in_place(monkeypatch, at, breaks)

    assert word in ground.first_red(at)
