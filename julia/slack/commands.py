"""What people write in Slack, read into commands: the table of all of them, and a parser that never raises.

parse("pausar_julia agora mensagens estranhas")
# Command(name=Name.PAUSE, at_once=True, reason="mensagens estranhas")
parse("desativa campanhas")    # Command(name=Name.CAMPAIGNS, action=Action.OFF)
parse("pausa_julia")           # Unknown(nearest="pausar_julia")
parse("canary reduzir muito")  # Malformed(name=Name.CANARY)
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from julia.slack import spoken
from outbound import phones

# The longest WhatsApp text and the words around it; nobody types more.
LONGEST_LINE = 6000
# What an event's reason may hold (outbound.outbox).
LONGEST_REASON = 200
PERCENTAGE = re.compile(r"([0-9]{1,3}) ?%?")
PHONE = re.compile(r"\s*(?:<tel:(?P<link>[^|>]*)(?:\|[^>]*)?>|(?P<typed>[+(]{0,2}[0-9][0-9 ().\-\u00a0]*))")
SENDING = re.compile(r"(?:motivo\b[ :]*(?P<reason>.*?))?(?:\btexto\b[ :]*(?P<text>.*))?", re.IGNORECASE | re.DOTALL)


class Name(StrEnum):
    PAUSE = "pausar_julia"
    RESUME = "retomar_julia"
    CAMPAIGNS = "toggle_campanhas"
    BRIDGE = "toggle_ponte_externa"
    CANARY = "canary"
    HEALTH = "saude"
    STATUS = "status"
    EXPLAIN = "explicar"
    SEND = "enviar"
    OPT_OUT = "optout"
    INCIDENTS = "incidentes"
    DRILL = "drill"
    HANDOFFS = "handoffs"
    HELP = "ajuda"


class Action(StrEnum):
    ON = "on"
    OFF = "off"
    STATUS = "status"
    PROMOTE = "promover"
    REDUCE = "reduzir"


class DrillName(StrEnum):
    """The playbook's exercises (go/no-go document, D2)."""

    KILL_SWITCH_JULIA = "kill_switch_julia"
    KILL_SWITCH_CAMPAIGNS = "kill_switch_campaigns"
    ROLLBACK_CANARY = "rollback_canary"
    BYPASS = "bypass"
    ALL = "all"


