"""From a reading as a tablet sends it to the number that the light function keeps in its arrays."""

import math
from datetime import date
from typing import Final

from models import calendar
from models.catalogue.indicators import Indicator
from models.documents import ReadingValue

#: No village keeps a record of its own older than this.
EARLIEST_DAY: Final = date(1949, 10, 1)


class ReadingError(ValueError):
    """A reading that the indicator can't hold; says so in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(f"{zh} / {en}")


def encode_reading(indicator: Indicator, value: ReadingValue) -> float:
    """The reading as a float: a number as it is, yes 1 and no 0, a date as days since 1970-01-01.

    None on a `start_date` means that the condition is not there, and gives +inf. Raises ReadingError for a wrong
    type, a number that is not finite or out of range, a fraction of what is counted, a text that is no date or one
    before `EARLIEST_DAY`, a missing value, and for any reading of an indicator of kind `cases`. Whether a date lies in
    the future is for the caller to judge, who has a clock.
    """
    match indicator.kind:
        case "number":
            return _number(indicator, value)
        case "yesno":
            if not isinstance(value, bool):
                raise _error(indicator, "应填是或否", "must be yes or no (true or false)")
            return 1.0 if value else 0.0
        case "start_date":
            return math.inf if value is None else _epoch_day(indicator, value)
        case "last_date":
            return _epoch_day(indicator, value)
        case "cases":
            raise _error(indicator, "只随在办事项亮灯，不接受读数", "is lit by open cases only and takes no reading")


def _number(indicator: Indicator, value: ReadingValue) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _error(indicator, "应填数字", "must be a number")
    minimum, maximum = indicator.minimum, indicator.maximum
    if minimum is None or maximum is None:
        raise ValueError(f"{indicator.code} has no range: the catalogue was not loaded by load_catalogue")
    if not minimum <= value <= maximum:  # false for NaN and infinities too
        zh, en = f"应在 {minimum:g} 到 {maximum:g} 之间", f"must lie between {minimum:g} and {maximum:g}"
        raise _error(indicator, zh, en)
    if indicator.is_count and value != int(value):
        raise _error(indicator, "应填整数", "must be a whole number")
    return float(value)


def _epoch_day(indicator: Indicator, value: ReadingValue) -> float:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and len(value) == len("2026-01-31") else None
    except ValueError:
        day = None
    if day is None or day.isoformat() != value:
        raise _error(indicator, "应填日期，如 2026-01-31", "must be a date such as 2026-01-31")
    if day < EARLIEST_DAY:
        raise _error(indicator, f"日期早于 {EARLIEST_DAY}", f"the date lies before {EARLIEST_DAY}")
    return float(calendar.epoch_day(day))


def _error(indicator: Indicator, zh: str, en: str) -> ReadingError:
    return ReadingError(f"{indicator.code} {indicator.name_zh}：{zh}", f"{indicator.code} {indicator.name_en}: {en}")
