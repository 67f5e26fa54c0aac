#!/usr/bin/env python
"""Django's command line, with the embedded services running underneath where none are configured."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "julia.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - settings must be named first

    from julia import embedded  # noqa: PLC0415 - the same

    embedded.start_for_command(sys.argv)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
