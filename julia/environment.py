"""Typed readers for environment variables: each names the variable, and what is allowed, when a value cannot be read.

A secret may also come from a file: `SLACK_BOT_TOKEN_FILE=/run/secrets/token` is read when `SLACK_BOT_TOKEN` is not set.
"""

from __future__ import annotations

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})


class Secret(str):
    """A text that is not shown by accident: where it is printed for people who debug, its `repr`, there is none of it.

    What uses it uses it as any other text.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "'[secret]'" if self else "''"


def text(name: str, default: str = "") -> str:
    """Read a variable as it stands; an empty value counts as not set."""
    return os.environ.get(name) or default


def secret(name: str, default: str = "") -> Secret:
    """Read a secret from the variable, or from the file that `<name>_FILE` names.

    Raises:
        ImproperlyConfigured: when the file cannot be read.
    """
    path = os.environ.get(f"{name}_FILE")
    if not path or os.environ.get(name):
        return Secret(text(name, default))
    try:
        return Secret(Path(path).read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read ({type(error).__name__}).") from None


def boolean(name: str, *, default: bool) -> bool:
    """Read an on/off variable.

    Raises:
        ImproperlyConfigured: when the value is none of the words for on and off.
    """
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE_WORDS:
        return True
    if value in FALSE_WORDS:
        return False
    allowed = ", ".join(sorted(TRUE_WORDS | FALSE_WORDS))
    raise ImproperlyConfigured(f"{name}={value!r} is not understood: use one of {allowed}.")


def integer(name: str, default: int, *, minimum: int = 0) -> int:
    """Read a whole number.

    Raises:
        ImproperlyConfigured: when the value is no number, or below `minimum`.
    """
    value = text(name)
    if not value:
        return default
    if not value.isdecimal() or int(value) < minimum:
        raise ImproperlyConfigured(f"{name}={value!r} must be a whole number of at least {minimum}.")
    return int(value)


def words(name: str, default: str = "") -> tuple[str, ...]:
    """Read a comma-separated list; blanks around the entries do not count."""
    return tuple(word.strip() for word in text(name, default).split(",") if word.strip())


def networks(name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Read a comma-separated list of addresses and networks, as in `10.0.0.0/8,192.0.2.7,2001:db8::/48`.

    Raises:
        ImproperlyConfigured: when an entry is neither.
    """
    try:
        return tuple(ip_network(word) for word in words(name))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}; use addresses and networks, as in 10.0.0.0/8.") from error


def choice(name: str, default: str, *, allowed: frozenset[str]) -> str:
    """Read one of a closed set of words.

    Raises:
        ImproperlyConfigured: when the value is not in `allowed`.
    """
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name}={value!r} must be one of {', '.join(sorted(allowed))}.")
    return value
