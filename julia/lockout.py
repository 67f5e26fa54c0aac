"""Whom a failed login is counted against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest


def username_of(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str | None:
    """Name who tries to log in, as long as a user name can be: what is longer is nobody's, and fits in no column."""
    username = (credentials or request.POST).get("username")
    longest = get_user_model()._meta.get_field("username").max_length  # noqa: SLF001 - Django's own name for it
    return str(username)[:longest] if username else None
