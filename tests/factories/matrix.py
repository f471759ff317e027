"""A world in which every row says whose it is: each of its texts holds a mark that only some people may meet.

A mark looks like `zqnan17q`: the scope `na`, the seventeenth text.
"""

from __future__ import annotations

import datetime
import itertools
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from allauth.account.forms import default_token_generator
from allauth.core.context import request_context
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.db import models
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from jiu.models import Update
from notices.models import Reminder
from offices.actions.invitations import hash_of
from offices.models import Membership, Office, User
from portal.fields import KeyField, PartialDateField
from portal.models import AuditEntry, ImportRecord, PendingImport
from portal.spreadsheets.kinds import resource_for
from publications.actions import Words, publish_results
from publications.models import Publication
from recommendations.models import Recommendation, RecommendationSet, SetDocument, SetEvent
from surveys.models import Survey
from surveys.results import compute_results
from tests.factories import assistance, jiu, offices, publications, recommendations, surveys
from tests.factories.portal import csv_bytes, exported

MARK = re.compile(r"zq([a-z]+)n[0-9]+q")
DAY = datetime.timedelta(days=1)

# Which texts whom a row of the model concerns are those of the office that this path leads to; None are everybody's.
OWNERS: dict[str, str | None] = {
    "account.EmailAddress": None,
    "assistance.Activity": "request__office",
    "assistance.Programme": None,
    "assistance.Request": "office",
    "assistance.RequestStep": "request__office",
    "jiu.Endorsement": None,
    "jiu.Questionnaire": None,
    "jiu.Review": None,
    "offices.GroupMember": None,
    "offices.Membership": "office",
    "offices.Office": None,
    "offices.OfficeGroup": None,
    "offices.PersonInvitation": "offices",
    "offices.User": "memberships__office",
    "publications.CommentDecision": "office",
    "publications.Publication": None,
    "recommendations.Officer": None,
    "recommendations.Recommendation": None,
    "recommendations.RecommendationSet": None,
    "recommendations.RecommendedAction": None,
    "recommendations.SetDocument": None,
    "recommendations.SetEvent": None,
    "recommendations.StatusReport": "office",
    "surveys.Answer": "response__office",
    "surveys.Invitation": "office",
    "surveys.Question": "survey__invitations__office",
    "surveys.QuestionOption": "question__survey__invitations__office",
    "surveys.Response": "office",
    "surveys.Section": "response__office",
    "surveys.Survey": "invitations__office",
}
# Rows of which no office is the owner, and which are not everybody's either: the scope that their marks have.
SCOPES = {
    "jiu.Call": "ib",
    "jiu.ReportSentence": "report",
    "jiu.Update": "ib",
    "jiu.UpdateStep": "ib",
    "mfa.Authenticator": "of its person",
    "notices.Reminder": "staff",
    "portal.AuditEntry": "of office_code",
    "portal.ImportRecord": "staff",
    "portal.PendingImport": "staff",
    "publications.Claim": "staff",
    "usersessions.UserSession": "of its person",
}
# Rows that no page of the portal is about.
UNSEEN = {"account.EmailConfirmation", "admin.LogEntry", "auth.Group", "auth.Permission", "contenttypes.ContentType"}
UNSEEN |= {"sessions.Session"}
# Not written by people, or by a rule of its own.
UNMARKED = {"office_code", "password", "token_hash", "sha256", "seal", "digest", "software", "measure", "session_key"}


def text_fields(model: type[models.Model]) -> Iterable[models.Field]:
    """Those that hold what somebody wrote."""
    for item in model._meta.concrete_fields:
        is_text = isinstance(item, models.CharField | models.TextField | models.JSONField)
        if is_text and not item.choices and item.name not in UNMARKED and not isinstance(item, PartialDateField):
            yield item


_numbers = itertools.count(1)


def mark(scope: str) -> str:
    return f"zq{scope}n{next(_numbers)}q"


def text_for(item: models.Field, scope: str) -> Any:
    """A text with a mark that the field takes."""
    word = mark(scope)
    if isinstance(item, models.EmailField):
        return f"{word}@example.org"
    if isinstance(item, models.URLField):
        return f"https://example.org/{word}"
    if isinstance(item, models.JSONField):
        return {"note": word}
    return word


