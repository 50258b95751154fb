"""What is forecast: whether a unit gets worse within a horizon, or falls back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.risk.panel import Floats, Panel
from models.risk.periods import PanelError


def last_seen(panel: Panel) -> NDArray[np.int32]:
    """``(U, T, I)``: the position of the last observation up to each period, -1 before the first."""
    at = np.arange(len(panel.periods), dtype=np.int32)[None, :, None]
    seen = np.where(np.isnan(panel.value) & np.isnan(panel.light), np.int32(-1), at)
    return np.maximum.accumulate(seen, axis=1)


def carried(values: Floats, seen: NDArray[np.int32]) -> Floats:
    """Each cell's last observation up to each period, NaN before the first."""
    found = np.take_along_axis(values, np.maximum(seen, 0), axis=1)
    return np.where(seen < 0, np.float32(np.nan), found)


def worsens(panel: Panel, horizon: int, by: int = 1) -> Floats:
    """``(U, T)``: 1 where the lights of a unit, a red one as much as two yellow, are in sum worse by at least ``by``
    ``horizon`` periods later than at each period. They are compared on the indicators that were observed within the
    horizon before either end: silence, or a change of what is looked at, makes nothing better or worse. NaN where there
    is none, or no later end yet."""
    return _worse_after(_seen_within(panel, horizon), horizon, by)


def onset(panel: Panel, horizon: int, by: int = 1) -> Floats:
    """``(U, T)``: after how many periods within the horizon the lights of a unit are first worse so; NaN where they are
    not."""
    light = _seen_within(panel, horizon)
    found = np.full(light.shape[:2], np.nan, np.float32)
    for later in range(horizon, 0, -1):
        found[_worse_after(light, later, by) == 1] = later
    return found


def _seen_within(panel: Panel, horizon: int) -> Floats:
    """Lights as they were last seen, NaN where that was more than a horizon ago."""
    seen = last_seen(panel)
    at = np.arange(len(panel.periods), dtype=np.int32)[None, :, None]
    return np.where(at - seen < horizon, carried(panel.light, seen), np.float32(np.nan))


def _worse_after(light: Floats, later: int, by: int) -> Floats:
    found = np.full(light.shape[:2], np.nan, np.float32)
    if light.shape[1] > later:
        change = light[:, later:] - light[:, :-later]
        is_known = ~np.isnan(change)
        found[:, :-later] = np.where(is_known.any(axis=2), np.nansum(change, axis=2) >= by, np.nan)
    return found


def label_series(panel: Panel, label: Floats) -> pd.Series[Any]:
    """A label ``(U, T)`` on (unit, as-of); as-of are numbers where the panel's periods are, else their last days."""
    units, at = np.nonzero(~np.isnan(label))
    as_of = panel.scale.written(panel.periods)[at]
    index = pd.MultiIndex.from_arrays([panel.units[units], as_of], names=["unit", "as_of"])
    return pd.Series(label[units, at].astype(np.int8), index=index, name="label")


def label_array(panel: Panel, label: pd.Series[Any]) -> Floats:
    """A label on (unit, as-of) as ``(U, T)`` of a panel, NaN where it says nothing; what lies outside is left out, and
    what lies between periods, unless all does. Raises ``PanelError``."""
    if not isinstance(label, pd.Series) or label.index.nlevels != 2:
        raise PanelError("标签须为以 (unit, as-of) 为索引的 Series / the label must be a series on (unit, as-of)")
    try:
        said = pd.to_numeric(label).to_numpy(np.float32, na_value=np.nan)
    except (TypeError, ValueError):
        said = np.full(len(label), np.inf, np.float32)
    if not np.isin(said[~np.isnan(said)], (0, 1)).all():
        raise PanelError("标签只能是 0 或 1 / a label must be 0 or 1")
    unit = panel.units.get_indexer(label.index.get_level_values(0))
    ordinals, is_there = panel.scale.ordinals(label.index.get_level_values(1).to_series())
    at = ordinals - panel.periods[0]
    inside = (unit >= 0) & (at >= 0) & (at < len(panel.periods)) & ~np.isnan(said)
    inside &= is_there | ~(inside & is_there).any()
    unit, at, said = unit[inside], at[inside], said[inside]
    found = np.full((len(panel.units), len(panel.periods)), np.nan, np.float32)
    found[unit, at] = said
    if (found[unit, at] != said).any():
        raise PanelError("标签对同一单位同一时期说法不一 / the label says 0 and 1 of one unit in one period")
    return found


def seen_after(panel: Panel) -> NDArray[np.int64]:
    """``(T,)``: after each period, in how many anything was observed."""
    is_seen = ~(np.isnan(panel.value) & np.isnan(panel.light)).all(axis=(0, 2))
    return np.asarray(is_seen.sum() - is_seen.cumsum(), np.int64)
