"""`POST /webhooks/evolution/`: what the provider tells us, stored before it is answered.

The provider repeats what is answered with a 5xx, and nothing that is answered with 400, 401, 404 or 422: so those say
that the same body would be refused again, and a 5xx that it would not.
"""

from __future__ import annotations

import json
import logging

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from canary import bearer
from outbound import inbound
from outbound.evolution import webhooks
from outbound.evolution.webhooks import InvalidEnvelopeError
from outbound.inbound import UnknownInstanceError

logger = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def evolution_webhook(request: HttpRequest) -> JsonResponse:
    """Take in one notice of the provider."""
    if not bearer.shows(request, settings.EVOLUTION_WEBHOOK_TOKEN):
        return _refuse(401, "The token is missing or wrong.")
    try:
        notice = webhooks.read(json.loads(request.body))
        is_news = inbound.take_in(notice, now=timezone.now())
    except RequestDataTooBig:
        return _refuse(413, "The body is larger than 1 MB.")
    except InvalidEnvelopeError as error:
        return _refuse(422, str(error))
    except (ValueError, RecursionError, UnreadablePostError):
        return _refuse(400, "The body is not JSON.")
    except UnknownInstanceError as error:
        return _refuse(404, str(error))
    except Error as error:
        logger.warning("A webhook could not be stored (%s): the provider will repeat it.", type(error).__name__)
        return _refuse(503, "It could not be stored now: send it again.")
    return JsonResponse({"stored": is_news})


def _refuse(status: int, why: str) -> JsonResponse:
    return JsonResponse({"error": why}, status=status)
