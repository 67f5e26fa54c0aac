"""What the switches say, read strictly: anything missing or not understood means the safe side.

`Flags.parse({})` is a Julia that is paused, with campaigns and bridge off, safe mode on and nobody in the canary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

ALL_PERCENT = 100


class FlagKey(StrEnum):
    JULIA = "julia"
    CAMPAIGNS = "campaigns"
    SAFE_MODE = "safe_mode"
    OUTBOUND_CANARY = "outbound_canary"
    EXTERNAL_HANDOFF = "external_handoff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """The switches as of one moment; percentages are 0 to 100."""

    julia_enabled: bool = False
    campaigns_enabled: bool = False
    safe_mode: bool = True
    canary_pct: int = 0
    handoff_enabled: bool = False
    handoff_pct: int = 0

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Self:
        """Read the rows of `feature_flags`, `{key: value}`; what is not exactly as expected counts as unsafe."""
        return cls(
            julia_enabled=_field(values, FlagKey.JULIA, "enabled") is True,
            campaigns_enabled=_field(values, FlagKey.CAMPAIGNS, "enabled") is True,
            safe_mode=_field(values, FlagKey.SAFE_MODE, "enabled") is not False,
            canary_pct=_percentage(_field(values, FlagKey.OUTBOUND_CANARY, "pct")),
            handoff_enabled=_field(values, FlagKey.EXTERNAL_HANDOFF, "enabled") is True,
            handoff_pct=_percentage(_field(values, FlagKey.EXTERNAL_HANDOFF, "canary_pct")),
        )


def _field(values: Mapping[str, Any], key: FlagKey, name: str) -> Any:
    value = values.get(key)
    return value.get(name) if isinstance(value, Mapping) else None


def _percentage(value: Any) -> int:
    is_percentage = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= ALL_PERCENT
    return value if is_percentage else 0
