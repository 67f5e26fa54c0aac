"""The tables of the bridge."""

from __future__ import annotations

from handoff.models.bridge import ExternalHandoff, HandoffMessage
from handoff.models.question import Question
from handoff.models.vaga import Vaga

__all__ = ["ExternalHandoff", "HandoffMessage", "Question", "Vaga"]
