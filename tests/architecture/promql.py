"""What a PromQL expression asks for: the metrics it names, with the labels it selects and groups by."""

from __future__ import annotations

import re
from dataclasses import dataclass

GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
SELECTOR = re.compile(r"([A-Za-z_:][A-Za-z0-9_:]*)\s*(\{[^}]*\})?(\s*\()?")
MATCHER = re.compile(r"\s*([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*\"([^\"]*)\"\s*(?:,|$)")
RANGE = re.compile(r"\[[^\]]*\]")
OPERATORS = frozenset({"and", "or", "unless", "bool", "offset"})
FUNCTIONS = frozenset(
    {"absent", "changes", "histogram_quantile", "increase", "max", "min", "rate", "sum", "time", "avg", "count"}
)


@dataclass(frozen=True, slots=True)
class Selection:
    """One metric, by the name and the label values (a regular expression for each) that an expression gives."""

    metric: str
    matchers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """All that one expression asks for."""

    selections: tuple[Selection, ...]
    grouped_by: frozenset[str]


def read(expression: str) -> Question:
    """Take an expression apart.

    Raises:
        ValueError: when its brackets do not match, or it calls what is no function we know.
    """
    _check_brackets(expression)
    grouped = {label.strip() for match in GROUPING.finditer(expression) for label in match[1].split(",")} - {""}
    bare = RANGE.sub("", GROUPING.sub("", expression))
    selections = []
    for name, braces, call in SELECTOR.findall(bare):
        if call and name not in OPERATORS:
            if name not in FUNCTIONS:
                raise ValueError(f"{name} is no function")
        elif name not in OPERATORS:
            selections.append(Selection(name, _matchers(braces)))
    return Question(tuple(selections), frozenset(grouped))


def _matchers(braces: str) -> tuple[tuple[str, str], ...]:
    inner = braces.strip("{}")
    found = list(MATCHER.finditer(inner))
    if "".join(match[0] for match in found) != inner:
        raise ValueError(f"{braces} selects nothing")
    return tuple((match[1], match[3] if match[2] == "=~" else re.escape(match[3])) for match in found)


def _check_brackets(expression: str) -> None:
    expected = {")": "(", "]": "[", "}": "{"}
    opened = []
    for character in re.sub(r"\"[^\"]*\"", "", expression):
        if character in "([{":
            opened.append(character)
        elif character in expected and (not opened or opened.pop() != expected[character]):
            raise ValueError(f"brackets do not match: {expression}")
    if opened:
        raise ValueError(f"brackets do not match: {expression}")
