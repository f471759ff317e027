"""The admin pages: for administrators only, whatever the page. A model more needs a line in `NEEDED` or `READ_ONLY`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.admin.sheets import SheetAdmin
from tests.factories.matrix import Persona, World
from tests.matrix.asking import OWN_SESSIONS, SESSIONS_OF_OTHERS
from tests.matrix.cells import (
    ADMINISTRATOR,
    AGAIN,
    ANY,
    DENIED,
    ELSEWHERE,
    EVERYBODY,
    GONE,
    LOG,
    NO_METHOD,
    NOT_FOUND,
    OK,
    OUTSIDE,
    REAL,
    SIGN_IN,
    Form,
    Policy,
    type_of_objects,
    type_of_row,
)
from tests.matrix.objects import MISSING_PK, NO_UUID, pending
from tests.matrix.table.rows import day, models

# Of each model that is kept here, what a row says once it was added or changed.
NEEDED: Mapping[str, Mapping[str, Any]] = {
    "offices.office": {"code": "ZY", "name": "Another", "kind": "national"},
    "offices.officegroup": {"key": "another", "title": "Another", "kind": "other"},
    "offices.groupmember": {
        "group": lambda world: world.rows["group"].pk,
        "office": lambda world: world.free["offices.office"].pk,
    },
    "offices.user": {"email": "another@example.org", "name": "Another"},
    "recommendations.recommendationset": {"key": "another", "issuer": "CWS", "title": "Another", "stage": "adopted"},
    "recommendations.setevent": {"recommendation_set": lambda world: world.set.pk, "date": "2020", "label": "Another"},
    "recommendations.setdocument": {"recommendation_set": lambda world: world.set.pk, "title": "Another"},
    "recommendations.recommendation": {
        "recommendation_set": lambda world: world.set.pk,
        "number": 7,
        "label": "Another",
    },
    "recommendations.recommendedaction": {
        "recommendation": lambda world: world.rows["recommendation"].pk,
        "order": 7,
        "text": "Another",
    },
    "recommendations.officer": {"key": "another", "title": "Another"},
    "jiu.review": {"reference": "A.7", "title": "Another", "programme_of_work": "2024", "stage": "ongoing"},
    "jiu.questionnaire": {"reference": "A.7", "title": "Another", "due_on": "2024-01-01"},
    "jiu.endorsement": {
        "recommendation": lambda world: world.jiu_set.recommendations.first().pk,
        "decided_on": "2024-01-01",
        "decision": "endorsed",
        "document": "Another",
    },
    "assistance.programme": {"number": 7, "title": "Another"},
    "surveys.survey": {
        "key": "another",
        "title": "Another",
        "recommendation_set": lambda world: world.set.pk,
        "opens_on": lambda world: day(20),
        "closes_on": lambda world: day(30),
    },
    "surveys.question": {
        "survey": lambda world: world.free["surveys.survey"].pk,
        "key": "another",
        "order": 7,
        "kind": "text",
        "text": "Another",
    },
    "surveys.questionoption": {
        "question": lambda world: world.free["surveys.questionoption"].question_id,
        "key": "another",
        "order": 7,
        "label": "Another",
    },
    "surveys.invitation": {
        "survey": lambda world: world.free["surveys.survey"].pk,
        "office": lambda world: world.free["offices.office"].pk,
    },
    "publications.claim": {"document": "Another", "paragraph": "7", "measure": "offices", "value": "7"},
}
# Rows that nobody writes by hand.
READ_ONLY = {
    "portal.auditentry",
    "portal.importrecord",
    "recommendations.statusreport",
    "assistance.request",
    "assistance.requeststep",
    "assistance.activity",
    "surveys.response",
    "notices.reminder",
}
# Rows that others rest on, which then cannot be deleted; `World.free` holds one of each that can.
RESTED_ON = {
    "offices.office",
    "recommendations.recommendationset",
    "recommendations.recommendation",
    "assistance.programme",
    "surveys.survey",
    "surveys.question",
    "surveys.questionoption",
    "surveys.invitation",
}
# Rows that are a key and nothing else: saving one again is noted, no more.
ALL_KEY = {"surveys.invitation"}
# What else the pages of a model change by design: whatever is done there, and what goes along with a row.
BESIDE = {"offices.user": models("offices.Membership", "account.EmailAddress") | {SESSIONS_OF_OTHERS}}
ALONG = {
    "offices.officegroup": models("offices.GroupMember"),
    "offices.user": models("mfa.Authenticator"),
    "recommendations.officer": models("jiu.Update_officers", "recommendations.StatusReport_responsible_officers"),
}
# What an import of the kind writes beside the rows of the model.
IMPORTED = {
    "request_steps": models("assistance.Request"),
    "activities": models("assistance.Request"),
    "responses": models("surveys.Section", "surveys.Answer", "recommendations.StatusReport"),
}

# Rows. Django answers any method that its page does not know as it answers GET.

type_of_rows = Sequence[type_of_row]


def to_administrators(*rows: tuple[frozenset[str], Any]) -> type_of_rows:
    """All others are led to sign in, whatever they ask for."""
    return [*((ADMINISTRATOR, what, answer) for what, answer in rows), (EVERYBODY, ANY, SIGN_IN)]


HELD = frozenset({"held"})
READ = to_administrators((REAL, OK), (GONE, ELSEWHERE))
SENT = to_administrators((HELD, AGAIN), (ANY, ELSEWHERE))
LED_ON = to_administrators((ANY, ELSEWHERE))
REFUSED_TO_ALL = to_administrators((ANY, DENIED))
NOWHERE = to_administrators((ANY, NOT_FOUND))
NO_METHODS = to_administrators((ANY, NO_METHOD))


def any_method(rows: type_of_rows, **more: Any) -> Policy:
    return Policy(**{"get": rows, "post": rows, "put": rows, "options": rows, "rest": rows, **more})


def known_methods(get: type_of_rows, **more: Any) -> Policy:
    """A page of Django that refuses what it does not know."""
    no = NO_METHODS
    return Policy(**{"get": get, "post": no, "put": no, "options": to_administrators((ANY, OK)), "rest": no, **more})


# The pages of a model


def pages_to_write(label: str, objects: type_of_objects) -> Mapping[str, Policy]:
    """Where rows are written by hand; only what is added, changed or deleted there may be otherwise afterwards."""
    written = models(label, LOG) | BESIDE.get(label, frozenset())
    changed = models("surveys.HistoricalInvitation", LOG) if label in ALL_KEY else written
    deleted = written | ALONG.get(label, frozenset())
    chosen = {"action": "delete_selected", "post": "yes", "_selected_action": lambda world: free_row(label, world).pk}
    held = [(lambda world, persona: {"_selected_action": first_row(label).pk}, to_administrators((ANY, AGAIN)))]
    return {
        "changelist": any_method(
            READ, post=LED_ON, form=sent(chosen), writes=deleted, bodies=held if label in RESTED_ON else []
        ),
        "add": any_method(READ, post=LED_ON, form=sent(NEEDED[label]), writes=written),
        "change": any_method(READ, post=LED_ON, form=sent(NEEDED[label]), writes=changed, objects=objects),
        "delete": any_method(
            READ, post=SENT, form=sent({"post": "yes"}), writes=deleted, objects=objects_to_delete(label)
        ),
    }


def pages_to_read(objects: type_of_objects) -> Mapping[str, Policy]:
    """Where nobody writes by hand."""
    return {
        "changelist": any_method(READ, post=to_administrators((ANY, AGAIN))),
        "add": any_method(REFUSED_TO_ALL),
        "change": any_method(READ, post=REFUSED_TO_ALL, objects=objects),
        "delete": any_method(REFUSED_TO_ALL, objects=objects),
    }


def pages_of_kind(kind: str, label: str) -> Mapping[str, Policy]:
    """Import and export: an upload waits until it is confirmed."""
    waiting, done = models("portal.PendingImport"), models(label, "portal.PendingImport", "portal.ImportRecord")
    file = {"file": lambda world: lambda: SimpleUploadedFile("file.csv", world.files[kind])}
    return {
        "import": any_method(READ, post=LED_ON, form=sent(file), writes=waiting),
        "import_confirm": any_method(
            READ,
            post=LED_ON,
            form=sent({"confirm": "1"}),
            objects=pending(kind),
            writes=done | IMPORTED.get(kind, frozenset()),
        ),
        "export_csv": any_method(READ),
        "export_xlsx": any_method(READ),
    }


def sent(extra: Mapping[str, Any]) -> Form:
    return Form(by="administrator", extra=extra)


def pages() -> Mapping[str, Policy]:
    found: dict[str, Policy] = dict(OF_NO_MODEL)
    for label in [*NEEDED, *READ_ONLY]:
        objects, name = objects_of(label), label.replace(".", "_")
        rows = pages_to_write(label, objects) if label in NEEDED else pages_to_read(objects)
        page = admin.site._registry.get(apps.get_model(label))
        of_kind = pages_of_kind(page.resource_class.kind, label) if isinstance(page, SheetAdmin) else {}
        history = any_method(READ, objects=objects)
        found |= {f"admin:{name}_{kind}": policy for kind, policy in {**rows, **of_kind, "history": history}.items()}
        # An old address of a row, which leads to the page to change it.
        found[f"admin:admin/{label.replace('.', '/')}/<path:object_id>/"] = any_method(LED_ON, objects=objects)
    terms = pages_of_kind("invitation_terms", "surveys.invitation")
    return {**found, **{f"admin:surveys_invitation_terms_{kind}": policy for kind, policy in terms.items()}}


# Objects


def first_row(label: str) -> Any:
    return apps.get_model(label)._default_manager.order_by("pk").first()


def free_row(label: str, world: World) -> Any:
    return world.free.get(label) or first_row(label)


def objects_of(label: str) -> type_of_objects:
    is_uuid = apps.get_model(label)._meta.pk.get_internal_type() == "UUIDField"
    missing = {"object_id": NO_UUID if is_uuid else MISSING_PK}
    return lambda world, persona: {"shared": {"object_id": free_row(label, world).pk}, "missing": missing}


def objects_to_delete(label: str) -> type_of_objects:
    """Also one that others rest on, where there are such."""
    return lambda world, persona: {
        **objects_of(label)(world, persona),
        **({"held": {"object_id": first_row(label).pk}} if label in RESTED_ON else {}),
    }


# The pages of no model


def rows_on_site(world: World, persona: Persona) -> Mapping[str, Mapping[str, Any]]:
    kind = ContentType.objects.get_for_model(type(world.set)).pk
    return {
        "shared": {"content_type_id": kind, "object_id": world.set.pk},
        "missing": {"content_type_id": MISSING_PK, "object_id": world.set.pk},
    }


def shared(real: Mapping[str, Any], missing: Mapping[str, Any]) -> type_of_objects:
    return lambda world, persona: {"shared": real, "missing": missing}


def led_in(answer: Any) -> type_of_rows:
    """Who has signed in already is told that this is not for them."""
    return [(ADMINISTRATOR, ANY, answer), (OUTSIDE, ANY, SIGN_IN), (EVERYBODY, ANY, DENIED)]


def led_out(answer: Any) -> type_of_rows:
    return [(ADMINISTRATOR, ANY, answer), (EVERYBODY, ANY, ELSEWHERE)]


UNDONE = to_administrators((REAL, ELSEWHERE), (GONE, NOT_FOUND))
ALL = to_administrators((ANY, OK))
OF_NO_MODEL: Mapping[str, Policy] = {
    "admin:index": any_method(READ),
    "admin:app_list": any_method(ALL, objects=shared({"app_label": "offices"}, {"app_label": "jiu"})),
    "admin:jsi18n": known_methods(READ),
    "admin:autocomplete": known_methods(
        READ, query="?app_label=offices&model_name=groupmember&field_name=office&term=zz"
    ),
    "admin:view_on_site": any_method(NOWHERE, objects=rows_on_site),
    "admin:admin/(?P<url>.*)$": any_method(NOWHERE, objects=shared({"url": "nowhere/"}, {"url": "not/here/"})),
    # Django leads administrators on by GET, and not by HEAD.
    "admin:login": Policy(
        get=led_in((OK, ELSEWHERE)), post=led_in(AGAIN), put=led_in(AGAIN), options=led_in(OK), rest=led_in(NO_METHOD)
    ),
    "admin:logout": Policy(
        get=led_out(NO_METHOD),
        post=led_out(ELSEWHERE),
        put=led_out(NO_METHOD),
        options=led_out(OK),
        rest=led_out(NO_METHOD),
        writes=frozenset({OWN_SESSIONS}),
    ),
    "admin:password_change": any_method(LED_ON),
    "admin:password_change_done": known_methods(READ),
    "admin:portal_importrecord_undo": any_method(
        to_administrators((REAL, OK), (GONE, NOT_FOUND)),
        post=UNDONE,
        form=sent({"confirm": "1"}),
        objects=lambda world, persona: {"shared": {"pk": world.rows["import"].pk}, "missing": {"pk": NO_UUID}},
        writes=models("portal.ImportRecord"),
    ),
}
