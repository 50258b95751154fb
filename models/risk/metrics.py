"""How good probabilities were, each figure with an interval. What cannot be computed is an error, never a gap."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.risk.learners import SEED, Probabilities
from models.risk.panel import Floats

#: Draws of units that an interval comes from, and the share that lies within it.
DRAWS: Final = 200
WITHIN: Final = 0.9
#: Groups of equal size that probabilities are compared with shares in.
BINS: Final = 10


class MetricError(ValueError):
    """A figure that these rows cannot give; the message says why."""


@dataclass(frozen=True)
class Estimate:
    """A figure and between what it lies in nine of ten draws of units."""

    value: float
    low: float
    high: float


Metric = Callable[[Probabilities, Floats], float]
Units = NDArray[np.intp]


def average_precision(probability: Probabilities, label: Floats) -> float:
    """The mean precision over all places of the list at which somebody got worse; who stands equal shares a place."""
    _require_both(label)
    order = np.argsort(-probability, kind="stable")
    ranked, scores = label[order], probability[order]
    ends = np.flatnonzero(np.diff(scores, append=-np.inf))  # equal ones count as one place
    found = ranked.cumsum()[ends]
    gained = np.diff(found, prepend=0)
    return float((gained * found / (ends + 1)).sum() / found[-1])


def places(probability: Probabilities, capacity: int) -> Probabilities:
    """``(N,)``: 1 for who is on a list of so many, else 0; those who stand equal at its end share the places left."""
    if capacity >= len(probability):
        return np.ones(len(probability))
    if capacity < 1:
        return np.zeros(len(probability))
    last = np.partition(probability, len(probability) - capacity)[len(probability) - capacity]
    above, equal = probability > last, probability == last
    return np.asarray(np.where(equal, (capacity - above.sum()) / equal.sum(), above), np.float64)


def precision(listed: Probabilities, label: Floats) -> float:
    """Of those on a list (``places``), the share that got worse."""
    return _share_of(listed, label, "nobody is on the list")


def recall(listed: Probabilities, label: Floats) -> float:
    """Of those that got worse, the share on a list."""
    return _share_of(label, listed, "none got worse")


def lead_time(listed: Probabilities, onset: Floats) -> float:
    """After how many periods those on a list that got worse did; ``onset`` is NaN of all others."""
    worse = ~np.isnan(onset)
    return _share_of(listed[worse], onset[worse], "nobody on the list got worse")


def _share_of(weights: Probabilities | Floats, values: Probabilities | Floats, why_none: str) -> float:
    total = weights.sum(dtype=float)
    if not total:
        raise MetricError(why_none)
    return float((weights * values).sum(dtype=float) / total)


def brier_skill(probability: Probabilities, label: Floats) -> float:
    """How much nearer to the truth than the share of all: 1 is certainty, 0 no better."""
    _require_both(label)
    return float(1 - np.mean((probability - label) ** 2) / np.mean((label.mean(dtype=float) - label) ** 2))


def calibration_error(probability: Probabilities, label: Floats) -> float:
    """How far probabilities are from the shares that got worse, in groups of equal size, by their weight."""
    groups = _groups(probability, label)
    return float(sum(abs(probability[g].mean() - label[g].mean(dtype=float)) * len(g) for g in groups) / len(label))


def calibration_curve(
    probability: Probabilities, label: Floats, units: Units | None = None
) -> list[tuple[float, Estimate]]:
    """What ``calibration_error`` compares: of each group the mean probability, and the share that got worse."""
    return [
        (float(probability[g].mean()), mean_of(label[g], None if units is None else units[g]))
        for g in _groups(probability, label)
    ]


def overlap(one: NDArray[np.intp], other: NDArray[np.intp]) -> float:
    """The share of a list that is on another one, too."""
    if not len(one):
        raise MetricError("the list is empty")
    return float(np.isin(one, other).mean())


def estimate(metric: Metric, probability: Probabilities, label: Floats, units: Units | None = None) -> Estimate:
    """A metric with its interval, from draws of units with replacement. ``units``: whose each row is, where a unit has
    several: they are drawn together, since they are not as many witnesses.

    The calibration error is a sum of distances: in each draw it is larger, since what the groups have by chance comes
    twice. It is no further from the truth than the groups' means are in sum from theirs, and that is drawn."""
    if metric is calibration_error:
        return _calibration(probability, label, units)
    value = metric(probability, label)
    return _interval(value, lambda rows: metric(probability[rows], label[rows]), len(label), units)


