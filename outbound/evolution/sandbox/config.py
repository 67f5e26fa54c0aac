"""What a sandbox starts with, and goes back to on a reset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# The provider's own first wait before it repeats a webhook.
WEBHOOK_BACKOFF_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxConfig:
    """One provider: its instances, who is not on WhatsApp, how slow it is, what goes wrong, and whom it tells.

    `faults` holds specs as `faults.parse` reads them; with a `seed` they strike the same requests each time.
    `lag_ms` is how much later than its answer a message shows up in findMessages.
    """

    instances: Sequence[str] = ("julia",)
    any_instance: bool = False
    api_key: str = "sandbox-key"
    no_whatsapp: Sequence[str] = ()
    latency_ms: float = 0
    lag_ms: float = 0
    faults: Sequence[str] = ()
    seed: int | None = None
    webhook_url: str = ""
    webhook_token: str = ""
    webhook_backoff_s: float = WEBHOOK_BACKOFF_S
