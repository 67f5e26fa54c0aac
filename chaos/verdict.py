"""What a run came to: our rows held against what the provider delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One of our messages, as it stands: each has a text of its own."""

    text: str
    status: str
    provider_message_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How many messages went wrong, in each way there is.

    - `lost`: accepted, and no row of ours knows of it any more.
    - `doubled`: delivered more than once.
    - `wrong`: marked sent and not delivered so, or failed though nothing refused it, or queued though delivered.
    - `leaked`: requested beyond a full limit, or while its switch was off.
    - `parked`: they left, nothing can prove it, and they wait for a person.
    - `held`: rightly queued, since a limit is full.
    - `unsettled`: queued or in doubt for no such reason.
    """

    accepted: int
    delivered: int
    lost: int
    doubled: int
    wrong: int
    leaked: int
    parked: int
    held: int
    unsettled: int

    def count(self, name: str) -> int:
        """One of the counts, by its name."""
        return int(getattr(self, name))

    @property
    def is_settled(self) -> bool:
        return self.unsettled == 0

    def holds(self, *, may_park: bool) -> bool:
        """Whether the promise was kept; `may_park` says that the scenario leaves some messages without evidence."""
        broken = self.lost or self.doubled or self.wrong or self.leaked or self.unsettled
        return not broken and (may_park or not self.parked)


def judge(
    *,
    accepted: int,
    rows: Sequence[Row],
    delivered: Mapping[str, Sequence[str]],
    may_park: bool,
    limit: int | None,
    while_off: int,
) -> Verdict:
    """Hold `rows` against `delivered`, the provider's ids for each text.

    At most `limit` may leave at all; `while_off` requests were made while a switch forbade them.
    """
    unknown = [row for row in rows if row.status == "unknown"]
    # Parking is right only where the message left and nothing could tell so: one that surely did not leave is queued.
    parked = [row for row in unknown if may_park and delivered.get(row.text)]
    total = sum(len(ids) for ids in delivered.values())
    beyond = 0 if limit is None else max(total - limit, 0)
    queued = sum(row.status == "queued" for row in rows)
    held = 0 if limit is None else min(queued, max(accepted - limit, 0))
    under_way = sum(row.status == "sending" for row in rows)
    return Verdict(
        accepted=accepted,
        delivered=total,
        lost=max(accepted - len(rows), 0),
        doubled=sum(len(ids) > 1 for ids in delivered.values()),
        wrong=sum(_is_wrong(row, delivered.get(row.text, ())) for row in rows),
        leaked=beyond + while_off,
        parked=len(parked),
        held=held,
        unsettled=queued - held + under_way + len(unknown) - len(parked),
    )


def _is_wrong(row: Row, ids: Sequence[str]) -> bool:
    match row.status:
        case "sent":
            return row.provider_message_id not in ids
        case "queued":
            return bool(ids)
        case "sending" | "unknown":
            return False
        case _:
            return True
