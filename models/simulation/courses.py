"""What the indicators of villages show, month by month, following hidden health with noise and seasons.

Shapes: ``V`` villages of one county, ``I`` indicators of the catalogue, ``T`` calendar months (burn-in first).
``load`` ``(V, I)`` says how much a village's weakness shows on an indicator; indicators of one item share it.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.catalogue import KIND_LAST_DATE, KIND_START_DATE, Catalogue, Indicator

if TYPE_CHECKING:
    from models.simulation.parameters import Conditions, Meetings, Parameters, Stress

Floats = NDArray[np.float64]
Days = NDArray[np.int64]

_DAYS_PER_MONTH = 30.5
_BEST_PERCENTAGE = 99.0
_UNITS_IN_TENTHS = ("%", "万元")
#: However bad things are, what is counted levels off this far past the red threshold (in units of stress).
_BEYOND_RED = 1.2


def item_loads(rng: np.random.Generator, n_villages: int, catalogue: Catalogue, p: Stress) -> Floats:
    """Loads ``(V, I)`` with mean 1 and a long tail: drawn for each item, and varied among its indicators."""
    per_item = rng.gamma(p.load_shape, 1.0 / p.load_shape, (n_villages, len(catalogue.items)))
    among = rng.gamma(p.load_likeness, 1.0 / p.load_likeness, (n_villages, len(catalogue.indicators)))
    load: Floats = per_item[:, catalogue.rules.item] * among
    return load


def simulate_stress(
    rng: np.random.Generator, badness: Floats, load: Floats, starts: list[date], catalogue: Catalogue, p: Parameters
) -> Floats:
    """Stress ``(V, I, T)``: up to 1 in order, up to 2 past the yellow threshold, above past the red one."""
    s = p.stress
    n, indicators, months = *load.shape, badness.shape[1]
    calm = s.level + rng.normal(0.0, s.trait_sd, (n, indicators))
    noise = rng.normal(0.0, s.noise_sd, (n, indicators))
    renewed = s.noise_sd * np.sqrt(1.0 - s.noise_persistence**2)
    mishap = np.zeros((n, indicators))
    season = _season(starts, catalogue, p)
    stress = np.empty((n, indicators, months))
    for month in range(months):
        noise = s.noise_persistence * noise + rng.normal(0.0, renewed, (n, indicators))
        begins = rng.random((n, indicators)) < s.mishap_rate
        mishap *= rng.random((n, indicators)) >= s.mishap_end
        mishap[begins] = rng.uniform(s.mishap_low, s.mishap_high, int(begins.sum()))
        weak = s.weak * badness[:, month, None] * load
        stress[:, :, month] = calm + noise + mishap + weak + season[:, month]
    return stress


def _season(starts: list[date], catalogue: Catalogue, p: Parameters) -> Floats:
    added = np.zeros((len(catalogue.indicators), len(starts)))
    for season in p.season:
        in_season = np.array([start.month in season.months for start in starts])
        for code in season.indicators:
            added[catalogue.index[code]] += season.add * in_season
    return added


def value_of_stress(indicator: Indicator, stress: Floats, best: float | None) -> Floats:
    """The values of a `number` indicator under stress: at 0 its best, at 1 the yellow threshold, at 2 the red one.

    Rounded to whole numbers or tenths towards the side on which the light is that of the stress.
    """
    yellow, red, low, high = indicator.yellow, indicator.red, indicator.minimum, indicator.maximum
    if yellow is None or red is None or low is None or high is None:
        raise ValueError(f"{indicator.code} is no number indicator")
    worse = 1.0 if indicator.direction == "higher_worse" else -1.0
    if best is None:
        best = low if worse > 0 else min(high, _BEST_PERCENTAGE)
    stress = np.where(stress > 2.0, 2.0 - _BEYOND_RED * np.expm1((2.0 - stress) / _BEYOND_RED), stress)
    step = 0.1 if indicator.unit in _UNITS_IN_TENTHS else 1.0
    ideal = np.where(
        stress <= 1.0, best + (yellow - best) * np.maximum(stress, 0.0), yellow + (red - yellow) * (stress - 1.0)
    )
    # turned so that greater is worse; in order: round down, past a threshold: round up
    turned = worse * ideal / step
    rounded = np.where(stress <= 1.0, np.floor(turned + 1e-9), np.ceil(turned - 1e-9))
    return np.clip(np.round(worse * rounded * step, 1), low, high)


def last_events(
    rng: np.random.Generator, badness: Floats, load: Floats, day: Days, catalogue: Catalogue, p: Meetings
) -> Days:
    """For each `last_date` indicator the epoch day of the last event as of each Party day: int64 ``(V, L, T)``.

    An event falls due when the period its yellow threshold allows would otherwise run out before the next Party day.
    """
    columns = np.flatnonzero(catalogue.rules.kind == KIND_LAST_DATE)
    period = np.maximum(1, np.floor(catalogue.rules.yellow[columns] / _DAYS_PER_MONTH)).astype(np.int64)
    n, months = badness.shape
    since = rng.integers(0, period, (n, len(columns)))
    last = day[:, :1] - np.round(since * _DAYS_PER_MONTH).astype(np.int64)
    events = np.empty((n, len(columns), months), np.int64)
    for month in range(months):
        since = since + 1
        draw = rng.random((n, len(columns)))
        skipped = p.skipped + p.skipped_weak * np.minimum(1.0, badness[:, month, None] * load[:, columns])
        is_held = np.where(since >= period, draw >= skipped, draw < p.early_rate)
        last = np.where(is_held, day[:, month, None], last)
        since = np.where(is_held, 0, since)
        events[:, :, month] = last
    return events


def conditions(
    rng: np.random.Generator, badness: Floats, load: Floats, day: Days, catalogue: Catalogue, p: Conditions
) -> Floats:
    """For each `start_date` indicator the epoch day on which its condition began, +inf without one: ``(V, C, T)``."""
    columns = np.flatnonzero(catalogue.rules.kind == KIND_START_DATE)
    n, months = badness.shape
    began = np.full((n, len(columns)), np.inf)
    course = np.empty((n, len(columns), months))
    for month in range(months):
        bad = badness[:, month, None]
        draw, earlier = rng.random((n, len(columns))), rng.integers(0, 26, (n, len(columns)))
        begins = draw < p.begin_rate + p.begin_rate_weak * np.minimum(1.0, bad * load[:, columns])
        ends = draw < p.end_rate + (p.end_rate_weak - p.end_rate) * bad
        is_on = np.isfinite(began)
        began = np.where(is_on & ends, np.inf, began)
        began = np.where(~is_on & begins, day[:, month, None] - earlier, began)
        course[:, :, month] = began
    return course
