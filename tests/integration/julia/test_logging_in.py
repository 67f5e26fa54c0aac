"""Getting in: lock-out after failed attempts, short sessions, and what the browser is told to be careful about."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from julia.access import Level
from julia.processes import BASE_DIR
from tests.factories import people
from tests.integration.julia.test_panel import text

PASSWORD = "uma-senha-bem-longa"
HERE, ELSEWHERE = "203.0.113.7", "203.0.113.8"


@pytest.fixture
def ana(transactional_db: None) -> User:
    user = people.user(Level.OPERATOR, name="ana")
    user.set_password(PASSWORD)
    user.save()
    return user


def log_in(password: str, *, address: str = HERE) -> tuple[int, str]:
    answer = Client(REMOTE_ADDR=address).post(
        reverse("admin:login"), {"username": "ana", "password": password, "next": "/admin/"}
    )
    return answer.status_code, text(answer)


def test_after_five_wrong_passwords_even_the_right_one_waits_15_minutes(ana: User) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        assert [log_in("errada")[0] for _ in range(4)] == [200] * 4
        assert log_in("errada")[0] == 429

        status, said = log_in(PASSWORD)
        assert status == 429
        assert "Tentativas demais" in said
        clock.shift(timedelta(minutes=15, seconds=1))
        assert log_in(PASSWORD)[0] == 302


def test_whoever_guesses_does_not_lock_out_the_one_whose_name_he_guesses_with(ana: User) -> None:
    for _ in range(6):
        log_in("errada", address=ELSEWHERE)

    assert log_in(PASSWORD, address=ELSEWHERE)[0] == 429
    assert log_in(PASSWORD, address=HERE)[0] == 302


def test_behind_a_proxy_everybody_is_locked_out_by_the_address_that_the_proxy_saw(ana: User, settings: Any) -> None:
    settings.TRUSTED_PROXY_COUNT = 1

    def through_proxy(password: str, *, forwarded_for: str) -> int:
        answer = Client(REMOTE_ADDR="10.0.0.9", HTTP_X_FORWARDED_FOR=forwarded_for).post(
            reverse("admin:login"), {"username": "ana", "password": password}
        )
        return answer.status_code

    for number in range(6):
        through_proxy("errada", forwarded_for=f"192.0.2.{number}, {ELSEWHERE}")

    assert through_proxy(PASSWORD, forwarded_for=f"192.0.2.99, {ELSEWHERE}") == 429
    assert through_proxy(PASSWORD, forwarded_for=f"{ELSEWHERE}, {HERE}") == 302


@pytest.mark.parametrize("address", ["", "2001:db8::1", "::ffff:203.0.113.7"])
def test_whatever_the_address_is_wrong_passwords_lock_out(ana: User, address: str) -> None:
    assert [log_in("errada", address=address)[0] for _ in range(5)][-1] == 429


def test_a_success_forgets_the_failures_before_it(ana: User) -> None:
    for _ in range(2):
        assert [log_in("errada")[0] for _ in range(4)] == [200] * 4
        assert log_in(PASSWORD)[0] == 302


def test_a_session_ends_after_eight_hours_and_with_the_browser(ana: User) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        client = Client()
        client.post(reverse("admin:login"), {"username": "ana", "password": PASSWORD})
        cookie = client.cookies["sessionid"]
        assert cookie["max-age"] == ""
        assert cookie["httponly"]
        clock.shift(timedelta(hours=7, minutes=59))
        assert client.get(reverse("admin:index")).status_code == 200

        clock.shift(timedelta(minutes=2))
        assert client.get(reverse("admin:index")).status_code == 302


def test_every_admin_page_tells_the_browser_to_be_careful(ana: User) -> None:
    for url in (reverse("admin:login"), reverse("admin:index")):
        client = Client()
        client.force_login(ana)
        headers = client.get(url, follow=True).headers
        policy = {line.split()[0]: line.split()[1:] for line in headers["Content-Security-Policy"].split("; ")}

        assert policy["default-src"] == ["'none'"]
        assert policy["frame-ancestors"] == ["'none'"]
        assert policy["script-src"] == ["'self'", "'unsafe-eval'"]
        assert policy["base-uri"] == ["'none'"]
        assert policy["form-action"] == ["'self'"]
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "no-store" in headers["Cache-Control"]


def test_outside_the_admin_no_page_may_evaluate_anything(transactional_db: None) -> None:
    policy = Client().get("/healthz").headers["Content-Security-Policy"]

    assert "unsafe" not in policy


def test_in_production_cookies_travel_over_https_only() -> None:
    ask = (
        "from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS, *s.CSRF_TRUSTED_ORIGINS)"
    )
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "julia.settings",
        "JULIA_ENV": "production",
        "PUBLIC_BASE_URL": "https://julia.example.org/",
    }

    said = subprocess.run(
        [sys.executable, "-c", ask], cwd=BASE_DIR, env=env, capture_output=True, text=True, check=True
    ).stdout

    assert said.split() == ["True", "True", "31536000", "https://julia.example.org"]
