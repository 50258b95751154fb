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


def precision_at(capacity: int) -> Metric:
    """Of the ``capacity`` highest, the share that got worse; of those who stand equal at the end as many as fit."""

    def metric(probability: Probabilities, label: Floats) -> float:
        return float(_taken(probability, label, capacity) / min(capacity, len(label)))

    return metric


def recall_at(capacity: int) -> Metric:
    """Of those that got worse, the share among the ``capacity`` highest."""

    def metric(probability: Probabilities, label: Floats) -> float:
        _require_both(label)
        return float(_taken(probability, label, capacity) / label.sum())

    return metric


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
    several: they are drawn together, since they are not as many witnesses."""
    value = metric(probability, label)
    return _interval(value, lambda rows: metric(probability[rows], label[rows]), len(label), units)


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
            break
    if len(found) < DRAWS:
        raise MetricError("too few got worse to say between what a figure lies")
    low, high = np.quantile(found, ((1 - WITHIN) / 2, (1 + WITHIN) / 2))
    return Estimate(value, float(low), float(high))


def _groups(probability: Probabilities, label: Floats) -> list[NDArray[np.intp]]:
    """The rows in groups of equal size, by how likely."""
    if not len(label):
        raise MetricError("there is nobody to look at")
    order = np.argsort(probability, kind="stable")
    return np.array_split(order, min(BINS, len(order)))


def _taken(probability: Probabilities, label: Floats, capacity: int) -> float:
    """How many of the highest got worse; who stands equal at the end counts by the share of their places."""
    if not len(label):
        raise MetricError("there is nobody to look at")
    if capacity >= len(label):
        return float(label.sum())
    last = np.partition(probability, len(label) - capacity)[len(label) - capacity]
    above, equal = probability > last, probability == last
    return float(label[above].sum() + label[equal].mean(dtype=float) * (capacity - above.sum()))


def _require_both(label: Floats) -> None:
    if not len(label) or label.min() == label.max():
        raise MetricError("none got worse, or all did: nothing can be told apart")
