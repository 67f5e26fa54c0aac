"""`manage.py rqworker`: django-rq's command with a worker that outlives Redis and PostgreSQL."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.checks import Tags
from django_rq.management.commands import rqworker

from outbound import worker


class Command(rqworker.Command):
    # What production must not run without. The rest is about pages, which a worker would have to load for it.
    requires_system_checks = (Tags.security,)

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)  # type: ignore[no-untyped-call]
        parser.set_defaults(worker_ttl=worker.WORKER_TTL_S)

    def handle(self, *queues: str, **options: Any) -> None:
        def run() -> None:
            try:
                super(Command, self).handle(*(queues or worker.QUEUES), **options)  # type: ignore[no-untyped-call]
            except SystemExit as exit_:
                # Redis did not answer when it started; anything else is the operator's second Ctrl-C.
                if exit_.code != 1:
                    raise

        if options["burst"]:
            run()
            worker.finish()
        else:
            worker.work(run)
