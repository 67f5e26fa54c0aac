"""Every address the web process answers at, as its URL patterns say, with what a test puts in for their parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

PARAMETER = re.compile(r"<(?:(?P<kind>\w+):)?\w+>")


def all_addresses(fill: Mapping[str, str], *, under: str = "/") -> list[str]:
    """List the paths below `under`, with `fill["int"]` in place of each number and `fill["str"]` of all else."""
    routes = _routes(get_resolver().url_patterns, "/")
    filled = (PARAMETER.sub(lambda match: fill["int" if match["kind"] == "int" else "str"], route) for route in routes)
    return sorted({path for path in filled if path.startswith(under)})


def _routes(patterns: list[Any], before: str) -> Iterator[str]:
    for entry in patterns:
        # A regular expression here is a catch-all of the admin's.
        if not isinstance(entry.pattern, RoutePattern):
            continue
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _routes(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            yield route
