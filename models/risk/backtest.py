"""What would have been forecast at earlier periods, from what was known then, held against what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from models.risk.forecasting import forecast_of
from models.risk.label import label_array
from models.risk.learners import Probabilities
from models.risk.metrics import (
    Estimate,
    Metric,
    average_precision,
    brier_skill,
    calibration_error,
    difference,
    estimate,
    overlap,
    precision_at,
    recall_at,
)
from models.risk.model import MODELS
from models.risk.panel import Floats, Panel
from models.risk.rules import RULES

#: Beside the rules and models: what would have been used.
CHAMPION = "champion"


@dataclass(frozen=True)
class Backtest:
    """``figures``: a row for each origin, name and metric, with ``value``, ``low`` and ``high``; origin ``all`` is all
    rows together. ``champions`` by origin. ``stability`` of the champion's list from one origin to the next. ``gain``:
    how much better the champion's average precision is than the best rule's, of the same rows, and which that is."""

    figures: pd.DataFrame
    champions: dict[Any, str]
    stability: dict[Any, float]
    best_rule: str
    gain: Estimate


def backtest(panel: Panel, horizon: int, label: pd.Series[Any], origins: Iterable[object], capacity: int) -> Backtest:
    """Forecast at each of the ``origins`` (periods of the panel) as it would have been made then. ``capacity``: how
    many units can be looked after. Raises ``MetricError`` where a figure cannot be computed, ``PanelError``."""
    truth_of = label_array(panel, label)
    found: dict[object, tuple[dict[str, Probabilities], Floats]] = {}
    champions: dict[Any, str] = {}
    lists: dict[Any, np.ndarray[Any, np.dtype[np.intp]]] = {}
    for origin in origins:
        at = panel.at(origin)
        made = forecast_of(panel.until(at), horizon, label, with_others=True)
        known = ~np.isnan(truth_of[:, at])
        everybody = {name: series.to_numpy()[known] for name, series in made.others.items()}
        everybody[CHAMPION] = made.probability.to_numpy()[known]
        found[origin] = (everybody, truth_of[known, at])
        champions[origin] = made.champion
        lists[origin] = np.argsort(-made.probability.to_numpy(), kind="stable")[:capacity]
    pooled = {name: np.concatenate([of[name] for of, _ in found.values()]) for name in (*RULES, *MODELS, CHAMPION)}
    truth = np.concatenate([of for _, of in found.values()])
    rows = [row for origin, (of, known) in found.items() for row in _rows(origin, of, known, capacity)]
    rows += _rows("all", pooled, truth, capacity * len(found))
    best = max(RULES, key=lambda name: average_precision(pooled[name], truth))
    each = list(lists.items())
    return Backtest(
        figures=pd.DataFrame(rows, columns=["origin", "name", "metric", "value", "low", "high"]),
        champions=champions,
        stability={origin: overlap(now, before) for (_, before), (origin, now) in pairwise(each)},
        best_rule=best,
        gain=difference(average_precision, pooled[CHAMPION], pooled[best], truth),
    )


def _rows(
    origin: object, probabilities: dict[str, Probabilities], truth: Floats, capacity: int
) -> Iterator[tuple[object, str, str, float, float, float]]:
    metrics: dict[str, Metric] = {
        "average_precision": average_precision,
        "precision_at_capacity": precision_at(capacity),
        "recall_at_capacity": recall_at(capacity),
        "brier_skill": brier_skill,
        "calibration_error": calibration_error,
    }
    for name, probability in probabilities.items():
        for metric, of in metrics.items():
            said = estimate(of, probability, truth)
            yield origin, name, metric, said.value, said.low, said.high
