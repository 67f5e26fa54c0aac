"""Parts of the control plane that may not be installed yet: asked for by name, and None while they are not there."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def find(name: str) -> Any:
    """The module of this name, or None when there is none; one that is there and broken raises as it should."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name:
            return None
        raise
