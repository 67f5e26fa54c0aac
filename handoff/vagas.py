"""Vagas that divulgadores advertise: registered here, and open until a bridge reserves them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from handoff.models import Vaga
from outbound.methods import ContactKind
from outbound.models import Contact

# Several of them have to fit a message of ours.
LONGEST_TEXT = 100


class InvalidVagaError(ValueError):
    """A vaga cannot be registered as it is: `field` is what to mend."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def register(*, hospital: str, day: date, period: str, value: Decimal, divulgador_id: UUID) -> Vaga:
    """Register an open shift; `value` is in reais.

    Raises:
        InvalidVagaError: when a text is empty or has more than 100 characters, the value is negative or too large, or
            no divulgador has this id.
    """
    for field, text in (("hospital", hospital), ("period", period)):
        if not 0 < len(text.strip()) <= LONGEST_TEXT or "\x00" in text:
            raise InvalidVagaError(field)
    if not value.is_finite() or not 0 <= value < Decimal(10) ** 8:
        raise InvalidVagaError("value")
    if not Contact.objects.filter(pk=divulgador_id, kind=ContactKind.DIVULGADOR).exists():
        raise InvalidVagaError("divulgador")
    return Vaga.objects.create(
        hospital=hospital.strip(), date=day, period=period.strip(), value=value, divulgador_id=divulgador_id
    )
