"""Refuses a form with more than we ever read: no page of ours takes files, and Django would keep them on disk first."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from julia import error_pages


def refuse_large(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer 413 to a multipart body above the limit of all others, before anything of it is read."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        is_large = length.isdecimal() and int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if is_large and (request.content_type or "").startswith("multipart/"):
            return error_pages.too_large(request)
        return get_response(request)

    return middleware
