"""What production must not start without: each demand names the variable that is missing."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Critical, Tags, register

REQUIRED = (
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "REDIS_URL",
    "EVOLUTION_API_URL",
    "EVOLUTION_API_KEY",
    "EVOLUTION_INSTANCE",
    "EVOLUTION_WEBHOOK_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SUPPRESSION_KEY",
)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@register(Tags.security)
def production_has_what_it_needs(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse to start in production with something missing, with DEBUG, or with the sandbox as the provider."""
    if not settings.IN_PRODUCTION:
        return []
    missing = [name for name in REQUIRED if not getattr(settings, name)]
    problems = [f"Production needs {name}: set it in the environment." for name in missing]
    if settings.DEBUG:
        problems.append("Production must not run with DEBUG: unset it.")
    if urlsplit(settings.EVOLUTION_API_URL).hostname in LOOPBACK:
        problems.append("Production must not send to the sandbox: set EVOLUTION_API_URL to the provider's address.")
    return [Critical(problem, id=f"julia.E{number:03}") for number, problem in enumerate(problems, start=1)]
