"""Production refuses to start with something missing, and says what."""

from __future__ import annotations

import os
import string
import subprocess
import sys

import pytest
from django.conf import settings

COMPLETE = {
    "JULIA_ENV": "production",
    "SECRET_KEY": string.ascii_letters + string.digits,
    "ALLOWED_HOSTS": "julia.example.org",
    "PUBLIC_BASE_URL": "https://julia.example.org",
    "DATABASE_URL": "postgresql://julia@db.example.org/julia",
    "REDIS_URL": "redis://redis.example.org:6379/0",
    "EVOLUTION_API_URL": "https://evolution.example.org",
    "EVOLUTION_API_KEY": "key",
    "EVOLUTION_INSTANCE": "julia",
    "EVOLUTION_WEBHOOK_TOKEN": "token",
    "SLACK_SIGNING_SECRET": "secret",
    "SUPPRESSION_KEY": "key",
}


# Every kind of process there is; gunicorn loads the application as it does before it serves.
WEB = ("-m", "gunicorn", "--check-config", "julia.wsgi")
PROCESSES = [
    WEB,
    ("manage.py", "rqworker", "periodic", "dispatch"),
    ("manage.py", "rqcron", "julia.cron"),
    ("manage.py", "migrate"),
    ("manage.py", "killswitch", "status"),
    ("manage.py", "shell", "-c", "print('started')"),  # Django checks nothing before a shell
    ("manage.py", "enqueue", "--jsonl", "-", "--skip-checks"),  # or where it is told not to
    ("-m", "django", "check"),
]


def run(*command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        env={**os.environ, **COMPLETE, "DJANGO_SETTINGS_MODULE": "julia.settings", **changes},
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def check(*options: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return run("manage.py", "check", *options, **changes)


def test_production_starts_with_everything_in_place():
    result = check()

    assert result.returncode == 0, result.stderr


def test_django_has_nothing_to_warn_of_before_a_deployment():
    result = check("--deploy", "--fail-level", "WARNING")

    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("missing", sorted(set(COMPLETE) - {"JULIA_ENV"}))
def test_production_names_what_is_missing(missing):
    result = check(**{missing: ""})

    assert result.returncode != 0
    assert missing in result.stderr


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"DEBUG": "on"}, "DEBUG"),  # error pages would show settings
        ({"EVOLUTION_API_URL": "http://127.0.0.1:8081"}, "sandbox"),  # messages would seem to be sent
        ({"EVOLUTION_API_URL": "http://127.0.0.2:8081"}, "sandbox"),  # the same machine by its other names
        ({"EVOLUTION_API_URL": "http://LOCALHOST.:8081"}, "sandbox"),
        ({"EVOLUTION_API_URL": "http://[::ffff:127.0.0.1]:8081"}, "sandbox"),
        ({"EVOLUTION_API_URL": "http://0.0.0.0:8081"}, "sandbox"),
        ({"PUBLIC_BASE_URL": ""}, "PUBLIC_BASE_URL"),  # links would lead nowhere
        ({"PUBLIC_BASE_URL": "https://127.0.0.1:8000"}, "PUBLIC_BASE_URL"),
        ({"PUBLIC_BASE_URL": "http://julia.example.org"}, "PUBLIC_BASE_URL"),  # its token would travel in the open
        ({"EVOLUTION_WEBHOOK_TOKEN": "sandbox-webhook-token"}, "EVOLUTION_WEBHOOK_TOKEN"),  # anybody may read it here
        ({"SECRET_KEY": "development-only-" + "x" * 50}, "SECRET_KEY"),
        ({"OUTBOUND_RATE_LIMITS": "many"}, "20/hour"),  # a limit nobody can read is no limit
        ({"BUSINESS_HOURS": "always"}, "mon-fri"),
        ({"DEBUG": "perhaps"}, "DEBUG"),
        ({"OUTBOUND_CONCURRENCY": "0"}, "OUTBOUND_CONCURRENCY"),
    ],
)
def test_production_refuses(changes, words):
    result = check(**changes)

    assert result.returncode != 0
    assert words in result.stderr


def test_the_web_process_starts_with_everything_in_place():
    result = run(*WEB)

    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("command", PROCESSES, ids=" ".join)
def test_whatever_is_started_refuses(command, tmp_path):
    wrong = {"SUPPRESSION_KEY": "", "DATABASE_URL": "", "DEBUG": "on", "EVOLUTION_API_URL": "http://localhost:8081"}

    result = run(*command, **wrong, EMBEDDED_ROOT=str(tmp_path / "embedded"))

    assert result.returncode != 0
    for words in ("needs SUPPRESSION_KEY", "needs DATABASE_URL", "not run with DEBUG", "not send to the sandbox"):
        assert words in result.stdout + result.stderr
    # No database was made up in place of the one that was not named.
    assert not (tmp_path / "embedded").exists()


def test_the_static_files_of_a_release_are_collected_without_any_secret():
    nothing = dict.fromkeys(set(COMPLETE) - {"JULIA_ENV"}, "")

    result = run("manage.py", "collectstatic", "--dry-run", "--noinput", **nothing)

    assert result.returncode == 0, result.stderr


def test_no_secret_is_shown_by_what_is_printed_for_who_debugs():
    passwords = {
        "DATABASE_URL": "postgresql://julia:nobody-sees-this@db.example.org/julia",
        "REDIS_URL": "redis://:nobody-sees-this@redis.example.org:6379/0",
        **dict.fromkeys(("SECRET_KEY", "EVOLUTION_API_KEY", "EVOLUTION_WEBHOOK_TOKEN"), "nobody-sees-this"),
        **dict.fromkeys(("SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "SUPPRESSION_KEY"), "nobody-sees-this"),
        "SENTRY_DSN": "https://nobody-sees-this@sentry.example.org/1",
    }
    # All settings, as a debugger shows them, and as Django's error page does.
    show = """
import pprint, django; from django.conf import settings; from django.views import debug
django.setup()
print({name: getattr(settings, name) for name in dir(settings)})
pprint.pp(debug.SafeExceptionReporterFilter().get_safe_settings())
print(settings.EVOLUTION_API_KEY)
"""

    result = run("-c", show, **passwords)

    assert result.returncode == 0, result.stderr
    *shown, used = result.stdout.splitlines()
    assert used == "nobody-sees-this"
    assert "nobody-sees-this" not in "".join(shown)
    assert "'[secret]'" in "".join(shown)


def test_a_secret_whose_file_is_not_there_is_named(tmp_path):
    (tmp_path / "key").write_text("from a file\n")
    assert check(SUPPRESSION_KEY="", SUPPRESSION_KEY_FILE=str(tmp_path / "key")).returncode == 0

    result = check(SUPPRESSION_KEY="", SUPPRESSION_KEY_FILE=str(tmp_path / "nothing"))

    assert result.stderr.strip() == "SUPPRESSION_KEY_FILE cannot be read (FileNotFoundError)."
