"""The administrator's monthly rounds: which readings are due, which are left out, what is looked at again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.catalogue import KIND_CASES, KIND_LAST_DATE, KIND_START_DATE, Catalogue
from models.documents import Round
from models.simulation.aliases import administrator_alias
from models.simulation.courses import value_of_stress
from models.simulation.journal import MS_PER_HOUR, MS_PER_MINUTE, Journal, instant, start_of_day_ms

if TYPE_CHECKING:
    from models.simulation.parameters import Rounds

_MONTH_DAYS = 30


@dataclass(frozen=True)
class Shown:
    """What a visitor would find, by month: ``values`` ``(V, I, T)`` as they go into a document; ``is_off`` whether a
    number or yes/no is past a threshold; ``marker`` float64 changes whenever a date has news (0 for other kinds)."""

    values: NDArray[np.object_]
    is_off: NDArray[np.bool_]
    marker: NDArray[np.float64]


def show(
    stress: NDArray[np.float64],
    events: NDArray[np.int64],
    began: NDArray[np.float64],
    catalogue: Catalogue,
    best: dict[str, float],
) -> Shown:
    """From stress ``(V, I, T)``, last events ``(V, L, T)`` and conditions ``(V, C, T)`` to what is shown."""
    kind = catalogue.rules.kind
    values = np.full(stress.shape, None, object)
    marker = np.zeros(stress.shape)
    marker[:, kind == KIND_LAST_DATE] = events
    marker[:, kind == KIND_START_DATE] = began
    for at, indicator in enumerate(catalogue.indicators):
        if indicator.kind == "number":
            numbers = value_of_stress(indicator, stress[:, at], best.get(indicator.code))
            is_whole = bool((numbers == np.round(numbers)).all())
            values[:, at] = numbers.astype(np.int64).astype(object) if is_whole else numbers.astype(object)
        elif indicator.kind == "yesno":
            values[:, at] = (stress[:, at] <= 1.0).astype(object)
        elif indicator.kind in ("last_date", "start_date"):
            values[:, at] = _iso_dates(marker[:, at])
    is_measured = (kind != KIND_CASES) & (kind != KIND_LAST_DATE) & (kind != KIND_START_DATE)
    return Shown(values, (stress > 1.0) & is_measured[:, None], marker)


def _iso_dates(days: NDArray[np.float64]) -> NDArray[np.object_]:
    known = np.isfinite(days)
    texts = np.full(days.shape, None, object)
    texts[known] = np.datetime_as_string(days[known].astype(np.int64).view("datetime64[D]")).astype(object)
    return texts


def write_rounds(
    rng: np.random.Generator,
    journal: Journal,
    villages: tuple[str, ...],
    shown: Shown,
    day: NDArray[np.int64],
    is_visited: NDArray[np.bool_],
    badness: NDArray[np.float64],
    catalogue: Catalogue,
    p: Rounds,
) -> None:
    """Write the rounds of all months. ``day``, ``is_visited``, ``badness`` are ``(V, T)``."""
    writer = _RoundWriter(rng, journal, villages, catalogue)
    diary = _Diary(rng, catalogue, len(villages))
    for month in range(day.shape[1]):
        unread = p.unread + p.unread_weak * badness[:, month]
        due = diary.due(month, is_visited[:, month], shown.marker[:, :, month], unread)
        for at in np.flatnonzero(due.any(axis=1)).tolist():
            writer.write(at, int(day[at, month]), np.flatnonzero(due[at]), shown.values[at, :, month])
        again = due & shown.is_off[:, :, month]
        next_month = min(month + 1, day.shape[1] - 1)
        is_again = again.any(axis=1) & (rng.random(len(villages)) < p.follow_up)
        for at in np.flatnonzero(is_again).tolist():
            later = int(day[at, month] + rng.integers(*p.follow_up_days, endpoint=True))
            # what changes by the next month shows at the second look already
            writer.write(at, later, np.flatnonzero(again[at]), shown.values[at, :, next_month])


class _Diary:
    """Which readings each village owes: every indicator at its interval, and a date as soon as there is news."""

    def __init__(self, rng: np.random.Generator, catalogue: Catalogue, n_villages: int) -> None:
        rules = catalogue.rules
        self._rng = rng
        self._is_read = rules.kind != KIND_CASES
        self._is_date = (rules.kind == KIND_LAST_DATE) | (rules.kind == KIND_START_DATE)
        months = np.nan_to_num(rules.interval_days, nan=_MONTH_DAYS) // _MONTH_DAYS
        self._every = np.maximum(1, months.astype(np.int64))
        shape = (n_villages, len(rules.kind))
        self._last_read = np.full(shape, -1000)
        self._told = np.full(shape, np.nan)

    def due(
        self, month: int, visited: NDArray[np.bool_], marker: NDArray[np.float64], unread: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Readings taken this month, bool ``(V, I)``; remembers them."""
        is_first = self._last_read < 0
        due: NDArray[np.bool_] = (month - self._last_read >= self._every) | (self._is_date & (marker != self._told))
        due &= self._is_read & visited[:, None]
        due &= is_first | (self._rng.random(due.shape) >= unread[:, None])
        # after the first, full round the longer intervals are spread over the months
        spread = self._rng.integers(0, self._every, due.shape) * is_first
        self._last_read = np.where(due, np.maximum(0, month - spread), self._last_read)
        self._told = np.where(due, marker, self._told)
        return due


class _RoundWriter:
    def __init__(
        self, rng: np.random.Generator, journal: Journal, villages: tuple[str, ...], catalogue: Catalogue
    ) -> None:
        self._rng = rng
        self._journal = journal
        self._villages = villages
        self._codes = np.array(list(catalogue.index), object)

    def write(self, at: int, day: int, columns: NDArray[np.intp], values: NDArray[Any]) -> None:
        minutes, keying = self._rng.integers((8 * 60 + 30, 4), (17 * 60 + 30, 240), endpoint=True)
        observed_ms = start_of_day_ms(day) + int(minutes) * MS_PER_MINUTE
        saved_ms = min(observed_ms + int(keying) * MS_PER_MINUTE, start_of_day_ms(day + 1) - MS_PER_HOUR)
        village = self._villages[at]
        ulid = self._journal.ulid(saved_ms)
        readings = dict(zip(self._codes[columns].tolist(), values[columns].tolist(), strict=True))
        event = Round(
            id=f"{village}:round:{administrator_alias(village)}:{ulid}",
            observed_at=instant(observed_ms),
            saved_at=instant(saved_ms),
            readings=readings,
            simulated=True,
        )
        self._journal.write(event, ulid, saved_ms)
