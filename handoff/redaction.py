"""Keeps the tokens of confirm links out of every log, whoever writes the line: a token in a log is a decision for sale.

hide("GET /handoff/confirm?t=eyJoIjoi… 200")   # "GET /handoff/confirm?t=[hidden] 200"
"""

from __future__ import annotations

import logging
import re

TOKEN = re.compile(r"(/handoff/confirm/?\?[^\s'\"]*?\bt=)[^\s&'\"]+")


def hide(text: str) -> str:
    """Replace the token of every confirm link in a text."""
    return TOKEN.sub(r"\1[hidden]", text)


class HidingFormatter(logging.Formatter):
    """Hides tokens in the whole of a line, its traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        return hide(super().format(record))
