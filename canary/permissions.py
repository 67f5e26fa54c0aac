"""What a screen asks of whoever uses it: the names of `julia.access`'s permissions, and who is asking.

The permissions themselves, and the groups that have them, are julia's; screens of the packages below know their names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canary import personal_data

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser, AnonymousUser

SEE = "julia.see_julia"
OPERATE = "julia.operate_julia"
GROW = "julia.grow_julia"


def actor_of(user: AbstractUser | AnonymousUser) -> str:
    """Name somebody for the history: by the user name, or by number where the user name is an e-mail or a phone."""
    name = user.get_username()
    return f"user-{user.pk}" if not name or personal_data.find_kind(name) else name
