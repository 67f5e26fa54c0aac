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
    "DATABASE_URL": "postgresql://julia@db.example.org/julia",
    "REDIS_URL": "redis://redis.example.org:6379/0",
    "EVOLUTION_API_URL": "https://evolution.example.org",
    "EVOLUTION_API_KEY": "key",
    "EVOLUTION_INSTANCE": "julia",
    "EVOLUTION_WEBHOOK_TOKEN": "token",
    "SLACK_SIGNING_SECRET": "secret",
    "SUPPRESSION_KEY": "key",
}


def check(*options: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "check", *options],
        env={**os.environ, **COMPLETE, **changes},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_production_starts_with_everything_in_place():
    result = check()

    assert result.returncode == 0, result.stderr


def test_django_has_nothing_to_warn_of_before_a_deployment():
    result = check("--deploy", "--fail-level", "WARNING")

    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("missing", sorted(set(COMPLETE) - {"JULIA_ENV", "DATABASE_URL", "REDIS_URL", "SECRET_KEY"}))
def test_production_names_what_is_missing(missing):
    result = check(**{missing: ""})

    assert result.returncode != 0
    assert missing in result.stderr


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"DEBUG": "on"}, "DEBUG"),  # error pages would show settings
        ({"EVOLUTION_API_URL": "http://127.0.0.1:8081"}, "sandbox"),  # messages would seem to be sent
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
