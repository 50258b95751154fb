"""The latest reading of each cell, folded from rounds and inspections in any order of delivery.

The latest is the one observed last, whenever it arrived; of two observed at the same instant the one written later
(the greater ULID) counts. So a correction repeats the ``observed_at`` of what it amends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: ``Readings.observed_ms`` where nothing was ever reported.
NEVER_MS: Final = int(np.iinfo(np.int64).min)


@dataclass(frozen=True)
class ReadingLog:
    """Readings as they come: parallel arrays of one length ``N``, in any order, repetitions allowed.

    ``village`` and ``indicator`` are positions in the register and the catalogue; ``observed_ms`` int64 ms since 1970;
    ``ulid`` ``S26``; ``value`` float64 as ``catalogue.encode_reading`` gives it.
    """

    village: NDArray[np.int32]
    indicator: NDArray[np.uint8]
    observed_ms: NDArray[np.int64]
    ulid: NDArray[np.bytes_]
    value: NDArray[np.float64]

    @classmethod
    def of_rounds(
        cls,
        village: NDArray[np.int32],
        observed_ms: NDArray[np.int64],
        ulid: NDArray[np.bytes_],
        offsets: NDArray[np.int64],
        indicator: NDArray[np.uint8],
        value: NDArray[np.float64],
    ) -> ReadingLog:
        """From ``R`` rounds whose readings lie end to end: ``offsets`` ``(R + 1,)`` as Arrow's list columns have it."""
        times = np.diff(offsets)
        return cls(np.repeat(village, times), indicator, np.repeat(observed_ms, times), np.repeat(ulid, times), value)

    def __len__(self) -> int:
        return len(self.value)

    def in_order(self) -> ReadingLog:
        """Sorted by instant, then ULID."""
        return self.take(np.lexsort((self.ulid, self.observed_ms)))

    def take(self, rows: NDArray[np.intp] | slice) -> ReadingLog:
        return ReadingLog(
            self.village[rows], self.indicator[rows], self.observed_ms[rows], self.ulid[rows], self.value[rows]
        )


@dataclass(frozen=True)
class Readings:
    """The latest reading of each cell, all ``(V, I)``: ``value`` float64 (NaN where never reported), ``observed_ms``
    int64 (``NEVER_MS`` there) and ``ulid`` ``S26``."""

    value: NDArray[np.float64]
    observed_ms: NDArray[np.int64]
    ulid: NDArray[np.bytes_]

    @classmethod
    def none(cls, n_villages: int, n_indicators: int) -> Readings:
        """Nothing reported yet."""
        shape = (n_villages, n_indicators)
        return cls(np.full(shape, np.nan), np.full(shape, NEVER_MS, np.int64), np.zeros(shape, "S26"))

    @classmethod
    def end_to_end(cls, parts: Sequence[Readings]) -> Readings:
        """The villages of several, in their order; at least one."""
        return cls(
            np.concatenate([part.value for part in parts]),
            np.concatenate([part.observed_ms for part in parts]),
            np.concatenate([part.ulid for part in parts]),
        )

    def of_village(self, at: int) -> Readings:
        """Those of the village at a position, ``(1, I)``, apart from the others."""
        rows = slice(at, at + 1)
        return Readings(self.value[rows].copy(), self.observed_ms[rows].copy(), self.ulid[rows].copy())

    def fold(self, log: ReadingLog) -> Readings:
        """These readings with a log folded in: a new value, whatever the order in which parts of a log are folded."""
        copy = Readings(self.value.copy(), self.observed_ms.copy(), self.ulid.copy())
        copy.update(log.in_order())
        return copy

    def update(self, ordered: ReadingLog) -> None:
        """Fold a log that is already in order into these arrays in place (day-by-day replays do this 184 times)."""
        cell = ordered.village.astype(np.intp) * self.value.shape[1] + ordered.indicator
        known_ms, known_ulid = self.observed_ms.reshape(-1)[cell], self.ulid.reshape(-1)[cell]
        newer = ordered.observed_ms > known_ms
        newer |= (ordered.observed_ms == known_ms) & (ordered.ulid >= known_ulid)
        cell, rows = cell[newer], np.flatnonzero(newer)
        # a cell that occurs more than once keeps the last assignment, which is the latest since the log is in order
        self.value.reshape(-1)[cell] = ordered.value[rows]
        self.observed_ms.reshape(-1)[cell] = ordered.observed_ms[rows]
        self.ulid.reshape(-1)[cell] = ordered.ulid[rows]
