"""CSRF protection for a page that lets browsers tell nobody where they come from."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.decorators import decorator_from_middleware

from handoff import pages

# What browsers send instead of an origin where the referrer policy is no-referrer, our own form included.
OPAQUE_ORIGIN = "null"


class PageCsrf(CsrfViewMiddleware):
    """Django's check of the token against the cookie, which holds without an origin, too.

    With `Referrer-Policy: no-referrer` our own form comes with `Origin: null` and no Referer, which Django refuses. An
    origin that is somebody else's is refused still; and whoever forges a form has no signed link to put in it.
    """

    def _origin_verified(self, request: HttpRequest) -> bool:
        return request.META["HTTP_ORIGIN"] == OPAQUE_ORIGIN or bool(super()._origin_verified(request))  # type: ignore[misc]

    def _check_referer(self, request: HttpRequest) -> None:
        if request.META.get("HTTP_REFERER"):
            super()._check_referer(request)  # type: ignore[misc]

    def _reject(self, request: HttpRequest, _reason: str) -> HttpResponse:
        return pages.reopen(request)


protect = decorator_from_middleware(PageCsrf)
