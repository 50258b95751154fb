"""Any long panel of indicators as arrays. Nothing here knows what a unit is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.risk.periods import PanelError, Scale, Times, scale_of, times

#: Periods that are whole numbers.
COUNTED: Final = Scale()
#: Beyond this differences might be no float32 any more.
_VALUE_MAX: Final = 1e30
#: What ``direction`` may say.
_UP: Final = frozenset(("higher", "high", "up", "more", "above", "larger", "greater", "rising", "increasing"))
_DOWN: Final = frozenset(("lower", "low", "down", "less", "fewer", "below", "smaller", "falling", "decreasing"))
_WORSE: Final = frozenset(("worse", "worst", "bad"))
_BETTER: Final = frozenset(("better", "best", "good"))
#: Lights as panels call them.
_LIGHTS: Final[dict[object, int]] = {
    **{0: 0, 1: 1, 2: 2},
    **{"g": 0, "y": 1, "r": 2},
    **{"green": 0, "yellow": 1, "red": 2},
}
_COLUMNS: Final = ("unit", "period", "indicator", "value", "light", "category")

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Panel:
    """``U`` units × ``T`` periods × ``I`` indicators. ``value`` float32, turned so that more is worse, and ``light``
    float32 0 green, 1 yellow, 2 red, both NaN where nothing was observed; ``yellow`` and ``red`` ``(I,)`` the cuts,
    turned likewise, NaN where there is none; ``category`` ``(I,)`` positions; ``group`` ``(U,)`` positions of units
    that are neighbours, or None. ``periods`` are ordinals without a gap, as ``scale`` counts them;
    ``season``: how many of them make a year, 1 where that is unknown. ``context``: by name, ``(U, T)`` of what else is
    known of a unit, NaN where it is not."""

    units: pd.Index[Any]
    periods: NDArray[np.int64]
    indicators: tuple[str, ...]
    value: Floats
    light: Floats
    yellow: Floats
    red: Floats
    category: NDArray[np.intp]
    group: NDArray[np.intp] | None
    season: int
    scale: Scale = COUNTED
    context: Mapping[str, Floats] = field(default_factory=dict)

    def until(self, at: int) -> Panel:
        """What was seen up to a position."""
        seen = slice(0, at + 1)
        return replace(
            self,
            periods=self.periods[seen],
            value=self.value[:, seen],
            light=self.light[:, seen],
            context={name: figure[:, seen] for name, figure in self.context.items()},
        )

    def at(self, period: object) -> int:
        """The position of a period. Raises ``PanelError``."""
        position = int(self.scale.ordinals([period])[0][0] - self.periods[0])
        if not 0 <= position < len(self.periods):
            raise PanelError(f"面板中没有时期 {period!r} / {period!r} is no period of the panel")
        return position


def panel_of(long: pd.DataFrame, until: object | None = None) -> Panel:
    """A panel from a table with the columns ``unit, period, indicator, value, light, category``, a row for what was
    observed; nothing after ``until``. Periods may be whole numbers, dates, timestamps, pandas periods, or words
    (``2026-03``, ``2026-03-31``, ``2026Q1``, ``2026H1``, ``2026-W05``); the step is the greatest that they have in
    common (``periods``). ``attrs`` may hold ``direction`` (by indicator: ``higher_worse`` or 1, ``lower_worse`` or -1),
    ``cuts`` (by indicator: yellow and red), ``group`` (by unit) and ``season``. Of several rows of one cell the last
    counts. Raises ``PanelError``."""
    _require_columns(long)
    attrs = dict(long.attrs)
    seen = times(long["period"])
    if until is not None:
        kept = seen.until(until)
        long, seen = long.loc[kept], Times(seen.numbers[kept], seen.are_dates)
    if long.empty:
        raise PanelError("到此时没有任何观测 / nothing was observed up to then")
    scale = scale_of(seen)
    when = scale.count(seen.numbers)
    units, unit = _positions(long["unit"])
    indicators, indicator = _positions(long["indicator"])
    first, last = int(when.min()), int(when.max())
    if until is not None and (ahead := scale.over_by(until) - last) > 0:
        if ahead > last - first + 1:
            raise PanelError(
                f"{until!r} 比最后一次观测晚 {ahead} 期，太远 / "
                f"{until!r} is {ahead} periods after the last observation: too far"
            )
        last += ahead
    shape = (len(units), last - first + 1, len(indicators))
    value, light = np.full(shape, np.nan, np.float32), np.full(shape, np.nan, np.float32)
    cell = (unit, when - first, indicator)
    sign = _signs(_mapping(attrs, "direction"), indicators)
    value[cell] = _values(long["value"]) * sign[indicator]
    light[cell] = _lights(long["light"])
    cuts = _cuts(_mapping(attrs, "cuts"), indicators) * sign[:, None]
    return Panel(
        units=units,
        periods=np.arange(first, last + 1),
        indicators=tuple(map(str, indicators)),
        value=value,
        light=light,
        yellow=cuts[:, 0],
        red=cuts[:, 1],
        category=_categories(long["category"], indicator),
        group=_groups(_mapping(attrs, "group"), units) if attrs.get("group") is not None else None,
        season=_season(attrs, scale),
        scale=scale,
    )


def _require_columns(long: object) -> None:
    if not isinstance(long, pd.DataFrame):
        raise PanelError("面板须为 DataFrame / the panel must be a DataFrame")
    for name in _COLUMNS:
        if name not in long.columns:
            raise PanelError(f"面板缺少列 {name!r} / the panel has no column {name!r}")
        if isinstance(long[name], pd.DataFrame):
            raise PanelError(f"列 {name!r} 有多个 / there are several columns {name!r}")


def _mapping(attrs: Mapping[Any, Any], name: str) -> dict[Any, Any]:
    said = attrs.get(name)
    if said is None:
        return {}
    if not isinstance(said, Mapping | pd.Series):
        raise PanelError(f"attrs[{name!r}] 须为映射 / attrs[{name!r}] must be a mapping")
    return dict(said)


def _positions(column: pd.Series[Any]) -> tuple[pd.Index[Any], NDArray[np.intp]]:
    """The different values in order, and where each row's stands among them. Raises ``PanelError``."""
    try:
        codes, uniques = pd.factorize(column, sort=True)
    except TypeError as error:
        raise PanelError(f"{column.name} 无法排序 / {column.name} cannot be put in order: {error}") from error
    if (codes < 0).any():
        raise PanelError(f"有一行没有 {column.name} / a row has no {column.name}")
    return pd.Index(uniques), codes.astype(np.intp)


