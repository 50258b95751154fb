"""What is known of a unit at a period, from its past only: levels, headroom to the next cut, trends, volatility,
silence, what its lights did, how its neighbours stand, the season, and how often it got worse before."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.risk.label import carried, last_seen
from models.risk.panel import Floats, Panel

#: Of panels with more indicators only what tells most is kept of each, and the rest in sum.
INDICATORS_WHOLE: Final = 15
CATEGORIES_MAX: Final = 12
#: Periods that trends look back over.
WINDOWS: Final = (3, 6, 12)
#: A rate of a unit is drawn to the mean of all as if so many more periods had been seen.
SHRUNK_BY: Final = 4.0
#: Units at a time: a tenth of a gigabyte for ninety indicators and three years.
UNITS_AT_ONCE: Final = 1_000
#: In fewer periods seen nothing can be said of a unit.
SEEN_MIN: Final = 2
#: Headroom below this share of an indicator's spread is little.
LITTLE: Final = 0.25

Named = Iterator[tuple[str, Floats]]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Reference:
    """What is asked of all units together, so that they may be looked at in turn afterwards: ``middle`` and ``spread``
    ``(I,)`` of each indicator; ``prior`` ``(T,)`` the share that got worse as far as it was known by each period, the
    first of which is ``first``."""

    middle: Floats
    spread: Floats
    first: int
    prior: Floats

    def prior_at(self, periods: NDArray[np.int64]) -> Floats:
        """Of later periods the last share that is known."""
        return self.prior[np.clip(periods - self.first, 0, len(self.prior) - 1)]


@dataclass(frozen=True)
class FeatureRows:
    """``values`` float32 ``(N, F)`` with NaN where nothing is known, in columns called ``names``; ``unit`` and ``at``
    ``(N,)`` positions of unit and period, in order."""

    names: tuple[str, ...]
    values: Floats
    unit: NDArray[np.intp]
    at: NDArray[np.intp]

    def column(self, name: str) -> Floats:
        """``(N,)`` of one feature."""
        return self.values[:, self.names.index(name)]

    def take(self, rows: NDArray[np.intp]) -> FeatureRows:
        return FeatureRows(self.names, self.values[rows], self.unit[rows], self.at[rows])


def reference_of(panel: Panel, label: Floats, horizon: int) -> Reference:
    """``label`` ``(U, T)``, NaN where it is not known."""
    flat = panel.value.reshape(-1, panel.value.shape[2])
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of what was never seen there is no deviation
        low, middle, high = _quantiles(flat)
        deviation = np.nanstd(flat, axis=0)
    spread = high - low
    spread = np.where(spread > 0, spread, np.where(deviation > 0, deviation, 1)).astype(np.float32)
    return Reference(middle, spread, int(panel.periods[0]), _rate_known(label, horizon))


def feature_rows(panel: Panel, label: Floats, horizon: int, wanted: Bools, reference: Reference) -> FeatureRows:
    """The features of the cells ``wanted`` ``(U, T)``. ``label`` ``(U, T)`` enters as a unit's own history, each as
    late as it was known: ``horizon`` later."""
    names: tuple[str, ...] = ()
    parts: list[Floats] = []
    neighbours = _neighbours(panel)
    prior = reference.prior_at(panel.periods)
    for start in range(0, len(panel.units), UNITS_AT_ONCE):
        rows = slice(start, start + UNITS_AT_ONCE)
        here = wanted[rows]
        found = [*_of_units(panel, reference, neighbours, rows), *_history(label[rows], prior, horizon)]
        names = tuple(name for name, _ in found)
        parts.append(np.stack([values[here] for _, values in found], axis=1, dtype=np.float32))
    unit, at = np.nonzero(wanted)
    return FeatureRows(names, np.concatenate(parts), unit, at)


def is_thin(panel: Panel) -> Bools:
    """``(U,)``: fewer than two periods in which anything was seen, or nothing within the last year of periods: too
    little to say anything."""
    seen_in = np.asarray(~np.isnan(panel.value).all(axis=2))
    return np.asarray((seen_in.sum(axis=1) < SEEN_MIN) | ~seen_in[:, -WINDOWS[-1] :].any(axis=1))


def _neighbours(panel: Panel) -> Floats | None:
    if panel.group is None:
        return None
    return _of_neighbours(_mean(carried(panel.light, last_seen(panel))), panel.group)


def _quantiles(flat: Floats) -> tuple[Floats, Floats, Floats]:
    found = np.full((3, flat.shape[1]), np.nan, np.float32)
    for at in range(flat.shape[1]):
        seen = flat[:, at][~np.isnan(flat[:, at])]
        if len(seen):
            found[:, at] = np.quantile(seen, (0.1, 0.5, 0.9))
    return found[0], found[1], found[2]


def _of_neighbours(severity: Floats, group: NDArray[np.intp]) -> Floats:
    """``(U, T)``: the mean severity of a unit's group without itself."""
    groups = int(group.max()) + 1
    known = ~np.isnan(severity)
    sums, counts = np.zeros((2, groups, severity.shape[1]))
    np.add.at(sums, group, np.where(known, severity, 0))
    np.add.at(counts, group, known)
    others = counts[group] - known
    with np.errstate(all="ignore"):
        mean = (sums[group] - np.where(known, severity, 0)) / others
    return np.where(others > 0, mean, np.nan).astype(np.float32)


