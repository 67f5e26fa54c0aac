#!/usr/bin/env python
"""Django's command line, with the embedded services running underneath where none are configured."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "julia.settings")
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 - settings must be named first
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - the same

    from julia import checks, embedded  # noqa: PLC0415 - the same

    if embedded.needs_services(sys.argv):
        # Before anything is started, and whatever a command or --skip-checks makes of Django's own checks.
        try:
            checks.require_what_production_needs()
        except ImproperlyConfigured as error:
            sys.exit(str(error))
        embedded.start_configured()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