USAGE: Mapping[Name, str] = {
    Name.PAUSE: "[agora] [motivo]",
    Name.RESUME: "[motivo]",
    Name.CAMPAIGNS: "on|off|status [agora] [motivo]",
    Name.BRIDGE: "status|on [pct]|off [agora] [motivo]",
    Name.CANARY: "status|promover|reduzir PCT [agora] [motivo]",
    Name.HEALTH: "",
    Name.STATUS: "",
    Name.EXPLAIN: "TELEFONE",
    Name.SEND: "TELEFONE motivo … texto …",
    Name.OPT_OUT: "TELEFONE [motivo]",
    Name.INCIDENTS: "",
    Name.DRILL: "|".join(DrillName),
    Name.HANDOFFS: "",
    Name.HELP: "",
}
# Slack keeps /status for itself and refuses an app that wants it.
SLASHES: Mapping[Name, str] = {name: "status_julia" if name is Name.STATUS else name.value for name in Name}
_NAMES = {name.value: name for name in Name} | {slash: name for name, slash in SLASHES.items()}
_STOPS = frozenset({(Name.PAUSE, None), (Name.CAMPAIGNS, Action.OFF), (Name.BRIDGE, Action.OFF)})
_CHANGES = _STOPS | {
    (Name.RESUME, None),
    (Name.CAMPAIGNS, Action.ON),
    (Name.BRIDGE, Action.ON),
    (Name.CANARY, Action.PROMOTE),
    (Name.CANARY, Action.REDUCE),
    (Name.OPT_OUT, None),
    (Name.DRILL, None),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What somebody wants. `pct` is 0 to 100, `phone` canonical; `at_once` means without asking back."""

    name: Name
    action: Action | None = None
    pct: int | None = None
    phone: str = ""
    reason: str = ""
    text: str = ""
    drill: DrillName | None = None
    at_once: bool = False

    @property
    def is_stop(self) -> bool:
        """Whether it stops sends: what may be done in one step."""
        return (self.name, self.action) in _STOPS

    @property
    def is_critical(self) -> bool:
        """Whether it changes something, and so asks back first."""
        return (self.name, self.action) in _CHANGES

    @property
    def is_reading(self) -> bool:
        """Whether it only shows something."""
        return not self.is_critical and self.name is not Name.SEND

    @property
    def is_slow(self) -> bool:
        """Whether it takes longer than Slack waits, and so is done by a worker."""
        return self.name is Name.DRILL or self.action is Action.PROMOTE

    @property
    def line(self) -> str:
        """How it is written, without reason, phone and text."""
        pct = "" if self.pct is None else str(self.pct)
        return " ".join(part for part in (self.name, self.action, pct, self.drill) if part)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `as_json` made."""
        name, action, drill = Name(stored["name"]), stored["action"], stored["drill"]
        kinds = {"name": name, "action": action and Action(action), "drill": drill and DrillName(drill)}
        return cls(**{**stored, **kinds})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """No command of ours; `nearest` is the one that looks most like it."""

    nearest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """A command of ours, but not in a form that can be done."""

    name: Name


class _MalformedError(ValueError):
    pass


def parse(line: str) -> Command | Unknown | Malformed:
    """Read one line; whatever it holds, nothing is raised."""
    clean = printable(line[:LONGEST_LINE])
    if not clean:
        return Command(name=Name.HELP)
    meant = spoken.understand(clean)
    first, rest = _split(meant or clean)
    name = _NAMES.get(spoken.fold(first.lstrip("/")))
    if name is None:
        return Unknown(nearest=_nearest(clean))
    try:
        return _READERS[name](name, rest)
    except _MalformedError:
        return Malformed(name=name)


def usage(name: Name) -> str:
    """How a command is written, with its slash."""
    return f"/{SLASHES[name]} {USAGE[name]}".strip()


def printable(text: str) -> str:
    """Take out what cannot be stored or shown; new lines stay."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text).strip()


def _nearest(text: str) -> str:
    first = spoken.fold(_split(text)[0].lstrip("/"))
    return difflib.get_close_matches(first, [name.value for name in Name], n=1, cutoff=0.0)[0]


def _split(text: str) -> tuple[str, str]:
    first, *rest = text.split(maxsplit=1)
    return first, rest[0] if rest else ""


def _bare(name: Name, _rest: str) -> Command:
    return Command(name=name)


def _pause(name: Name, rest: str) -> Command:
    at_once, reason = _at_once(rest)
    return Command(name=name, at_once=at_once, reason=reason)


def _resume(name: Name, rest: str) -> Command:
    return Command(name=name, reason=_never_at_once(rest))


def _campaigns(name: Name, rest: str) -> Command:
    action, rest = _action(rest)
    match action:
        case Action.ON:
            return Command(name=name, action=action, reason=_never_at_once(rest))
        case Action.OFF:
            at_once, reason = _at_once(rest)
            return Command(name=name, action=action, at_once=at_once, reason=reason)
        case Action.STATUS:
            return Command(name=name, action=action)
        case _:
            raise _MalformedError


def _bridge(name: Name, rest: str) -> Command:
    action, after = _action(rest)
    if action is not Action.ON:
        return _campaigns(name, rest)
    first, others = _split(after) if after else ("", "")
    if not first[:1].isdigit():
        return Command(name=name, action=action, pct=100, reason=_never_at_once(after))
    return Command(name=name, action=action, pct=_percentage(first, least=1), reason=_never_at_once(others))


def _canary(name: Name, rest: str) -> Command:
    action, rest = _action(rest)
    match action:
        case Action.STATUS:
            return Command(name=name, action=action)
        case Action.PROMOTE:
            return Command(name=name, action=action, reason=_never_at_once(rest))
        case Action.REDUCE if rest:
            pct, rest = _split(rest)
            at_once, reason = _at_once(rest)
            return Command(name=name, action=action, pct=_percentage(pct), at_once=at_once, reason=reason)
        case _:
            raise _MalformedError


def _explain(name: Name, rest: str) -> Command:
    return Command(name=name, phone=_phone(rest)[0])


def _opt_out(name: Name, rest: str) -> Command:
    phone, reason = _phone(rest)
    return Command(name=name, phone=phone, reason=_reason(reason))


def _send(name: Name, rest: str) -> Command:
    if not rest:
        return Command(name=name)
    phone, rest = _phone(rest)
    match = SENDING.fullmatch(rest)
    if not match:
        raise _MalformedError
    return Command(name=name, phone=phone, reason=_reason(match["reason"] or ""), text=(match["text"] or "").strip())


def _drill(name: Name, rest: str) -> Command:
    wanted = spoken.fold(rest)
    if wanted not in set(DrillName):
        raise _MalformedError
    return Command(name=name, drill=DrillName(wanted))


_READERS: Mapping[Name, Callable[[Name, str], Command]] = {
    Name.PAUSE: _pause,
    Name.RESUME: _resume,
    Name.CAMPAIGNS: _campaigns,
    Name.BRIDGE: _bridge,
    Name.CANARY: _canary,
    Name.HEALTH: _bare,
    Name.STATUS: _bare,
    Name.EXPLAIN: _explain,
    Name.SEND: _send,
    Name.OPT_OUT: _opt_out,
    Name.INCIDENTS: _bare,
    Name.DRILL: _drill,
    Name.HANDOFFS: _bare,
    Name.HELP: _bare,
}


def _action(rest: str) -> tuple[Action, str]:
    if not rest:
        return Action.STATUS, ""
    first, others = _split(rest)
    wanted = spoken.fold(first)
    if wanted not in set(Action):
        raise _MalformedError
    return Action(wanted), others


def _at_once(rest: str) -> tuple[bool, str]:
    if not rest:
        return False, ""
    first, others = _split(rest)
    is_now = spoken.fold(first) == spoken.AT_ONCE
    return is_now, _reason(others if is_now else rest)


def _never_at_once(rest: str) -> str:
    at_once, reason = _at_once(rest)
    if at_once:
        raise _MalformedError
    return reason


def _reason(text: str) -> str:
    return " ".join(text.split())[:LONGEST_REASON]


def _percentage(text: str, *, least: int = 0) -> int:
    match = PERCENTAGE.fullmatch(text)
    if not match or not least <= int(match[1]) <= 100:  # noqa: PLR2004 - per cent
        raise _MalformedError
    return int(match[1])


def _phone(text: str) -> tuple[str, str]:
    """Take a phone off the front of a text, the longest run of digits and signs that is one; answer what follows."""
    match = PHONE.match(text)
    if not match:
        raise _MalformedError
    if match["link"] is not None:
        return _normalise(match["link"]), text[match.end() :].strip()
    words = match["typed"].split()
    for count in range(len(words), 0, -1):
        if found := _find_phone(" ".join(words[:count])):
            return found, " ".join([*words[count:], text[match.end() :].strip()]).strip()
    raise _MalformedError


def _find_phone(text: str) -> str | None:
    try:
        return phones.normalise(text)
    except phones.InvalidPhoneError:
        return None


def _normalise(text: str) -> str:
    if found := _find_phone(text):
        return found
    raise _MalformedError
