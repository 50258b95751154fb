"""The chain of the audit log: nothing in it is changed, left out or put in unseen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.audit import AuditEntry, first_fault, next_entry

START = datetime(2026, 3, 1, tzinfo=UTC)


def log(length: int) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    for number in range(length):
        before = entries[-1] if entries else None
        at = START + timedelta(minutes=number)
        entries.append(next_entry(before, at, f"z{number}", "case_decided", f"case{number}", {"step": "cleared"}))
    return entries


def test_a_log_as_it_was_written_is_sound() -> None:
    assert first_fault([]) is None
    assert first_fault(log(20)) is None


def test_a_log_that_went_through_the_store_is_sound() -> None:
    stored = [msgspec.json.decode(msgspec.json.encode(entry), type=AuditEntry) for entry in log(5)]
    assert first_fault(stored) is None


@pytest.mark.parametrize(
    "change",
    [
        {"at": START - timedelta(days=1)},
        {"actor": "other"},
        {"action": "sealed_read"},
        {"subject": "another"},
        {"details": {}},
        {"hash": "0" * 64},
    ],
)
@given(at=st.integers(0, 9))
def test_a_change_in_any_entry_is_found_there(change: dict[str, Any], at: int) -> None:
    entries = log(10)
    entries[at] = msgspec.structs.replace(entries[at], **change)
    fault = first_fault(entries)
    assert fault is not None and fault[0] == at + 1


@given(at=st.integers(0, 8))
def test_an_entry_that_was_taken_out_is_missed(at: int) -> None:
    entries = log(10)
    del entries[at]
    fault = first_fault(entries)
    assert fault is not None and fault[0] == at + 1


@given(at=st.integers(0, 8))
def test_an_entry_that_was_rewritten_with_a_right_hash_breaks_the_chain_after_it(at: int) -> None:
    entries = log(10)
    before = entries[at - 1] if at else None
    entries[at] = next_entry(before, START, "forger", "case_decided", "case", {})
    fault = first_fault(entries)
    assert fault is not None and fault[0] == at + 2
