"""The daily panel: lists to look at beside the metrics; packages above add theirs with `register` in `ready()`.

A section has a name, which several may share (`manage.py health security` shows all of that name), says what to look
for, and finds its rows for a window. The whole panel, with the go/no-go document's own, is `daily_panel.sections()`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from canary.metrics import Window

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # exists in the stubs only


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Rows as `{column: value}`, whether they are as they should be, and what else is to be known of them."""

    rows: Sequence[Mapping[str, Any]] = field(default_factory=list)
    is_ok: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One list of the panel; `metric` names the metric, if there is one, that judges the same against its threshold.

    `lists_violations` says that its rows are what that metric counts: while it counts none, nobody needs to look.
    """

    name: str
    title: _StrPromise
    look_for: Sequence[_StrPromise]
    find: Callable[[Window], Findings]
    metric: str | None = None
    lists_violations: bool = False


_sections: list[Section] = []


def register(section: Section) -> None:
    """Have a section shown, after those registered before it."""
    _sections.append(section)


def registered() -> list[Section]:
    """The sections that were added, in the order of their registration."""
    return list(_sections)
