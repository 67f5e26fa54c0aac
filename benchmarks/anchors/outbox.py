"""Ours, given messages one by one as a program would: `feed RATE SECONDS`."""

from __future__ import annotations

import os
import sys

import django

from benchmarks.anchors.messages import feed


def enqueue(number: str, text: str) -> None:
    """Accept one message in a transaction of its own."""
    from django.db import transaction
    from django.utils import timezone

    from outbound import contacts, outbox
    from outbound.methods import Method

    with transaction.atomic():
        ids = contacts.find_or_create([contacts.Person(phone=number)])
        message = outbox.NewMessage(cliente_id=ids[number], method=Method.CAMPAIGN, text=text)
        outbox.enqueue(message, now=timezone.now())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "julia.settings")
    django.setup()
    feed(enqueue, rate=int(sys.argv[2]), seconds=int(sys.argv[3]))
