"""The pages a divulgador sees: one small document each, with headers that let it load nothing, tell nothing and be
framed by nobody.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from handoff import texts
from handoff.models import ExternalHandoff
from handoff.states import Decision, HandoffStatus

# How long to wait before a page that cannot be served now is tried again, in seconds.
COME_BACK_S = 30


def ask(request: HttpRequest, handoff: ExternalHandoff, decision: Decision) -> HttpResponse:
    """Show the shift, and ask whether it is so."""
    questions = {
        Decision.CONFIRMED: (_("Was the shift settled?"), _("Yes, it was settled")),
        Decision.NOT_CONFIRMED: (_("Was the shift not settled?"), _("It was not settled")),
    }
    title, button = questions[decision]
    return _page(request, "ask", {"title": title, "button": button, "decision": decision, **_shift(handoff)})


def told(request: HttpRequest, handoff: ExternalHandoff, *, is_new: bool) -> HttpResponse:
    """Say what was decided, now or before."""
    status = HandoffStatus(handoff.status)
    titles = {
        HandoffStatus.CONFIRMED: _("Recorded: it was settled"),
        HandoffStatus.NOT_CONFIRMED: _("Recorded: it was not settled"),
        HandoffStatus.EXPIRED: _("The time to answer is over"),
    }
    what = {
        HandoffStatus.CONFIRMED: _("The shift is closed, and the doctor is told."),
        HandoffStatus.NOT_CONFIRMED: _("The shift is open again, and the doctor is told."),
        HandoffStatus.EXPIRED: _("The shift is open again, and the doctor is told."),
    }
    was_before = "" if is_new else _("This was decided before; this visit changed nothing.")
    mood = "good" if status is HandoffStatus.CONFIRMED else "plain"
    lines = [what[status], was_before, _("If it is wrong, answer Julia in the chat.")]
    return _page(request, "message", {"title": titles[status], "lines": lines, "mood": mood, **_shift(handoff)})


def invalid(request: HttpRequest) -> HttpResponse:
    """Answer a link that cannot be used, whatever is wrong with it."""
    return _message(
        request,
        title=_("This link does not work"),
        lines=[_("It may be incomplete, or its 48 hours are over."), _answer_in_the_chat()],
        status=404,
    )


def reopen(request: HttpRequest) -> HttpResponse:
    """Answer a form that did not come from our page, or lost its cookie."""
    return _message(
        request,
        title=_("Please open the link once more"),
        lines=[
            _("Nothing was recorded: this page was open for too long, or the browser keeps no cookies."),
            _answer_in_the_chat(),
        ],
        status=403,
    )


def too_many(request: HttpRequest, *, wait_s: int) -> HttpResponse:
    """Answer a client that comes too often."""
    response = _message(
        request,
        title=_("Too many visits"),
        lines=[_("Please come back in {seconds} seconds. Nothing is lost.").format(seconds=wait_s)],
        status=429,
    )
    response["Retry-After"] = str(wait_s)
    return response


def unavailable(request: HttpRequest) -> HttpResponse:
    """Answer while something we need is away."""
    response = _message(
        request,
        title=_("A moment, please"),
        lines=[_("This page cannot answer right now. Nothing was recorded: please try again in a minute.")],
        status=503,
    )
    response["Retry-After"] = str(COME_BACK_S)
    return response


def not_allowed(request: HttpRequest) -> HttpResponse:
    """Answer a method that this page does not know."""
    response = _message(request, title=_("This link does not work"), lines=[_answer_in_the_chat()], status=405)
    response["Allow"] = "GET, HEAD, POST"
    return response


def _answer_in_the_chat() -> str:
    return _("You can answer CONFIRMADO or NÃO FECHOU in the chat with Julia as well.")


def _shift(handoff: ExternalHandoff) -> dict[str, Any]:
    vaga = handoff.vaga
    rows = [
        (_("Hospital"), vaga.hospital),
        (_("Date"), texts.day(vaga)),
        (_("Period"), vaga.period),
        (_("Value"), texts.value(vaga)),
    ]
    return {"shift": rows}


def _message(request: HttpRequest, *, title: str, lines: list[str], status: int) -> HttpResponse:
    return _page(request, "message", {"title": title, "lines": lines, "mood": "plain"}, status=status)


def _page(request: HttpRequest, name: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    nonce = secrets.token_urlsafe(16)
    # No request in the context: a template that logs what it knows would log the token, too.
    everything = {"shift": [], **context, "nonce": nonce, "csrf_token": SimpleLazyObject(lambda: get_token(request))}
    response = HttpResponse(render_to_string(f"handoff/{name}.html", everything), status=status)
    response["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "DENY"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
