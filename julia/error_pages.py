"""What people see when a request cannot be answered: what they may do now, in Portuguese, and nothing about why.

A page needs neither database nor session, and says itself what the browser must be told: what raised may have been what
usually says it.
"""

from __future__ import annotations

import secrets

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

NOTHING_ELSE = "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"


def bad_request(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django calls it so
    """Answer what nobody who uses our pages sends."""
    return _page(400, title=_("This request cannot be understood"), advice=_("Go back and try it once more."))


def forbidden(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django calls it so
    """Answer somebody who may not do this."""
    return _page(
        403, title=_("This is not open to you"), advice=_("If you need it, ask whoever administers Julia for it.")
    )


def form_expired(_request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django calls it so
    """Answer a form that did not come from a page of ours, or lost its cookie."""
    return _page(
        403,
        title=_("Nothing was changed"),
        advice=_("The page was open for too long, or you logged in anew meanwhile. Open it again and repeat."),
    )


def not_found(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django calls it so
    """Answer for an address where there is nothing."""
    return _page(404, title=_("There is nothing here"), advice=_("Check the address, or begin at the panel."))


def too_large(_request: HttpRequest) -> HttpResponse:
    """Answer a body that is larger than any form of ours."""
    return _page(413, title=_("This is too large"), advice=_("No page here takes files. Go back and send less."))


def failed(_request: HttpRequest) -> HttpResponse:
    """Answer after an error of ours."""
    return _page(
        500,
        title=_("Something went wrong here"),
        advice=_("It was recorded. Try again in a minute. In the terminal Julia can be stopped all the same."),
    )


def _page(status: int, *, title: str, advice: str) -> HttpResponse:
    nonce = secrets.token_urlsafe(16)
    # Without the request in the context: nothing of it can be shown.
    page = render_to_string("julia/error.html", {"title": title, "advice": advice, "nonce": nonce})
    policy = f"default-src 'none'; img-src data:; style-src 'nonce-{nonce}'; {NOTHING_ELSE}"
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    return HttpResponse(page, status=status, headers=headers)
