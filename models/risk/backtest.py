"""What would have been forecast at earlier periods, from what was known then, held against what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.risk.features import is_thin
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
    calibration_curve,
    calibration_error,
    difference,
    estimate,
    lead_time,
    mean_of,
    places,
    precision,
    recall,
)
from models.risk.model import score
from models.risk.panel import Floats, Panel
from models.risk.rules import RULES

#: Beside the rules and models: what would have been used.
CHAMPION: Final = "champion"
#: Of the newest readings this share is dropped, to see whether the list holds.
DROPPED: Final = 0.05
_IN_USE: Final = "in use"
#: Metrics of probabilities, and those of who is on a list.
_OF_ALL: Final[dict[str, Metric]] = {
    "average_precision": average_precision,
    "brier_skill": brier_skill,
    "calibration_error": calibration_error,
}
_OF_LIST: Final[dict[str, Metric]] = {"precision_at_capacity": precision, "recall_at_capacity": recall}

Bools = NDArray[np.bool_]
#: Who is on the list that is used, by position, and how many others are as likely as its last: of the probabilities of
#: all units, the usual one, of whom nothing can be said, and who was on the list before.
InUse = Callable[[Probabilities, float, Bools, Units], tuple[Units, int]]


@dataclass(frozen=True)
class Part:
    """Units, by position, that have a list of their own, and how many of them can be looked after."""

    units: Units
    capacity: int


@dataclass(frozen=True)
class Backtest:
    """``figures``: a row for each origin, name and metric, with ``value``, ``low`` and ``high``; origin ``all`` is all
    rows together. At capacity those who stand equal at the end of a list share its last places. ``champions`` by
    origin. ``in_use``: likewise, of the list that is used: how many are ``listed``, precision, recall, lead time; where
    a figure is none, ``why``. ``stability`` of that list from one origin to the next, ``ties``: how many are as likely
    as its last and not on it, ``steady``: how much of the last one stays when a share of the newest readings is
    dropped; none where nobody is listed. ``groups``: by kind of unit all metrics of the champion, how likely it
    ``said`` and what share ``got_worse``, with ``why`` likewise. ``calibration``: of the champion and the best rule, in
    groups from the least likely to the likeliest, how likely ``said`` and what share ``got_worse``, with ``low`` and
    ``high``. ``gain``: how much better the champion's average precision is than the best rule's, of the same rows, and
    which that is."""

    figures: pd.DataFrame
    champions: dict[Any, str]
    in_use: pd.DataFrame
    stability: dict[Any, Estimate]
    ties: dict[Any, int]
    steady: Estimate | None
    groups: pd.DataFrame
    calibration: pd.DataFrame
    best_rule: str
    gain: Estimate


@dataclass(frozen=True)
class _Said:
    """What was said at an origin of those whose end is known, by name, and who was ``listed``: the places at capacity,
    and who was on the list in use."""

    said: Mapping[str, Probabilities]
    listed: Mapping[str, Probabilities]
    truth: Floats
    onset: Floats
    units: Units


def _together(found: Sequence[_Said]) -> _Said:
    """All origins as one."""
    return _Said(
        said={name: np.concatenate([one.said[name] for one in found]) for name in found[0].said},
        listed={name: np.concatenate([one.listed[name] for one in found]) for name in found[0].listed},
        truth=np.concatenate([one.truth for one in found]),
        onset=np.concatenate([one.onset for one in found]),
        units=np.concatenate([one.units for one in found]),
    )


def backtest(
    panel: Panel,
    horizon: int,
    label: pd.Series[Any] | Floats,
    origins: Iterable[object],
    parts: Sequence[Part],
    *,
    in_use: InUse | None = None,
    onset: Floats | None = None,
    kinds: Mapping[str, pd.Series[Any]] | None = None,
    tell: Callable[[object], None] = lambda _: None,
) -> Backtest:
    """Forecast at each of the ``origins`` (periods of the panel) as it would have been made then.

    ``parts``: who is on a list with whom, and how many can be looked after; ``in_use``: how the list that is used is
    made, if not of the likeliest. ``onset`` ``(U, T)``: after how many periods each got worse, for lead times;
    ``kinds`` by name, the kind of each unit. Raises ``MetricError`` where a figure cannot be computed, ``PanelError``.
    """
    truth_of = label_array(panel, label) if isinstance(label, pd.Series) else label
    onset_of = np.full(truth_of.shape, np.nan, np.float32) if onset is None else onset
    found, champions, ties = list[_Said](), dict[Any, str](), dict[Any, int]()
    lists: dict[Any, Units] = {}
    rows: list[tuple[object, str, str, float, float, float]] = []
    used: list[dict[str, object]] = []
    made: Forecast | None = None
    steady: Estimate | None = None
    asked = list(origins)
    for origin in asked:
        at = panel.at(origin)
        early = panel.until(at)
        made = forecast_of(early, horizon, label, with_others=True)
        known = np.flatnonzero(~np.isnan(truth_of[:, at]))
        said = {name: series.to_numpy() for name, series in made.others.items()} | {
            CHAMPION: made.probability.to_numpy()
        }
        champions[origin] = made.champion
        is_out = is_thin(early)
        choose = in_use
        if choose is None:
            choose, is_out = partial(_likeliest, parts), is_out | np.isnan(truth_of[:, at])
        before = next(reversed(lists.values()), np.zeros(0, np.intp))
        lists[origin], ties[origin] = choose(said[CHAMPION], made.model.share, is_out, before)
        if origin == asked[-1] and len(lists[origin]):
            again = score(made.model, thinned(early), label).probability.to_numpy()
            rest, _ = choose(again, made.model.share, is_out, before)
            steady = _kept(lists[origin], rest)
        listed = {name: _at_capacity(parts, of, known) for name, of in said.items()}
        here = _Said(
            said={name: of[known] for name, of in said.items()},
            listed=listed | {_IN_USE: np.isin(known, lists[origin]).astype(float)},
            truth=truth_of[known, at],
            onset=onset_of[known, at],
            units=known,
        )
        found.append(here)
        rows += _rows(origin, here)
        used += _used(origin, here)
        tell(origin)
    if made is None:
        raise MetricError("there is no origin to forecast from")
    whole = _together(found)
    rows += _rows("all", whole)
    used += _used("all", whole)
    pooled, truth, units = whole.said, whole.truth, whole.units
    if onset is not None:
        rows += _leads(whole)
    best = max(RULES, key=lambda name: average_precision(pooled[name], truth))
    pairs = [(origin, now, before) for (_, before), (origin, now) in pairwise(lists.items())]
    return Backtest(
        figures=pd.DataFrame(rows, columns=["origin", "name", "metric", "value", "low", "high"]),
        champions=champions,
        in_use=pd.DataFrame(used, columns=["origin", "metric", "value", "low", "high", "why"]),
        stability={origin: _kept(now, before) for origin, now, before in pairs if len(now)},
        ties=ties,
        steady=steady,
        groups=_groups(panel, whole, kinds or {}),
        calibration=_calibration({name: pooled[name] for name in (CHAMPION, best)}, truth, units),
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


def _likeliest(
    parts: Sequence[Part], probability: Probabilities, _usual: float, is_out: Bools, _before: Units
) -> tuple[Units, int]:
    """Of each part as many as can be looked after."""
    chosen, ties = [np.zeros(0, np.intp)], 0
    for part in parts:
        able = part.units[~is_out[part.units]]
        order = able[np.argsort(-probability[able], kind="stable")]
        here, rest = order[: part.capacity], order[part.capacity :]
        chosen.append(here)
        ties += int((probability[rest] == probability[here[-1]]).sum()) if len(here) else 0
    return np.concatenate(chosen), ties


def _at_capacity(parts: Sequence[Part], probability: Probabilities, known: Units) -> Probabilities:
    """The places of those whose end is known, each part's on its own list."""
    found = np.zeros(len(probability))
    for part in parts:
        here = part.units[np.isin(part.units, known)]
        found[here] = places(probability[here], part.capacity)
    return found[known]


