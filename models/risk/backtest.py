"""What would have been forecast at earlier periods, from what was known then, held against what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.risk.forecasting import Forecast, forecast_of
from models.risk.label import label_array
from models.risk.learners import SEED, Probabilities
from models.risk.metrics import (
    Estimate,
    Metric,
    MetricError,
    Units,
    average_precision,
    brier_skill,
    calibration_error,
    difference,
    estimate,
    mean_of,
    overlap,
    precision_at,
    recall_at,
)
from models.risk.model import MODELS, score
from models.risk.panel import Floats, Panel
from models.risk.rules import RULES

#: Beside the rules and models: what would have been used.
CHAMPION: Final = "champion"
#: Of the newest readings this share is dropped, to see whether the list holds.
DROPPED: Final = 0.05

Places = Callable[[Probabilities], Probabilities]


@dataclass(frozen=True)
class Backtest:
    """``figures``: a row for each origin, name and metric, with ``value``, ``low`` and ``high``; origin ``all`` is all
    rows together. ``champions`` by origin. ``stability`` of the champion's list from one origin to the next, and
    ``ties``: how many are as likely as its last and not on it. ``steady``: how much of the last list stays when a share
    of the newest readings is dropped. ``groups``: by kind of unit, how likely the champion says and how it was.
    ``gain``: how much better the champion's average precision is than the best rule's, of the same rows, and which that
    is."""

    figures: pd.DataFrame
    champions: dict[Any, str]
    stability: dict[Any, float]
    ties: dict[Any, int]
    steady: float
    groups: pd.DataFrame
    best_rule: str
    gain: Estimate


@dataclass
class _Found:
    """What was said at the origins of those whose end is known."""

    said: list[dict[str, Probabilities]] = field(default_factory=list)
    truth: list[Floats] = field(default_factory=list)
    onset: list[Floats] = field(default_factory=list)
    units: list[NDArray[np.intp]] = field(default_factory=list)

    def pooled(self, name: str) -> Probabilities:
        return np.concatenate([of[name] for of in self.said])


def backtest(
    panel: Panel,
    horizon: int,
    label: pd.Series[Any] | Floats,
    origins: Iterable[object],
    capacity: int,
    *,
    onset: Floats | None = None,
    kinds: Mapping[str, pd.Series[Any]] | None = None,
    places: Places | None = None,
    tell: Callable[[object], None] = lambda _: None,
) -> Backtest:
    """Forecast at each of the ``origins`` (periods of the panel) as it would have been made then.

    ``capacity``: how many units can be looked after; ``places``: what a list is ordered by, of the probabilities of all
    units, if not by these alone. ``onset`` ``(U, T)``: after how many periods each got worse, for lead times; ``kinds``
    by name, the kind of each unit. Raises ``MetricError`` where a figure cannot be computed, ``PanelError``.
    """
    truth_of = label_array(panel, label) if isinstance(label, pd.Series) else label
    ordered = places or _same
    found = _Found()
    champions: dict[Any, str] = {}
    lists: dict[Any, NDArray[np.intp]] = {}
    ties: dict[Any, int] = {}
    rows: list[tuple[object, str, str, float, float, float]] = []
    made: Forecast | None = None
    asked = list(origins)
    for origin in asked:
        at = panel.at(origin)
        made = forecast_of(panel.until(at), horizon, label, with_others=True)
        known = np.flatnonzero(~np.isnan(truth_of[:, at]))
        said = {name: series.to_numpy() for name, series in made.others.items()} | {
            CHAMPION: made.probability.to_numpy()
        }
        champions[origin] = made.champion
        lists[origin], ties[origin] = _listed(ordered(said[CHAMPION]), capacity)
        here = {name: of[known] for name, of in said.items()}
        places_here = {name: ordered(of)[known] for name, of in said.items()}
        rows += _rows(origin, here, places_here, truth_of[known, at], capacity)
        found.said.append(here | {f"places {name}": of for name, of in places_here.items()})
        found.truth.append(truth_of[known, at])
        found.units.append(known)
        found.onset.append(onset[known, at] if onset is not None else np.full(len(known), np.nan, np.float32))
        tell(origin)
    if made is None:
        raise MetricError("there is no origin to forecast from")
    names = (*RULES, *MODELS, CHAMPION)
    pooled = {name: found.pooled(name) for name in names}
    pooled_places = {name: found.pooled(f"places {name}") for name in names}
    truth = np.concatenate(found.truth)
    units = np.concatenate(found.units)
    rows += _rows("all", pooled, pooled_places, truth, capacity * len(asked), units)
    if onset is not None:
        rows += _leads(pooled_places, truth, np.concatenate(found.onset), capacity * len(asked), units)
    best = max(RULES, key=lambda name: average_precision(pooled[name], truth))
    last = panel.at(asked[-1])
    return Backtest(
        figures=pd.DataFrame(rows, columns=["origin", "name", "metric", "value", "low", "high"]),
        champions=champions,
        stability={origin: overlap(now, before) for (_, before), (origin, now) in pairwise(lists.items())},
        ties=ties,
        steady=_steady(panel.until(last), horizon, label, ordered, capacity, made),
        groups=_groups(panel, found, kinds or {}),
        best_rule=best,
        gain=difference(average_precision, pooled[CHAMPION], pooled[best], truth, units),
    )


def thinned(panel: Panel, share: float = DROPPED, seed: int = SEED) -> Panel:
    """The panel with a share of the readings of its last period dropped at random."""
    value, light = panel.value.copy(), panel.light.copy()
    gone = np.random.default_rng(seed).random(value[:, -1].shape) < share
    value[:, -1][gone] = np.nan
    light[:, -1][gone] = np.nan
    return replace(panel, value=value, light=light)


def _same(probability: Probabilities) -> Probabilities:
    return probability


def _listed(places: Probabilities, capacity: int) -> tuple[NDArray[np.intp], int]:
    """The highest, and how many others stand as high as the last of them."""
    order = np.argsort(-places, kind="stable")
    chosen = order[:capacity]
    return chosen, int((places == places[chosen[-1]]).sum() - (places[chosen] == places[chosen[-1]]).sum())


def _steady(
    panel: Panel, horizon: int, label: pd.Series[Any] | Floats, ordered: Places, capacity: int, made: Forecast
) -> float:
    """How much of a list stays when a share of the newest readings is dropped, by the same model."""
    again = score(made.model, thinned(panel), label).probability
    whole, _ = _listed(ordered(made.probability.to_numpy()), capacity)
    rest, _ = _listed(ordered(again.to_numpy()), capacity)
    return overlap(rest, whole)


def _groups(panel: Panel, found: _Found, kinds: Mapping[str, pd.Series[Any]]) -> pd.DataFrame:
    said, truth, units = found.pooled(CHAMPION), np.concatenate(found.truth), np.concatenate(found.units)
    rows = []
    for kind, of in kinds.items():
        group_of = of.reindex(panel.units).to_numpy()[units]
        for group in pd.unique(group_of):
            here = group_of == group
            precision = average_precision(said[here], truth[here])
            rows.append((kind, group, int(here.sum()), truth[here].mean(), said[here].mean(), precision))
    return pd.DataFrame(rows, columns=["kind", "group", "rows", "got_worse", "said", "average_precision"])


def _rows(
    origin: object,
    probabilities: Mapping[str, Probabilities],
    places: Mapping[str, Probabilities],
    truth: Floats,
    capacity: int,
    units: Units | None = None,
) -> Iterator[tuple[object, str, str, float, float, float]]:
    of_all: dict[str, Metric] = {
        "average_precision": average_precision,
        "brier_skill": brier_skill,
        "calibration_error": calibration_error,
    }
    of_list: dict[str, Metric] = {
        "precision_at_capacity": precision_at(capacity),
        "recall_at_capacity": recall_at(capacity),
    }
    for name, probability in probabilities.items():
        for metrics, scores in ((of_all, probability), (of_list, places[name])):
            for metric, of in metrics.items():
                said = estimate(of, scores, truth, units)
                yield origin, name, metric, said.value, said.low, said.high


def _leads(
    places: Mapping[str, Probabilities], truth: Floats, onset: Floats, capacity: int, units: Units
) -> Iterator[tuple[object, str, str, float, float, float]]:
    """After how many periods those on the lists that got worse did, of all origins together."""
    for name, of in places.items():
        chosen, _ = _listed(of, capacity)
        worse = chosen[truth[chosen] > 0]
        said = mean_of(onset[worse], units[worse])
        yield "all", name, "lead_time", said.value, said.low, said.high
