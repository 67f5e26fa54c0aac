"""Takes personal data and secrets out of what is about to be logged or reported.

    redact("no answer for 5511987654321 at /confirm?t=eyJh")   # "no answer for [phone] at /confirm?t=[secret]"

It is the last net, not the rule: code logs identifiers and reason codes, and this catches what comes with other
people's exceptions, URLs and bodies. The patterns are those that keep personal data out of events.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from canary.personal_data import IDENTIFIER, PATTERNS, unescaped

REMOVED = "[removed]"
# What stands under such a name is a person's, or a secret, whatever it looks like.
PRIVATE_NAMES = re.compile(
    r"text|texto|body|corpo|name|nome|push_?name|phones?|telefones?|numbers?|remote_?jid|jid|sender_?jid|e-?mail|cpf"
    r"|.*(?:password|passwd|secret|token|api_?key|cookie|authorization|signature|dsn)",
    re.IGNORECASE,
)
SECRETS = (
    # https://user:password@host, and the same for databases
    re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"),
    re.compile(r"(?i)(?<=bearer )\s*[^\s\"',;]+"),
    re.compile(r"\bxox[a-z]-[\w-]+"),
    # ?t=…, token=…, "apikey": "…"
    re.compile(r"(?i)(?:(?<=[?&]t=)|(?<=token=)|(?<=apikey=)|(?<=password=)|(?<=secret=)|(?<=key=))[^\s&\"'#]+"),
    re.compile(r"(?i)(?<=[\"']apikey[\"']: [\"'])[^\"']+|(?<=[\"']apikey[\"']:[\"'])[^\"']+"),
)
# PostgreSQL's details quote whole rows, texts included; its message and the constraint's name say enough.
ROWS = re.compile(r"(?:DETAIL|CONTEXT|QUERY|LINE \d+):.*?(?=\n\nThe above exception|\n\nDuring handling|\Z)", re.DOTALL)


def redact(text: str) -> str:
    """Take out whatever looks like a phone, an e-mail, a CPF, a token, or a row of a table; identifiers stay."""
    bare = ROWS.sub("[row]", text)
    for secret in SECRETS:
        bare = secret.sub("[secret]", bare)
    bare = unescaped(bare)
    identifiers = IDENTIFIER.findall(bare)
    pieces = [_without_personal_data(piece) for piece in IDENTIFIER.split(bare)]
    return "".join(part for pair in zip(pieces, [*identifiers, ""], strict=True) for part in pair)


def clean(value: Any, *, name: str = "") -> Any:
    """The same for structured data, however nested: what stands under a private name is removed whole."""
    if name and PRIVATE_NAMES.fullmatch(name):
        return REMOVED
    if isinstance(value, Mapping):
        return {redact(str(key)): clean(item, name=str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(item) for item in value]
    if value is None or isinstance(value, bool | float):
        return value
    cleaned = redact(str(value))
    return value if isinstance(value, int) and cleaned == str(value) else cleaned


def _without_personal_data(text: str) -> str:
    # E-mails first: their user's name may be a phone.
    for kind in ("e-mail", "CPF", "phone"):
        text = PATTERNS[kind].sub(f"[{kind}]", text)
    return text