def _kept(now: Units, other: Units) -> Estimate:
    """The share of a list that is on another one, too."""
    return mean_of(np.isin(now, other).astype(np.float32))


def _groups(panel: Panel, whole: _Said, kinds: Mapping[str, pd.Series[Any]]) -> pd.DataFrame:
    rows = []
    for kind, of in kinds.items():
        group_of = of.reindex(panel.units).to_numpy()[whole.units]
        for group in pd.unique(group_of):
            here = group_of == group
            p, on = whole.said[CHAMPION][here], whole.listed[CHAMPION][here]
            y, onset, whose = whole.truth[here], whole.onset[here], whole.units[here]
            made: dict[str, Callable[[], Estimate]] = {
                "got_worse": partial(mean_of, y, whose),
                "said": partial(mean_of, p, whose),
                **{name: partial(estimate, metric, p, y, whose) for name, metric in _OF_ALL.items()},
                **{name: partial(estimate, metric, on, y, whose) for name, metric in _OF_LIST.items()},
            }
            if not np.isnan(onset).all():
                made["lead_time"] = partial(estimate, lead_time, on, onset, whose)
            rows += [
                {"kind": kind, "group": group, "rows": int(here.sum()), "metric": name} | _or_why(of_group)
                for name, of_group in made.items()
            ]
    return pd.DataFrame(rows, columns=["kind", "group", "rows", "metric", "value", "low", "high", "why"])


