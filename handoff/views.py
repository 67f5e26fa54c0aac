"""`GET` and `POST /handoff/confirm?t=…`: GET shows the shift and asks, POST decides.

Previews and scanners open links, so nothing but a POST from our own form changes anything. A visit is counted before
anything else is looked at.
"""

from __future__ import annotations

import logging
from datetime import datetime

import redis.exceptions
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from handoff import bridge, csrf, pages, rate_limit, tokens
from handoff.models import ExternalHandoff
from handoff.states import UNDECIDED, Via
from handoff.tokens import InvalidTokenError, Link
from handoff.transitions import NoSuchHandoffError

logger = logging.getLogger(__name__)

BY_LINK = "confirm_link"


@csrf_exempt  # until the visit is counted; see csrf.protect
def confirm(request: HttpRequest) -> HttpResponseBase:
    """Let a divulgador say by his link that a shift was settled, or that it was not."""
    try:
        wait_s = rate_limit.seconds_to_wait(request)
        return pages.too_many(request, wait_s=wait_s) if wait_s else _confirm(request)
    except (redis.exceptions.RedisError, OperationalError, InterfaceError) as error:
        logger.warning("The confirm page is unavailable (%s).", type(error).__name__)
        return pages.unavailable(request)


@csrf.protect
def _confirm(request: HttpRequest) -> HttpResponse:
    if request.method not in {"GET", "HEAD", "POST"}:
        return pages.not_allowed(request)
    now = timezone.now()
    try:
        link = tokens.read(request.GET.get("t", ""), now=now)
        return _decide(request, link, now=now) if request.method == "POST" else _show(request, link)
    except (InvalidTokenError, NoSuchHandoffError):
        return pages.invalid(request)


def _show(request: HttpRequest, link: Link) -> HttpResponse:
    handoff = _find(link)
    if handoff.status in UNDECIDED:
        return pages.ask(request, handoff, link.decision)
    return pages.told(request, handoff, is_new=False)


def _decide(request: HttpRequest, link: Link, *, now: datetime) -> HttpResponse:
    with transaction.atomic(durable=True):
        verdict = bridge.decide(
            handoff_id=link.handoff_id,
            decision=link.decision,
            via=Via.LINK,
            actor=BY_LINK,
            reason=BY_LINK,
            now=now,
        )
    return pages.told(request, _find(link), is_new=verdict.is_new)


def _find(link: Link) -> ExternalHandoff:
    handoff = ExternalHandoff.objects.select_related("vaga").filter(pk=link.handoff_id).first()
    if handoff is None:
        raise NoSuchHandoffError("There is no bridge with this id.")
    return handoff
