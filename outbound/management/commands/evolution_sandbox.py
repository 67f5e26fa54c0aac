"""Runs the stand-in for WhatsApp's provider: development, tests and drills, never production."""

from __future__ import annotations

import argparse
import asyncio
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter

from outbound.evolution.sandbox import FaultError, Sandbox, SandboxConfig
from outbound.evolution.sandbox.config import WEBHOOK_BACKOFF_S
from outbound.evolution.sandbox.faults import FaultReason
from outbound.evolution.sandbox.server import LOOPBACK

PORT = 8081


class HelpFormatter(DjangoHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Django's order of options, with the examples left as they are written."""


class Command(BaseCommand):
    requires_system_checks = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Build the parser; the texts are read here, in the language of who asks."""
        parser = super().create_parser(
            prog_name, subcommand, formatter_class=HelpFormatter, epilog=_examples(), **kwargs
        )
        parser.description = "Stand in for the Evolution API v2.3, which sends WhatsApp messages. Nothing is sent."
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        _add_address(parser)
        _add_provider(parser)
        _add_trouble(parser)
        _add_webhooks(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        if settings.JULIA_ENV == "production":
            raise CommandError("The sandbox does not run in production: it would pretend to send messages.")
        try:
            sandbox = Sandbox(_config(options))
            asyncio.run(self._serve(sandbox, host=options["host"], port=options["port"]))
        except FaultError as error:
            raise CommandError(f"“{error.spec}” is no fault: {_why(error)}") from None
        except OSError as error:
            raise CommandError(f"Cannot listen there: {error.strerror}") from None

    async def _serve(self, sandbox: Sandbox, *, host: str, port: int) -> None:
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        url = await sandbox.start(host=host, port=port)
        try:
            # Read by programs, so not translated; flushed, as they wait for it.
            self.stdout.write(f"evolution_sandbox listening on {url}")
            self.stdout.flush()
            await stopped.wait()
        finally:
            await sandbox.stop()


def _add_address(parser: CommandParser) -> None:
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port",
        type=int,
        default=PORT,
        help="port to listen on; 0 picks a free one and prints it (default: %(default)s)",
    )


def _add_provider(parser: CommandParser) -> None:
    parser.add_argument(
        "--instance", action="append", metavar="NAME", help="an instance that exists; repeatable (default: julia)"
    )
    parser.add_argument("--any-instance", action="store_true", help="take every instance name as existing")
    parser.add_argument(
        "--api-key",
        default=settings.EVOLUTION_API_KEY,
        help="the key callers must send (default: EVOLUTION_API_KEY)",
    )
    parser.add_argument(
        "--no-whatsapp",
        action="append",
        default=[],
        metavar="NUMBER",
        help="a number that is not on WhatsApp; repeatable",
    )


def _add_trouble(parser: CommandParser) -> None:
    parser.add_argument(
        "--latency-ms", type=float, default=0, metavar="N", help="time taken over each message (default: 0)"
    )
    parser.add_argument(
        "--store-lag-ms",
        type=float,
        default=0,
        metavar="N",
        help="how much later than its answer findMessages knows a message (default: 0)",
    )
    parser.add_argument(
        "--fail", action="append", default=[], metavar="SPEC", help="something to go wrong, as below; repeatable"
    )
    parser.add_argument("--seed", type=int, help="make the same requests fail each time")


def _add_webhooks(parser: CommandParser) -> None:
    parser.add_argument("--webhook-url", default="", metavar="URL", help="where to tell of events (default: nowhere)")
    parser.add_argument(
        "--webhook-token",
        default=settings.EVOLUTION_WEBHOOK_TOKEN,
        metavar="TOKEN",
        help="sent as Authorization: Bearer TOKEN (default: EVOLUTION_WEBHOOK_TOKEN)",
    )
    parser.add_argument(
        "--webhook-backoff-s",
        type=float,
        default=WEBHOOK_BACKOFF_S,
        metavar="S",
        help="first wait before a failed webhook is repeated, doubled each time (default: %(default)s)",
    )


def _config(options: dict[str, Any]) -> SandboxConfig:
    return SandboxConfig(
        instances=options["instance"] or SandboxConfig().instances,
        any_instance=options["any_instance"],
        api_key=options["api_key"],
        no_whatsapp=options["no_whatsapp"],
        latency_ms=options["latency_ms"],
        lag_ms=options["store_lag_ms"],
        faults=options["fail"],
        seed=options["seed"],
        webhook_url=options["webhook_url"],
        webhook_token=options["webhook_token"],
        webhook_backoff_s=options["webhook_backoff_s"],
    )


def _why(error: FaultError) -> str:
    return {
        FaultReason.UNKNOWN_KIND: ("there is no such kind."),
        FaultReason.BAD_SHARE: ("the share is a number from 0 to 1."),
        FaultReason.UNKNOWN_OPTION: ("there is no such option."),
        FaultReason.BAD_VALUE: ("an option's value is not a number."),
    }[error.reason]


def _examples() -> str:
    return """\
faults:
  KIND[=SHARE][:first=N][:number=DIGITS][:retry_after=S][:for=S][:unstored]

  KIND is what goes wrong, before the message leaves or after:
    timeout_before    timeout_after       no answer for 120 s, or as long as :for= says
    reset_before      reset_after         the connection is reset
    status500_before  status500_after     500 Internal Server Error
    wrapped400_before wrapped400_after    400 "Error: Connection Closed"
    status502         status502_after     502 from the proxy
    status503, status429                  turned away, with Retry-After if :retry_after= is given
    no_list                               findMessages answers 500
  SHARE is the part of all requests it strikes (0.2 is one in five; all, when left out), :first= how many
  at most, :number= whom. :unstored keeps an _after message out of findMessages and webhooks.
  Of several faults, the first that strikes wins.

examples:
  Somebody to send through, on the port the settings expect:
    python manage.py evolution_sandbox

  One answer in five is lost after the message left, and the provider's list is two seconds late:
    python manage.py evolution_sandbox --fail timeout_after=0.2 --store-lag-ms 2000 --seed 1

  The first three messages are turned away for two seconds; one number is not on WhatsApp:
    python manage.py evolution_sandbox --fail status429:first=3:retry_after=2 --no-whatsapp 5511987654321

  Tell the application what happens, as the provider does:
    python manage.py evolution_sandbox --webhook-url http://127.0.0.1:8000/webhooks/evolution/

while it runs:
  See what was sent, and count what happened:
    curl http://127.0.0.1:8081/_sandbox/delivered?since_index=0
    curl http://127.0.0.1:8081/_sandbox/stats

  Break it, slow it down, disconnect it, mend it:
    curl -d '["status500_after=0.5"]' http://127.0.0.1:8081/_sandbox/faults
    curl -d '{"ms": 300}' http://127.0.0.1:8081/_sandbox/latency
    curl -d '{"ms": 2000}' http://127.0.0.1:8081/_sandbox/lag
    curl -d '{"instance": "julia", "state": "close"}' http://127.0.0.1:8081/_sandbox/connection
    curl -X POST http://127.0.0.1:8081/_sandbox/reset

  Let a doctor write:
    curl -d '{"number": "5511987654321", "text": "CONFIRMADO"}' http://127.0.0.1:8081/_sandbox/inbound
"""