def marked(factory_class: Any, scope: str, **given: Any) -> Any:
    """A row of the factory with a mark in every text that is not given."""
    fields = [item for item in text_fields(factory_class._meta.model) if item.name not in given]
    fields = [item for item in fields if not isinstance(item, KeyField)]
    return factory_class(**{item.name: text_for(item, scope) for item in fields}, **given)


# Who asks


@dataclass(frozen=True)
class Persona:
    """Somebody who comes to the portal. `office` is the code of theirs; `scopes` are the marks that they may meet."""

    name: str
    office: str = ""
    scopes: frozenset[str] = frozenset()


ALL_SCOPES = frozenset({"au", "na", "ib", "ibb", "in", "staff", "report"})
PERSONAS = [
    Persona("anonymous"),
    Persona("viewer", "AU", frozenset({"au", "in"})),
    Persona("contributor", "AU", frozenset({"au", "in"})),
    Persona("coordinator", "AU", frozenset({"au", "in"})),
    Persona("other_coordinator", "NA", frozenset({"na", "in"})),
    Persona("focal_point", "IB", frozenset({"ib", "in"})),
    Persona("bureau_coordinator", "IB", frozenset({"ib", "ibb", "in", "report"})),
    Persona("secretariat", scopes=ALL_SCOPES),
    Persona("administrator", scopes=ALL_SCOPES),
    Persona("auditor", scopes=ALL_SCOPES),
    Persona("deactivated"),
    Persona("revoked", scopes=frozenset({"in"})),
]
OFFICES = ("AU", "NA", "IB")
PASSWORD = "long-and-unheard-of"
APP_SECRET = "JBSWY3DPEHPK3PXP"
# What stands for the office of somebody who has none, and the office that is foreign to those of the other.
FOREIGN = {"": "AU", "AU": "NA", "NA": "AU", "IB": "AU"}


@dataclass
class World:
    """All rows that the addresses of the matrix lead to."""

    offices: dict[str, Office] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    open: Survey = None  # type: ignore[assignment]
    next: dict[str, Survey] = field(default_factory=dict)
    past: Survey = None  # type: ignore[assignment]
    set: RecommendationSet = None  # type: ignore[assignment]
    jiu_set: RecommendationSet = None  # type: ignore[assignment]
    requests: dict[str, Any] = field(default_factory=dict)
    activities: dict[str, Any] = field(default_factory=dict)
    invitations: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    call: Any = None
    publication: Publication = None  # type: ignore[assignment]
    claim: Any = None
    keys: dict[str, Authenticator] = field(default_factory=dict)
    pending: dict[str, UUID] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)
    # By the label of the model: one of those rows that others rest on, on which nothing rests.
    free: dict[str, Any] = field(default_factory=dict)
    # By kind: a file that an administrator may import.
    files: dict[str, bytes] = field(default_factory=dict)


def make_world() -> World:
    """Offices AU, NA and IB, each with people, answers, statuses and requests; call it inside a transaction."""
    world = World()
    for code in OFFICES:
        kind = Office.Kind.INTERNATIONAL if code == "IB" else Office.Kind.NATIONAL
        world.offices[code] = offices.OfficeFactory(code=code, name=f"Name of {code}", kind=kind, region="")
    world.rows["group"] = group = offices.OfficeGroupFactory(key="both", title="Both")
    for code in OFFICES:
        offices.GroupMemberFactory(group=group, office=world.offices[code])
    make_people(world)
    make_catalogue(world)
    make_rounds(world)
    for code in OFFICES:
        make_statuses(world, code)
        make_requests(world, code)
        make_invitations(world, code)
        make_trail(world, code)
    make_link(world)
    make_calls(world)
    make_free_rows(world)
    make_ways_in(world)
    make_staff_rows(world)
    make_clients(world)
    return world