def _values(column: pd.Series[Any]) -> Floats:
    try:
        values = pd.to_numeric(column).to_numpy(np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise PanelError(f"value（值）不是数 / a value is no number: {error}") from error
    if (np.abs(values) > _VALUE_MAX).any():
        raise PanelError(f"value（值）无穷或超出 {_VALUE_MAX:g} / a value is infinite or beyond {_VALUE_MAX:g}")
    return values.astype(np.float32)


def _lights(column: pd.Series[Any]) -> Floats:
    said = column.astype(object)
    found = said.map(lambda one: _LIGHTS.get(one.strip().lower() if isinstance(one, str) else one, np.nan), "ignore")
    if (wrong := said[found.isna() & said.notna()]).size:
        raise PanelError(f"{wrong.iloc[0]!r} 不是灯色 / {wrong.iloc[0]!r} is no light: 0 green, 1 yellow, 2 red")
    return found.to_numpy(np.float32, na_value=np.nan)


def _signs(direction: Mapping[Any, object], indicators: pd.Index[Any]) -> Floats:
    return np.array([_sign(one, direction.get(one)) for one in indicators], np.float32)


def _sign(indicator: object, said: object) -> int:
    """1 where more is worse, -1 where less is; 1 where nothing is said."""
    if said is None:
        return 1
    if isinstance(said, int | float | np.number) and abs(said) == 1:
        return int(said)
    if isinstance(said, str):
        if said in ("1", "+1", "-1"):
            return int(said)
        words = set(re.split(r"[^a-z]+", said.lower()))
        up, down = bool(words & _UP), bool(words & _DOWN)
        if up != down and not (words & _WORSE and words & _BETTER):
            return (1 if up else -1) * (-1 if words & _BETTER else 1)
    raise PanelError(
        f"指标 {indicator!r} 的方向 {said!r} 不明，写 higher_worse 或 lower_worse / "
        f"direction {said!r} of {indicator!r} is not clear: write higher_worse or lower_worse"
    )


def _cuts(cuts: Mapping[Any, Any], indicators: pd.Index[Any]) -> Floats:
    """``(I, 2)``: yellow and red, which may be named."""
    return np.array([_pair(one, cuts.get(one)) for one in indicators], np.float32)


def _pair(indicator: object, said: Any) -> tuple[float, float]:
    if said is None:
        return np.nan, np.nan
    if isinstance(said, Mapping):
        said = (said.get("yellow"), said.get("red"))
    try:
        found = [np.nan if cut is None else float(cut) for cut in said]
        yellow, red = found[0], found[-1]
    except (TypeError, ValueError, IndexError, KeyError):
        yellow, red = np.inf, np.inf
    if max(abs(yellow), abs(red)) > _VALUE_MAX or len(said) > 2:
        raise PanelError(
            f"指标 {indicator!r} 的阈值 {said!r} 须为黄、红两个数 / "
            f"cuts {said!r} of {indicator!r} must be two numbers, yellow and red"
        )
    return yellow, red


def _categories(column: pd.Series[Any], indicator: NDArray[np.intp]) -> NDArray[np.intp]:
    """``(I,)``: positions of what is said of each indicator, the first in order where several things are; the last
    position of all is that of those of which nothing is."""
    words = [str(one) if known else "\uffff" for one, known in zip(column, column.notna(), strict=True)]
    first = pd.Series(words, dtype=object).groupby(indicator).min()
    return np.unique(first.to_numpy(str), return_inverse=True)[1].astype(np.intp)


def _groups(group: Mapping[Any, object], units: pd.Index[Any]) -> NDArray[np.intp]:
    return _positions(pd.Series([str(group.get(unit, "")) for unit in units]))[1]


def _season(attrs: Mapping[Any, Any], scale: Scale) -> int:
    said = attrs.get("season", scale.season)
    if not isinstance(said, int | np.integer) or said < 1:
        raise PanelError(f"season {said!r} 须为正整数 / season {said!r} must be a whole number of periods")
    return int(said)


def joined(panels: Sequence[Panel]) -> Panel:
    """The units of several panels of the same periods and indicators, in their order; at least one. Neighbours stay
    within their own panel."""
    first = panels[0]
    offsets = np.cumsum([0, *(0 if one.group is None else int(one.group.max()) + 1 for one in panels[:-1])])
    groups = [one.group + offset for one, offset in zip(panels, offsets, strict=True) if one.group is not None]
    return replace(
        first,
        units=pd.Index(np.concatenate([one.units for one in panels])),
        value=np.concatenate([one.value for one in panels]),
        light=np.concatenate([one.light for one in panels]),
        group=np.concatenate(groups) if len(groups) == len(panels) else None,
        context={name: np.concatenate([one.context[name] for one in panels]) for name in first.context},
    )
