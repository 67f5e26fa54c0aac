"""`POST /slack/commands` and `POST /slack/interactions`: signed by Slack, or a plain 401."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from julia.slack import acknowledgment, blocks, commands, deadline, dispatch, handover, modal, payloads, responses
from julia.slack.answers import Answer
from julia.slack.commands import Command
from julia.slack.modal import FieldError
from julia.slack.payloads import Click, InvalidPayloadError, SlashCommand, Submission
from julia.slack.signature import is_genuine

# Slack waits 3 s in all.
ACKNOWLEDGED_WITHIN_S = 2.4


class _UnreadableError(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@csrf_exempt
@require_POST
def slash_command(request: HttpRequest) -> HttpResponse:
    """Answer a slash command in the response to it."""
    now = timezone.now()
    try:
        body = _signed_body(request, now=now)
        asked = payloads.slash_command(body)
    except _UnreadableError as error:
        return HttpResponse(status=error.status)
    except InvalidPayloadError:
        return HttpResponse(status=400)
    return JsonResponse(_answer(asked, key=_key(request, body), now=now).as_message())


@csrf_exempt
@require_POST
def interaction(request: HttpRequest) -> HttpResponse:
    """Answer a button through its `response_url`, and a form in the response to it."""
    now = timezone.now()
    try:
        body = _signed_body(request, now=now)
        match payloads.interaction(body):
            case Click() as pressed:
                return _click(pressed, key=_key(request, body), now=now)
            case sent:
                return _submission(sent, key=_key(request, body), now=now)
    except _UnreadableError as error:
        return HttpResponse(status=error.status)
    except InvalidPayloadError:
        return HttpResponse(status=400)


def _signed_body(request: HttpRequest, *, now: datetime) -> bytes:
    try:
        body = request.body
    except RequestDataTooBig as error:
        raise _UnreadableError(413) from error
    except (UnreadablePostError, ValueError) as error:
        # ValueError: a Content-Length that is no number.
        raise _UnreadableError(400) from error
    if not is_genuine(
        body=body,
        timestamp=request.headers.get("X-Slack-Request-Timestamp"),
        signature=request.headers.get("X-Slack-Signature"),
        secret=settings.SLACK_SIGNING_SECRET,
        now=now,
    ):
        raise _UnreadableError(401)
    return body


def _key(request: HttpRequest, body: bytes) -> str:
    return payloads.replay_key(body=body, signature=request.headers["X-Slack-Signature"])


def _answer(asked: SlashCommand, *, key: str, now: datetime) -> Answer:
    wanted = commands.parse(asked.line)

    def leave_to_a_worker() -> bool:
        return isinstance(wanted, Command) and handover.carry_out(
            wanted, asker=asked.asker, response_url=asked.response_url
        )

    is_reading = isinstance(wanted, Command) and wanted.is_reading
    return acknowledgment.of(
        lambda: dispatch.command(asked, key=key, now=now),
        response_url=asked.response_url,
        otherwise=leave_to_a_worker if is_reading else None,
    )


def _click(pressed: Click, *, key: str, now: datetime) -> HttpResponse:
    def answer() -> None:
        done = acknowledgment.of(lambda: dispatch.click(pressed, key=key, now=now), response_url=pressed.response_url)
        responses.post(pressed.response_url, done)

    # A link is opened by Slack itself.
    if pressed.action != blocks.OPEN_ADMIN:
        deadline.at_most(ACKNOWLEDGED_WITHIN_S, answer, otherwise=None)
    return HttpResponse()


def _submission(sent: Submission, *, key: str, now: datetime) -> HttpResponse:
    try:
        done = acknowledgment.of(lambda: dispatch.submission(sent, key=key, now=now), response_url="")
    except FieldError as error:
        return JsonResponse(modal.errors(error))
    return JsonResponse(modal.shown(done))
