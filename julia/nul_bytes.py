"""Refuses an address of the admin with a NUL: none of our links has one, and PostgreSQL, unable to store it, raises."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from julia import error_pages

NUL = "\x00"


def refuse_nul(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer 400 where a path or a query holds a NUL, however it is written; forms refuse theirs themselves."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(reverse("admin:index")) and _has_nul(request):
            return error_pages.bad_request(request)
        return get_response(request)

    return middleware


def _has_nul(request: HttpRequest) -> bool:
    return NUL in request.path_info or any(NUL in text for pair in request.GET.lists() for text in (pair[0], *pair[1]))
