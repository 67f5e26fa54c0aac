"""Modules of other packages that may not be part of this installation."""

from __future__ import annotations

import importlib
from typing import Any


class UnavailableError(RuntimeError):
    """The package that does this is not part of this installation."""


def require(module: str) -> Any:
    """Import a module by name.

    Raises:
        UnavailableError: when it does not exist.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise UnavailableError(module) from error