def _or_why(made: Callable[[], Estimate]) -> dict[str, object]:
    """A figure with its interval, or why there is none: of few units, or of a list with nobody on it."""
    try:
        return {**asdict(made()), "why": ""}
    except MetricError as error:
        return {"value": None, "low": None, "high": None, "why": str(error)}


def _calibration(pooled: Mapping[str, Probabilities], truth: Floats, units: Units) -> pd.DataFrame:
    rows = [
        (name, said, share.value, share.low, share.high)
        for name, probability in pooled.items()
        for said, share in calibration_curve(probability, truth, units)
    ]
    return pd.DataFrame(rows, columns=["name", "said", "got_worse", "low", "high"])


def _rows(origin: object, here: _Said) -> Iterator[tuple[object, str, str, float, float, float]]:
    for name in here.said:
        for metrics, scores in ((_OF_ALL, here.said[name]), (_OF_LIST, here.listed[name])):
            for metric, of in metrics.items():
                found = estimate(of, scores, here.truth, here.units)
                yield origin, name, metric, found.value, found.low, found.high


def _leads(whole: _Said) -> Iterator[tuple[object, str, str, float, float, float]]:
    """After how many periods those on the lists that got worse did, of all origins together."""
    for name in whole.said:
        found = estimate(lead_time, whole.listed[name], whole.onset, whole.units)
        yield "all", name, "lead_time", found.value, found.low, found.high


def _used(origin: object, here: _Said) -> Iterator[dict[str, object]]:
    """Of the list in use, and of those on it whose end is known."""
    on = here.listed[_IN_USE]
    number = float(on.sum())
    yield {"origin": origin, "metric": "listed", "value": number, "low": number, "high": number, "why": ""}
    of_list: dict[str, tuple[Metric, Floats]] = {name: (metric, here.truth) for name, metric in _OF_LIST.items()}
    if not np.isnan(here.onset).all():
        of_list["lead_time"] = (lead_time, here.onset)
    for name, (metric, values) in of_list.items():
        yield {"origin": origin, "metric": name, **_or_why(partial(estimate, metric, on, values, here.units))}
