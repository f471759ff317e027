"""Every route of the portal, as the URL resolver knows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

REST = re.compile(r"\(\?P<([a-z_]+)>\.\*\)")
PARAMETER = re.compile(r"<(?:[a-z]+:)?([a-z_0-9]+)>")


@dataclass(frozen=True)
class Route:
    """`name` is that of the resolver; the two kinds of admin pages without a name are called by their address."""

    name: str
    pattern: str
    place: URLPattern

    @property
    def parameters(self) -> set[str]:
        return {*PARAMETER.findall(self.pattern)}

    def url(self, **kwargs: Any) -> str:
        """Its address; put together by hand where the resolver has no name for it."""
        if "/" not in self.name:
            return reverse(self.name, kwargs=kwargs)
        pattern = REST.sub(r"<\1>", self.pattern.removesuffix("$"))
        return "/" + PARAMETER.sub(lambda found: str(kwargs[found[1]]), pattern)

    @property
    def area(self) -> str:
        """In which file of tests it is asked: a few, so that several processes share the work."""
        space = self.name.partition(":")[0] if ":" in self.name else ""
        if space == "admin":
            apart = {"surveys", "assistance", "publications", "jiu"}
            return "admin_rounds" if self.pattern.split("/")[1] in apart else "admin"
        if space in {"surveys", "assistance", "publications"}:
            return space
        return "accounts" if self.pattern.startswith("accounts/") else "statements"


@cache
def all_routes() -> dict[str, Route]:
    found: dict[str, Route] = {}
    for route in walk(get_resolver()):
        if route.name in found:
            raise AssertionError(f"{route.name} names two routes: {found[route.name].pattern}, {route.pattern}")
        found[route.name] = route
    return found


def walk(resolver: URLResolver, prefix: str = "", spaces: tuple[str, ...] = ()) -> Iterator[Route]:
    for item in resolver.url_patterns:
        pattern = prefix + str(item.pattern)
        if isinstance(item, URLPattern):
            yield Route(":".join([*spaces, item.name or pattern]), pattern, item)
        else:
            yield from walk(item, pattern, (*spaces, item.namespace) if item.namespace else spaces)
