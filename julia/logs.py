"""What the log and the error reports show: one record a line, JSON in production, and nothing about persons.

Everything goes through the same redaction, other libraries' records, exceptions and Sentry's events included.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from canary import redaction, traces

# What a record says of itself; the rest is content.
OWN_KEYS = frozenset({"level", "logger", "timestamp"})


class Console(logging.StreamHandler[TextIO]):
    """Writes to standard error. A record that cannot be written is named there, and not shown as it was given."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - as logging calls it
        sys.stderr.write(f"A record of {record.name} could not be written.\n")


def redact_record(_logger: WrappedLogger, _method: str, record: EventDict) -> EventDict:
    """Take personal data and secrets out of a record: the last step before it is written."""
    return {key: value if key in OWN_KEYS else redaction.clean(value, name=key) for key, value in record.items()}


def configuration(*, level: str, in_production: bool) -> dict[str, Any]:
    """Django's LOGGING: JSON in production, readable lines elsewhere."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _facts(),
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    redact_record,
                    _renderer(in_production=in_production),
                ],
            }
        },
        "handlers": {"console": {"class": "julia.logs.Console", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Ours is the only handler, so that nothing passes by the redaction.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            "rq": {"handlers": [], "propagate": True},
            "gunicorn.error": {"handlers": [], "propagate": True},
            # A line for every request, with what its URL carries.
            "gunicorn.access": {"handlers": [], "propagate": True, "level": "WARNING"},
        },
    }


def report_errors(*, dsn: str, environment: str) -> None:
    """Have Sentry told of errors, redacted and without what a request carried; nothing to do without a DSN."""
    if not dsn:
        return
    # A tenth of what a process takes to start, for those alone who use it.
    import sentry_sdk  # noqa: PLC0415
    from sentry_sdk.integrations.django import DjangoIntegration  # noqa: PLC0415
    from sentry_sdk.integrations.rq import RqIntegration  # noqa: PLC0415

    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        integrations=[DjangoIntegration(), RqIntegration()],
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=without_personal_data,
        before_breadcrumb=without_personal_data,
    )


def without_personal_data(event: Any, _hint: Any) -> Any:
    """Redact what Sentry is about to be told, and leave out the request but for its path."""
    request = event.pop("request", None) if isinstance(event, dict) else None
    cleaned = {key: redaction.clean(value) for key, value in event.items()}
    if request:
        cleaned["request"] = {"method": request.get("method"), "url": redaction.redact(_path(request))}
    return cleaned


def _path(request: dict[str, Any]) -> str:
    return str(request.get("url", "")).partition("?")[0]


def _renderer(*, in_production: bool) -> Processor:
    if in_production:
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    plain = structlog.dev.plain_traceback
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)


def _facts() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        # Of what others attach, nothing: Django attaches whole requests.
        structlog.stdlib.ExtraAdder(allow=traces.KEYS),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
