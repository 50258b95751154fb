"""Periods of evaluation within days that people ask for."""

from __future__ import annotations

from datetime import date

from models import calendar
from models.periods import periods_within


def within(first: date, last: date) -> list[str]:
    return [period.name for period in periods_within(calendar.epoch_day(first), calendar.epoch_day(last))]


def test_periods_that_lie_whole_within_are_named_the_last_first() -> None:
    assert within(date(2025, 7, 1), date(2026, 12, 30)) == ["2026H1", "2025H2"]
    assert within(date(2026, 1, 1), date(2026, 12, 31)) == ["2026Y", "2026H2", "2026H1"]


def test_each_of_them_has_one_before_it_however_early_the_first_day_is() -> None:
    found = periods_within(calendar.epoch_day(date(1, 1, 1)), calendar.epoch_day(date(1973, 1, 1)))
    assert [period.previous.name for period in found] == ["1971Y", "1972H1", "1971H2"]
