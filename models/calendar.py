"""Days as the offices of Heze count them. Lights change with the calendar day, so that two runs of one day agree."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Ms = TypeVar("Ms", int, NDArray[np.int64])

#: Asia/Shanghai has had one fixed offset since 1991; no zone data base is needed for events of this system.
LOCAL: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
MS_PER_DAY: Final = 86_400_000
_OFFSET_MS: Final = 8 * 3_600_000
_EPOCH: Final = date(1970, 1, 1)
_EPOCH_UTC: Final = datetime(1970, 1, 1, tzinfo=UTC)


def epoch_day(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def day_of(number: int) -> date:
    """The date of an epoch day."""
    return _EPOCH + timedelta(days=number)


def local_day(instant: datetime) -> int:
    """The epoch day in Heze of an aware instant. Raises ``ValueError`` for a naive one."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return epoch_day(instant.astimezone(LOCAL).date())


def local_day_of_ms(milliseconds: Ms) -> Ms:
    """The epoch day in Heze of ms since 1970, for one integer or an int64 array."""
    return (milliseconds + _OFFSET_MS) // MS_PER_DAY


def first_ms_of_day(number: int) -> int:
    """Ms since 1970 at which an epoch day begins in Heze."""
    return number * MS_PER_DAY - _OFFSET_MS


def instant_of(milliseconds: int) -> datetime:
    """The aware instant of ms since 1970."""
    return _EPOCH_UTC + timedelta(milliseconds=milliseconds)


def to_ms(instant: datetime) -> int:
    """Milliseconds since 1970 of an aware instant."""
    delta = instant - _EPOCH_UTC
    return delta.days * MS_PER_DAY + delta.seconds * 1000 + delta.microseconds // 1000
