"""The old way in, for call sites that have not been moved to `outbound.outbox` yet.

It goes through the same outbox and guardrails as everything, and leaves an `outbound_fallback` event that names the
caller: the go/no-go document wants none of these left (Query Bônus, `OUTBOUND_FALLBACK = 0`).
"""

from __future__ import annotations

import inspect
import warnings
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from canary import events
from canary.event_types import EventType
from canary.personal_data import phone_prefix
from outbound import contacts, outbox, phones
from outbound.contacts import Person
from outbound.methods import Method


def enviar_whatsapp(telefone: str, texto: str) -> outbox.Queued | outbox.Deduped:
    """Enqueue a message the old way; deprecated, use `outbox.enqueue`.

    Such a caller cannot say what its message is, so it counts as proactive: the strictest rules apply.

    Raises:
        InvalidPhoneError: when the number cannot exist.
        InvalidMessageError: when the text cannot be sent.
    """
    warnings.warn("enviar_whatsapp is deprecated: use outbound.outbox.enqueue", DeprecationWarning, stacklevel=2)
    frame = inspect.currentframe()
    caller = frame.f_back if frame else None
    function = f"{caller.f_globals.get('__name__')}.{caller.f_code.co_name}" if caller else "unknown"
    now = timezone.now()  # noqa: TID251 - the old signature has no place for the time
    return _enqueue(phone=phones.normalise(telefone), text=texto, function=function, now=now)


@transaction.atomic
def _enqueue(*, phone: str, text: str, function: str, now: datetime) -> outbox.Queued | outbox.Deduped:
    contact_id = contacts.find_or_create([Person(phone=phone)])[phone]
    props = {"function": function, "telefone_prefix": phone_prefix(phone)}
    events.emit(
        [events.Event(type=EventType.OUTBOUND_FALLBACK, at=now, source="outbound", cliente_id=contact_id, props=props)]
    )
    return outbox.enqueue(outbox.NewMessage(cliente_id=contact_id, method=Method.FOLLOWUP, text=text), now=now)
