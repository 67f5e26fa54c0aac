"""Those who operate Julia, by their group."""

from __future__ import annotations

from itertools import count

from django.contrib.auth.models import Group, User
from django.test import Client

from julia import access
from julia.access import Level

_numbers = count(1)


def user(level: Level | None, *, name: str = "") -> User:
    """A staff member of a group; None for one of no group."""
    access.ensure_groups()  # another test's clean-up takes the groups along
    created = User.objects.create_user(name or f"pessoa{next(_numbers)}", is_staff=True)
    if level:
        created.groups.add(Group.objects.get(name=level))
    return created


def browser(level: Level | None, *, name: str = "") -> Client:
    """A session of somebody who is logged in."""
    client = Client()
    client.force_login(user(level, name=name))
    return client
