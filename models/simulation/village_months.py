"""Hidden courses of villages by month: health, Party days, and the administrator's absences.

Shapes: ``V`` villages of one county, ``T`` calendar months (burn-in first), everything float64 unless said.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.calendar import epoch_day

if TYPE_CHECKING:
    from models.simulation.parameters import Health, Meetings, Rounds

Floats = NDArray[np.float64]


def month_starts(until: date, months: int) -> list[date]:
    """First days of the calendar months of ``months`` months before ``until``, both partial ends included."""
    last = until.year * 12 + until.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(last - months, last + 1)]


def simulate_health(rng: np.random.Generator, township: NDArray[np.intp], months: int, p: Health) -> Floats:
    """Health ``(V, T)``; ``township`` ``(V,)`` are positions."""
    n = len(township)
    level = rng.normal(0.0, p.village_sd, n) - p.weak_depth * (rng.random(n) < p.weak_share)
    level += rng.normal(0.0, p.township_sd, int(township.max(initial=0)) + 1)[township]
    course = rng.normal(0.0, p.innovation_sd / np.sqrt(1.0 - p.persistence**2), n)
    health = np.empty((n, months))
    for month in range(months):
        is_treated = (badness_of(level + course, p) > 0.5) & (rng.random(n) < p.team_rate)
        shock = rng.exponential(p.shock_depth, n) * (rng.random(n) < p.shock_rate)
        course = p.persistence * course + rng.normal(0.0, p.innovation_sd, n) - shock + p.team_gain * is_treated
        health[:, month] = level + course
    return health


def badness_of(health: Floats, p: Health) -> Floats:
    """0 for a sound team, 1 for a paralysed one; same shape as ``health``."""
    badness: Floats = 1.0 / (1.0 + np.exp(p.steepness * (health + p.tipping)))
    return badness


def party_days(rng: np.random.Generator, starts: list[date], badness: Floats, p: Meetings) -> NDArray[np.int64]:
    """The epoch day of each village's Party day ``(V, T)``: a fixed day of the month that slips now and then."""
    n, months = badness.shape
    first = np.array([epoch_day(start) for start in starts])
    fixed = rng.integers(p.first_day_of_month, p.last_day_of_month, (n, 1), endpoint=True) - 1
    is_late = rng.random((n, months)) < p.late_rate + p.late_rate_weak * badness
    late = rng.geometric(1.0 / p.late_days_mean, (n, months)) * is_late
    # a day that slips stays within four weeks of the month's first Party day, so that months never change places
    day: NDArray[np.int64] = first + fixed + np.minimum(late, 20)
    return day


def absences(rng: np.random.Generator, badness: Floats, p: Rounds) -> NDArray[np.bool_]:
    """Months ``(V, T)`` in which no round is made: silence comes in runs."""
    n, months = badness.shape
    absent = np.zeros((n, months), bool)
    state = np.zeros(n, bool)
    for month in range(months):
        draw = rng.random(n)
        state = np.where(state, draw >= p.return_rate, draw < p.absent_rate + p.absent_rate_weak * badness[:, month])
        absent[:, month] = state
    return absent
