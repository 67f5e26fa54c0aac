"""A stand-in for the Evolution API v2.3 in development and tests: a real HTTP server with faults on demand.

    with running_sandbox(faults=["timeout_after:first=1"]) as sandbox:
        httpx.post(f"{sandbox.url}/message/sendText/julia", ...)   # sent, and never answered
        assert len(sandbox.delivered()) == 1

It shares no code with the client it is there to judge, and none with Django.
"""

from __future__ import annotations

from outbound.evolution.sandbox.config import SandboxConfig
from outbound.evolution.sandbox.faults import FaultError
from outbound.evolution.sandbox.server import Sandbox
from outbound.evolution.sandbox.thread import RunningSandbox, running_sandbox

__all__ = ["FaultError", "RunningSandbox", "Sandbox", "SandboxConfig", "running_sandbox"]
