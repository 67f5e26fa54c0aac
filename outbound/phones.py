"""Phone numbers: one canonical form for one person, and the JIDs WhatsApp knows them by.

`normalise("31 8765-4321")` and `normalise("+55 31 98765-4321")` are both `"5531987654321"`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import phonenumbers

EVERYBODY = "*"

# 55, area code, then eight digits that begin as a mobile's did before the ninth digit came.
MOBILE_WITHOUT_NINTH = re.compile(r"55(?P<area>[1-9]{2})(?P<number>[6-9]\d{7})")
MOBILE = re.compile(r"55(?P<area>[1-9]{2})9(?P<number>\d{8})")
INTERNATIONAL_LENGTHS = frozenset({12, 13})
# Dialled before the area code inside the country, and no part of the number.
TRUNK_PREFIX = "0"
# The provider drops the ninth digit from this area code on, when the digit after it is 7 or more.
FIRST_AREA_WITHOUT_NINTH = 31
FIRST_DIGIT_WITHOUT_NINTH = "7"


class InvalidPhoneError(ValueError):
    """The number cannot exist; the message does not repeat it."""


def normalise(raw: str) -> str:
    """Turn what somebody typed, or a provider sent, into canonical E.164 digits; Brazil is assumed without a country.

    Raises:
        InvalidPhoneError: when no phone in the world has that number.
    """
    digits = re.sub(r"\D", "", raw)
    is_international = raw.strip().startswith("+") or (digits.startswith("55") and len(digits) in INTERNATIONAL_LENGTHS)
    candidate = _with_ninth_digit(digits if is_international else f"55{digits.lstrip(TRUNK_PREFIX)}")
    try:
        number = phonenumbers.parse(f"+{candidate}")
    except phonenumbers.NumberParseException as error:
        raise InvalidPhoneError("not a phone number") from error
    if not phonenumbers.is_valid_number(number):
        raise InvalidPhoneError("no phone has this number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164).lstrip("+")


def normalise_all(numbers: Iterable[str]) -> frozenset[str]:
    """Normalise a configured list, where `*` stands for everybody.

    Raises:
        InvalidPhoneError: when one of them is no number.
    """
    return frozenset(number if number == EVERYBODY else normalise(number) for number in numbers)


def jid(phone: str) -> str:
    """Name the WhatsApp identity of a canonical number, without the ninth digit where the provider drops it."""
    match = MOBILE.fullmatch(phone)
    if match and int(match["area"]) >= FIRST_AREA_WITHOUT_NINTH and match["number"] >= FIRST_DIGIT_WITHOUT_NINTH:
        phone = f"55{match['area']}{match['number']}"
    return f"{phone}@s.whatsapp.net"


def _with_ninth_digit(digits: str) -> str:
    match = MOBILE_WITHOUT_NINTH.fullmatch(digits)
    return f"55{match['area']}9{match['number']}" if match else digits
