"""Periods of any panel as numbers that rise by one: years, dates, words for months, quarters and weeks, or any count.

The step is the greatest that all periods which are there have in common: whole months where they are one day of their
months (or the last), else days, seconds or plain numbers. Days that nearly keep a step count by the longest of year,
half-year, quarter, month and week that keeps them apart. Where most steps would be empty each period is one step. A
period counts by its last day; of what came later than the forecast nothing is asked, not even the step.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: A grid has at most so many steps for each period that is there.
EMPTY_MAX: Final = 4
#: Blocks that days which keep no step are counted by, the longest first: months, and the days they are about.
_MONTHS: Final = {12: 365, 6: 182, 3: 91, 1: 30}
_WEEK: Final = 7
#: 5 January 1970, a Monday.
_MONDAY: Final = 4
#: A block is at most so many times as long as days usually lie apart.
_LONG: Final = 1.5
_DAY_S: Final = 86_400
#: Further than any count goes.
_MANY: Final = 10**15
_YEARS: Final = range(1_000, 3_000)
_MONTH_OF: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})月?")
_DAY_OF: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?([T ]\d{1,2}:\d{2}.*)?")
_PART_OF: Final = re.compile(r"(\d{4})[- ]?([HQ])([1-4])", re.IGNORECASE)
_WEEK_OF: Final = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE)

Numbers = NDArray[np.int64]


class PanelError(ValueError):
    """A table that is no panel, or a label that is none of it; the message says why, in Chinese and English."""


@dataclass(frozen=True)
class Times:
    """``numbers``: plain ones, or seconds since 1970 of dates."""

    numbers: Numbers
    are_dates: bool

    def until(self, period: object) -> NDArray[np.bool_]:
        """Which of them are over by the end of a period. Raises ``PanelError``."""
        end = times([period], self.are_dates).numbers
        is_daily = self.are_dates and bool(np.isin(self.numbers % _DAY_S, (0, _DAY_S - 1)).all())
        unit = "day" if is_daily else "number"
        return np.asarray(_in_units(self.numbers, unit) <= _in_units(end, unit))


@dataclass(frozen=True)
class Scale:
    """How periods are counted: ``step`` of a ``unit`` (number, month, day, second) make one, from ``phase`` on; it is
    observed ``within`` so many of a unit, of a month days, since it began, and over after the last of these. ``order``:
    the periods that are there, in units, where each is one step."""

    are_dates: bool = False
    unit: str = "number"
    step: int = 1
    phase: int = 0
    within: tuple[int, int] = (0, 0)
    order: tuple[int, ...] = ()

    @property
    def season(self) -> int:
        """How many make a year, 1 where that is unknown."""
        if self.unit == "month" and 12 % self.step == 0:
            return 12 // self.step
        return 52 if (self.unit, self.step) == ("day", _WEEK) else 1

    def ordinals(self, values: Iterable[object] | pd.Series[Any]) -> tuple[Numbers, NDArray[np.bool_]]:
        """The period that each of some values lies in, whether the panel has it or not, and which lie where
        observations do, and not between. Raises ``PanelError``."""
        numbers = times(values, self.are_dates).numbers
        if self.order:
            return self.count(numbers), np.isin(_in_units(numbers, self.unit), self.order)
        into = self.into(numbers)
        return self.count(numbers), (into >= self.within[0]) & (into <= self.within[1])

    def count(self, numbers: Numbers) -> Numbers:
        if self.order:
            return np.searchsorted(np.array(self.order), _in_units(numbers, self.unit), side="left").astype(np.int64)
        return (_in_units(numbers, self.unit) - self.phase) // self.step

    def over_by(self, period: object) -> int:
        """The last one that is over by the end of a period. Raises ``PanelError``."""
        end = times([period], self.are_dates).numbers
        if self.order:
            return int(np.searchsorted(np.array(self.order), _in_units(end, self.unit)[0], side="right")) - 1
        return int(self.count(end)[0] - (self.into(end)[0] < self.within[1]))

    def into(self, numbers: Numbers) -> Numbers:
        """How far into its period each lies."""
        began = self.count(numbers) * self.step + self.phase
        if self.unit == "month":
            return _in_units(numbers, "day") - began.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        return _in_units(numbers, self.unit) - began

    def written(self, ordinals: Numbers) -> NDArray[Any]:
        """Periods as numbers, or the last days (or seconds) of them; ``ordinals`` takes them back."""
        last = np.array(self.order, np.int64)[ordinals] if self.order else (ordinals + 1) * self.step + self.phase - 1
        if self.unit == "month":
            return (last + 1).astype("datetime64[M]").astype("datetime64[D]") - 1
        return last.astype(f"datetime64[{'D' if self.unit == 'day' else 's'}]") if self.are_dates else last


def times(values: Iterable[object] | pd.Series[Any], are_dates: bool | None = None) -> Times:
    """What periods say, each as a number. Numbers that are all ``yyyymm`` or ``yyyymmdd`` are dates; ``are_dates``:
    whether what they are held against are. Raises ``PanelError``."""
    column = values if isinstance(values, pd.Series) else pd.Series(list(values), dtype=object)
    try:
        codes, found = pd.factorize(column)
        read = [_read(one) for one in found]
    except (TypeError, OverflowError, pd.errors.OutOfBoundsDatetime) as error:
        raise PanelError(f"不是时期 / no period: {error}") from error
    if (codes < 0).any():
        raise PanelError("有一行没有 period（时期） / a row has no period")
    any_dates = are_dates if are_dates is not None else any(is_date for _, is_date in read) or _are_days(read)
    numbers = [_as_date(number) if any_dates and not is_date else number for number, is_date in read]
    for one, number, (_, is_date) in zip(found, numbers, read, strict=True):
        if number is None or (is_date and not any_dates):
            raise PanelError(f"{one!r} 与其他时期写法不同 / {one!r} is no period like the others")
    return Times(np.array(numbers, np.int64)[codes] if read else np.zeros(0, np.int64), any_dates)


def scale_of(seen: Times) -> Scale:
    """How the periods that are there count."""
    there = np.unique(seen.numbers)
    for scale in _grids(there, are_dates=seen.are_dates):
        counted = scale.count(there)
        if len(np.unique(counted)) == len(there) and np.ptp(counted) < EMPTY_MAX * len(there):
            into = scale.into(there)
            return replace(scale, within=(int(into.min()), int(into.max())))
    days = _in_units(there, "day")
    unit = "number" if not seen.are_dates else "day" if len(np.unique(days)) == len(there) else "second"
    return Scale(seen.are_dates, unit, order=tuple(_in_units(there, unit).tolist()))


def _grids(there: Numbers, *, are_dates: bool) -> Iterable[Scale]:
    """In what ways periods could be counted, the best first."""
    if len(there) < 2:  # nothing tells how long one is
        if not are_dates:
            yield Scale()
        return
    if not are_dates:
        yield _common(there, "number", are_dates=False)
        return
    days = _in_units(there, "day")
    if len(np.unique(days)) < len(there):
        yield _common(there, "second", are_dates=True)
        return
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    day = days - months.astype("datetime64[D]").astype(np.int64) + 1
    length = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64)
    if (day == np.minimum(day.max(), length)).all() and len(np.unique(months)) == len(there):
        yield _common(there, "month", are_dates=True)
    yield _common(there, "day", are_dates=True)
    apart = float(np.median(np.diff(days)))
    for step, about in _MONTHS.items():
        if about <= _LONG * apart:
            yield Scale(are_dates=True, unit="month", step=step)
    if apart * _LONG >= _WEEK:
        yield Scale(are_dates=True, unit="day", step=_WEEK, phase=_MONDAY)


def _common(there: Numbers, unit: str, *, are_dates: bool) -> Scale:
    """The greatest step that periods have in common."""
    counted = _in_units(there, unit)
    step = int(np.gcd.reduce(np.diff(counted)))
    is_calendar = unit == "month" and 12 % step == 0
    return Scale(are_dates, unit, step, 0 if is_calendar else int(counted[0] + 1) % step)


def _in_units(numbers: Numbers, unit: str) -> Numbers:
    if unit in ("number", "second"):
        return numbers
    days = numbers // _DAY_S
    return days if unit == "day" else days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _read(one: Any) -> tuple[int, bool]:
    """A number, and whether it is of a date."""
    if isinstance(one, str):
        text = one.strip()
        return (int(text), False) if re.fullmatch(r"-?\d{1,15}", text) else (_of_words(one, text), True)
    if isinstance(one, pd.Period):
        is_long = one.end_time - one.start_time > pd.Timedelta(hours=23)
        return (_last_second(one.end_time.date()) if is_long else int(one.start_time.timestamp())), True
    if isinstance(one, np.datetime64 | datetime):
        return int(pd.Timestamp(one).tz_localize(None).timestamp()), True
    if isinstance(one, date):
        return _last_second(one), True
    is_number = isinstance(one, int | float | np.number) and not isinstance(one, bool)
    if is_number and float(one).is_integer() and abs(float(one)) < _MANY:
        return int(one), False
    raise PanelError(f"{one!r} 不是时期 / {one!r} is no period")


def _of_words(one: object, text: str) -> int:
    try:
        if found := _DAY_OF.fullmatch(text):
            if found[4]:
                return int(pd.Timestamp(text.replace("/", "-")).tz_localize(None).timestamp())
            return _last_second(date(int(found[1]), int(found[2]), int(found[3])))
        if found := _MONTH_OF.fullmatch(text):
            return _end_of(int(found[1]), int(found[2]))
        if found := _PART_OF.fullmatch(text):
            months = 6 if found[2].upper() == "H" else 3
            return _end_of(int(found[1]), months * int(found[3]))
        if found := _WEEK_OF.fullmatch(text):
            return _last_second(date.fromisocalendar(int(found[1]), int(found[2]), _WEEK))
    except ValueError:
        pass  # no such day: said below
    raise PanelError(
        f"{one!r} 不是时期，写作 2026、2026-03、2026-03-31、2026Q1、2026H1 或 2026-W05 / "
        f"{one!r} is no period: write 2026, 2026-03, 2026-03-31, 2026Q1, 2026H1 or 2026-W05"
    )


def _as_date(number: int) -> int | None:
    """The last second of a year, of ``yyyymm`` or of ``yyyymmdd``; None where it is none."""
    try:
        if number in _YEARS:
            return _end_of(number, 12)
        if number // 100 in _YEARS:
            return _end_of(number // 100, number % 100)
        if number // 10_000 in _YEARS:
            return _last_second(date(number // 10_000, number // 100 % 100, number % 100))
    except ValueError:
        pass  # no such day
    return None


def _are_days(read: list[tuple[int, bool]]) -> bool:
    """Numbers of which each is ``yyyymm``, or each ``yyyymmdd``; years are numbers."""
    return bool(read) and all(number not in _YEARS and _as_date(number) is not None for number, _ in read)


def _end_of(year: int, month: int) -> int:
    """The last second of a month. Raises ``ValueError``."""
    following = date(year + month // 12, month % 12 + 1, 1) if 1 <= month <= 12 else date(year, month, 1)
    return _last_second(following - timedelta(days=1))


def _last_second(day: date) -> int:
    return (day.toordinal() - date(1970, 1, 1).toordinal() + 1) * _DAY_S - 1