def make_people(world: World) -> None:
    roles = {"viewer": "viewer", "contributor": "contributor", "focal_point": "contributor"}
    for persona in PERSONAS:
        if persona.name == "anonymous":
            continue
        code = persona.office or {"deactivated": "AU", "revoked": "AU"}.get(persona.name, "")
        named = persona.office.lower()
        user = offices.UserFactory(
            email=f"{persona.name}-{mark(named) if named else ''}@example.org",
            name=f"{persona.name} {mark(named) if named else ''}".strip(),
            role=persona.name if persona.name in User.Role else "",
            # The others come by a link or by a provider.
            **({"password": PASSWORD} if persona.name == "administrator" else {}),
        )
        world.people[persona.name] = user
        if code:
            role = roles.get(persona.name, "coordinator")
            offices.MembershipFactory(user=user, office=world.offices[code], role=role)
    # Somebody of two offices, and somebody of the Bureau's other post.
    both = offices.UserFactory(email="both@example.org", name="Both")
    for code in ("AU", "NA"):
        offices.MembershipFactory(user=both, office=world.offices[code], role="viewer")
    world.people["both"] = both
    for code in OFFICES:
        marks = {"email": f"{mark(code.lower())}@example.org", "name": mark(code.lower())}
        world.people[f"colleague {code}"] = offices.UserFactory(**marks)
        offices.MembershipFactory(
            user=world.people[f"colleague {code}"], office=world.offices[code], role=Membership.Role.CONTRIBUTOR
        )


def make_catalogue(world: World) -> None:
    world.set = recommendations.RecommendationSetFactory(key="ict", issuer="CWS", symbol="CWS/12/22", source="here")
    world.rows["recommendation"] = first = make_recommendation(world.set, 1)
    make_recommendation(world.set, 2)
    SetEvent.objects.create(recommendation_set=world.set, date="2024", label="Event", document="D", source="here")
    SetDocument.objects.create(recommendation_set=world.set, title="Document", kind="report", state="there")
    recommendations.RecommendedActionFactory(recommendation=first, text="Do", source="here")
    world.jiu_set = recommendations.RecommendationSetFactory(
        key="jiu-rep-2021-6", issuer="JIU", symbol="JIU/REP/2021/6"
    )
    for number in (1, 2):
        make_recommendation(world.jiu_set, number)
    world.rows["programme"] = assistance.ProgrammeFactory(
        number=1, recommendation=first, institutions="Offices", objectives="Learn", activities="Talks", source="here"
    )
    world.rows["review"] = jiu.ReviewFactory(stage="ongoing")
    world.rows["questionnaire"] = jiu.QuestionnaireFactory(due_on=datetime.date(2023, 1, 1))


def make_recommendation(of_set: RecommendationSet, number: int) -> Recommendation:
    texts = {"summary": "Summary", "official_text": "Official", "source": "here"}
    return recommendations.RecommendationFactory(recommendation_set=of_set, number=number, addressee="LB", **texts)


def make_rounds(world: World) -> None:
    """An open round of all, one to come for each office, and a closed one, whose results are published."""
    today = timezone.localdate()
    codes = [world.offices[code] for code in OFFICES]
    world.open = make_round(world, "open", "in", codes, today - 7 * DAY, today + 7 * DAY)
    world.past = make_round(world, "past", "", codes, today - 60 * DAY, today - 30 * DAY)
    for code in OFFICES:
        invited = [world.offices[code]]
        world.next[code] = make_round(
            world, f"next-{code.lower()}", code.lower(), invited, today + 7 * DAY, today + 14 * DAY
        )
        for survey in (world.open, world.past):
            make_response(survey, world.offices[code], "submitted", person=world.people[f"colleague {code}"])
        make_response(world.open, world.offices[code], "draft", person=world.people[f"colleague {code}"])
    world.rows["silent office"] = silent = offices.OfficeFactory(code="QQ", name="Name of QQ")
    offices.MembershipFactory(office=silent, role="coordinator", user__email="qq@example.org")
    surveys.InvitationFactory(survey=world.open, office=silent)
    words = Words("Results", "As an example", uuid4())
    world.publication = publish_results(
        results=compute_results(world.past), words=words, by=world.people["secretariat"]
    )


