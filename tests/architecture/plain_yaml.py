"""The plain part of YAML that our own files are written in, read strictly: whatever it reads, any YAML reader reads so.

Blocks of mappings and of lists of mappings, two blanks deep, and texts in double quotes as JSON has them.
"""

from __future__ import annotations

import json
import re
from typing import Any

LINE = re.compile(r"(?P<indent> *)(?P<dash>- )?(?P<key>[A-Za-z_]+):(?: (?P<value>\".*\"))?")


class NotPlainError(ValueError):
    """A line is not of the plain part; the message quotes it."""


def read(text: str) -> Any:
    """Read a document into dictionaries, lists and texts.

    Raises:
        NotPlainError: when it is not plain, or a key stands twice in a mapping.
    """
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    value, rest = _mapping(lines, indent=0)
    if rest:
        raise NotPlainError(rest[0])
    return value


def _mapping(lines: list[str], *, indent: int) -> tuple[dict[str, Any], list[str]]:
    found: dict[str, Any] = {}
    while lines and len(lines[0]) - len(lines[0].lstrip()) == indent and not lines[0].lstrip().startswith("- "):
        key, value = _line(lines[0])
        if key in found:
            raise NotPlainError(lines[0])
        if value is not None:
            found[key], lines = value, lines[1:]
        else:
            found[key], lines = _block(lines[1:], indent=indent + 2)
    if not found:
        raise NotPlainError(lines[0] if lines else "the end")
    return found, lines


def _block(lines: list[str], *, indent: int) -> tuple[Any, list[str]]:
    if not lines or not lines[0].startswith(" " * indent + "- "):
        return _mapping(lines, indent=indent)
    items = []
    while lines and lines[0].startswith(" " * indent + "- "):
        lines = [lines[0].replace("- ", "  ", 1), *lines[1:]]
        item, lines = _mapping(lines, indent=indent + 2)
        items.append(item)
    return items, lines


def _line(line: str) -> tuple[str, str | None]:
    match = LINE.fullmatch(line)
    if match is None:
        raise NotPlainError(line)
    try:
        return match["key"], json.loads(match["value"]) if match["value"] else None
    except ValueError as error:
        raise NotPlainError(line) from error