def _calibration(probability: Probabilities, label: Floats, units: Units | None) -> Estimate:
    value, n = calibration_error(probability, label), len(label)
    groups = _groups(probability, label)
    group_of = np.empty(n, np.intp)
    for at, rows in enumerate(groups):
        group_of[rows] = at
    apart = probability - label
    means, weights = (np.array([apart[rows].mean() for rows in groups]), np.array([len(rows) / n for rows in groups]))

    def off(rows: NDArray[np.intp]) -> float:
        times = np.bincount(group_of[rows], minlength=len(groups))
        drawn = np.bincount(group_of[rows], apart[rows], minlength=len(groups)) / np.maximum(times, 1)
        return float((weights * np.where(times > 0, abs(drawn - means), 0)).sum())

    by = float(np.quantile(_draws(off, n, units), WITHIN))
    return Estimate(value, max(0.0, value - by), value + by)


def difference(
    metric: Metric, ours: Probabilities, theirs: Probabilities, label: Floats, units: Units | None = None
) -> Estimate:
    """How much better one is than another, of the same units in each draw."""

    def better(rows: NDArray[np.intp]) -> float:
        return metric(ours[rows], label[rows]) - metric(theirs[rows], label[rows])

    return _interval(better(np.arange(len(label))), better, len(label), units)


def mean_of(values: Floats, units: Units | None = None) -> Estimate:
    """The mean of values with its interval. Raises ``MetricError`` where there is none."""
    if not len(values):
        raise MetricError("there is nobody to look at")
    return _interval(float(values.mean()), lambda rows: float(values[rows].mean()), len(values), units)


def _interval(value: float, drawn: Callable[[NDArray[np.intp]], float], n: int, units: Units | None) -> Estimate:
    low, high = np.quantile(_draws(drawn, n, units), ((1 - WITHIN) / 2, (1 + WITHIN) / 2))
    return Estimate(value, float(low), float(high))


def _draws(drawn: Callable[[NDArray[np.intp]], float], n: int, units: Units | None) -> list[float]:
    """What draws of units with replacement give."""
    random = np.random.default_rng(SEED)
    order = np.arange(n) if units is None else np.argsort(units, kind="stable")
    first = np.arange(n) if units is None else np.flatnonzero(np.diff(units[order], prepend=units.min() - 1))
    length = np.diff(first, append=n)
    found: list[float] = []
    for _ in range(2 * DRAWS):
        chosen = random.integers(0, len(first), len(first))
        within = np.arange(length[chosen].sum()) - np.repeat(length[chosen].cumsum() - length[chosen], length[chosen])
        with suppress(MetricError):  # of few that got worse a draw may hold none: another one is drawn
            found.append(drawn(order[np.repeat(first[chosen], length[chosen]) + within]))
        if len(found) == DRAWS:
            return found
    raise MetricError("too few got worse to say between what a figure lies")


def _groups(probability: Probabilities, label: Floats) -> list[NDArray[np.intp]]:
    """The rows in groups of equal size, by how likely."""
    if not len(label):
        raise MetricError("there is nobody to look at")
    order = np.argsort(probability, kind="stable")
    return np.array_split(order, min(BINS, len(order)))


def _require_both(label: Floats) -> None:
    if not len(label) or label.min() == label.max():
        raise MetricError("none got worse, or all did: nothing can be told apart")
