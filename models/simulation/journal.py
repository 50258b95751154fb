"""Where simulated events are written down: ids from the generator, bytes as they will be stored, up to an instant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np

from models.calendar import LOCAL, MS_PER_DAY
from models.documents import Event
from models.ids import ulid_lowest

MS_PER_MINUTE = 60_000
MS_PER_HOUR = 3_600_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LETTERS = np.frombuffer(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", np.uint8)
_OPENS_MS, _CLOSES_MS = 8 * MS_PER_HOUR, 18 * MS_PER_HOUR
_TIME_LETTERS, _RANDOM_LETTERS = 10, 16


def start_of_day_ms(day: int) -> int:
    """Ms since 1970 at which an epoch day begins in Heze."""
    return day * MS_PER_DAY - 8 * MS_PER_HOUR


def instant(milliseconds: int) -> datetime:
    """The aware datetime, in local time, of ms since 1970."""
    return (_EPOCH + timedelta(milliseconds=milliseconds)).astimezone(LOCAL)


def in_office_hours(milliseconds: int) -> int:
    """The instant itself from half past 8 to 18 o'clock; what falls before is done in the morning's first half hour, in
    its order."""
    after_close = (milliseconds - start_of_day_ms(0) - _CLOSES_MS) % MS_PER_DAY
    first = 30 * MS_PER_MINUTE
    before = MS_PER_DAY - (_CLOSES_MS - _OPENS_MS) + first
    if after_close >= before:
        return milliseconds
    return milliseconds - after_close + before - first + after_close * first // before


class Journal:
    """Events of one county. What would be saved at ``until_ms`` or later has not happened yet and is left out."""

    def __init__(self, rng: np.random.Generator, until_ms: int) -> None:
        self._tails = _random_tails(rng)
        self._encode = msgspec.json.Encoder().encode
        self._written: list[tuple[str, bytes]] = []
        self.until_ms = until_ms

    def ulid(self, saved_ms: int) -> str:
        """A fresh ULID: 48 bits of time, 80 random bits, Crockford's base 32."""
        return ulid_lowest(saved_ms)[:_TIME_LETTERS] + next(self._tails)

    def write(self, event: Event, ulid: str, saved_ms: int) -> None:
        if saved_ms < self.until_ms:
            self._written.append((ulid, self._encode(event)))

    def documents(self) -> list[bytes]:
        """JSON documents in the order in which they were saved."""
        return [encoded for _, encoded in sorted(self._written)]


def _random_tails(rng: np.random.Generator) -> Iterator[str]:
    while True:
        letters = _LETTERS[rng.integers(0, 32, 4096 * _RANDOM_LETTERS, np.uint8)].tobytes().decode("ascii")
        for at in range(0, len(letters), _RANDOM_LETTERS):
            yield letters[at : at + _RANDOM_LETTERS]