def make_round(
    world: World,
    key: str,
    scope: str,
    invited: list[Office],
    opens_on: datetime.date,
    closes_on: datetime.date,
) -> Survey:
    def said(text: str) -> str:
        return mark(scope) if scope else text

    survey = surveys.SurveyFactory(
        key=key, title=said("Round"), recommendation_set=world.set, opens_on=opens_on, closes_on=closes_on
    )
    kinds = ["levels", "select", "choice", "text", "comments"]
    for order, kind in enumerate(kinds, start=1):
        exclusive = "none" if kind == "select" else ""
        question = surveys.QuestionFactory(
            survey=survey, key=kind, order=order, kind=kind, text=said("Text?"), exclusive_option=exclusive
        )
        if kind == "choice":
            surveys.QuestionOptionFactory(question=question, key="partly", label=said("Partly"), needs_explanation=True)
    for office in invited:
        # The note is read by the secretariat, administrators and auditors only.
        marked(surveys.InvitationFactory, "staff", survey=survey, office=office)
    return survey


def make_response(survey: Survey, office: Office, state: str, *, person: User) -> None:
    scope, made = office.code.lower(), timezone.now()
    submitted = {"submitted_at": made, "version": 1} if state == "submitted" else {"version": 2}
    response = surveys.ResponseFactory(survey=survey, office=office, state=state, saved_by=person, **submitted)
    first = world_first(survey)
    values = {"levels": "implemented", "select": "yes", "choice": "partly"}
    for question in survey.questions.all():
        surveys.SectionFactory(response=response, question=question, version=response.version, saved_by=person)
        item = first if question.kind in {"levels", "select", "comments"} else None
        surveys.AnswerFactory(
            response=response,
            question=question,
            recommendation=item,
            value=values.get(question.kind) or mark(scope),
            comment=mark(scope) if question.kind in {"levels", "choice"} else "",
            changed_by=person,
        )


def world_first(survey: Survey) -> Recommendation:
    return survey.recommendation_set.recommendations.order_by("number")[0]


def make_statuses(world: World, code: str) -> None:
    today, person = timezone.localdate(), world.people[f"colleague {code}"]
    for item in world.set.recommendations.all():
        for days in (400, 30):
            marked(
                recommendations.StatusReportFactory,
                code.lower(),
                recommendation=item,
                office=world.offices[code],
                as_at=today - days * DAY,
                implementation="in_progress",
                acceptance="accepted",
                recorded_by=person,
            )


def make_requests(world: World, code: str) -> None:
    scope, today = code.lower(), timezone.localdate()
    request = marked(
        assistance.RequestFactory,
        scope,
        key=f"request-{scope}",
        programme=world.rows["programme"],
        office=world.offices[code],
        wanted_by=today + 90 * DAY,
    )
    person = world.people[f"colleague {code}"]
    for days, status in ((30, "requested"), (20, "agreed"), (10, "ongoing")):
        marked(
            assistance.RequestStepFactory,
            scope,
            request=request,
            date=today - days * DAY,
            status=status,
            recorded_by=person,
        )
    world.requests[code] = request
    world.activities[code] = marked(assistance.ActivityFactory, scope, request=request, date=today - 5 * DAY)


def make_invitations(world: World, code: str) -> None:
    token = f"token-{code.lower()}-" + "x" * 30
    invitation = marked(
        offices.PersonInvitationFactory,
        code.lower(),
        portal_role="",
        office_role="viewer",
        token_hash=hash_of(token),
        invited_by=world.people["secretariat"],
    )
    invitation.offices.set([world.offices[code]])
    world.tokens[code], world.invitations[code] = token, invitation


def make_link(world: World) -> None:
    """A link for whoever has it, to one office."""
    world.tokens["link"] = "token-link-" + "x" * 30
    invitation = offices.PersonInvitationFactory(
        email="linked@example.org",
        portal_role="",
        office_role="viewer",
        token_hash=hash_of(world.tokens["link"]),
        invited_by=world.people["secretariat"],
    )
    invitation.offices.set([world.offices["AU"]])
    world.invitations["portal"] = offices.PersonInvitationFactory(
        email=f"{mark('staff')}@example.org", portal_role="auditor", invited_by=world.people["administrator"]
    )


def make_trail(world: World, code: str) -> None:
    texts = {item.name: text_for(item, code.lower()) for item in text_fields(AuditEntry)}
    actor = world.people[f"colleague {code}"]
    world.rows[f"entry {code}"] = AuditEntry.objects.create(path="form", office_code=code, actor=actor, **texts)