def _of_units(panel: Panel, whole: Reference, neighbours: Floats | None, rows: slice) -> Named:
    value, light = panel.value[rows], panel.light[rows]
    seen = last_seen(replace(panel, value=value, light=light))
    level, lit = carried(value, seen), carried(light, seen)
    at = np.arange(value.shape[1], dtype=np.int32)[None, :, None]
    age = np.where(seen < 0, np.nan, at - seen).astype(np.float32)
    scaled = (level - whole.middle) / whole.spread
    headroom = _headroom(level, lit, panel) / whole.spread
    change = _change(level, seen) / whole.spread
    slopes = {w: _slope(scaled, w) for w in WINDOWS if w < value.shape[1]}
    yield from _each(panel, {"level": scaled, "headroom": headroom, "change": change, "light": lit, "age": age}, slopes)
    yield from _in_sum(panel, headroom, change, lit, age)
    for window, slope in slopes.items():
        yield f"slope_{window}.mean", _mean(slope)
        yield f"slope_{window}.most", _most(slope)
        yield f"volatility_{window}", _mean(_deviation(scaled, window))
    yield from _of_lights(lit, np.isnan(light))
    if panel.category.max() < CATEGORIES_MAX:
        for category in range(int(panel.category.max()) + 1):
            here = panel.category == category
            yield f"category_{category}.lit", _mean(lit[:, :, here])
            yield f"category_{category}.headroom", _least(headroom[:, :, here])
    for name, figure in panel.context.items():
        yield f"context.{name}", figure[rows]
        yield f"context.{name}.trend", figure[rows] - _before(figure[rows], WINDOWS[0])
    if neighbours is not None:
        others = neighbours[rows]
        yield "neighbours", others
        yield "neighbours.trend", others - _before(others, WINDOWS[0])
        yield "neighbours.apart", _mean(lit) - others
    if panel.season > 1:
        turn = 2 * np.pi * (panel.periods % panel.season) / panel.season
        for name, wave in (("season.sin", np.sin(turn)), ("season.cos", np.cos(turn))):
            yield name, np.broadcast_to(wave.astype(np.float32), value.shape[:2])


def _each(panel: Panel, found: dict[str, Floats], slopes: dict[int, Floats]) -> Named:
    """What is kept of every indicator."""
    is_whole = len(panel.indicators) <= INDICATORS_WHOLE
    kept = found if is_whole else {name: found[name] for name in ("headroom", "change")}
    if is_whole:
        kept = kept | {f"slope_{window}": slope for window, slope in slopes.items()}
        level = found["level"]
        kept["own"] = level - _running_mean(level)
    for name, values in kept.items():
        for position, indicator in enumerate(panel.indicators):
            yield f"{name}:{indicator}", values[:, :, position]


def _in_sum(panel: Panel, headroom: Floats, change: Floats, lit: Floats, age: Floats) -> Named:
    yield "severity", _mean(lit)
    yield "yellow", _count(lit == 1)
    yield "red", _count(lit == 2)
    yield "room", _count(~np.isnan(lit) & (lit < 2))
    yield "seen", _count(~np.isnan(lit))
    yield "age.mean", _mean(age)
    yield "age.most", _most(age)
    yield "unseen_now", _count(age > 0)
    yield "headroom.least", _least(headroom)
    yield "headroom.second", _least(headroom, 1)
    yield "headroom.mean", _mean(headroom)
    yield "headroom.little", _count((headroom >= 0) & (headroom < LITTLE))
    yield "change.mean", _mean(change)
    yield "change.most", _most(change)
    yield "change.least", _least(change)


def _of_lights(lit: Floats, unseen: Bools) -> Named:
    """What the lights did over the last periods."""
    severity = _mean(lit)
    step = lit - _before(lit, 1)
    rises, falls = _count(step > 0), _count(step < 0)
    silent = np.asarray(unseen.all(axis=2), np.float32)
    for window in (1, *WINDOWS):
        if window >= lit.shape[1]:
            continue
        yield f"severity.since_{window}", severity - _before(severity, window)
        yield f"rises_{window}", _running_sum(rises, window)
        yield f"falls_{window}", _running_sum(falls, window)
        if window > 1:
            yield f"silent_{window}", _running_sum(silent, window)
    yield "severity.own", severity - _running_mean(severity)
    yield "severity.worst", np.fmax.accumulate(severity, axis=1) - severity


