"""What production must not start without: each demand names the variable that is missing.

Asked by the web process and by `manage.py` before they start anything, and by Django with its other checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Critical, Tags, register
from django.core.exceptions import ImproperlyConfigured

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
# What stands in the repository for development is known to everybody.
KNOWN_TO_EVERYBODY = ("development-only", "sandbox-")
SECRETS = ("SECRET_KEY", "EVOLUTION_API_KEY", "EVOLUTION_WEBHOOK_TOKEN", "SUPPRESSION_KEY")


def require_what_production_needs() -> None:
    """Let a process of production start, or refuse it.

    Raises:
        ImproperlyConfigured: with a sentence for each thing that is missing or must not be; no value is repeated.
    """
    if problems := list(_problems()):
        raise ImproperlyConfigured("\n".join(problems))


@register(Tags.security)
def production_has_what_it_needs(**_kwargs: Any) -> list[CheckMessage]:
    """Say the same to `manage.py check`, and to whoever starts Django without `manage.py`."""
    return [Critical(problem, id=f"julia.E{number:03}") for number, problem in enumerate(_problems(), start=1)]


def _problems() -> Iterator[str]:
    if not settings.IN_PRODUCTION:
        return
    for name in REQUIRED:
        if not _value(name):
            yield f"Production needs {name}: set it in the environment."
    for name in SECRETS:
        if str(_value(name)).startswith(KNOWN_TO_EVERYBODY):
            yield f"Production must not use the development value of {name}, which is public: make a new one."
    if settings.DEBUG:
        yield "Production must not run with DEBUG: unset it."
    public = urlsplit(settings.PUBLIC_BASE_URL)
    if public.scheme != "https" or _is_this_machine(public.hostname or ""):
        yield "Production gives people links: set PUBLIC_BASE_URL to the https address at which they reach it."
    if _is_this_machine(urlsplit(settings.EVOLUTION_API_URL).hostname or ""):
        yield "Production must not send to the sandbox: set EVOLUTION_API_URL to the provider's address."


def _value(name: str) -> Any:
    # Django itself raises when it is asked for an empty SECRET_KEY.
    try:
        return getattr(settings, name)
    except ImproperlyConfigured:
        return ""


def _is_this_machine(host: str) -> bool:
    """Whether a host is only another name for where we run: there is the sandbox, and never the provider."""
    if host.removesuffix(".").endswith("localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback or mapped.is_unspecified)
