from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from julia.prometheus import access
from julia.prometheus.collector import JuliaCollector


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in the format that is asked for, whatever of PostgreSQL and Redis is away; 401 to who may not read it."""
    if not access.may_read(request):
        refusal = HttpResponse("The token is missing or wrong, and the address not allowed.\n", status=401)
        refusal["WWW-Authenticate"] = "Bearer"
        return refusal
    registry = CollectorRegistry(auto_describe=False)
    registry.register(JuliaCollector(now=timezone.now()))
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    answer = HttpResponse(encode(registry), content_type=content_type)
    answer["Cache-Control"] = "no-store"
    return answer
