"""Any long panel of indicators as arrays. Nothing here knows what a unit is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: Lights as panels call them.
_LIGHTS: Final[dict[object, int]] = {
    **{0: 0, 1: 1, 2: 2},
    **{"g": 0, "y": 1, "r": 2},
    **{"green": 0, "yellow": 1, "red": 2},
}
_COLUMNS: Final = ("unit", "period", "indicator", "value", "light", "category")

Floats = NDArray[np.float32]


class PanelError(ValueError):
    """A table that is no panel; the message says why."""


@dataclass(frozen=True)
class Panel:
    """``U`` units × ``T`` periods × ``I`` indicators. ``value`` float32, turned so that more is worse, and ``light``
    float32 0 green, 1 yellow, 2 red, both NaN where nothing was observed; ``yellow`` and ``red`` ``(I,)`` the cuts,
    turned likewise, NaN where there is none; ``category`` ``(I,)`` positions; ``group`` ``(U,)`` positions of units
    that are neighbours, or None. ``periods`` are ordinals without a gap; ``season``: how many of them make a year, 1
    where that is unknown. ``context``: by name, ``(U, T)`` of what else is known of a unit, NaN where it is not."""

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
        position = int(ordinals([period])[0] - self.periods[0])
        if not 0 <= position < len(self.periods):
            raise PanelError(f"{period!r} is no period of the panel")
        return position


def ordinals(periods: Sequence[object] | pd.Series[Any]) -> NDArray[np.int64]:
    """Periods as whole numbers that rise by one: numbers stay, dates and pandas periods count by their frequency, and
    months that are written ``2026-03`` count as such. Raises ``PanelError``."""
    codes, found = pd.factorize(pd.Series(periods))
    if isinstance(found, pd.PeriodIndex):
        numbers = found.asi8
    elif isinstance(found, pd.DatetimeIndex):
        numbers = np.asarray(found.year * 12 + found.month - 1, np.int64)
    elif pd.api.types.is_numeric_dtype(found):
        numbers = np.asarray(found, np.int64)
    else:
        try:
            numbers = np.array([pd.Period(str(one)).ordinal for one in found], np.int64)
        except ValueError as error:
            raise PanelError(f"not a period: {error}") from error
    return np.asarray(numbers, np.int64)[codes]


def panel_of(long: pd.DataFrame, until: object | None = None) -> Panel:
    """A panel from a table with the columns ``unit, period, indicator, value, light, category``, a row for what was
    observed; nothing after ``until``. ``attrs`` may hold ``direction`` (by indicator: ``higher_worse`` or 1,
    ``lower_worse`` or -1), ``cuts`` (by indicator: yellow and red), ``group`` (by unit) and ``season``. Of several rows
    of one cell the last counts. Raises ``PanelError``."""
    missing = [name for name in _COLUMNS if name not in long.columns]
    if missing:
        raise PanelError(f"the panel has no column {missing[0]!r}")
    when = ordinals(long["period"])
    if until is not None:
        kept = when <= ordinals([until])[0]
        long, when = long.loc[kept], when[kept]
    if long.empty:
        raise PanelError("nothing was observed up to then")
    units, unit = _positions(long["unit"])
    indicators, indicator = _positions(long["indicator"])
    first, last = int(when.min()), int(when.max()) if until is None else int(ordinals([until])[0])
    shape = (len(units), last - first + 1, len(indicators))
    value, light = np.full(shape, np.nan, np.float32), np.full(shape, np.nan, np.float32)
    cell = (unit, when - first, indicator)
    sign = _signs(long.attrs.get("direction", {}), indicators)
    value[cell] = long["value"].to_numpy(np.float32) * sign[indicator]
    light[cell] = _lights(long["light"])
    cuts = _cuts(long.attrs.get("cuts", {}), indicators) * sign[:, None]
    of_indicator = long.drop_duplicates("indicator").set_index("indicator")["category"]
    return Panel(
        units=units,
        periods=np.arange(first, last + 1),
        indicators=tuple(map(str, indicators)),
        value=value,
        light=light,
        yellow=cuts[:, 0],
        red=cuts[:, 1],
        category=_positions(of_indicator.reindex(indicators))[1],
        group=_groups(long.attrs.get("group"), units),
        season=int(long.attrs.get("season", _season(long["period"]))),
    )


def _positions(column: pd.Series[Any]) -> tuple[pd.Index[Any], NDArray[np.intp]]:
    """The different values in order, and where each row's stands among them."""
    codes, uniques = pd.factorize(column, sort=True)
    return pd.Index(uniques), codes.astype(np.intp)


def _lights(column: pd.Series[Any]) -> Floats:
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(np.float32)
    found = column.map(lambda one: _LIGHTS.get(one.lower() if isinstance(one, str) else one, np.nan))
    if (wrong := column[found.isna() & column.notna()]).size:
        raise PanelError(f"{wrong.iloc[0]!r} is no light")
    return found.to_numpy(np.float32)


def _signs(direction: Mapping[Any, object], indicators: pd.Index[Any]) -> Floats:
    def sign(said: object) -> float:
        if isinstance(said, str):
            return -1.0 if said.startswith(("low", "down", "-")) else 1.0
        return -1.0 if isinstance(said, int | float) and said < 0 else 1.0

    return np.array([sign(direction.get(one, 1)) for one in indicators], np.float32)


def _cuts(cuts: Mapping[Any, Any], indicators: pd.Index[Any]) -> Floats:
    """``(I, 2)``: yellow and red, which may be named."""
    found = [cuts.get(one) for one in indicators]
    found = [(one.get("yellow"), one.get("red")) if isinstance(one, Mapping) else one for one in found]
    pairs = [(None, None) if one is None else (one[0], one[-1]) for one in found]
    return np.array([[np.nan if cut is None else float(cut) for cut in pair] for pair in pairs], np.float32)


def _groups(group: Mapping[Any, object] | None, units: pd.Index[Any]) -> NDArray[np.intp] | None:
    return None if group is None else _positions(pd.Series([str(group.get(unit, "")) for unit in units]))[1]


def _season(period: pd.Series[Any]) -> int:
    """Months have a year; of other periods nothing is known."""
    first = period.iloc[0]
    is_month = (isinstance(first, pd.Period) and first.freqstr.startswith("M")) or isinstance(first, pd.Timestamp)
    if isinstance(first, str):
        try:
            is_month = pd.Period(first).freqstr.startswith("M")
        except ValueError:
            is_month = False
    return 12 if is_month else 1


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
