"""A client gone wrong fills nobody's quarantine."""

from datetime import UTC, datetime, timedelta

import pytest

from sync_api.errors import TooManyRequests
from sync_api.quarantine.budget import BYTES_MAX, DOCUMENTS_MAX, RefusalBudget

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def refused(count: int, size: int = 10) -> list[tuple[object, bytes]]:
    return [(None, b"x" * size)] * count


def test_a_day_has_an_end_and_the_next_one_begins_anew() -> None:
    budget = RefusalBudget()
    budget.spend("i1", refused(DOCUMENTS_MAX), NOW)
    with pytest.raises(TooManyRequests) as told:
        budget.spend("i1", refused(1), NOW)
    assert int((told.value.headers or {})["Retry-After"]) > 0
    budget.spend("i2", refused(1), NOW)
    budget.spend("i1", [], NOW)  # what is sound is taken
    budget.spend("i1", refused(DOCUMENTS_MAX), NOW + timedelta(days=1))


def test_bytes_count_too_and_what_was_not_taken_is_not_counted() -> None:
    budget = RefusalBudget()
    with pytest.raises(TooManyRequests):
        budget.spend("i1", refused(2, BYTES_MAX // 2 + 1), NOW)
    budget.spend("i1", refused(1, BYTES_MAX), NOW)
