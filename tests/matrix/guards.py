"""Every guard of the portal and how to take it away, and other ways to break a page: so the matrix proves itself."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from types import CellType, FunctionType
from typing import Any
from unittest import mock

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.sites import AdminSite
from django.contrib.sessions.models import Session
from django.http import Http404

from assistance import policies as assistance
from offices.models import Membership, Office, User
from portal.models import AuditEntry
from portal.trail import views as trail
from recommendations import followups
from tests.matrix.routes import Route, all_routes

OWN = ["portal", "offices", "recommendations", "jiu", "assistance", "surveys", "publications", "notices"]
# What a guard returns once it lets everybody pass, where that is neither True nor all rows.
OPENED: dict[str, Callable[..., Any]] = {
    "jiu.policies.role_at_bureau": lambda user: Membership.Role.COORDINATOR,
    "assistance.policies.next_steps": lambda user, office, status: list(assistance.TRANSITIONS[status]),
}


@dataclass(frozen=True)
class Guard:
    """A function, a method of a QuerySet or a property, and the way to open it."""

    name: str
    open: Callable[[pytest.MonkeyPatch], None]


def all_guards() -> dict[str, Guard]:
    found = [*functions(), *doors(), *properties()]
    found.append(Guard("admin.AdminSite.has_permission", lambda patch: patch.setattr(AdminSite, "has_permission", yes)))
    return {guard.name: guard for guard in found}


def yes(*_args: Any, **_kwargs: Any) -> bool:
    return True


# Functions of the policies


def policy_modules() -> list[Any]:
    names = [f"{app}.policies" for app in OWN if app != "portal"]
    return [*map(import_module, names), import_module("portal.trail.policies")]


def guard_functions() -> Iterator[FunctionType]:
    """Those that ask about a person."""
    for module in policy_modules():
        for function in vars(module).values():
            own = inspect.isfunction(function) and function.__module__ == module.__name__
            if own and next(iter(inspect.signature(function).parameters), "") == "user":
                yield function


def functions() -> Iterator[Guard]:
    for function in guard_functions():
        name = f"{function.__module__}.{function.__name__}"
        yield Guard(name, lambda patch, function=function, name=name: replace(patch, function, opened(name, function)))


def opened(name: str, function: FunctionType) -> Callable[..., Any]:
    if name in OPENED:
        return OPENED[name]
    kind = str(function.__annotations__["return"])
    if "bool" in kind:
        return yes
    if "QuerySet" in kind:
        return lambda *args, **kwargs: function(*args, **kwargs).model._default_manager.all()
    raise AssertionError(f"{name} returns {kind}: say in OPENED what that is when it lets everybody pass")


def replace(patch: pytest.MonkeyPatch, function: FunctionType, by: Callable[..., Any]) -> None:
    """In every module that has imported it."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in OWN:
            for attribute, value in list(vars(module).items()):
                if value is function:
                    patch.setattr(module, attribute, by)
    for issuer, follow_up in followups.all_follow_ups().items():
        if follow_up.answered_by is function:
            patch.setitem(vars(followups)["_FOLLOW_UPS"], issuer, dataclasses.replace(follow_up, answered_by=by))


# Doors to rows, and what a person says of themselves

DOORS = ["visible_to", "served_by"]


def doors() -> Iterator[Guard]:
    for model in apps.get_models():
        query_set: Any = model._default_manager.all().__class__
        for door in DOORS:
            if door in vars(query_set):
                name = f"{model._meta.app_label}.{query_set.__name__}.{door}"
                yield Guard(name, lambda patch, q=query_set, d=door: patch.setattr(q, d, lambda rows, user: rows.all()))


PROPERTIES: dict[str, Any] = {
    "reads_everything": property(yes),
    "is_administrator": property(yes),
    "office_roles": property(lambda user: dict.fromkeys(Office.objects.values_list("pk", flat=True), "coordinator")),
    "coordinated_offices": property(lambda user: set(Office.objects.values_list("pk", flat=True))),
}


def properties() -> Iterator[Guard]:
    for name, by in PROPERTIES.items():
        yield Guard(f"offices.User.{name}", lambda patch, name=name, by=by: patch.setattr(User, name, by))


# The way to sign in


def without_sign_in(patch: pytest.MonkeyPatch, route: Route) -> bool:
    """Take from a view what leads to the page to sign in; whether it had that."""
    place, view = route.place, route.place.callback
    if asks_to_sign_in(view):
        patch.setattr(place, "callback", view.__wrapped__)
        return True
    while hasattr(view, "__wrapped__"):
        if asks_to_sign_in(view.__wrapped__):
            patch.setattr(cell_of(view), "cell_contents", view.__wrapped__.__wrapped__)
            return True
        view = view.__wrapped__
    return False


def asks_to_sign_in(view: Any) -> bool:
    code = getattr(view, "__code__", None)
    return code is not None and (code.co_name == "held_view" or "test_func" in code.co_freevars)


def cell_of(view: Any) -> CellType:
    return next(cell for cell in view.__closure__ if cell.cell_contents is view.__wrapped__)


# Pages that do something else than they should. Each gets the view in whose place it stands.


def is_gone(view: Any, request: Any, **kwargs: Any) -> Any:
    raise Http404


def is_gone_to_forms(view: Any, request: Any, **kwargs: Any) -> Any:
    if request.method == "POST":
        raise Http404
    return view(request, **kwargs)


def ends_all_sessions(view: Any, request: Any, **kwargs: Any) -> Any:
    if request.method == "POST":
        UserSession.objects.all().delete()
        Session.objects.exclude(pk=request.session.session_key).delete()
    return view(request, **kwargs)


def wipes_memberships(view: Any, request: Any, **kwargs: Any) -> Any:
    if request.method == "POST":
        Membership.objects.all().delete()
    return view(request, **kwargs)


def wipes_and_is_gone(view: Any, request: Any, **kwargs: Any) -> Any:
    wipes_memberships(view, request, **kwargs)
    return is_gone_to_forms(view, request, **kwargs)


def does_nothing(view: Any, request: Any, **kwargs: Any) -> Any:
    """It answers as ever."""
    with mock.patch.object(request, "method", "GET"):
        return view(request, **kwargs)


def tells_scripts_every_entry(view: Any, request: Any, **kwargs: Any) -> Any:
    """The list is filtered, the part of it that a script asks for is not."""
    if not request.htmx:
        return view(request, **kwargs)
    with mock.patch.object(trail, "visible_entries", return_value=AuditEntry.objects.all()):
        return view(request, **kwargs)


def asks_no_script_who_it_is(view: Any, request: Any, **kwargs: Any) -> Any:
    if request.htmx:
        request.user = User.objects.get(role=User.Role.ADMINISTRATOR)
    return view(request, **kwargs)


def says_nothing_of_parts(view: Any, request: Any, **kwargs: Any) -> Any:
    """What a script got may be shown by a cache in place of the page."""
    response = view(request, **kwargs)
    response.headers.pop("Vary", None)
    return response


def put_in_place(patch: pytest.MonkeyPatch, name: str, by: Callable[..., Any]) -> None:
    place = all_routes()[name].place
    patch.setattr(place, "callback", functools.wraps(place.callback)(functools.partial(by, place.callback)))
