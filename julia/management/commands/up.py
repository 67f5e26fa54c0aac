"""`make up`: web, worker, cron and sandbox together, for development."""

from __future__ import annotations

import secrets
import signal
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from honcho.manager import Manager

LOGIN = "julia"
WEB_PORT, SANDBOX_PORT = 8000, 8081


class Command(BaseCommand):
    help = _("Run web, worker, cron and the provider sandbox together until Ctrl-C. Development only.")

    def handle(self, **_options: Any) -> None:
        if settings.IN_PRODUCTION:
            raise CommandError(_("This is for development; in production run the lines of the Procfile."))
        call_command("migrate", verbosity=0)
        password = _fresh_login()
        self.stdout.write(
            _("Admin: {url}/admin/   user: {user}   password: {password}\nCtrl-C stops everything.\n").format(
                url=f"http://127.0.0.1:{WEB_PORT}", user=LOGIN, password=password
            )
        )
        manager = Manager()
        for name, command in _processes().items():
            manager.add_process(name, command, cwd=str(settings.BASE_DIR))
        # What ends by Ctrl-C ended as it should.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        manager.loop()
        sys.exit(0 if manager.returncode in {0, 130, -signal.SIGINT, -signal.SIGTERM} else manager.returncode)


def _processes() -> dict[str, str]:
    python = sys.executable
    webhook = f"--webhook-url http://127.0.0.1:{WEB_PORT}/webhooks/evolution/"
    return {
        "web": f"{Path(python).parent / 'gunicorn'} julia.wsgi --bind 127.0.0.1:{WEB_PORT} --workers 2",
        "worker": f"{python} manage.py rqworker periodic dispatch",
        "console": f"{python} manage.py rqworker console",
        "cron": f"{python} manage.py rqcron julia.cron",
        "sandbox": f"{python} manage.py evolution_sandbox --port {SANDBOX_PORT} {webhook}",
    }


def _fresh_login() -> str:
    """Give the development user a new password, known only to who started this."""
    password = secrets.token_urlsafe(9)
    users = get_user_model().objects
    user, _created = users.get_or_create(username=LOGIN, defaults={"is_staff": True, "is_superuser": True})
    user.set_password(password)
    user.save(update_fields=["password"])
    return password
