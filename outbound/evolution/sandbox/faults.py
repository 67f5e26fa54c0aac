"""What goes wrong, and for which requests.

`timeout_after=0.2` loses the answer to one in five messages, `status429:first=3:retry_after=2` turns away the first
three, `wrapped400_after:number=5511999999999` sends to that number and answers as if it had not. A fault strikes only
what would have been accepted otherwise; the first in the list to strike wins.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from outbound.evolution.sandbox.jids import jid_of

# Nobody who waits for an answer waits this long.
HANG_S = 120.0


class Kind(StrEnum):
    """What a fault does: `_after` a message was sent to the phone, or before, so that it never is."""

    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    STATUS500_BEFORE = "status500_before"
    STATUS500_AFTER = "status500_after"
    WRAPPED400_BEFORE = "wrapped400_before"
    WRAPPED400_AFTER = "wrapped400_after"
    STATUS502 = "status502"
    STATUS502_AFTER = "status502_after"
    STATUS503 = "status503"
    STATUS429 = "status429"
    NO_LIST = "no_list"


class FaultReason(StrEnum):
    """Why a spec cannot be read."""

    UNKNOWN_KIND = "unknown_kind"
    BAD_SHARE = "bad_share"
    UNKNOWN_OPTION = "unknown_option"
    BAD_VALUE = "bad_value"


class FaultError(ValueError):
    """A spec that cannot be read: `spec` is all of it."""

    def __init__(self, *, spec: str, reason: FaultReason) -> None:
        super().__init__(f"{reason}: {spec}")
        self.spec = spec
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: which share (0 to 1) of requests it strikes, how often at most, and whom (None: everybody)."""

    spec: str
    kind: Kind
    share: float = 1.0
    first: int | None = None
    jid: str | None = None
    retry_after_s: int | None = None
    hang_s: float = HANG_S
    is_stored: bool = True

    @property
    def is_after(self) -> bool:
        return self.kind.endswith("_after")


def parse(spec: str) -> Fault:
    """Read `KIND[=SHARE][:first=N][:number=DIGITS][:retry_after=SECONDS][:for=SECONDS][:unstored]`.

    `for` is how long a timeout keeps the line open; `unstored` keeps findMessages and webhooks from knowing of the
    message.

    Raises:
        FaultError: when it says something else.
    """
    head, *options = spec.strip().split(":")
    name, _, share = head.partition("=")
    if name not in set(Kind):
        raise FaultError(spec=spec, reason=FaultReason.UNKNOWN_KIND)
    fields: dict[str, Any] = {"share": _share(share, spec=spec)} if share else {}
    for option in options:
        fields |= _option(option, spec=spec)
    return Fault(spec=spec, kind=Kind(name), **fields)


class FaultSet:
    """The faults in force, with how often each struck; the same seed strikes the same requests."""

    def __init__(self, specs: Iterable[str], *, seed: int | None) -> None:
        faults = [parse(spec) for spec in specs]
        self.specs: Sequence[str] = [fault.spec for fault in faults]
        self._sending = [fault for fault in faults if fault.kind is not Kind.NO_LIST]
        self._listing = [fault for fault in faults if fault.kind is Kind.NO_LIST]
        self._struck = dict.fromkeys(faults, 0)
        self._random = random.Random(seed)  # noqa: S311 - chooses what to break, guards nothing

    def strike_send(self, *, jid: str) -> Fault | None:
        """Choose what goes wrong with a message to `jid`, if anything does."""
        return self._strike(self._sending, jid) if self._sending else None

    def strike_list(self, *, jid: str | None) -> Fault | None:
        """Choose what goes wrong with a question for `jid`'s messages, if anything does."""
        return self._strike(self._listing, jid) if self._listing else None

    def _strike(self, faults: Iterable[Fault], jid: str | None) -> Fault | None:
        for fault in faults:
            if self._strikes(fault, jid):
                self._struck[fault] += 1
                return fault
        return None

    def _strikes(self, fault: Fault, jid: str | None) -> bool:
        is_meant = fault.jid is None or fault.jid == jid
        is_left = fault.first is None or self._struck[fault] < fault.first
        return is_meant and is_left and self._random.random() < fault.share


def _share(text: str, *, spec: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise FaultError(spec=spec, reason=FaultReason.BAD_SHARE)
    return share


def _option(option: str, *, spec: str) -> dict[str, Any]:
    name, _, value = option.partition("=")
    try:
        match name:
            case "first":
                return {"first": int(value)}
            case "number":
                return {"jid": jid_of(value)}
            case "retry_after":
                return {"retry_after_s": int(value)}
            case "for":
                return {"hang_s": float(value)}
            case "unstored":
                return {"is_stored": False}
    except ValueError:
        raise FaultError(spec=spec, reason=FaultReason.BAD_VALUE) from None
    raise FaultError(spec=spec, reason=FaultReason.UNKNOWN_OPTION)
