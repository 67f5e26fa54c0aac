"""Which WhatsApp identity the provider makes of a number.

Written from the provider's rule and not shared with `outbound.phones`: the sandbox is an independent witness, and a
mistake made once for both would go unseen.
"""

from __future__ import annotations

import re

PERSON_DOMAIN = "@s.whatsapp.net"
DOMAINS = (PERSON_DOMAIN, "@g.us", "@lid", "@broadcast")
# 55, an area code from 31 on, a ninth digit, and eight digits of which the first is 7 or more.
WITH_DROPPED_NINTH = re.compile(r"(55(?:3[1-9]|[4-9]\d))9([789]\d{7})")
PERSON = re.compile(r"\d{8,15}@s\.whatsapp\.net")


def jid_of(number: str) -> str:
    """Name the identity of a number as a caller wrote it; what is an identity already stays as it is."""
    if number.endswith(DOMAINS):
        return number
    digits = re.sub(r"\D", "", number)
    match = WITH_DROPPED_NINTH.fullmatch(digits)
    return f"{match[1]}{match[2]}{PERSON_DOMAIN}" if match else f"{digits}{PERSON_DOMAIN}"


def could_exist(jid: str) -> bool:
    """Tell whether WhatsApp could know the identity at all; groups and lists are taken at their word."""
    return not jid.endswith(PERSON_DOMAIN) or PERSON.fullmatch(jid) is not None
