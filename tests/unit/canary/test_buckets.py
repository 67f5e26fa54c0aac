"""'Canary Logic' of the go/no-go document: the same contact is always in the same bucket."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canary.buckets import bucket


@pytest.mark.parametrize(
    ("contact_id", "expected"),
    [
        # int(first 8 hex digits of `printf %s ID | md5sum`, 16) % 100, worked out in the shell
        ("00000000-0000-0000-0000-000000000001", 62),
        ("00000000-0000-0000-0000-000000000002", 0),
        ("9f0c5e0a-6f1d-4c58-9a0e-0d3f4f6a7b10", 28),
        ("cliente-de-teste", 32),
        ("6fa459ea-ee8a-3ca4-894e-db77e160355e", 71),  # 458ffccf
        ("550e8400-e29b-41d4-a716-446655440000", 82),  # e8456cee
        ("ffffffff-ffff-ffff-ffff-ffffffffffff", 77),  # b537846d
        ("00000000-0000-4000-8000-000000000101", 9),  # the last of phase A
        ("00000000-0000-4000-8000-000000000006", 10),  # the first of phase B
        ("00000000-0000-4000-8000-000000000009", 99),  # the very last
    ],
)
def test_the_bucket_is_the_documents(contact_id, expected):
    assert bucket(contact_id) == expected


def test_an_id_and_its_text_fall_into_the_same_bucket():
    assert bucket(UUID(int=7)) == bucket("00000000-0000-0000-0000-000000000007")


@given(st.uuids(), st.integers(0, 100), st.integers(0, 100))
def test_growing_never_drops_anybody(contact_id, pct, more):
    was_in = bucket(contact_id) < pct

    assert not was_in or bucket(contact_id) < max(pct, more)


@given(st.uuids())
def test_nobody_is_in_at_zero_and_everybody_at_a_hundred(contact_id):
    assert 0 <= bucket(contact_id) < 100
