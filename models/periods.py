"""Periods of evaluation: half-years (初考) and years (终考), by their names: 2026H1, 2026H2, 2026Y."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

import msgspec

from models import calendar

_NAME: Final = re.compile(r"(\d{4})(H1|H2|Y)\Z", re.ASCII)
_YEARS: Final = range(1971, 9999)
_FROM: Final = {"H1": (1, 1), "H2": (7, 1), "Y": (1, 1)}
_UNTIL: Final = {"H1": (6, 30), "H2": (12, 31), "Y": (12, 31)}


class PeriodError(ValueError):
    """The text names no period."""


class Period(msgspec.Struct, frozen=True):
    """Epoch days, both in it."""

    name: str
    first_day: int
    last_day: int

    @property
    def previous(self) -> Period:
        """The one of the same length that ended the day before."""
        year, part = int(self.name[:4]), self.name[4:]
        if part == "H2":
            return parse_period(f"{year:04d}H1")
        return parse_period(f"{year - 1:04d}{'H2' if part == 'H1' else part}")


def parse_period(name: str) -> Period:
    """Raises ``PeriodError``."""
    found = _NAME.match(name)
    if found is None or int(found[1]) not in _YEARS:
        raise PeriodError(f"{name[:40]!r} 不是考核期，例如 2026H1 / no period such as 2026H1, 2026H2 or 2026Y")
    year, part = int(found[1]), found[2]
    return Period(name, calendar.epoch_day(date(year, *_FROM[part])), calendar.epoch_day(date(year, *_UNTIL[part])))


def periods_closed(day: int, within_days: int) -> list[Period]:
    """The periods whose last day lies from 1 to ``within_days`` before a day, in the order of their names."""
    year = calendar.day_of(day).year
    names = [f"{y}{part}" for y in (year - 1, year) for part in ("H1", "H2", "Y")]
    return [period for period in map(parse_period, names) if 1 <= day - period.last_day <= within_days]


def periods_within(first_day: int, last_day: int) -> list[Period]:
    """The periods that lie whole within two epoch days and have one before them, those that end last first; of a year
    and its second half, the year."""
    years = range(max(calendar.day_of(first_day).year, _YEARS[1]), min(calendar.day_of(last_day).year, _YEARS[-1]) + 1)
    periods = [parse_period(f"{year}{part}") for year in years for part in ("H1", "H2", "Y")]
    within = [one for one in periods if first_day <= one.first_day and one.last_day <= last_day]
    return sorted(within, key=lambda one: (one.last_day, -one.first_day), reverse=True)