def _rate_known(label: Floats, horizon: int) -> Floats:
    """``(T,)``: the share that got worse among all whose end was known by each period; a half before there is one."""
    times = _running_count(~np.isnan(label), horizon).sum(axis=0)
    worse = _running_count(np.nan_to_num(label) > 0, horizon).sum(axis=0)
    return np.where(times > 0, worse / np.maximum(times, 1), 0.5).astype(np.float32)


def _history(label: Floats, prior: Floats, horizon: int) -> Named:
    """How often it got worse so far, as far as that was known, drawn to the mean of all who had one by then."""
    known = ~np.isnan(label)
    shift = np.full_like(label, np.nan)
    if label.shape[1] > horizon:
        shift[:, horizon:] = label[:, :-horizon]
    times = _running_count(known, horizon)
    worse = _running_count(np.nan_to_num(label) > 0, horizon)
    yield "history.rate", ((worse + SHRUNK_BY * prior) / (times + SHRUNK_BY)).astype(np.float32)
    yield "history.times", times.astype(np.float32)
    yield "history.last", shift


def _running_count(is_so: Bools, later: int) -> Floats:
    counted = np.zeros(is_so.shape, np.float32)
    if is_so.shape[1] > later:
        counted[:, later:] = is_so.cumsum(axis=1)[:, :-later]
    return counted


def _headroom(level: Floats, lit: Floats, panel: Panel) -> Floats:
    """How far a level may still rise before its light gets worse; NaN where there is no cut, or nothing worse."""
    cut = np.where(lit < 1, panel.yellow, panel.red)
    return np.where(lit < 2, cut - level, np.float32(np.nan))


def _change(level: Floats, seen: NDArray[np.int32]) -> Floats:
    """From the observation before the last one to the last."""
    before = np.take_along_axis(seen, np.maximum(seen - 1, 0), axis=1)
    has_before = (seen > 0) & (before >= 0) & (before < seen)
    return np.where(has_before, level - np.take_along_axis(level, np.maximum(before, 0), axis=1), np.float32(np.nan))


def _slope(scaled: Floats, window: int) -> Floats:
    """A period's rise over the last ``window`` periods, by least squares; NaN before there are so many."""
    at = np.arange(window, dtype=np.float32) - (window - 1) / 2
    weights = at / (at**2).sum()
    found = np.full(scaled.shape, np.nan, np.float32)
    length = scaled.shape[1] - window + 1
    if length > 0:
        found[:, window - 1 :] = sum(weights[k] * scaled[:, k : k + length] for k in range(window))
    return found


def _deviation(scaled: Floats, window: int) -> Floats:
    found = np.full(scaled.shape, np.nan, np.float32)
    length = scaled.shape[1] - window + 1
    if length > 0:
        mean = sum(scaled[:, k : k + length] for k in range(window)) / window
        square = sum((scaled[:, k : k + length] - mean) ** 2 for k in range(window)) / window
        found[:, window - 1 :] = np.sqrt(square)
    return found


def _before(values: Floats, periods: int) -> Floats:
    found = np.full_like(values, np.nan)
    if values.shape[1] > periods:
        found[:, periods:] = values[:, :-periods]
    return found


def _running_sum(values: Floats, window: int) -> Floats:
    total = np.nan_to_num(values).cumsum(axis=1)
    return (total - np.nan_to_num(_before(total, window))).astype(np.float32)


def _running_mean(values: Floats) -> Floats:
    known = (~np.isnan(values)).cumsum(axis=1)
    with np.errstate(all="ignore"):
        mean = np.nan_to_num(values).cumsum(axis=1) / known
    return np.where(known > 0, mean, np.nan).astype(np.float32)


def _count(is_so: Bools) -> Floats:
    return np.asarray(is_so.sum(axis=2), np.float32)


def _mean(values: Floats) -> Floats:
    known = (~np.isnan(values)).sum(axis=2)
    total = np.nansum(values, axis=2)
    return np.where(known > 0, total / np.maximum(known, 1), np.nan).astype(np.float32)


def _least(values: Floats, rank: int = 0) -> Floats:
    """The least over the indicators, or the one after it; NaN where there is none."""
    if values.shape[2] <= rank:
        return np.full(values.shape[:2], np.nan, np.float32)
    ordered = np.partition(np.where(np.isnan(values), np.inf, values), rank, axis=2)[:, :, rank]
    return np.where(np.isinf(ordered), np.nan, ordered).astype(np.float32)


def _most(values: Floats) -> Floats:
    return -_least(-values)