def make_calls(world: World) -> None:
    """A call that asks each of two posts about one recommendation; the focal point holds the first."""
    today = timezone.localdate()
    world.call = marked(jiu.CallFactory, "ib", as_at=today - DAY)
    holders = {1: world.people["focal_point"], 2: world.people["colleague IB"]}
    for item in world.jiu_set.recommendations.all():
        scope = "ib" if item.number == 1 else "ibb"
        officer = recommendations.OfficerFactory(key=f"post-{item.number}")
        officer.holders.add(holders[item.number])
        report = marked(
            recommendations.StatusReportFactory,
            scope,
            recommendation=item,
            office=world.offices["IB"],
            as_at=today - 400 * DAY,
            implementation="in_progress",
            acceptance="accepted",
        )
        report.responsible_officers.add(officer)
        update = marked(jiu.UpdateFactory, scope, call=world.call, recommendation=item, state=Update.State.ANSWERED)
        Update.objects.filter(pk=update.pk).update(
            acceptance="accepted", implementation="in_progress", answered_beside=report
        )
        update.officers.add(officer)
        marked(jiu.UpdateStepFactory, scope, update=update, by=holders[item.number])
        jiu.EndorsementFactory(recommendation=item, document="WO/GA/1")
    marked(jiu.ReportSentenceFactory, "report", as_at=today, since=today - 365 * DAY, name="cover")


def make_free_rows(world: World) -> None:
    """Rows that an administrator may delete, of models whose rows mostly stay."""
    spare = recommendations.RecommendationSetFactory(key="spare", issuer="CWS", symbol="CWS/12/23")
    opens_on, survey = timezone.localdate() + 20 * DAY, surveys.SurveyFactory
    asked = survey(key="spare", recommendation_set=world.set, opens_on=opens_on, closes_on=opens_on + DAY)
    later = survey(key="free", recommendation_set=world.set, opens_on=opens_on, closes_on=opens_on + DAY)
    question = surveys.QuestionFactory(survey=asked, key="choice", kind="choice", order=1)
    surveys.QuestionOptionFactory(question=question, key="kept", order=1)
    world.free = {
        "offices.office": offices.OfficeFactory(code="QZ", name="Name of QZ"),
        "recommendations.recommendationset": recommendations.RecommendationSetFactory(key="free", symbol="CWS/12/24"),
        "recommendations.recommendation": make_recommendation(spare, 1),
        "assistance.programme": assistance.ProgrammeFactory(number=2),
        "surveys.survey": later,
        "surveys.question": surveys.QuestionFactory(survey=asked, key="text", order=2),
        "surveys.questionoption": surveys.QuestionOptionFactory(question=question, key="freed", order=2),
        "surveys.invitation": surveys.InvitationFactory(survey=asked, office=world.rows["silent office"]),
    }


# By kind: what an upload says otherwise than the last row of the export.
UPLOADED: dict[str, dict[str, str]] = {
    "offices": {"name": "Another"},
    "office_groups": {"title": "Another"},
    "group_members": {"office": "QZ"},
    "recommendation_sets": {"title": "Another"},
    "set_events": {"document": "Another"},
    "set_documents": {"state": "Another"},
    "recommendations": {"label": "Another"},
    "recommended_actions": {"text": "Another"},
    "officers": {"title": "Another"},
    "status_reports": {"summary": "Another"},
    "reviews": {"title": "Another"},
    "questionnaires": {"title": "Another"},
    "endorsements": {"document": "Another"},
    "programmes": {"title": "Another"},
    "requests": {"purpose": "Another"},
    "request_steps": {"date": str(timezone.localdate() - DAY), "status": "completed"},
    "activities": {"outcome": "Another"},
    "surveys": {"title": "Another"},
    "questions": {"text": "Another"},
    "question_options": {"label": "Another"},
    "invitations": {"office": "QZ"},
    "invitation_terms": {"note": "Another"},
    "responses": {"comment": "Another"},
    "claims": {"note": "Another"},
}


