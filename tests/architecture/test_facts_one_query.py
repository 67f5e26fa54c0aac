"""Issue 2, "How good": guardrails for a batch of 100 are one query."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from outbound.guardrails import OutboundRequest, check_outbound_guardrails
from outbound.guardrails.facts import UnknownContactError
from outbound.methods import Method
from tests.factories import outbound as make


@pytest.mark.parametrize("size", [1, 100])
def test_a_batch_of_any_size_is_one_query(
    size: int, outbox_ready: None, django_assert_num_queries: Callable[..., Any], now: datetime
) -> None:
    people = [make.contact(opted_out_at=now if n % 2 else None) for n in range(size)]
    methods = list(Method)
    requests = [
        OutboundRequest(cliente_id=person.pk, method=methods[n % len(methods)]) for n, person in enumerate(people)
    ]

    with django_assert_num_queries(1):
        decisions = check_outbound_guardrails(requests, now=now)

    assert len(decisions) == size


def test_the_answers_keep_the_order_of_the_questions(outbox_ready: None, now: datetime) -> None:
    free, gone = make.contact(), make.contact(opted_out_at=now)
    asked = [OutboundRequest(cliente_id=person.pk, method=Method.CAMPAIGN) for person in (free, gone, free, gone)]

    assert [decision.is_allowed for decision in check_outbound_guardrails(asked, now=now)] == [True, False] * 2


def test_an_empty_batch_has_an_empty_answer(outbox_ready: None, now: datetime) -> None:
    assert check_outbound_guardrails([], now=now) == []


def test_an_unknown_contact_is_an_error_and_no_permission(outbox_ready: None, now: datetime) -> None:
    known, unknown = make.contact(), make.contact()
    unknown_id = unknown.pk
    unknown.delete()
    asked = [OutboundRequest(cliente_id=id_, method=Method.CAMPAIGN) for id_ in (known.pk, unknown_id)]

    assert check_outbound_guardrails(asked[:1], now=now)[0].is_allowed
    with pytest.raises(UnknownContactError):
        check_outbound_guardrails(asked, now=now)
