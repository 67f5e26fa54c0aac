"""The switches: changed with who and why, in one transaction with their history, event and consequences."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction
from psycopg.errors import InsufficientPrivilege

from canary import flags
from canary.events import OutsideTransactionError
from canary.flag_values import FlagKey, Flags
from canary.models import FeatureFlag, FeatureFlagChange
from tests import owner


def test_a_new_installation_begins_in_phase_a_with_the_bridge_off(transactional_db):
    assert flags.read() == Flags(
        julia_enabled=True,
        campaigns_enabled=True,
        safe_mode=False,
        canary_pct=10,
        handoff_enabled=False,
        handoff_pct=0,
    )


def test_what_a_listener_refuses_is_not_switched(transactional_db, now, monkeypatch):
    def refuse(_change) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(flags, "_listeners", [refuse])

    with pytest.raises(RuntimeError), transaction.atomic():
        flags.switch(key=FlagKey.JULIA, fields={"enabled": False}, actor="ana", reason="teste", now=now)

    assert flags.read().julia_enabled
    assert not FeatureFlagChange.objects.exists()


def test_a_switch_is_not_turned_outside_a_transaction(transactional_db, now):
    with pytest.raises(OutsideTransactionError):
        flags.switch(key=FlagKey.JULIA, fields={"enabled": False}, actor="ana", reason="teste", now=now)


def test_one_field_is_changed_and_the_others_stay(transactional_db, now):
    with transaction.atomic():
        flags.switch(key=FlagKey.EXTERNAL_HANDOFF, fields={"canary_pct": 50}, actor="ana", reason="teste", now=now)

    assert FeatureFlag.objects.get(key="external_handoff").value == {"enabled": False, "canary_pct": 50}


def test_history_cannot_be_rewritten(transactional_db, now):
    with transaction.atomic():
        flags.switch(key=FlagKey.JULIA, fields={"enabled": False}, actor="ana", reason="teste", now=now)

    forgery = "UPDATE feature_flag_changes SET actor = 'somebody else'"
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(forgery)
    with owner.connect() as connected, pytest.raises(InsufficientPrivilege, match="append-only"):
        connected.execute(forgery)