def make_files(world: World) -> None:
    for kind, otherwise in UPLOADED.items():
        columns = resource_for(kind).column_names()
        row = dict(zip(columns, exported(kind)[-1], strict=True)) | otherwise
        world.files[kind] = csv_bytes([columns, list(row.values())])


def make_staff_rows(world: World) -> None:
    """What lies with administrators and the secretariat, and what is one person's own."""
    world.claim = marked(publications.ClaimFactory, "staff")
    make_files(world)
    administrator = world.people["administrator"]
    for kind in [*world.files, "progress_report"]:
        content = world.files.get(kind, mark("staff").encode())
        pending = PendingImport.objects.create(
            kind=kind, filename=mark("staff"), content=content, uploaded_by=administrator
        )
        world.pending[kind] = pending.pk
    world.rows["reminder"] = Reminder.objects.create(
        survey=world.open,
        office=world.rows["silent office"],
        kind=Reminder.Kind.CLOSING,
        state=Reminder.State.FAILED,
        recipients=1,
        error=mark("staff"),
    )
    record = ImportRecord.objects.create(kind="status_reports", filename=mark("staff"), sha256="0" * 64, path="import")
    world.rows["import"] = record
    for name, user in world.people.items():
        code = next((item.office for item in PERSONAS if item.name == name), "") or name.partition("colleague ")[2]
        scope = code.lower() or "staff"
        data = {"name": mark(scope) if name not in {"both", "revoked"} else "Key", "credential": credential(user.pk)}
        world.keys[name] = Authenticator.objects.create(user=user, type="webauthn", data=data)
        agent = "Browser" if name in {"both", "revoked"} else mark(scope)
        # Signed in in another browser, too.
        other = Client()
        other.force_login(user)
        told = {"ip": "203.0.113.7", "user_agent": agent, "data": {"note": ""}}
        UserSession.objects.update_or_create(user=user, session_key=other.session.session_key, defaults=told)


def credential(number: int) -> dict[str, Any]:
    """What a passkey leaves behind when it is added."""
    place, key = number.to_bytes(16, "big"), ES256({1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32})
    made = AttestedCredentialData.create(Aaguid(bytes(16)), place, key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    told = AttestationObject.create("none", AuthenticatorData.create(b"r" * 32, flags, 0, made), {})
    client = CollectedClientData.create("webauthn.create", b"c" * 32, "http://testserver")
    response = {"clientDataJSON": websafe_encode(client), "attestationObject": websafe_encode(told)}
    return {"id": websafe_encode(place), "rawId": websafe_encode(place), "type": "public-key", "response": response}


def make_ways_in(world: World) -> None:
    """Somebody with a password and no second factor, and the secretariat with an app and recovery codes."""
    silent = User.objects.get(email="qq@example.org")
    silent.set_password(PASSWORD)
    silent.save()
    world.rows["silent"] = silent
    with request_context(HttpRequest()):
        TOTP.activate(world.people["secretariat"], APP_SECRET)
        RecoveryCodes.activate(world.people["secretariat"])


def code_of_app() -> str:
    """What the app shows now, whoever's it is: all have been shown the same secret."""
    return format_hotp_value(hotp_value(APP_SECRET, next(yield_hotp_counters_from_time())))


def make_clients(world: World) -> None:
    """A browser for each persona; what takes access away happens after they have signed in."""
    for persona in PERSONAS:
        client = world.clients[persona.name] = Client()
        if persona.name in world.people:
            client.force_login(world.people[persona.name])
        session = client.session
        # As after following the link to choose a new password.
        session["_password_reset_key"] = default_token_generator.make_token(world.rows["silent"])
        session.save()
        if persona.name == "anonymous":
            continue
        # As after signing in with a password a moment ago, so that no page asks for it again.
        session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
        session["account_authentication_methods_user"] = str(world.people[persona.name].pk)
        # As after opening the page to add an app.
        session["mfa.totp.secret"] = APP_SECRET
        session.save()
    User.objects.filter(pk=world.people["deactivated"].pk).update(is_active=False)
    Membership.objects.filter(user=world.people["revoked"]).delete()


def every_model() -> list[type[models.Model]]:
    """All but those that keep what rows of another said before."""
    return [model for model in apps.get_models() if not model.__name__.startswith("Historical")]
