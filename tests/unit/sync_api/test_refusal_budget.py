"""A client gone wrong fills nobody's quarantine."""

from datetime import UTC, datetime, timedelta

from sync_api.quarantine.budget import BYTES_MAX, DOCUMENTS_MAX, RefusalBudget

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_day_has_an_end_and_the_next_one_begins_anew() -> None:
    budget = RefusalBudget()
    assert budget.afford("i1", [10] * (DOCUMENTS_MAX - 1), NOW) == DOCUMENTS_MAX - 1
    assert budget.afford("i1", [10] * 3, NOW) == 1
    assert budget.afford("i1", [10], NOW) == 0
    assert budget.afford("i2", [10], NOW) == 1
    assert budget.afford("i1", [10] * DOCUMENTS_MAX, NOW + timedelta(days=1)) == DOCUMENTS_MAX


def test_bytes_count_too_and_what_was_not_kept_is_not_counted() -> None:
    budget = RefusalBudget()
    assert budget.afford("i1", [BYTES_MAX // 2 + 1] * 2, NOW) == 1
    assert budget.afford("i1", [BYTES_MAX // 2], NOW) == 0
    assert budget.afford("i1", [BYTES_MAX // 2 - 1], NOW) == 1
